"""The one reader of entries: front matter, snapshot rows and submitted forms all pass here.

It reads field by field and tells every fault at once; the name of a nested field is its way there,
`files[3].sha256`.
"""

from __future__ import annotations

import datetime
import functools
import re
import types
import typing
from collections.abc import Iterator, Mapping
from typing import Any, get_args, get_origin

import msgspec

from pydotorg_build.content.base import Fault
from pydotorg_build.problems import meant

S = typing.TypeVar("S", bound=msgspec.Struct)
RESERVED = frozenset({"source", "body"})
WRONG_MOMENT = "must be a day, as 2026-05-14, or a moment, as 2026-05-14T10:00:00Z"
WORDS = (
    ("`bool`", "must be true or false"),
    ("RFC3339 encoded datetime", WRONG_MOMENT),
    ("RFC3339 encoded date", "must be a day, as 2026-05-14"),
    ("`date`", "must be a day, as 2026-05-14"),
    ("`int` >=", "must be a larger number: at least {limit}"),
    ("`int` <=", "must be a smaller number: at most {limit}"),
    ("`int`", "must be a whole number"),
    ("`float`", "must be a number"),
    ("`str` matching regex", "must be {wanted}"),
    ("`str` of length >= 1", "must not be empty"),
    ("`str` of length <=", "must be shorter: at most {limit} characters"),
    ("`str` of length >=", "must be longer: at least {limit} characters"),
    ("date value", WRONG_MOMENT),
    ("out of range", "must be a smaller number"),
    ("`str`", "must be a text"),
)
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
LIMIT = re.compile(r"[<>]= (-?\d+)")
# Control characters, halves of a sign, and what lets a text be read backwards.
ODD = {*range(32), 127, 0x202D, 0x202E, *range(0xD800, 0xE000), 0xE000, 0xE001} - {9, 10, 13}


def read(entry: type[S], data: Mapping[str, Any], **given: Any) -> tuple[S | None, list[Fault]]:
    """Make an entry of raw data, or tell every fault at once.

    >>> from pydotorg_build.content.pages import PageEntry
    >>> read(PageEntry, {"title": "About", "tag": []})[1][0].hint
    'did you mean `tags`?'
    """
    values, faults = _fields(entry, data, "", given)
    return (None, faults) if faults else (entry(**values), [])


def _fields(
    struct: type[msgspec.Struct], data: Mapping[str, Any], way: str, given: Mapping[str, Any]
) -> tuple[dict[str, Any], list[Fault]]:
    fields = _readable(struct)
    values = dict(given)
    faults = [_unknown(struct, name, way, fields) for name in data if name not in fields]
    for name, field in fields.items():
        if name in data:
            values[field.name] = _value(field.type, data[name], f"{way}{name}", faults)
        elif field.required and field.name not in given:
            faults.append(Fault(f"{way}{name}", f"`{name}` is missing", f"add a line `{name}: …`"))
    return values, faults


@functools.cache
def _readable(struct: type[msgspec.Struct]) -> dict[str, msgspec.structs.FieldInfo]:
    """What an author may write, by the name it is written under."""
    return {f.encode_name: f for f in msgspec.structs.fields(struct) if f.name not in RESERVED}


def _unknown(struct: type, name: Any, way: str, fields: Mapping[str, Any]) -> Fault:
    hint = meant(str(name), fields, f"it may have: {', '.join(fields)}")
    what = (struct.__doc__ or "").partition("\n")[0].rstrip(".") if way else struct.__name__
    what = what[:1].lower() + what[1:] if way else what
    return Fault(f"{way}{name}", f"`{name}` is not a field of {what}", hint)


def _value(kind: Any, value: Any, way: str, faults: list[Fault]) -> Any:
    """Read one value; where it is faulty, say so in `faults` (the value does not count then)."""
    inner, optional = _plain(kind)
    if value is None:
        if not optional:
            faults.append(Fault(way, f"`{way}` has no value", "give it one, or leave the line out"))
        return None
    reader = _reader_of(inner)
    return reader(inner, value, way, faults) if reader else _scalar(kind, value, way, faults)


@functools.cache
def _plain(kind: Any) -> tuple[Any, bool]:
    """Strip `Annotated` and `| None` from a type; say whether None is allowed."""
    inner = get_args(kind)[0] if get_origin(kind) is typing.Annotated else kind
    if get_origin(inner) in (types.UnionType, typing.Union):
        members = [m for m in get_args(inner) if m is not types.NoneType]
        optional = len(members) < len(get_args(inner))
        return (members[0] if len(members) == 1 else inner), optional
    return inner, False


def _reader_of(inner: Any) -> Any:
    if isinstance(inner, type) and issubclass(inner, msgspec.Struct):
        return _struct
    return {tuple: _list, list: _list, dict: _dict}.get(get_origin(inner) or inner)


def _struct(inner: Any, value: Any, way: str, faults: list[Fault]) -> Any:
    if not isinstance(value, Mapping):
        faults.append(Fault(way, f"`{way}` must have fields of its own, as `name: value`"))
        return None
    values, found = _fields(inner, value, f"{way}.", {})
    faults += found
    return None if found else inner(**values)


def _list(inner: Any, value: Any, way: str, faults: list[Fault]) -> Any:
    if not isinstance(value, list | tuple):
        faults.append(Fault(way, f"`{way}` must be a list, as [one, two]"))
        return None
    items = [
        _value(get_args(inner)[0], item, f"{way}[{n}]", faults) for n, item in enumerate(value)
    ]
    return (get_origin(inner) or inner)(items)


def _dict(inner: Any, value: Any, way: str, faults: list[Fault]) -> Any:
    if not isinstance(value, Mapping):
        faults.append(Fault(way, f"`{way}` must be lines of `name: value`"))
        return None
    kind = get_args(inner)[1]
    return {name: _value(kind, item, f"{way}.{name}", faults) for name, item in value.items()}


def _scalar(kind: Any, value: Any, way: str, faults: list[Fault]) -> Any:
    if isinstance(value, str) and (odd := odd_in(value)):
        hint = "delete it and type the text anew"
        faults.append(Fault(way, f"`{way}` holds the invisible character {odd}", hint))
        return None
    is_moment = _plain(kind)[0] is datetime.datetime
    if is_moment and not isinstance(value, datetime.datetime) and not DAY.match(str(value)):
        # A bare number would be taken for seconds since 1970.
        faults.append(Fault(way, f"`{way}` {WRONG_MOMENT}{_but(value)}"))
        return None
    is_day = is_moment and DAY.fullmatch(str(value))
    try:
        read = msgspec.convert(f"{value}T00:00:00Z" if is_day else value, kind, strict=False)
        if isinstance(read, datetime.datetime) and read.tzinfo:
            read = read.astimezone(datetime.UTC)
    except (msgspec.ValidationError, ValueError, OverflowError) as error:
        faults.append(Fault(way, f"`{way}` {_explain(str(error), kind)}{_but(value)}"))
        return None
    if isinstance(read, datetime.datetime) and read.tzinfo is None:
        faults.append(Fault(way, f"`{way}` needs a time zone", "end it with Z for UTC"))
        return None
    return read


def odd_in(text: str) -> str:
    """The first character of a text that nobody types on purpose, as U+0000; else nothing."""
    return next(_odd(text), "")


def _odd(text: str) -> Iterator[str]:
    return (
        (f"U+{ord(c):04X}" for c in text if ord(c) in ODD)
        if not text.isascii()
        else (f"U+{ord(c):04X}" for c in text if (c < " " and ord(c) in ODD) or c == "\x7f")
    )


def _but(value: Any) -> str:
    return f", not {_short(value)}" if value != "" else ""


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 60 else text[:56] + "…" + text[-1]


def _explain(error: str, kind: Any) -> str:
    """Say what a value must be in an author's words: «must be true or false»."""
    if choices := _choices(kind):
        return f"must be one of {', '.join(choices)}"
    limits = [m for m in get_args(kind)[1:] if isinstance(m, msgspec.Meta)]
    examples = ", ".join(str(m.examples[0]) for m in limits if m.examples) or "the others"
    said = [m.extra["must be"] for m in limits if m.extra and "must be" in m.extra]
    expected = error.partition(", got ")[0].replace(" | null`", "`")
    number = LIMIT.search(expected)
    limit = f"{int(number[1]):,}" if number else ""
    for theirs, ours in WORDS:
        if theirs in expected:
            wanted = said[0] if said else f"written like {examples}"
            return ours.format(wanted=wanted, limit=limit)
    return error[0].lower() + error[1:]


def _choices(kind: Any) -> list[str]:
    inner, _ = _plain(kind)
    return [str(a) for a in get_args(inner)] if get_origin(inner) is typing.Literal else []

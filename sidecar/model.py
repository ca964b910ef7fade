"""What is kept: every kind of content and every table with its fields, made of the code itself.

    pydotorg sidecar model >docs/model.md

A test compares, so a field more is there or the test says so.
"""

from __future__ import annotations

import datetime
import types
import typing
from collections.abc import Iterator
from inspect import getdoc
from typing import Any

import msgspec
from sqlalchemy import Column, ForeignKey, UniqueConstraint
from sqlalchemy import Table as Described

from pydotorg_build.content import NAMES, types_of
from pydotorg_build.content.base import ContentType
from pydotorg_build.meanings import meaning_of
from sidecar.personal import IMPERSONAL
from sidecar.tables import Table

HEAD = """# What is kept

Every kind of content and every table of the sidecar, with their fields. It is written by `pydotorg sidecar model`; a test compares. How they hang together is told in [ARCHITECTURE.md](../ARCHITECTURE.md).

## Content

A kind is one struct of the builder. Files are what editors write, rows what a snapshot brings. A field with * must be given.
"""
TABLES = """
## Tables

A table is of the sidecar's database. What it holds about people, and what deleting an account does with that, stands in `sidecar/personal.py`; of those marked so it is said there why they hold nothing.
"""
WORDS = {
    str: "text", int: "number", float: "number", bool: "yes or no", datetime.date: "day",
    datetime.datetime: "moment", type(None): "nothing", Any: "anything",
}  # fmt: skip
SQL = {"TEXT": "text", "VARCHAR": "text", "INTEGER": "number", "BOOLEAN": "yes or no",
       "DATETIME": "moment", "JSON": "JSON", "FLOAT": "number", "DATE": "day",
       "BIGINT": "number"}  # fmt: skip
OURS = frozenset({"source", "body"})


def document() -> str:
    """All of docs/model.md."""
    kinds = sorted(types_of(NAMES), key=lambda kind: kind.name)
    told: set[type[msgspec.Struct]] = set()
    content = [line for kind in kinds for line in _kind(kind, told)]
    tables = [line for table in _tables() for line in _table(*table)]
    return "\n".join([HEAD, *content, TABLES.strip("\n"), "", *tables])


def _kind(kind: ContentType, told: set[type[msgspec.Struct]]) -> Iterator[str]:
    """A kind of content, and the structs that its fields hold, unless they were told before."""
    places = [f"`content/{kind.files}`"] if kind.files else []
    places += ["rows of a snapshot"] if kind.rows else []
    yield from (f"### {kind.name}", "", first_of(kind.entry))
    yield from ("", f"From {' and '.join(places) or 'other kinds'}.", "")
    yield from _fields(kind.entry)
    for part in _parts(kind.entry):
        if part in told:
            continue
        told.add(part)
        yield from (f"Each `{part.__name__}`: {first_of(part)}", "")
        yield from _fields(part)


def first_of(described: Any) -> str:
    """The first paragraph of what it says about itself."""
    return " ".join((getdoc(described) or "").partition("\n\n")[0].split())


def _fields(struct: type[msgspec.Struct]) -> Iterator[str]:
    fields = [f for f in msgspec.structs.fields(struct) if f.name not in OURS]
    if not fields:
        return
    yield from ("| field | is | |", "|---|---|---|")
    for field in fields:
        name = f"`{field.encode_name}`{' *' if field.required else ''}"
        yield f"| {name} | {is_a(field.type)} | {meaning_of(struct.__name__, field.encode_name)} |"
    yield ""


def is_a(kind: Any) -> str:
    """A type in words.

    >>> is_a(tuple[int, ...]), is_a(datetime.date | None), is_a(typing.Literal["a", "b"])
    ('numbers', 'day', 'one of a, b')
    """
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Annotated:
        return is_a(inner[0])
    if origin is typing.Literal:
        return f"one of {', '.join(str(one) or 'nothing' for one in inner)}"
    if origin in (typing.Union, types.UnionType):
        return " or ".join(is_a(one) for one in inner if one is not type(None))
    if origin in (tuple, list):
        return many(is_a(inner[0]))
    if origin is dict or kind is dict:
        return "mapping"
    return WORDS.get(kind) or f"`{getattr(kind, '__name__', kind)}`"


def many(words: str) -> str:
    """Several of what is called so."""
    return f"{words}s" if words in ("text", "number", "day", "moment") else f"list of {words}"


def _parts(struct: type[msgspec.Struct]) -> list[type[msgspec.Struct]]:
    """The structs within a struct, each once, as they come."""
    found: list[type[msgspec.Struct]] = []
    waiting: list[Any] = [f.type for f in msgspec.structs.fields(struct) if f.name not in OURS]
    while waiting:
        kind = waiting.pop(0)
        waiting += typing.get_args(kind)
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and kind not in found:
            found.append(kind)
            waiting += [f.type for f in msgspec.structs.fields(kind)]
    return found


def _tables() -> list[tuple[str, Any]]:
    """The tables by name, with the class that says what each is."""
    return sorted((str(m.local_table.name), m.class_) for m in Table.registry.mappers
                  if isinstance(m.local_table, Described))  # fmt: skip


def _table(name: str, described: Any) -> Iterator[str]:
    nobody = " Nothing in it is about anybody." if name in IMPERSONAL else ""
    yield from (f"### `{name}`", "", first_of(described) + nobody, "")
    yield from ("| column | is | |", "|---|---|---|")
    for column in described.__table__.columns:
        yield f"| `{column.name}` | {_type(column)} | {', '.join(_notes(column))} |"
    for columns in _together(described.__table__):
        yield f"| {columns} | | once together |"
    yield ""


def _type(column: Column[Any]) -> str:
    words = SQL.get(str(column.type).partition("(")[0].upper(), str(column.type).lower())
    return "moment" if "datetime" in words.lower() else words


def _notes(column: Column[Any]) -> Iterator[str]:
    if column.primary_key:
        yield "key"
    for key in sorted(column.foreign_keys, key=_target):
        yield f"of `{_target(key)}`"
    if column.unique:
        yield "once"
    if column.nullable:
        yield "may be missing"


def _target(key: ForeignKey) -> str:
    return key.column.table.name


def _together(table: Described) -> list[str]:
    """Columns that are unique together."""
    found = (c for c in table.constraints if isinstance(c, UniqueConstraint) and len(c.columns) > 1)
    return sorted(", ".join(f"`{column.name}`" for column in one.columns) for one in found)

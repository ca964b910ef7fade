"""YAML as plain text and where it stands: no tags, no aliases, no guessing of types.

Every scalar is read as the text its author wrote, so that a version `3.10` is never the number 3.1;
the type of the field decides what it means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from pydotorg_build.problems import Problem, Source
from pydotorg_build.yaml_hints import yaml_hint

DEPTH = 12
NESTED = f"this is nested more than {DEPTH} deep"
NULLS = frozenset({"", "~", "null", "Null", "NULL"})
LONGEST = 100_000
# What other readers of YAML take for something else than text, and people do not.
WORDS_OF_YAML = frozenset({"true", "false", "yes", "no", "on", "off", "null", "none"})
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# What no text holds: controls, strange line ends, the private use that marks pictures.
ODD = re.compile(r"[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue002-\ufffd\U00010000-\U0010ffff]")
BREAK = re.compile(r"\n---[ \t]*(?:\n|\Z)")


class Mistake(Exception):
    """A text that cannot be read at all: what, where (from 1), and how to mend it."""

    def __init__(self, message: str, line: int = 0, column: int = 0, hint: str = "") -> None:
        super().__init__(message)
        self.message, self.line, self.column, self.hint = message, line, column, hint

    def problem(self, path: str) -> Problem:
        return Problem(Source(path, self.line, self.column), self.message, self.hint)


@dataclass
class Document:
    """What a file says: its data, the place of each value, and the Markdown below it."""

    data: Any
    marks: dict[str, tuple[int, int]] = field(default_factory=dict)
    body: str = ""
    body_line: int = 1


def decode(raw: bytes) -> str:
    """Read a file's bytes as UTF-8; a line ends with one newline sign."""
    if raw.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        hint = "save it as UTF-8 without BOM"
        raise Mistake("the file begins with a byte order mark", 1, 1, hint)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - raw.rfind(b"\n", 0, error.start)
        message = f"the byte 0x{raw[error.start]:02x} is not UTF-8"
        raise Mistake(message, line, column, "save the file as UTF-8") from None
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def read_markdown(text: str) -> Document:
    """Split front matter from body and read both."""
    if not text.startswith("---\n"):
        hint = "begin with a line `---`, then `title: …`, then `---`"
        raise Mistake("the file has no front matter", 1, 1, hint)
    end = BREAK.search(text, 3)
    if end is None:
        raise Mistake("the front matter has no end", 1, 1, "close it with a line `---`")
    if end.start() > LONGEST:
        message = f"the front matter is longer than {LONGEST // 1000} kB"
        raise Mistake(message, 1, 1, "put what is long below it")
    document = read_yaml(text[4 : end.start() + 1] if end.start() > 3 else "", first=2)
    document.body = text[end.end() :]
    document.body_line = text.count("\n", 0, end.end()) + 1
    return document


def read_yaml(text: str, first: int = 1) -> Document:
    """Read a YAML text whose first line is line `first` of its file."""
    builder = _Builder(first)
    if odd := ODD.search(text):
        raise _odd_character(text, odd.start(), first)
    try:
        for event in yaml.parse(text, Loader=LOADER):
            builder.take(event)
    except yaml.YAMLError as error:
        raise _mistake(error, text, first) from None
    return Document(builder.root, builder.marks)


def _odd_character(text: str, at: int, first: int) -> Mistake:
    line = text.count("\n", 0, at) + first
    message = f"the invisible character U+{ord(text[at]):04X} stands here"
    return Mistake(message, line, at - text.rfind("\n", 0, at), "delete it and type the text anew")


def _mistake(error: yaml.YAMLError, text: str, first: int) -> Mistake:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    line, column = (mark.line, mark.column + 1) if mark else (0, 0)
    lines = text.split("\n")
    said = str(getattr(error, "problem", "") or getattr(error, "reason", "") or error)
    if line < len(lines) and "\t" in lines[line][: column + 1]:
        return Mistake("a tab stands where YAML wants spaces", line + first, column, "use spaces")
    if "nesting depth" in said:
        return Mistake(NESTED, line + first, column, "write it flatter")
    return Mistake(f"this is not YAML: {said}", line + first, column, yaml_hint(said, lines, line))


class _Builder:
    """Makes plain data of YAML events, one at a time, and remembers where each value began."""

    def __init__(self, first: int) -> None:
        self.root: Any = None
        self.marks: dict[str, tuple[int, int]] = {}
        self._first = first
        self._open: list[tuple[Any, str]] = []
        self._key: list[str | None] = []

    def take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.AliasEvent):
            raise self._at(event, "aliases (`*name`) are not read here", "write the value out")
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._begin(event, {} if isinstance(event, yaml.MappingStartEvent) else [])
        elif isinstance(event, yaml.CollectionEndEvent):
            self._open.pop()
            self._key.pop()
        elif isinstance(event, yaml.DocumentStartEvent) and self.root is not None:
            raise self._at(event, "a second YAML document begins here", "one file, one document")

    def _place(self, event: yaml.Event) -> tuple[int, int]:
        mark: Any = event.start_mark
        return mark.line + self._first, mark.column + 1

    def _at(self, event: yaml.Event, message: str, hint: str = "") -> Mistake:
        return Mistake(message, *self._place(event), hint)

    def _check_tag(self, event: Any) -> None:
        if event.tag is not None and event.tag != "!":
            name = event.tag.replace("tag:yaml.org,2002:", "!!")
            name = name if name.isprintable() else ascii(name)
            raise self._at(event, f"the tag `{name}` is not read here", "leave it out")

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        self._check_tag(event)
        if self._open and isinstance(self._open[-1][0], dict) and self._key[-1] is None:
            self._new_key(event)
            return
        plain = event.style is None or event.style == ""
        self._put(event, None if plain and event.value in NULLS else event.value)

    def _new_key(self, event: yaml.ScalarEvent) -> None:
        holder, way = self._open[-1]
        if not event.value.isprintable():
            raise self._at(event, "a key must be a plain word", "delete it and type it anew")
        if event.value in holder:
            before = self.marks[f"{way}{event.value}"][0]
            raise self._at(event, f"`{event.value}` stands here twice", f"first in line {before}")
        self._key[-1] = event.value
        self.marks[f"{way}{event.value}"] = self._place(event)

    def _begin(self, event: Any, value: Any) -> None:
        self._check_tag(event)
        if len(self._open) >= DEPTH:
            raise self._at(event, NESTED, "write it flatter")
        if self._open and isinstance(self._open[-1][0], dict) and self._key[-1] is None:
            raise self._at(event, "a key must be a plain word", "put it between quotes")
        way = self._put(event, value)
        self._open.append((value, f"{way}." if isinstance(value, dict) and way else way))
        self._key.append(None)

    def _put(self, event: yaml.Event, value: Any) -> str:
        """Put a value where it belongs and say the way there."""
        if not self._open:
            self.root = value
            return ""
        holder, way = self._open[-1]
        if isinstance(holder, list):
            way = f"{way}[{len(holder)}]"
            holder.append(value)
            self.marks[way] = self._place(event)
            return way
        key = self._key[-1]
        assert key is not None
        holder[key] = value
        self._key[-1] = None
        return f"{way}{key}"


def mark_of(document: Document, name: str) -> tuple[int, int]:
    """Where the field called `name` stands, or else the nearest thing round it."""
    for way in _outwards(name):
        if way in document.marks:
            return document.marks[way]
    return (1, 1)


def _outwards(name: str) -> Iterator[str]:
    while name:
        yield name
        name = name[: max(name.rfind("."), name.rfind("["), 0)]

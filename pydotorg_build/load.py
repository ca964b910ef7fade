"""Files in, typed entries out, each with its Markdown already rendered into the memo."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from pydotorg_build import front_matter
from pydotorg_build.artifacts import Body
from pydotorg_build.cache import pack, reader, recall
from pydotorg_build.content import NAMES, types_of
from pydotorg_build.content.base import ContentType, Entry, Fault
from pydotorg_build.content.read import read
from pydotorg_build.digests import digest, digest_bytes
from pydotorg_build.front_matter import Document, Mistake
from pydotorg_build.markdown import Flaw
from pydotorg_build.problems import Problem, Source, meant
from pydotorg_build.settings import Settings
from pydotorg_build.snapshot import FILES, Snapshots
from pydotorg_build.sources import Seen

TEXTS = (".md", ".yaml", ".yml")
# What was meant to be one, and would be passed over without a word.
ALMOST = (*TEXTS, ".markdown", ".mdown", ".mkd", ".rst")
# A megabyte takes a second; what is longer than this was put there by mistake.
LONGEST = 2_000_000
SPLIT = "make several files of it; what is no text to be read belongs beside one, as a file"


class Loaded(msgspec.Struct, frozen=True, array_like=True):
    """One entry as the record keeps it: its card and itself, encoded, and when it is shown."""

    kind: str
    id: str
    digest: str
    card: bytes
    card_digest: str
    data: bytes
    since: float
    until: float


class File(msgspec.Struct, frozen=True, array_like=True):
    """What one content file gave."""

    path: str
    digest: str
    entries: tuple[Loaded, ...] = ()
    problems: tuple[Problem, ...] = ()
    prose: tuple[tuple[str, bytes], ...] = ()


class Loader:
    """Reads content files.  One is made before work is spread, so that every process has it.

    Of a file whose digest is `known` the entries are in the record: it is not parsed again.
    """

    def __init__(
        self,
        root: Path,
        settings: Settings,
        types: Iterable[ContentType],
        prose: str,
        memo: Path,
        known: Mapping[str, Seen],
    ) -> None:
        self._root, self._settings, self._memo_path = root, settings, memo
        self._kinds = {kind.name: kind for kind in types}
        self._types = [(kind, _pattern(kind.files)) for kind in self._kinds.values() if kind.files]
        self._snapshots = Snapshots(root, settings.snapshots)
        self._prose, self._known = prose, known
        self._markdown: dict[bool, Any] = {}
        self._memo: Any = None

    def load(self, path: str) -> File:
        """Read one source; whatever is wrong with it is in the result."""
        try:
            raw = self._read(path)
        except OSError as error:
            problem = Problem(Source(path), f"cannot be read: {error.strerror}", "")
            return File(path, "", problems=(problem,))
        before = self._snapshots.before(path) if self._snapshots.holds(path) else b""
        digest_of_file = digest_bytes(raw + before)
        known = self._known.get(path)
        if known and known.digest == digest_of_file:
            return File(path, digest_of_file)
        if self._snapshots.holds(path):
            return self._load_row(path, digest_of_file, raw, before)
        if not path.endswith(TEXTS):
            return File(path, digest_of_file, problems=tuple(_misnamed(path)))
        try:
            return self._load_text(path, digest_of_file, front_matter.decode(raw))
        except Mistake as mistake:
            return File(path, digest_of_file, problems=(mistake.problem(path),))

    def _read(self, path: str) -> bytes:
        is_row = self._snapshots.holds(path)
        return self._snapshots.read(path) if is_row else _read_twice(self._root / path)

    def _load_row(self, path: str, digest_of_row: str, raw: bytes, before: bytes) -> File:
        """An entry of a snapshot.  Of one with a fault that is told, and what was shown is kept."""
        name, _, _ = self._snapshots.within(path).partition("/")
        kind = self._kinds.get(name)
        if name == FILES or (kind is None and name in NAMES):
            return File(path, digest_of_row)
        if kind is None or not kind.rows:
            problem = Problem(Source(path), f"`{name}` is no kind that has rows in a snapshot")
            return File(path, digest_of_row, problems=(problem,))
        file = self._read_row(kind, path, digest_of_row, raw)
        if not (file.problems and before):
            return file
        kept = self._read_row(kind, path, digest_of_row, before)
        return msgspec.structs.replace(kept, problems=file.problems)

    def _read_row(self, kind: ContentType, path: str, digest_of_row: str, raw: bytes) -> File:
        """An entry of a row; its text is a stranger's."""
        _, _, key = self._snapshots.within(path).partition("/")
        try:
            data = msgspec.json.decode(raw, type=dict[str, Any])
            text = msgspec.convert(data.pop("body", ""), str)
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            return File(path, digest_of_row, problems=(Problem(Source(path), str(error)),))
        document = Document(data, body=text)
        prose, problems = self._render(path, document) if text.strip() else ([], [])
        body = Body(prose[0][0], path) if prose else Body()
        entry, faults = read(kind.entry, data, body=body, source=Source(path))
        faults = faults or list(kind.check(entry))
        if entry is not None and not faults and entry.id != key:
            faults = [Fault("", f"its key should be {entry.id!r}")]
        problems += [Problem(Source(path), fault.message, fault.hint) for fault in faults]
        entries = (self._loaded(kind, entry),) if entry is not None and not problems else ()
        return File(path, digest_of_row, entries, tuple(problems), tuple(prose))

    def _load_text(self, path: str, digest_of_file: str, text: str) -> File:
        kind = self._kind_of(path)
        if kind is None and self._is_off(path):
            return File(path, digest_of_file)
        if kind is None:
            problem = Problem(Source(path), "no kind of content takes this file", self._where(path))
            return File(path, digest_of_file, problems=(problem,))
        is_markdown = path.endswith(".md")
        document = front_matter.read_markdown(text) if is_markdown else _read_data(text)
        _refuse_long(document.body)
        prose, problems = self._render(path, document) if document.body.strip() else ([], [])
        body = Body(prose[0][0], path, document.body_line) if prose else Body()
        entries: list[Loaded] = []
        for way, data in _rows(document.data or {} if is_markdown else document.data):
            found = _read_entry(kind, data, path, document, way, body)
            problems += [item for item in found if isinstance(item, Problem)]
            entries += [self._loaded(kind, item) for item in found if isinstance(item, Entry)]
        return File(path, digest_of_file, tuple(entries), tuple(problems), tuple(prose))

    def _loaded(self, kind: ContentType, entry: Entry) -> Loaded:
        """Encode an entry; a draft is never shown, unless drafts are wanted."""
        card, data = entry.card(), pack(entry)
        since, until = entry.shown
        hidden = entry.is_draft and not self._settings.drafts
        return Loaded(
            kind=kind.name,
            id=card.id,
            digest=digest_bytes(data),
            card=pack(card),
            card_digest=digest(card),
            data=data,
            since=math.inf if hidden else _seconds(since, -math.inf),
            until=_seconds(until, math.inf),
        )

    def _kind_of(self, path: str) -> ContentType | None:
        below = path.removeprefix(f"{self._settings.content}/")
        return next((kind for kind, pattern in self._types if pattern.fullmatch(below)), None)

    def _where(self, path: str) -> str:
        """Where a file that lies nowhere could belong: the likeliest folder, or those there are."""
        content = f"{self._settings.content}/"
        lying = path.removeprefix(content).partition("/")[0]
        files = {kind.files.partition("/")[0]: kind.files for kind, _ in self._types}
        if lying in files:
            return f"what lies there is called {files[lying]}"
        known = f"in {content} lie {', '.join(files)}; `pydotorg new` begins a file in its place"
        return meant(lying, files, known)

    def _is_off(self, path: str) -> bool:
        """Does the file belong to a kind that is switched off?"""
        below = path.removeprefix(f"{self._settings.content}/")
        return any(_pattern(kind.files).fullmatch(below) for kind in types_of(self._settings.off))

    def _render(
        self, path: str, document: Document
    ) -> tuple[list[tuple[str, bytes]], list[Problem]]:
        """Render a body, unless the memo has it; its flaws are told either way."""
        submitted = self._snapshots.holds(path)
        key = f"prose:{'submitted:' * submitted}{self._prose}:{digest(document.body)}"
        known = self._recall(key)
        value = known or pack(self._to_prose(submitted=submitted)(document.body))
        flaws = msgspec.msgpack.decode(value, type=Flawed).flaws
        first = document.body_line - 1
        problems = [
            Problem(Source(path, flaw.line + first if flaw.line else 0, flaw.column), flaw.message,
                    flaw.hint)
            for flaw in flaws
        ]  # fmt: skip
        return [(key, value)], problems

    def _recall(self, key: str) -> bytes | None:
        if self._memo is None:
            self._memo = reader(self._memo_path)
        return recall(self._memo, key)

    def _to_prose(self, *, submitted: bool) -> Any:
        if submitted not in self._markdown:
            self._markdown[submitted] = make_prose(self._settings, submitted=submitted)
        return self._markdown[submitted]

    def forked(self, _: int) -> None:
        """Forget the connections that belong to the process this one was made of."""
        self._memo = None
        self._snapshots.forked()


class Flawed(msgspec.Struct, frozen=True):
    """What a rendered text is told for; of all that is remembered of it, the rest is not read."""

    flaws: tuple[Flaw, ...] = ()


def make_prose(settings: Settings, *, submitted: bool = False) -> Any:
    """The function that renders a Markdown text with a site's settings."""
    from pydotorg_build.markdown import MarkdownSettings, make_markdown

    return make_markdown(
        MarkdownSettings(
            package_index=settings.package_index,
            strict_headings=settings.strict_headings and not submitted,
        ),
        submitted=submitted,
    )


def _read_data(text: str) -> Document:
    if not text.strip():
        raise Mistake("the file is empty", hint="write what it is to hold, or delete it")
    _refuse_long(text)
    return front_matter.read_yaml(text)


def _refuse_long(text: str) -> None:
    if len(text) > LONGEST:
        raise Mistake(f"the file is longer than {LONGEST // 1_000_000} MB", hint=SPLIT)


def _misnamed(path: str) -> Iterator[Problem]:
    if path.lower().endswith(ALMOST):
        hint = "texts end with .md, and data with .yaml"
        yield Problem(Source(path), "no kind of content takes this file", hint)


def _read_twice(path: Path) -> bytes:
    """Read a file; an editor may be replacing it this very moment, so try once more."""
    try:
        return path.read_bytes()
    except OSError:
        import time

        time.sleep(0.02)
        return path.read_bytes()


def _rows(data: Any) -> Iterator[tuple[str, Any]]:
    """The entries of a file: a list of them, the one that the file is, or none."""
    if isinstance(data, list):
        yield from ((f"[{n}].", row) for n, row in enumerate(data))
    elif data is not None:
        yield "", data


def _read_entry(
    kind: ContentType, data: Any, path: str, document: Document, way: str, body: Body
) -> list[Entry | Problem]:
    line, column = front_matter.mark_of(document, way.rstrip("."))
    source = Source(path, line if way else 1, column if way else 1)
    if not isinstance(data, dict):
        return [Problem(source, "fields are wanted here, as `title: …`", "")]
    entry, faults = read(kind.entry, data, body=body, source=source)
    if entry is not None:
        faults = list(kind.check(entry))
    if entry is not None and not faults:
        return [entry]
    return [
        Problem(Source(path, *front_matter.mark_of(document, way + f.name)), f.message, f.hint)
        for f in faults
    ]


def _seconds(moment: datetime.datetime | None, default: float) -> float:
    return default if moment is None else moment.timestamp()


def _pattern(glob: str) -> re.Pattern[str]:
    """A glob as a regular expression: `**/` is any folders or none, `*` anything but `/`."""
    parts = re.split(r"(\*\*/|\*)", glob)
    meaning = {"**/": "(?:[^/]+/)*", "*": "[^/]*"}
    return re.compile("".join(meaning.get(part, re.escape(part)) for part in parts))

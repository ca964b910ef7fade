"""What `pydotorg check` looks at besides all that a build does: invariants, prose, freshness.

A broken invariant is a problem; what concerns a single text is a notice, and each page may say in
its front matter, under `unchecked`, which check it does not pass, and why.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from pydotorg_build import front_matter, ledger
from pydotorg_build.content.invariants import Invariant
from pydotorg_build.content.switches import places_of
from pydotorg_build.invariance import broken
from pydotorg_build.problems import Problem, Source
from pydotorg_build.reading_aloud import Notice, notices

if TYPE_CHECKING:
    from pydotorg_build.publishing import Reader
    from pydotorg_build.workshop import Workshop


@dataclass
class Findings:
    """What was found: problems end with 1, notices do not."""

    problems: list[Problem] = field(default_factory=list)
    notices: list[Problem] = field(default_factory=list)

    def add(self, other: Findings) -> None:
        self.problems += sorted(set(other.problems))
        self.notices += sorted(set(other.notices))


def inspect(shop: Workshop, read: Reader, now: float) -> Findings:
    """Look at the site that the record describes."""
    today = datetime.datetime.fromtimestamp(now, datetime.UTC).date()
    findings = Findings()
    off = places_of(shop.settings.off)
    for invariant in _invariants(shop):
        if not (off and invariant.of.startswith(off)):
            findings.problems += broken(shop, invariant, read)
    for path, entry in _texts(shop):
        findings.notices += _of_text(shop, path, entry, today)
    return findings


def _invariants(shop: Workshop) -> Iterator[Invariant]:
    for (data,) in shop.record.rows("SELECT data FROM entry WHERE kind='invariants' ORDER BY id"):
        yield msgspec.msgpack.decode(data, type=Invariant)


def _texts(shop: Workshop) -> Iterator[tuple[str, Any]]:
    """The entries that are a Markdown file each, with their paths."""
    sql = "SELECT kind, path, data FROM entry WHERE path GLOB ? ORDER BY path"
    for kind, path, data in shop.record.rows(sql, f"{shop.settings.content}/*.md"):
        yield path, msgspec.msgpack.decode(data, type=shop.kinds[kind].entry)


def _of_text(shop: Workshop, path: str, entry: Any, today: datetime.date) -> Iterator[Problem]:
    document = front_matter.read_markdown(front_matter.decode((shop.root / path).read_bytes()))
    first = document.body_line - 1
    found = [
        *(note._replace(line=note.line + first) for note in notices(document.body)),
        *_overdue(entry, document, today),
    ]
    excused = {one.check for one in entry.unchecked}
    for note in found:
        if note.check not in excused:
            yield Problem(Source(path, note.line, note.column), note.message, note.hint)
    for number, one in enumerate(entry.unchecked):
        if one.check not in {note.check for note in found}:
            place = front_matter.mark_of(document, f"unchecked[{number}]")
            message = f"there is nothing that `{one.check}` would tell"
            yield Problem(Source(path, *place), message, "take it out of `unchecked`")


def _overdue(entry: Any, document: front_matter.Document, today: datetime.date) -> Iterator[Notice]:
    day = getattr(entry, "review_by", None)
    if day and day < today:
        who = f" by {entry.owner}" if entry.owner else ""
        message = f"this was to be read again{who} before {day}"
        hint = "read it, mend what is not true any more, and set `updated` and `review_by` anew"
        yield Notice("review", *front_matter.mark_of(document, "review_by"), message, hint)


def write_ledger(shop: Workshop) -> None:
    """Write the ledger anew; the build has shown that all it held is still answered."""
    path = shop.root / ledger.path_of(shop.settings)
    before = ledger.read(path.read_text(encoding="utf-8") if path.is_file() else "")
    now = ledger.present(shop.record, shop.settings.content)
    path.write_text(ledger.written(before, now), encoding="utf-8")

"""Takes today's data into content/: releases with their files, pages, redirects and events.

    pydotorg import downloads.json pages.json --dry-run

It takes what `dumpdata` of today's site writes, the answers of its API (v1 and v2), and calendars
(.ics).  `imported.json`
beside build.toml keeps the digest of each file as it was imported: what somebody changed since, or
wrote by hand, is told and left as it is.  It asks no network, and takes nothing away.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import msgspec

from pydotorg_build.digests import digest_bytes
from pydotorg_build.front_matter import decode
from pydotorg_build.importing import events, pages, redirects, releases
from pydotorg_build.importing.rows import Row, read_rows
from pydotorg_build.importing.writing import Wanted
from pydotorg_build.problems import Problem, Source

RECORD = "imported.json"
TAKERS = (releases.wanted, pages.wanted, redirects.wanted)


class Change(msgspec.Struct, frozen=True):
    """One file as it is and as it would be; `is_ours` where nobody changed it since an import."""

    path: str
    before: str
    after: str
    is_ours: bool

    def diff(self) -> str:
        """The difference, as a patch."""
        old, new = (text.splitlines(keepends=True) for text in (self.before, self.after))
        begin = self.path if self.before else "/dev/null"
        return "".join(difflib.unified_diff(old, new, begin, self.path))


class Plan(msgspec.Struct, frozen=True):
    """What an import would change, and what it cannot take."""

    changes: list[Change]
    problems: list[Problem]


def plan(
    root: Path, content: str, files: list[Path], *, calendar: str = "", overwrite: bool = False
) -> Plan:
    """Work out what files would become; nothing is written."""
    problems: list[Problem] = []
    calendars = [file for file in files if file.suffix.lower() == ".ics"]
    others = [file for file in files if file not in calendars]
    rows = [row for file in others for row in read_rows(file, problems)]
    known = record(root)
    changes: list[Change] = []
    found = [take(root / content, rows, problems) for take in TAKERS]
    found.append(events.wanted(root / content, calendars, calendar, problems))
    for wanted in chain.from_iterable(found):
        change = _change(root, wanted, known, overwrite=overwrite)
        if change and not change.is_ours:
            problems.append(_left(wanted))
        elif change:
            changes.append(change)
    return Plan(changes, sorted(set(problems)))


def _change(root: Path, wanted: Wanted, known: dict[str, str], *, overwrite: bool) -> Change | None:
    path = wanted.path.relative_to(root).as_posix()
    before = decode(wanted.path.read_bytes()) if wanted.path.exists() else ""
    if before == wanted.text or wanted.is_same:
        return None
    is_ours = not before or overwrite or wanted.is_added or known.get(path) == _digest(before)
    return Change(path, before, wanted.text, is_ours)


def _left(wanted: Wanted) -> Problem:
    message = f"{wanted.path.name} says something else, and was written by hand: it was left"
    hint = "--overwrite writes what is imported; --dry-run with it shows the difference"
    return Problem(wanted.source, message, hint)


def write(root: Path, changes: list[Change]) -> None:
    """Write the files, and keep how they were written."""
    known = record(root)
    for change in changes:
        path = root / change.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(change.after, encoding="utf-8")
        known[change.path] = _digest(change.after)
    if changes:
        text = json.dumps(known, indent=1, sort_keys=True)
        (root / RECORD).write_text(f"{text}\n", encoding="utf-8")


def record(root: Path) -> dict[str, str]:
    """The digests of files as they were imported; none before the first time."""
    try:
        return msgspec.json.decode((root / RECORD).read_bytes(), type=dict[str, str])
    except (OSError, msgspec.DecodeError):
        return {}


def _digest(text: str) -> str:
    return digest_bytes(text.encode())


def told(plan: Plan) -> Iterator[str]:
    """A line for each file that changes."""
    for change in plan.changes:
        yield f"{'changed' if change.before else 'new'}: {change.path}"


__all__ = ["Change", "Plan", "Row", "Source", "plan", "told", "write"]

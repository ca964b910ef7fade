"""What a version of something handed in says: alone, or beside another one.

A change stands beside what the site shows.  What was refused and is handed in again stands beside
what was decided about, so that nobody reads the whole of it a second time.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from sidecar import cases
from sidecar.cases import Case
from sidecar.compared import Difference, Saying
from sidecar.labels import Labels
from sidecar.tables.cases import Decision, Revision
from sidecar.workflow import STEPS, By, State

REFUSING = frozenset(
    name for name, step in STEPS.items() if step.by is By.MODERATOR and step.end is State.REJECTED
) | {"refuse"}


async def beside(
    tx: AsyncSession, case: Case, labels: Labels
) -> tuple[list[Saying], list[Revision]]:
    """What the newest version of a case says, and all versions that are shown with it."""
    live, last = await _live(tx, case), await _refused(tx, case)
    found = [_since(*last, case.revision, labels)] if last else []
    if live:
        rows = differences(live, case.revision, labels)
        columns = "On the site", "Changed to"
        same = "It is as it is on the site."
        found.append(Saying("What is changed", columns, rows, same=same))
    else:
        found.append(whole(case.revision, labels))
    others = [live, last[1] if last else None, case.revision]
    return found, [one for one in others if one]


def whole(revision: Revision, labels: Labels) -> Saying:
    """All that a version says."""
    return Saying("What it says", ("Value",), differences(None, revision, labels))


async def _live(tx: AsyncSession, case: Case) -> Revision | None:
    """The version that the site shows, where the newest is another."""
    live = case.submission.live
    if not live or live == case.revision.n:
        return None
    return await cases.revision_of(tx, case.submission, live)


async def _refused(tx: AsyncSession, case: Case) -> tuple[Decision, Revision] | None:
    """The last decision of a moderator and its version, where it was refused and changed since."""
    moderated = [name for name, step in STEPS.items() if step.by is By.MODERATOR]
    here = Decision.submission_id == case.submission.id, Decision.undone_at.is_(None)
    asked = select(Decision).where(*here, Decision.step.in_(moderated))
    last = await tx.scalar(asked.order_by(Decision.id.desc()).limit(1))
    if last is None or last.step not in REFUSING or last.n in (case.revision.n, 0):
        return None
    return last, await cases.revision_of(tx, case.submission, last.n)


def _since(last: Decision, before: Revision, after: Revision, labels: Labels) -> Saying:
    """What is changed since it was refused, with what was said then."""
    note = f"Version {last.n} was decided last, on {last.created:%-d %B %Y}: {last.past}."
    if last.reason:
        note += f" Its author was told: “{last.reason}”"
    return Saying(
        "What is changed since the last decision", ("As it was decided", "Changed to"),
        differences(before, after, labels), note, "It is as it was when it was decided.",
    )  # fmt: skip


def differences(before: Revision | None, after: Revision, labels: Labels) -> list[Difference]:
    """What a version has otherwise than another one, by field; without another, what it says."""
    return [
        Difference(labels.field(name), *pair)
        for name, *pair in _by_field(before, after, labels)
        if pair[0] != pair[1]
    ]


def _by_field(
    before: Revision | None, after: Revision, labels: Labels
) -> Iterator[tuple[str, str, str]]:
    """Each field with its words in both versions."""
    old = before.payload if before else {}
    for name in {**after.payload, **old}:
        was, now = (labels.words(name, one.get(name)) for one in (old, after.payload))
        yield name, was, now

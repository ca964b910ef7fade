"""What moderators are told of a submission before they decide: facts with their evidence, no verdict."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from sidecar.cases import Case
from sidecar.clock import now
from sidecar.kinds.base import Kind
from sidecar.tables.cases import CaseCheck, Decision, Revision, Submission
from sidecar.workflow import STEPS, State

RECENT = datetime.timedelta(days=90)
REFUSED = [step.name for step in STEPS.values() if step.end is State.REJECTED]


class Fact(NamedTuple):
    """One thing that was looked at: is it as it should be, and what was found."""

    is_good: bool
    says: str


class Difference(NamedTuple):
    """A field that a change makes another."""

    name: str
    before: str
    after: str


async def weigh_before(db: AsyncSession, kind: Kind, payload: Mapping[str, Any]) -> list[Fact]:
    """What is told of a form before it is handed in: nothing of what only its readers may know."""
    asked = select(Submission.public_id).where(
        Submission.kind == kind.name, Submission.title == str(payload.get("title", "")),
        Submission.live > 0,
    )  # fmt: skip
    twins = [Fact(False, f"The site shows another of this title: {public_id}")
             for public_id in await db.scalars(asked.limit(1))]  # fmt: skip
    return [*_of_text(payload), *twins]


async def weigh(db: AsyncSession, case: Case) -> list[Fact]:
    """All facts about a case that need nobody outside."""
    links = await db.scalars(select(CaseCheck).where(CaseCheck.submission_id == case.submission.id))
    return [
        *_of_text(case.revision.payload),
        *(Fact(one.is_good, f"{one.url}: {one.says}") for one in links),
        *await _of_record(db, case),
    ]


def _of_text(payload: Mapping[str, Any]) -> Iterator[Fact]:
    """What the words themselves tell."""
    words = " ".join(str(value) for value in payload.values()).casefold()
    has = "python" in words
    yield Fact(has, "Python is mentioned" if has else "Python is not mentioned anywhere")
    if "pay_from" in payload:
        paid = bool(payload.get("pay_from") or payload.get("pay_to"))
        yield Fact(paid, "The pay is said" if paid else "The pay is not said")
    shouts = sum(word.isupper() and len(word) > 3 for word in str(payload.get("title", "")).split())
    if shouts > 1:
        yield Fact(False, "The title is written in capitals")


async def _of_record(db: AsyncSession, case: Case) -> list[Fact]:
    """What its sender handed in before, and what is like it."""
    submission = case.submission
    others = Submission.submitter_id == submission.submitter_id, Submission.id != submission.id
    shown = await db.scalar(select(func.count(Submission.id)).where(*others, Submission.live > 0))
    refused = await db.scalar(
        select(func.count(Decision.id))
        .join(Submission, Submission.id == Decision.submission_id)
        .where(*others, Decision.step.in_(REFUSED), Decision.undone_at.is_(None))
    )
    same = await db.scalars(
        select(Submission.public_id)
        .where(Submission.title == submission.title, Submission.id != submission.id)
        .where(Submission.created > now() - RECENT)
    )
    twins = list(same)
    found = [
        Fact(not refused, f"Of this sender, {shown or 0} are shown and {refused or 0} were refused")
    ]
    if twins:
        found.append(Fact(False, f"There is another of this title: {', '.join(twins[:3])}"))
    return found


def differences(before: Revision | None, after: Revision) -> list[Difference]:
    """What a version has otherwise than the one that is shown, by field."""
    old = before.payload if before else {}
    names = [*after.payload, *(name for name in old if name not in after.payload)]
    return [
        Difference(name, _words(old.get(name)), _words(after.payload.get(name)))
        for name in names
        if old.get(name) != after.payload.get(name)
    ]


def _words(value: Any) -> str:
    """A value as people read it.

    >>> _words(True), _words(["a", "b"]), _words(None)
    ('yes', 'a, b', '')
    """
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)

"""How long what is handed in waits for a decision: told to its author, and to those who decide."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from statistics import median
from typing import Any, NamedTuple

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from sidecar.clock import now
from sidecar.inbox import JOINED, SPONSOR, TO_DECIDE, L
from sidecar.kinds import KINDS
from sidecar.tables.cases import Decision, Submission
from sidecar.tables.sponsors import Sponsorship, SponsorshipStep
from sidecar.workflow import SPAM

FIRST = ("approve", "reject", SPAM)
LATELY, QUARTER = datetime.timedelta(days=30), datetime.timedelta(days=90)
FEWEST = 3  # of fewer, nothing can be promised


class Queue(NamedTuple):
    """What waits of a kind: how many, how long the oldest, and how long half of them did lately.

    A span is in words, and empty where there is none.
    """

    kind: str
    title: str
    waiting: int
    oldest: str
    usual: str


async def usual_wait(db: AsyncSession, name: str, lately: datetime.timedelta = LATELY) -> str:
    """The median wait of a kind in words; empty where there is none."""
    wait = await median_wait(db, name, lately)
    return in_words(wait) if wait else ""


async def median_wait(
    db: AsyncSession, name: str, lately: datetime.timedelta = LATELY
) -> datetime.timedelta | None:
    """How long half of what was decided of a kind lately waited; None where too little was.

    From the moment that it joined the queue to the first decision that nobody took back.
    """
    since = now() - lately
    asked = _of_sponsors(since) if name == SPONSOR else _of_kind(name, since)
    waits = [(decided - joined).total_seconds() for joined, decided in await db.execute(asked)]
    return datetime.timedelta(seconds=median(waits)) if len(waits) >= FEWEST else None


def _of_kind(name: str, since: datetime.datetime) -> Select[Any, datetime.datetime]:
    first = func.min(Decision.created)
    return (
        select(Submission.handed_in, first)
        .join(Decision, Decision.submission_id == Submission.id)
        .where(Submission.kind == name, Submission.handed_in.is_not(None))
        .where(Decision.step.in_(FIRST), Decision.undone_at.is_(None))
        .group_by(Submission.id, Submission.handed_in)
        .having(first > since)
    )


def _of_sponsors(since: datetime.datetime) -> Select[Any, datetime.datetime]:
    first = func.min(SponsorshipStep.created)
    return (
        select(JOINED, first)
        .join(SponsorshipStep, SponsorshipStep.sponsorship_id == Sponsorship.id)
        .where(SponsorshipStep.step.in_(FIRST), SponsorshipStep.undone_at.is_(None))
        .where(SponsorshipStep.created > JOINED)
        .group_by(Sponsorship.id)
        .having(first > since)
    )


async def queues(db: AsyncSession, names: Sequence[str]) -> list[Queue]:
    """The queue of each kind that has one."""
    waits = L.kind.in_(names), L.state.in_(TO_DECIDE)
    asked = select(L.kind, func.count(), func.min(L.since)).where(*waits).group_by(L.kind)
    found = {name: (count, oldest) for name, count, oldest in await db.execute(asked)}
    usual = {
        name: await usual_wait(db, name, QUARTER) for name in names if name in (*KINDS, SPONSOR)
    }
    return [
        Queue(
            name, KINDS[name].title if name in KINDS else name,
            count, in_words(now() - oldest) if oldest else "", wait,
        )
        for name, wait in usual.items()
        for count, oldest in [found.get(name, (0, None))]
    ]  # fmt: skip


def in_words(wait: datetime.timedelta) -> str:
    """A span, rounded up as one says it.

    >>> spans = (datetime.timedelta(minutes=5), datetime.timedelta(hours=3), datetime.timedelta(days=2))
    >>> [in_words(span) for span in spans]
    ['5 minutes', '3 hours', '2 days']
    """
    minutes = max(1, -(-int(wait.total_seconds()) // 60))
    if minutes < 60:
        return "a minute" if minutes == 1 else f"{minutes} minutes"
    hours = -(-minutes // 60)
    if hours == 1:
        return "an hour"
    return f"{hours} hours" if hours < 48 else f"{-(-hours // 24)} days"

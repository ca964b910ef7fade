"""How long what is handed in waits for a decision: told to its author, and to those who decide."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from statistics import median
from typing import NamedTuple

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from sidecar.clock import now
from sidecar.kinds.base import Kind
from sidecar.tables.cases import Decision, Revision, Submission
from sidecar.workflow import SPAM, WAITING, State

FIRST = ("approve", "reject", SPAM)
LATELY, QUARTER = datetime.timedelta(days=30), datetime.timedelta(days=90)
FEWEST = 3  # of fewer, nothing can be promised


class Queue(NamedTuple):
    """What waits of a kind: how many, how long the oldest, and how long half of them did lately.

    A span is in words, and empty where there is none.
    """

    kind: Kind
    waiting: int
    oldest: str
    usual: str


async def median_wait(
    db: AsyncSession, kind: Kind, lately: datetime.timedelta = LATELY
) -> datetime.timedelta | None:
    """How long half of what was decided of a kind lately waited; None where too little was.

    From the moment that it joined the queue to the first decision that nobody took back.
    """
    first = func.min(Decision.created).label("first")
    asked = (
        select(Submission.handed_in, first)
        .join(Decision, Decision.submission_id == Submission.id)
        .where(Submission.kind == kind.name, Submission.handed_in.is_not(None))
        .where(Decision.step.in_(FIRST), Decision.undone_at.is_(None))
        .group_by(Submission.id, Submission.handed_in)
        .having(first > now() - lately)
    )
    waits = [
        (decided - since).total_seconds() for since, decided in await db.execute(asked) if since
    ]
    return datetime.timedelta(seconds=median(waits)) if len(waits) >= FEWEST else None


async def queues(db: AsyncSession, kinds: Iterable[Kind]) -> list[Queue]:
    """The queue of each kind.  A change of what is shown waits since it was written."""
    changed = Submission.state == State.CHANGED.value
    since = func.min(case((changed, Revision.created), else_=Submission.handed_in))
    asked = (
        select(Submission.kind, func.count(Submission.id), since)
        .join(Revision, (Revision.submission_id == Submission.id))
        .where(Revision.n == Submission.latest)
        .where(Submission.state.in_([state.value for state in WAITING]))
        .group_by(Submission.kind)
    )
    found = {
        name: (count, in_words(now() - oldest)) for name, count, oldest in await db.execute(asked)
    }
    usual = {kind.name: await median_wait(db, kind, QUARTER) for kind in kinds}
    return [
        Queue(kind, *found.get(kind.name, (0, "")), in_words(wait) if wait else "")
        for kind in kinds
        for wait in [usual[kind.name]]
    ]


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

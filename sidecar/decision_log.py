"""The public log of decisions: how many, of which kind, with which outcome and named reason, by day.

Never who decided, whose it was, what it was called or the words of a reason; a reason has a name
where it began as a reply that the team keeps.  What is decided about sponsors and nominees is counted
from the audit log.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from sidecar.clock import now
from sidecar.holds import HELD
from sidecar.kinds import KINDS
from sidecar.sponsors import steps as sponsors
from sidecar.tables.cases import Decision, Submission
from sidecar.tables.work import Audit
from sidecar.workflow import STEPS

KIND = "decisions"
SPAN = datetime.timedelta(days=365)
OUTCOMES = {step.name: step.outcome for step in STEPS.values() if step.outcome}
# Of what has no decisions of its own: what the audit log says, the kind, and the outcome.
NOTED = {
    **{f"sponsorship {step.name}": ("sponsorship", step.outcome)
       for step in sponsors.STEPS.values() if step.outcome},
    "nomination withdrawn": ("nomination", "withdrawn by the staff"),
    "nomination restored": ("nomination", "restored"),
}  # fmt: skip
Decided = tuple[datetime.date, str, str, str]


async def rows(tx: AsyncSession) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """What a snapshot takes: the decisions of the days of a year that are over, or nothing."""
    today = now().replace(hour=0, minute=0, second=0, microsecond=0)
    counts = Counter([one async for one in _decided(tx, today)])
    if not counts:
        return iter(())
    decided = [
        {"day": str(day), "kind": kind, "outcome": outcome, "reason": reason, "count": count}
        for (day, kind, outcome, reason), count in sorted(counts.items(), reverse=True)
    ]
    through = today.date() - datetime.timedelta(days=1)
    since = min(day for day, *_ in counts)
    data = {"title": "Decisions", "since": str(since), "through": str(through), "decided": decided}
    return iter([(KIND, "all", data)])


async def _decided(tx: AsyncSession, today: datetime.datetime) -> AsyncIterator[Decided]:
    """Each decision of the year before a day: when, about which kind, how, and why."""
    handed_in = (
        select(Decision.created, Submission.kind, Decision.step, Decision.code)
        .join(Submission, Submission.id == Decision.submission_id)
        .where(Decision.step.in_(OUTCOMES), Submission.kind.in_(KINDS))
        .where(Decision.undone_at.is_(None), Decision.until <= now())
        .where(Decision.created >= today - SPAN, Decision.created < today)
    )
    for at, kind, step, code in await tx.execute(handed_in):
        yield at.date(), KINDS[kind].title, OUTCOMES[step], code
    for at, action in await _noted(tx, today):
        yield at.date(), *NOTED[action], ""


async def _noted(tx: AsyncSession, today: datetime.datetime) -> Iterator[tuple[Any, str]]:
    """What the audit log has of it; what was undone takes back the last of its record.

    Not yet what can still be undone, and that may be the next day.
    """
    asked = select(Audit.at, Audit.action, Audit.subject).where(
        Audit.action.in_([*NOTED, *(f"{action} undone" for action in NOTED)]),
        Audit.at >= today - SPAN,
    )
    found: list[tuple[Any, str, str]] = []
    for at, action, subject in await tx.execute(asked.order_by(Audit.id)):
        if action in NOTED:
            found.append((at, action, subject))
            continue
        undone = (action.removesuffix(" undone"), subject)
        last = max((n for n, one in enumerate(found) if one[1:] == undone), default=None)
        if last is not None:
            del found[last]
    over = min(today, now() - HELD)
    return ((at, action) for at, action, _ in found if at < over)

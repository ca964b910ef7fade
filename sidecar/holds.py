"""What was decided a moment ago and can still be undone: until then nobody outside is told of it.

The site shows what it did before, and so does the page of its author.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any, Protocol

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from sidecar.clock import now
from sidecar.tables.cases import Decision, Submission
from sidecar.workflow import ENDED, ON_SITE, STEPS, By, State

# For so long a decision can be undone; what follows from it begins a moment later, so that nothing
# follows from what is undone at the last moment.
UNDO, SAFELY = datetime.timedelta(seconds=30), datetime.timedelta(seconds=1)
HELD = UNDO + SAFELY
BEING_DECIDED = "It is being decided at this moment. Look again in a minute."
LEAVING = frozenset(
    step.name for step in STEPS.values() if step.shows and step.end not in ON_SITE
)  # fmt: skip


class Undoable(Protocol):
    """A decision of whatever kind: until when it is held."""

    @property
    def until(self) -> Any: ...


def until(*, at_once: bool = False) -> datetime.datetime:
    """When what follows from a decision of this moment begins."""
    return now() if at_once else now() + HELD


def can_be_undone(decision: Undoable) -> bool:
    """Is there still time to take it back?"""
    return bool(decision.until and now() < decision.until - SAFELY)


def is_undoable(decisions: Any) -> ColumnElement[bool]:
    """Rows of a table of decisions that there is still time to take back."""
    return and_(decisions.until > now() + SAFELY, decisions.undone_at.is_(None))


async def held(db: AsyncSession, *which: ColumnElement[bool]) -> dict[int, Decision]:
    """By submission, the oldest decision that can still be undone: all stands as before it.

    Not of what has left the site since by a step that nobody can undo: that leaves at once.
    """
    oldest = (
        select(func.min(Decision.id))
        .where(Decision.until > now(), Decision.undone_at.is_(None), *which)
        .group_by(Decision.submission_id)
    )
    later = aliased(Decision)
    has_left = (
        select(later.id)
        .where(later.submission_id == Decision.submission_id, later.id > Decision.id)
        .where(later.step.in_(LEAVING), later.undone_at.is_(None))
        .where(or_(later.until.is_(None), later.until <= now()))
        .exists()
    )
    found = await db.scalars(select(Decision).where(Decision.id.in_(oldest), ~has_left))
    return {decision.submission_id: decision for decision in found}


def is_told() -> ColumnElement[bool]:
    """Steps that nobody can undo any more, and nobody did: those their author is told of."""
    return Decision.undone_at.is_(None) & or_(Decision.until.is_(None), Decision.until <= now())


def state_before(decision: Decision, submission: Submission) -> State:
    """In which state something is without a decision: what was changed since is not lost."""
    before = State(decision.before["state"])
    is_changed = before is State.PUBLISHED and submission.latest > decision.n
    return State.CHANGED if is_changed else before


def last_of(log: Iterable[Decision]) -> Decision | None:
    """The last decision of a log that begins with the newest; its author may have changed it since."""
    for decision in log:
        step = STEPS[decision.step]
        is_change = step.by is By.AUTHOR and step.end not in ENDED
        if not (decision.undone_at or is_change):
            return decision
    return None

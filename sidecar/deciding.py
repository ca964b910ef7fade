"""What moderators do with what was handed in: claim it, decide about it, take that back.

async with db.write() as tx:
case = await cases.load(tx, number)
await decide(tx, settings, case, actor, "approve")
"""

from __future__ import annotations

import datetime
from statistics import median
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from sidecar import publishing
from sidecar.audit import note
from sidecar.cases import LINK_LASTS, Case, make_link, revision_of, step
from sidecar.clock import now
from sidecar.fairness import conflict
from sidecar.kinds.base import Kind, ends_of
from sidecar.mail import post
from sidecar.permissions import Actor
from sidecar.publishing import NOWHERE, Shown
from sidecar.settings import Settings
from sidecar.tables.cases import Decision, Submission
from sidecar.workflow import STEPS, By, Refused, Step

UNDO = datetime.timedelta(seconds=30)
CLAIMED = datetime.timedelta(minutes=30)
FIRST = ("approve", "reject")
LATELY = datetime.timedelta(days=30)
FEWEST = 3  # of fewer, nothing can be promised
MODERATOR = frozenset({By.MODERATOR})


async def decide(
    tx: AsyncSession, settings: Settings, case: Case, actor: Actor, name: str, reason: str = "",
    *, at_once: bool = False, code: str = "",
) -> Decision:  # fmt: skip
    """A moderator's decision.  It can be undone for half a minute, and is told after that."""
    if case.submitter.user_id and case.submitter.user_id == actor.user:
        raise Refused("You handed this in yourself: somebody else decides.")
    submission, latest = case.submission, case.revision
    if why := await conflict(tx, actor.user, latest.payload, case.submitter.email):
        raise Refused(why)
    decision = await step(tx, case, actor, MODERATOR, name, reason)
    decision.code = code
    due = now() if at_once else now() + UNDO
    decision.until = due
    if name == "approve":
        submission.live = latest.n
        submission.published_at = submission.published_at or now()
        if case.kind.ends and submission.ends is None:
            submission.ends = ends_of(latest.payload, now())
        submission.begins = case.kind.begins(latest.payload, now())
    if name == "refuse":
        shown = await revision_of(tx, submission, submission.live)
        submission.title = str(shown.payload.get("title", ""))
    if name in ("reject", "take down"):
        NOWHERE.give(submission)
    submission.claimed_by = submission.claimed_at = None
    await _follow(tx, settings, case, STEPS[name], decision, due)
    return decision


async def _follow(
    tx: AsyncSession, settings: Settings, case: Case, taken: Step, decision: Decision,
    due: datetime.datetime,
) -> None:  # fmt: skip
    """Write down what follows from a decision: the way onto the site, and the mail."""
    is_live = taken.letter == "live"
    if taken.shows:
        template = "case-live" if is_live else ""
        await publishing.request(tx, case.submission, due, template=template, decision=decision)
    if taken.letter and not is_live:
        token = await make_link(tx, case.submission, LINK_LASTS)
        data = {
            "kind": case.kind.title, "title": case.submission.title, "reason": decision.reason,
            "link": f"{settings.url}/submit/open?token={token}",
        }  # fmt: skip
        await post(tx, f"case-{taken.letter}", case.submitter.email, data, not_before=due,
                   dedupe=f"decision {decision.id}")  # fmt: skip


async def undo(tx: AsyncSession, case: Case, actor: Actor, number: int) -> None:
    """Take back one's own last decision, as long as nothing has followed from it."""
    decision = await tx.get(Decision, number)
    if decision is None or decision.submission_id != case.submission.id:
        raise Refused("There is no such decision.")
    is_last = case.submission.state == STEPS[decision.step].end.value
    if decision.actor_id != actor.user or decision.undone_at or not is_last:
        raise Refused("Only your own last decision can be undone.")
    if decision.until is None or decision.until <= now():
        raise Refused("It is too late: the author has been told, or the page is being made.")
    decision.undone_at = now()
    before: dict[str, Any] = decision.before
    case.submission.state = before["state"]
    Shown.again(before).give(case.submission)
    case.submission.title = str(case.revision.payload.get("title", ""))
    await publishing.forget(tx, decision)
    await note(tx, actor, f"{case.submission.kind} {decision.step} undone",
               f"submissions/{case.submission.id}")  # fmt: skip


async def claim(tx: AsyncSession, case: Case, actor: Actor) -> bool:
    """Say that one is looking at it; False where somebody else is, since less than half an hour."""
    submission, at = case.submission, now()
    recent = submission.claimed_at and at - submission.claimed_at < CLAIMED
    if recent and submission.claimed_by not in (None, actor.user):
        return False
    submission.claimed_by, submission.claimed_at = actor.user, at
    return True


async def median_wait(db: AsyncSession, kind: Kind) -> datetime.timedelta | None:
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
        .having(first > now() - LATELY)
    )
    waits = [
        (decided - since).total_seconds() for since, decided in await db.execute(asked) if since
    ]
    return datetime.timedelta(seconds=median(waits)) if len(waits) >= FEWEST else None

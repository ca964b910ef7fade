"""What moderators do with what was handed in: decide about it, take that back.

async with db.write() as tx:
    case = await cases.load(tx, number)
    await decide(tx, settings, case, actor, "approve")
"""

from __future__ import annotations

import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from sidecar import claims, holds, publishing
from sidecar.audit import note
from sidecar.cases import Case, link_to, revision_of, step, take_back
from sidecar.clock import now
from sidecar.fairness import conflict
from sidecar.kinds.base import ends_of
from sidecar.mail import post
from sidecar.permissions import Actor
from sidecar.publishing import NOWHERE
from sidecar.settings import Settings
from sidecar.tables.cases import Decision
from sidecar.workflow import ON_SITE, SPAM, STEPS, By, Refused, State, Step

MODERATOR = frozenset({By.MODERATOR})


async def decide(
    tx: AsyncSession, settings: Settings, case: Case, actor: Actor, name: str, reason: str = "",
    *, at_once: bool = False, code: str = "",
) -> Decision:  # fmt: skip
    """A moderator's decision.  It can be undone for half a minute, and is told after that."""
    await refuse_own(tx, case, actor)
    submission, latest = case.submission, case.revision
    decision = await step(tx, case, actor, MODERATOR, name, reason)
    decision.code = code
    decision.until = due = holds.until(at_once=at_once)
    if name == "approve":
        submission.live = latest.n
        submission.published_at = submission.published_at or now()
        if case.kind.ends and submission.ends is None:
            submission.ends = ends_of(latest.payload, now())
        submission.begins = case.kind.begins(latest.payload, now())
    if name == "refuse":
        shown = await revision_of(tx, submission, submission.live)
        submission.title = str(shown.payload.get("title", ""))
    if STEPS[name].end is State.REJECTED:
        NOWHERE.give(submission)
    claims.end(submission)
    await _follow(tx, settings, case, STEPS[name], decision, due)
    return decision


async def refuse_own(tx: AsyncSession, case: Case, actor: Actor) -> None:
    """Nobody decides about what is theirs, or their company's."""
    if why := await why_not(tx, case, actor):
        raise Refused(why)


async def why_not(db: AsyncSession, case: Case, actor: Actor) -> str:
    """Why somebody may not decide about it; empty where they may."""
    if case.submitter.user_id and case.submitter.user_id == actor.user:
        return "You handed this in yourself: somebody else decides."
    return await conflict(db, actor.user, case.revision.payload, case.submitter.email)


async def delete(tx: AsyncSession, case: Case, actor: Actor) -> None:
    """Forget it for good, with all its versions, links and decisions; the audit log stays.

    What the site shows is taken down first, so that its author is told why.
    """
    await refuse_own(tx, case, actor)
    submission = case.submission
    if case.state in ON_SITE:
        raise Refused("The site shows it: take it down first, and its author is told why.")
    open_still = Decision.submission_id == submission.id, Decision.until > now()
    if await tx.scalar(select(Decision.id).where(*open_still, Decision.undone_at.is_(None))):
        raise Refused("It was decided a moment ago: wait for half a minute, or undo that.")
    await note(tx, actor, f"{submission.kind} deleted", f"submissions/{submission.id}",
               {"state": (submission.state, "")})  # fmt: skip
    await tx.delete(submission)
    await publishing.anew(tx, "a deletion")


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
        data = {
            "kind": case.kind.title, "title": case.submission.title, "reason": decision.reason,
            "link": await link_to(tx, settings, case.submission),
        }  # fmt: skip
        await post(tx, f"case-{taken.letter}", case.submitter.email, data, not_before=due,
                   dedupe=f"decision {decision.id}")  # fmt: skip


async def undo(tx: AsyncSession, case: Case, actor: Actor, number: int) -> None:
    """Take back one's own last decision, as long as nothing has followed from it."""
    decision = await tx.get(Decision, number)
    if decision is None or decision.submission_id != case.submission.id:
        raise Refused("There is no such decision.")
    here = select(Decision).where(Decision.submission_id == case.submission.id)
    log = list(await tx.scalars(here.order_by(Decision.id.desc())))
    if decision.actor_id != actor.user or holds.last_of(log) is not decision:
        since = [
            case.kind.past(one.step)
            for one in reversed(log)
            if one.id > number and not one.undone_at
        ]
        told = f" Since then: {', '.join(since)}." if since else ""
        raise Refused(f"Only your own last decision can be undone.{told}")
    if not (holds.can_be_undone(decision) and await take_back(tx, case, decision)):
        raise Refused("It is too late: the author has been told, or the page is being made.")
    await note(tx, actor, f"{case.submission.kind} {decision.step} undone",
               f"submissions/{case.submission.id}")  # fmt: skip
    if STEPS[decision.step].shows:
        await publishing.anew(tx, "a decision was undone")


async def undoable_spam(tx: AsyncSession, actor: Actor) -> list[Decision]:
    """What somebody rejected as spam a moment ago, and can still undo."""
    found = await tx.scalars(
        select(Decision)
        .where(Decision.actor_id == actor.user, Decision.step == SPAM)
        .where(holds.is_undoable(Decision))
        .order_by(Decision.id)
    )
    return list(found)


def may_feature(case: Case) -> bool:
    """Can the site set it apart, and is it there?"""
    return case.state in ON_SITE and "featured" in case.kind.content.entry.__struct_fields__


async def feature(tx: AsyncSession, case: Case, actor: Actor, *, featured: bool) -> None:
    """Set it apart on the site, or no more: with the next build."""
    submission = case.submission
    if not may_feature(case):
        raise Refused("Only what the site shows can be featured, where its kind knows of that.")
    if submission.featured == featured:
        return
    submission.featured = featured
    step = "featured" if featured else "featured no more"
    await note(tx, actor, f"{submission.kind} {step}", f"submissions/{submission.id}",
               {"featured": (not featured, featured)})  # fmt: skip
    await publishing.request(tx, submission, now())

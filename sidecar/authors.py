"""What those who hand something in do afterwards: correct, settle, move and get back their links.

Handing in, changing, taking back and renewing are in `cases.py`, those of moderators in
`deciding.py`; each of these too is one function within the caller's transaction.
"""

from __future__ import annotations

import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from pydotorg_build.content.base import last_day_of
from sidecar import cases, holds, links, publishing
from sidecar.cases import AUTHOR, Case, link_to
from sidecar.clock import now
from sidecar.corrections import A_WEEK, SAMPLE, WEEK, is_small
from sidecar.kinds import KINDS
from sidecar.kinds.base import Handed, filled_in, payload_of
from sidecar.mail import post
from sidecar.people import key_of
from sidecar.permissions import Actor
from sidecar.personal import drafts_of, submissions_of
from sidecar.settings import Settings
from sidecar.tables.accounts import User
from sidecar.tables.cases import CaseLink, Decision, Draft, LinkFor, Revision, Submission, Submitter
from sidecar.workflow import Refused, State

REMIND = datetime.timedelta(days=7)
# For how long a correction that is one of the sample is shown to moderators.
SAMPLED = datetime.timedelta(days=14)


async def change(
    tx: AsyncSession, settings: Settings, case: Case, value: Handed, actor: Actor
) -> bool:
    """Take another version; return whether it is a small correction, which is published at once."""
    payload = payload_of(value)
    if filled_in(payload) == filled_in(case.revision.payload):
        return False
    approved = await approved_of(tx, case)
    if approved is None or not is_small(approved, payload) or await _had_enough(tx, case):
        await cases.change(tx, settings, case, value, actor)
        return False
    submission = case.submission
    submission.latest += 1
    tx.add(Revision(
        submission_id=submission.id, n=submission.latest, payload=payload, author_id=actor.user
    ))  # fmt: skip
    await cases.hold_pictures(tx, submission, case.kind, payload)
    await cases.step(tx, case, Actor(), AUTHOR, "correct")
    submission.live = submission.latest
    await publishing.request(tx, submission, now())
    return True


async def approved_of(tx: AsyncSession, case: Case) -> dict[str, object] | None:
    """What a moderator approved last; none where it is not shown, or can still be undone."""
    if case.state is not State.PUBLISHED:
        return None
    here = Decision.submission_id == case.submission.id, Decision.undone_at.is_(None)
    approvals = select(Decision.n).where(*here, Decision.step == "approve")
    n = await tx.scalar(approvals.order_by(Decision.id.desc()).limit(1))
    if not n or await holds.held(tx, here[0]):
        return None
    return (await cases.revision_of(tx, case.submission, n)).payload


async def _had_enough(tx: AsyncSession, case: Case) -> bool:
    """Were there as many corrections within a week as are taken?"""
    count = await tx.scalar(
        select(func.count(Decision.id))
        .where(Decision.submission_id == case.submission.id, Decision.step == "correct")
        .where(Decision.created > now() - WEEK)
    )
    return (count or 0) >= A_WEEK


def sampled() -> Select[int]:
    """What was corrected lately, one in so many: moderators look whether the policy holds."""
    return select(Decision.submission_id).where(
        Decision.step == "correct", Decision.id % SAMPLE == 0, Decision.created > now() - SAMPLED
    )


async def settle(tx: AsyncSession, case: Case) -> None:
    """It is not needed any more, as a job that is filled: it leaves the site at once."""
    if not case.kind.settled:
        raise Refused(f"{case.kind.one.capitalize()} is not settled; it can be taken back.")
    await cases.step(tx, case, Actor(), AUTHOR, "settle")
    case.submission.live = 0
    await publishing.request(tx, case.submission, now())


async def confirm(tx: AsyncSession, settings: Settings, case: Case) -> str:
    """Let it join the queue, and the account with this address gather it."""
    token = await cases.confirm(tx, settings, case)
    await gather(tx, case.submitter)
    return token


async def gather(tx: AsyncSession, submitter: Submitter) -> None:
    """Tie what an address handed in to the account that has confirmed the same address."""
    if submitter.user_id is None:
        here = User.email_key == submitter.email_key, User.confirmed_at.is_not(None)
        submitter.user_id = await tx.scalar(select(User.id).where(*here))


async def of_account(db: AsyncSession, user: User) -> list[Submission]:
    """What somebody handed in, the newest first; an address counts once it is confirmed."""
    if user.confirmed_at is None:
        return []
    return list(await db.scalars(
        select(Submission).where(submissions_of(user), Submission.handed_in.is_not(None))
        .order_by(Submission.id.desc())
    ))  # fmt: skip


async def drafts_of_account(db: AsyncSession, user: User) -> list[Draft]:
    """What somebody keeps and has not handed in, the newest first; again by confirmed addresses."""
    if user.confirmed_at is None:
        return []
    order = Draft.updated.desc(), Draft.id.desc()
    return list(await db.scalars(select(Draft).where(drafts_of(user)).order_by(*order)))


async def end_links(tx: AsyncSession, case: Case) -> None:
    """Let no link of its author work any more, wherever it went."""
    here = CaseLink.submission_id == case.submission.id
    await links.end(tx, CaseLink, here & (CaseLink.purpose != LinkFor.GLANCE.value))


async def send_links(tx: AsyncSession, settings: Settings, email: str) -> None:
    """Send the links of all that an address handed in and confirmed; nothing, where that is nothing."""
    submitter = await tx.scalar(select(Submitter).where(Submitter.email_key == key_of(email)))
    if submitter is None:
        return
    theirs = Submission.submitter_id == submitter.id, Submission.handed_in.is_not(None)
    newest = select(Submission).where(*theirs).order_by(Submission.id.desc()).limit(links.MOST)
    found = [
        (one.title, await link_to(tx, settings, one)) for one in list(await tx.scalars(newest))
    ]
    if found:
        await post(tx, "case-links", submitter.email, {"found": found})


async def unconfirmed(db: AsyncSession, public_id: str) -> Case | None:
    """What waits for its sender to confirm the address."""
    here = Submission.public_id == public_id, Submission.state == State.UNCONFIRMED.value
    number = await db.scalar(select(Submission.id).where(*here))
    return await cases.load(db, number) if number else None


async def send_to(tx: AsyncSession, settings: Settings, case: Case, email: str) -> None:
    """Send the link that confirms once more, to the address as it is mended; older ones end."""
    submitter = await cases.submitter_of(tx, email)
    case.submission.submitter_id = submitter.id
    await end_links(tx, case)
    await cases.ask_to_confirm(tx, settings, case.submission, submitter)


def reminder_due(
    ends: datetime.datetime, reminded: datetime.datetime | None, at: datetime.datetime
) -> bool:
    """Is it time to tell that something ends: a week before, and once more on the last day?

    >>> day = datetime.timedelta(days=1)
    >>> at = datetime.datetime(2026, 11, 26, tzinfo=datetime.UTC)
    >>> [reminder_due(at + n * day, None, at) for n in (8, 6, 0.5)]
    [False, True, True]
    >>> [reminder_due(at + n * day, at - 2 * day, at) for n in (6, 0.5)]
    [False, True]
    """
    last_day = ends - datetime.timedelta(days=1)
    if at >= last_day:
        return reminded is None or reminded < last_day
    return reminded is None and at > ends - REMIND


async def remind_due(tx: AsyncSession, settings: Settings) -> int:
    """Write to those whose submission leaves the site soon; return how many there were."""
    soon = Submission.live > 0, Submission.ends < now() + REMIND, Submission.ends > now()
    found = [
        (one, one.ends) for one in await tx.scalars(select(Submission).where(*soon))
        if one.ends and reminder_due(one.ends, one.reminded_at, now())
    ]  # fmt: skip
    for submission, ends in found:
        submitter = await tx.get_one(Submitter, submission.submitter_id)
        data = {
            "kind": KINDS[submission.kind].title, "title": submission.title,
            "ends": f"{last_day_of(ends):%-d %B %Y}",
            "link": await link_to(tx, settings, submission),
        }  # fmt: skip
        await post(tx, "case-ends", submitter.email, data)
        submission.reminded_at = now()
    return len(found)

"""What happens to what was handed in: each step is one function within the caller's transaction.

    async with db.write() as tx:
        case = await load(tx, number)
        await withdraw(tx, case)

A step writes its decision, its mail and its way onto the site with it, or nothing of it happened.
Here are handing in, a change that waits, taking back, renewing, and what the clock does.  What
moderators do stands in `deciding.py`; small corrections, links and reminders in `authors.py`.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from pydotorg_build.content.base import last_day_of
from pydotorg_build.digests import digest
from sidecar import attachments, holds, links, publishing
from sidecar.audit import note
from sidecar.clock import now
from sidecar.database import in_turn
from sidecar.fairness import refuse_blocked
from sidecar.kinds import KINDS
from sidecar.kinds.base import SAME_WITHIN, Handed, Kind, ends_of, payload_of
from sidecar.mail import post
from sidecar.people import key_of
from sidecar.permissions import Actor
from sidecar.publishing import Shown
from sidecar.queue import enqueue
from sidecar.settings import Settings
from sidecar.tables.accounts import User
from sidecar.tables.attachments import AttachmentUse
from sidecar.tables.cases import CaseLink, Decision, LinkFor, Revision, Submission, Submitter
from sidecar.tokens import free_id
from sidecar.workflow import (
    ENDED,
    ON_SITE,
    STEPS,
    WAITING,
    By,
    Refused,
    State,
    Step,
    open_steps,
    take,
)

LASTS = {
    LinkFor.CONFIRM: datetime.timedelta(days=3), LinkFor.OPEN: datetime.timedelta(days=400),
    LinkFor.GLANCE: datetime.timedelta(days=14),
}  # fmt: skip
ARCHIVED_AFTER = datetime.timedelta(days=90)
AUTHOR = frozenset({By.AUTHOR})
CLOCK = frozenset({By.CLOCK})


@dataclass(frozen=True)
class Case:
    """A submission with its newest revision and who handed it in."""

    submission: Submission
    revision: Revision
    submitter: Submitter

    @property
    def kind(self) -> Kind:
        return KINDS[self.submission.kind]

    @property
    def state(self) -> State:
        return State(self.submission.state)

    def steps(self, roles: frozenset[By]) -> dict[str, Step]:
        """The steps that may be taken now."""
        return open_steps(self.state, roles)


async def load(db: AsyncSession, number: int) -> Case | None:
    """A case by its number."""
    submission = await db.get(Submission, number)
    return await _whole(db, submission) if submission else None


async def find(db: AsyncSession, kind: str, public_id: str) -> Case | None:
    """A case by its public id."""
    submission = await db.scalar(
        select(Submission).where(Submission.kind == kind, Submission.public_id == public_id)
    )
    return await _whole(db, submission) if submission else None


async def _whole(db: AsyncSession, submission: Submission) -> Case:
    revision = await revision_of(db, submission, submission.latest)
    return Case(submission, revision, await db.get_one(Submitter, submission.submitter_id))


async def revision_of(db: AsyncSession, submission: Submission, n: int) -> Revision:
    """One version of a submission."""
    found = await db.scalars(
        select(Revision).where(Revision.submission_id == submission.id, Revision.n == n)
    )
    return found.one()


async def hand_in(
    tx: AsyncSession, settings: Settings, kind: Kind, value: Handed, actor: Actor
) -> Submission:
    """Take a form; what it was is kept, and its sender is asked by mail to confirm it.

    The same form sent twice within ten minutes is one submission.
    """
    await refuse_blocked(tx, value.sender)
    await in_turn(tx, f"handed in by {key_of(value.sender)}")  # a double click is one
    payload = payload_of(value)
    key = digest([kind.name, key_of(value.sender), payload])
    since = now() - SAME_WITHIN
    known = await tx.scalar(
        select(Submission)
        .where(Submission.digest == key, Submission.created > since)
        .where(
            Submission.state.in_([state.value for state in (State.UNCONFIRMED, *WAITING, *ON_SITE)])
        )
    )
    if known:
        return known
    submitter = await submitter_of(tx, value.sender)
    submission = Submission(
        kind=kind.name, public_id=await free_id(tx, Submission), submitter_id=submitter.id, digest=key,
        title=str(payload.get("title", "")),
    )  # fmt: skip
    tx.add(submission)
    await tx.flush()
    tx.add(Revision(submission_id=submission.id, n=1, payload=payload, author_id=actor.user))
    await hold_pictures(tx, submission, kind, payload)
    await ask_to_confirm(tx, settings, submission, submitter)
    return submission


async def ask_to_confirm(
    tx: AsyncSession, settings: Settings, submission: Submission, submitter: Submitter
) -> None:
    """Send the link that hands it in; what was typed is not in the mail."""
    token = await make_link(tx, submission, LinkFor.CONFIRM)
    link = address_of(settings, LinkFor.CONFIRM, token)
    data = {"kind": KINDS[submission.kind].title, "link": link}
    await post(tx, "case-confirm", submitter.email, data)


async def hold_pictures(
    tx: AsyncSession, submission: Submission, kind: Kind, payload: Mapping[str, Any]
) -> None:
    """Keep the pictures that a version shows."""
    names = attachments.names_of(kind.form, payload).values()
    await attachments.hold(tx, AttachmentUse, {"submission_id": submission.id}, names)


async def submitter_of(tx: AsyncSession, email: str) -> Submitter:
    """Who an address belongs to, for what is handed in."""
    await in_turn(tx, f"submitter {key_of(email)}")  # of two at once, the second finds it
    known = await tx.scalar(select(Submitter).where(Submitter.email_key == key_of(email)))
    if known:
        return known
    made = Submitter(email=email, email_key=key_of(email))
    tx.add(made)
    await tx.flush()
    return made


async def make_link(tx: AsyncSession, submission: Submission, purpose: LinkFor) -> str:
    """A new token that lets its bearer do one thing with one submission."""
    of = {"submission_id": submission.id, "purpose": purpose.value}
    return await links.make(tx, CaseLink, now() + LASTS[purpose], **of)


def address_of(settings: Settings, purpose: LinkFor, token: str) -> str:
    """The link with a token."""
    return f"{settings.url}/submit/{purpose}?token={token}"


async def link_to(tx: AsyncSession, settings: Settings, submission: Submission) -> str:
    """A new link to the page of a submission."""
    token = await make_link(tx, submission, LinkFor.OPEN)
    return address_of(settings, LinkFor.OPEN, token)


async def look(db: AsyncSession, token: str) -> tuple[Case, LinkFor] | None:
    """What a link is about, and what it does."""
    link = await links.find(db, CaseLink, token)
    case = await load(db, link.submission_id) if link else None
    if link is None or case is None:
        return None
    # Links of before they had a purpose: whatever was sent until it was confirmed confirms it.
    confirms = LinkFor.OPEN if case.submission.handed_in else LinkFor.CONFIRM
    return case, LinkFor(link.purpose) if link.purpose else confirms


async def of_link(db: AsyncSession, token: str) -> Case | None:
    """The case that a token lets its bearer look after."""
    case, purpose = await look(db, token) or (None, LinkFor.OPEN)
    return case if purpose is LinkFor.OPEN else None


async def of_glance(db: AsyncSession, token: str) -> Case | None:
    """The case that the link of a mail to the team shows."""
    case, purpose = await look(db, token) or (None, LinkFor.OPEN)
    return case if purpose is LinkFor.GLANCE else None


async def confirm(tx: AsyncSession, settings: Settings, case: Case) -> str:
    """The address is its owner's: the case joins the queue; return the token of its own page."""
    await step(tx, case, Actor(), AUTHOR, "confirm")
    case.submission.handed_in = now()
    await enqueue(tx, "case.links", {"case": case.submission.id})
    until_now = update(CaseLink).where(CaseLink.submission_id == case.submission.id)
    await tx.execute(until_now.values(purpose=LinkFor.CONFIRM.value))
    token = await make_link(tx, case.submission, LinkFor.OPEN)
    data = {
        "kind": case.kind.title, "title": case.submission.title,
        "reference": case.submission.public_id,
        "link": address_of(settings, LinkFor.OPEN, token),
    }  # fmt: skip
    await post(tx, "case-received", case.submitter.email, data)
    await _tell_team(tx, settings, case)
    return token


async def _tell_team(tx: AsyncSession, settings: Settings, case: Case) -> None:
    """Those who decide about its kind are written to, where the settings have their address."""
    if address := getattr(settings, f"{case.kind.content.name}_mail", ""):
        token = await make_link(tx, case.submission, LinkFor.GLANCE)
        link = address_of(settings, LinkFor.GLANCE, token)
        data = {"kind": case.kind.title, "one": case.kind.one, "title": case.submission.title,
                "link": link}  # fmt: skip
        await post(tx, "case-waiting", address, data)


async def change(
    tx: AsyncSession, settings: Settings, case: Case, value: Handed, actor: Actor
) -> None:
    """Another version from its author: it waits for a decision, and what is shown stays."""
    payload = payload_of(value)
    if payload == case.revision.payload:
        return
    await _overtake(tx, settings, case)
    on_site = case.state in ON_SITE
    n = case.submission.latest + 1
    case.submission.latest, case.submission.title = n, str(payload.get("title", ""))
    tx.add(Revision(
        submission_id=case.submission.id, n=n, payload=payload, author_id=actor.user
    ))  # fmt: skip
    if case.state is not State.CHANGED:
        await step(tx, case, Actor(), AUTHOR, "propose" if on_site else "change")
    await hold_pictures(tx, case.submission, case.kind, payload)
    await enqueue(tx, "case.links", {"case": case.submission.id})


async def _overtake(tx: AsyncSession, settings: Settings, case: Case) -> None:
    """A refusal that can still be undone does not stand once its author has changed what it is of.

    It was of words that are not there any more: it waits again, and whoever refused it is told.
    """
    here = Decision.submission_id == case.submission.id, holds.is_undoable(Decision)
    last = await tx.scalar(select(Decision).where(*here).order_by(Decision.id.desc()).limit(1))
    if last is None or STEPS[last.step].shows or not await take_back(tx, case, last):
        return
    await note(tx, Actor(), f"{case.submission.kind} {last.step} overtaken",
               f"submissions/{case.submission.id}")  # fmt: skip
    if moderator := await tx.get(User, last.actor_id):
        data = {
            "kind": case.kind.title, "title": case.submission.title, "past": last.past,
            "link": f"{settings.url}/admin/cases/{case.submission.id}",
        }  # fmt: skip
        await post(tx, "case-overtaken", moderator.email, data)


async def take_back(tx: AsyncSession, case: Case, decision: Decision) -> bool:
    """Let all stand as before a decision; False where something has followed from it."""
    if not await publishing.forget(tx, decision):
        return False
    decision.undone_at = now()
    case.submission.state = holds.state_before(decision, case.submission).value
    Shown.again(decision.before).give(case.submission)
    case.submission.title = str(case.revision.payload.get("title", ""))
    return True


async def step(
    tx: AsyncSession, case: Case, actor: Actor, roles: frozenset[By], name: str, reason: str = ""
) -> Decision:
    """Take a step, as the table of steps allows; write it down."""
    found = take(case.state, roles, name, reason)
    submission = case.submission
    before = {"state": submission.state, **Shown.of(submission).kept()}
    submission.state = found.end.value
    decision = Decision(
        submission_id=submission.id, n=submission.latest, step=name, actor_id=actor.user,
        reason=reason.strip(), before=before,
    )  # fmt: skip
    tx.add(decision)
    await tx.flush()
    states = {"state": (before["state"], submission.state)}
    await note(tx, actor, f"{submission.kind} {name}", f"submissions/{submission.id}", states)
    return decision


async def withdraw(tx: AsyncSession, case: Case) -> None:
    """Its author takes it back; where it is shown, it leaves the site."""
    was_shown = bool(case.submission.live)
    await step(tx, case, Actor(), AUTHOR, "withdraw")
    case.submission.live = 0
    if was_shown:
        await publishing.request(tx, case.submission, now())


async def renew(tx: AsyncSession, case: Case, days: int) -> None:
    """Its author wants it shown for so many days from today; never for shorter than it is."""
    if not case.kind.ends:
        raise Refused(
            f"{case.kind.one.capitalize()} stays until it is taken back: nothing is to renew."
        )
    if await holds.held(tx, Decision.submission_id == case.submission.id):
        raise Refused(holds.BEING_DECIDED)
    submission, ends = case.submission, ends_of({"days": days}, now())
    if case.state in ON_SITE and submission.ends and ends <= submission.ends:
        last_day = f"{last_day_of(submission.ends):%-d %B %Y}"
        raise Refused(f"It is shown until {last_day} already, and would not be shown for longer.")
    await step(tx, case, Actor(), AUTHOR, "renew")
    shown = await revision_of(tx, submission, submission.live or submission.latest)
    submission.live = shown.n
    submission.ends = ends
    submission.published_at = now()
    submission.reminded_at = submission.archived_at = None
    await publishing.request(tx, submission, now(), template="case-live")


async def settled(db: AsyncSession, submissions: Sequence[Submission]) -> dict[int, str]:
    """What their authors said of those that left so, as a job that is filled: its kind's word."""
    gone = {one.id: one.kind for one in submissions if one.state == State.WITHDRAWN.value}
    said = select(Decision.submission_id).where(
        Decision.submission_id.in_(gone), Decision.step == "settle"
    )
    return {number: KINDS[gone[number]].settled for number in await db.scalars(said)}


async def end_due(tx: AsyncSession) -> int:
    """Let all that has come to its end leave the site; return how many there were."""
    on_site = [state.value for state in ON_SITE]
    found = list(await tx.scalars(
        select(Submission).where(Submission.state.in_(on_site), Submission.ends <= now())
    ))  # fmt: skip
    for submission in found:
        await step(tx, await _whole(tx, submission), Actor(), CLOCK, "expire")
        submission.live = 0
        await publishing.request(tx, submission, now())
    return len(found)


async def archive_due(tx: AsyncSession) -> int:
    """Put away what ended long ago, whoever ended it; return how many there were."""
    last = (
        select(func.max(Decision.created))
        .where(Decision.submission_id == Submission.id)
        .scalar_subquery()
    )
    over = Submission.state.in_([state.value for state in ENDED]), Submission.archived_at.is_(None)
    found = list(await tx.scalars(select(Submission).where(*over, last < now() - ARCHIVED_AFTER)))
    for submission in found:
        submission.archived_at = now()
    return len(found)

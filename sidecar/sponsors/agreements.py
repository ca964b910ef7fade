"""A sponsorship with its sponsor, the steps that are taken with it, and who may look after it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from sidecar import claims, holds, links, publishing
from sidecar.audit import Changes, note
from sidecar.clock import now
from sidecar.fairness import conflict
from sidecar.mail import forget, post
from sidecar.people import key_of
from sidecar.permissions import Actor
from sidecar.settings import Settings
from sidecar.sponsors.held import as_it_was, held
from sidecar.sponsors.offer import title_of
from sidecar.sponsors.steps import At, By, Step, open_steps, take
from sidecar.tables.sponsors import Sponsor, SponsorAsset, SponsorLink, Sponsorship, SponsorshipStep
from sidecar.tables.work import Mail
from sidecar.workflow import Refused

LINK_LASTS = datetime.timedelta(days=400)


@dataclass(frozen=True)
class Agreement:
    """A sponsorship and whose it is."""

    row: Sponsorship
    sponsor: Sponsor

    @property
    def state(self) -> At:
        return At(self.row.state)

    @property
    def level(self) -> str:
        """What its level is called."""
        return title_of(self.row.terms)

    def steps(self, by: By) -> dict[str, Step]:
        """The steps that may be taken now."""
        return open_steps(self.state, by, locked=self.row.locked)

    def may(self, by: By, name: str, reason: str = "") -> Step:
        """The step, or Refused with those that may be taken."""
        return take(self.state, by, name, reason, locked=self.row.locked)


async def load(db: AsyncSession, number: int) -> Agreement | None:
    """An agreement by its number."""
    row = await db.get(Sponsorship, number)
    return await whole(db, row) if row else None


async def whole(db: AsyncSession, row: Sponsorship) -> Agreement:
    """A sponsorship with its sponsor."""
    return Agreement(row, await db.get_one(Sponsor, row.sponsor_id))


async def step(
    tx: AsyncSession, settings: Settings, agreement: Agreement, actor: Actor, by: By, name: str,
    reason: str = "", *, changes: Changes | None = None, told: Mapping[str, Any] | None = None,
    at_once: bool = False,
) -> SponsorshipStep:  # fmt: skip
    """Take a step, as the table of steps allows: write it down, and the letters that follow.

    What the public log counts is not decided by whoever belongs to the sponsor.  `told` is what the
    letter is given besides the company, the level, the reason and the link.  `changes` are the
    columns that are another now, with what was in them.
    """
    taken, row = agreement.may(by, name, reason), agreement.row
    if taken.outcome and by is By.STAFF and (why := await why_not(tx, agreement, actor)):
        raise Refused(why)
    before = {"state": row.state, "locked": row.locked}
    if taken.end:
        row.state = taken.end.value
        claims.end(row)
    if taken.locks is not None:
        row.locked = taken.locks
    states = {"state": (before["state"], row.state)}
    log = await write_down(tx, actor, agreement, name, reason, {**states, **(changes or {})})
    due = now()
    if taken.holds:
        log.until = due = holds.until(at_once=at_once)
        old = {name: value for name, (value, _) in (changes or {}).items()}
        log.before = msgspec.to_builtins({**before, **old})
        await tx.flush()
    words = {"company": agreement.sponsor.name, "level": agreement.level, "reason": reason.strip()}
    if taken.letter:
        link = address_of(settings, await make_link(tx, row))
        await post(tx, taken.letter, row.email, {**words, "link": link, **(told or {})},
                   not_before=due, dedupe=dedupe_of(log))  # fmt: skip
    if taken.told:
        link = f"{settings.url}/admin/sponsors/{row.id}"
        await post(tx, taken.told, settings.sponsors_mail, {**words, "link": link})
    if taken.end and row.released:
        await publishing.anew(tx, "a sponsor", due)
    return log


async def why_not(db: AsyncSession, agreement: Agreement, actor: Actor) -> str:
    """Why somebody of the staff may not decide about it; empty where they may."""
    row = agreement.row
    return await conflict(db, actor.user, row.payload, row.email, site="website")


async def write_down(
    tx: AsyncSession, actor: Actor, agreement: Agreement, name: str, reason: str = "",
    changes: Changes | None = None,
) -> SponsorshipStep:  # fmt: skip
    """That a step was taken: for the record's own history, and for the audit log.

    But for a note, none is taken while the one before it can be undone.  Where the site shows the
    sponsor, it shows what is changed.
    """
    row = agreement.row
    await tx.flush()
    if name != "note":
        await refuse_held(tx, row)
    log = SponsorshipStep(sponsorship_id=row.id, step=name, state=row.state,
                          actor_id=actor.user, reason=reason.strip())  # fmt: skip
    tx.add(log)
    await tx.flush()
    await note(tx, actor, f"sponsorship {name}", f"sponsorships/{row.id}", changes)
    if name == "change" and row.released:
        await publishing.anew(tx, "a sponsor")
    return log


def dedupe_of(step: SponsorshipStep) -> str:
    """What the letter of a step is known by."""
    return f"sponsorship step {step.id}"


async def refuse_held(tx: AsyncSession, row: Sponsorship) -> None:
    """Raise Refused while a decision can be undone: what it was is told to nobody by that."""
    if await held(tx, row.id):
        raise Refused(holds.BEING_DECIDED)


async def undo(tx: AsyncSession, agreement: Agreement, actor: Actor, number: int) -> None:
    """Take back one's own decision, as long as nothing has followed from it."""
    row, step = agreement.row, await held(tx, agreement.row.id)
    if step is None or (step.id, step.actor_id) != (number, actor.user):
        raise Refused("Only your own last decision can be undone, and for half a minute.")
    if not (holds.can_be_undone(step) and await forget(tx, Mail.dedupe == dedupe_of(step))):
        raise Refused("It is too late: the sponsor is told.")
    step.undone_at = now()
    for name, value in as_it_was(step).items():
        setattr(row, name, value)
    await tx.execute(delete(SponsorAsset).where(SponsorAsset.step_id == step.id))
    if row.released:
        await publishing.anew(tx, "a decision was undone")
    await note(tx, actor, f"sponsorship {step.step} undone", f"sponsorships/{row.id}")


async def history(db: AsyncSession, number: int) -> list[SponsorshipStep]:
    """All that happened to a sponsorship, the newest first."""
    return list(await db.scalars(
        select(SponsorshipStep).where(SponsorshipStep.sponsorship_id == number)
        .order_by(SponsorshipStep.id.desc())
    ))  # fmt: skip


async def make_link(tx: AsyncSession, row: Sponsorship) -> str:
    """A new token that lets its bearer look after one sponsorship."""
    return await links.make(tx, SponsorLink, now() + LINK_LASTS, sponsorship_id=row.id)


def address_of(settings: Settings, token: str) -> str:
    """The link with a token."""
    return f"{settings.url}/submit/sponsor/open?token={token}"


async def of_link(db: AsyncSession, token: str) -> Agreement | None:
    """What a token lets its bearer look after."""
    link = await links.find(db, SponsorLink, token)
    return await load(db, link.sponsorship_id) if link else None


async def end_links(tx: AsyncSession, agreement: Agreement) -> None:
    """Let no link to it work any more, wherever it went."""
    await links.end(tx, SponsorLink, SponsorLink.sponsorship_id == agreement.row.id)


async def send_links(tx: AsyncSession, settings: Settings, email: str) -> None:
    """Send the links of the sponsorships that an address applied for and has confirmed."""
    theirs = Sponsorship.email_key == key_of(email), Sponsorship.confirmed_at.is_not(None)
    newest = select(Sponsorship).where(*theirs).order_by(Sponsorship.id.desc()).limit(links.MOST)
    rows = list(await tx.scalars(newest))
    found = [
        (row.payload["company"], address_of(settings, await make_link(tx, row))) for row in rows
    ]
    if found:
        await post(tx, "case-links", rows[0].email, {"found": found})

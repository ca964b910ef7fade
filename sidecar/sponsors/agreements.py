"""A sponsorship with its sponsor, the steps that are taken with it, and who may look after it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from sidecar import links
from sidecar.audit import Changes, note
from sidecar.clock import now
from sidecar.fairness import conflict
from sidecar.mail import post
from sidecar.people import key_of
from sidecar.permissions import Actor
from sidecar.settings import Settings
from sidecar.sponsors.offer import title_of
from sidecar.sponsors.steps import At, By, Step, open_steps, take
from sidecar.tables.sponsors import Sponsor, SponsorLink, Sponsorship, SponsorshipStep
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
) -> Step:  # fmt: skip
    """Take a step, as the table of steps allows: write it down, and the letters that follow.

    What the public log counts is not decided by whoever belongs to the sponsor.  `told` is what the
    letter is given besides the company, the level, the reason and the link.
    """
    taken, row = agreement.may(by, name, reason), agreement.row
    if taken.outcome and by is By.STAFF and (why := await why_not(tx, agreement, actor)):
        raise Refused(why)
    before = row.state
    if taken.end:
        row.state = taken.end.value
    if taken.locks is not None:
        row.locked = taken.locks
    states = {"state": (before, row.state)}
    await write_down(tx, actor, agreement, name, reason, {**states, **(changes or {})})
    words = {"company": agreement.sponsor.name, "level": agreement.level, "reason": reason.strip()}
    if taken.letter:
        link = address_of(settings, await make_link(tx, row))
        await post(tx, taken.letter, row.email, {**words, "link": link, **(told or {})})
    if taken.told:
        link = f"{settings.url}/admin/sponsors/{row.id}"
        await post(tx, taken.told, settings.sponsors_mail, {**words, "link": link})
    return taken


async def why_not(db: AsyncSession, agreement: Agreement, actor: Actor) -> str:
    """Why somebody of the staff may not decide about it; empty where they may."""
    row = agreement.row
    return await conflict(db, actor.user, row.payload, row.email, site="website")


async def write_down(
    tx: AsyncSession, actor: Actor, agreement: Agreement, name: str, reason: str = "",
    changes: Changes | None = None,
) -> None:  # fmt: skip
    """That a step was taken: for the record's own history, and for the audit log."""
    row = agreement.row
    await tx.flush()
    tx.add(SponsorshipStep(sponsorship_id=row.id, step=name, state=row.state,
                           actor_id=actor.user, reason=reason.strip()))  # fmt: skip
    await note(tx, actor, f"sponsorship {name}", f"sponsorships/{row.id}", changes)


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

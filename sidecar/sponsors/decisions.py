"""What staff decide about a sponsorship: to approve it, or any step that needs no more than a reason."""

from __future__ import annotations

import datetime

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from pydotorg_build.content.bars import grouped
from sidecar.fairness import domain_of, host_of
from sidecar.holds import is_undoable
from sidecar.inbox import SPONSOR
from sidecar.permissions import Actor
from sidecar.settings import Settings
from sidecar.sponsors.agreements import Agreement, refuse_held, step
from sidecar.sponsors.applications import taken
from sidecar.sponsors.assets import ask_for
from sidecar.sponsors.offer import Addon, is_full
from sidecar.sponsors.steps import STEPS, By
from sidecar.tables.sponsors import SponsorshipStep
from sidecar.weighing import Fact, of_address, of_record
from sidecar.workflow import SPAM, Refused


async def approve(
    tx: AsyncSession, settings: Settings, agreement: Agreement, actor: Actor,
    start: datetime.date, end: datetime.date, price: int, *, at_once: bool = False,
) -> None:  # fmt: skip
    """Agree on the time and the price; what the sponsor has to give is due from now on."""
    row = agreement.row
    agreement.may(By.STAFF, "approve")
    if row.confirmed_at is None:
        raise Refused("Nobody has opened the link that was sent to the address: it may be wrong.")
    if end <= start:
        raise Refused("The last day must come after the first one.")
    others = await taken(tx, row.id, alone=True)
    addons = msgspec.convert(row.terms.get("addons", []), tuple[Addon, ...])
    if full := [one.title for one in addons if is_full(one, others)]:
        raise Refused(f"“{full[0]}” is taken: somebody else was approved with it.")
    changes = {"start": (row.start, start), "end": (row.end, end), "price": (row.price, price)}
    row.start, row.end, row.price = start, end, price
    told = {"start": f"{start:%-d %B %Y}", "end": f"{end:%-d %B %Y}", "price": grouped(price)}
    log = await step(tx, settings, agreement, actor, By.STAFF, "approve", changes=changes,
                     told=told, at_once=at_once)  # fmt: skip
    await ask_for(tx, row, log, approved=True)


async def decide(
    tx: AsyncSession, settings: Settings, agreement: Agreement, actor: Actor, by: By, name: str,
    reason: str = "", *, at_once: bool = False,
) -> None:  # fmt: skip
    """A step of the table that needs no more than a reason."""
    if name != "note":
        await refuse_held(tx, agreement.row)
    agreement.may(by, name, reason)
    if STEPS[name].has_page and name != "note":
        raise Refused(f"To {name} it, more is asked than a reason.")
    await step(tx, settings, agreement, actor, by, name, reason, at_once=at_once)


async def undoable_spam(tx: AsyncSession, actor: Actor) -> list[SponsorshipStep]:
    """What somebody rejected as spam a moment ago, and can still undo."""
    mine = SponsorshipStep.actor_id == actor.user, SponsorshipStep.step == SPAM
    return list(await tx.scalars(
        select(SponsorshipStep).where(*mine, is_undoable(SponsorshipStep))
    ))  # fmt: skip


async def looked_at(db: AsyncSession, agreement: Agreement, actor: Actor) -> list[Fact]:
    """What is told of an application before it is decided about: facts, no verdict."""
    row = agreement.row
    website, domain = host_of(row.payload.get("website", "")), domain_of(row.email)
    is_theirs = domain == website or domain.endswith(f".{website}")
    says = f"{row.email} is {'' if is_theirs else 'not '}an address at {website}"
    return [
        *([Fact(is_theirs, says)] if website else [Fact(False, "No website is named")]),
        of_address(row.email),
        Fact(row.confirmed_at is not None,
             "The address is confirmed" if row.confirmed_at else "The address is not confirmed"),
        await of_record(db, actor, SPONSOR, row.id, row.email_key),
    ]  # fmt: skip

"""What sponsors are asked for: who gave it, who has not, and the mails that say so."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from sidecar.audit import note
from sidecar.clock import now
from sidecar.mail import post
from sidecar.permissions import Actor
from sidecar.settings import Settings
from sidecar.sponsors.agreements import Agreement, address_of, load, make_link, step
from sidecar.sponsors.held import all_held, held, told
from sidecar.sponsors.offer import needs_of
from sidecar.sponsors.steps import AGREED, At, By
from sidecar.tables.sponsors import SponsorAsset, Sponsorship, SponsorshipStep
from sidecar.workflow import Refused

SOON = datetime.timedelta(days=7)


async def assets_of(db: AsyncSession, *sponsorships: int) -> dict[int, list[SponsorAsset]]:
    """What each is asked for, what is due first first."""
    found: dict[int, list[SponsorAsset]] = defaultdict(list)
    asked = select(SponsorAsset).where(SponsorAsset.sponsorship_id.in_(sponsorships))
    for one in await db.scalars(asked.order_by(SponsorAsset.due, SponsorAsset.id)):
        found[one.sponsorship_id].append(one)
    return found


async def ask_for(
    tx: AsyncSession, row: Sponsorship, log: SponsorshipStep, *, approved: bool = False
) -> None:
    """Write down what the sponsor has to give, and until when; what it gave already stays.

    Of what is known the days begin anew only where it is `approved` once more.
    """
    known = {one.slug: one for one in (await assets_of(tx, row.id))[row.id]}
    today = now().date()
    for need in needs_of(row.terms):
        due = today + datetime.timedelta(days=need.days)
        if old := known.get(need.slug):
            old.due = max(old.due, due) if approved else old.due
            continue
        tx.add(SponsorAsset(
            sponsorship_id=row.id, step_id=log.id, slug=need.slug, title=need.title, kind=need.kind,
            hint=need.hint, due=due,
        ))  # fmt: skip
    await tx.flush()


async def chosen_anew(tx: AsyncSession, row: Sponsorship, log: SponsorshipStep) -> None:
    """Something else was chosen: ask no more for what goes with nothing of it, but for what is new."""
    needed = {need.slug for need in needs_of(row.terms)}
    missing = SponsorAsset.sponsorship_id == row.id, SponsorAsset.given_at.is_(None)
    await tx.execute(delete(SponsorAsset).where(*missing, SponsorAsset.slug.not_in(needed)))
    if row.state in AGREED:
        await ask_for(tx, row, log)


def asked_in(state: str, assets: list[SponsorAsset]) -> list[SponsorAsset]:
    """Those that were given, and those that are missing as long as it is agreed on."""
    return [one for one in assets if one.given_at or state in AGREED]


def seen_beside(held: SponsorshipStep | None, assets: Iterable[SponsorAsset]) -> list[SponsorAsset]:
    """Those that the sponsor sees: not what an approval asks for that can still be undone."""
    return [one for one in assets if held is None or one.step_id != held.id]


def missing(assets: Iterable[SponsorAsset]) -> list[SponsorAsset]:
    """Those that were not given."""
    return [one for one in assets if one.given_at is None]


def waits_for(agreement: Agreement, assets: Iterable[SponsorAsset]) -> tuple[str, str]:
    """Who has the next thing to do, and what; ("", "") where all is done."""
    row, left = agreement.row, missing(assets)
    if row.state == At.APPLIED and row.confirmed_at is None:
        return "sponsor", "open the link of the mail"
    own = {
        At.APPLIED.value: ("us", "decide"), At.APPROVED.value: ("us", "send the contract"),
        At.SENT.value: ("sponsor", "sign"), At.SIGNED.value: ("us", "execute the contract"),
    }  # fmt: skip
    if row.state in own:
        return own[row.state]
    if row.state == At.FINALIZED and left:
        return "sponsor", f"give “{left[0].title}”"
    if row.state == At.FINALIZED and row.released is None and row.level:
        return "us", "show it on the site"
    return "", ""


async def give(
    tx: AsyncSession, agreement: Agreement, asset: SponsorAsset, text: str, picture: str
) -> None:
    """The sponsor gives what was asked for; another time it replaces that."""
    if told(agreement.row, await held(tx, agreement.row.id)).state not in AGREED:
        raise Refused("Nothing is asked for now.")
    asset.text, asset.picture, asset.given_at = text, picture or None, now()
    await note(tx, Actor(), "sponsor asset given", f"sponsorships/{agreement.row.id}",
               {asset.slug: (None, None)})  # fmt: skip


async def remind(tx: AsyncSession, settings: Settings, agreement: Agreement, actor: Actor) -> None:
    """Write to the sponsor what is missing."""
    left = missing((await assets_of(tx, agreement.row.id))[agreement.row.id])
    if not left:
        raise Refused("Nothing is missing.")
    await step(tx, settings, agreement, actor, By.STAFF, "remind")
    await _write(tx, settings, agreement, left)


async def _write(
    tx: AsyncSession, settings: Settings, agreement: Agreement, left: list[SponsorAsset]
) -> None:
    link = address_of(settings, await make_link(tx, agreement.row))
    lines = tuple(f"{one.due:%-d %B %Y}: {one.title}" for one in left)
    data = {"company": agreement.sponsor.name, "missing": lines, "link": link}
    await post(tx, "sponsor-due", agreement.row.email, data)
    for one in left:
        one.reminded_at = now()


async def remind_due(tx: AsyncSession, settings: Settings) -> int:
    """Write to those who owe something within a week, at most once a week; how many there were."""
    at = now()
    due = await tx.scalars(
        select(SponsorAsset.sponsorship_id)
        .join(Sponsorship, Sponsorship.id == SponsorAsset.sponsorship_id)
        .where(Sponsorship.state.in_([state.value for state in AGREED]), Sponsorship.end >= at.date())
        .where(Sponsorship.id.not_in(await all_held(tx)))
        .where(SponsorAsset.given_at.is_(None), SponsorAsset.due <= at.date() + SOON)
        .where(or_(SponsorAsset.reminded_at.is_(None), SponsorAsset.reminded_at < at - SOON))
        .distinct().order_by(SponsorAsset.sponsorship_id)
    )  # fmt: skip
    numbers = list(due)
    for number in numbers:
        agreement = await load(tx, number)
        if agreement:
            left = missing((await assets_of(tx, number))[number])
            await _write(tx, settings, agreement, left)
    return len(numbers)

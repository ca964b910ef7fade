"""The sponsorship of the next year, made of this year's with one click."""

from __future__ import annotations

import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from sidecar.database import in_turn
from sidecar.permissions import Actor
from sidecar.settings import Settings
from sidecar.sponsors.agreements import Agreement, step, write_down
from sidecar.sponsors.applications import taken
from sidecar.sponsors.offer import Terms, agreed, faults_of, price_of
from sidecar.sponsors.steps import At, By
from sidecar.tables.sponsors import Sponsorship
from sidecar.tokens import free_id
from sidecar.workflow import Refused

DAY = datetime.timedelta(days=1)
OVER = (At.REJECTED.value, At.WITHDRAWN.value)


async def renew(
    tx: AsyncSession, settings: Settings, terms: Terms, agreement: Agreement, actor: Actor
) -> Sponsorship:
    """A new one that begins the day after the old one ends, at the prices of today.

    Where the terms of today do not have the same choice, it keeps those of the old one.
    """
    old = agreement.row
    agreement.may(By.STAFF, "renew")
    await in_turn(tx, f"renews sponsorship {old.id}")  # a double click is one
    known = select(Sponsorship.id).where(Sponsorship.renews == old.id)
    if await tx.scalar(known.where(Sponsorship.state.not_in(OVER))):
        raise Refused("It is renewed already.")
    if old.end is None:
        raise Refused("It has no last day.")
    addons = tuple(one["slug"] for one in old.terms["addons"])
    faults = list(faults_of(terms, old.level, addons, await taken(tx, old.id), by_staff=True))
    new = Sponsorship(
        public_id=await free_id(tx, Sponsorship), sponsor_id=old.sponsor_id, email=old.email,
        email_key=old.email_key, confirmed_at=old.confirmed_at, digest="", logo=old.logo,
        payload=dict(old.payload), level=old.level, renews=old.id,
        terms=dict(old.terms) if faults else agreed(terms, old.level, addons),
        price=old.price if faults else price_of(terms, old.level, addons),
        start=old.end + DAY, end=a_year_after(old.end),
    )  # fmt: skip
    tx.add(new)
    await tx.flush()
    await step(tx, settings, agreement, actor, By.STAFF, "renew")
    await write_down(tx, actor, Agreement(new, agreement.sponsor), "apply")
    return new


def a_year_after(day: datetime.date) -> datetime.date:
    """The same day of the next year; of a leap day, the last one of February.

    >>> a_year_after(datetime.date(2028, 2, 29)).isoformat()
    '2029-02-28'
    """
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return day.replace(year=day.year + 1, day=28)

"""Somebody wants to be a sponsor: what is asked, and how it is kept.

No account is needed.  It stands in the list of the staff at once; its sender gets a link, and has
proved the address when that is opened.
"""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any

from msgspec import Meta
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from pydotorg_build.content.bars import grouped
from pydotorg_build.content.fields import MailAddress, WebAddress
from pydotorg_build.digests import digest
from sidecar.clock import now
from sidecar.database import in_turn
from sidecar.fairness import refuse_blocked
from sidecar.kinds.base import SAME_WITHIN, Handed, Needed, PictureName, Short, payload_of
from sidecar.mail import post
from sidecar.people import key_of
from sidecar.permissions import Actor
from sidecar.settings import Settings
from sidecar.sponsors.agreements import Agreement, address_of, make_link, refuse_held, write_down
from sidecar.sponsors.assets import chosen_anew
from sidecar.sponsors.offer import Terms, agreed, price_of, title_of
from sidecar.sponsors.steps import AGREED, OPEN, UNSENT, By
from sidecar.tables.sponsors import Sponsor, Sponsorship
from sidecar.tokens import free_id
from sidecar.workflow import Refused

IN_CONTRACT = "The contract that was sent names the company, the level and the add-ons"
FIRST_NULLIFIED = ". Before they are changed it has to be nullified: ask us for that."
SO_IT_STAYS = ", and both have signed it: they stay."


class Application(Handed, frozen=True, kw_only=True):
    """What is asked of somebody who wants to be a sponsor; `sender` is the first contact."""

    company: Annotated[str, Meta(min_length=1, max_length=100)]
    website: WebAddress = ""
    description: Annotated[str, Meta(max_length=2000)] = ""
    logo: PictureName = ""
    level: Short = ""
    addons: tuple[str, ...] = ()
    contact_name: Needed
    phone: Annotated[str, Meta(max_length=40)] = ""
    accounting_name: Short = ""
    accounting_email: MailAddress = ""
    address: Annotated[str, Meta(min_length=1, max_length=500)]
    city: Needed
    postal_code: Annotated[str, Meta(max_length=40)] = ""
    country: Needed
    incorporated_in: Short = ""
    message: Annotated[str, Meta(max_length=5000)] = ""


async def apply(
    tx: AsyncSession, settings: Settings, terms: Terms, given: Application
) -> Sponsorship:
    """Take an application.  The same one sent twice within ten minutes is one."""
    await refuse_blocked(tx, given.sender)
    await in_turn(tx, f"sponsor application of {key_of(given.sender)}")  # a double click is one
    payload = payload_of(given)
    known = await _sent_already(tx, given, payload)
    if known:
        return known
    sponsor = await sponsor_of(tx, given.company)
    row = Sponsorship(
        public_id=await free_id(tx, Sponsorship), sponsor_id=sponsor.id,
        email=given.sender, email_key=key_of(given.sender), digest=_digest(given, payload),
        **columns_of(terms, given),
    )  # fmt: skip
    tx.add(row)
    await tx.flush()
    await write_down(tx, Actor(), Agreement(row, sponsor), "apply")
    link = await make_link(tx, row)
    await post(tx, "sponsor-received", row.email, {"link": address_of(settings, link)})
    told = {"company": sponsor.name, "level": title_of(row.terms), "price": grouped(row.price),
            "link": f"{settings.url}/admin/sponsors/{row.id}"}  # fmt: skip
    await post(tx, "sponsor-new", settings.sponsors_mail, told)
    return row


def _digest(given: Application, payload: dict[str, Any]) -> str:
    return digest(["sponsor", key_of(given.sender), payload])


async def _sent_already(
    tx: AsyncSession, given: Application, payload: dict[str, Any]
) -> Sponsorship | None:
    since = now() - SAME_WITHIN
    found: Sponsorship | None = await tx.scalar(
        select(Sponsorship)
        .where(Sponsorship.digest == _digest(given, payload), Sponsorship.created > since)
    )  # fmt: skip
    return found


def columns_of(terms: Terms, given: Application) -> dict[str, Any]:
    """What a form becomes in a row."""
    return {
        "payload": payload_of(given), "logo": given.logo or None, "level": given.level,
        "terms": agreed(terms, given.level, given.addons),
        "price": price_of(terms, given.level, given.addons),
    }  # fmt: skip


async def sponsor_of(tx: AsyncSession, name: str) -> Sponsor:
    """The sponsor of a name; a new one, where nobody is called so."""
    await in_turn(tx, "sponsors")  # of two who name a new one at once, the second finds it
    key = " ".join(name.casefold().split())
    found: Sponsor | None = await tx.scalar(select(Sponsor).where(Sponsor.name_key == key))
    if found is None:
        found = Sponsor(public_id=await free_id(tx, Sponsor), name=" ".join(name.split()),
                        name_key=key)  # fmt: skip
        tx.add(found)
        await tx.flush()
    return found


async def confirm(tx: AsyncSession, agreement: Agreement) -> None:
    """Whoever opened a link that was sent to the address has the address."""
    row = agreement.row
    if row.confirmed_at is None:
        row.confirmed_at = now()
        await tx.flush()


async def change(
    tx: AsyncSession, actor: Actor, by: By, agreement: Agreement, terms: Terms, given: Application
) -> None:
    """Put another form in place of the one that was handed in; its first contact stays who it is."""
    row = agreement.row
    await refuse_held(tx, row)
    agreement.may(by, "change")
    was = row.payload
    if payload_of(given) == was:
        return
    is_same_choice = is_choice_of(row, given.level, given.addons)
    if (why := why_fixed(row)) and not (is_same_choice and given.company == was["company"]):
        raise Refused(why)
    sponsor = await sponsor_of(tx, given.company)
    columns = columns_of(terms, given)
    if is_same_choice:
        del columns["terms"], columns["price"]  # what was agreed stays, whatever the terms of today
    for name, value in columns.items():
        setattr(row, name, value)
    row.sponsor_id = sponsor.id
    fields = {name: (None, None) for name, value in row.payload.items() if was.get(name) != value}
    log = await write_down(tx, actor, Agreement(row, sponsor), "change", changes=fields)
    if "terms" in columns:
        await chosen_anew(tx, row, log)


def is_choice_of(row: Sponsorship, level: str, addons: tuple[str, ...]) -> bool:
    """Is this what was chosen already?"""
    return (row.level, row.payload["addons"]) == (level, list(addons))


def why_fixed(row: Sponsorship) -> str:
    """Why the company and what was chosen cannot be changed now; empty where they can."""
    if row.state in UNSENT:
        return ""
    return IN_CONTRACT + (FIRST_NULLIFIED if row.state in OPEN else SO_IT_STAYS)


async def taken(db: AsyncSession, but: int = 0, *, alone: bool = False) -> dict[str, int]:
    """How many of each add-on are agreed on with somebody, `but` the sponsorship of a number.

    `alone` waits for all others who decide: of two who want the last one the second is told.
    """
    today = now().date()
    asked = select(Sponsorship).where(Sponsorship.state.in_([s.value for s in OPEN | AGREED]))
    asked = asked.where(func.coalesce(Sponsorship.end, today) >= today).order_by(Sponsorship.id)
    if alone:
        asked = asked.with_for_update().execution_options(populate_existing=True)
    return Counter(
        addon["slug"] for row in await db.scalars(asked)
        if row.id != but and row.state in AGREED for addon in row.terms.get("addons", [])
    )  # fmt: skip

"""The list of addresses that are written to no more, and what still goes to them.

An address comes onto it when its server says that there is no such mailbox, when a letter came back
(`returned.py`), when somebody complained or wants no letters to many, or by staff.  Letters about
the safety of an account go to everybody; whoever only unsubscribed gets all but letters to many.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from sidecar.letters import LETTERS
from sidecar.people import key_of
from sidecar.sealing import Use, seal, unseal
from sidecar.settings import Settings
from sidecar.tables.work import Reason, Suppression

URL = "/account/unsubscribe"
LONGEST_DETAIL = 500
WORDS = {
    Reason.BOUNCED: "letters to it came back",
    Reason.COMPLAINED: "a letter was reported as unwanted",
    Reason.STAFF: "staff put it on the list",
    Reason.UNSUBSCRIBED: "letters to many are not wanted there",
}


async def found(tx: AsyncSession, address: str) -> Suppression | None:
    """What the list says about an address."""
    return await tx.scalar(select(Suppression).where(Suppression.email_key == key_of(address)))


async def suppress(
    tx: AsyncSession, address: str, reason: Reason, *, detail: str = "", author: int = 0
) -> Suppression:
    """Put an address on the list; of two reasons the one that withholds more stays."""
    row = await found(tx, address)
    if row is None:
        row = Suppression(email=address, email_key=key_of(address), reason="")
        tx.add(row)
    if row.reason in ("", Reason.UNSUBSCRIBED.value):
        row.reason, row.detail = reason.value, detail[:LONGEST_DETAIL]
        row.author_id = author
    await tx.flush()
    return row


async def why_not(tx: AsyncSession, address: str, template: str) -> str:
    """Why a letter does not go to an address; empty where it does."""
    known = LETTERS.get(template)
    row = await found(tx, address)
    if row is None or (known and known.is_security):
        return ""
    reason = Reason(row.reason)
    if reason is Reason.UNSUBSCRIBED and not (known and known.is_bulk):
        return ""
    return f"not sent: {WORDS[reason]}"


def link_for(settings: Settings, address: str) -> str:
    """The page that takes an address off lists.  It needs no row, so it works as long as the secret."""
    sealed = seal(settings.secret, Use.UNSUBSCRIBING, "", address)
    return f"{settings.url}{URL}/{sealed}"


def address_of(settings: Settings, sealed: str) -> str:
    """The address that a link was made for; raises sealing.Unreadable."""
    return unseal(settings.secret, Use.UNSUBSCRIBING, "", sealed)

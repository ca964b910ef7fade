"""Letters to many at once: to whom they go, and each as a mail of its own.

So the log says of every address what became of it, and one that cannot be reached stops no other.
Each letter carries what ends them: a link in its text, and the same in its head, which mail programs
show as a button (RFC 8058).
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Sequence

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from pydotorg_build.content.base import Fault
from sidecar import suppression
from sidecar.clock import now
from sidecar.letters.accounts import News
from sidecar.mail import compose
from sidecar.people import ADDRESS, key_of
from sidecar.settings import Settings
from sidecar.tables.accounts import Membership, User
from sidecar.tables.work import Mail, MailState, Reason

LETTER = "news"
MOST = 5000
AUDIENCES = {
    "members": "Members of the Foundation who want announcements",
    "addresses": "The addresses below",
}


def read_addresses(text: str) -> tuple[list[str], list[Fault]]:
    """The addresses of a text, one a line, each once; and the lines that hold none."""
    lines = [(number, line.strip()) for number, line in enumerate(text.split("\n"), 1)]
    wrong = [(number, line) for number, line in lines if line and not re.fullmatch(ADDRESS, line)]
    faults = [Fault("addresses", f"line {number} is no address: {line[:80]}")
              for number, line in wrong[:1]]  # fmt: skip
    found = {key_of(line): line for _, line in lines if line}
    if not faults and len(found) > MOST:
        faults = [Fault("addresses", f"must be at most {MOST}, not {len(found)}")]
    return list(found.values()), faults


async def members(tx: AsyncSession) -> list[str]:
    """The confirmed addresses of members who want announcements."""
    rows = await tx.scalars(
        select(User.email).join(Membership, Membership.user_id == User.id)
        .where(Membership.announcements, User.is_active, User.confirmed_at.is_not(None))
        .order_by(User.id)
    )  # fmt: skip
    return list(rows)


def written(
    settings: Settings, wording: str, subject: str, text: str, addresses: Sequence[str]
) -> Iterator[Mail]:
    """A mail to each address."""
    for address in addresses:
        link = suppression.link_for(settings, address)
        letter = compose(LETTER, News(subject=subject, text=text, unsubscribe=link), wording)
        yield Mail(
            template=LETTER, recipient=address, subject=letter.subject, text=letter.text,
            html=letter.html, message_id=secrets.token_hex(16), state=MailState.QUEUED.value,
            headers=heads(link), not_before=now(),
        )  # fmt: skip


def heads(link: str) -> dict[str, str]:
    """What the head of a letter to many says: how one is taken off the list, with one click."""
    return {
        "List-Unsubscribe": f"<{link}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Precedence": "bulk",
    }


async def unsubscribe(tx: AsyncSession, address: str) -> None:
    """Write no more letters to many to an address."""
    await suppression.suppress(tx, address, Reason.UNSUBSCRIBED)
    whose = select(User.id).where(User.email_key == key_of(address))
    wanted = update(Membership).where(Membership.user_id.in_(whose), Membership.announcements)
    await tx.execute(wanted.values(announcements=False, version=Membership.version + 1))


async def subscribe(tx: AsyncSession, address: str) -> None:
    """Somebody wants announcements again; what else is said about the address stays."""
    row = await suppression.found(tx, address)
    if row is not None and row.reason == Reason.UNSUBSCRIBED.value:
        await tx.delete(row)

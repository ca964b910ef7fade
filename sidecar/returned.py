"""Letters that came back: what a mail server says about one of ours that could not be delivered
(RFC 3464), or that its reader reported as unwanted (RFC 5965).

Only what names the Message-ID of a mail of ours counts, and then the address is that of our row: so
nobody can put another's address on the list by writing to us.
"""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from email.message import Message
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from sidecar.suppression import suppress
from sidecar.tables.work import Mail, Reason

MESSAGE_ID = re.compile(r"<([0-9a-f]{32})@[^>\s]+>")
LARGEST = 1_000_000
PERMANENT = re.compile(r"\s*5\.")


class Returned(NamedTuple):
    """What came back: the random part of its Message-ID, why, and what the server said."""

    message_id: str
    reason: Reason
    said: str


def read(source: bytes) -> Returned | None:
    """What a report says; None where it is none, or where the letter may still arrive."""
    message = email.message_from_bytes(source[:LARGEST])
    parts = list(message.walk())
    kinds = {part.get_content_type(): part for part in parts}
    known = [found for part in parts for found in MESSAGE_ID.findall(_text(part))]
    if not known:
        return None
    if "message/feedback-report" in kinds:
        return Returned(known[-1], Reason.COMPLAINED, "reported by its reader")
    status = kinds.get("message/delivery-status")
    failed = [one for one in _blocks(status) if _is_final(one)] if status else []
    if not failed:
        return None
    said = failed[0].get("Diagnostic-Code") or failed[0].get("Status") or ""
    return Returned(known[-1], Reason.BOUNCED, " ".join(str(said).split()))


def _text(part: Message) -> str:
    """The text of a part with its own head, where the returned letter's Message-ID stands."""
    own = str(part.get("Message-ID", ""))
    body = part.get_payload(decode=True)
    return f"{own}\n{body.decode('utf-8', 'replace')}" if isinstance(body, bytes) else own


def _blocks(status: Message) -> Iterator[Message]:
    """The blocks of a report, one a recipient."""
    payload = status.get_payload()
    return (
        (one for one in payload if isinstance(one, Message))
        if isinstance(payload, list)
        else iter(())
    )


def _is_final(block: Message) -> bool:
    action, status = str(block.get("Action", "")), str(block.get("Status", ""))
    return action.strip().casefold() == "failed" and bool(PERMANENT.match(status))


async def take(tx: AsyncSession, returned: Returned) -> bool:
    """Put the address of the mail on the list; False where it is no mail of ours."""
    mail = await tx.scalar(select(Mail).where(Mail.message_id == returned.message_id))
    if mail is None or not mail.recipient:
        return False
    await suppress(tx, mail.recipient, returned.reason, detail=returned.said)
    mail.error = f"came back: {returned.said}"[:500]
    return True

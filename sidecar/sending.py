"""A mail on its way: by SMTP, or, in development without a mail server, into a folder.

A mail that a server took is sent, whatever happens next; where the server said "later", or was not
there, the queue tries again; where it said "never", the mail is dead and says why.
"""

from __future__ import annotations

import re
from contextlib import suppress
from email.headerregistry import HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy, default
from email.utils import format_datetime, parseaddr
from pathlib import Path
from typing import Any

from sidecar import suppression
from sidecar.clock import now
from sidecar.mail import SEND
from sidecar.queue import GiveUp, LostLease, Work, task
from sidecar.settings import Settings
from sidecar.tables.work import Mail, MailState, Reason

SECONDS = 20
# A mail to it fails while one works on the site, to see what becomes of it then.
FAILS = "fails@sidecar.invalid"
# Codes that say that a mailbox is not there or takes nothing any more.  A plain 550 may as well be
# about us, and one mistake in our settings must not put everybody on the list.
NO_MAILBOX = re.compile(r"\b5\.(?:1\.(?:1|2|3|6|10)|2\.1)\b")


class Plain(UnstructuredHeader):
    """A header that is written as it is: nobody reads an address in it that is encoded or folded."""

    def fold(self: Any, *, policy: Policy) -> str:
        """Write it."""
        return f"{self.name}: {self}{policy.linesep}"


HEADERS = HeaderRegistry()
HEADERS.map_to_type("list-unsubscribe", Plain)  # type: ignore[arg-type] # typeshed wants what it makes of it
WRITTEN = default.clone(header_factory=HEADERS)


class NoMailbox(GiveUp):
    """The server says that there is no such mailbox."""


@task(SEND)
async def send(work: Work) -> None:
    """Send one mail of the outbox."""
    async with work.db.read() as asking:
        mail = await asking.get(Mail, work.payload["mail"])
        why = await suppression.why_not(asking, mail.recipient, mail.template) if mail else ""
    if mail is None or mail.state != MailState.QUEUED.value:
        return
    if why:
        async with work.finishing() as tx:
            row = await tx.get_one(Mail, mail.id)
            row.state, row.error = MailState.DEAD.value, why
        return
    try:
        await hand_over(work.settings, mail)
    except Exception as error:
        is_over = isinstance(error, GiveUp) or work.is_last_try
        is_bounce = isinstance(error, NoMailbox)
        await _note(work, mail.id, _said(error), is_over=is_over, is_bounce=is_bounce)
        raise
    async with work.finishing() as tx:
        row = await tx.get_one(Mail, mail.id)
        row.state, row.sent_at, row.error = MailState.SENT.value, now(), ""
        row.attempts = work.task.attempts


async def _note(work: Work, number: int, why: str, *, is_over: bool, is_bounce: bool) -> None:
    """Note at the mail why it was not sent, as long as the work is ours."""
    with suppress(LostLease):
        async with work.db.write() as tx:
            await work.mark(tx, error=why)
            row = await tx.get_one(Mail, number)
            row.error, row.attempts = why, work.task.attempts
            row.state = MailState.DEAD.value if is_over else MailState.QUEUED.value
            if is_bounce:
                await suppression.suppress(tx, row.recipient, Reason.BOUNCED, detail=why)


async def hand_over(settings: Settings, mail: Mail) -> None:
    """Give a mail to the server; raises GiveUp where it will never take it."""
    if mail.recipient == FAILS and not settings.is_production:
        raise ConnectionError("this one fails, as it was asked to")
    message = as_message(settings, mail)
    if not settings.smtp_host:
        folder = Path(settings.data) / "mail"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{mail.id:06}.eml").write_bytes(message.as_bytes(policy=SMTP))
        return
    await _by_smtp(settings, message)


async def _by_smtp(settings: Settings, message: EmailMessage) -> None:
    import aiosmtplib

    try:
        await aiosmtplib.send(
            message, hostname=settings.smtp_host, port=settings.smtp_port,
            username=settings.smtp_user or None, password=settings.smtp_password or None,
            use_tls=settings.smtp_security == "tls",
            start_tls=settings.smtp_security == "starttls", timeout=SECONDS,
        )  # fmt: skip
    except (aiosmtplib.SMTPRecipientsRefused, aiosmtplib.SMTPResponseException) as error:
        if _is_final(error):
            said = _said(error)
            raise (NoMailbox if NO_MAILBOX.search(said) else GiveUp)(said) from error
        raise


def _is_final(error: Any) -> bool:
    """Did the server say that it will never take this?  That it knows us not may be mended."""
    from aiosmtplib import SMTPAuthenticationError, SMTPRecipientsRefused

    if isinstance(error, SMTPRecipientsRefused):
        return all(500 <= one.code < 600 for one in error.recipients)
    return not isinstance(error, SMTPAuthenticationError) and 500 <= error.code < 600


def _said(error: Exception) -> str:
    refused = getattr(error, "recipients", None)
    words = "; ".join(f"{one.code} {one.message}" for one in refused) if refused else str(error)
    return (words or type(error).__name__)[:500]


def as_message(settings: Settings, mail: Mail) -> EmailMessage:
    """A mail as it goes over the wire; sent again, it has the same Message-ID.

    Raises GiveUp where what is meant for an address would be read as another one, or as several.
    """
    message = EmailMessage(WRITTEN)
    domain = parseaddr(settings.mail_from)[1].partition("@")[2]
    message["From"], message["To"] = settings.mail_from, mail.recipient
    if [one.addr_spec for one in message["To"].addresses] != [mail.recipient]:
        raise GiveUp("this is no address of one mailbox")
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(mail.created)
    message["Message-ID"] = f"<{mail.message_id}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    for name, value in mail.headers.items():
        message[name] = str(value)
    message.set_content(mail.text)
    if mail.html:
        message.add_alternative(mail.html, subtype="html")
    return message

"""Mail is written in the transaction of what causes it, and sent afterwards by a worker.

    async with db.write() as tx:
        tx.add(user)
        await post(tx, "confirm", user.email, {"name": user.name, "link": link})

So it is queued exactly once, whatever happens then; and it is sent at least once, always with the
same Message-ID.  The letters there are stand in `letters.py`, their texts in `mails/`.
"""

from __future__ import annotations

import datetime
import re
import secrets
from collections.abc import Mapping
from functools import cache
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import structlog
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from sidecar.clock import now
from sidecar.letters import LETTERS, Letter
from sidecar.queue import enqueue
from sidecar.tables.work import Mail, MailOverride, MailState

FOLDER = Path(__file__).parent / "mails"
SEND = "mail.send"
ADDRESS = re.compile(r"https?://\S+")
PRIVATE = re.compile(r"https?://[^/\s]+/(?:account|submit)\b\S*")
CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
LONGEST_SUBJECT = 200
log = structlog.get_logger()
Given = Letter | Mapping[str, Any]


class Composed(NamedTuple):
    """A letter as it is sent: both forms say the same."""

    subject: str
    text: str
    html: str


async def post(
    tx: AsyncSession, template: str, to: str, data: Given, *, dedupe: str = "",
    not_before: datetime.datetime | None = None, headers: Mapping[str, str] | None = None,
) -> int:  # fmt: skip
    """Write a mail down, to be sent once the transaction stands; return its number.

    With `dedupe` a second mail of the same name is not written; the first one's number is returned.
    Raises msgspec.ValidationError where `data` is not what the letter is given, and ValueError where
    an address or a header is not one line.
    """
    for value in (to, *(headers or {}), *(headers or {}).values()):
        if one_line(value) != value:
            raise ValueError("what goes into the head of a mail must be one line")
    if dedupe and (known := await tx.scalar(select(Mail.id).where(Mail.dedupe == dedupe))):
        return known
    composed = await worded(tx, template, data)
    mail = Mail(
        template=template, recipient=to, subject=composed.subject, text=composed.text,
        html=composed.html, headers=dict(headers or {}), message_id=secrets.token_hex(16),
        dedupe=dedupe or None, state=MailState.QUEUED.value, not_before=not_before or now(),
    )  # fmt: skip
    return await _queued(tx, mail)


async def again(tx: AsyncSession, mail: Mail) -> int:
    """Send a mail once more, as a mail of its own that says which it was; return its number."""
    copy = Mail(
        template=mail.template, recipient=mail.recipient, subject=mail.subject, text=mail.text,
        html=mail.html, headers=dict(mail.headers), message_id=secrets.token_hex(16),
        state=MailState.QUEUED.value, not_before=now(), again_of=mail.id,
    )  # fmt: skip
    return await _queued(tx, copy)


async def _queued(tx: AsyncSession, mail: Mail) -> int:
    tx.add(mail)
    await tx.flush()
    await enqueue(tx, SEND, {"mail": mail.id}, dedupe=f"mail {mail.id}", not_before=mail.not_before)
    return mail.id


async def worded(tx: AsyncSession, template: str, data: Given) -> Composed:
    """A letter as staff worded it, or as its file does; a wording never keeps a mail from going."""
    found = await wording_of(tx, template)
    if found is None or LETTERS[template].is_security:
        return compose(template, data)
    try:
        return compose(template, data, as_wording(found.subject, found.text))
    except TemplateError:
        log.exception("a wording cannot be written; its file was taken", template=template)
        return compose(template, data)


async def wording_of(tx: AsyncSession, template: str) -> MailOverride | None:
    """The wording of staff that counts; None where it is that of the file."""
    rows = select(MailOverride).where(MailOverride.template == template)
    found = await tx.scalar(rows.order_by(MailOverride.id.desc()).limit(1))
    return None if found is None or found.is_removed else found


def as_wording(subject: str, text: str) -> str:
    """A wording as a file has it."""
    return f"Subject: {subject}\n{text}"


def compose(template: str, data: Given, wording: str = "") -> Composed:
    """Make a letter of its data; `wording` stands in for its file."""
    known = LETTERS[template]
    given = data if isinstance(data, known.given) else msgspec.convert(data, known.given)
    source = wording or file_of(template)
    first, _, rest = source.strip().partition("\n")
    subject, text = (
        environment().from_string(part).render(**msgspec.structs.asdict(given)).strip()
        for part in (first.removeprefix("Subject:"), rest)
    )
    subject, text = one_line(subject)[:LONGEST_SUBJECT], text + "\n"
    return Composed(subject, text, as_html(subject, text))


def without_links(text: str) -> str:
    """A text whose links into an account or a submission are not told: they prove who one is.

    >>> without_links("Open https://www.python.org/account/token/abc now.")
    'Open [a link that only its reader sees] now.'
    """
    return PRIVATE.sub("[a link that only its reader sees]", text)


def one_line(text: str) -> str:
    r"""A text that can stand in a header.

    >>> one_line(" Welcome\r\nBcc: all@example.org ")
    'Welcome Bcc: all@example.org'
    """
    return CONTROL.sub(" ", text).strip()


def as_html(subject: str, text: str) -> str:
    """The same letter for readers of HTML: no pictures, nothing that is loaded from elsewhere."""
    parts = [_paragraph(part) for part in re.split(r"\n{2,}", text.strip())]
    style = "font-family:sans-serif;font-size:16px;line-height:1.5;max-width:36em;margin:1em auto"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(subject)}'
        f'</title></head><body style="{style}">{"".join(parts)}</body></html>'
    )


def _paragraph(text: str) -> str:
    if ADDRESS.fullmatch(text):
        look = "display:inline-block;padding:.6em 1em;background:#306998;color:#fff;"
        look += "text-decoration:none;border-radius:4px;word-break:break-all"
        return f'<p><a style="{look}" href="{escape(text)}">{escape(text)}</a></p>'
    lines = (_line(line) for line in text.split("\n"))
    return f"<p>{'<br>'.join(lines)}</p>"


def _line(line: str) -> str:
    """A line with its addresses as links."""
    done, at = "", 0
    for found in ADDRESS.finditer(line):
        address = found[0].rstrip(".,;:)")
        done += escape(line[at : found.start()])
        done += f'<a href="{escape(address)}">{escape(address)}</a>'
        at = found.start() + len(address)
    return done + escape(line[at:])


@cache
def file_of(template: str) -> str:
    """The file of a letter."""
    return (FOLDER / f"{template}.txt").read_text(encoding="utf-8")


@cache
def environment() -> SandboxedEnvironment:
    """Where letters are rendered.  The text is plain: `as_html` escapes what goes into HTML."""
    return SandboxedEnvironment(
        autoescape=False,
        undefined=StrictUndefined, keep_trailing_newline=True,
    )  # fmt: skip

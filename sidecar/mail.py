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
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from sidecar.clock import now
from sidecar.letters import LETTERS, Letter
from sidecar.queue import enqueue
from sidecar.tables.work import Mail, MailState

FOLDER = Path(__file__).parent / "mails"
SEND = "mail.send"
ADDRESS = re.compile(r"https?://\S+")
CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
LONGEST_SUBJECT = 200
Given = Letter | Mapping[str, Any]


class Composed(NamedTuple):
    """A letter as it is sent: both forms say the same."""

    subject: str
    text: str
    html: str


async def post(
    tx: AsyncSession, template: str, to: str, data: Given, *, dedupe: str = "",
    not_before: datetime.datetime | None = None, headers: Mapping[str, str] | None = None,
    again_of: int | None = None,
) -> int:  # fmt: skip
    """Write a mail down, to be sent once the transaction stands; return its number.

    With `dedupe` a second mail of the same name is not written; the first one's number is returned.
    Raises msgspec.ValidationError where `data` is not what the letter is given.
    """
    if dedupe and (known := await tx.scalar(select(Mail.id).where(Mail.dedupe == dedupe))):
        return known
    composed = compose(template, data)
    mail = Mail(
        template=template, recipient=to, subject=composed.subject, text=composed.text,
        html=composed.html, headers=dict(headers or {}), message_id=secrets.token_hex(16),
        dedupe=dedupe or None, state=MailState.QUEUED.value, not_before=not_before or now(),
        again_of=again_of,
    )  # fmt: skip
    tx.add(mail)
    await tx.flush()
    await enqueue(tx, SEND, {"mail": mail.id}, dedupe=f"mail {mail.id}", not_before=not_before)
    return mail.id


def compose(template: str, data: Given, wording: str = "") -> Composed:
    """Make a letter of its data; `wording` stands in for its file."""
    known = LETTERS[template]
    given = data if isinstance(data, known.given) else msgspec.convert(data, known.given)
    source = wording or _file(template)
    first, _, rest = source.strip().partition("\n")
    subject, text = (
        _environment().from_string(part).render(**msgspec.structs.asdict(given)).strip()
        for part in (first.removeprefix("Subject:"), rest)
    )
    subject, text = one_line(subject)[:LONGEST_SUBJECT], text + "\n"
    return Composed(subject, text, as_html(subject, text))


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
def _file(template: str) -> str:
    return (FOLDER / f"{template}.txt").read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    # The text is plain: what goes into HTML is escaped by `as_html`.
    return Environment(
        loader=FileSystemLoader(FOLDER), autoescape=False,  # noqa: S701
        undefined=StrictUndefined, keep_trailing_newline=True,
    )  # fmt: skip

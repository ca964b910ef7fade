"""Mail is written in the transaction of what causes it, and sent afterwards by a worker.

    async with db.write() as tx:
        tx.add(user)
        await post(tx, "confirm", user.email, {"name": user.name, "link": link})

So it is queued exactly once, whatever happens then; and it is sent at least once, always with the
same Message-ID.  The letters there are stand in `letters/`, their texts in `mails/`.
"""

from __future__ import annotations

import datetime
import re
import secrets
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import structlog
from jinja2 import Environment, StrictUndefined, Template, TemplateError
from jinja2.sandbox import SandboxedEnvironment
from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from sidecar.clock import now
from sidecar.letters import LETTERS
from sidecar.letters.base import Letter
from sidecar.queue import enqueue, is_leased
from sidecar.tables.work import Mail, MailOverride, MailState, Task

FOLDER = Path(__file__).parent / "mails"
SEND = "mail.send"
ADDRESS = re.compile(r"https?://\S+")
PRIVATE = re.compile(r"https?://[^/\s]+/(?:account|nominate|submit)\b[^\s<>]*")
# With all that Python's mail takes for the end of a line.
CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")
LONGEST_SUBJECT = 200
# Why a mail is held for good.
UNDONE = "the decision was undone"
log = structlog.get_logger()
Given = Letter | Mapping[str, Any]


class Empty(TemplateError):
    """A letter would say nothing, so it is not written."""


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


async def post_all(tx: AsyncSession, mails: Sequence[Mail]) -> None:
    """Write many mails down at once, each a row and a piece of work of its own."""
    tx.add_all(mails)
    await tx.flush()
    tx.add_all(
        Task(kind=SEND, payload={"mail": mail.id}, dedupe=_work_of(mail.id),
             not_before=mail.not_before)
        for mail in mails
    )  # fmt: skip


async def again(tx: AsyncSession, mail: Mail) -> int:
    """Send a mail once more, as a mail of its own that says which it was; return its number."""
    copy = Mail(
        template=mail.template, recipient=mail.recipient, subject=mail.subject, text=mail.text,
        html=mail.html, headers=dict(mail.headers), message_id=secrets.token_hex(16),
        state=MailState.QUEUED.value, not_before=now(), again_of=mail.id,
    )  # fmt: skip
    return await _queued(tx, copy)


async def forget(tx: AsyncSession, *which: ColumnElement[bool]) -> bool:
    """Do not send these, since what they tell was undone; False where one was sent or is on its way.

    Their work is locked first, as a worker does it: then none of them can be taken up meanwhile.
    """
    queued, sent = (Mail.state == state.value for state in (MailState.QUEUED, MailState.SENT))
    waiting = {_work_of(mail): mail for mail in await tx.scalars(select(Mail.id).where(*which))}
    work = select(Task).where(Task.dedupe.in_(waiting)).with_for_update()
    going = [waiting[one.dedupe] for one in await tx.scalars(work) if one.dedupe and is_leased(one)]
    held = {"state": MailState.HELD.value, "error": UNDONE}
    here = *which, queued, Mail.id.not_in(going)
    await tx.execute(update(Mail).where(*here).values(**held))
    return not going and await tx.scalar(select(Mail.id).where(*which, sent).limit(1)) is None


async def _queued(tx: AsyncSession, mail: Mail) -> int:
    tx.add(mail)
    await tx.flush()
    name = _work_of(mail.id)
    await enqueue(tx, SEND, {"mail": mail.id}, dedupe=name, not_before=mail.not_before)
    return mail.id


def _work_of(mail: int) -> str:
    """What the work of sending a mail is known by."""
    return f"mail {mail}"


async def worded(tx: AsyncSession, template: str, data: Given) -> Composed:
    """A letter as staff worded it, or as its file does; a wording never keeps a mail from going."""
    source = await source_of(tx, template)
    try:
        return compose(template, data, source)
    except TemplateError:
        log.exception("a wording cannot be written; its file was taken", template=template)
        return compose(template, data)


async def source_of(tx: AsyncSession, template: str) -> str:
    """What a letter is made of: the wording of staff where there is one, else its file."""
    found = None if LETTERS[template].is_security else await wording_of(tx, template)
    return as_wording(found.subject, found.text) if found else file_of(template)


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
    if not subject or not text:
        raise Empty(f"the letter “{template}” has no {'text' if subject else 'subject'}")
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
    parts = [[pieces_of(line) for line in part.split("\n")]
             for part in re.split(r"\n{2,}", text.strip())]  # fmt: skip
    return frame().render(subject=subject, parts=parts)


def pieces_of(text: str) -> list[tuple[str, bool]]:
    """A text in pieces, and of each whether it is an address.

    >>> pieces_of("Open http://a.example/ now.")
    [('Open ', False), ('http://a.example/', True), (' now.', False)]
    """
    found: list[tuple[str, bool]] = []
    at = 0
    for match in ADDRESS.finditer(text):
        address = match[0].rstrip(".,;:)")
        found += [(text[at : match.start()], False), (address, True)]
        at = match.start() + len(address)
    return [piece for piece in [*found, (text[at:], False)] if piece[0]]


@cache
def file_of(template: str) -> str:
    """The file of a letter."""
    return (FOLDER / f"{template}.txt").read_text(encoding="utf-8")


@cache
def frame() -> Template:
    """The HTML that is put around the text of every letter."""
    look = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return look.from_string((FOLDER / "letter.html").read_text(encoding="utf-8"))


@cache
def environment() -> SandboxedEnvironment:
    """Where letters are rendered.  The text is plain: `as_html` escapes what goes into HTML."""
    return SandboxedEnvironment(
        autoescape=False, undefined=StrictUndefined, keep_trailing_newline=True, finalize=nothing,
    )  # fmt: skip


def nothing(value: Any) -> Any:
    """What is not there is said with no word."""
    return "" if value is None else value

"""The log of mails: what waits, was sent or could not be, each mail, and sending one again.

Links into an account or a submission are not shown: whoever has one could be somebody else.
"""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from sidecar.answers import Asked, go
from sidecar.audit import note
from sidecar.desk import Question, confirm, show
from sidecar.forms import Nothing, read_form
from sidecar.letters import LETTERS
from sidecar.lists import Column, Filter, Listing, contains, is_, look, since, until
from sidecar.mail import again, without_links
from sidecar.mending import BIGGEST
from sidecar.permissions import Permission, actor_of
from sidecar.tables.work import Mail, MailState, Task

URL = "/admin/mail"
STATES = {"queued": "Waiting", "sent": "Sent", "dead": "Given up", "held": "Held"}
MAILS = Listing(
    URL,
    select(Mail),
    (
        Column("created", "Written", Mail.created),
        Column("recipient", "To", Mail.recipient),
        Column("subject", "Subject", Mail.subject),
        Column("template", "Letter", Mail.template),
        Column("state", "State", Mail.state),
        Column("sent_at", "Sent", Mail.sent_at),
    ),
    (
        Filter("q", "Address", contains(Mail.recipient)),
        Filter("template", "Letter", is_(Mail.template), "choice",
               tuple((name, name) for name in sorted(LETTERS))),
        Filter("state", "State", is_(Mail.state), "choice", tuple(STATES.items())),
        Filter("since", "From", since(Mail.created), "day"),
        Filter("until", "Until", until(Mail.created), "day"),
    ),
    tie=Mail.id,
    sort="-created",
)  # fmt: skip


@get(URL, permission=Permission.MAIL_SEE)
async def mails(request: Asked, state: State) -> Response[str]:
    """List mails, the newest first, under how many there are in each state."""
    async with state.db.read() as tx:
        found = await look(tx, MAILS, request.query_params)
        asked = select(Mail.state, func.count(Mail.id)).group_by(Mail.state)
        known = {row[0]: row[1] for row in await tx.execute(asked)}
    counts = [(name, words, known.get(name, 0)) for name, words in STATES.items()]
    return show(request, "sidecar/admin/mails.html", "Mail", found=found, counts=counts,
                states=STATES)  # fmt: skip


async def mail_of(tx: AsyncSession, number: int) -> Mail:
    """The mail of an address."""
    found = await tx.get(Mail, number) if number <= BIGGEST else None
    if found is None:
        raise NotFoundException
    return found


@get(f"{URL}/{{number:int}}", permission=Permission.MAIL_SEE)
async def one(request: Asked, state: State, number: FromPath[int]) -> Response[str]:
    """Show a mail: what it says, what became of it, and when it is tried next."""
    async with state.db.read() as tx:
        mail = await mail_of(tx, number)
        task = await tx.scalar(select(Task).where(Task.dedupe == f"mail {mail.id}"))
        copies = await tx.scalars(select(Mail.id).where(Mail.again_of == mail.id).order_by(Mail.id))
        found = list(copies)
    return show(
        request, "sidecar/admin/mail.html", mail.subject or "Mail of a deleted account", mail=mail,
        text=without_links(mail.text),
        headers=[(name, without_links(value)) for name, value in mail.headers.items()],
        state_words=STATES[mail.state], copies=found,
        next_try=task.not_before if task and mail.state == MailState.QUEUED.value else None,
        may_again=may_again(mail) and actor_of(request).may(Permission.WORK_CHANGE),
    )  # fmt: skip


def may_again(mail: Mail) -> bool:
    """Can a mail be sent once more?  Not while it waits, and not without its address."""
    return mail.state in (MailState.SENT.value, MailState.DEAD.value) and bool(mail.recipient)


@get(f"{URL}/{{number:int}}/again", permission=Permission.WORK_CHANGE)
async def ask(request: Asked, state: State, number: FromPath[int]) -> Response[Any]:
    """Ask once before a mail is sent again."""
    async with state.db.read() as tx:
        mail = await mail_of(tx, number)
    back = f"{URL}/{number}"
    if not may_again(mail):
        return go(request, back, "This mail cannot be sent again now.")
    words = (
        f"Send “{mail.subject}” to {mail.recipient} again?",
        "It goes out as it is. A link in it that was used or is too old stays so.",
    )
    return confirm(request, "Send the mail again",
                   Question(words, "Send again", f"{back}/again", back))  # fmt: skip


@post(f"{URL}/{{number:int}}/again", permission=Permission.WORK_CHANGE)
async def send_again(request: Asked, state: State, number: FromPath[int]) -> Response[Any]:
    """Put a copy of a mail in the queue; the log has both."""
    form = await read_form(request, Nothing)
    if form.value is None:
        return go(request, f"{URL}/{number}/again", form.errors[0][1])
    async with state.db.write() as tx:
        mail = await mail_of(tx, number)
        if not may_again(mail):
            return go(request, f"{URL}/{number}", "This mail cannot be sent again now.")
        copy = await again(tx, mail)
        await note(tx, actor_of(request), "mail sent again", f"mails/{number}")
    return go(request, f"{URL}/{copy}", "The mail is in the queue again, as this one.")


ROUTES = (mails, one, ask, send_again)

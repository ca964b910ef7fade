"""While one works on the site, mail goes nowhere: here it is read, and its links followed.

These pages are there only in development and without a mail server.
"""

from __future__ import annotations

from typing import Any

from litestar import Response, get
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from sqlalchemy import select

from sidecar.answers import Asked, page
from sidecar.clock import now
from sidecar.mail import pieces_of
from sidecar.mending import BIGGEST
from sidecar.permissions import Permission
from sidecar.tables.work import Mail, MailState

URL = "/mail/"
NEWEST = 100


def only_here(state: State) -> None:
    """Where mail is really sent, nobody reads that of others."""
    if state.settings.is_production or state.settings.smtp_host:
        raise NotFoundException


@get(URL, permission=Permission.PUBLIC)
async def mails(request: Asked, state: State) -> Response[str]:
    """The newest mails: none whose time has not come, or whose cause was undone."""
    only_here(state)
    newest = select(Mail).order_by(Mail.id.desc()).limit(NEWEST)
    arrived = Mail.not_before <= now(), Mail.state != MailState.HELD.value
    async with state.db.read() as tx:
        found = list(await tx.scalars(newest.where(*arrived)))
    return page(request, "sidecar/mails.html", "Mail", mails=found)


@get(f"{URL}{{number:int}}", permission=Permission.PUBLIC)
async def one_mail(request: Asked, state: State, number: FromPath[int]) -> Response[str]:
    """One of them, its addresses as links."""
    only_here(state)
    async with state.db.read() as tx:
        mail = await tx.get(Mail, number) if number <= BIGGEST else None
    if mail is None:
        raise NotFoundException
    return page(request, "sidecar/mail.html", mail.subject, mail=mail, pieces=pieces_of(mail.text))


ROUTES: tuple[Any, ...] = (mails, one_mail)

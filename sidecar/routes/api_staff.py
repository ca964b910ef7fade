"""For programs of staff: the log of mails.  Described in a document of its own."""

from __future__ import annotations

import datetime
from typing import Annotated

from litestar import get
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, QueryParameter
from msgspec import Struct
from sqlalchemy import func, select

from sidecar.api import STAFF, Links, PageNumber, PageSize, links, told
from sidecar.permissions import Permission
from sidecar.routes.api_keys import in_range
from sidecar.tables.work import Mail

URL = f"{STAFF}/mails"
Words = Annotated[str, QueryParameter(max_length=200, description="Only those; empty for all.")]


class MailEntry(Struct, frozen=True):
    """A mail and what became of it; its text is not told."""

    id: int
    template: str
    recipient: str
    subject: str
    state: str
    attempts: int
    error: str
    created: datetime.datetime
    sent_at: datetime.datetime | None


class MailPage(Struct, frozen=True):
    """Some of the mails, and where the others are."""

    items: list[MailEntry]
    total: int
    page: int
    page_size: int
    links: Links


MAIL = {
    "id": 3, "template": "confirm", "recipient": "ada@example.org",
    "subject": "Confirm your address", "state": "sent", "attempts": 1, "error": "",
    "created": "2026-11-26T15:04:05Z", "sent_at": "2026-11-26T15:04:06Z",
}  # fmt: skip
PAGE = {
    "items": [MAIL], "total": 1, "page": 1, "page_size": 20,
    "links": {"first": f"{URL}?page=1&page_size=20", "prev": "", "next": "",
              "last": f"{URL}?page=1&page_size=20"},
}  # fmt: skip


def shown(mail: Mail) -> MailEntry:
    """A mail as programs of staff see it."""
    return MailEntry(
        id=mail.id, template=mail.template, recipient=mail.recipient, subject=mail.subject,
        state=mail.state, attempts=mail.attempts, error=mail.error, created=mail.created,
        sent_at=mail.sent_at,
    )  # fmt: skip


@get(URL, permission=Permission.MAIL_SEE, **told("Staff", "List mails", MailPage, PAGE))
async def mails(
    state: State, page: PageNumber = 1, page_size: PageSize = 20, template: Words = "",
    recipient: Words = "", mail_state: Annotated[str, QueryParameter(name="state", max_length=20)] = "",
) -> MailPage:  # fmt: skip
    """Tell the mails, the newest first; all filters count together."""
    wanted = {Mail.template: template, Mail.recipient: recipient, Mail.state: mail_state}
    where = [column == value.replace("\0", "") for column, value in wanted.items() if value]
    async with state.db.read() as tx:
        total = await tx.scalar(select(func.count(Mail.id)).where(*where)) or 0
        newest = select(Mail).where(*where).order_by(Mail.id.desc())
        found = await tx.scalars(newest.limit(page_size).offset((page - 1) * page_size))
        items = [shown(mail) for mail in found]
    return MailPage(items, total, page, page_size, links(URL, page, page_size, total))


@get(f"{URL}/{{id:int}}", permission=Permission.MAIL_SEE,
     **told("Staff", "See one mail", MailEntry, MAIL,
            failures=(400, 401, 403, 404, 429)))  # fmt: skip
async def mail(state: State, id: FromPath[int]) -> MailEntry:
    """Tell one mail and what became of it."""
    async with state.db.read() as tx:
        found = await tx.get(Mail, in_range(id))
    if found is None:
        raise NotFoundException
    return shown(found)


ROUTES = (mails, mail)

"""For programs of staff: the letters there are, and what each is given."""

from __future__ import annotations

import datetime

import msgspec
from litestar import get
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from sidecar.api import STAFF, told
from sidecar.letters import LETTERS
from sidecar.mail import compose, source_of, wording_of
from sidecar.permissions import Permission
from sidecar.tables.work import Mail

URL = f"{STAFF}/letters"


class LetterEntry(Struct, frozen=True):
    """A letter: by what its words come, and when it was written last."""

    name: str
    about: str
    is_security: bool
    words_of: str
    last_used: datetime.datetime | None


class LetterList(Struct, frozen=True):
    """All letters."""

    items: list[LetterEntry]


class Given(Struct, frozen=True):
    """What a letter is given: a name, what it is, and an example."""

    name: str
    type: str
    example: str


class WholeLetter(Struct, frozen=True):
    """A letter with its words, what it is given, and how it reads with the examples."""

    name: str
    about: str
    is_security: bool
    words_of: str
    last_used: datetime.datetime | None
    source: str
    given: list[Given]
    subject: str
    text: str
    html: str


ENTRY = {
    "name": "case-live", "about": "It can be read on the site now.", "is_security": False,
    "words_of": "file", "last_used": "2026-11-26T15:04:05Z",
}  # fmt: skip
WHOLE = {
    **ENTRY,
    "source": "Subject: Your {{ kind }} is on Python.org\nHello,\n\n{{ address }}\n",
    "given": [{"name": "kind", "type": "str", "example": "job"}],
    "subject": "Your job is on Python.org", "text": "Hello,\n\nhttps://www.python.org/jobs/1/\n",
    "html": "<!doctype html>…",
}  # fmt: skip


async def entry(tx: AsyncSession, name: str) -> LetterEntry:
    """What is told of a letter in the list."""
    known = LETTERS[name]
    about = (known.given.__doc__ or "").partition("\n")[0]
    is_worded = not known.is_security and await wording_of(tx, name) is not None
    last = await tx.scalar(select(func.max(Mail.created)).where(Mail.template == name))
    return LetterEntry(name, about, known.is_security, "staff" if is_worded else "file", last)


@get(URL, permission=Permission.MAIL_SEE,
     **told("Staff", "List letters", LetterList, {"items": [ENTRY]}))  # fmt: skip
async def letters(state: State) -> LetterList:
    """Tell the letters there are, whose words they have, and when each was written last."""
    async with state.db.read() as tx:
        return LetterList([await entry(tx, name) for name in sorted(LETTERS)])


@get(f"{URL}/{{name:str}}", permission=Permission.MAIL_SEE,
     **told("Staff", "See one letter", WholeLetter, WHOLE,
            failures=(400, 401, 403, 404, 429)))  # fmt: skip
async def letter(state: State, name: FromPath[str]) -> WholeLetter:
    """Tell one letter, by its name."""
    if name not in LETTERS:
        raise NotFoundException
    async with state.db.read() as tx:
        told_of = await entry(tx, name)
        source = await source_of(tx, name)
    sample = LETTERS[name].sample
    given = [
        Given(field.name, getattr(field.type, "__name__", ""), str(getattr(sample, field.name)))
        for field in msgspec.structs.fields(LETTERS[name].given)
    ]
    seen = compose(name, sample, source)
    return WholeLetter(
        **msgspec.structs.asdict(told_of), source=source, given=given, subject=seen.subject,
        text=seen.text, html=seen.html,
    )  # fmt: skip


ROUTES = (letters, letter)

"""The announcements at the top of every page, written at the desk."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from pydotorg_build.content.banners import Banner, check
from sidecar import announcements, publishing
from sidecar.answers import Asked, go
from sidecar.clock import now
from sidecar.desk import Question, confirm, show
from sidecar.forms import Form, Nothing, filled, read_form
from sidecar.lists import Column, Filter, Listing, contains, look
from sidecar.mending import BIGGEST
from sidecar.permissions import Permission, actor_of
from sidecar.tables.work import Announcement

URL = "/admin/announcements"
STATES = ("shown", "coming", "over")
BEGINNING = {"kind": "info"}
CHANGED = (
    "Somebody changed this announcement since you opened it. What you typed is still here: send it "
    "again if it should be yours."
)


def in_state(state: str) -> ColumnElement[bool]:
    """Is an announcement shown, coming or over, now?"""
    moment = now()
    return {
        "shown": (Announcement.start <= moment) & (Announcement.end > moment),
        "coming": (Announcement.start > moment) & (Announcement.end > moment),
        "over": Announcement.end <= moment,
    }[state]


ANNOUNCEMENTS = Listing(
    URL,
    select(Announcement),
    (
        Column("title", "Words", Announcement.title),
        Column("state", "State"),
        Column("start", "From", Announcement.start),
        Column("end", "Until", Announcement.end),
    ),
    (
        Filter("q", "Words", contains(Announcement.title, Announcement.message)),
        Filter("state", "State", in_state, "choice", tuple((s, s.capitalize()) for s in STATES)),
    ),
    tie=Announcement.id,
    sort="-start",
)


@get(URL, permission=Permission.SETTINGS_CHANGE)
async def listed(request: Asked, state: State) -> Response[str]:
    """List announcements, the last to begin first."""
    async with state.db.read() as tx:
        found = await look(tx, ANNOUNCEMENTS, request.query_params)
    return show(request, "sidecar/admin/announcements.html", "Announcements", found=found,
                state_of=announcements.state_of)  # fmt: skip


class Words(Banner, frozen=True, kw_only=True):
    """An announcement as it is typed; `version` is that of the record that was looked at."""

    version: int = 0


def shown(
    request: Asked, title: str, form: Form[Any], *, version: int = 0, number: int = 0,
    said: str = "",
) -> Response[str]:  # fmt: skip
    """The form of an announcement, empty or as it came."""
    return show(request, "sidecar/admin/announcement.html", title, form=form, said=said,
                number=number, version=version)  # fmt: skip


async def read_words(request: Asked) -> Form[Words]:
    """What was typed, with what its own rules say."""
    form = await read_form(request, Words)
    faults = check(form.value) if form.value else ()
    found = tuple(faults)
    return form.but(*found) if found else form


@get(f"{URL}/new", permission=Permission.SETTINGS_CHANGE)
async def new(request: Asked) -> Response[str]:
    """An empty form."""
    return shown(request, "New announcement", filled(BEGINNING))


@post(f"{URL}/new", permission=Permission.SETTINGS_CHANGE)
async def add(request: Asked, state: State) -> Response[Any]:
    """Write an announcement."""
    form = await read_words(request)
    if form.value is None:
        return shown(request, "New announcement", form)
    async with state.db.write() as tx:
        await announcements.write(tx, actor_of(request), Announcement(), form.value)
        await publishing.anew(tx, "an announcement")
    return go(request, URL, "The announcement is written. It is shown after the next build.")


async def row_of(tx: AsyncSession, number: int) -> Announcement:
    """The announcement of an address."""
    found = await tx.get(Announcement, number) if number <= BIGGEST else None
    if found is None:
        raise NotFoundException
    return found


@get(f"{URL}/{{number:int}}", permission=Permission.SETTINGS_CHANGE)
async def one(request: Asked, state: State, number: FromPath[int]) -> Response[str]:
    """The form of an announcement as it is."""
    async with state.db.read() as tx:
        row = await row_of(tx, number)
    form = filled(announcements.typed_of(row))
    return shown(request, row.title, form, number=number, version=row.version)


@post(f"{URL}/{{number:int}}", permission=Permission.SETTINGS_CHANGE)
async def change(request: Asked, state: State, number: FromPath[int]) -> Response[Any]:
    """Change an announcement, unless somebody else did so since the form was opened."""
    form = await read_words(request)
    async with state.db.write() as tx:
        row = await row_of(tx, number)
        is_stale = form.value is not None and form.value.version != row.version
        if form.value is not None and not is_stale:
            await announcements.write(tx, actor_of(request), row, form.value)
            await publishing.anew(tx, "an announcement")
            return go(request, URL, "The announcement is changed. The next build shows it.")
    said = CHANGED if is_stale else ""
    return shown(request, row.title, form, number=number, version=row.version, said=said)


@get(f"{URL}/{{number:int}}/remove", permission=Permission.SETTINGS_CHANGE)
async def ask(request: Asked, state: State, number: FromPath[int]) -> Response[str]:
    """Ask once before an announcement is taken away."""
    async with state.db.read() as tx:
        row = await row_of(tx, number)
    back = f"{URL}/{number}"
    words = (f"Remove “{row.title}”?", "It stands on no page any more after the next build.")
    return confirm(request, "Remove the announcement",
                   Question(words, "Remove", f"{back}/remove", back))  # fmt: skip


@post(f"{URL}/{{number:int}}/remove", permission=Permission.SETTINGS_CHANGE)
async def remove(request: Asked, state: State, number: FromPath[int]) -> Response[Any]:
    """Take it away."""
    form = await read_form(request, Nothing)
    if form.value is None:
        return go(request, f"{URL}/{number}/remove", form.errors[0][1])
    async with state.db.write() as tx:
        await announcements.remove(tx, actor_of(request), await row_of(tx, number))
        await publishing.anew(tx, "an announcement")
    return go(request, URL, "The announcement is removed. The next build is without it.")


ROUTES = (listed, new, add, one, change, ask, remove)

"""The announcements at the top of every page, written at the desk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from litestar import Response, get, post
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from pydotorg_build.content.base import Fault
from sidecar import announcements
from sidecar.clock import now
from sidecar.desk import Asked, Question, confirm, show
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


def form(
    request: Asked, title: str, typed: Mapping[str, str], *, version: int = 0, status: int = 200,
    faults: list[Fault] | None = None, said: str = "", number: int = 0,
) -> Response[str]:  # fmt: skip
    """The form of an announcement, empty or as it came."""
    return show(request, "sidecar/admin/announcement.html", title, status=status, typed=typed,
                faults={fault.name: fault.message for fault in faults or ()}, said=said,
                number=number, version=version)  # fmt: skip


async def typed_in(request: Asked) -> dict[str, str]:
    """What was typed into a form."""
    return {name: value for name, value in (await request.form()).items()
            if isinstance(value, str)}  # fmt: skip


@get(f"{URL}/new", permission=Permission.SETTINGS_CHANGE)
async def new(request: Asked) -> Response[str]:
    """An empty form."""
    return form(request, "New announcement", BEGINNING)


@post(f"{URL}/new", permission=Permission.SETTINGS_CHANGE)
async def add(request: Asked, state: State) -> Response[Any]:
    """Write an announcement."""
    given = await typed_in(request)
    banner, faults = announcements.read_announcement(given)
    if banner is None:
        return form(request, "New announcement", given, status=422, faults=faults)
    async with state.db.write() as tx:
        await announcements.write(tx, actor_of(request), Announcement(), banner)
    return Redirect(URL, status_code=303)


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
    typed = announcements.typed_of(row)
    return form(request, row.title, typed, number=number, version=row.version)


@post(f"{URL}/{{number:int}}", permission=Permission.SETTINGS_CHANGE)
async def change(request: Asked, state: State, number: FromPath[int]) -> Response[Any]:
    """Change an announcement, unless somebody else did so since the form was opened."""
    given = await typed_in(request)
    banner, faults = announcements.read_announcement(given)
    async with state.db.write() as tx:
        row = await row_of(tx, number)
        is_stale = given.get("_version") != str(row.version)
        if banner and not is_stale:
            await announcements.write(tx, actor_of(request), row, banner)
            return Redirect(URL, status_code=303)
    said = CHANGED if is_stale else ""
    return form(request, row.title, given, status=409 if is_stale else 422, faults=faults,
                said=said, number=number, version=row.version)  # fmt: skip


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
    async with state.db.write() as tx:
        await announcements.remove(tx, actor_of(request), await row_of(tx, number))
    return Redirect(URL, status_code=303)


ROUTES = (listed, new, add, one, change, ask, remove)

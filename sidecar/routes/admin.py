"""The first page of the desk: what waits, what fails, and what was done lately."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from litestar import Response, get
from litestar.datastructures import State
from sqlalchemy import ColumnElement, Select, func, select

from sidecar import inbox
from sidecar.answers import Asked
from sidecar.clock import now
from sidecar.desk import DESK, show
from sidecar.flags import closed
from sidecar.permissions import Actor, Permission, actor_of
from sidecar.tables.accounts import User
from sidecar.tables.work import Audit, Failure, Mail, Task

RECENT = 10
WEEK = datetime.timedelta(days=7)
DAY = datetime.timedelta(days=1)
LONG = datetime.timedelta(days=3)


class Tile(NamedTuple):
    """A number on the first page, and the list that it counts.

    `asked` gives the question for the database, by who reads the page; `is_bad` is for what should
    be none.
    """

    title: str
    url: str
    permission: Permission
    asked: Callable[[Actor], Select[Any]]
    is_bad: bool = False


def day_before(span: datetime.timedelta) -> str:
    """The day that a list is asked from, as its address has it."""
    return f"{now() - span:%Y-%m-%d}"


def start_of(span: datetime.timedelta) -> datetime.datetime:
    """The beginning of that day: the number is that of the list, not of hours."""
    return (now() - span).replace(hour=0, minute=0, second=0, microsecond=0)


def waiting(actor: Actor, *which: ColumnElement[bool]) -> Select[Any]:
    """What somebody may decide about, and nobody has."""
    lines = inbox.waiting(actor).where(*which)
    return select(func.count()).select_from(lines.subquery())


def longest_waiting(actor: Actor) -> Select[Any]:
    """What of it has waited for more than three days."""
    return waiting(actor, inbox.L.since < start_of(LONG))


TILES = (
    Tile("Handed in and waiting", "/admin/cases", Permission.ADMIN, waiting),
    Tile("Waiting for over three days", "/admin/cases?until={long}", Permission.ADMIN,
         longest_waiting, is_bad=True),
    Tile(
        "New accounts in a week", "/admin/users?since={week}", Permission.USERS_SEE,
        lambda actor: select(func.count(User.id)).where(User.created >= start_of(WEEK)),
    ),
    Tile(
        "Kinds of failures since yesterday", "/admin/failures?since={day}", Permission.WORK_SEE,
        lambda actor: select(func.count(Failure.id)).where(Failure.at >= start_of(DAY)), is_bad=True,
    ),
    Tile(
        "Mails waiting", "/admin/mail?state=queued", Permission.MAIL_SEE,
        lambda actor: select(func.count(Mail.id)).where(Mail.state == "queued"),
    ),
    Tile(
        "Mails given up", "/admin/mail?state=dead", Permission.MAIL_SEE,
        lambda actor: select(func.count(Mail.id)).where(Mail.state == "dead"), is_bad=True,
    ),
    Tile(
        "Work given up", "/admin/work?state=dead", Permission.WORK_SEE,
        lambda actor: select(func.count(Task.id)).where(Task.state == "dead"), is_bad=True,
    ),
)  # fmt: skip


class Counted(NamedTuple):
    """A number as it is shown."""

    title: str
    url: str
    number: int
    is_bad: bool


def tiles_for(actor: Actor) -> Iterator[Tile]:
    """The numbers that somebody may see."""
    return (tile for tile in TILES if actor.may(tile.permission))


@get(DESK.url, permission=Permission.ADMIN)
async def overview(request: Asked, state: State) -> Response[str]:
    """Show what waits and what fails, each number leading to its list."""
    actor = actor_of(request)
    days = {"week": day_before(WEEK), "day": day_before(DAY), "long": day_before(LONG + DAY)}
    shut = await state.db.look(closed)
    async with state.db.read() as tx:
        counted = [
            Counted(tile.title, tile.url.format(**days), await tx.scalar(tile.asked(actor)) or 0,
                    tile.is_bad)
            for tile in tiles_for(actor)
        ]  # fmt: skip
        log = await tx.execute(
            select(Audit, User.name).outerjoin(User, User.id == Audit.actor_id)
            .order_by(Audit.id.desc()).limit(RECENT if actor.may(Permission.AUDIT_SEE) else 0)
        )  # fmt: skip
    return show(request, "sidecar/admin/overview.html", "Staff desk", counted=counted,
                shut=tuple(shut.values()), log=log.all())  # fmt: skip


ROUTES = (overview,)

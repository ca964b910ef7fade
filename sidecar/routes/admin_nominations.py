"""Nominations, as staff look after them: found, seen, withdrawn with a reason, and restored."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from msgspec import Meta
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from pydotorg_build.content.base import Fault
from pydotorg_build.content.elections import ElectionCard
from sidecar import elections, nominations, nominees
from sidecar.answers import Asked, framed, go
from sidecar.clock import now
from sidecar.desk import show
from sidecar.forms import Form, Nothing, read_form
from sidecar.lists import Column, Filter, Listing, contains, is_, look
from sidecar.permissions import Permission, actor_of
from sidecar.tables.accounts import User
from sidecar.tables.elections import Answer, Nomination, Nominee
from sidecar.workflow import Refused

URL = "/admin/nominations"
WORDS = {
    Answer.ASKED.value: "Not answered", Answer.ACCEPTED.value: "Stands",
    Answer.DECLINED.value: "Does not stand", "withdrawn": "Withdrawn",
}  # fmt: skip


class Why(msgspec.Struct, frozen=True, kw_only=True):
    """Why a nominee is withdrawn."""

    reason: Annotated[str, Meta(min_length=1, max_length=5000)]


def word_of(nominee: Nominee) -> str:
    """How far a nomination is."""
    return WORDS["withdrawn" if nominee.withdrawn_at else nominee.answer]


def in_state(name: str) -> ColumnElement[bool]:
    """Is a nomination that far?"""
    if name == "withdrawn":
        return Nominee.withdrawn_at.is_not(None)
    return (Nominee.answer == name) & Nominee.withdrawn_at.is_(None)


def listing(known: tuple[ElectionCard, ...]) -> Listing:
    """All nominees, the newest first."""
    by = func.count(Nomination.id)
    rows = select(Nominee, by).outerjoin(Nomination, Nomination.nominee_id == Nominee.id)
    columns = (
        Column("name", "Name", Nominee.name),
        Column("election", "Election", Nominee.election),
        Column("state", "State", Nominee.answer),
        Column("by", "Nominated by"),
        Column("created", "Nominated", Nominee.created),
        Column("answered", "Answered", Nominee.answered_at),
    )
    filters = (
        Filter("q", "Name or address", contains(Nominee.name, Nominee.email_key)),
        Filter("election", "Election", is_(Nominee.election), "choice",
               tuple((one.id, one.title) for one in known)),
        Filter("state", "State", in_state, "choice", tuple(WORDS.items())),
    )  # fmt: skip
    return Listing(
        URL, rows.group_by(Nominee.id), columns, filters, tie=Nominee.id, sort="-created"
    )


@get(URL, permission=Permission.ELECTIONS_RUN)
async def all_of_them(request: Asked, state: State) -> Response[str]:
    """The list."""
    known = elections.known(state.settings.site)
    async with state.db.read() as tx:
        found = await look(tx, listing(known), request.query_params)
    titles = {one.id: one.title for one in known}
    return show(request, "sidecar/admin/nominations.html", "Nominations", found=found,
                titles=titles, word_of=word_of)  # fmt: skip


async def nominee_of(tx: AsyncSession, number: int) -> Nominee:
    """A nominee by their number."""
    found = await tx.get(Nominee, number)
    if found is None:
        raise NotFoundException
    return found


@get(f"{URL}/{{number:int}}", permission=Permission.ELECTIONS_RUN)
async def one(request: Asked, state: State, number: FromPath[int]) -> Response[str]:
    """One nominee, who nominated them, and what can be done."""
    return await shown(request, state, number, Form())


async def shown(
    request: Asked, state: State, number: int, form: Form[Any], status: int = 0
) -> Response[str]:
    """The page of a nominee."""
    async with state.db.read() as tx:
        nominee = await nominee_of(tx, number)
        why = list(await tx.execute(
            select(Nomination, User).join(User, User.id == Nomination.nominator_id)
            .where(Nomination.nominee_id == number).order_by(Nomination.id)
        ))  # fmt: skip
    election = elections.find(state.settings.site, nominee.election)
    return show(
        request, "sidecar/admin/nomination.html", nominee.name or "Without a name", found=nominee,
        why=why, election=election, word=word_of(nominee), form=form, status=status,
        is_held=nominees.can_be_undone(nominee),
        standing=elections.state_of(election, now()) if election else None,
        window=elections.window_of(election, now()) if election else "",
    )  # fmt: skip


@get(f"{URL}/{{number:int}}/page", permission=Permission.ELECTIONS_RUN)
async def its_page(request: Asked, state: State, number: FromPath[int]) -> Response[str]:
    """The page that it becomes, as the site will show it."""
    async with state.db.read() as tx:
        nominee = await nominee_of(tx, number)
        by = await nominees.nominators(tx, number)
    election = elections.find(state.settings.site, nominee.election)
    if election is None or not nominee.name:
        raise NotFoundException
    return framed(request, nominees.preview(state, election, nominees.typed_of(nominee), by))


def title_of(state: State, nominee: Nominee) -> str:
    """What the election of a nominee is called."""
    election = elections.find(state.settings.site, nominee.election)
    return election.title if election else nominee.election


@post(f"{URL}/{{number:int}}/withdraw", permission=Permission.ELECTIONS_RUN)
async def withdraw(request: Asked, state: State, number: FromPath[int]) -> Response[Any]:
    """Withdraw a nominee, with the reason that all who have to do with it are sent."""
    form = await read_form(request, Why)
    if form.value is None:
        return await shown(request, state, number, form)
    try:
        async with state.db.write() as tx:
            nominee = await nominee_of(tx, number)
            title = title_of(state, nominee)
            await nominations.withdraw(tx, nominee, title, actor_of(request), form.value.reason)
    except Refused as reason:
        return await shown(request, state, number, form.but(Fault("", str(reason))), 409)
    return go(request, f"{URL}/{number}", "It is withdrawn. You can undo it for half a minute, and they "
              "are told why after that.")  # fmt: skip


@post(f"{URL}/{{number:int}}/restore", permission=Permission.ELECTIONS_RUN)
async def restore(request: Asked, state: State, number: FromPath[int]) -> Response[Any]:
    """Let a nominee stand as before."""
    form = await read_form(request, Nothing)
    if form.value is None:
        return await shown(request, state, number, form)
    try:
        async with state.db.write() as tx:
            nominee = await nominee_of(tx, number)
            title = title_of(state, nominee)
            was_held = nominees.can_be_undone(nominee)
            await nominations.restore(tx, nominee, title, actor_of(request))
    except Refused as reason:
        return await shown(request, state, number, form.but(Fault("", str(reason))), 409)
    told = "nobody was told" if was_held else "they are told"
    return go(request, f"{URL}/{number}", f"It is as it was before, and {told}.")


ROUTES = (all_of_them, one, its_page, withdraw, restore)

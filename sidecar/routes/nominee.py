"""Answering a nomination: the link in the mail, and the page of a nominee.

Whoever was nominated needs no account: the link in the mail is enough.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from litestar import Response, get, post
from litestar.datastructures import State
from litestar.exceptions import NotAuthorizedException, NotFoundException
from litestar.params import FromPath
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from pydotorg_build.content.base import Fault
from pydotorg_build.content.elections import ElectionCard
from sidecar import elections, nominations, nominees
from sidecar.answers import Asked, go
from sidecar.clock import now
from sidecar.database import in_turn
from sidecar.forms import Form, Nothing, filled, read_form
from sidecar.nominations import page_of
from sidecar.overtaken import checked, marked_with
from sidecar.permissions import Actor, Permission, actor_of
from sidecar.rates import Rate
from sidecar.routes.nominate import ONE, URL, election_of, read_standing, show, show_look
from sidecar.routes.submit_links import ENDED, LINKS, Opening, bearer_cookie, bearer_of, over
from sidecar.tables.accounts import User
from sidecar.tables.elections import Nomination, Nominee
from sidecar.workflow import Refused

OPEN = f"{URL}/open"
NOMINEE = f"{ONE}/{{public_id:str}}"


class Seen(NamedTuple):
    """A nominee, as one looks at them who may: as the nominee, or as one who nominated them."""

    nominee: Nominee
    said: list[tuple[Nomination, User]]
    is_nominee: bool


@get(OPEN, permission=Permission.PUBLIC)
async def open_page(request: Asked, state: State) -> Response[Any]:
    """Show the button that leads to the nomination; nothing happens by opening the link."""
    token = request.query_params.get("token", "")
    found = await of_link(state, token)
    if found is None:
        return over(request)
    form: Form[Any] = Form(given={"token": (token,)})
    return show(request, "sidecar/nominate/open.html", "You were nominated", found[1], form=form)


@post(OPEN, permission=Permission.PUBLIC, rate=Rate.SUBMIT)
async def open_it(request: Asked, state: State) -> Response[Any]:
    """Let the bearer of a link answer for the nominee it was sent to."""
    form = await read_form(request, Opening)
    found = await of_link(state, form.typed("token")) if form.value else None
    if found is None:
        return over(request)
    nominee, token = found[0], form.typed("token")
    cookie = bearer_cookie(state.settings, "nominee", nominee.public_id, token)
    return go(request, page_of(nominee), "", cookie)


async def of_link(state: State, token: str) -> tuple[Nominee, ElectionCard] | None:
    """The nominee of a link, with the election, as long as the site has it."""
    async with state.db.read() as tx:
        nominee = await nominations.of_link(tx, token)
    election = elections.find(state.settings.site, nominee.election) if nominee else None
    return (nominee, election) if nominee and election else None


async def seen(tx: AsyncSession, request: Asked, election: str, public_id: str) -> Seen:
    """A nominee whom the one who asks may look at; for others there is nothing here."""
    nominee = await tx.scalar(
        select(Nominee).where(Nominee.election == election, Nominee.public_id == public_id)
    )
    if nominee is None and not actor_of(request).is_known:
        raise NotAuthorizedException("Sign in first.")
    if nominee is None:
        raise NotFoundException
    rows = await tx.execute(
        select(Nomination, User).join(User, User.id == Nomination.nominator_id)
        .where(Nomination.nominee_id == nominee.id).order_by(Nomination.id)
    )  # fmt: skip
    said, actor = [(nomination, user) for nomination, user in rows], actor_of(request)
    is_nominee = await is_them(tx, request, nominee)
    if not is_nominee and not actor.is_known:
        raise NotAuthorizedException("Sign in first.")
    if not is_nominee and actor.user not in {user.id for _, user in said}:
        raise NotFoundException
    return Seen(nominee, said, is_nominee)


async def is_them(tx: AsyncSession, request: Asked, nominee: Nominee) -> bool:
    """Does the nominee ask: with the account, or with the link?"""
    actor: Actor = actor_of(request)
    if actor.is_known:
        me = await tx.get_one(User, actor.user)
        theirs = select(Nominee.id).where(Nominee.id == nominee.id, nominations.is_of(me))
        if await tx.scalar(theirs):
            return True
    bearer = await nominations.of_link(tx, bearer_of(request, "nominee", nominee.public_id))
    return bearer is not None and bearer.id == nominee.id


@get(NOMINEE, permission=Permission.PUBLIC)
async def nominee_page(
    request: Asked, state: State, election: FromPath[str], public_id: FromPath[str]
) -> Response[str]:
    """Where a nomination stands; for the nominee, with the form that answers."""
    return await show_nominee(request, state, election, public_id)


async def show_nominee(
    request: Asked, state: State, election: str, public_id: str, form: Form[Any] | None = None,
    status: int = 0,
) -> Response[str]:  # fmt: skip
    """The page of a nomination; `form` is one that came back with what is wrong."""
    found = election_of(state, election)
    async with state.db.read() as tx:
        one = await seen(tx, request, election, public_id)
    words = nominees.typed_of(one.nominee)
    shown = marked_with(form or filled(words), words)
    return show(
        request, "sidecar/nominate/nominee.html", f"Nomination: {found.title}", found, seen=one, form=shown,
        address=page_of(one.nominee), status=status, is_withdrawn=nominees.is_told(one.nominee),
        answers=nominations.answers_for(one.nominee, found, now()) if one.is_nominee else set(),
    )  # fmt: skip


Step = Callable[[AsyncSession, ElectionCard, Nominee], Awaitable[None]]


async def answer(
    request: Asked, state: State, election: str, public_id: str, form: Form[Any], step: Step,
    told: str,
) -> Response[Any]:  # fmt: skip
    """Take an answer of the nominee; of nobody else."""
    found = election_of(state, election)
    if form.value is None:
        return await show_nominee(request, state, election, public_id, form)
    try:
        async with state.db.write() as tx:
            await in_turn(tx, f"nominee {public_id}")  # a double click is one
            one = await seen(tx, request, election, public_id)
            if not one.is_nominee:
                raise NotFoundException
            await step(tx, found, one.nominee)
    except Refused as reason:
        wrong = form.but(Fault("", str(reason)))
        return await show_nominee(request, state, election, public_id, wrong, 409)
    return go(request, page_of(one.nominee), told)


@post(f"{NOMINEE}/accept", permission=Permission.PUBLIC, rate=Rate.SUBMIT)
async def accept(
    request: Asked, state: State, election: FromPath[str], public_id: FromPath[str]
) -> Response[Any]:
    """Stand, or change what one says of oneself."""
    form, actor = await read_standing(request, election_of(state, election)), actor_of(request)
    async with state.db.read() as tx:
        one = await seen(tx, request, election, public_id)
    stands = nominees.typed_of(one.nominee)
    if not (form.value and all(getattr(form.value, name) == was for name, was in stands.items())):
        form = checked(form, stands)  # unless it says what stands, as a second click does

    async def step(tx: AsyncSession, found: ElectionCard, nominee: Nominee) -> None:
        assert form.value is not None
        await nominations.accept(tx, state.settings, found, nominee, actor, form.value)

    told = "You stand in this election, with these words."
    return await answer(request, state, election, public_id, form, step, told)


@post(f"{NOMINEE}/preview", permission=Permission.PUBLIC, rate=Rate.SUBMIT)
async def preview(
    request: Asked, state: State, election: FromPath[str], public_id: FromPath[str]
) -> Response[str]:
    """Show the page as it will be, of what was typed; nothing is kept."""
    found = election_of(state, election)
    form = await read_standing(request, found, is_look=True)
    async with state.db.read() as tx:
        one = await seen(tx, request, election, public_id)
    if not one.is_nominee:
        raise NotFoundException
    if form.value:
        return show_look(state, found, form.value)
    form = checked(form, nominees.typed_of(one.nominee))
    return await show_nominee(request, state, election, public_id, form)


@post(f"{NOMINEE}/decline", permission=Permission.PUBLIC, rate=Rate.SUBMIT)
async def decline(
    request: Asked, state: State, election: FromPath[str], public_id: FromPath[str]
) -> Response[Any]:
    """Not stand."""
    form, actor = await read_form(request, Nothing), actor_of(request)

    async def step(tx: AsyncSession, found: ElectionCard, nominee: Nominee) -> None:
        await nominations.decline(tx, state.settings, found, nominee, actor)

    told = "You do not stand in this election. As long as nominations are open you may change that."
    return await answer(request, state, election, public_id, form, step, told)


@post(f"{NOMINEE}/end-links", permission=Permission.PUBLIC, rate=Rate.SUBMIT)
async def end_links(
    request: Asked, state: State, election: FromPath[str], public_id: FromPath[str]
) -> Response[Any]:
    """Let no link of the nominee work any more, this one included."""
    form = await read_form(request, Nothing)
    if form.value is None:
        return await show_nominee(request, state, election, public_id, form)
    async with state.db.write() as tx:
        one = await seen(tx, request, election, public_id)
        if not one.is_nominee:
            raise NotFoundException
        await nominations.end_links(tx, one.nominee)
    return go(request, LINKS, ENDED)


ROUTES = (open_page, open_it, nominee_page, accept, preview, decline, end_links)

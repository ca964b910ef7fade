"""Where somebody is signed in: each browser, and the end of it."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.datastructures import State
from litestar.params import FromPath
from sqlalchemy import delete, select

from sidecar.account import show
from sidecar.answers import Asked, go
from sidecar.audit import note
from sidecar.browsers import browser_name
from sidecar.clock import now
from sidecar.forms import Nothing, read_form
from sidecar.permissions import Permission, actor_of
from sidecar.tables.accounts import Session

URL = "/account/sessions"


@get(URL, permission=Permission.ACCOUNT)
async def sessions_page(request: Asked, state: State) -> Response[str]:
    """All browsers that are signed in, the one that asks first."""
    actor = actor_of(request)
    mine = (
        select(Session)
        .where(Session.user_id == actor.user, Session.expires > now())
        .order_by((Session.id == actor.session).desc(), Session.seen.desc())
    )
    async with state.db.read() as tx:
        found = list(await tx.scalars(mine))
    return show(request, "sidecar/account/sessions.html", "Where you are signed in", sessions=found,
                browser_name=browser_name)  # fmt: skip


@post(f"{URL}/others", permission=Permission.ACCOUNT)
async def end_others(request: Asked, state: State) -> Response[Any]:
    """Sign out everywhere but here."""
    actor = actor_of(request)
    return await end(request, state, Session.id != actor.session, "All other browsers")


@post(f"{URL}/{{number:int}}", permission=Permission.ACCOUNT)
async def end_one(request: Asked, state: State, number: FromPath[int]) -> Response[Any]:
    """Sign one browser out."""
    return await end(request, state, Session.id == number, "That browser")


async def end(request: Asked, state: State, which: Any, what: str) -> Response[Any]:
    """Sign out some of one's own browsers."""
    form = await read_form(request, Nothing)
    if form.value is None:
        return go(request, URL, form.errors[0][1])
    actor = actor_of(request)
    async with state.db.write() as tx:
        gone = await tx.execute(delete(Session).where(Session.user_id == actor.user, which))
        if getattr(gone, "rowcount", 0):
            await note(tx, actor, "signed out elsewhere", f"users/{actor.user}")
    return go(
        request, URL, f"{what} was signed out." if "All" not in what else f"{what} were signed out."
    )


ROUTES = (sessions_page, end_others, end_one)

"""Nominating somebody else, or oneself, in an election: the forms.  Whoever nominates has an account."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Meta
from sqlalchemy import select

from pydotorg_build.content import elections as content
from pydotorg_build.content.base import HOME, Crumb, Fault
from pydotorg_build.content.elections import ElectionCard
from sidecar import elections, nominations, nominees
from sidecar.answers import Asked, go, page
from sidecar.clock import DAY, now
from sidecar.forms import Form, filled, read_form, readable
from sidecar.limits import count
from sidecar.nominations import page_of
from sidecar.nominees import Standing
from sidecar.people import ADDRESS, Impossible
from sidecar.permissions import Permission, actor_of
from sidecar.rates import Rate
from sidecar.tables.accounts import User
from sidecar.tables.elections import Nominee
from sidecar.workflow import Refused

URL = "/nominate"
ONE = f"{URL}/{{election:str}}"
MOST = 20
OURS = "Elections"


class Other(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody else who is nominated, and why."""

    who: Annotated[
        str,
        Meta(
            max_length=254,
            pattern=rf"^({ADDRESS}|[A-Za-z0-9][A-Za-z0-9._-]+)$",
            examples=["ada@example.org, or the user name ada"],
            title="E-mail address or user name",
        ),
    ]
    name: Annotated[str, Meta(min_length=1, max_length=200)]
    why: Annotated[str, Meta(max_length=5000)] = ""


def election_of(state: State, name: str) -> ElectionCard:
    """The election of an address."""
    found = elections.find(state.settings.site, name)
    if found is None:
        raise NotFoundException
    return found


def show(
    request: Asked, template: str, title: str, election: ElectionCard, **data: Any
) -> Response[str]:
    """A page about nominations, below that of its election."""
    at = now()
    crumbs = (HOME, Crumb(OURS, content.URL), Crumb(election.title, election.url))
    return page(
        request, template, title, crumbs=crumbs, election=election,
        standing=elections.state_of(election, at), window=elections.window_of(election, at),
        is_open=elections.is_open(election, at), **data,
    )  # fmt: skip


@get(URL, permission=Permission.PUBLIC)
async def begin() -> Redirect:
    """Lead to the elections there are."""
    return Redirect(content.URL, status_code=302)


@get(ONE, permission=Permission.PUBLIC)
async def other_page(request: Asked, state: State, election: FromPath[str]) -> Response[str]:
    """Whether one may nominate now, and the form."""
    return show_other(request, election_of(state, election), Form())


def show_other(
    request: Asked, election: ElectionCard, form: Form[Any], status: int = 0
) -> Response[str]:
    """The form for somebody else."""
    return show(request, "sidecar/nominate/other.html", f"Nominate: {election.title}", election, form=form,
                status=status)  # fmt: skip


@post(ONE, permission=Permission.ACCOUNT, rate=Rate.SUBMIT)
async def nominate_other(request: Asked, state: State, election: FromPath[str]) -> Response[Any]:
    """Nominate somebody else: they are written to, and asked."""
    found, form, actor = (
        election_of(state, election),
        await read_form(request, Other),
        actor_of(request),
    )
    given = form.value
    if given is None:
        return show_other(request, found, form)
    await count(state.db, f"nominate {actor.user}", most=MOST, seconds=DAY)
    try:
        async with state.db.write() as tx:
            nominee, is_first = await nominations.nominate(
                tx, state.settings, found, actor, given.who, given.name, given.why
            )
    except Impossible as unknown:
        return show_other(request, found, form.but(Fault("who", str(unknown))))
    except Refused as reason:
        return show_other(request, found, form.but(Fault("", str(reason))), 409)
    told = "Thank you. They are asked by mail whether they stand."
    again = f"You have nominated them already{'; what you wrote was changed' * bool(given.why)}."
    return go(request, page_of(nominee), told if is_first else again)


@get(f"{ONE}/myself", permission=Permission.ACCOUNT)
async def self_page(request: Asked, state: State, election: FromPath[str]) -> Response[Any]:
    """The form for oneself; whoever was nominated already has a page of their own."""
    found, actor = election_of(state, election), actor_of(request)
    async with state.db.read() as tx:
        me = await tx.get_one(User, actor.user)
        known = await tx.scalar(
            select(Nominee).where(Nominee.election == found.id, nominations.is_of(me))
        )
    if known:
        return go(request, page_of(known))
    return show_self(request, found, filled({"name": me.full_name}))


def show_self(
    request: Asked, election: ElectionCard, form: Form[Any], status: int = 0
) -> Response[str]:
    """The form for oneself."""
    return show(request, "sidecar/nominate/myself.html", f"Nominate yourself: {election.title}", election, form=form,
                status=status)  # fmt: skip


async def read_standing(
    request: Asked, election: ElectionCard, *, is_look: bool = False
) -> Form[Standing]:
    """Read what a nominee says, with what only the whole of it tells to be wrong.

    Whoever only looks at it need not have agreed yet.
    """
    form = await read_form(request, Standing)
    whole = form.value or readable(Standing, form)
    if whole is None or form.is_refused:
        return form
    faults = nominees.faults_of(election.id, whole)
    return form.and_these(fault for fault in faults if not (is_look and fault.name == "agrees"))


@post(f"{ONE}/myself", permission=Permission.ACCOUNT, rate=Rate.SUBMIT)
async def nominate_self(request: Asked, state: State, election: FromPath[str]) -> Response[Any]:
    """Nominate oneself."""
    found = election_of(state, election)
    form = await read_standing(request, found)
    if form.value is None:
        return show_self(request, found, form)
    try:
        async with state.db.write() as tx:
            nominee = await nominations.stand(
                tx, state.settings, found, actor_of(request), form.value
            )
    except Refused as reason:
        return show_self(request, found, form.but(Fault("", str(reason))), 409)
    return go(request, page_of(nominee), "You stand in this election.")


@post(f"{ONE}/preview", permission=Permission.PUBLIC, rate=Rate.SUBMIT)
async def preview(request: Asked, state: State, election: FromPath[str]) -> Response[str]:
    """Show the page of a nominee as it will be, of what was typed; nothing is kept."""
    found = election_of(state, election)
    form = await read_standing(request, found, is_look=True)
    return show_look(state, found, form.value) if form.value else show_self(request, found, form)


def show_look(state: State, election: ElectionCard, given: Standing) -> Response[str]:
    """The page that it becomes."""
    html = nominees.preview(state, election, msgspec.structs.asdict(given), ())
    return Response(html, status_code=200, media_type="text/html")


ROUTES = (begin, other_page, nominate_other, self_page, nominate_self, preview)

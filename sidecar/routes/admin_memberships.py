"""Members of the Foundation, as staff look after them: found, seen, and given another kind."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from litestar import Response, get, post
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from sqlalchemy import ColumnElement, select

from sidecar import memberships
from sidecar.answers import Asked, go
from sidecar.audit import note
from sidecar.desk import show
from sidecar.forms import Form, filled, read_form
from sidecar.lists import Column, Filter, Listing, contains, look
from sidecar.memberships import TITLES, title_of
from sidecar.permissions import Permission, actor_of
from sidecar.tables.accounts import Membership, User

URL = "/admin/memberships"
KINDS = tuple((str(kind.value), title) for kind, title in TITLES.items())


class NewKind(msgspec.Struct, frozen=True, kw_only=True):
    """The kind that a membership becomes, by its number."""

    kind: Literal["0", "1", "2", "4", "5"]


def is_of(kind: str) -> ColumnElement[bool]:
    """Is a membership of that kind?"""
    return Membership.kind == int(kind)


def votes(answer: str) -> ColumnElement[bool]:
    """Did a member say that they want to vote?"""
    return Membership.votes.is_(answer == "yes")


MEMBERSHIPS = Listing(
    URL,
    select(Membership, User.name).join(User, User.id == Membership.user_id),
    (
        Column("name", "Name", Membership.legal_name),
        Column("account", "Account", User.name_key),
        Column("kind", "Kind", Membership.kind),
        Column("votes", "Votes"),
        Column("affirmed", "Affirmed", Membership.affirmed_at),
        Column("created", "Member since", Membership.created),
    ),
    (
        Filter("q", "Name or address",
               contains(Membership.legal_name, Membership.preferred_name, Membership.email,
                        User.name_key)),
        Filter("kind", "Kind", is_of, "choice", KINDS),
        Filter("votes", "Votes", votes, "choice", (("yes", "Yes"), ("no", "No"))),
    ),
    tie=Membership.id,
    sort="-created",
)  # fmt: skip


@get(URL, permission=Permission.USERS_SEE)
async def listed(request: Asked, state: State) -> Response[str]:
    """Show the members."""
    async with state.db.read() as tx:
        found = await look(tx, MEMBERSHIPS, request.query_params)
    return show(request, "sidecar/admin/memberships.html", "Members", found=found,
                title_of=title_of)  # fmt: skip


@get(f"{URL}/{{number:int}}", permission=Permission.USERS_SEE)
async def one(request: Asked, state: State, number: FromPath[int]) -> Response[str]:
    """Show a membership, with a form for its kind."""
    return await shown(request, state, number)


async def shown(
    request: Asked, state: State, number: int, form: Form[NewKind] | None = None
) -> Response[str]:
    """The page of a membership; `form` is what was chosen, where it comes back."""
    async with state.db.read() as tx:
        found = await tx.get(Membership, number)
        user = await tx.get(User, found.user_id) if found else None
    if found is None or user is None:
        raise NotFoundException
    return show(
        request, "sidecar/admin/membership.html", found.legal_name, found=found, user=user,
        kind=title_of(found), kinds=KINDS, form=form or filled({"kind": found.kind}),
        may_change=actor_of(request).may(Permission.USERS_CHANGE),
    )  # fmt: skip


@post(f"{URL}/{{number:int}}/kind", permission=Permission.USERS_CHANGE)
async def change(request: Asked, state: State, number: FromPath[int]) -> Response[Any]:
    """Make a membership one of another kind."""
    form = await read_form(request, NewKind)
    if form.value is None:
        return await shown(request, state, number, form)
    async with state.db.write() as tx:
        found = await tx.get(Membership, number)
        if found is None:
            raise NotFoundException
        before, found.kind = found.kind, int(form.value.kind)
        if not memberships.is_higher(found.kind):
            found.votes, found.affirmed_at = False, None
        await note(tx, actor_of(request), "kind of membership changed", f"memberships/{found.id}",
                   {"kind": (before, found.kind)})  # fmt: skip
    return go(request, f"{URL}/{number}", "The kind was changed.")


ROUTES = (listed, one, change)

"""The desk's page of addresses that are written to no more."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from msgspec import Meta
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from sidecar.answers import Asked, go
from sidecar.audit import note
from sidecar.desk import Question, confirm, show
from sidecar.forms import Form, Nothing, read_form
from sidecar.lists import Column, Filter, Listing, contains, is_, look
from sidecar.people import EmailAddress
from sidecar.permissions import Permission, actor_of
from sidecar.suppression import WORDS, suppress
from sidecar.tables.work import Reason, Suppression

URL = "/admin/mail/suppressed"
TITLES = {reason.value: words.capitalize() for reason, words in WORDS.items()}
SUPPRESSED = Listing(
    URL,
    select(Suppression),
    (
        Column("email", "Address", Suppression.email_key),
        Column("reason", "Why", Suppression.reason),
        Column("detail", "What was said"),
        Column("created", "Since", Suppression.created),
    ),
    (
        Filter("q", "Address", contains(Suppression.email_key)),
        Filter("reason", "Why", is_(Suppression.reason), "choice", tuple(TITLES.items())),
    ),
    tie=Suppression.id,
    sort="-created",
)


class Address(msgspec.Struct, frozen=True):
    """An address that staff put on the list, and why."""

    email: EmailAddress
    detail: Annotated[str, Meta(max_length=200)] = ""


async def shown(request: Asked, state: State, form: Form[Any]) -> Response[str]:
    """The list, with the form that adds to it."""
    async with state.db.read() as tx:
        found = await look(tx, SUPPRESSED, request.query_params)
    return show(request, "sidecar/admin/suppressed.html", "Written to no more", form=form,
                found=found, titles=TITLES,
                may=actor_of(request).may(Permission.WORK_CHANGE))  # fmt: skip


@get(URL, permission=Permission.MAIL_SEE)
async def listed(request: Asked, state: State) -> Response[str]:
    """List the addresses, the newest first."""
    return await shown(request, state, Form())


@post(f"{URL}/add", permission=Permission.WORK_CHANGE)
async def add(request: Asked, state: State) -> Response[Any]:
    """Put an address on the list."""
    form, actor = await read_form(request, Address), actor_of(request)
    if form.value is None:
        return await shown(request, state, form)
    given = form.value
    async with state.db.write() as tx:
        row = await suppress(tx, given.email, Reason.STAFF, detail=given.detail, author=actor.user)
        await note(tx, actor, "address put on the list", f"suppressions/{row.id}")
    return go(request, URL, "The address gets only letters about the safety of its account now.")


async def row_of(tx: AsyncSession, number: int) -> Suppression:
    """The entry of an address of ours."""
    found = await tx.get(Suppression, number)
    if found is None:
        raise NotFoundException
    return found


@get(f"{URL}/{{number:int}}/remove", permission=Permission.WORK_CHANGE)
async def ask(request: Asked, state: State, number: FromPath[int]) -> Response[str]:
    """Ask once before an address is written to again."""
    async with state.db.read() as tx:
        row = await row_of(tx, number)
    words = (
        f"Write to {row.email} again?",
        f"It is on the list because {WORDS[Reason(row.reason)]}.",
    )
    return confirm(request, "Write to it again",
                   Question(words, "Take it off the list", f"{URL}/{number}/remove", URL))  # fmt: skip


@post(f"{URL}/{{number:int}}/remove", permission=Permission.WORK_CHANGE)
async def remove(request: Asked, state: State, number: FromPath[int]) -> Response[Any]:
    """Take an address off the list."""
    form = await read_form(request, Nothing)
    if form.value is None:
        return go(request, f"{URL}/{number}/remove", form.errors[0][1])
    async with state.db.write() as tx:
        await tx.delete(await row_of(tx, number))
        await note(tx, actor_of(request), "address taken off the list", f"suppressions/{number}")
    return go(request, URL, "The address is written to again.")


ROUTES = (listed, add, ask, remove)

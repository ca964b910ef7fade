"""A sponsor puts what it handed in otherwise: the form with what is kept, its price, its look."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.datastructures import State
from litestar.params import FromPath
from sqlalchemy.orm.exc import StaleDataError

from pydotorg_build.content.base import Fault
from sidecar.answers import Asked, go
from sidecar.attachments import LARGEST_BODY
from sidecar.errors import WORDS
from sidecar.forms import Form, filled
from sidecar.overtaken import checked, marked_with
from sidecar.permissions import Actor, Permission
from sidecar.rates import Rate
from sidecar.routes.sponsor_apply import (
    ONE,
    mine,
    page_of,
    read,
    show_form,
    show_look,
    show_price,
    terms_for,
)
from sidecar.sponsors import applications
from sidecar.sponsors.agreements import Agreement
from sidecar.sponsors.steps import By
from sidecar.workflow import Refused


@get(f"{ONE}/change", permission=Permission.PUBLIC)
async def change_page(request: Asked, state: State, public_id: FromPath[str]) -> Response[str]:
    """The form, with what was written."""
    async with state.db.read() as tx:
        found = await mine(tx, request, public_id)
    form = filled({**found.row.payload, "sender": found.row.email})
    return await show_change(request, state, found, form)


async def show_change(
    request: Asked, state: State, found: Agreement, form: Form[Any]
) -> Response[str]:
    """The form of a change, over what stands now."""
    over = marked_with(form, found.row.payload)
    return await show_form(request, state, over, mine=found)


@post(f"{ONE}/change", permission=Permission.PUBLIC, rate=Rate.SUBMIT,
      request_max_body_size=LARGEST_BODY)  # fmt: skip
async def change(request: Asked, state: State, public_id: FromPath[str]) -> Response[Any]:
    """Put it otherwise: all of it until a contract is sent, and then what that does not name."""
    async with state.db.read() as tx:
        found = await mine(tx, request, public_id)
    form = checked(await read(request, state, found), found.row.payload)
    given = form.value
    if given is None:
        return await show_change(request, state, found, form)
    try:
        async with state.db.write() as tx:
            now_mine = await mine(tx, request, public_id)
            await applications.change(tx, Actor(), By.SPONSOR, now_mine, terms_for(request), given)
    except (Refused, StaleDataError) as reason:
        said = str(reason) if isinstance(reason, Refused) else WORDS[409]
        return await show_change(request, state, found, form.but(Fault("", said)))
    return go(request, page_of(found), "Your application is changed.")


@post(f"{ONE}/price", permission=Permission.PUBLIC, rate=Rate.SUBMIT,
      request_max_body_size=LARGEST_BODY)  # fmt: skip
async def price(request: Asked, state: State, public_id: FromPath[str]) -> Response[str]:
    """The form of the change with what the choice costs; nothing is changed."""
    async with state.db.read() as tx:
        found = await mine(tx, request, public_id)
    return await show_price(request, state, await read(request, state, found), found)


@post(f"{ONE}/preview", permission=Permission.PUBLIC, rate=Rate.SUBMIT,
      request_max_body_size=LARGEST_BODY)  # fmt: skip
async def preview(request: Asked, state: State, public_id: FromPath[str]) -> Response[str]:
    """Show the page that it becomes by the change; nothing is changed."""
    async with state.db.read() as tx:
        found = await mine(tx, request, public_id)
    return await show_look(request, state, found)


ROUTES = (change_page, change, price, preview)

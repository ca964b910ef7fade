"""The links of the mails about what was handed in: whoever has one looks after one submission."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.datastructures import Cookie, State
from msgspec import Meta

from sidecar import authors, cases
from sidecar.answers import Asked, go, page
from sidecar.cases import Case
from sidecar.clients import asking
from sidecar.forms import Form, read_form
from sidecar.limits import count_mail
from sidecar.people import EmailAddress
from sidecar.permissions import Permission
from sidecar.rates import Rate
from sidecar.settings import Settings

CONFIRM, OPEN, LINKS = "/submit/confirm", "/submit/open", "/submit/links"
OVER = "This link works no more"


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """The token of a link."""

    token: Annotated[str, Meta(max_length=100)]


class Whose(msgspec.Struct, frozen=True, kw_only=True):
    """The address that something was handed in with."""

    email: EmailAddress


@get(CONFIRM, permission=Permission.PUBLIC)
async def confirm_page(request: Asked, state: State) -> Response[Any]:
    """Show the button; nothing happens by opening the link."""
    return await show_button(request, state, CONFIRM, "Yes, hand it in")


@get(OPEN, permission=Permission.PUBLIC)
async def open_page(request: Asked, state: State) -> Response[Any]:
    """Show the button that leads to the page of what was handed in."""
    return await show_button(request, state, OPEN, "Open it")


async def show_button(request: Asked, state: State, act: str, words: str) -> Response[Any]:
    """The button of a link, with what it is about."""
    token = request.query_params.get("token", "")
    async with state.db.read() as tx:
        case = await cases.of_link(tx, token)
    if case is None:
        return page(request, "sidecar/submit/over.html", "This link works no more", status=410)
    form: Form[Any] = Form(given={"token": (token,)})
    return page(request, "sidecar/submit/open.html", case.submission.title, form=form, case=case,
                act=act, words=words)  # fmt: skip


@post(CONFIRM, permission=Permission.PUBLIC, rate=Rate.SUBMIT)
async def confirm(request: Asked, state: State) -> Response[Any]:
    """The sender is who they say: it joins the queue."""
    form = await read_form(request, Opening)
    token = form.typed("token")
    case = None
    async with state.db.write() as tx:
        if form.value and (case := await cases.of_link(tx, token)):
            token = await authors.confirm(tx, state.settings, case)
    if case is None:
        return page(request, "sidecar/submit/over.html", "This link works no more", status=410)
    return go(request, address_of(case), "Thank you. It is in the queue now.",
              cookie_of(state.settings, case, token))  # fmt: skip


@post(OPEN, permission=Permission.PUBLIC, rate=Rate.SUBMIT)
async def open_it(request: Asked, state: State) -> Response[Any]:
    """Let the bearer of a link look after what it is about."""
    form = await read_form(request, Opening)
    async with state.db.read() as tx:
        case = await cases.of_link(tx, form.typed("token")) if form.value else None
    if case is None:
        return page(request, "sidecar/submit/over.html", "This link works no more", status=410)
    cookie = cookie_of(state.settings, case, form.typed("token"))
    return go(request, address_of(case), "", cookie)


def address_of(case: Case) -> str:
    """The page of what was handed in."""
    return f"{case.kind.url}/{case.submission.public_id}"


def cookie_of(settings: Settings, case: Case, token: str) -> Cookie:
    """The cookie of a bearer: it is sent to the page of this one submission only."""
    return Cookie(
        key="case", value=token, path=address_of(case), httponly=True, secure=settings.is_secure,
        samesite="lax", max_age=86_400,
    )  # fmt: skip


@get(LINKS, permission=Permission.PUBLIC)
async def links_page(request: Asked) -> Response[str]:
    """Ask for the address."""
    return page(request, "sidecar/submit/links.html", "Get your links again")


@post(LINKS, permission=Permission.PUBLIC, rate=Rate.SUBMIT)
async def send_links(request: Asked, state: State) -> Response[Any]:
    """Send what there is to the address; the answer is the same, whether there is anything."""
    form = await read_form(request, Whose)
    if form.value is None:
        return page(request, "sidecar/submit/links.html", "Get your links again", form=form)
    email = form.value.email
    await count_mail(state.db, email, asking(request))
    async with state.db.write() as tx:
        await authors.send_links(tx, state.settings, email)
    return go(request, LINKS, "If something was handed in with this address, a mail is on its way.")


ROUTES = (confirm_page, confirm, open_page, open_it, links_page, send_links)

"""The links of the mails about what was handed in: whoever has one looks after one submission."""

from __future__ import annotations

import datetime
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.datastructures import Cookie, State
from msgspec import Meta
from sqlalchemy.ext.asyncio import AsyncSession

from sidecar import authors, cases, nominations
from sidecar.answers import Asked, go, page
from sidecar.cases import Case
from sidecar.clients import asking
from sidecar.clock import now
from sidecar.database import in_turn
from sidecar.forms import Form, read_form
from sidecar.kinds.base import SAME_WITHIN
from sidecar.limits import count_mail
from sidecar.people import EmailAddress
from sidecar.permissions import Permission
from sidecar.rates import Rate
from sidecar.sessions import cookie, in_cookie
from sidecar.settings import Settings
from sidecar.sponsors import agreements
from sidecar.tables.cases import LinkFor
from sidecar.tokens import digest_of
from sidecar.workflow import WAITING

CONFIRM, OPEN, LINKS = "/submit/confirm", "/submit/open", "/submit/links"
AGAIN = f"{LINKS}/again"
OVER = "This link works no more"
OPENED = datetime.timedelta(days=1)  # how long a link stays exchanged for its cookie
ENDED = "All links to it have ended. Here you get a new one."
THANKS = "Thank you. It is in the queue now."
WORDS = {LinkFor.CONFIRM: "Yes, hand it in", LinkFor.OPEN: "Open it"}


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """The token of a link."""

    token: Annotated[str, Meta(max_length=100)]


class Whose(msgspec.Struct, frozen=True, kw_only=True):
    """The address that something was handed in with."""

    email: EmailAddress


@get(CONFIRM, permission=Permission.PUBLIC)
async def confirm_page(request: Asked, state: State) -> Response[Any]:
    """Show the button; nothing happens by opening the link."""
    return await show_button(request, state, LinkFor.CONFIRM)


@get(OPEN, permission=Permission.PUBLIC)
async def open_page(request: Asked, state: State) -> Response[Any]:
    """Show the button that leads to the page of what was handed in."""
    return await show_button(request, state, LinkFor.OPEN)


async def show_button(request: Asked, state: State, door: LinkFor) -> Response[Any]:
    """The button of a link, with what it is about."""
    token = request.query_params.get("token", "")
    async with state.db.read() as tx:
        found = await cases.look(tx, token)
        if found is None or found[1] is not door or is_done(*found):
            return await not_here(request, tx, token, found)
    form: Form[Any] = Form(given={"token": (token,)})
    return page(request, "sidecar/submit/open.html", found[0].submission.title, form=form,
                case=found[0], act=f"/submit/{door}", words=WORDS[door])  # fmt: skip


def is_done(case: Case, purpose: LinkFor) -> bool:
    """Has a link done the one thing that it does?"""
    return purpose is LinkFor.CONFIRM and case.submission.handed_in is not None


async def not_here(
    request: Asked, tx: AsyncSession, token: str, found: tuple[Case, LinkFor] | None
) -> Response[str]:
    """A link that works no more, or at another address: what it is for, and which one does it."""
    if found is None or found[1] is LinkFor.GLANCE:
        return over(request)
    case, purpose = found
    if is_done(case, purpose):
        return await done(request, tx, case, token)
    return page(request, "sidecar/submit/other_link.html", "This link is for something else",
                status=409, case=case, purpose=purpose, address=f"/submit/{purpose}?token={token}")  # fmt: skip


async def done(request: Asked, tx: AsyncSession, case: Case, token: str) -> Response[str]:
    """A link that has handed something in: where that is now, for whoever may look after it.

    It opens nothing itself and names no address, so another browser has a link sent by mail.
    """
    bearer = bearer_of(request, "case", case.submission.public_id)
    mine = await cases.of_link(tx, bearer)
    is_mine = mine is not None and mine.submission.id == case.submission.id
    return page(request, "sidecar/submit/done.html", f"Your {case.kind.title} was handed in",
                status=410, case=case, token=token,
                address=address_of(case) if is_mine else "")  # fmt: skip


def over(request: Asked) -> Response[str]:
    """A link that works no more, or never did."""
    return page(request, "sidecar/submit/over.html", OVER, status=410)


@post(CONFIRM, permission=Permission.PUBLIC, rate=Rate.SUBMIT)
async def confirm(request: Asked, state: State) -> Response[Any]:
    """The sender is who they say: it joins the queue.  A second click is told what the first was."""
    form = await read_form(request, Opening)
    if form.value is None:
        return over(request)
    token = form.value.token
    async with state.db.write() as tx:
        await in_turn(tx, f"confirms {digest_of(token)}")
        found = await cases.look(tx, token)
        if found is None or found[1] is not LinkFor.CONFIRM:
            return await not_here(request, tx, token, found)
        case = found[0]
        if case.submission.handed_in is None:
            token = await authors.confirm(tx, state.settings, case)
        elif case.submission.handed_in > now() - SAME_WITHIN:
            token = await cases.make_link(tx, case.submission, LinkFor.OPEN)
        else:
            return await not_here(request, tx, token, found)
    said = THANKS if case.state in WAITING else "You have handed it in already."
    return go(request, address_of(case), said, cookie_of(state.settings, case, token))


@post(OPEN, permission=Permission.PUBLIC, rate=Rate.SUBMIT)
async def open_it(request: Asked, state: State) -> Response[Any]:
    """Let the bearer of a link look after what it is about."""
    form = await read_form(request, Opening)
    if form.value is None:
        return over(request)
    token = form.value.token
    async with state.db.read() as tx:
        found = await cases.look(tx, token)
        if found is None or found[1] is not LinkFor.OPEN:
            return await not_here(request, tx, token, found)
    return go(request, address_of(found[0]), "", cookie_of(state.settings, found[0], token))


def address_of(case: Case) -> str:
    """The page of what was handed in."""
    return f"{case.kind.url}/{case.submission.public_id}"


def cookie_of(settings: Settings, case: Case, token: str) -> Cookie:
    """The cookie of the bearer of a link to a submission."""
    return bearer_cookie(settings, "case", case.submission.public_id, token)


def bearer_cookie(settings: Settings, what: str, public_id: str, token: str) -> Cookie:
    """A link, exchanged for a cookie.  Its name tells what it is about, so that several links are
    open beside each other; it opens nothing else.
    """
    return cookie(settings, f"{what}-{public_id}", token, OPENED)


def bearer_of(request: Asked, what: str, public_id: str) -> str:
    """The link that a browser has exchanged for a cookie."""
    return in_cookie(request, f"{what}-{public_id}")


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
    return await mailed(request, state, form.value.email)


@post(AGAIN, permission=Permission.PUBLIC, rate=Rate.SUBMIT)
async def send_again(request: Asked, state: State) -> Response[Any]:
    """The same for the address behind a link, which is not told; nor is it, whether there is one."""
    form = await read_form(request, Opening)
    if form.value is None:
        return page(request, "sidecar/submit/links.html", "Get your links again", form=form)
    token = form.value.token
    async with state.db.read() as tx:
        found = await cases.look(tx, token)
    is_author = found is not None and found[1] is not LinkFor.GLANCE
    return await mailed(
        request, state, found[0].submitter.email if found and is_author else digest_of(token)
    )


async def mailed(request: Asked, state: State, email: str) -> Response[Any]:
    """Count it and send what there is."""
    await count_mail(state.db, email, asking(request))
    async with state.db.write() as tx:
        for send in (authors.send_links, agreements.send_links, nominations.send_links):
            await send(tx, state.settings, email)
    return go(request, LINKS, "If something was handed in with this address, a mail is on its way.")


ROUTES = (confirm_page, confirm, open_page, open_it, links_page, send_links, send_again)

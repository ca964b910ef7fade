"""The address of a new account: the page that a mail leads to, and the mail once more."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.datastructures import State
from msgspec import Meta
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from sidecar import tokens
from sidecar.answers import Asked, go, page
from sidecar.audit import note
from sidecar.clients import asking
from sidecar.clock import now
from sidecar.forms import Form, read_form
from sidecar.limits import count_mail
from sidecar.mail import post as post_mail
from sidecar.people import EmailAddress, key_of
from sidecar.permissions import Actor, Permission
from sidecar.rates import Rate
from sidecar.routes.account_register import CONFIRM, SENT, SIGN_IN, ask_to_confirm
from sidecar.settings import Settings
from sidecar.tables.accounts import Purpose, User

AGAIN = f"{CONFIRM}/again"
DONE = "Your address is confirmed. Sign in with your password."
ALREADY = "Your address is confirmed already. Sign in with your password."
OVER = "This link works no more: it is older than a day, or a newer one was sent. Ask for another."


class Confirmation(msgspec.Struct, frozen=True, kw_only=True):
    """The token of the link."""

    token: Annotated[str, Meta(max_length=100)]


class Again(msgspec.Struct, frozen=True, kw_only=True):
    """Where the mail is to be sent once more."""

    email: EmailAddress


@get(CONFIRM, permission=Permission.PUBLIC)
async def confirm_page(request: Asked, state: State) -> Response[Any]:
    """Show the button; nothing happens by opening the link."""
    token = request.query_params.get("token", "")
    async with state.db.read() as tx:
        found = await tokens.look(tx, Purpose.CONFIRM, token)
        user = await tx.get(User, found.user_id) if found else None
    if user is None:
        return await too_late(request, state, token)
    return page(request, "sidecar/account/confirm_address.html", "Confirm your address",
                form=Form(given={"token": (token,)}), name=user.name, email=user.email,
                act=CONFIRM)  # fmt: skip


async def too_late(request: Asked, state: State, token: str) -> Response[Any]:
    """The link was followed before, or does not work; say which, and what to do."""
    async with state.db.read() as tx:
        was_used = await tokens.was_used(tx, Purpose.CONFIRM, token)
    return go(request, SIGN_IN, ALREADY) if was_used else go(request, AGAIN, OVER)


@post(CONFIRM, permission=Permission.PUBLIC, rate=Rate.SIGN_IN)
async def confirm(request: Asked, state: State) -> Response[Any]:
    """Confirm the address; then one can sign in."""
    form = await read_form(request, Confirmation)
    if form.value is None:
        return back_to_link(request, form, CONFIRM)
    async with state.db.write() as tx:
        spent = await tokens.spend(tx, Purpose.CONFIRM, form.value.token)
        user = await tx.get(User, spent.user_id) if spent else None
        if user:
            user.confirmed_at = now()
            await note(tx, Actor(user=user.id), "address confirmed", f"users/{user.id}")
    if user is None:
        return await too_late(request, state, form.value.token)
    return go(request, SIGN_IN, DONE)


def back_to_link(request: Asked, form: Form[Confirmation], url: str) -> Response[Any]:
    """The form was open for too long, or had nothing in it: show its page once more."""
    token = form.typed("token")[:100]
    is_plain = token.isascii() and token.replace("-", "").replace("_", "").isalnum()
    return go(request, f"{url}?token={token}" if is_plain else SIGN_IN, form.errors[0][1])


@get(AGAIN, permission=Permission.PUBLIC)
async def again_page(request: Asked) -> Response[str]:
    """Ask where the mail is to be sent once more."""
    return show_again(request, Form())


def show_again(request: Asked, form: Form[Again]) -> Response[str]:
    """The form."""
    return page(request, "sidecar/account/confirm_again.html", "Get the link again", form=form)


@post(AGAIN, permission=Permission.PUBLIC, rate=Rate.SIGN_IN)
async def again(request: Asked, state: State) -> Response[Any]:
    """Write to the address, whatever is known of it; the answer is the same."""
    form = await read_form(request, Again)
    if form.value is None:
        return show_again(request, form)
    await count_mail(state.db, form.value.email, asking(request))
    async with state.db.write() as tx:
        user = await tx.scalar(
            select(User).where(
                User.email_key == key_of(form.value.email),
                User.is_active,
                User.deleted_at.is_(None),
            )
        )
        await write_again(tx, state.settings, user, form.value.email)
    return go(request, SENT)


async def write_again(tx: AsyncSession, settings: Settings, user: User | None, to: str) -> None:
    """The link, or that none is needed, or that there is no account."""
    if user is None:
        await post_mail(tx, "no-account", to, {"register": f"{settings.url}/account/register"})
    elif user.confirmed_at is None:
        await ask_to_confirm(tx, settings, user)
    else:
        links = {"sign_in": settings.url + SIGN_IN, "reset": f"{settings.url}/account/forgotten"}
        await post_mail(tx, "confirmed-already", user.email, {"name": user.name, **links})


ROUTES = (confirm_page, confirm, again_page, again)

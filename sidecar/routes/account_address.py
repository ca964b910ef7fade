"""Another address for an account: it counts once a link that was sent there was followed."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.datastructures import State
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from pydotorg_build.content.base import Fault
from sidecar import people, tokens
from sidecar.account import show
from sidecar.answers import Asked, go, page
from sidecar.audit import note
from sidecar.clients import asking
from sidecar.clock import HOUR
from sidecar.forms import Form, read_form
from sidecar.limits import count, count_mail
from sidecar.mail import post as post_mail
from sidecar.people import EmailAddress, key_of
from sidecar.permissions import Actor, Permission, actor_of
from sidecar.rates import Rate
from sidecar.routes.account_confirm import Confirmation, back_to_link
from sidecar.routes.account_password import owner
from sidecar.settings import Settings
from sidecar.tables.accounts import Purpose, User

URL = "/account/address"
CONFIRM = f"{URL}/confirm"
OVER = "This link works no more: it was used, or it is older than an hour."
SAME = "This is the address that your account has."
# However many addresses somebody tries, an hour.
MOST_ASKED = 10
CONTACT = "webmaster@python.org"


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """The address to have instead."""

    email: EmailAddress


@get(URL, permission=Permission.ACCOUNT, step_up=True)
async def address_page(request: Asked, state: State) -> Response[str]:
    """Ask for another address; who one is was proven a moment ago."""
    return await show_address(request, state, Form())


async def show_address(request: Asked, state: State, form: Form[Address]) -> Response[str]:
    """The form, beside the address of now."""
    async with state.db.read() as tx:
        user = await tx.get_one(User, actor_of(request).user)
    return show(request, "sidecar/account/address.html", "Change your address", form=form,
                email=user.email)  # fmt: skip


@post(URL, permission=Permission.ACCOUNT, step_up=True)
async def ask(request: Asked, state: State) -> Response[Any]:
    """Write to the new address; the answer is the same where another account has it."""
    form = await read_form(request, Address)
    if form.value is None:
        return await show_address(request, state, form)
    actor, address = actor_of(request), form.value.email
    async with state.db.read() as tx:
        user = await tx.get_one(User, actor.user)
    if key_of(address) == user.email_key:
        return await show_address(request, state, form.but(Fault("email", SAME)))
    await count(state.db, f"address {actor.user}", most=MOST_ASKED, seconds=HOUR)
    await count_mail(state.db, address, asking(request))
    async with state.db.write() as tx:
        await tokens.forget(tx, Purpose.CHANGE_EMAIL, user.id)
        if await people.taken(tx, email=address):
            links = {"sign_in": f"{state.settings.url}/account/sign-in",
                     "reset": f"{state.settings.url}/account/forgotten"}  # fmt: skip
            other = await people.account(tx, address)
            await post_mail(tx, "address-taken", other.email, {"name": other.name, **links})
        else:
            await write_to(tx, state.settings, user, address)
    notice = f"We wrote to {address}. Your address changes once you have followed the link there."
    return go(request, "/account/security", notice)


async def write_to(tx: AsyncSession, settings: Settings, user: User, address: str) -> None:
    """Send the link that leads to the button."""
    token = await tokens.make(tx, Purpose.CHANGE_EMAIL, user.id, {"email": address})
    link = f"{settings.url}{CONFIRM}?token={token}"
    await post_mail(tx, "change-email", address, {"name": user.name, "link": link})


@get(CONFIRM, permission=Permission.PUBLIC)
async def confirm_page(request: Asked, state: State) -> Response[Any]:
    """Show the button; nothing happens by opening the link."""
    token = request.query_params.get("token", "")
    async with state.db.read() as tx:
        found = await tokens.look(tx, Purpose.CHANGE_EMAIL, token)
        user = await owner(tx, found)
    if found is None or user is None:
        return go(request, "/account/sign-in", OVER)
    return page(request, "sidecar/account/confirm_address.html", "Confirm your address",
                form=Form(given={"token": (token,)}), name=user.name, email=found.data["email"],
                act=CONFIRM)  # fmt: skip


@post(CONFIRM, permission=Permission.PUBLIC, rate=Rate.SIGN_IN)
async def confirm(request: Asked, state: State) -> Response[Any]:
    """Change the address, and tell the one of before."""
    form = await read_form(request, Confirmation)
    if form.value is None:
        return back_to_link(request, form, CONFIRM)
    try:
        async with state.db.write() as tx:
            user = await changed(tx, form.value.token)
    except IntegrityError:  # another account took the address meanwhile
        user = None
    if user is None:
        return go(request, "/account/sign-in", OVER)
    return go(request, "/account/", "Your address was changed.")


async def changed(tx: AsyncSession, token: str) -> User | None:
    """Spend the token; None where it works no more.  Links sent to the old address end with it."""
    spent = await tokens.spend(tx, Purpose.CHANGE_EMAIL, token)
    user = await owner(tx, spent)
    if spent is None or user is None:
        return None
    before, address = user.email, spent.data["email"]
    user.email, user.email_key = address, key_of(address)
    await tokens.forget(tx, Purpose.RESET, user.id)
    await tx.flush()
    data = {"name": user.name, "address": address, "contact": CONTACT}
    await post_mail(tx, "email-changed", before, data)
    await note(
        tx, Actor(user=user.id), "address changed", f"users/{user.id}", {"email": (before, address)}
    )
    return user


ROUTES = (address_page, ask, confirm_page, confirm)

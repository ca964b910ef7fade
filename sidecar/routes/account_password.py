"""Passwords: a new one for who forgot theirs, and another one for who is signed in."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.datastructures import State
from msgspec import Meta
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from sidecar import people, tokens
from sidecar.account import show
from sidecar.answers import Asked, go, page
from sidecar.clients import asking
from sidecar.clock import now
from sidecar.forms import Form, Secret, all_of, read_form
from sidecar.limits import count_mail
from sidecar.mail import post as post_mail
from sidecar.passwords import SHOWN, broken_rules
from sidecar.people import EmailAddress, key_of
from sidecar.permissions import Actor, Permission, actor_of
from sidecar.rates import Rate
from sidecar.settings import Settings
from sidecar.tables.accounts import Purpose, Token, User

FORGOTTEN = "/account/forgotten"
RESET = "/account/reset"
CHANGE = "/account/password"
OVER = "This link works no more: it was used, or it is older than an hour. Ask for another one."


class Forgotten(msgspec.Struct, frozen=True, kw_only=True):
    """The address of an account."""

    email: EmailAddress


class NewPassword(msgspec.Struct, frozen=True, kw_only=True):
    """A new password, and the token of the link that allows it."""

    password: Secret
    token: Annotated[str, Meta(max_length=100)] = ""


@get(FORGOTTEN, permission=Permission.PUBLIC)
async def forgotten_page(request: Asked) -> Response[str]:
    """Ask for the address."""
    return show_forgotten(request, Form())


def show_forgotten(request: Asked, form: Form[Forgotten]) -> Response[str]:
    """The form."""
    return page(request, "sidecar/account/forgotten.html", "Forgotten your password?", form=form)


@post(FORGOTTEN, permission=Permission.PUBLIC, rate=Rate.SIGN_IN)
async def forgotten(request: Asked, state: State) -> Response[Any]:
    """Write to the address, whether it has an account or not; the answer is the same."""
    form = await read_form(request, Forgotten)
    if form.value is None:
        return show_forgotten(request, form)
    key = key_of(form.value.email)
    await count_mail(state.db, form.value.email, asking(request))
    async with state.db.write() as tx:
        user = await tx.scalar(
            select(User).where(User.email_key == key, User.is_active, User.deleted_at.is_(None))
        )
        await write_to(tx, state.settings, user, form.value.email)
    return go(request, f"{FORGOTTEN}/sent")


async def write_to(tx: AsyncSession, settings: Settings, user: User | None, address: str) -> None:
    """Send a link to who has an account, and the way to one to who has none."""
    if user is None:
        register = f"{settings.url}/account/register"
        await post_mail(tx, "no-account", address, {"register": register})
        return
    token = await tokens.make(tx, Purpose.RESET, user.id)
    link = f"{settings.url}{RESET}?token={token}"
    await post_mail(tx, "reset", user.email, {"name": user.name, "link": link})


@get(f"{FORGOTTEN}/sent", permission=Permission.PUBLIC)
async def sent_page(request: Asked) -> Response[str]:
    """Say what happens next."""
    return page(request, "sidecar/account/sent.html", "Look into your mail")


@get(RESET, permission=Permission.PUBLIC)
async def reset_page(request: Asked, state: State) -> Response[Any]:
    """Show the form; nothing happens by opening the link."""
    token = request.query_params.get("token", "")
    async with state.db.read() as tx:
        user = await owner(tx, await tokens.look(tx, Purpose.RESET, token))
    if user is None:
        return go(request, FORGOTTEN, OVER)
    return show_reset(request, Form(given={"token": (token,)}), user)


async def owner(db: AsyncSession, token: Token | None) -> User | None:
    """Whom a token is for, if it works and they may sign in."""
    user = await db.get(User, token.user_id) if token and token.user_id else None
    return user if user and user.is_active and not user.deleted_at else None


def show_reset(request: Asked, form: Form[NewPassword], user: User) -> Response[str]:
    """The form, with the rules that are checked."""
    return page(request, "sidecar/account/reset.html", "Choose a new password", form=form,
                name=user.name, rules=SHOWN)  # fmt: skip


@post(RESET, permission=Permission.PUBLIC, rate=Rate.SIGN_IN)
async def reset(request: Asked, state: State) -> Response[Any]:
    """Set the password; all browsers are signed out, and the address is confirmed by it."""
    form = await read_form(request, NewPassword)
    async with state.db.read() as tx:
        user = await owner(tx, await tokens.look(tx, Purpose.RESET, form.typed("token")))
    if user is None:
        return go(request, FORGOTTEN, OVER)
    if form.value is None:
        return show_reset(request, form, user)
    if broken := broken_rules(form.value.password, (user.name, user.email, user.full_name)):
        return show_reset(request, form.but(*all_of(broken, "password")), user)
    hashed = await state.passwords.hashed(form.value.password)
    async with state.db.write() as tx:
        spent = await tokens.spend(tx, Purpose.RESET, form.value.token)
        kept = await owner(tx, spent)
        if kept:
            kept.confirmed_at = kept.confirmed_at or now()
            await people.set_password(tx, Actor(user=kept.id), kept, hashed)
            await tell(tx, state.settings, kept)
    if kept is None:
        return go(request, FORGOTTEN, OVER)
    return go(request, "/account/sign-in", "Your password was changed. Sign in with it.")


async def tell(tx: AsyncSession, settings: Settings, user: User) -> None:
    """Write to the account that its password is another now."""
    data = {"name": user.name, "reset": settings.url + FORGOTTEN}
    await post_mail(tx, "password-changed", user.email, data)


@get(CHANGE, permission=Permission.ACCOUNT, step_up=True)
async def change_page(request: Asked) -> Response[str]:
    """Ask for another password; who one is was proven a moment ago."""
    return show_change(request, Form())


def show_change(request: Asked, form: Form[NewPassword]) -> Response[str]:
    """The form, with the rules that are checked."""
    return show(request, "sidecar/account/password.html", "Change your password", form=form,
                name=actor_of(request).name, rules=SHOWN)  # fmt: skip


@post(CHANGE, permission=Permission.ACCOUNT, step_up=True)
async def change(request: Asked, state: State) -> Response[Any]:
    """Set it; all other browsers are signed out."""
    form = await read_form(request, NewPassword)
    if form.value is None:
        return show_change(request, form)
    actor = actor_of(request)
    async with state.db.read() as tx:
        user = await tx.get_one(User, actor.user)
    if broken := broken_rules(form.value.password, (user.name, user.email, user.full_name)):
        return show_change(request, form.but(*all_of(broken, "password")))
    hashed = await state.passwords.hashed(form.value.password)
    async with state.db.write() as tx:
        kept = await tx.get_one(User, actor.user)
        await people.set_password(tx, actor, kept, hashed, but=actor.session)
        await tell(tx, state.settings, kept)
    return go(
        request, "/account/security", "Your password was changed. Other browsers were signed out."
    )


ROUTES = (
    forgotten_page, forgotten, sent_page, reset_page, reset, change_page, change,
)  # fmt: skip

"""What somebody signs in with: second factors, recovery codes, accounts elsewhere."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from msgspec import Meta
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from pydotorg_build.content.base import Fault
from sidecar import factors, passkeys, providers, sessions
from sidecar.account import show
from sidecar.answers import Asked, go
from sidecar.audit import note
from sidecar.database import in_turn
from sidecar.forms import Form, Nothing, read_form
from sidecar.letters.accounts import FactorChanged
from sidecar.mail import post as post_mail
from sidecar.permissions import Actor, Permission, actor_of
from sidecar.routes.account_sign_in import WRONG_PASSKEY, count_factor
from sidecar.sealing import Unreadable
from sidecar.tables.accounts import Factor, Identity, RecoveryCode, Session, User

URL = "/account/security"
APP = f"{URL}/app"
MOST_FACTORS = 10
KINDS = {"totp": "an app", "passkey": "a passkey"}
WRONG = "This code is not of the app that you set up with this page. Wait for the next one."
KEPT = "This app is set up already. If you did not see your recovery codes, make new ones."
TOO_MANY = f"{MOST_FACTORS} second factors are enough: remove one first."
Title = Annotated[str, Meta(min_length=1, max_length=60)]


class NewApp(msgspec.Struct, frozen=True, kw_only=True):
    """An app that was set up: what it is called, a code of it, and its secret, sealed."""

    name: Title
    code: Annotated[str, Meta(min_length=1, max_length=20)]
    sealed: Annotated[str, Meta(max_length=500)]


class NewPasskey(msgspec.Struct, frozen=True, kw_only=True):
    """What a new passkey is called, and what its device answered."""

    name: Title
    passkey: Annotated[
        str, Meta(min_length=1, max_length=passkeys.LONGEST_ANSWER, extra={"is_secret": True})
    ]


@get(URL, permission=Permission.ACCOUNT)
async def security(request: Asked, state: State) -> Response[str]:
    """Show what somebody signs in with."""
    return await show_security(request, state, Form())


async def show_security(request: Asked, state: State, form: Form[Any]) -> Response[str]:
    """The page, with a form for a new passkey."""
    actor = actor_of(request)
    async with state.db.read() as tx:
        known = await factors.factors_of(tx, actor.user)
        left = await factors.codes_left(tx, actor.user)
        linked = list(await tx.scalars(select(Identity).where(Identity.user_id == actor.user)))
        user = await tx.get_one(User, actor.user)
    options = passkeys.options_to_add(state.settings, place_of(actor), actor.user, user.name, known)
    offered = providers.offered(state.settings)
    return show(
        request, "sidecar/account/security.html", "Signing in", form=form, factors=known,
        codes_left=left, options=options, linked={one.provider: one for one in linked},
        offered=offered, has_password=bool(user.password),
    )  # fmt: skip


def place_of(actor: Actor) -> str:
    """What a challenge to a new passkey is bound to."""
    return f"session {actor.session}"


@get(APP, permission=Permission.ACCOUNT, step_up=True)
async def app_page(request: Asked, state: State) -> Response[str]:
    """Show a new secret for an app, as a picture and as text."""
    return show_app(request, state, Form())


def show_app(request: Asked, state: State, form: Form[NewApp]) -> Response[str]:
    """The secret again, where the code was wrong; a new one, where the page is of another session."""
    actor = actor_of(request)
    try:
        enrolment = factors.begin(state.settings, actor.session, actor.name, form.typed("sealed"))
    except Unreadable:
        enrolment = factors.begin(state.settings, actor.session, actor.name)
    return show(request, "sidecar/account/app.html", "Set up an app", form=form,
                enrolment=enrolment)  # fmt: skip


@post(APP, permission=Permission.ACCOUNT, step_up=True)
async def add_app(request: Asked, state: State) -> Response[Any]:
    """Keep the app as a factor, once a code of it shows that it is set up."""
    form = await read_form(request, NewApp)
    if form.value is None:
        return show_app(request, state, form)
    actor = actor_of(request)
    await count_factor(state, actor.user)
    try:
        secret = factors.begin(state.settings, actor.session, "", form.value.sealed).secret
    except Unreadable:
        return show_app(request, state, form.but(Fault("code", WRONG)))
    if await is_full(state, actor):
        return show_app(request, state, form.but(Fault("", TOO_MANY)))
    async with state.db.write() as tx:
        await in_turn(tx, f"factors {actor.user}")
        if await factors.has_app(tx, state.settings, actor.user, secret):
            return go(request, URL, KEPT)
        was_kept = await factors.keep_app(
            tx, state.settings, actor.user, secret, form.value.code, form.value.name
        )
        codes = await after_adding(tx, state, actor, "totp") if was_kept else []
    if not was_kept:
        return show_app(request, state, form.but(Fault("code", WRONG)))
    return added(request, codes)


async def is_full(state: State, actor: Actor) -> bool:
    """Has somebody as many factors as one may have?"""
    async with state.db.read() as tx:
        return len(await factors.factors_of(tx, actor.user)) >= MOST_FACTORS


async def after_adding(tx: AsyncSession, state: State, actor: Actor, kind: str) -> list[str]:
    """The session has proven its factor now; with the first one come recovery codes."""
    await sessions.step_up(tx, actor.session, has_factor=True)
    await note(tx, actor, "second factor added", f"users/{actor.user}", {"kind": (None, kind)})
    await tell(tx, state, actor, f"{KINDS[kind].capitalize()} was added as a second factor")
    if await factors.codes_left(tx, actor.user):
        return []
    codes = factors.make_codes()
    await factors.replace_codes(tx, actor.user, codes)
    return codes


async def tell(tx: AsyncSession, state: State, actor: Actor, what: str) -> None:
    """Write to somebody that what signs them in is another now."""
    user = await tx.get_one(User, actor.user)
    security = state.settings.url + URL
    await post_mail(tx, "factor-changed", user.email,
                    FactorChanged(name=user.name, what=what, security=security))  # fmt: skip


def added(request: Asked, codes: list[str]) -> Response[Any]:
    """What follows a new factor: its recovery codes, shown this once."""
    if not codes:
        return go(request, URL, "The second factor was added.")
    return show(request, "sidecar/account/codes.html", "Your recovery codes", codes=codes)


@post(f"{URL}/passkey", permission=Permission.ACCOUNT, step_up=True)
async def add_passkey(request: Asked, state: State) -> Response[Any]:
    """Keep a passkey as a factor."""
    form = await read_form(request, NewPasskey)
    if form.value is None:
        return await show_security(request, state, form)
    actor = actor_of(request)
    if await is_full(state, actor):
        return await show_security(request, state, form.but(Fault("", TOO_MANY)))
    try:
        new = await asyncio.to_thread(
            passkeys.read_new, state.settings, place_of(actor), form.value.passkey
        )
    except passkeys.Refused:
        return await show_security(request, state, form.but(Fault("name", WRONG_PASSKEY)))
    async with state.db.write() as tx:
        was_kept = await passkeys.keep_passkey(tx, actor.user, new, form.value.name)
        codes = await after_adding(tx, state, actor, "passkey") if was_kept else []
    if not was_kept:
        fault = Fault("name", "This passkey is kept already.")
        return await show_security(request, state, form.but(fault))
    return added(request, codes)


async def own_factor(db: AsyncSession, actor: Actor, number: int) -> Factor:
    """A factor of whoever asks; one of somebody else is not there."""
    found = await db.scalar(select(Factor).where(Factor.id == number, Factor.user_id == actor.user))
    if found is None:
        raise NotFoundException
    return found


@get(f"{URL}/factors/{{number:int}}/remove", permission=Permission.ACCOUNT, step_up=True)
async def remove_page(request: Asked, state: State, number: FromPath[int]) -> Response[str]:
    """Ask once before a factor is removed."""
    actor = actor_of(request)
    async with state.db.read() as tx:
        factor = await own_factor(tx, actor, number)
        others = len(await factors.factors_of(tx, actor.user)) - 1
    words = f"“{factor.name}” will no longer sign you in."
    if not others:
        words += " It is your only second factor: your recovery codes go with it"
        words += ", and your role gives nothing without one." if actor.roles else "."
    return show(request, "sidecar/account/confirm.html", "Remove a second factor", words=words,
                button="Remove it", back=URL)  # fmt: skip


@post(f"{URL}/factors/{{number:int}}/remove", permission=Permission.ACCOUNT, step_up=True)
async def remove(request: Asked, state: State, number: FromPath[int]) -> Response[Any]:
    """Remove a factor; without any, sessions have none and recovery codes stand for nothing."""
    form = await read_form(request, Nothing)
    if form.value is None:
        return go(request, URL, form.errors[0][1])
    actor = actor_of(request)
    async with state.db.write() as tx:
        await in_turn(tx, f"factors {actor.user}")
        factor = await own_factor(tx, actor, number)
        await note(tx, actor, "second factor removed", f"users/{actor.user}",
                   {"kind": (factor.kind, None)})  # fmt: skip
        await tell(tx, state, actor, f"{KINDS[factor.kind].capitalize()} was removed")
        await tx.delete(factor)
        await tx.flush()
        if not await factors.factors_of(tx, actor.user):
            await tx.execute(delete(RecoveryCode).where(RecoveryCode.user_id == actor.user))
            theirs = update(Session).where(Session.user_id == actor.user)
            await tx.execute(theirs.values(factor_at=None))
    return go(request, URL, "The second factor was removed.")


@post(f"{URL}/codes", permission=Permission.ACCOUNT, step_up=True)
async def new_codes(request: Asked, state: State) -> Response[Any]:
    """Make new recovery codes, and show them this once; the old ones work no more."""
    form = await read_form(request, Nothing)
    if form.value is None:
        return await show_security(request, state, form)
    actor, codes = actor_of(request), factors.make_codes()
    async with state.db.write() as tx:
        if not await factors.factors_of(tx, actor.user):
            raise NotFoundException
        await factors.replace_codes(tx, actor.user, codes)
        await note(tx, actor, "recovery codes made", f"users/{actor.user}")
        await tell(tx, state, actor, "New recovery codes were made, and the old ones work no more")
    return added(request, codes)


ROUTES = (security, app_page, add_app, add_passkey, remove_page, remove, new_codes)

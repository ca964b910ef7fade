"""Signing in and out: a password, then a second factor where there is one, and proving it again."""

from __future__ import annotations

import asyncio
import time
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.datastructures import State
from litestar.response import Redirect
from msgspec import Meta
from sqlalchemy import select, update

from pydotorg_build.content.base import Fault
from sidecar import factors, passkeys, proofs, providers, sessions
from sidecar.answers import Asked, go, page
from sidecar.clients import asking, household
from sidecar.clock import HOUR
from sidecar.forms import Form, Nothing, Secret, read_form
from sidecar.limits import count, count_mail, forget
from sidecar.passwords import Check
from sidecar.people import key_of
from sidecar.permissions import Permission, actor_of
from sidecar.rates import Rate
from sidecar.returns import own_address
from sidecar.routes.account_register import SIGN_IN, ask_to_confirm
from sidecar.tables.accounts import Identity, User

# Every answer to a wrong password comes after the same time, whatever was wrong with it.
FLOOR = 0.75
# Wrong passwords an hour for one account: from one network, and from all together, which is much
# more, so that one stranger cannot keep its owner out.
MOST_FROM_ONE, MOST_SIGN_INS = 10, 100
WRONG = "The name or address and the password do not belong together."
WRONG_CODE = "This code is not right, or it was used before. Wait for the next one."
WRONG_PASSKEY = "This passkey could not be checked. Try again, or use a code."
UNCONFIRMED = "Confirm your address first: open the link in the mail that we have sent you again."
START_AGAIN = "That took too long. Sign in again."


class SignIn(msgspec.Struct, frozen=True, kw_only=True):
    """A name or an address, a password, and where to go then."""

    who: Annotated[str, Meta(min_length=1, max_length=254)]
    password: Secret
    then: Annotated[str, Meta(max_length=2000)] = ""


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """A code, or what a passkey answered, or (where there is no factor) the password again."""

    code: Annotated[str, Meta(max_length=100, extra={"is_secret": True})] = ""
    passkey: Annotated[str, Meta(max_length=passkeys.LONGEST_ANSWER, extra={"is_secret": True})] = (
        ""
    )
    password: Annotated[str, Meta(max_length=1000, extra={"is_secret": True})] = ""
    then: Annotated[str, Meta(max_length=2000)] = ""


@get(SIGN_IN, permission=Permission.PUBLIC)
async def sign_in_page(request: Asked) -> Response[Any]:
    """Show the form; whoever is signed in goes on."""
    then = own_address(request.query_params.get("then", ""), "/account/")
    if actor_of(request).is_known:
        return Redirect(then, status_code=303)
    return show_sign_in(request, Form(given={"then": (then,)}))


def show_sign_in(request: Asked, form: Form[SignIn]) -> Response[str]:
    """The form, with a button for each provider that is set up."""
    offered = providers.offered(request.app.state.settings)
    return page(request, "sidecar/account/sign_in.html", "Sign in", form=form, offered=offered)


@post(SIGN_IN, permission=Permission.PUBLIC, rate=Rate.SIGN_IN)
async def sign_in(request: Asked, state: State) -> Response[Any]:
    """Check name and password.  What is wrong with them is not told apart, nor by time."""
    began = time.monotonic()
    form = await read_form(request, SignIn)
    if form.value is None:
        return show_sign_in(request, form)
    given = form.value
    await count_try(request, state, given.who)
    user = await find_user(state, given.who)
    check = await state.passwords.checked(given.password, user.password if user else "")
    if user is None or not check.is_right:
        await asyncio.sleep(max(0.0, began + FLOOR - time.monotonic()))
        return show_sign_in(request, form.but(Fault("", WRONG)))
    if user.confirmed_at is None:
        await ask_again(request, state, user)
        return show_sign_in(request, form.but(Fault("", UNCONFIRMED)))
    await forget(state.db, key_of_tries(request, given.who))
    way = await admit(request, state, user, check, given.then)
    if way is None:
        return show_sign_in(request, form.but(Fault("", WRONG)))
    return go(request, way.address, "", *way.cookies)


def key_of_tries(request: Asked, who: str) -> str:
    """What tries for an account from one network are counted under."""
    return f"sign-in {household(asking(request))} {key_of(who)}"


async def count_try(request: Asked, state: State, who: str) -> None:
    """Count a try to sign in, whether there is such an account or not."""
    await count(state.db, key_of_tries(request, who), most=MOST_FROM_ONE, seconds=HOUR)
    await count(state.db, f"sign-in {key_of(who)}", most=MOST_SIGN_INS, seconds=HOUR)


async def ask_again(request: Asked, state: State, user: User) -> None:
    """Send the link once more to who registered and knows the password."""
    await count_mail(state.db, user.email, asking(request))
    async with state.db.write() as tx:
        await ask_to_confirm(tx, state.settings, user)


async def find_user(state: State, who: str) -> User | None:
    """The account of a name or an address, if it may sign in."""
    key = key_of(who)
    field = User.email_key if "@" in key else User.name_key
    async with state.db.read() as tx:
        found: User | None = await tx.scalar(
            select(User).where(field == key, User.is_active, User.deleted_at.is_(None))
        )
    return found


async def admit(
    request: Asked, state: State, user: User, check: Check, then: str
) -> proofs.LetIn | None:
    """Let somebody in whose password was right, or on to the second factor.

    None where it was changed since it was checked: that signs everybody out, and nobody in.
    """
    async with state.db.write() as tx:
        same = User.id == user.id, User.password == user.password, User.is_active
        if not await tx.scalar(select(User.id).where(*same).with_for_update()):
            return None
        if check.better:
            better = update(User).where(User.id == user.id)
            await tx.execute(better.values(password=check.better))
        return await proofs.let_in(tx, request, user, then)


@get("/account/sign-in/factor", permission=Permission.PUBLIC)
async def factor_page(request: Asked, state: State) -> Response[Any]:
    """Ask for the second factor of whoever has proven the first."""
    return await show_factor(request, state, Form())


async def show_factor(request: Asked, state: State, form: Form[Proof]) -> Response[Any]:
    """The form for a code, and for a passkey where there is one."""
    async with state.db.read() as tx:
        half = await proofs.half_let_in(tx, request)
        known = await factors.factors_of(tx, half.user_id) if half and half.user_id else ()
    if half is None:
        return go(request, SIGN_IN, START_AGAIN)
    options = options_for(state, f"sign-in {half.id}", known)
    return page(request, "sidecar/account/factor.html", "Second factor", form=form,
                options=options, act="/account/sign-in/factor", then="")  # fmt: skip


def options_for(state: State, place: str, known: Any) -> str:
    """What a browser needs to use a passkey; empty where there is none."""
    if not proofs.has_passkey(known):
        return ""
    return passkeys.options_to_prove(state.settings, place, known)


@post("/account/sign-in/factor", permission=Permission.PUBLIC, rate=Rate.SIGN_IN)
async def factor(request: Asked, state: State) -> Response[Any]:
    """Check the second factor, and sign in."""
    form = await read_form(request, Proof)
    async with state.db.read() as tx:
        half = await proofs.half_let_in(tx, request)
    if half is None or half.user_id is None:
        return go(request, SIGN_IN, START_AGAIN)
    if form.value is None:
        return await show_factor(request, state, form)
    await count_factor(state, half.user_id)
    try:
        proof = await proofs.read_passkey(
            request, f"sign-in {half.id}", half.user_id, form.value.passkey
        )
    except passkeys.Refused:
        return await show_factor(request, state, form.but(Fault("", WRONG_PASSKEY)))
    way = None
    async with state.db.write() as tx:
        if await proofs.prove(tx, state.settings, half.user_id, form.value.code, proof):
            way = await proofs.finish(tx, request)
    if way is None:
        return await show_factor(request, state, form.but(Fault("code", WRONG_CODE)))
    return go(request, way.address, "", *way.cookies)


async def count_factor(state: State, user: int) -> None:
    """Count a try to prove a second factor."""
    await count(state.db, f"factor {user}", most=proofs.MOST_TRIES, seconds=proofs.TRIES_IN)


@post("/account/sign-out", permission=Permission.ACCOUNT)
async def sign_out(request: Asked, state: State) -> Response[Any]:
    """End the session, here and now."""
    form = await read_form(request, Nothing)
    if form.value is None:
        return go(request, "/account/", form.errors[0][1])
    async with state.db.write() as tx:
        await sessions.end(tx, actor_of(request).session)
    return go(request, SIGN_IN, "You are signed out.", sessions.cookie_of(state.settings, ""))


@get("/account/step-up", permission=Permission.ACCOUNT)
async def prove_page(request: Asked, state: State) -> Response[Any]:
    """Ask again who it is, before something that matters."""
    then = own_address(request.query_params.get("then", ""), "/account/")
    return await show_proof(request, state, Form(given={"then": (then,)}))


async def show_proof(request: Asked, state: State, form: Form[Proof]) -> Response[Any]:
    """The form for a factor, or for the password where there is none."""
    actor = actor_of(request)
    async with state.db.read() as tx:
        known = await factors.factors_of(tx, actor.user)
        user = await tx.get_one(User, actor.user)
        names = set(await tx.scalars(
            select(Identity.provider).where(Identity.user_id == actor.user)
        ))  # fmt: skip
    options = options_for(state, f"session {actor.session}", known)
    linked = [one for one in providers.offered(state.settings) if one.name in names]
    template = "sidecar/account/factor.html" if known else "sidecar/account/password_again.html"
    return page(request, template, "Confirm that it is you", form=form, options=options,
                act="/account/step-up", then=form.typed("then"), has_password=bool(user.password),
                linked=linked)  # fmt: skip


@post("/account/step-up", permission=Permission.ACCOUNT, rate=Rate.SIGN_IN)
async def prove(request: Asked, state: State) -> Response[Any]:
    """Check it, and go on to what was wanted."""
    form = await read_form(request, Proof)
    if form.value is None:
        return await show_proof(request, state, form)
    actor = actor_of(request)
    await count_factor(state, actor.user)
    async with state.db.read() as tx:
        known = await factors.factors_of(tx, actor.user)
        user = await tx.get_one(User, actor.user)
    try:
        is_proven = await proven_again(request, state, user, form.value, has_factor=bool(known))
    except passkeys.Refused:
        return await show_proof(request, state, form.but(Fault("", WRONG_PASSKEY)))
    if not is_proven:
        fault = (
            Fault("code", WRONG_CODE) if known else Fault("password", "This is not your password.")
        )
        return await show_proof(request, state, form.but(fault))
    return go(request, own_address(form.value.then, "/account/"))


async def proven_again(
    request: Asked, state: State, user: User, given: Proof, *, has_factor: bool
) -> bool:
    """Was the factor right, or the password where there is none?"""
    session = actor_of(request).session
    proof = None
    if has_factor:
        proof = await proofs.read_passkey(request, f"session {session}", user.id, given.passkey)
    elif not (await state.passwords.checked(given.password, user.password)).is_right:
        return False
    async with state.db.write() as tx:
        is_right = not has_factor or await proofs.prove(
            tx, state.settings, user.id, given.code, proof
        )
        if is_right:
            await sessions.step_up(tx, session, has_factor=has_factor)
    return is_right


ROUTES = (sign_in_page, sign_in, factor_page, factor, sign_out, prove_page, prove)

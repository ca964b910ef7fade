"""The one-time link of `pydotorg sidecar user add`: its owner chooses a password with it."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.datastructures import State
from msgspec import Meta

from sidecar import proofs, tokens
from sidecar.answers import Asked, go, page
from sidecar.forms import Form, Secret, all_of, read_form
from sidecar.passwords import SHOWN, broken_rules
from sidecar.people import set_password
from sidecar.permissions import Actor, Permission
from sidecar.rates import Rate
from sidecar.tables.accounts import Purpose, Token, User

URL = "/account/enrol"
OVER = (
    "This link works no more: it was used, or it is older than 15 minutes. “Forgotten your password?” "
    "sends you another one."
)


class Enrolment(msgspec.Struct, frozen=True, kw_only=True):
    """The token of the link, and the password that its owner chose."""

    token: Annotated[str, Meta(max_length=100)]
    password: Secret


@get(URL, permission=Permission.PUBLIC)
async def enrol_page(request: Asked, state: State) -> Response[Any]:
    """Show the form; nothing happens by opening the link."""
    token = request.query_params.get("token", "")
    async with state.db.read() as tx:
        found = await tokens.look(tx, Purpose.ENROL, token)
        user = await owner(tx, found)
    if user is None:
        return go(request, "/account/sign-in", OVER)
    return show_enrol(request, Form(given={"token": (token,)}), user)


async def owner(db: Any, token: Token | None) -> User | None:
    """Whom a token is for, if it works and they may sign in."""
    user = await db.get(User, token.user_id) if token and token.user_id else None
    return user if user and user.is_active and not user.deleted_at else None


def show_enrol(request: Asked, form: Form[Enrolment], user: User) -> Response[str]:
    """The form, with the rules that are checked."""
    return page(request, "sidecar/account/enrol.html", "Choose a password", form=form,
                name=user.name, rules=SHOWN)  # fmt: skip


@post(URL, permission=Permission.PUBLIC, rate=Rate.SIGN_IN)
async def enrol(request: Asked, state: State) -> Response[Any]:
    """Set the password, and sign in."""
    form = await read_form(request, Enrolment)
    async with state.db.read() as tx:
        found = await tokens.look(tx, Purpose.ENROL, form.typed("token"))
        user = await owner(tx, found)
    if user is None:
        return go(request, "/account/sign-in", OVER)
    if form.value is None:
        return show_enrol(request, form, user)
    broken = broken_rules(form.value.password, (user.name, user.email, user.full_name))
    if broken:
        return show_enrol(request, form.but(*all_of(broken, "password")), user)
    hashed = await state.passwords.hashed(form.value.password)
    way = None
    async with state.db.write() as tx:
        if await tokens.spend(tx, Purpose.ENROL, form.value.token):
            kept = await tx.get_one(User, user.id)
            await set_password(tx, Actor(user=kept.id), kept, hashed)
            way = await proofs.let_in(tx, request, kept, "/account/security")
    if way is None:
        return go(request, "/account/sign-in", OVER)
    return go(request, way.address, "Your password was set.", *way.cookies)


ROUTES = (enrol_page, enrol)

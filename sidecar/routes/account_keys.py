"""Somebody's own API keys: the list, a new one, and revoking."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Response, get, post
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Meta, Struct

from pydotorg_build.content.base import Fault
from sidecar import keys
from sidecar.account import show
from sidecar.answers import Asked, go
from sidecar.forms import Form, filled, read_form, readable
from sidecar.permissions import Permission, actor_of
from sidecar.routes.api_keys import in_range
from sidecar.tokens import new_token

URL = "/account/keys"
MADE_BEFORE = (
    "The key “{}” was made before, and it is shown only once. "
    "If you did not copy it, revoke it and make another."
)
DAYS = (("30", "30 days"), ("90", "90 days"), ("365", "a year"))


class KeyForm(Struct, frozen=True):
    """What a key is to be called, what it may do, and for how long."""

    name: Annotated[str, Meta(min_length=1, max_length=100)]
    days: Annotated[int, Meta(ge=1, le=keys.DAYS)]
    scopes: tuple[str, ...] = ()
    once: Annotated[str, Meta(max_length=100)] = ""


async def _shown(request: Asked, state: State, form: Form[KeyForm] | None) -> Response[str]:
    actor = actor_of(request)
    async with state.db.read() as tx:
        found = await keys.keys_of(tx, actor.user)
    return show(
        request, "sidecar/account/keys.html", "API keys", state_of=keys.state_of, keys=found,
        form=form or filled({"days": 90, "once": new_token()}), days=DAYS,
        scopes=tuple((scope.value, words) for scope, words in keys.scopes_for(actor).items()),
    )  # fmt: skip


@get(URL, permission=Permission.ACCOUNT)
async def every(request: Asked, state: State) -> Response[str]:
    """The keys, and the form for a new one."""
    return await _shown(request, state, None)


@post(URL, permission=Permission.ACCOUNT, step_up=True)
async def make(request: Asked, state: State) -> Response[Any]:
    """Make a key.  It is shown in this answer and nowhere else, so there is no other page to go to."""
    form = await read_form(request, KeyForm)
    given, actor = form.value or readable(KeyForm, form), actor_of(request)
    if given and (why := keys.wrong_scopes(actor, given.scopes)):
        form = form.and_these([Fault("scopes", why)])
    value = form.value
    if value is None:
        return await _shown(request, state, form)
    try:
        async with state.db.write() as tx:
            made = await keys.make(tx, actor, value.name, value.scopes, value.days, value.once)
    except keys.MadeBefore:
        return go(request, URL, MADE_BEFORE.format(value.name))
    except keys.Refused as refused:
        return await _shown(request, state, form.but(Fault(refused.field, str(refused))))
    return show(request, "sidecar/account/key.html", "Your new key", text=made.text, key=made.key)


@post(f"{URL}/{{id:int}}/revoke", permission=Permission.ACCOUNT, status_code=303)
async def revoke(request: Asked, state: State, id: FromPath[int]) -> Redirect:
    """Let a key work no more."""
    form = await read_form(request, Struct)
    if form.value is None:
        return go(request, URL, "The form was open for too long. Nothing was changed.")
    async with state.db.write() as tx:
        key = await keys.revoke(tx, actor_of(request), in_range(id))
    if key is None:
        raise NotFoundException
    return go(request, URL, f"The key “{key.name}” works no more.")


ROUTES = (every, make, revoke)

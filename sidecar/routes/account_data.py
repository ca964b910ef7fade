"""What is kept about somebody: to look at, to take away, and to delete."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import structlog
from litestar import Response, get, post
from litestar.datastructures import State
from msgspec import Meta

from pydotorg_build.content.base import Fault
from sidecar import export as exports
from sidecar import personal, sessions
from sidecar.account import show
from sidecar.answers import Asked, go
from sidecar.audit import note
from sidecar.forms import Form, read_form
from sidecar.letters.accounts import Deleted
from sidecar.mail import post as post_mail
from sidecar.people import Impossible, account, keep_one_superuser, key_of, roles_of
from sidecar.permissions import Actor, Permission, Role, actor_of
from sidecar.routes.account_register import SIGN_IN

URL = "/account/data"
CONTACT = "webmaster@python.org"
log = structlog.get_logger()


class Deletion(msgspec.Struct, frozen=True, kw_only=True):
    """The name of the account, typed by whoever means it."""

    name: Annotated[str, Meta(min_length=1, max_length=254)]


@get(URL, permission=Permission.ACCOUNT)
async def data_page(request: Asked) -> Response[str]:
    """Show what can be done with what is kept."""
    return show_data(request, Form())


def show_data(request: Asked, form: Form[Deletion]) -> Response[str]:
    """The page, with the form that deletes the account."""
    return show(request, "sidecar/account/data.html", "Your data", form=form)


@get(f"{URL}/export", permission=Permission.ACCOUNT, step_up=True)
async def export(request: Asked, state: State) -> Response[bytes]:
    """All that is kept about whoever asks, as a file of JSON."""
    actor = actor_of(request)
    async with state.db.read() as tx:
        found = await exports.export(tx, actor.user)
    body = msgspec.json.format(msgspec.json.encode(found), indent=2)
    headers = {"Content-Disposition": f'attachment; filename="python-org-{actor.user}.json"'}
    return Response(body, media_type="application/json", headers=headers)


@post(f"{URL}/delete", permission=Permission.ACCOUNT, step_up=True)
async def delete_account(request: Asked, state: State) -> Response[Any]:
    """Delete the account of whoever asks, once its name was typed."""
    form, actor = await read_form(request, Deletion), actor_of(request)
    if form.value is None:
        return show_data(request, form)
    if key_of(form.value.name) != key_of(actor.name):
        wrong = Fault("name", f"Type {actor.name}, the name of this account")
        return show_data(request, form.but(wrong))
    try:
        await erase(state, actor.name)
    except Impossible as impossible:
        return show_data(request, form.but(Fault("", str(impossible).capitalize())))
    log.info("account deleted", user=actor.user)
    return go(request, SIGN_IN, "Your account is deleted. A last letter about it is on its way.",
              sessions.cookie_of(state.settings, ""))  # fmt: skip


async def erase(state: State, name: str) -> None:
    """Delete an account, with the last letter to its owner."""
    async with state.db.write() as tx:
        user = await account(tx, name)
        if Role.SUPERUSER.value in roles_of(user):
            await keep_one_superuser(tx, user)
        await note(tx, Actor(user=user.id), "account deleted", f"users/{user.id}")
        await post_mail(tx, "deleted", user.email, Deleted(name=user.name, contact=CONTACT))
        connection = await tx.connection()
        await connection.run_sync(personal.erase, user.id)


ROUTES = (data_page, export, delete_account)

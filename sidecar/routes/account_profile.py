"""The profile of whoever is signed in: changed by its owner alone."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.datastructures import State

from sidecar import profiles
from sidecar.account import show
from sidecar.answers import Asked, go
from sidecar.audit import changes_of, note
from sidecar.forms import Form, filled, read_form
from sidecar.permissions import Permission, actor_of
from sidecar.profiles import Profile
from sidecar.tables.accounts import User

URL = "/account/profile"
FINDABLE = (("1", "Yes, by my user name and full name"), ("0", "No"))
ADDRESS = (("2", "Nobody"), ("1", "Whoever is signed in"), ("0", "Anybody"))


@get(URL, permission=Permission.ACCOUNT)
async def profile_page(request: Asked, state: State) -> Response[str]:
    """Show the form with what is kept."""
    async with state.db.read() as tx:
        user = await tx.get_one(User, actor_of(request).user)
    kept = {name: getattr(user, name) for name in Profile.__struct_fields__}
    return show_profile(request, filled(kept))


def show_profile(request: Asked, form: Form[Profile]) -> Response[str]:
    """The form."""
    return show(request, "sidecar/account/profile.html", "Profile", form=form, findable=FINDABLE,
                address=ADDRESS)  # fmt: skip


@post(URL, permission=Permission.ACCOUNT)
async def change(request: Asked, state: State) -> Response[Any]:
    """Keep what was typed."""
    form, actor = await read_form(request, Profile), actor_of(request)
    if form.value is None:
        return show_profile(request, form)
    async with state.db.write() as tx:
        user = await tx.get_one(User, actor.user)
        profiles.keep(user, form.value)
        await note(tx, actor, "profile changed", f"users/{user.id}", changes_of(user))
    return go(request, URL, "Your profile was changed.")


ROUTES = (profile_page, change)

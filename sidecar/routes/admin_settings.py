"""How the sidecar is set up, without its secrets, and what of it is closed for changes."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
from litestar import Response, get, post
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from msgspec import Meta
from sqlalchemy import select

from pydotorg_build import __version__
from pydotorg_build.last_build import last_build
from sidecar import publishing, receipts
from sidecar.answers import Asked, go
from sidecar.audit import note
from sidecar.desk import show
from sidecar.flags import BY_NAME, SWITCHES, closed, turn
from sidecar.forms import Form, Nothing, read_form
from sidecar.permissions import Permission, actor_of
from sidecar.settings import FIELDS, Settings, unset, variable
from sidecar.tables.work import Deploy

URL = "/admin/settings"
SECRET = ("secret", "password", "token", "key", "hook")
RECENT = 10
LONGEST = 500


class Set(NamedTuple):
    """A setting as it is shown."""

    variable: str
    value: str


def shown_settings(settings: Settings) -> Iterator[Set]:
    """All settings; of a secret only whether it is set, of an address no password."""
    for name in FIELDS:
        value = getattr(settings, name)
        yield Set(variable(name), shown_value(name, value))


def shown_value(name: str, value: Any) -> str:
    """The value of a setting, without what must stay secret.

    >>> shown_value("database_url", "postgresql://py:dot@db.example/org")
    'postgresql://py:…@db.example/org'
    >>> shown_value("github_secret", "abc"), shown_value("github_secret", "")
    ('set', 'not set')
    """
    if any(word in name for word in SECRET):
        return "set" if value else "not set"
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value)) or "not set"
    text = str(value)
    scheme, has_scheme, rest = text.partition("://")
    user, is_somebody, host = rest.rpartition("@")
    if has_scheme and is_somebody and ":" in user:
        return f"{scheme}://{user.partition(':')[0]}:…@{host}"
    return text or "not set"


@get(URL, permission=Permission.WORK_SEE)
async def settings(request: Asked, state: State) -> Response[str]:
    """Show the settings, the switches and what ran here."""
    return await shown(request, state)


async def shown(
    request: Asked, state: State, *, name: str = "", form: Form[Any] | None = None
) -> Response[str]:
    """The page; `form` is of the switch `name`, where it comes back."""
    shut = await state.db.look(closed)
    async with state.db.read() as tx:
        site = await receipts.standing(tx, state.settings)
        deploys = await tx.scalars(select(Deploy).order_by(Deploy.id.desc()).limit(RECENT))
    return show(
        request, "sidecar/admin/settings.html", "Settings", form=form, switches=SWITCHES,
        shut=shut, site=site, deploys=deploys.all(), version=__version__,
        last=last_build(Path(state.settings.site)), settings=tuple(shown_settings(state.settings)), unset=tuple(unset(state.settings)),
        may=actor_of(request).may(Permission.SETTINGS_CHANGE), name=name,
    )  # fmt: skip


@post(f"{URL}/snapshot", permission=Permission.SETTINGS_CHANGE)
async def snapshot(request: Asked, state: State) -> Response[Any]:
    """Ask for a snapshot now; a builder that watches makes the site anew from it."""
    form = await read_form(request, Nothing)
    if form.value is None:
        return go(request, URL, form.errors[0][1])
    async with state.db.write() as tx:
        await publishing.anew(tx, "staff asked")
        await note(tx, actor_of(request), "snapshot asked for", "flags/snapshot")
    return go(request, URL, "A snapshot will be taken in a moment.")


@post(f"{URL}/{{name:str}}", permission=Permission.SETTINGS_CHANGE)
async def switch(request: Asked, state: State, name: FromPath[str]) -> Response[Any]:
    """Close a part for changes, or open it again."""
    if name not in BY_NAME:
        raise NotFoundException
    form = await read_form(request, type_of(name))
    if form.value is None:
        return await shown(request, state, name=name, form=form)
    act, words, until = msgspec.structs.astuple(form.value)
    async with state.db.write() as tx:
        await turn(tx, actor_of(request), name, close=act == "close", words=words, until=until)
    done = f"{BY_NAME[name].title}: {'closed for changes' if act == 'close' else 'open again'}."
    return go(request, URL, done)


@functools.cache
def type_of(name: str) -> type[msgspec.Struct]:
    """What the form of a switch sends; each has fields of its own names, since all are on one page."""
    fields: list[Any] = [
        ("act", Literal["open", "close"]),
        (
            "words",
            Annotated[str, Meta(max_length=LONGEST)],
            msgspec.field(name=f"{name}-words", default=""),
        ),
        ("until", datetime.datetime | None, msgspec.field(name=f"{name}-until", default=None)),
    ]
    return msgspec.defstruct("Turn", fields, frozen=True, kw_only=True)


ROUTES = (settings, snapshot, switch)

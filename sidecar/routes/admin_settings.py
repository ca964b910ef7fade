"""How the sidecar is set up, without its secrets, and what of it is closed for changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from litestar import Response, get, post
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy import select

from pydotorg_build import __version__
from sidecar.desk import Asked, show
from sidecar.flags import BY_NAME, SWITCHES, closed, turn
from sidecar.lists import moment_of
from sidecar.permissions import Permission, actor_of
from sidecar.settings import FIELDS, Settings, unset, variable
from sidecar.tables.work import Deploy

URL = "/admin/settings"
SECRET = ("secret", "password", "token", "key")
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


@get(URL, permission=Permission.ADMIN)
async def settings(request: Asked, state: State) -> Response[str]:
    """Show the settings, the switches and what ran here."""
    return await shown(request, state)


async def shown(
    request: Asked, state: State, *, status: int = 200, name: str = "",
    typed: Mapping[str, str] | None = None, fault: str = "",
) -> Response[str]:  # fmt: skip
    """The page; `typed` and `fault` are of the switch `name`, where its form comes back."""
    async with state.db.read() as tx:
        shut = await closed(tx)
        deploys = await tx.scalars(select(Deploy).order_by(Deploy.id.desc()).limit(RECENT))
    return show(
        request, "sidecar/admin/settings.html", "Settings", status=status, switches=SWITCHES,
        shut=shut, deploys=deploys.all(), version=__version__,
        settings=tuple(shown_settings(state.settings)), unset=tuple(unset(state.settings)),
        may=actor_of(request).may(Permission.SETTINGS_CHANGE), name=name, typed=typed or {},
        fault=fault,
    )  # fmt: skip


@post(f"{URL}/{{name:str}}", permission=Permission.SETTINGS_CHANGE)
async def switch(request: Asked, state: State, name: FromPath[str]) -> Response[Any]:
    """Close a part for changes, or open it again."""
    if name not in BY_NAME:
        raise NotFoundException
    form = await request.form()
    typed = {field: str(form.get(f"{name}-{field}", "")).strip() for field in ("words", "until")}
    try:
        until = moment_of(typed["until"]) if typed["until"] else None
    except ValueError as error:
        fault = f"The time {error}."
        return await shown(request, state, status=422, name=name, typed=typed, fault=fault)
    if len(typed["words"]) > LONGEST or not typed["words"].replace("\r\n", "").isprintable():
        fault = f"The words may have {LONGEST} characters, and no invisible ones."
        return await shown(request, state, status=422, name=name, typed=typed, fault=fault)
    async with state.db.write() as tx:
        await turn(tx, actor_of(request), name, close=form.get("act") == "close",
                   words=typed["words"], until=until)  # fmt: skip
    return Redirect(URL, status_code=303)


ROUTES = (settings, switch)

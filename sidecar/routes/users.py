"""Profiles as others see them, and looking for people."""

from __future__ import annotations

from typing import Any

from litestar import Response, get
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from pydotorg_build.content.base import HOME, Crumb
from sidecar import profiles
from sidecar.answers import Asked, go, page
from sidecar.permissions import Permission, actor_of

URL = Crumb("People", "/users/")
LONGEST_QUERY = 100
# Where today's pages of an account are now; nobody is called so.
OLD = {"edit": "/account/profile", "membership": "/account/membership"}


@get(URL.url, permission=Permission.PUBLIC)
async def search(request: Asked, state: State) -> Response[str]:
    """Look for somebody by name; only those who want to be found are."""
    query = request.query_params.get("q", "").strip()[:LONGEST_QUERY]
    actor = actor_of(request)
    async with state.db.read() as tx:
        found = [profiles.shown_to(actor, user) for user in await profiles.search(tx, query)]
    return page(request, "sidecar/users/search.html", URL.title, crumbs=(HOME, URL), found=found,
                query=query, shortest=profiles.SHORTEST_QUERY, most=profiles.MOST_FOUND)  # fmt: skip


@get(f"{URL.url}{{name:str}}/", permission=Permission.PUBLIC)
async def profile(request: Asked, state: State, name: FromPath[str]) -> Response[Any]:
    """Show a profile, if it is public; old addresses of one's own account lead to the new ones."""
    if name in OLD:
        return go(request, OLD[name])
    async with state.db.read() as tx:
        user = await profiles.find(tx, name)
    shown = profiles.shown_to(actor_of(request), user) if user else None
    if user is None or shown is None:
        raise NotFoundException
    if user.name != name:
        return go(request, f"{URL.url}{user.name}/")
    title = shown.full_name or shown.name
    here = Crumb(title, f"{URL.url}{shown.name}/")
    return page(request, "sidecar/users/profile.html", title, crumbs=(HOME, URL, here), shown=shown)


ROUTES = (search, profile)

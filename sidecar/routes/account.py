"""The overview of somebody's own account."""

from __future__ import annotations

from litestar import Response, get
from litestar.datastructures import State

from sidecar.account import OVERVIEW, show
from sidecar.answers import Asked
from sidecar.factors import factors_of
from sidecar.permissions import Permission, actor_of
from sidecar.tables.accounts import User


@get(OVERVIEW.url, permission=Permission.ACCOUNT)
async def overview(request: Asked, state: State) -> Response[str]:
    """Who is signed in, and what there is to see to."""
    user = actor_of(request).user
    async with state.db.read() as tx:
        found = await tx.get_one(User, user)
        known = await factors_of(tx, user)
    return show(request, "sidecar/account/overview.html", OVERVIEW.title, user=found,
                has_factor=bool(known))  # fmt: skip


ROUTES = (overview,)

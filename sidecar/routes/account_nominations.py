"""The nominations of whoever is signed in: those they got, and those they made."""

from __future__ import annotations

from typing import Any

from litestar import Response, get
from litestar.datastructures import State
from sqlalchemy import select

from sidecar import elections, nominations
from sidecar.account import show
from sidecar.answers import Asked
from sidecar.clock import now
from sidecar.nominations import page_of
from sidecar.nominees import is_told
from sidecar.permissions import Permission, actor_of
from sidecar.tables.accounts import User
from sidecar.tables.elections import Nomination, Nominee

URL = "/account/nominations"


@get(URL, permission=Permission.ACCOUNT)
async def nominations_page(request: Asked, state: State) -> Response[str]:
    """Both lists, the newest first, and the elections in which one may nominate now."""
    actor = actor_of(request)
    async with state.db.read() as tx:
        me = await tx.get_one(User, actor.user)
        newest = select(Nominee).order_by(Nominee.id.desc())
        got = list(await tx.scalars(newest.where(nominations.is_of(me))))
        made = list(await tx.scalars(
            newest.join(Nomination, Nomination.nominee_id == Nominee.id)
            .where(Nomination.nominator_id == me.id, ~nominations.is_of(me))
        ))  # fmt: skip
    known = elections.known(state.settings.site)
    titles: dict[str, Any] = {one.id: one.title for one in known}
    return show(
        request, "sidecar/account/nominations.html", "Nominations", got=got, made=made,
        titles=titles, page_of=page_of, is_told=is_told,
        open=[one for one in known if elections.is_open(one, now())],
    )  # fmt: skip


ROUTES = (nominations_page,)

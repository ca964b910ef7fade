"""The end of letters to many: the page that their last link leads to, and the one click of a mail
program, which sends no cookies and no token of ours (RFC 8058).
"""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from sidecar import news
from sidecar.answers import Asked, page
from sidecar.permissions import Permission
from sidecar.rates import Rate
from sidecar.sealing import Unreadable
from sidecar.suppression import URL, address_of

PAGE = "sidecar/account/unsubscribe.html"


def address_in(state: State, sealed: str) -> str:
    """The address of a link."""
    try:
        return address_of(state.settings, sealed)
    except Unreadable as error:
        raise NotFoundException from error


@get(f"{URL}/{{sealed:str}}", permission=Permission.PUBLIC)
async def ask(request: Asked, state: State, sealed: FromPath[str]) -> Response[str]:
    """Show the button; nothing happens by opening the link."""
    email = address_in(state, sealed)
    return page(request, PAGE, "No more such letters", email=email, act=request.url.path,
                is_done=False)  # fmt: skip


# Providers of mail send the clicks of many people from few machines.
@post(f"{URL}/{{sealed:str}}", permission=Permission.PUBLIC, rate=Rate.READ, status_code=200)
async def unsubscribe(request: Asked, state: State, sealed: FromPath[str]) -> Response[Any]:
    """Take the address off; the link is proof enough, and a second time changes nothing."""
    email = address_in(state, sealed)
    async with state.db.write() as tx:
        await news.unsubscribe(tx, email)
    return page(request, PAGE, "No more such letters", email=email, act="", is_done=True)


ROUTES = (ask, unsubscribe)

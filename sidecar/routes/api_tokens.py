"""For programs: short-lived tokens in place of a key."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, post
from litestar.datastructures import State
from litestar.exceptions import NotAuthorizedException
from litestar.openapi.spec import Example
from litestar.params import Body
from msgspec import Meta, Struct

from sidecar import jwt
from sidecar.api import V1, all_at_once, told
from sidecar.permissions import Permission, actor_of
from sidecar.rates import Rate

URL = f"{V1}/token"
REUSED = "This refresh token does not work. Get another by your key."
PAIR = {
    "access_token": "eyJhbGciOiJIUzI1NiJ9.…", "refresh_token": "Zk3…", "expires_in": 300,
    "token_type": "Bearer",
}  # fmt: skip
GIVEN = {"refresh_token": "Zk3uN0pVq5-uUoYw1rG9aXfTtL2mEhCsJb7iKdPzQ8w"}


class Renewal(Struct, frozen=True, forbid_unknown_fields=True):
    """The refresh token of the pair before."""

    refresh_token: Annotated[str, Meta(min_length=1, max_length=200)]


Given = Annotated[Renewal, Body(examples=[Example("the token of the pair before", value=GIVEN)])]


@post(URL, permission=Permission.ACCOUNT_READ, rate=Rate.SUBMIT,
      **told("Tokens", "Exchange a key for tokens", jwt.Pair, PAIR, status=201))  # fmt: skip
async def begin(request: Request[Any, Any, Any], state: State) -> jwt.Pair:
    """Give an access token of five minutes and a refresh token of 30 days for the key that is sent."""
    return await jwt.begin(state.db, state.settings, actor_of(request))


@post(f"{URL}/refresh", permission=Permission.PUBLIC, rate=Rate.SUBMIT,
      before_request=all_at_once(Renewal),
      **told("Tokens", "Renew tokens", jwt.Pair, PAIR, status=201, failures=(400, 401, 429),
             is_public=True))  # fmt: skip
async def renew(state: State, data: Given) -> jwt.Pair:
    """Give the next pair for a refresh token.  It works once: a second time ends all its tokens."""
    async with state.db.write() as tx:
        pair = await jwt.renew(tx, state.settings, data.refresh_token)
    if pair is None:
        # By itself, so that the refusal does not undo it.
        async with state.db.write() as tx:
            await jwt.end_family(tx, data.refresh_token)
        raise NotAuthorizedException(REUSED)
    return pair


@post(f"{URL}/revoke", permission=Permission.PUBLIC, rate=Rate.SUBMIT,
      before_request=all_at_once(Renewal),
      **told("Tokens", "Revoke tokens", status=204, failures=(400, 401, 429),
             is_public=True))  # fmt: skip
async def revoke(state: State, data: Given) -> None:
    """Let a refresh token and all tokens of its family work no more; an unknown one is no fault."""
    async with state.db.write() as tx:
        await jwt.end_family(tx, data.refresh_token)


ROUTES = (begin, renew, revoke)

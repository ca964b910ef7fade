"""For programs: the keys of an account."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Annotated, Any

from litestar import delete, get, post
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath
from msgspec import Meta, Struct

from pydotorg_build.content.base import Fault
from sidecar import keys
from sidecar.api import V1, Line, Links, PageNumber, PageSize, all_at_once, links, told, wrong
from sidecar.clients import Asked
from sidecar.permissions import Permission, actor_of
from sidecar.tables.accounts import ApiKey

URL = f"{V1}/keys"
Number = Annotated[int, Meta(ge=1, le=2**31 - 1)]


class Key(Struct, frozen=True):
    """A key, without its secret part; `state` is live, revoked or expired."""

    id: int
    name: str
    prefix: str
    scopes: list[str]
    state: str
    created: datetime.datetime
    expires: datetime.datetime | None
    used: datetime.datetime | None


class NewKey(Struct, frozen=True, forbid_unknown_fields=True):
    """What a key is to be called, what it may do, and for how many days."""

    name: Line
    scopes: Annotated[list[Annotated[str, Meta(max_length=50)]], Meta(min_length=1, max_length=20)]
    days: Annotated[int, Meta(ge=1, le=keys.DAYS)] = 90


class MadeKey(Struct, frozen=True):
    """A new key; `secret` is what programs send, and is never shown again."""

    secret: str
    key: Key


class KeyPage(Struct, frozen=True):
    """Some of the keys, and where the others are."""

    items: list[Key]
    total: int
    page: int
    page_size: int
    links: Links


KEY = {
    "id": 12, "name": "my script", "prefix": "pyk_0f3a9c21", "scopes": ["account:read"],
    "state": "live", "created": "2026-11-26T15:04:05Z", "expires": "2027-02-24T15:04:05Z",
    "used": None,
}  # fmt: skip
PAGE = {
    "items": [KEY], "total": 1, "page": 1, "page_size": 20,
    "links": {"first": f"{URL}?page=1&page_size=20", "prev": "", "next": "",
              "last": f"{URL}?page=1&page_size=20"},
}  # fmt: skip
NEW = {"name": "my script", "scopes": ["account:read"], "days": 90}
MADE = {"secret": "pyk_0f3a9c21_…", "key": KEY}


def shown(key: ApiKey) -> Key:
    """A key as programs see it."""
    return Key(
        id=key.id, name=key.name, prefix=key.prefix, scopes=key.scopes, state=keys.state_of(key),
        created=key.created, expires=key.expires, used=key.used,
    )  # fmt: skip


@get(URL, permission=Permission.KEYS_CHANGE, **told("Keys", "List your keys", KeyPage, PAGE))
async def every(
    request: Asked, state: State, page: PageNumber = 1, page_size: PageSize = 20
) -> KeyPage:
    """Tell all keys of the account, the newest first, those that work no more too."""
    user = actor_of(request).user
    async with state.db.read() as tx:
        total = await keys.count(tx, user)
        found = await keys.keys_of(tx, user, most=page_size, begin=(page - 1) * page_size)
    around = links(URL, page, page_size, total)
    return KeyPage([shown(key) for key in found], total, page, page_size, around)


@get(f"{URL}/{{id:int}}", permission=Permission.KEYS_CHANGE,
     **told("Keys", "See one key", Key, KEY, failures=(400, 401, 403, 404, 429)))  # fmt: skip
async def one(request: Asked, state: State, id: FromPath[int]) -> Key:
    """Tell one key of the account."""
    async with state.db.read() as tx:
        key = await keys.find(tx, actor_of(request).user, in_range(id))
    if key is None:
        raise NotFoundException
    return shown(key)


def cannot_give(request: Asked, given: Mapping[str, Any]) -> list[Fault]:
    """What is wrong with scopes that are a list of texts."""
    scopes = given.get("scopes")
    if not isinstance(scopes, list) or not all(isinstance(scope, str) for scope in scopes):
        return []
    why = keys.wrong_scopes(actor_of(request), scopes)
    return [Fault("scopes", why)] if why else []


@post(URL, permission=Permission.KEYS_CHANGE, before_request=all_at_once(NewKey, cannot_give),
      **told("Keys", "Make a key", MadeKey, MADE, status=201))  # fmt: skip
async def make(
    request: Asked, state: State,
    data: Annotated[NewKey, Body(examples=[Example("a key for a year's work", value=NEW)])],
) -> MadeKey:  # fmt: skip
    """Make a key.  It can do no more than the key that makes it, and its secret is told only now."""
    try:
        async with state.db.write() as tx:
            actor = actor_of(request)
            made = await keys.make(tx, actor, data.name.strip(), data.scopes, data.days)
    except keys.Refused as refused:
        raise wrong(Fault(refused.field, str(refused))) from None
    return MadeKey(made.text, shown(made.key))


@delete(f"{URL}/{{id:int}}", permission=Permission.KEYS_CHANGE,
        **told("Keys", "Revoke a key", status=204, failures=(400, 401, 403, 404, 429)))  # fmt: skip
async def revoke(request: Asked, state: State, id: FromPath[int]) -> None:
    """Let a key work no more, at once, and its tokens with it; also the one that is used for it."""
    async with state.db.write() as tx:
        key = await keys.revoke(tx, actor_of(request), in_range(id))
    if key is None:
        raise NotFoundException


def in_range(id: int) -> int:
    """A number that the database can look for; a larger one is nobody's."""
    return id if 0 < id < 2**31 else 0


ROUTES = (every, one, make, revoke)

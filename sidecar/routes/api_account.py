"""For programs: whom a key belongs to, and whether the service works."""

from __future__ import annotations

from typing import Any

from litestar import Request, get
from litestar.datastructures import State
from litestar.exceptions import ServiceUnavailableException
from msgspec import Struct

from sidecar.api import V1, failure, told
from sidecar.keys import state_of
from sidecar.permissions import Permission, actor_of
from sidecar.tables.accounts import ApiKey, User


class KeyInUse(Struct, frozen=True):
    """The key that was sent."""

    prefix: str
    name: str
    scopes: list[str]
    state: str


class Account(Struct, frozen=True):
    """Whose key it is."""

    id: int
    name: str
    full_name: str
    email: str
    roles: list[str]
    is_member: bool
    key: KeyInUse


class Health(Struct, frozen=True):
    """That the service works: `ready`."""

    status: str


ACCOUNT = {
    "id": 7, "name": "ada", "full_name": "Ada Lovelace", "email": "ada@example.org", "roles": [],
    "is_member": True, "key": {"prefix": "pyk_0f3a9c21", "name": "my script",
                               "scopes": ["account:read"], "state": "live"},
}  # fmt: skip


@get(f"{V1}/account", permission=Permission.ACCOUNT_READ,
     **told("Account", "Who am I?", Account, ACCOUNT))  # fmt: skip
async def account(request: Request[Any, Any, Any], state: State) -> Account:
    """Tell whose key was sent, what they are, and what the key may do."""
    actor = actor_of(request)
    async with state.db.read() as tx:
        user = await tx.get_one(User, actor.user)
        key = await tx.get_one(ApiKey, actor.key)
    used = KeyInUse(key.prefix, key.name, key.scopes, state_of(key))
    return Account(
        id=user.id, name=user.name, full_name=user.full_name, email=user.email,
        roles=sorted(actor.roles), is_member=actor.is_member, key=used,
    )  # fmt: skip


@get(f"{V1}/health", permission=Permission.PUBLIC,
     **told("Service", "Does it work?", Health, {"status": "ready"}, failures=(401, 429, 503),
            is_public=True))  # fmt: skip
async def health(state: State) -> Health:
    """Tell whether the service works; with 503 while nothing can be written."""
    if not await state.db.can_write():
        raise ServiceUnavailableException(failure(503)["error"]["message"])
    return Health("ready")


ROUTES = (account, health)

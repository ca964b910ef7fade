"""Who is behind a request of a program: `Authorization: Bearer` with a key, or with an access token.

Looked at below /api/ only, where cookies count for nothing.  A key that has ended is refused on
every route, also where nobody need be known: a program should learn of it at once.
"""

from __future__ import annotations

import datetime
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, NamedTuple

from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.exceptions import NotAuthorizedException
from litestar.handlers import BaseRouteHandler
from sqlalchemy import Connection, Row, Select, bindparam, exists, select, update
from sqlalchemy.exc import DBAPIError

from sidecar import jwt
from sidecar.clock import now
from sidecar.database import Database
from sidecar.flags import look_along
from sidecar.keys import MARK, state_of
from sidecar.permissions import Actor, Role, permissions_of
from sidecar.settings import Settings
from sidecar.tables.accounts import ApiKey, Given, Membership, User
from sidecar.tokens import digest_of

USED_EVERY = datetime.timedelta(minutes=10)
LONGEST = 4000
UNKNOWN = "This is no key or token of ours."
ENDED = {
    "revoked": "This key was revoked. Make another at /account/keys.",
    "expired": "This key has expired. Make another at /account/keys.",
}
TOO_OLD = "This token has expired. Get another by your refresh token."
OVER = "This token was revoked. Get another by your key."
# A key with its owner, a row for each role.  Made once, since every request of a program asks so:
# of a statement that is made anew SQLAlchemy has to find out first whether it knows it.
OF_KEY = (
    select(ApiKey.id, ApiKey.user_id, ApiKey.scopes, ApiKey.expires, ApiKey.revoked_at, ApiKey.used,
           User.name, Given.role, exists().where(Membership.user_id == User.id).label("belongs"))
    .join(User, User.id == ApiKey.user_id)
    .outerjoin(Given, Given.user_id == User.id)
    .where(User.is_active, User.deleted_at.is_(None))
)  # fmt: skip
BY_DIGEST = OF_KEY.where(ApiKey.digest == bindparam("of"))
BY_NUMBER = OF_KEY.where(ApiKey.id == bindparam("of"))


class Found(NamedTuple):
    """Whoever is behind a key, or why it does not count."""

    actor: Actor = Actor()
    fault: str = ""
    key: Row[*tuple[Any, ...]] | None = None


def find(db: Connection, settings: Settings, bearer: str) -> Found:
    """Whoever a key or a token belongs to."""
    if bearer.startswith(MARK):
        return _by_key(db, BY_DIGEST, digest_of(bearer))
    claims = jwt.read(settings, bearer)
    if claims is None:
        return Found(fault=UNKNOWN)
    if claims.exp <= now().timestamp():
        return Found(fault=TOO_OLD)
    if not jwt.is_alive(db, claims):
        return Found(fault=OVER)
    return _by_key(db, BY_NUMBER, claims.key)


def _by_key(db: Connection, asked: Select[*tuple[Any, ...]], of: str | int) -> Found:
    rows = db.execute(asked, {"of": of}).all()
    if not rows:
        return Found(fault=UNKNOWN)
    key = rows[0]
    if fault := ENDED.get(state_of(key), ""):
        return Found(fault=fault)
    roles = frozenset(Role(row.role) for row in rows if row.role)
    return Found(_actor(key, roles), key=key)


def _actor(key: Row[*tuple[Any, ...]], roles: frozenset[Role]) -> Actor:
    """What a key lets a program do: its scopes, as far as its owner may do that now.

    A staff's scope was given in a session that had its second factor.
    """
    return Actor(
        user=key.user_id, name=key.name, key=key.id, roles=roles, scopes=frozenset(key.scopes),
        is_member=key.belongs, has_factor=True,
        permissions=permissions_of(roles, has_factor=True),
    )  # fmt: skip


async def meet(
    connection: ASGIConnection[Any, Any, Any, State],
) -> Callable[[], Awaitable[None]] | None:
    """Look the key or token up, if there is one; return what notes that it is used, now and then."""
    scope, state = connection.scope, connection.app.state
    scope["query_string"] = _without_empty(scope["query_string"])
    bearer = _bearer_of(connection.headers.get("authorization", ""))
    if not bearer:
        return None

    def look(db: Connection) -> Found:
        look_along(connection, db)
        return find(db, state.settings, bearer)

    found = await state.db.look(look)
    scope["state"]["actor"], scope["state"]["bearer_fault"] = found.actor, found.fault
    return partial(state.uses.note, found.key.id) if found.key and _is_new(found.key) else None


def _bearer_of(header: str) -> str:
    """What stands behind `Bearer`; anything else is no key of ours, and told so."""
    kind, _, text = header.strip().partition(" ")
    return (text.strip()[:LONGEST] or "-") if kind.lower() == "bearer" else header.strip()[:1]


def _without_empty(query: bytes) -> bytes:
    """A query without what is empty in it: `?page=` is as if it were not there."""
    return b"&".join(part for part in query.split(b"&") if not part.endswith(b"="))


def _is_new(key: Row[*tuple[Any, ...]]) -> bool:
    return key.used is None or now() - key.used > USED_EVERY


class Uses:
    """Notes when keys were used, now and then and after the answer: reading costs no write.

    Those that are used while one waits for its turn to write are written along with it.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._keys: set[int] = set()

    async def note(self, key: int) -> None:
        """Note the use of a key."""
        keys = self._keys
        is_first = not keys
        keys.add(key)
        if not is_first:
            return
        try:
            async with self._db.write() as tx:
                self._keys = set()
                await tx.execute(update(ApiKey).where(ApiKey.id.in_(keys)).values(used=now()))
        except DBAPIError:
            return
        finally:
            if self._keys is keys:
                self._keys = set()


async def enforce_bearer(
    connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
) -> None:
    """A guard of all routes: a key or token that does not count is told so."""
    if fault := connection.scope["state"].get("bearer_fault"):
        header = {"WWW-Authenticate": f'Bearer error="invalid_token", error_description="{fault}"'}
        raise NotAuthorizedException(fault, headers=header)

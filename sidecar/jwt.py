"""Tokens for programs that would rather not send their key each time: short-lived, and renewable.

A key is exchanged for an access token of some minutes and a refresh token.  A refresh token works
once and gives the next pair.  One that comes a second time was copied: all of its family end.
An access token names key and family, and both are looked up, so that revoking counts at once.
"""

from __future__ import annotations

import datetime
import secrets
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from sqlalchemy import Connection, bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from sidecar.clock import now
from sidecar.database import Database
from sidecar.keys import is_live
from sidecar.permissions import Actor
from sidecar.schema import EPOCH
from sidecar.sealing import Use, key_for
from sidecar.settings import Settings
from sidecar.tables.accounts import ApiKey, Refresh, User
from sidecar.tables.work import Flag
from sidecar.tokens import digest_of, new_token

ACCESS = datetime.timedelta(minutes=5)
REFRESH = datetime.timedelta(days=30)
ALGORITHM = "HS256"
ALIVE = (
    select(Refresh.id)
    .where(Refresh.family == bindparam("family"), Refresh.revoked_at.is_(None))
    .limit(1)
)
EPOCH_NOW = select(Flag.value).where(Flag.name == EPOCH)
# A row of the table and not a record of it, since nobody here reads it: half of what a record costs.
NEW = insert(Refresh.metadata.tables[Refresh.__tablename__]).returning(EPOCH_NOW.scalar_subquery())


class Claims(msgspec.Struct, frozen=True):
    """What an access token says."""

    iss: str
    sub: str
    key: int
    family: str
    epoch: str
    iat: int
    exp: int


class Pair(msgspec.Struct, frozen=True):
    """An access token and the refresh token for the next."""

    access_token: str
    refresh_token: str
    expires_in: int
    token_type: str = "Bearer"  # noqa: S105 (what the standard calls it)


async def begin(db: Database, settings: Settings, actor: Actor) -> Pair:
    """The first pair for the key that somebody sent."""
    return await _pair(db.put, settings, actor.key, actor.user, secrets.token_hex(16))


async def renew(tx: AsyncSession, settings: Settings, refresh: str) -> Pair | None:
    """The next pair for a refresh token that works; of two who use it at once, one gets it."""
    spent = await tx.scalar(
        update(Refresh)
        .where(Refresh.digest == digest_of(refresh), Refresh.used_at.is_(None))
        .where(Refresh.revoked_at.is_(None), Refresh.expires > now())
        .values(used_at=now())
        .returning(Refresh)
    )
    if spent is None:
        return None
    key = await tx.scalar(
        select(ApiKey).join(User, User.id == ApiKey.user_id)
        .where(ApiKey.id == spent.key_id, User.is_active, User.deleted_at.is_(None), *is_live())
    )  # fmt: skip
    if key is None:
        return None
    return await _pair(tx.scalar, settings, key.id, key.user_id, spent.family)


async def end_family(tx: AsyncSession, refresh: str) -> bool:
    """Let all tokens work no more that came of the same beginning; was there such a token?"""
    family = await tx.scalar(select(Refresh.family).where(Refresh.digest == digest_of(refresh)))
    if family is None:
        return False
    every = update(Refresh).where(Refresh.family == family, Refresh.revoked_at.is_(None))
    await tx.execute(every.values(revoked_at=now()))
    return True


async def _pair(
    put: Callable[[Any, Any], Awaitable[Any]],
    settings: Settings, key: int, user: int, family: str,
) -> Pair:  # fmt: skip
    """A pair, once `put` has written the row of its refresh token."""
    refresh, at = new_token(), now()
    row = {"digest": digest_of(refresh), "family": family, "key_id": key, "expires": at + REFRESH}
    claims = Claims(
        iss=settings.url, sub=str(user), key=key, family=family,
        epoch=_epoch(await put(NEW, row)), iat=int(at.timestamp()), exp=int((at + ACCESS).timestamp()),
    )  # fmt: skip
    header = {"alg": ALGORITHM}
    access = jwt.encode(header, msgspec.to_builtins(claims), _key(settings.secret))
    return Pair(access, refresh, int(ACCESS.total_seconds()))


def read(settings: Settings, token: str) -> Claims | None:
    """What a token of ours says, though it may have ended; None where it is none of ours."""
    try:
        found = jwt.decode(token, _key(settings.secret), algorithms=[ALGORITHM])
        claims = msgspec.convert(found.claims, Claims)
    except (JoseError, msgspec.ValidationError, ValueError):
        return None
    return claims if claims.iss == settings.url else None


def is_alive(db: Connection, claims: Claims) -> bool:
    """Does its family go on, and was the database not put back since?"""
    found = db.scalar(ALIVE, {"family": claims.family})
    return found is not None and claims.epoch == _epoch(db.scalar(EPOCH_NOW))


def _epoch(value: dict[str, Any] | None) -> str:
    """Another after each restore."""
    return str((value or {}).get(EPOCH, ""))


@cache
def _key(secret: str) -> OctKey:
    return OctKey.import_key(key_for(secret, Use.API_TOKENS))

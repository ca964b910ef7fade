"""API keys: what programs show instead of a password.

A key is told once, when it is made; only its digest is kept, and its prefix, to tell it apart.  It
may do what its scopes say, and never more than its owner may at that moment.
"""

from __future__ import annotations

import datetime
import secrets
from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from pydotorg_build.digests import digest_texts
from sidecar.audit import note
from sidecar.clock import now
from sidecar.database import in_turn
from sidecar.permissions import Actor, Permission
from sidecar.tables.accounts import ApiKey
from sidecar.tokens import digest_of

MARK = "pyk_"
PREFIX = 8  # hexadecimal digits after the mark
MOST_KEYS = 20
DAYS = 365
# What a key may be given; a staff's only to those who have it, and only with a second factor.
SCOPES = {
    Permission.ACCOUNT_READ: "read your account",
    Permission.KEYS_CHANGE: "list, make and revoke your keys",
    Permission.SUBMISSIONS_READ: "read what you handed in",
    Permission.SUBMISSIONS_CHANGE: "hand something in",
    Permission.MAIL_SEE: "read the log of mails",
    Permission.SNAPSHOT_READ: "bring the snapshot to a builder",
}


class Made(NamedTuple):
    """A new key, and its text, which is nowhere else."""

    key: ApiKey
    text: str


class Refused(ValueError):
    """Why there is no new key; `field` is what has to be another."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class MadeBefore(Exception):
    """The form of a key was sent again: its key is there, and was shown."""


def scopes_for(actor: Actor) -> dict[Permission, str]:
    """What somebody may let a key do.  A key lets none do more than it may itself."""
    return {scope: words for scope, words in SCOPES.items() if actor.may(scope)}


def wrong_scopes(actor: Actor, scopes: Iterable[str]) -> str:
    """Why somebody cannot give a key these; empty where they can."""
    wanted = set(scopes)
    if not wanted:
        return "choose what the key may do"
    unknown = sorted(wanted - {scope.value for scope in scopes_for(actor)})
    return f"you cannot give {', '.join(unknown)}" if unknown else ""


async def make(
    tx: AsyncSession, actor: Actor, name: str, scopes: Iterable[str], days: int = DAYS,
    once: str = "",
) -> Made:  # fmt: skip
    """Make a key for somebody, or say by `Refused` why not.

    `once` is what a form carries that was shown for one key: sent again as it was, it has the same
    prefix, and raises `MadeBefore`.
    """
    wanted = sorted(set(scopes))
    if why := wrong_scopes(actor, wanted):
        raise Refused("scopes", why)
    form = digest_texts(once or secrets.token_hex(), name, str(days), *wanted)
    prefix = MARK + form[:PREFIX]
    await in_turn(tx, f"keys {actor.user}")
    theirs = select(ApiKey.id).where(ApiKey.user_id == actor.user, ApiKey.prefix == prefix)
    if await tx.scalar(theirs):
        raise MadeBefore
    if await count(tx, actor.user, live=True) >= MOST_KEYS:
        raise Refused("name", f"you have {MOST_KEYS} keys; revoke one first")
    text = f"{prefix}_{secrets.token_urlsafe(32)}"
    key = ApiKey(
        user_id=actor.user, name=name, prefix=prefix, digest=digest_of(text), scopes=wanted,
        expires=now() + datetime.timedelta(days=days),
    )  # fmt: skip
    tx.add(key)
    await tx.flush()
    await note(tx, actor, "key made", f"users/{actor.user}", {"prefix": ("", prefix)})
    return Made(key, text)


async def revoke(tx: AsyncSession, actor: Actor, id: int) -> ApiKey | None:
    """Let a key of somebody's own work no more, at once; None where there is no such key."""
    key = await find(tx, actor.user, id)
    if key is not None and key.revoked_at is None:
        key.revoked_at = now()
        await note(tx, actor, "key revoked", f"users/{actor.user}", {"prefix": (key.prefix, "")})
    return key


async def find(db: AsyncSession, user: int, id: int) -> ApiKey | None:
    """A key of somebody."""
    return await db.scalar(select(ApiKey).where(ApiKey.id == id, ApiKey.user_id == user))


async def keys_of(db: AsyncSession, user: int, *, most: int = 1000, begin: int = 0) -> list[ApiKey]:
    """The keys of somebody, the newest first, those that work no more too."""
    found = select(ApiKey).where(ApiKey.user_id == user).order_by(ApiKey.id.desc())
    return list(await db.scalars(found.limit(most).offset(begin)))


async def count(db: AsyncSession, user: int, *, live: bool = False) -> int:
    """How many keys somebody has."""
    asked = select(func.count(ApiKey.id)).where(ApiKey.user_id == user)
    return await db.scalar(asked.where(*is_live()) if live else asked) or 0


def is_live() -> tuple[ColumnElement[bool], ...]:
    """Of keys that work."""
    return ApiKey.revoked_at.is_(None), or_(ApiKey.expires.is_(None), ApiKey.expires > now())


def state_of(key: ApiKey | Row[*tuple[Any, ...]]) -> str:
    """Does a key work?"""
    if key.revoked_at is not None:
        return "revoked"
    return "expired" if key.expires is not None and key.expires <= now() else "live"

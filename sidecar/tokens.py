"""Tokens that work once, for one purpose: what links in mail, and other ways in, carry.

Only digests are kept: whoever reads the database can use none.  A page shows what a token is for by
`look`; the button on it sends a form, and only that `spend`s it.
"""

from __future__ import annotations

import datetime
import hashlib
import secrets
from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from sidecar.clock import now
from sidecar.tables.accounts import Purpose, Token

LASTS = {
    Purpose.CONFIRM: datetime.timedelta(days=1),
    Purpose.RESET: datetime.timedelta(hours=1),
    Purpose.CHANGE_EMAIL: datetime.timedelta(hours=1),
    Purpose.ENROL: datetime.timedelta(minutes=15),
    Purpose.SIGN_IN: datetime.timedelta(minutes=15),
}


def new_token() -> str:
    """A text that nobody guesses."""
    return secrets.token_urlsafe(32)


def digest_of(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


async def free_id(tx: AsyncSession, table: Any) -> str:
    """A number that nobody guesses the next of: eight digits, above all of the old site's."""
    while True:
        number = str(10_000_000 + secrets.randbelow(90_000_000))
        if not await tx.scalar(select(table.id).where(table.public_id == number)):
            return number


async def make(
    tx: AsyncSession, purpose: Purpose, user: int | None, data: Mapping[str, Any] | None = None
) -> str:
    """A new token.  It is told to whom it is for and nobody else, and never again."""
    token = new_token()
    tx.add(Token(token=digest_of(token), purpose=purpose.value, user_id=user, data=dict(data or {}),
                 expires=now() + LASTS[purpose]))  # fmt: skip
    await tx.flush()
    return token


async def look(db: AsyncSession, purpose: Purpose, token: str) -> Token | None:
    """The token, if it still works for this purpose; it goes on working."""
    return await db.scalar(
        select(Token).where(
            Token.token == digest_of(token), Token.purpose == purpose.value,
            Token.used_at.is_(None), Token.expires > now(),
        )
    )  # fmt: skip


async def was_used(db: AsyncSession, purpose: Purpose, token: str) -> Token | None:
    """The token, if it is one of this purpose that did its work already."""
    return await db.scalar(
        select(Token).where(
            Token.token == digest_of(token), Token.purpose == purpose.value,
            Token.used_at.is_not(None),
        )
    )  # fmt: skip


async def spend(tx: AsyncSession, purpose: Purpose, token: str) -> Token | None:
    """The token, if it works; of two who spend it at once, one gets it."""
    used = await tx.scalars(
        update(Token)
        .where(Token.token == digest_of(token), Token.purpose == purpose.value)
        .where(Token.used_at.is_(None), Token.expires > now())
        .values(used_at=now())
        .returning(Token)
    )
    return used.first()


async def forget(tx: AsyncSession, purpose: Purpose, user: int) -> None:
    """Let all tokens that somebody has for a purpose work no more."""
    await tx.execute(delete(Token).where(Token.user_id == user, Token.purpose == purpose.value))

"""Links that need no account: whoever has one looks after what its row is of, until it ends.

Only the digest of a token is kept.  What a link is of, and for how long, its owner's module says.
"""

from __future__ import annotations

import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from sidecar.clock import now
from sidecar.tables.base import Link
from sidecar.tokens import digest_of, new_token

# Of whoever handed in hundreds, the newest.
MOST = 20
L = TypeVar("L", bound=Link)


async def make(tx: AsyncSession, table: type[Link], expires: datetime.datetime, **of: Any) -> str:
    """A new token; it is told to whom it is for, and never again."""
    token = new_token()
    tx.add(table(token=digest_of(token), expires=expires, **of))
    await tx.flush()
    return token


async def find(db: AsyncSession, table: type[L], token: str) -> L | None:
    """The row of a token, as long as it works."""
    found: L | None = await db.scalar(
        select(table).where(
            table.token == digest_of(token), table.expires > now(), table.revoked_at.is_(None)
        )
    )
    return found


async def end(tx: AsyncSession, table: type[Link], of: ColumnElement[bool]) -> None:
    """Let no link to something work any more, wherever it went."""
    await tx.execute(update(table).where(of, table.revoked_at.is_(None)).values(revoked_at=now()))

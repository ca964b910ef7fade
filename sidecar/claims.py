"""Who looks at what waits: whoever claims it has it for half an hour, and the next one is told."""

from __future__ import annotations

import datetime
from typing import Any, Protocol

from sqlalchemy import ColumnElement, false, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from sidecar.clock import now
from sidecar.permissions import Actor
from sidecar.tables.accounts import User

CLAIMED = datetime.timedelta(minutes=30)


class Claimed(Protocol):
    """A record that somebody can look at."""

    id: Any
    claimed_by: Any
    claimed_at: Any


async def claim(tx: AsyncSession, row: Claimed, actor: Actor) -> bool:
    """Say that one is looking at it; False where somebody else is, since less than half an hour.

    Its version stays: whoever has its page open may still decide.
    """
    table: Any = type(row)
    free = table.id == row.id, ~held_by_others(table, actor)
    claimed = update(table.__table__).where(*free).returning(table.id)
    found = await tx.execute(claimed.values(claimed_by=actor.user, claimed_at=now()))
    return found.first() is not None


async def holder(db: AsyncSession, row: Claimed) -> str:
    """Who is looking at it, by name; empty where nobody is."""
    if not is_recent(row):
        return ""
    return await db.scalar(select(User.name).where(User.id == row.claimed_by)) or ""


def is_recent(row: Claimed) -> bool:
    """Did somebody claim it less than half an hour ago?"""
    return bool(row.claimed_at and now() - row.claimed_at < CLAIMED)


def is_held(row: Claimed, actor: Actor) -> bool:
    """Is somebody else looking at it?"""
    return is_recent(row) and row.claimed_by not in (None, actor.user)


def held_by_others(table: Any, actor: Actor) -> ColumnElement[bool]:
    """Rows that somebody else is looking at."""
    held = (table.claimed_by != actor.user) & (table.claimed_at > now() - CLAIMED)
    return func.coalesce(held, false())


def end(row: Claimed) -> None:
    """Nobody is looking at it any more."""
    row.claimed_by = row.claimed_at = None

"""Who looks at what waits: whoever claims it has it for half an hour, and the next one is told."""

from __future__ import annotations

import datetime
from typing import Any, Protocol

from sqlalchemy import ColumnElement, false, func

from sidecar.clock import now
from sidecar.permissions import Actor

CLAIMED = datetime.timedelta(minutes=30)


class Claimed(Protocol):
    """A record that somebody can look at."""

    claimed_by: Any
    claimed_at: Any


def claim(row: Claimed, actor: Actor) -> bool:
    """Say that one is looking at it; False where somebody else is, since less than half an hour."""
    if is_held(row, actor):
        return False
    row.claimed_by, row.claimed_at = actor.user, now()
    return True


def is_held(row: Claimed, actor: Actor) -> bool:
    """Is somebody else looking at it?"""
    recent = row.claimed_at and now() - row.claimed_at < CLAIMED
    return bool(recent) and row.claimed_by not in (None, actor.user)


def held_by_others(table: Any, actor: Actor) -> ColumnElement[bool]:
    """Rows that somebody else is looking at."""
    held = (table.claimed_by != actor.user) & (table.claimed_at > now() - CLAIMED)
    return func.coalesce(held, false())


def end(row: Claimed) -> None:
    """Nobody is looking at it any more."""
    row.claimed_by = row.claimed_at = None

"""A decision about a sponsorship that can still be undone: its sponsor and the site are told nothing.

For them all stands as before it.
"""

from __future__ import annotations

import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from sidecar.clock import now
from sidecar.sponsors.steps import At
from sidecar.tables.sponsors import Sponsorship, SponsorshipStep

DAYS = frozenset({"start", "end"})


def is_held() -> ColumnElement[bool]:
    """Steps that can still be undone."""
    return (SponsorshipStep.until > now()) & SponsorshipStep.undone_at.is_(None)


async def all_held(db: AsyncSession) -> dict[int, SponsorshipStep]:
    """By sponsorship, the step that can still be undone; there is one at most."""
    found = await db.scalars(select(SponsorshipStep).where(is_held()))
    return {step.sponsorship_id: step for step in found}


async def held(db: AsyncSession, number: int) -> SponsorshipStep | None:
    """The step of a sponsorship that can still be undone."""
    its = SponsorshipStep.sponsorship_id == number
    found: SponsorshipStep | None = await db.scalar(select(SponsorshipStep).where(its, is_held()))
    return found


class Told(NamedTuple):
    """How a sponsorship stands for its sponsor and for the site."""

    state: At
    locked: bool
    price: int
    start: datetime.date | None
    end: datetime.date | None


def told(row: Sponsorship, held: SponsorshipStep | None) -> Told:
    """How it stands for them while a step is held, or none."""
    kept = {name: getattr(row, name) for name in Told._fields} | as_it_was(held)
    return Told(**{**kept, "state": At(kept["state"])})


def as_it_was(step: SponsorshipStep | None) -> dict[str, Any]:
    """The columns that undoing a step brings back."""
    kept = step.before if step else {}
    return {name: datetime.date.fromisoformat(value) if name in DAYS and value else value
            for name, value in kept.items()}  # fmt: skip

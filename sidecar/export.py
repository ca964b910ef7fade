"""What is kept about somebody, to be taken away: as far as they are told of it.

What was decided and can still be undone stands as before it, and a letter that was not sent since
its decision was undone is no part of it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from sidecar import publishing
from sidecar.clock import now
from sidecar.nominees import is_told
from sidecar.personal import PARTS
from sidecar.sponsors.held import all_held, is_held, told
from sidecar.tables.accounts import User
from sidecar.tables.base import Table
from sidecar.tables.cases import Submission
from sidecar.tables.elections import Nominee
from sidecar.tables.sponsors import SponsorAsset, Sponsorship, SponsorshipStep
from sidecar.tables.work import Mail, MailState

Told = list[dict[str, Any]]


async def export(db: AsyncSession, user: int) -> dict[str, Any]:
    """All that is kept about somebody, as JSON may hold it."""
    person = (await db.execute(select(*User.__table__.columns).where(User.id == user))).one()
    found: dict[str, Any] = {"taken_at": now()}
    for part in PARTS:
        names = [c.key for c in part.table.__table__.columns if c.key not in part.held_back]
        if not names:
            continue
        which = part.rows(person), *(one() for one in SEEN.get(part.table, ()))
        rows = list(await db.scalars(select(part.table).where(*which)))
        told = await AS_TOLD[part.table](db, rows) if part.table in AS_TOLD else [{}] * len(rows)
        found[part.name] = [
            {name: said.get(name, getattr(row, name)) for name in names}
            for row, said in zip(rows, told, strict=True)
        ]
    return found


async def submissions(db: AsyncSession, found: Sequence[Submission]) -> Told:
    """Where they stand for whoever handed them in."""
    stands = await publishing.told(db, found)
    here = [stands[one.id] for one in found]
    return [{"state": one.state, **one.shown._asdict()} for one in here]


async def sponsorships(db: AsyncSession, found: Sequence[Sponsorship]) -> Told:
    """Where they stand for the sponsor."""
    held = await all_held(db)
    return [told(one, held.get(one.id))._asdict() for one in found]


async def nominees(db: AsyncSession, found: Sequence[Nominee]) -> Told:
    """Nobody is withdrawn before it is told."""
    stands = {"withdrawn_at": None, "withdrawn_reason": ""}
    return [{} if is_told(one) else stands for one in found]


# What columns of each row say instead.
AS_TOLD: dict[type[Table], Callable[[AsyncSession, Any], Awaitable[Told]]] = {
    Submission: submissions, Sponsorship: sponsorships, Nominee: nominees,
}  # fmt: skip
# Which rows there are for whoever asks; of other tables all.
SEEN: dict[type[Table], Sequence[Callable[[], ColumnElement[bool]]]] = {
    Mail: (lambda: Mail.state != MailState.HELD.value, lambda: Mail.not_before <= now()),
    SponsorAsset: (lambda: or_(
        SponsorAsset.step_id.is_(None),
        SponsorAsset.step_id.not_in(select(SponsorshipStep.id).where(is_held())),
    ),),
}  # fmt: skip

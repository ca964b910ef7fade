"""The rows of the snapshot that are sponsors.  Nothing in them is only ours: no contact, no price."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from sidecar.clock import now
from sidecar.sponsors.steps import AGREED
from sidecar.tables.sponsors import Sponsor, Sponsorship

KIND = "sponsors"


async def rows(tx: AsyncSession) -> list[tuple[str, str, dict[str, Any]]]:
    """Kind, key and data of each that was released and has not ended; of a sponsor the one that
    runs longest already: the next takes over when that has ended, or is overlapped.
    """
    asked = (
        select(Sponsorship, Sponsor).join(Sponsor, Sponsor.id == Sponsorship.sponsor_id)
        .where(Sponsorship.released.is_not(None), Sponsorship.overlapped_by.is_(None))
        .where(Sponsorship.state.in_([state.value for state in AGREED]))
        .where(Sponsorship.end >= now().date()).order_by(Sponsorship.start.desc())
    )  # fmt: skip
    newest: dict[int, tuple[str, str, dict[str, Any]]] = {}
    for row, sponsor in await tx.execute(asked):
        newest[sponsor.id] = (KIND, sponsor.public_id, data_of(row, sponsor))
    return [newest[number] for number in sorted(newest)]


def data_of(row: Sponsorship, sponsor: Sponsor) -> dict[str, Any]:
    """A sponsorship in the shape of the site's entry."""
    data = {
        "title": sponsor.name, "level": row.level, "website": row.payload["website"],
        "logo": row.logo, "start": row.start, "end": row.end, "released": row.released,
        "body": row.payload["description"],
    }  # fmt: skip
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in data.items()
        if value
    }

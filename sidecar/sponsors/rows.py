"""The rows of the snapshot that are sponsors.  Nothing in them is only ours: no contact, no price."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from sidecar.clock import now
from sidecar.sponsors.held import Told, all_held, told
from sidecar.sponsors.steps import AGREED
from sidecar.tables.sponsors import Sponsor, Sponsorship

KIND = "sponsors"


async def rows(tx: AsyncSession) -> list[tuple[str, str, dict[str, Any]]]:
    """Kind, key and data of each that was released and has not ended; of a sponsor the one that
    runs longest already: the next takes over when that has ended, or is overlapped.
    """
    held, today = await all_held(tx), now().date()
    agreed = Sponsorship.state.in_([state.value for state in AGREED]), Sponsorship.end >= today
    asked = (
        select(Sponsorship, Sponsor).join(Sponsor, Sponsor.id == Sponsorship.sponsor_id)
        .where(Sponsorship.released.is_not(None), Sponsorship.overlapped_by.is_(None))
        .where(or_(and_(*agreed), Sponsorship.id.in_(held))).order_by(Sponsorship.id)
    )  # fmt: skip
    newest_first = sorted(
        [(told(row, held.get(row.id)), row, sponsor) for row, sponsor in await tx.execute(asked)],
        key=lambda one: one[0].start or today, reverse=True,
    )  # fmt: skip
    found: dict[int, tuple[str, str, dict[str, Any]]] = {}
    for stands, row, sponsor in newest_first:
        if stands.state in AGREED and stands.end and stands.end >= today:
            found[sponsor.id] = (KIND, sponsor.public_id, data_of(stands, row, sponsor))
    return [found[number] for number in sorted(found)]


def data_of(stands: Told, row: Sponsorship, sponsor: Sponsor) -> dict[str, Any]:
    """A sponsorship in the shape of the site's entry."""
    data = {
        "title": sponsor.name, "level": row.level, "website": row.payload["website"],
        "logo": row.logo, "start": stands.start, "end": stands.end, "released": row.released,
        "body": row.payload["description"],
    }  # fmt: skip
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in data.items()
        if value
    }

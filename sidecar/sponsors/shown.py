"""What the site shows of sponsors: rows of the snapshot, from the day on which staff release each.

A logo may be shown before the contract is signed; whoever releases it says so by releasing it, and
the step stands in the history.  It leaves the day after its last one.
"""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from sidecar import publishing
from sidecar.clock import now
from sidecar.permissions import Actor
from sidecar.settings import Settings
from sidecar.sponsors.agreements import Agreement, step
from sidecar.sponsors.steps import By
from sidecar.workflow import Refused


async def release(tx: AsyncSession, settings: Settings, agreement: Agreement, actor: Actor) -> None:
    """Show it on the site from today, or from its first day, whichever is later."""
    row = agreement.row
    agreement.may(By.STAFF, "release")
    if row.released is not None:
        raise Refused("It is released already.")
    if not row.level:
        raise Refused("The site shows sponsors by their level, and this one has none.")
    today = now().date()
    row.released = max(today, row.start or today)
    changes = {"released": (None, row.released)}
    await step(tx, settings, agreement, actor, By.STAFF, "release", changes=changes)
    await publishing.anew(tx, "a sponsor")


async def hide(tx: AsyncSession, settings: Settings, agreement: Agreement, actor: Actor) -> None:
    """Take it from the site."""
    row = agreement.row
    agreement.may(By.STAFF, "hide")
    if row.released is None:
        raise Refused("It is not on the site.")
    changes = {"released": (row.released, None)}
    row.released = None
    await step(tx, settings, agreement, actor, By.STAFF, "hide", changes=changes)
    await publishing.anew(tx, "a sponsor")

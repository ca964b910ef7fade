"""What was written down while a clock was ahead: it waits as long as was meant, from now.

How long that is: from when it was written down, or last failed, until when it is due.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from sidecar.clock import now
from sidecar.database import Database
from sidecar.publishing import TAKE
from sidecar.queue import LEASE, TASKS, enqueue
from sidecar.tables.accounts import Factor, Session
from sidecar.tables.cases import Decision, Publishing, Submission
from sidecar.tables.elections import Nominee
from sidecar.tables.sponsors import Sponsorship, SponsorshipStep
from sidecar.tables.work import Task, TaskState

APART = 2 * LEASE  # what clocks of several machines may differ by
# Moments since which something lasts for a while: who looks at it, that it can be undone, that
# somebody has proven who they are, or that a passkey takes no answer to what was asked before.
SINCE = (
    Submission.claimed_at, Sponsorship.claimed_at, Nominee.withdrawn_at,
    Session.seen, Session.stepped_up_at, Factor.used,
)  # fmt: skip


async def set_right(db: Database) -> None:
    """Set right whatever waits for a moment that is meant to be nearer."""
    for table in (Decision, SponsorshipStep):
        await _decisions(db, table)
    for moment in SINCE:
        await _beginnings(db, moment)
    await _publishings(db)
    await _work(db)


async def _decisions(db: Database, table: Any) -> None:
    """Until when they can be undone; what they wait for besides is set right with all others."""
    at = now()
    late = table.until > at + APART, table.created > at + APART
    async with db.read() as asking:
        rows = select(table.id, table.until, table.created).where(*late)
        found = (await asking.execute(rows)).all()
    for row in found:
        same = table.id == row.id, table.until == row.until
        await db.put(update(table).where(*same).values(until=at + (row.until - row.created)))


async def _beginnings(db: Database, moment: Any) -> None:
    """What began in the future begins now."""
    at = now()
    is_late = moment > at + APART
    async with db.read() as asking:
        if await asking.scalar(select(moment).where(is_late).limit(1)) is None:
            return
    await db.put(update(moment.class_).where(is_late).values({moment.key: at}))


async def _publishings(db: Database) -> None:
    """From when they may be; the snapshot that has them is asked for anew, lest it be too early."""
    at = now()
    late = Publishing.due > at + APART, Publishing.created > at + APART
    waits = *late, Publishing.number.is_(None)
    async with db.read() as asking:
        if await asking.scalar(select(Publishing.id).where(*waits).limit(1)) is None:
            return
    async with db.write() as tx:
        for one in await tx.scalars(select(Publishing).where(*waits).with_for_update()):
            one.due = at + (one.due - one.created)
            one.created = at
            await enqueue(tx, TAKE, {}, not_before=one.due)


async def _work(db: Database) -> None:
    at = now()
    waits = Task.state == TaskState.READY.value, Task.not_before > at + APART, Task.kind.in_(TASKS)
    async with db.read() as asking:
        rows = select(Task.id, Task.kind, Task.not_before, Task.created, Task.attempts)
        found = (await asking.execute(rows.where(*waits))).all()
    for row in found:
        failed = row.not_before - TASKS[row.kind].pause(row.attempts)
        since = failed if row.attempts else row.created
        if since > at + APART:
            same = Task.id == row.id, Task.not_before == row.not_before
            meant = at + (row.not_before - since)
            await db.put(
                update(Task).where(*same).values(not_before=meant, created=min(at, row.created))
            )

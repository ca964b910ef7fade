"""What is done at set times, in UTC, once however many workers there are.

    @scheduled("tidy", "17 3 * * *")
    async def tidy(work: Work) -> None: ...

A moment that came while no worker ran is made up for once, when one runs again.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from sidecar.clock import now
from sidecar.database import Database
from sidecar.queue import Function, enqueue, task
from sidecar.tables.work import Firing


class Schedule(NamedTuple):
    """A kind of work and when it is due, as cron writes it, and what it is for."""

    name: str
    cron: str
    what: str


NEVER = datetime.datetime.min.replace(tzinfo=datetime.UTC)
SCHEDULES: dict[str, Schedule] = {}


def scheduled(name: str, cron: str) -> Callable[[Function], Function]:
    """Say that work is done at set times."""

    def known(function: Function) -> Function:
        what = (function.__doc__ or "").partition("\n")[0]
        SCHEDULES[name] = Schedule(name, cron, what)
        return task(name, tries=3)(function)

    return known


def latest(schedule: Schedule, at: datetime.datetime) -> datetime.datetime:
    """The newest moment that a schedule was due at, `at` included."""
    from cronsim import CronSim

    after = at + datetime.timedelta(minutes=1)
    return next(CronSim(schedule.cron, after.astimezone(datetime.UTC), reverse=True))


def coming(schedule: Schedule, at: datetime.datetime) -> datetime.datetime:
    """The moment that a schedule is due at next."""
    from cronsim import CronSim

    return next(CronSim(schedule.cron, at.astimezone(datetime.UTC)))


async def fire(db: Database) -> list[str]:
    """Write down the work of all schedules that came due; return their names."""
    at = now()
    due = {name: latest(schedule, at) for name, schedule in SCHEDULES.items()}
    async with db.read() as asking:
        # One by one, since moments are never tidied away: the index knows the newest of a name.
        # What fired while a clock was ahead holds up nothing that comes before it.
        newest = select(func.max(Firing.due))
        known = {
            name: await asking.scalar(newest.where(Firing.schedule == name, Firing.due <= moment))
            for name, moment in due.items()
        }
    new = [name for name, moment in due.items() if (known[name] or NEVER) < moment]
    return [name for name in new if await _fired(db, name, due[name])]


def moment_of(name: str, due: datetime.datetime) -> str:
    """By what the work of a moment is known, so that there is one of it.

    >>> moment_of("tidy", datetime.datetime(2026, 11, 26, 3, 17, tzinfo=datetime.UTC))
    'tidy 2026-11-26T03:17Z'
    """
    return f"{name} {due:%Y-%m-%dT%H:%MZ}"


async def _fired(db: Database, name: str, due: datetime.datetime) -> bool:
    """Of two workers that see a moment come, the one that writes it down first."""
    try:
        async with db.write() as tx:
            tx.add(Firing(schedule=name, due=due))
            await tx.flush()
            await enqueue(tx, name, {}, dedupe=moment_of(name, due))
    except IntegrityError:
        return False
    return True

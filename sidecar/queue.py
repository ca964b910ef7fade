"""Work that is done later, at least once: written down in the transaction of what wants it.

    @task("mail.send")
    async def send(work: Work) -> None:
        ...                                   # whatever takes time
        async with work.finishing() as tx:    # what it changes here, and that it is done
            mail.state = "sent"

A worker leases a piece of work for a while and renews the lease as long as it is at it.  Where the
worker dies, another takes the work up under the next attempt, at once where it is on the same
machine; what was done under an older attempt is not written down any more.  Work that fails is
tried again later, and is dead after its last try.
"""

from __future__ import annotations

import datetime
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from sidecar.clock import HOUR, now
from sidecar.database import Database
from sidecar.settings import Settings
from sidecar.tables.work import Task, TaskState

LEASE = datetime.timedelta(seconds=60)
LONGEST_ERROR = 2000


class GiveUp(Exception):
    """The work cannot be done, now or later: why."""


class LostLease(Exception):
    """Another worker has taken the work up: what was done here must not be written down."""


class Handler(NamedTuple):
    """How a kind of work is done: a function, how often it is tried, and after which pauses.

    Somebody waits for what is urgent: it goes before all mail.
    """

    function: Callable[[Work], Awaitable[None]]
    tries: int
    pause: Callable[[int], datetime.timedelta]
    is_urgent: bool = False


@dataclass
class Work:
    """A piece of work that is being done."""

    db: Database
    settings: Settings
    task: Task
    handler: Handler
    is_finished: bool = False
    is_news: bool = True  # not where it failed once more, as it did before
    # The name of the exception; what it says is kept with the task, and in no log.
    failure: str = ""
    result: dict[str, Any] = field(default_factory=dict)

    @property
    def payload(self) -> Mapping[str, Any]:
        return self.task.payload

    @property
    def is_last_try(self) -> bool:
        return self.task.attempts >= self.handler.tries

    @asynccontextmanager
    async def finishing(self) -> AsyncIterator[AsyncSession]:
        """A transaction that writes down what the work changed and that it is done, or neither."""
        async with self.db.write() as tx:
            await self.mark(tx, state=TaskState.DONE.value, done_at=now(), error="")
            yield tx
            await self.mark(tx, result=self.result, lease="")
        self.is_finished = True

    async def mark(self, tx: AsyncSession, **values: Any) -> None:
        """Change the row, as long as it is still this worker's."""
        mine = Task.id == self.task.id, Task.attempts == self.task.attempts
        done = await tx.execute(
            update(Task).where(*mine, Task.lease == self.task.lease).values(**values)
        )
        if getattr(done, "rowcount", 0) != 1:
            raise LostLease(self.task.kind)


TASKS: dict[str, Handler] = {}
Function = Callable[[Work], Awaitable[None]]


def pause(attempts: int) -> datetime.timedelta:
    """How long to wait after a try that failed: ten seconds, then longer, six hours at most.

    >>> [pause(n).total_seconds() for n in (1, 2, 3, 20)]
    [10.0, 40.0, 160.0, 21600.0]
    """
    return datetime.timedelta(seconds=min(10 * 4 ** (min(attempts, 9) - 1), 6 * HOUR))


def task(
    kind: str, *, tries: int = 8, pause: Callable[[int], datetime.timedelta] = pause,
    is_urgent: bool = False,
) -> Callable[[Function], Function]:  # fmt: skip
    """Say how a kind of work is done."""

    def known(function: Function) -> Function:
        TASKS[kind] = Handler(function, tries, pause, is_urgent)
        return function

    return known


async def enqueue(
    tx: AsyncSession, kind: str, payload: Mapping[str, Any], *, dedupe: str = "",
    not_before: datetime.datetime | None = None,
) -> int:  # fmt: skip
    """Write work down, to be done once the transaction stands; return its number.

    With `dedupe` there is one piece of work of that name, ever; asked again, it is the one returned.
    """
    if dedupe and (known := await tx.scalar(select(Task.id).where(Task.dedupe == dedupe))):
        return known
    row = Task(kind=kind, payload=dict(payload), dedupe=dedupe or None,
               not_before=not_before or now())  # fmt: skip
    tx.add(row)
    await tx.flush()
    return row.id


async def lease(db: Database, worker: str, *, only_urgent: bool = False) -> Task | None:
    """Take up the oldest work that is due and that nobody is at, what is urgent first.

    No lease lasts so long as one that was written while a clock was ahead, so that one is over.
    """
    at = now()
    is_urgent = Task.kind.in_([kind for kind, handler in TASKS.items() if handler.is_urgent])
    due = (
        select(Task.id)
        .where(Task.state == TaskState.READY.value, Task.not_before <= at, Task.kind.in_(TASKS))
        .where(or_(Task.leased_until.is_(None), ~Task.leased_until.between(at, at + 2 * LEASE)))
        .order_by(is_urgent.desc(), Task.not_before, Task.id)
        .limit(1)
    )
    if only_urgent:
        due = due.where(is_urgent)
    async with db.read() as asking:  # most looks find nothing, and need not hold up who writes
        if await asking.scalar(due) is None:
            return None
    async with db.write() as tx:
        number = await tx.scalar(due.with_for_update(skip_locked=True))
        if number is None:
            return None
        taken = await tx.scalars(
            update(Task)
            .where(Task.id == number)
            .values(lease=worker, leased_until=at + LEASE, attempts=Task.attempts + 1)
            .returning(Task)
        )
        return taken.one()


def is_leased(row: Task) -> bool:
    """Has somebody taken it up, and neither ended it nor let it go?"""
    return row.state == TaskState.READY.value and row.leased_until is not None


async def renew(work: Work) -> None:
    """Say that the work is still being done; raises LostLease when it is not ours any more."""
    async with work.db.write() as tx:
        await work.mark(tx, leased_until=now() + LEASE)


async def let_go(db: Database, has_ended: Callable[[str], bool]) -> None:
    """Let what workers were at that have ended be taken up now, and not when its lease is over."""
    held = Task.state == TaskState.READY.value, Task.leased_until > now()
    async with db.read() as asking:
        names = [name for name in await asking.scalars(select(Task.lease).where(*held).distinct())
                 if has_ended(name)]  # fmt: skip
    if names:
        async with db.write() as tx:
            mine = *held, Task.lease.in_(names)
            await tx.execute(update(Task).where(*mine).values(leased_until=None))


async def do(work: Work) -> None:
    """Do a piece of work, and write down how that went."""
    if work.task.attempts > work.handler.tries:
        await _failed(work, "each worker that took it up ended within it", is_over=True)
        return
    try:
        await work.handler.function(work)
        if not work.is_finished:
            async with work.finishing():
                pass
    except LostLease:
        return
    except GiveUp as reason:
        work.failure = "GiveUp"
        await _failed(work, str(reason), is_over=True)
    except Exception as error:  # noqa: BLE001 - whatever it is, the work is tried again
        work.failure = type(error).__name__
        await _failed(work, f"{type(error).__name__}: {error}", is_over=work.is_last_try)


async def _failed(work: Work, why: str, *, is_over: bool) -> None:
    state, why = TaskState.DEAD if is_over else TaskState.READY, why[:LONGEST_ERROR]
    work.is_news = is_over or why != work.task.error
    try:
        async with work.db.write() as tx:
            await work.mark(
                tx, state=state.value, error=why, lease="", leased_until=None,
                not_before=now() + work.handler.pause(work.task.attempts),
            )  # fmt: skip
    except LostLease:
        return


async def retry(tx: AsyncSession, number: int) -> bool:
    """Let dead work be tried again, from the first try on; False when it is not dead."""
    again = await tx.scalars(
        update(Task)
        .where(Task.id == number, Task.state == TaskState.DEAD.value)
        .values(state=TaskState.READY.value, attempts=0, not_before=now(), error="")
        .returning(Task.id)
    )
    return again.first() is not None

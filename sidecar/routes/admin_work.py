"""The queue and the schedules: what waits, is being done, was done or given up, and doing it again.

Numbers are counted in the tables themselves, so none begins anew by itself.
"""

from __future__ import annotations

import asyncio
import datetime
from pathlib import Path
from typing import Any, NamedTuple

from litestar import Response, get, post
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from pydotorg_build.last_build import last_build
from sidecar import (
    blogs,
    routine,  # noqa: F401 - it says which work and schedules there are
    sending,  # noqa: F401 - the same
)
from sidecar.answers import Asked, go
from sidecar.audit import note
from sidecar.clock import now
from sidecar.desk import Question, confirm, show
from sidecar.forms import Nothing, read_form
from sidecar.lists import Column, Filter, Listing, contains, is_, look, since
from sidecar.mail import SEND
from sidecar.mending import BIGGEST
from sidecar.permissions import Permission, actor_of
from sidecar.queue import TASKS, retry
from sidecar.receipts import made_at
from sidecar.schedules import SCHEDULES, coming, moment_of
from sidecar.tables.work import Firing, Mail, MailState, Task, TaskState

URL = "/admin/work"
STATES = {
    "waiting": "Waiting", "later": "Waits for its time", "doing": "Being done", "done": "Done",
    "dead": "Given up", "held": "Held",
}  # fmt: skip


def in_state(state: str) -> ColumnElement[bool]:
    """Is work in a state, as people see it, now?"""
    at, is_ready = now(), Task.state == TaskState.READY.value
    is_leased = Task.leased_until.is_not(None) & (Task.leased_until >= at)
    return {
        "waiting": is_ready & ~is_leased & (Task.not_before <= at),
        "later": is_ready & ~is_leased & (Task.not_before > at),
        "doing": is_ready & is_leased,
    }.get(state, Task.state == state)


def state_of(task: Task) -> str:
    """The state of one piece of work, as people see it."""
    if task.state != TaskState.READY.value:
        return task.state
    if task.leased_until and task.leased_until >= now():
        return "doing"
    return "waiting" if task.not_before <= now() else "later"


WORK = Listing(
    URL,
    select(Task),
    (
        Column("id", "Number", Task.id),
        Column("kind", "Kind", Task.kind),
        Column("state", "State", Task.state),
        Column("attempts", "Tries", Task.attempts),
        Column("not_before", "Due", Task.not_before),
        Column("done_at", "Done", Task.done_at),
    ),
    (
        Filter("q", "Kind or error", contains(Task.kind, Task.error)),
        Filter("kind", "Kind", is_(Task.kind), "choice", tuple((k, k) for k in sorted(TASKS))),
        Filter("state", "State", in_state, "choice", tuple(STATES.items())),
        Filter("since", "Written from", since(Task.created), "day"),
    ),
    tie=Task.id,
    sort="-id",
)


class Duty(NamedTuple):
    """A schedule, how often it was due, and what came of it."""

    name: str
    what: str
    cron: str
    last: datetime.datetime | None
    next: datetime.datetime
    done: int
    failed: int
    open: int


async def duties(tx: AsyncSession) -> list[Duty]:
    """The schedules there are, with their numbers."""
    fired = await tx.execute(
        select(Firing.schedule, func.count(Firing.id), func.max(Firing.due))
        .group_by(Firing.schedule)
    )  # fmt: skip
    times: dict[str, tuple[int, datetime.datetime | None]]
    times = {row[0]: (row[1], row[2]) for row in fired}
    asked = select(Task.kind, Task.state, func.count(Task.id)).where(Task.kind.in_(SCHEDULES))
    known = {(row[0], row[1]): row[2] for row in await tx.execute(asked.group_by("kind", "state"))}
    return [_duty(name, times.get(name, (0, None)), known) for name in sorted(SCHEDULES)]


def _duty(
    name: str, times: tuple[int, datetime.datetime | None], known: dict[tuple[str, str], int]
) -> Duty:
    """Work that was done is tidied away after a month, the moment it was due at is not."""
    (count, last), schedule = times, SCHEDULES[name]
    failed = known.get((name, "dead"), 0)
    left = known.get((name, "ready"), 0) + known.get((name, "held"), 0)
    return Duty(name, schedule.what, schedule.cron, last, coming(schedule, now()),
                max(0, count - failed - left), failed, left)  # fmt: skip


@get(URL, permission=Permission.WORK_SEE)
async def work(request: Asked, state: State) -> Response[str]:
    """List work, the newest first, under how much there is of each, of mail, builds and fetches."""
    async with state.db.read() as tx:
        found = await look(tx, WORK, request.query_params)
        counts = [
            (name, words, await tx.scalar(select(func.count(Task.id)).where(in_state(name))) or 0)
            for name, words in STATES.items()
        ]
        known = await duties(tx)
        mails = {
            name: await tx.scalar(select(func.count(Mail.id)).where(Mail.state == name)) or 0
            for name in (MailState.QUEUED.value, MailState.DEAD.value)
        }
    site = Path(state.settings.site)
    return show(
        request, "sidecar/admin/work.html", "Work", found=found, counts=counts, states=STATES,
        state_of=state_of, duties=known, mails=mails, last=last_build(site),
        built_at=made_at(site / "build.json"),
        fetched=await asyncio.to_thread(blogs.found, state.settings),
    )  # fmt: skip


async def task_of(tx: AsyncSession, number: int) -> Task:
    """The work of an address."""
    found = await tx.get(Task, number) if number <= BIGGEST else None
    if found is None:
        raise NotFoundException
    return found


@get(f"{URL}/{{number:int}}", permission=Permission.WORK_SEE)
async def one(request: Asked, state: State, number: FromPath[int]) -> Response[str]:
    """Show a piece of work: what it was given, and what became of it."""
    async with state.db.read() as tx:
        task = await task_of(tx, number)
    mail = task.payload.get("mail") if task.kind == SEND else None
    may_retry = task.state == "dead" and actor_of(request).may(Permission.WORK_CHANGE)
    return show(request, "sidecar/admin/task.html", f"Work {number}: {task.kind}", task=task,
                state_words=STATES[state_of(task)], may_retry=may_retry, mail=mail)  # fmt: skip


@get(f"{URL}/{{number:int}}/retry", permission=Permission.WORK_CHANGE)
async def ask(request: Asked, state: State, number: FromPath[int]) -> Response[str]:
    """Ask once before work that was given up is tried again."""
    async with state.db.read() as tx:
        task = await task_of(tx, number)
    back = f"{URL}/{number}"
    words = (f"Try {task.kind} again, from its first try on?", f"It was given up: {task.error}")
    return confirm(request, "Try again", Question(words, "Try again", f"{back}/retry", back))


@post(f"{URL}/{{number:int}}/retry", permission=Permission.WORK_CHANGE)
async def again(request: Asked, state: State, number: FromPath[int]) -> Response[Any]:
    """Let it be tried again; a mail that it was to send waits again too."""
    form = await read_form(request, Nothing)
    if form.value is None:
        return go(request, f"{URL}/{number}/retry", form.errors[0][1])
    async with state.db.write() as tx:
        task = await task_of(tx, number)
        if not await retry(tx, task.id):
            return go(request, f"{URL}/{number}", "This is not given up; nothing was done.")
        if task.kind == SEND:
            dead = Mail.id == task.payload.get("mail"), Mail.state == MailState.DEAD.value
            await tx.execute(update(Mail).where(*dead).values(state=MailState.QUEUED.value))
        await note(tx, actor_of(request), "work tried again", f"tasks/{number}",
                   {"kind": (None, task.kind)})  # fmt: skip
    return go(request, f"{URL}/{number}", "It is tried again in a moment.")


class Run(NamedTuple):
    """A moment a schedule was due at; the work of it, unless that is done and tidied away."""

    due: datetime.datetime
    words: str
    task: Task | None


@get(f"{URL}/schedules/{{name:str}}", permission=Permission.WORK_SEE)
async def schedule(request: Asked, state: State, name: FromPath[str]) -> Response[str]:
    """Show the history of a schedule."""
    if name not in SCHEDULES:
        raise NotFoundException
    listing = Listing(
        f"{URL}/schedules/{name}",
        select(Firing).where(Firing.schedule == name),
        (Column("due", "Due", Firing.due), Column("state", "What came of it"),
         Column("result", "Result"), Column("done", "Done")),
        tie=Firing.id, sort="-due",
    )  # fmt: skip
    async with state.db.read() as tx:
        found = await look(tx, listing, request.query_params)
        keys = [moment_of(name, row.due) for row in found.rows]
        tasks = {row.dedupe: row for row in
                 await tx.scalars(select(Task).where(Task.dedupe.in_(keys)))}  # fmt: skip
        duty = next(one for one in await duties(tx) if one.name == name)
    runs = [_run(row.due, tasks.get(moment_of(name, row.due))) for row in found.rows]
    return show(request, "sidecar/admin/schedule.html", f"Schedule “{name}”", found=found,
                runs=runs, duty=duty)  # fmt: skip


def _run(due: datetime.datetime, task: Task | None) -> Run:
    return Run(due, STATES[state_of(task)] if task else STATES["done"], task)


ROUTES = (work, one, ask, again, schedule)

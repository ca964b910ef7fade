"""Telling a host that builds by itself that there is something to build: its build hook.

Such a host has no builder that watches: it begins at its hook, fetches the snapshot with
`pydotorg pull`, and builds.  The address of a hook is a secret, and stands in no log and no error.
"""

from __future__ import annotations

import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from sidecar.clock import now
from sidecar.queue import Work, enqueue, task
from sidecar.schedules import scheduled
from sidecar.settings import Settings
from sidecar.tables.work import Task, TaskState

CALL = "hook.call"
# What is decided in a row is one build of the host, which takes minutes.
GATHER = datetime.timedelta(seconds=20)
SECONDS = 10.0


class HookError(Exception):
    """The host did not take the call; it is called again later."""


async def ask(tx: AsyncSession, settings: Settings) -> None:
    """Let the hook be called soon, once for all that ask meanwhile; nothing where there is none."""
    if not settings.build_hook:
        return
    at = now()
    waits = Task.kind == CALL, Task.state == TaskState.READY.value, Task.leased_until.is_(None)
    soon = Task.not_before.between(at, at + GATHER)
    if await tx.scalar(select(Task.id).where(*waits, soon).limit(1)) is None:
        await enqueue(tx, CALL, {}, not_before=at + GATHER)


@task(CALL)
async def call(work: Work) -> None:
    """Call the hook: a POST without a body, which every such host takes."""
    import httpx

    if work.settings.build_hook:
        async with httpx.AsyncClient(timeout=SECONDS, trust_env=False) as client:
            try:
                answer = await client.post(work.settings.build_hook)
            except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
                raise HookError(f"it cannot be reached: {type(error).__name__}") from None
        if not answer.is_success:
            raise HookError(f"it answers with {answer.status_code}")
    async with work.finishing():
        pass


@scheduled("hook.hourly", "2 * * * *")
async def hourly(work: Work) -> None:
    """Let a host that builds by itself show what the calendar changed."""
    async with work.finishing() as tx:
        await ask(tx, work.settings)

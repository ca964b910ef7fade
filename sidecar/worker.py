"""The worker: it fires what is scheduled, takes work up and does it, several pieces at once.

It runs beside the web server, or alone, or several on several machines; the database keeps them
apart.  Told to stop, it takes nothing up any more and ends what it is at.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
import time
from contextlib import suppress

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from sidecar import link_checks, publishing, receipts, routine, sending  # noqa: F401 - they say how their kinds of work are done
from sidecar.ahead import set_right
from sidecar.database import Database
from sidecar.queue import LEASE, TASKS, LostLease, Work, do, lease, let_go, renew
from sidecar.schedules import fire
from sidecar.settings import Settings

AT_ONCE = 4  # and one more that is urgent
AGAIN = 5  # seconds between two tries to reach a database that is not there
IDLE = 0.5  # seconds between two looks at an empty queue
TICK = 20  # seconds between two looks at the schedules
# What a database raises that is not there, or has no connection left.
GONE = OperationalError, InterfaceError, PoolTimeout, OSError
# What PostgreSQL says of tables and columns that no migration has made yet; SQLite's is in GONE.
NOT_MADE = {"42P01", "42703"}
log = structlog.get_logger()


def machine() -> str:
    """Where processes know each other by their numbers: a host, or a container of it."""
    try:
        numbers = os.stat("/proc/self/ns/pid").st_ino
    except OSError:
        numbers = 0
    return f"{socket.gethostname()[:30]}-{numbers}"


def has_ended(name: str) -> bool:
    """Was it a worker of this machine, and is there no such process any more?"""
    place, _, process = name.rpartition("-")[0].rpartition("-")
    if place != machine() or not process.isdigit():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except OSError:  # it is there, and another's
        return False
    return False


def is_not_made(error: Exception) -> bool:
    """Is there a database, and in it not what ours has?"""
    return getattr(getattr(error, "orig", None), "sqlstate", "") in NOT_MADE


class Worker:
    """One worker of a process."""

    def __init__(self, db: Database, settings: Settings) -> None:
        self._db, self._settings = db, settings
        self.name = f"{machine()}-{os.getpid()}-{secrets.token_hex(3)}"
        self._stopped = asyncio.Event()
        self._at: set[asyncio.Task[None]] = set()
        self._ticked = 0.0
        self._missed = ""

    def stop(self) -> None:
        """Take up nothing more; what is being done is done to its end."""
        self._stopped.set()

    async def run(self) -> None:
        """Work until told to stop; while there is no database, wait for it.  A fault of ours ends nothing."""
        while not self._stopped.is_set():
            try:
                has_more = await self._step()
            except Exception as error:
                if isinstance(error, GONE) or is_not_made(error):
                    self._miss(error)
                else:
                    log.exception("the worker failed, and goes on")
                await self._wait(AGAIN)
                continue
            if self._missed:
                log.info("the database is there again")
                self._missed = ""
            if not has_more:
                await self._wait(IDLE)
        await asyncio.gather(*self._at, return_exceptions=True)

    def _miss(self, error: Exception) -> None:
        """Say why there is no database: once, until it is for another reason."""
        why = str(getattr(error, "orig", error)).strip().partition("\n")[0]
        if why != self._missed:
            log.error("the database cannot be used, waiting for it", why=why)
        self._missed = why

    async def _step(self) -> bool:
        """Take up one piece of work, if there is one and a hand is free."""
        if time.monotonic() - self._ticked > TICK:
            await fire(self._db)
            await let_go(self._db, has_ended)
            await set_right(self._db)
            self._ticked = time.monotonic()
        if len(self._at) > AT_ONCE:
            await asyncio.wait(self._at, return_when=asyncio.FIRST_COMPLETED)
        is_full = len(self._at) >= AT_ONCE
        found = await lease(self._db, self.name, only_urgent=is_full)
        if found is None and is_full:
            if self._at:  # all may have ended while the database was asked
                await asyncio.wait(self._at, timeout=IDLE, return_when=asyncio.FIRST_COMPLETED)
            return True
        if found is None:
            return False
        work = Work(self._db, self._settings, found, TASKS[found.kind])
        doing = asyncio.create_task(self._do(work))
        self._at.add(doing)
        doing.add_done_callback(self._at.discard)
        return True

    async def _do(self, work: Work) -> None:
        beating = asyncio.create_task(self._keep(work))
        try:
            await do(work)
        except Exception:
            # It could not be written down: the lease ends, and the work is taken up again.
            log.exception("work not written down", kind=work.task.kind)
        finally:
            beating.cancel()
            with suppress(asyncio.CancelledError):
                await beating
        if work.is_news:
            failed = {"failure": work.failure} if work.failure else {}
            log.info(
                "work",
                kind=work.task.kind,
                number=work.task.id,
                attempt=work.task.attempts,
                **failed,
            )

    async def _keep(self, work: Work) -> None:
        """Renew the lease while the work goes on."""
        while True:
            await asyncio.sleep(LEASE.total_seconds() / 3)
            try:
                await renew(work)
            except LostLease:
                return
            except Exception:
                log.exception("the lease was not renewed", kind=work.task.kind)

    async def _wait(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopped.wait(), seconds)

    async def drain(self) -> int:
        """Do all that is due now, one piece after the other, as tests do; return how many."""
        count = 0
        while found := await lease(self._db, self.name):
            await self._do(Work(self._db, self._settings, found, TASKS[found.kind]))
            count += 1
        return count

"""What SQLite committed gets onto the disk before it is answered, and all who wait share one wait.

    commit A ─┐
    commit B ─┴─▶ sync ─▶ A and B are answered
              commit C ─┐
              commit D ─┴──────▶ sync ─▶ C and D are answered

With `synchronous=NORMAL` a commit is written into the log (`…-wal`) and no disk is waited for, so
the next may write meanwhile; before the log is taken into the database and begun anew, SQLite syncs
both by itself.  So a sync of the log that begins after a commit has it on the disk, or there is
nothing left to do for it.  Others may read a commit before that, and a loss of power may undo what
they read; nobody was told then that it was kept.

A sync that fails is not tried again: the system forgets what it could not write, and would call the
next one a success.  From there on this process writes nothing and says so, until it is begun anew,
which takes the log into the database.
"""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial

from sqlalchemy.exc import OperationalError

# Where there is no such thing, as on a Mac, the times of the file are written along.
to_disk = getattr(os, "fdatasync", os.fsync)


class Syncs:
    """The syncs of the log of one file, one after the other."""

    def __init__(self, file: str) -> None:
        self._log = f"{file}-wal"
        self._handle = -1
        self._waiting: list[asyncio.Future[None]] = []
        self._running: asyncio.Future[None] | None = None
        self._fault: BaseException | None = None
        # Its own: those of all may wait for names of hosts, or for a bucket, longer than anybody here.
        self._thread = ThreadPoolExecutor(1, "syncs")

    async def next(self) -> None:
        """Wait for a sync that begins from here on; the one that runs may have begun too early."""
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        if self._running is None:
            self._begin()
        await waiter
        self.check()

    @property
    def has_failed(self) -> bool:
        """Did one fail?"""
        return self._fault is not None

    def check(self) -> None:
        """Refuse to go on once one has failed."""
        if self._fault:
            raise OperationalError("a sync of the log", None, self._fault)

    def _begin(self) -> None:
        waiting, self._waiting = self._waiting, []
        self._running = asyncio.get_running_loop().run_in_executor(
            self._thread, self._write_through
        )
        self._running.add_done_callback(partial(self._end, waiting))

    def _end(self, waiting: list[asyncio.Future[None]], ended: asyncio.Future[None]) -> None:
        self._running, self._fault = None, self._fault or ended.exception()
        for waiter in waiting:
            if not waiter.done():  # whoever asked may have gone
                waiter.set_result(None)
        if self._waiting:
            self._begin()

    def _write_through(self) -> None:
        if self._fault:
            return
        # Whoever closes the database as the last takes the log into it, syncs it, and removes the log.
        with suppress(FileNotFoundError):
            self._open()
            to_disk(self._handle)

    def _open(self) -> None:
        """Open the log, where it is another than before.

        It stays open: a handle is told of all that failed since it was opened.  SQLite has no locks
        on the log, which closing a handle would undo; it has on the two other files.
        """
        found = os.stat(self._log)
        if self._handle < 0 or not os.path.samestat(found, os.fstat(self._handle)):
            self._close()
            self._handle = os.open(self._log, os.O_RDONLY)

    def _close(self) -> None:
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    async def close(self) -> None:
        """Let the log go, once nobody is at it."""
        while self._running:  # the end of one begins the next
            await asyncio.wait([self._running])
        self._thread.shutdown()
        self._close()

"""Connections to SQLite that go to their thread once for a statement, instead of four times.

A connection of aiosqlite lives in a thread of its own, and the way there and back costs more than
what most of our statements do there.  So a transaction begins with its first statement, rows come
along with the statement that asks for them, and a transaction that only read is ended right here.
A transaction of one statement is one trip, and a look at a few rows by their keys none at all.

    engine = create_async_engine(url, async_creator=partial(Connection.to, file))
    connection.begin_with(WRITE)    # where SQLAlchemy begins a transaction
"""

from __future__ import annotations

import sqlite3
from asyncio import Future
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from functools import partial
from queue import SimpleQueue
from threading import Thread
from typing import Any, Self

import aiosqlite
from aiosqlite.core import set_exception, set_result

# So many rows come along; the rest of a longer result is fetched as it is read.
ALONG = 500
OPTIONS: dict[str, Any] = {"isolation_level": None, "check_same_thread": False}
READ, WRITE = "BEGIN", "BEGIN IMMEDIATE"
# What a thread is to do, and what waits for it.
Task = tuple[Future[Any] | None, Callable[[], Any]]


class Connection(aiosqlite.Connection):
    """A connection that begins a transaction when there is something to do in it."""

    @classmethod
    def to(cls, file: str) -> Self:
        """One to a file, for SQLAlchemy to wait for; by itself it begins no transaction."""
        connection = cls(partial(sqlite3.connect, file, **OPTIONS), ALONG)
        # Otherwise a connection that nobody closed would keep the process from ending.
        connection._thread = Thread(target=_work, args=(connection._tx,), daemon=True)
        return connection

    _beginning = ""
    _is_reading = _is_here = _is_all = False
    # With a log, who reads waits for nobody who writes.
    has_log = False
    # Each is written by one thread only.
    _asked = _done = 0

    def stop(self) -> None:
        """Close it and end the thread; that is not waited for, as the loop may end before."""
        self._running = False
        self._tx.put_nowait((None, self._close))

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def begin_with(self, statement: str, *, is_look: bool = False, is_all: bool = False) -> None:
        """Begin a transaction by this statement, along with the next one.

        A look is done right here; where the next statement is all, it is committed along with it.
        """
        self._beginning, self._is_reading = statement, statement == READ
        self._is_here, self._is_all = is_look and self.has_log, is_all

    def cursor(self) -> Any:
        """A cursor; nothing is done for it yet."""
        return Cursor(self)

    async def do(self, act: str, sql: str, given: Any) -> tuple[sqlite3.Cursor, list[Any]]:
        """Do a statement, and what has to come before it; its first rows come along."""
        beginning, self._beginning = self._beginning, ""
        self._asked += 1
        if self._is_here:
            return self._do(beginning, act, sql, given)
        found: tuple[sqlite3.Cursor, list[Any]]
        found = await self._go(self._do, beginning, act, sql, given)
        return found

    def _do(
        self, beginning: str, act: str, sql: str, given: Any
    ) -> tuple[sqlite3.Cursor, list[Any]]:
        try:
            if beginning:
                self._conn.execute(beginning)
            cursor = self._conn.cursor()
            getattr(cursor, act)(sql, given)
            rows = cursor.fetchmany(ALONG) if cursor.description else []
            if self._is_all:
                self._conn.commit()
            return cursor, rows
        finally:
            self._done += 1

    async def _go(self, what: Callable[..., Any], *given: Any) -> Any:
        """Have something done by the thread."""
        return await self._execute(what, *given)  # type: ignore[no-untyped-call]

    async def more(self, cursor: sqlite3.Cursor) -> list[Any]:
        """The next rows of a long result."""
        rows: list[Any] = await self._go(cursor.fetchmany, ALONG)
        return rows

    async def leave(self, cursor: sqlite3.Cursor) -> None:
        """Leave the rest of one."""
        await self._go(cursor.close)

    async def commit(self) -> None:
        """Commit, where something was begun."""
        if not self._is_idle():
            await super().commit()

    async def rollback(self) -> None:
        """Undo, where something was begun."""
        if self._is_idle():
            return
        if self._is_reading and self._asked == self._done:
            # It gives a lock back, which waits for nobody.
            self._conn.rollback()
        else:
            await super().rollback()

    def _is_idle(self) -> bool:
        """Was nothing begun?  Whoever was told to stop waiting may have left a statement running."""
        self._beginning = ""
        return self._asked == self._done and not self.in_transaction


def _work(tasks: SimpleQueue[Task]) -> None:
    """What the thread does: one task after the other, until one that nobody waits for."""
    while _take(tasks):
        pass


def _take(tasks: SimpleQueue[Task]) -> bool:
    """Do the next task, in a frame of its own, so that nothing is kept of it; does one follow?"""
    waiting, do = tasks.get()
    if waiting is None:
        do()
        return False
    try:
        tell = partial(set_result, waiting, do())
    except BaseException as failure:  # noqa: BLE001 - it is raised in whoever waits
        tell = partial(set_exception, waiting, failure)
    # The loop of whoever was told to stop waiting may have ended; the next task waits in another.
    with suppress(RuntimeError):
        waiting.get_loop().call_soon_threadsafe(tell)
    return True


class Cursor:
    """What SQLAlchemy asks of a cursor."""

    arraysize = 1

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._cursor: sqlite3.Cursor | None = None
        self._rows: deque[Any] = deque()
        self._has_more = False

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, sql: str, given: Any = ()) -> Cursor:
        """Do a statement."""
        return await self._run("execute", sql, given)

    async def executemany(self, sql: str, given: Any) -> Cursor:
        """Do it once for each."""
        return await self._run("executemany", sql, given)

    async def _run(self, act: str, sql: str, given: Any) -> Cursor:
        self._cursor, rows = await self._connection.do(act, sql, given)
        self._rows, self._has_more = deque(rows), len(rows) == ALONG
        return self

    @property
    def description(self) -> Any:
        return self._cursor.description if self._cursor else None

    @property
    def rowcount(self) -> int:
        return self._cursor.rowcount if self._cursor else -1

    @property
    def lastrowid(self) -> int | None:
        return self._cursor.lastrowid if self._cursor else None

    async def fetchall(self) -> list[Any]:
        """All that is left."""
        return await self.fetchmany(-1)

    async def fetchone(self) -> Any:
        """The next row, or None."""
        rows = await self.fetchmany(1)
        return rows[0] if rows else None

    async def fetchmany(self, size: int | None = None) -> list[Any]:
        """The next rows; all where the size is below nothing."""
        wanted = self.arraysize if size is None else size
        while self._has_more and (wanted < 0 or len(self._rows) < wanted):
            await self._fetch()
        many = len(self._rows) if wanted < 0 else min(wanted, len(self._rows))
        return [self._rows.popleft() for _ in range(many)]

    async def _fetch(self) -> None:
        assert self._cursor is not None
        rows = await self._connection.more(self._cursor)
        self._rows.extend(rows)
        self._has_more = len(rows) == ALONG

    async def __aiter__(self) -> AsyncIterator[Any]:
        while rows := await self.fetchmany(ALONG):
            for row in rows:
                yield row

    async def close(self) -> None:
        """Leave the rest; a result that was read to its end has closed itself."""
        if self._has_more and self._cursor is not None:
            self._has_more = False
            await self._connection.leave(self._cursor)

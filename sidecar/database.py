"""Reading and writing: every write is one short transaction, and nothing is answered before it.

    async with db.write() as tx:        # begun after the body is read, checked and hashed
        tx.add(user)
    return Redirect(...)                # the block ended: it is committed, on disk

SQLite takes writes one at a time: BEGIN IMMEDIATE, and a lock in the process, which is fairer than
the file's (p99 49 ms instead of 731 ms with 20 writers).  The disk is waited for after that lock, by
many at once (`syncs.py`).  GET handlers only read.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Executable, NullPool, event, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.util import greenlet_spawn

from sidecar import trips
from sidecar.settings import Settings
from sidecar.syncs import Syncs

T = TypeVar("T")
BUSY = 5000  # milliseconds
# Who asks whether it is well waits less: a wait within SQLite cannot be broken off.
ASKING = 400
ASKED_FOR = 0.5  # seconds, in all


class Database:
    """The database of a process: an engine and the way sessions are made on it.

    `asking` is that of the looks whether it is well.
    """

    def __init__(self, engine: AsyncEngine, asking: AsyncEngine) -> None:
        self.engine, self._asking = engine, asking
        self.is_sqlite = engine.dialect.name == "sqlite"
        self._writing = engine.execution_options(is_write=True)
        self._looking = engine.execution_options(is_look=True).sync_engine
        self._putting = engine.execution_options(is_write=True, is_all=True).sync_engine
        self._lock = asyncio.Lock()
        self._syncs = Syncs(file_of(engine.url))

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A session that reads; what it is given back is detached and may be used afterwards."""
        async with AsyncSession(self.engine, expire_on_commit=False) as session:
            yield session

    @asynccontextmanager
    async def moment(self) -> AsyncIterator[AsyncSession]:
        """A session that reads all as it is at one moment, whoever writes meanwhile."""
        async with self.read() as session:
            if not self.is_sqlite:  # there, a transaction that reads sees one moment anyway
                await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            yield session

    async def look(self, find: Callable[[Connection], T]) -> T:
        """What a function finds that asks for a few rows by their keys, as every request does.

        SQLite answers that in microseconds, so no thread is sent for it: while `find` runs, nobody
        else is answered.
        """
        return await greenlet_spawn(self._look, find)

    def _look(self, find: Callable[[Connection], T]) -> T:
        with self._looking.connect() as connection:
            return find(connection)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """A transaction: committed at the end of the block, undone by an exception."""
        session = AsyncSession(self._writing, expire_on_commit=False)
        async with self._turn(), session, session.begin():
            yield session

    async def put(self, statement: Executable, given: Mapping[str, Any] | None = None) -> Any:
        """A transaction of one statement; the first value that it returns, if it returns any."""
        async with self._turn():
            return await greenlet_spawn(self._put, statement, given)

    def _put(self, statement: Executable, given: Mapping[str, Any] | None) -> Any:
        with self._putting.begin() as connection:
            result = connection.execute(statement, given)
            return result.scalar() if result.returns_rows else None

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """Around a transaction: SQLite takes one at a time, and its end waits for the disk."""
        if not self.is_sqlite:
            yield
            return
        async with self._lock:
            self._syncs.check()
            yield
        await self._syncs.next()

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()
        await self._asking.dispose()
        await self._syncs.close()

    async def can_read(self) -> bool:
        """Can the database be read, now?  A connection of its own asks, for half a second."""
        return await self._can(self._asking, "SELECT at FROM probe")

    async def can_write(self) -> bool:
        """Can it be written, now, and does that get onto the disk?"""
        asking = self._asking.execution_options(is_write=True)
        # Another text each time: SQLite writes nothing where a row stays as it is.
        write = f"UPDATE probe SET at = '{secrets.token_hex(8)}'"
        return not self._syncs.has_failed and await self._can(asking, write)

    @staticmethod
    async def _can(engine: AsyncEngine, what: str) -> bool:
        try:
            async with asyncio.timeout(ASKED_FOR):
                async with engine.connect() as connection, connection.begin():
                    await connection.execute(text(what))
        except (TimeoutError, DBAPIError, OSError):
            return False
        return True


async def in_turn(tx: AsyncSession, name: str) -> None:
    """Let transactions that name the same go on from here one after the other.

    SQLite takes all writes in turn; in PostgreSQL, what the one before wrote is seen from here on.
    """
    if tx.get_bind().dialect.name != "sqlite":
        lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
        await tx.execute(lock, {"name": name})


def async_url(url: str) -> str:
    """The address of a database, for the driver that is used here."""
    name = make_url(url)
    driver = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg",
              "postgres": "postgresql+psycopg"}  # fmt: skip
    backend = name.drivername.partition("+")[0]
    return name.set(drivername=driver[backend]).render_as_string(hide_password=False)


def open_database(settings: Settings) -> Database:
    """Open the database that the settings name; a folder that is not there is made."""
    url = make_url(async_url(settings.database_url))
    # Connections beyond the size of the pool are made and closed each time they are needed.
    options: dict[str, Any] = {
        "pool_size": settings.pool_size, "max_overflow": settings.pool_overflow,
    }  # fmt: skip
    if url.get_backend_name() != "sqlite":
        options["pool_pre_ping"] = True
    elif url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = _engine(url, BUSY, **options)
    if url.get_backend_name() != "sqlite":
        return Database(engine, engine)
    return Database(engine, _engine(url, ASKING, syncs="FULL", poolclass=NullPool))


def file_of(url: URL) -> str:
    """The file of a database of SQLite."""
    return str(Path(url.database or "").absolute())


def _engine(url: URL, busy: int, syncs: str = "NORMAL", **options: Any) -> AsyncEngine:
    """An engine; one of SQLite waits for others so many milliseconds, and for the disk or not."""
    is_sqlite = url.get_backend_name() == "sqlite"
    if is_sqlite:
        options["async_creator"] = partial(trips.Connection.to, file_of(url))
    # What is in a statement, as addresses and links, stands in no error, and so in no log.
    engine = create_async_engine(url, hide_parameters=True, **options)
    if is_sqlite:
        event.listen(engine.sync_engine, "connect", partial(_prepare, busy, syncs))
        event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _prepare(busy: int, syncs: str, connection: Any, _: Any) -> None:
    """What each connection to SQLite keeps to."""
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={busy}", f"synchronous={syncs}", "foreign_keys=ON", "journal_mode=WAL",
    ):  # fmt: skip
        cursor.execute(f"PRAGMA {pragma}")
    connection.driver_connection.has_log = cursor.fetchone() == ("wal",)
    cursor.close()


def _begin(connection: Any) -> None:
    options = connection.get_execution_options()
    statement = trips.WRITE if options.get("is_write") else trips.READ
    driver = connection.connection.driver_connection
    is_look, is_all = options.get("is_look", False), options.get("is_all", False)
    driver.begin_with(statement, is_look=is_look, is_all=is_all)

"""Connections to SQLite go to their thread no more often than they must, and lose nothing by it."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import IntegrityError

from sidecar import trips
from sidecar.database import file_of

pytestmark = pytest.mark.parametrize("ready", ["sqlite"], indirect=True)
COUNT = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :most) "
NOTE = text("INSERT INTO flags (name, value, changed_by, updated) VALUES ('a', '{}', 0, '2026')")


@pytest.fixture
def went(monkeypatch):
    """What the threads were asked to do, once all connections are made."""
    done = []
    real = trips.Connection._execute

    async def noted(self, what, *given, **options):
        done.append(what.__name__)
        return await real(self, what, *given, **options)

    monkeypatch.setattr(trips.Connection, "_execute", noted)
    return done


async def driver_of(session):
    return (await (await session.connection()).get_raw_connection()).driver_connection


def test_reading_costs_one_trip_a_statement_and_writing_one_more(running, went):
    async def story(db):
        async with db.read() as tx:  # makes the connection
            await tx.execute(text("SELECT 1"))
        went.clear()
        async with db.read() as tx:
            await tx.execute(text("SELECT 1"))
            await tx.execute(text("SELECT 2"))
        read = list(went)
        went.clear()
        async with db.write() as tx:
            await tx.execute(text("UPDATE probe SET at = 'now'"))
        return read, list(went)

    assert running(story) == (["_do", "_do"], ["_do", "commit"])


def test_a_look_goes_to_no_thread_and_holds_nothing_afterwards(running, went):
    def look(connection):
        found = connection.scalar(text("SELECT at FROM probe"))
        return found, connection.connection.driver_connection

    async def story(db):
        async with db.write() as tx:
            await tx.execute(text("UPDATE probe SET at = 'later'"))
        went.clear()
        found, driver = await db.look(look)
        looked, is_left_open = list(went), driver.in_transaction
        async with db.read() as tx:  # the same connection; what reads at length goes to its thread
            is_same = await driver_of(tx) is driver
            await tx.execute(text("SELECT 1"))
        return found, looked, is_left_open, is_same, list(went)

    assert running(story) == ("later", [], False, True, ["_do"])


def test_where_the_database_has_no_log_a_look_goes_to_the_thread_too(running, went):
    """There whoever writes is waited for, and nobody must be kept from being answered by that."""

    async def story(db):
        async with db.read() as tx:
            (await driver_of(tx)).has_log = False
        went.clear()
        await db.look(lambda connection: connection.execute(text("SELECT 1")).all())
        return list(went)

    assert running(story) == ["_do"]


def noted(connection):
    return connection.scalar(text("SELECT count(*) FROM flags WHERE name = 'a'"))


def test_a_transaction_of_one_statement_is_one_trip_and_gives_what_that_returns(running, went):
    more = text(
        "UPDATE flags SET changed_by = changed_by + 1 WHERE name = 'a' RETURNING changed_by"
    )

    async def story(db):
        none = await db.put(NOTE)
        went.clear()
        first = await db.put(more)
        trips = list(went)
        return none, first, trips, await db.put(more), await db.look(noted)

    assert running(story) == (None, 1, ["_do"], 2, 1)


def test_a_statement_that_fails_leaves_no_transaction_behind(running):
    async def story(db):
        await db.put(NOTE)
        with suppress(IntegrityError):
            await db.put(NOTE)
        driver = await db.look(lambda connection: connection.connection.driver_connection)
        await db.put(text("UPDATE flags SET changed_by = 7"))
        return driver.in_transaction, await db.look(noted)

    assert running(story) == (False, 1)


def test_a_transaction_sees_one_moment_and_is_over_with_its_block(running):
    async def story(db):
        async with db.read() as reader:
            before = await reader.scalar(text("SELECT at FROM probe"))
            async with db.write() as tx:
                await tx.execute(text("UPDATE probe SET at = 'later'"))
            seen = await reader.scalar(text("SELECT at FROM probe"))
            driver = await driver_of(reader)
        async with db.read() as reader:
            return (
                before == seen,
                driver.in_transaction,
                await reader.scalar(text("SELECT at FROM probe")),
            )

    assert running(story) == (True, False, "later")


@pytest.mark.parametrize("most", [0, 1, trips.ALONG - 1, trips.ALONG, trips.ALONG + 1, 1700])
def test_a_long_result_is_whole_at_once_and_as_a_stream(running, most):
    async def story(db):
        asked = text(f"{COUNT} SELECT i FROM n WHERE :most > 0")
        async with db.read() as tx:
            whole = list(await tx.scalars(asked, {"most": most}))
            streamed = [row.i async for row in await tx.stream(asked, {"most": most})]
        return whole, streamed

    every = list(range(1, most + 1))
    assert running(story) == (every, every)


def test_a_stream_that_is_left_holds_nothing(running):
    async def story(db):
        async with db.read() as tx:
            stream = await tx.stream(text(f"{COUNT} SELECT i FROM n"), {"most": 5000})
            first = (await stream.fetchone()).i
            await stream.close()
            driver = await driver_of(tx)
        return first, driver.in_transaction

    assert running(story) == (1, False)


def test_what_is_broken_off_while_it_runs_leaves_no_transaction_behind(running):
    long = text(f"{COUNT} INSERT INTO flags (name, value, changed_by, updated) "
                "SELECT 'x' || i, '{}', 0, '2026' FROM n")  # fmt: skip

    async def write(db):
        async with db.write() as tx:
            await tx.execute(long, {"most": 200_000})

    async def story(db):
        writing = asyncio.create_task(write(db))
        await asyncio.sleep(0.02)
        writing.cancel()
        with suppress(asyncio.CancelledError):
            await writing
        was_cancelled = writing.cancelled()
        async with db.write() as tx:
            await tx.execute(NOTE)
        async with db.read() as tx:
            found = await tx.scalar(text("SELECT count(*) FROM flags WHERE name LIKE 'x%'"))
            kept = await tx.scalar(text("SELECT count(*) FROM flags WHERE name = 'a'"))
        return was_cancelled, found, kept

    assert running(story) == (True, 0, 1)


@pytest.fixture
def left(ready, monkeypatch):
    """A connection whose thread is busy until the loop that waits for it has ended."""
    failures, is_over = [], threading.Event()
    monkeypatch.setattr(threading, "excepthook", failures.append)

    async def leave(finish):
        connection = await trips.Connection.to(file_of(make_url(ready.database_url)))
        busy = asyncio.create_task(connection._go(is_over.wait))
        await asyncio.sleep(0)
        finish(connection)
        assert not busy.done()  # the end of the loop breaks it off
        return connection

    def leaving(finish):
        connection = asyncio.run(leave(finish))
        is_over.set()
        return connection, failures

    return leaving


def test_a_connection_whose_loop_ended_while_its_thread_was_busy_can_still_be_closed(left):
    connection, failures = left(lambda connection: None)

    asyncio.run(connection.close())

    connection._thread.join(5)
    assert (connection._thread.is_alive(), failures) == (False, [])


def test_a_connection_that_is_given_up_as_a_loop_ends_says_nothing_to_it(left):
    connection, failures = left(lambda connection: connection.stop())

    connection._thread.join(5)
    assert (connection._thread.is_alive(), failures) == (False, [])

"""On SQLite nothing is answered before it is on the disk, and what waits for the disk waits together."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from sidecar import syncs
from sidecar.syncs import Syncs
from sidecar.tables.work import Flag
from tests.sidecar.conftest import PASSWORD

pytestmark = pytest.mark.parametrize("ready", ["sqlite"], indirect=True)
LONGEST = 10  # seconds, where something is wrong
FAULT = OSError(5, "Input/output error")


class Disk:
    """A disk that can be held back, and can fail; it counts its syncs."""

    def __init__(self) -> None:
        self.count = 0
        self.begun, self.free = threading.Event(), threading.Event()
        self.fault: OSError | None = None
        self.free.set()

    def sync(self, handle):
        self.count += 1
        self.begun.set()
        self.free.wait(LONGEST)
        if self.fault:
            raise self.fault
        os.fsync(handle)

    async def holds(self):
        """Wait until a sync is held back."""
        assert await asyncio.to_thread(self.begun.wait, LONGEST), "no sync began"


@pytest.fixture
def disk(monkeypatch):
    found = Disk()
    monkeypatch.setattr(syncs, "to_disk", found.sync)
    yield found
    found.free.set()


async def write(db, name):
    async with db.write() as tx:
        tx.add(Flag(name=name, value={}, changed_by=0))
    return name


async def until_written(db, *names):
    """Wait until others can read these."""
    while not set(names) <= await names_in(db):  # noqa: ASYNC110 (the database tells nobody)
        await asyncio.sleep(0.001)


async def names_in(db):
    async with db.read() as tx:
        return set(await tx.scalars(select(Flag.name)))


@pytest.mark.row("S286")
def test_nothing_is_answered_before_its_sync_has_ended(running, disk):
    async def story(db):
        disk.free.clear()
        writing = asyncio.create_task(write(db, "a"))
        await until_written(db, "a")
        await disk.holds()
        before = writing.done()
        disk.free.set()
        return before, await writing

    assert running(story) == (False, "a")


def test_whoever_commits_while_a_sync_runs_waits_for_the_next_and_shares_it(running, disk):
    names = [f"n{number}" for number in range(5)]

    async def story(db):
        disk.free.clear()
        first = asyncio.create_task(write(db, "a"))
        await disk.holds()
        others = [asyncio.create_task(write(db, name)) for name in names]
        await until_written(db, *names)
        disk.free.set()
        await first
        await asyncio.gather(*others)
        return disk.count

    assert running(story) == 2


@pytest.mark.row("S286")
def test_a_sync_that_fails_is_an_error_for_all_who_wait_and_nothing_is_written_after_it(
    running, disk
):
    async def story(db):
        disk.free.clear()
        first = asyncio.create_task(write(db, "a"))
        await disk.holds()
        others = [asyncio.create_task(write(db, name)) for name in ("b", "c")]
        await until_written(db, "b", "c")
        disk.fault = FAULT
        disk.free.set()
        ends = await asyncio.gather(first, *others, return_exceptions=True)
        disk.fault = None
        with pytest.raises(OperationalError):
            await write(db, "d")
        return ends, disk.count, "d" in await names_in(db), await db.can_write()

    ends, count, is_written, can_write = running(story)
    assert [type(end) for end in ends] == [OperationalError] * 3
    assert (count, is_written, can_write) == (1, False, False)


@pytest.mark.row("S286")
def test_after_a_sync_that_failed_people_are_told_503_and_health_says_so(service, disk):
    fields = {"name": "ada", "email": "ada@a.example", "password": PASSWORD}
    disk.fault = FAULT

    answer = service.send("/account/register", **fields)
    again = service.send("/account/register", **fields)

    assert (answer.status_code, again.status_code) == (503, 503)
    assert service.get("/health/ready").status_code == 503
    assert service.get("/health/live").status_code == 200


@pytest.mark.row("S286")
def test_what_was_answered_is_in_what_a_loss_of_power_would_leave(
    running, ready, tmp_path, monkeypatch
):
    file = Path(ready.database_url.removeprefix("sqlite:///"))
    left = [tmp_path]

    def sync(handle):
        # What is on the disk after it is at least what the files have when it begins.
        place = tmp_path / str(len(left))
        place.mkdir()
        for name in (file.name, f"{file.name}-wal"):
            shutil.copy(file.with_name(name), place)
        time.sleep(0.01)  # others commit meanwhile, which this one says nothing about
        left.append(place)

    async def answered(db, name):
        await write(db, name)
        with closing(sqlite3.connect(left[-1] / file.name)) as found:
            return name, found.execute("SELECT 1 FROM flags WHERE name = ?", (name,)).fetchone()

    async def story(db):
        monkeypatch.setattr(syncs, "to_disk", sync)
        return await asyncio.gather(*(answered(db, f"n{number}") for number in range(40)))

    assert running(story) == [(f"n{number}", (1,)) for number in range(40)]


def test_the_log_that_is_there_is_synced_and_none_where_there_is_none(ready, monkeypatch):
    synced, log = [], Path(ready.data, "a.sqlite-wal")
    monkeypatch.setattr(syncs, "to_disk", lambda handle: synced.append(os.fstat(handle).st_ino))

    def made(text):
        log.write_text(text)
        return log.stat().st_ino

    with asyncio.Runner() as runner:
        found = Syncs(str(log).removesuffix("-wal"))
        runner.run(found.next())
        first = made("one")
        runner.run(found.next())
        runner.run(found.next())
        log.rename(log.with_name("kept"))
        second = made("two")
        runner.run(found.next())
        runner.run(found.close())

    assert synced == [first, first, second]


def test_who_gives_up_waiting_takes_no_sync_from_the_others(running, disk):
    async def story(db):
        disk.free.clear()
        first, second = (asyncio.create_task(write(db, name)) for name in ("a", "b"))
        await until_written(db, "a", "b")
        first.cancel()
        await asyncio.wait([first])
        disk.free.set()
        return await second

    assert running(story) == "b"


def test_a_write_is_answered_while_all_threads_of_the_process_wait_for_something_else(running):
    async def story(db):
        free = threading.Event()
        waiting = [asyncio.create_task(asyncio.to_thread(free.wait, LONGEST)) for _ in range(99)]
        try:
            async with asyncio.timeout(LONGEST / 2):
                return await write(db, "a")
        finally:
            free.set()
            await asyncio.gather(*waiting)

    assert running(story) == "a"


def test_closing_waits_for_the_sync_that_begins_when_one_ends(running, disk, monkeypatch):
    ended = []

    def sync(handle):
        disk.sync(handle)
        time.sleep(0.05)
        ended.append(handle)

    async def story(db):
        monkeypatch.setattr(syncs, "to_disk", sync)
        disk.free.clear()
        writing = [asyncio.create_task(write(db, "a"))]
        await disk.holds()
        writing.append(asyncio.create_task(write(db, "b")))
        await until_written(db, "b")
        disk.free.set()
        await db._syncs.close()
        return len(ended), await asyncio.gather(*writing)

    assert running(story) == (2, ["a", "b"])


def test_the_looks_of_health_wait_for_the_disk_by_themselves(running):
    async def story(db):
        kept = []
        for engine in (db.engine, db._asking):
            async with engine.connect() as connection:
                kept.append(await connection.scalar(text("PRAGMA synchronous")))
        return kept

    assert running(story) == [1, 2]

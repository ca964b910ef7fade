"""A worker without a database: it waits, says so once, and goes on by itself."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import create_engine, make_url, select, text
from sqlalchemy.exc import ProgrammingError
from structlog.testing import capture_logs

from sidecar import worker as module
from sidecar.database import open_database
from sidecar.letters import LETTERS
from sidecar.mail import post
from sidecar.schema import prepare, sync_url
from sidecar.settings import read_settings
from sidecar.tables.work import Mail
from sidecar.worker import Worker
from tests.sidecar.conftest import BOTH

MISSED = "the database cannot be used, waiting for it"
BACK = "the database is there again"


def on_server(url, *statements):
    engine = create_engine(sync_url(url), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


@pytest.fixture(params=BOTH)
def later(request, tmp_path, monkeypatch):
    """The settings of a database that is not there yet, and what makes it."""
    monkeypatch.setattr(module, "AGAIN", 0.05)
    environ = {"PYDOTORG_URL": "http://test.example"}
    if request.param == "sqlite":
        settings = read_settings(environ, tmp_path)
        yield settings, lambda: prepare(settings.database_url)
        return
    server = request.getfixturevalue("postgres")
    environ["DATABASE_URL"] = (
        make_url(server).set(database="later").render_as_string(hide_password=False)
    )
    settings = read_settings(environ, tmp_path)

    def made():
        on_server(server, "CREATE DATABASE later")
        prepare(settings.database_url)

    yield settings, made
    on_server(server, "DROP DATABASE later WITH (FORCE)")


async def until(is_so):
    async with asyncio.timeout(60):
        while not await is_so():  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.05)


async def sends(db):
    """Queue a mail, and wait until it is sent."""
    async with db.write() as tx:
        await post(tx, "test", "ada@a.example", LETTERS["test"].sample)

    async def all_sent():
        async with db.read() as tx:
            return set(await tx.scalars(select(Mail.state))) == {"sent"}

    await until(all_sent)


def told(logs):
    return [entry["event"] for entry in logs if entry["event"] in (MISSED, BACK)]


@pytest.mark.row("S002")
def test_a_worker_that_begins_before_its_database_waits_for_it(later):
    settings, make = later

    async def story(logs):
        db = open_database(settings)
        worker = Worker(db, settings)
        working = asyncio.create_task(worker.run())

        async def has_missed():
            return MISSED in told(logs)

        await until(has_missed)
        await asyncio.sleep(0.5)
        assert not working.done()
        await asyncio.to_thread(make)
        await sends(db)
        worker.stop()
        await working
        await db.close()

    with capture_logs() as logs:
        asyncio.run(story(logs))

    # It may say why more than once, as from no database to an empty one; never the same twice.
    whys = [entry["why"] for entry in logs if entry["event"] == MISSED]
    assert len(whys) == len(set(whys)) >= 1
    assert told(logs)[-1] == BACK


@pytest.mark.row("S002")
def test_a_worker_that_begins_before_the_migrations_says_so_once_and_waits(settings, monkeypatch):
    monkeypatch.setattr(module, "AGAIN", 0.05)

    async def story():
        db = open_database(settings)
        worker = Worker(db, settings)
        working = asyncio.create_task(worker.run())
        await asyncio.sleep(1)
        await asyncio.to_thread(prepare, settings.database_url)
        await sends(db)
        worker.stop()
        await working
        await db.close()

    with capture_logs() as logs:
        asyncio.run(story())

    # Each reason once: a file is locked while its tables are made, others lack what comes last.
    loud = [entry for entry in logs if entry["log_level"] in ("warning", "error", "critical")]
    assert {entry["event"] for entry in loud} == {MISSED}
    assert "firings" in loud[0]["why"]
    assert len({entry["why"] for entry in loud}) == len(loud)
    assert told(logs)[-1] == BACK


def test_a_fault_of_ours_is_told_whole_and_the_worker_goes_on(ready, monkeypatch):
    monkeypatch.setattr(module, "AGAIN", 0.05)
    leased = module.lease
    faults = [ProgrammingError("SELECT nothing", {}, Exception("no such column")), KeyError("x")]

    async def fails(*given, **named):
        if faults:
            raise faults.pop(0)
        return await leased(*given, **named)

    async def story():
        db = open_database(ready)
        worker = Worker(db, ready)
        working = asyncio.create_task(worker.run())
        await sends(db)
        worker.stop()
        await working
        await db.close()

    monkeypatch.setattr(module, "lease", fails)
    with capture_logs() as logs:
        asyncio.run(story())

    failed = [one for one in logs if one["event"] == "the worker failed, and goes on"]
    assert [(one["log_level"], one["exc_info"]) for one in failed] == [("error", True)] * 2
    assert told(logs) == []


@pytest.mark.slow
@pytest.mark.row("S002")
def test_a_worker_whose_database_goes_away_goes_on_when_it_is_back(postgres, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "AGAIN", 0.05)
    url = make_url(postgres).set(database="leaving").render_as_string(hide_password=False)
    environ = {"PYDOTORG_URL": "http://test.example", "DATABASE_URL": url}
    settings = read_settings(environ, tmp_path)
    on_server(postgres, "CREATE DATABASE leaving")
    prepare(url)
    away = (
        "ALTER DATABASE leaving ALLOW_CONNECTIONS false",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'leaving'",
    )

    async def story(logs):
        db = open_database(settings)
        worker = Worker(db, settings)
        working = asyncio.create_task(worker.run())
        await sends(db)
        await asyncio.to_thread(on_server, postgres, *away)

        async def has_missed():
            return MISSED in told(logs)

        await until(has_missed)
        assert not working.done()
        await asyncio.to_thread(
            on_server, postgres, "ALTER DATABASE leaving ALLOW_CONNECTIONS true"
        )
        await sends(db)
        worker.stop()
        await working
        await db.close()

    try:
        with capture_logs() as logs:
            asyncio.run(story(logs))
    finally:
        on_server(postgres, "DROP DATABASE leaving WITH (FORCE)")

    assert told(logs)[-1] == BACK

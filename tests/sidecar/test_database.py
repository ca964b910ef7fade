"""Reading and writing, on both databases."""

from __future__ import annotations

import asyncio

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.orm.exc import StaleDataError

from pydotorg_build.problems import Problems
from sidecar.database import Database, open_database
from sidecar.schema import known, prepare, sync_url
from sidecar.tables import Table
from sidecar.tables.accounts import User


def user(name):
    return User(name=name, name_key=name, email=f"{name}@a.example", email_key=f"{name}@a.example")


def run(settings, story):
    """Run a story on the prepared database."""
    prepare(settings.database_url)

    async def told():
        db = open_database(settings)
        try:
            return await story(db)
        finally:
            await db.close()

    return asyncio.run(told())


async def count(db: Database) -> int:
    async with db.read() as tx:
        return await tx.scalar(select(func.count(User.id))) or 0


@pytest.mark.row("S028")
def test_many_writers_at_once_are_all_stored(settings):
    async def story(db):
        async def write(number):
            async with db.write() as tx:
                tx.add(user(f"u{number}"))

        await asyncio.gather(*(write(number) for number in range(100)))
        return await count(db)

    assert run(settings, story) == 100


def test_what_fails_in_a_transaction_leaves_nothing(settings):
    async def fail(db):
        async with db.write() as tx:
            tx.add(user("ada"))
            await tx.flush()
            raise ZeroDivisionError

    async def story(db):
        with pytest.raises(ZeroDivisionError):
            await fail(db)
        return await count(db)

    assert run(settings, story) == 0


@pytest.mark.row("S273")
def test_what_was_stored_can_be_read_after_its_transaction_without_asking_again(settings):
    async def story(db):
        async with db.write() as tx:
            ada = user("ada")
            tx.add(ada)
        return ada.id, ada.name

    assert run(settings, story) == (1, "ada")


def test_of_two_who_change_one_record_the_second_is_told(settings):
    async def save(db, record):
        async with db.write() as tx:
            tx.add(record)

    async def story(db):
        await save(db, user("ada"))
        async with db.read() as tx:
            mine = await tx.scalar(select(User))
        async with db.write() as tx:
            theirs = await tx.scalar(select(User))
            theirs.bio = "theirs"
        mine.bio = "mine"
        with pytest.raises(StaleDataError):
            await save(db, mine)
        async with db.read() as tx:
            return (await tx.scalar(select(User))).bio

    assert run(settings, story) == "theirs"


def test_moments_come_back_in_utc(settings):
    async def story(db):
        async with db.write() as tx:
            tx.add(user("ada"))
        async with db.read() as tx:
            return (await tx.scalar(select(User))).created

    assert run(settings, story).utcoffset().total_seconds() == 0


@pytest.mark.row("S007")
def test_an_empty_database_is_made_once_as_the_tables_say(settings):
    first, second = prepare(settings.database_url), prepare(settings.database_url)

    engine = create_engine(sync_url(settings.database_url))
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), Table.metadata)
    engine.dispose()
    assert (first, second) == (f"the database was made, with the schema {known()[0]}", "")
    assert differences == []


def test_a_schema_that_is_not_known_is_refused_in_one_line(settings):
    prepare(settings.database_url)
    engine = create_engine(sync_url(settings.database_url))
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num='9999'"))
    engine.dispose()

    with pytest.raises(Problems) as problems:
        prepare(settings.database_url)

    assert str(problems.value) == (
        "(database): the database has the schema 9999, which this version does not know\n"
        "  hint: run the newer version of the sidecar"
    )

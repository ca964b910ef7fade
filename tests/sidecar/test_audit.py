"""The audit log: what it keeps, and that nobody can change it."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError

from sidecar.audit import changes_of, note
from sidecar.permissions import Actor
from sidecar.tables.accounts import User
from sidecar.tables.work import Audit
from tests.sidecar.test_database import run, user

ADA = Actor(user=7, name="ada")


async def rows(db) -> list[Audit]:
    async with db.read() as tx:
        return list(await tx.scalars(select(Audit).order_by(Audit.id)))


async def written(db, **changes) -> None:
    async with db.write() as tx:
        await note(tx, ADA, "account changed", "users/12", changes)


@pytest.mark.row("S338")
def test_a_row_says_who_did_what_to_which_record_and_how_it_was(settings):
    async def story(db):
        await written(db, is_active=(True, False), roles=(["staff"], ["superuser", "staff"]))
        return await rows(db)

    (row,) = run(settings, story)

    assert (row.actor_id, row.action, row.subject) == (7, "account changed", "users/12")
    assert row.changes == {
        "is_active": [True, False],
        "roles": [["staff"], ["staff", "superuser"]],
    }


def test_of_a_personal_field_the_name_is_kept_and_no_value(settings):
    async def story(db):
        await written(db, email=("ada@a.example", "ada@b.example"), bio=("", "Countess"))
        return await rows(db)

    (row,) = run(settings, story)

    assert row.changes == {"email": [], "bio": []}


def test_what_stays_the_same_is_left_out_and_what_is_not_told_is_only_named(settings):
    async def story(db):
        await written(db, roles=([], []), password=(None, None))
        return await rows(db)

    (row,) = run(settings, story)

    assert row.changes == {"password": []}


@pytest.mark.row("S338")
@pytest.mark.parametrize(
    "change", [update(Audit).values(actor_id=8), delete(Audit)], ids=["change", "delete"]
)
def test_the_database_refuses_to_change_or_delete_a_row(settings, change):
    async def spoil(db):
        async with db.write() as tx:
            await tx.execute(change)

    async def story(db):
        await written(db, is_active=(True, False))
        with pytest.raises(DBAPIError, match="only ever added"):
            await spoil(db)
        return await rows(db)

    assert [row.actor_id for row in run(settings, story)] == [7]


def test_what_is_undone_is_not_in_the_log(settings):
    async def fail(db):
        async with db.write() as tx:
            await note(tx, ADA, "account changed", "users/12")
            raise ZeroDivisionError

    async def story(db):
        with pytest.raises(ZeroDivisionError):
            await fail(db)
        return await rows(db)

    assert run(settings, story) == []


def test_the_changes_of_a_record_are_found_before_it_is_stored(settings):
    async def story(db):
        async with db.write() as tx:
            tx.add(user("ada"))
        async with db.write() as tx:
            ada = await tx.scalar(select(User))
            ada.bio, ada.is_active = "Countess", False
            return changes_of(ada)

    assert run(settings, story) == {"bio": ("", "Countess"), "is_active": (True, False)}

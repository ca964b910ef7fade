"""What staff open and close while the sidecar runs."""

from __future__ import annotations

import datetime

import pytest
from sqlalchemy import select

from sidecar.clock import now
from sidecar.flags import BY_NAME, WAIT, Closed, closed, turn, what_stops
from sidecar.permissions import Actor
from sidecar.tables.work import Audit
from tests.sidecar.test_database import run

ADA = Actor(user=7, name="ada")
HOUR = datetime.timedelta(hours=1)


def shut(*names):
    return [Closed(BY_NAME[name], "Closed.", None) for name in names]


@pytest.mark.parametrize(
    ("method", "path", "names", "stopped"),
    [
        ("GET", "/submit/job", ("maintenance", "submissions"), ""),
        ("POST", "/submit/job", ("maintenance",), "maintenance"),
        ("POST", "/submit/job", ("submissions",), "submissions"),
        ("POST", "/account/profile", ("submissions",), ""),
        ("POST", "/account/sign-in", ("maintenance",), ""),
        ("POST", "/account/register", ("maintenance",), "maintenance"),
        ("POST", "/account/register", ("registration",), "registration"),
        ("POST", "/admin/settings/maintenance", ("maintenance",), ""),
        ("POST", "/admin/users/7/disable", ("maintenance",), "maintenance"),
        ("DELETE", "/api/v1/keys/1", ("api",), "api"),
        ("HEAD", "/api/v1/jobs", ("api",), ""),
        ("POST", "/submit/job", (), ""),
    ],
)
def test_what_is_closed_stops_changes_and_never_reading(method, path, names, stopped):
    found = what_stops(method, path, shut(*names))

    assert (found.switch.name if found else "") == stopped


async def closed_with(db, **given):
    async with db.write() as tx:
        await turn(tx, ADA, "maintenance", **given)
    return (await db.look(closed)).get("maintenance")


def test_a_closed_switch_has_its_words_and_the_time_left(settings):
    async def story(db):
        return await closed_with(db, close=True, words=" New disks. ", until=now() + HOUR)

    found = run(settings, story)

    assert found.words == "New disks."
    assert 3590 < found.seconds <= 3600


def test_without_words_and_time_it_has_the_usual_ones(settings):
    async def story(db):
        return await closed_with(db, close=True)

    found = run(settings, story)

    assert (found.words, found.seconds) == (BY_NAME["maintenance"].words, WAIT)


@pytest.mark.parametrize("given", [{"close": False}, {"close": True, "until": now() - HOUR}])
def test_what_was_opened_and_what_is_over_closes_nothing(settings, given):
    async def story(db):
        await closed_with(db, close=True)
        return await closed_with(db, **given)

    assert run(settings, story) is None


@pytest.mark.row("S337")
def test_who_closed_and_opened_is_in_the_audit_log(settings):
    async def story(db):
        await closed_with(db, close=True)
        await closed_with(db, close=False)
        async with db.read() as tx:
            return list(await tx.scalars(select(Audit).order_by(Audit.id)))

    first, second = run(settings, story)

    assert (first.action, first.subject, first.actor_id) == (
        "maintenance closed", "flags/maintenance", 7
    )  # fmt: skip
    assert second.action == "maintenance opened"
    assert second.changes["closed"] == [True, False]

"""Sessions: who is signed in, for how long, and what counts at once."""

from __future__ import annotations

import datetime

import pytest
from sqlalchemy import delete, select, text, update

from sidecar.clock import now
from sidecar.sessions import find
from sidecar.tables.accounts import Given, Session, User
from tests.sidecar.conftest import PASSWORD

HOUR = datetime.timedelta(hours=1)


def is_in(browser) -> bool:
    """Is somebody let in where only whoever is signed in may go?"""
    return browser.get("/account/step-up").status_code == 200


def actor(service, browser):
    token = browser.client.cookies["session"]

    found = service.run(service.db.look(lambda db: find(db, token)))
    return found and found[0]


@pytest.mark.row("S034", "S048", "S284")
def test_signing_in_sets_a_cookie_no_script_reads_and_signing_out_ends_the_session(service):
    service.account("ada")

    answer = service.send("/account/sign-in", who="ada", password=PASSWORD)
    token = service.client.cookies["session"]
    assert is_in(service)
    gone = service.send("/account/", "/account/sign-out")

    assert "You are signed out." in service.get(gone.headers["location"]).text
    service.client.cookies.set("session", token)
    cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith("session="))
    assert "; HttpOnly" in cookie
    assert "; SameSite=lax" in cookie
    assert service.rows(Session.__table__.select()) == []
    assert not is_in(service)


def test_the_database_keeps_no_token_that_signs_in(service):
    browser = service.signed_in()

    (kept,) = service.rows(Session.__table__.select().with_only_columns(Session.token))

    assert browser.client.cookies["session"] != kept
    browser.client.cookies.set("session", kept)
    assert not is_in(browser)


@pytest.mark.row("S284")
@pytest.mark.parametrize(
    ("role", "ago", "is_let_in"),
    [("", 300, True), ("", 15 * 24, False), ("staff", 11, True), ("staff", 13, False)],
)
def test_a_session_ends_when_it_was_idle_sooner_for_staff(service, role, ago, is_let_in):
    browser = service.signed_in(role)
    seen = now() - ago * HOUR
    service.write(lambda tx: tx.execute(
        update(Session).values(seen=seen, expires=seen + datetime.timedelta(days=14))
    ))  # fmt: skip

    assert is_in(browser) is is_let_in


def test_using_a_session_keeps_it_and_is_written_down_every_ten_minutes_at_most(service):
    browser = service.signed_in()
    ago = now() - datetime.timedelta(minutes=5)
    service.write(lambda tx: tx.execute(update(Session).values(seen=ago)))

    def seen():
        return service.rows(Session.__table__.select().with_only_columns(Session.seen))[0]

    is_in(browser)
    soon = seen()
    service.write(lambda tx: tx.execute(update(Session).values(seen=ago - HOUR)))
    is_in(browser)

    assert soon == ago
    assert now() - seen() < datetime.timedelta(seconds=5)


@pytest.mark.parametrize(
    "change",
    [
        update(User).values(is_active=False),
        update(User).values(deleted_at=datetime.datetime.now(datetime.UTC)),
        delete(Session),
    ],
    ids=["disabled", "deleted", "ended"],
)
def test_what_ends_a_session_counts_at_once(service, change):
    browser = service.signed_in()
    assert is_in(browser)

    service.write(lambda tx: tx.execute(change))

    assert not is_in(browser)


def test_a_role_taken_away_counts_at_once(service):
    browser = service.signed_in("staff")
    assert browser.get("/admin/audit").status_code == 200

    service.write(lambda tx: tx.execute(delete(Given)))

    assert browser.get("/admin/audit").status_code == 403


@pytest.mark.row("S041")
def test_a_role_gives_nothing_until_the_session_has_its_second_factor(service):
    user = service.account("grace", "superuser")
    browser = service.signed_in(user=user)

    assert browser.get("/admin/audit").status_code == 403
    service.write(lambda tx: tx.execute(update(Session).values(factor_at=now())))
    assert browser.get("/admin/audit").status_code == 200


def test_membership_and_freshness_are_told_with_the_session(service):
    browser = service.signed_in(is_member=True)
    fresh = actor(service, browser)
    ago = now() - datetime.timedelta(minutes=16)
    service.write(lambda tx: tx.execute(update(Session).values(stepped_up_at=ago)))

    assert (fresh.is_member, fresh.stepped_up) == (True, True)
    assert actor(service, browser).stepped_up is False


@pytest.mark.row("S044")
def test_under_api_a_cookie_counts_for_nothing(service):
    browser = service.signed_in("staff")

    assert browser.get("/api/nothing").status_code == 404
    assert "session" not in "".join(browser.get("/account/step-up").headers.get_list("set-cookie"))


@pytest.mark.parametrize("ready", ["sqlite"], indirect=True)
def test_who_reads_is_answered_though_it_cannot_be_noted_that_they_were_here(service):
    browser = service.signed_in()
    long_ago = now() - HOUR
    service.write(lambda tx: tx.execute(update(Session).values(seen=long_ago)))
    refuses = "CREATE TRIGGER full BEFORE UPDATE ON sessions BEGIN SELECT RAISE(ABORT, 'full'); END"
    service.write(lambda tx: tx.execute(text(refuses)))

    assert is_in(browser)
    assert service.rows(select(Session.seen)) == [long_ago]

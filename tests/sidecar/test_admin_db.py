"""Any record of any table, looked at and mended by superusers."""

from __future__ import annotations

import datetime

import pytest
from sqlalchemy import select, update

from sidecar.clock import now
from sidecar.mending import READ_ONLY, shapes
from sidecar.tables.accounts import Session, User
from sidecar.tables.work import Audit, Mail

SHAPES = shapes()


@pytest.fixture
def root(service):
    return service.signed_in(role="superuser")


def bio(service, user):
    return service.rows(select(User.bio).where(User.id == user))[0]


def record(user):
    return f"/admin/db/users/record?id={user}"


@pytest.mark.row("S264", "S339")
@pytest.mark.parametrize("name", SHAPES)
def test_every_table_opens_with_and_without_records(root, name):
    assert root.get(f"/admin/db/{name}?q=&sort=&page=").status_code == 200
    assert root.get(f"/admin/db/{name}/record").headers["location"] == f"/admin/db/{name}"


@pytest.mark.row("S264")
def test_a_record_is_mended_and_the_change_is_in_the_log(service, root):
    ada = service.account("ada")

    answer = root.send(record(ada), bio="Countess", last_sign_in="2026-11-26T18:00:00Z")

    assert answer.headers["location"] == record(ada)
    (user,) = service.rows(select(User).where(User.id == ada))
    assert (user.bio, user.last_sign_in.hour) == ("Countess", 18)
    (row,) = service.rows(select(Audit))
    assert (row.actor_id, row.action, row.subject) == (root.user, "record mended", f"users/{ada}")
    assert row.changes == {"bio": [], "last_sign_in": [None, "2026-11-26T18:00:00+00:00"]}


@pytest.mark.row("S264")
def test_who_has_another_name_and_address_signs_in_with_these(service, root):
    ada = service.account("ada")

    root.send(record(ada), name="Lovelace", email="Ada@Lovelace.example")

    (user,) = service.rows(select(User).where(User.id == ada))
    assert (user.name_key, user.email_key) == ("lovelace", "ada@lovelace.example")
    assert "email_key" in service.rows(select(Audit))[0].changes


@pytest.mark.row("S264")
def test_a_record_cannot_lead_to_one_that_is_not_there(service, root):
    service.account("ada", is_member=True)
    path = "/admin/db/memberships/record?id=1"

    answer = root.send(path, user_id="77", kind="3")

    assert answer.status_code == 422
    assert 'id="kind-error"' in answer.text
    assert root.send(path, user_id="77").text.count('id="user_id-error"') == 1


def test_what_is_sent_as_it_was_changes_nothing(service, root):
    ada = service.account("ada")

    assert root.submit(root.get(record(ada)), record(ada)).status_code == 303
    assert service.rows(select(Audit)) == []


@pytest.mark.row("S264")
def test_of_two_who_mend_a_record_the_second_is_told_and_keeps_what_was_typed(service, root):
    ada = service.account("ada")
    first, second = root.get(record(ada)), root.get(record(ada))
    root.submit(first, record(ada), bio="First")

    answer = root.submit(second, record(ada), bio="Second", employers="None of them")

    assert answer.status_code == 409
    assert 'value="Second"' in answer.text
    assert "Now: First." in answer.text
    assert bio(service, ada) == "First"
    assert root.submit(answer, record(ada), bio="Second").status_code == 303
    assert bio(service, ada) == "Second"


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"email": "Bea@example.org"}, "email"),
        ({"email": ""}, "email"),
        ({"email": "nowhere"}, "email"),
        ({"name": "bea"}, "name"),
        ({"name": ""}, "name"),
        ({"name": "a" * 100_000}, "name"),
        ({"search_visibility": "everybody"}, "search_visibility"),
        ({"search_visibility": ""}, "search_visibility"),
        ({"search_visibility": "-1"}, "search_visibility"),
        ({"email_privacy": "3"}, "email_privacy"),
        ({"public_profile": "perhaps"}, "public_profile"),
        ({"confirmed_at": "tomorrow"}, "confirmed_at"),
        ({"full_name": "Ada\x00"}, "full_name"),
    ],
)
def test_what_cannot_be_is_told_beside_its_field_and_nothing_typed_is_lost(
    service, root, typed, field
):
    service.account("bea")
    ada = service.account("ada")

    answer = root.send(record(ada), bio="Countess", **typed)

    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert 'value="Countess"' in answer.text
    assert bio(service, ada) == ""


@pytest.mark.row("S264")
@pytest.mark.parametrize("name", sorted(READ_ONLY & set(SHAPES)))
def test_what_has_rules_of_its_own_is_only_looked_at(service, root, name):
    answer = root.post(f"/admin/db/{name}/record?id=1", {"id": "1"})

    assert answer.status_code == 403
    assert "only looked at" in answer.text


@pytest.mark.row("S264")
def test_audit_sessions_keys_and_outbox_are_only_looked_at():
    assert {"audit", "decisions", "sessions", "api_keys", "mails"} <= READ_ONLY


def test_what_is_fixed_is_not_changed_by_whoever_sends_it(service, root):
    ada = service.account("ada")

    root.send(record(ada), is_active="no", password="x", deleted_at="2026-11-26T18:00:00Z")

    (user,) = service.rows(select(User).where(User.id == ada))
    assert (user.is_active, user.deleted_at) == (True, None)
    assert user.password != "x"


def test_no_secret_and_no_none_is_shown(service, root):
    ada = service.account("ada")
    (hash,) = service.rows(select(User.password).where(User.id == ada))

    page = root.get(record(ada)).text

    assert hash not in page
    assert ">None<" not in page
    assert 'value="None"' not in page


def test_a_record_that_is_only_looked_at_shows_its_data(service, root):
    async def add(tx):
        tx.add(Mail(template="welcome", recipient="a@a.example", subject="Hi <b>", text="Hi",
                    headers={"X-A": "b"}, message_id="<1@a.example>"))  # fmt: skip

    service.write(add)

    page = root.get("/admin/db/mails/record?id=1").text

    assert "Hi &lt;b&gt;" in page
    assert "X-A" in page
    assert 'method="post"' not in page.partition("<main")[2]


@pytest.mark.row("S264", "S326")
def test_who_signed_in_long_ago_proves_first_who_it_is(service, root):
    ada = service.account("ada")
    before = now() - datetime.timedelta(hours=1)
    service.write(lambda tx: tx.execute(update(Session).values(stepped_up_at=before)))

    answer = root.get(record(ada))

    assert answer.status_code == 303
    assert answer.headers["location"] == (
        f"/account/step-up?then=/admin/db/users/record%3Fid%3D{ada}"
    )
    assert root.post(record(ada), {"bio": "x"}).status_code == 403
    assert bio(service, ada) == ""


@pytest.mark.row("S264", "S326")
@pytest.mark.parametrize("role", ["", "staff", "jobs team"])
def test_it_is_for_superusers_only(service, role):
    browser = service.signed_in(role=role)

    for page in ("/admin/db", "/admin/db/users", "/admin/db/users/record?id=1"):
        assert browser.get(page).status_code == 403
    assert browser.post("/admin/db/users/record?id=1").status_code == 403


@pytest.mark.parametrize("page", ["nothing", "users/record?id=0", "users/record?id=x",
                                  "users/record?id=99999999999", "roles/record?role=staff"])  # fmt: skip
def test_what_is_not_there_is_not_found(root, page):
    assert root.get(f"/admin/db/{page}").status_code == 404

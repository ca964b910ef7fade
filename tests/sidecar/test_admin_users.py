"""Accounts, as staff look after them."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from sidecar.clock import now
from sidecar.permissions import Role
from sidecar.tables.accounts import Factor, Given, Session, User
from sidecar.tables.work import Audit, Mail


@pytest.fixture
def root(service):
    return service.signed_in(role="superuser")


@pytest.fixture
def ada(service):
    return service.account("ada", "staff")


def roles(service, user):
    return sorted(service.rows(select(Given.role).where(Given.user_id == user)))


def audited(service):
    return [(row.action, row.subject) for row in service.rows(select(Audit).order_by(Audit.id))]


def is_active(service, user):
    return service.rows(select(User.is_active).where(User.id == user)) == [True]


@pytest.mark.row("S269", "S057")
def test_accounts_are_found_by_name_and_by_role(service, root, ada):
    service.account("bea")

    assert ">ada</a>" in root.get("/admin/users?q=AD").text
    page = root.get("/admin/users?role=staff&state=").text
    assert ">ada</a>" in page
    assert ">bea</a>" not in page


@pytest.mark.row("S327")
def test_a_role_is_given_and_taken_and_both_are_in_the_log(service, root, ada):
    page = f"/admin/users/{ada}"

    given = root.send(page, f"{page}/roles/give", role="jobs team")
    assert (given.status_code, roles(service, ada)) == (303, ["jobs team", "staff"])
    taken = root.send(page, f"{page}/roles/take")
    assert (taken.status_code, roles(service, ada)) == (303, ["staff"])
    assert audited(service) == [("role given", f"users/{ada}"), ("role taken", f"users/{ada}")]


@pytest.mark.row("S271")
def test_what_was_done_is_told_once_on_the_next_page(root, ada):
    page = f"/admin/users/{ada}"
    root.send(page, f"{page}/roles/give", role="jobs team")

    assert "The role jobs team is given." in root.get(page).text
    assert "The role jobs team is given." not in root.get(page).text


@pytest.mark.row("S327")
def test_nobody_changes_their_own_roles(service, root):
    page = f"/admin/users/{root.user}"
    other = root.get(f"/admin/users/{service.account('bea')}")

    shown = root.get(page).text
    answer = root.submit(other, f"/admin/users/{root.user + 1}/roles/give", role="staff")
    own = root.post(f"{page}/roles/give", token_of(other) | {"role": "staff"})

    assert f'action="{page}/roles' not in shown
    assert "This is your own account" in shown
    assert answer.status_code == 303
    assert own.status_code == 409
    assert roles(service, root.user) == ["superuser"]


def token_of(page):
    from tests.sidecar.conftest import HIDDEN

    return {"form_token": dict(HIDDEN.findall(page.text))["form_token"]}


@pytest.mark.row("S327")
def test_the_last_superuser_stays_one(service, root, ada):
    """Of two superusers one shuts the other out; nobody is left who could shut out the first."""
    other = service.signed_in(user=service.account("grace", "superuser"), role="superuser")
    ask = f"/admin/users/{root.user}/disable"
    assert other.send(ask).status_code == 303

    assert not is_active(service, root.user)
    assert root.get("/admin/users").status_code == 303
    form = token_of(other.get(f"/admin/users/{ada}")) | {"role": "superuser"}
    answer = other.post(f"/admin/users/{other.user}/roles/take", form)
    assert answer.status_code == 409
    assert roles(service, other.user) == ["superuser"]


@pytest.mark.row("S327", "S057")
def test_an_account_is_disabled_and_enabled_after_being_asked_once(service, root, ada):
    hers = service.signed_in(user=ada, role="staff")
    ask = f"/admin/users/{ada}/disable"

    assert "Disable the account “ada”?" in root.get(ask).text
    assert is_active(service, ada)
    assert root.send(ask).headers["location"] == f"/admin/users/{ada}"

    assert not is_active(service, ada)
    assert service.rows(select(Session.id).where(Session.user_id == ada)) == []
    assert hers.get("/admin/").status_code != 200
    assert root.send(f"/admin/users/{ada}/enable").status_code == 303
    assert is_active(service, ada)
    assert [action for action, _ in audited(service)] == ["account disabled", "account enabled"]


@pytest.mark.row("S327")
def test_the_second_factor_is_reset_and_all_sessions_ended(service, root, ada):
    service.signed_in(user=ada, role="staff")

    async def add(tx):
        tx.add(Factor(user_id=ada, kind="totp", name="app", secret="sealed"))

    service.write(add)

    assert root.send(f"/admin/users/{ada}/reset-factor").status_code == 303
    assert service.rows(select(Factor.id).where(Factor.user_id == ada)) == []
    service.signed_in(user=ada, role="staff")
    assert root.send(f"/admin/users/{ada}/end-sessions").status_code == 303
    assert service.rows(select(Session.id).where(Session.user_id == ada)) == []


@pytest.mark.row("S327")
@pytest.mark.parametrize(
    ("act", "letter", "confirmed"),
    [("send-reset", "reset", True), ("send-confirmation", "confirm", False)],
)
def test_a_letter_is_sent_whose_link_leads_to_its_page(service, root, act, letter, confirmed):
    """A button that says it sent something has written the very mail (P34)."""
    given = {} if confirmed else {"confirmed_at": None}
    ada = service.account("ada", **given)

    assert root.send(f"/admin/users/{ada}/{act}").status_code == 303

    (mail,) = service.rows(select(Mail))
    assert (mail.template, mail.recipient) == (letter, "ada@example.org")
    (link,) = re.findall(r"http://test.example(/\S+)", mail.text)
    assert service.browser().get(link).status_code == 200


def test_to_who_is_deleted_nothing_is_done(service, root):
    ada = service.account("ada", deleted_at=now())
    form = token_of(root.get("/admin/announcements/new"))

    answer = root.post(f"/admin/users/{ada}/enable", form)

    assert answer.status_code == 409
    assert "This account was deleted." in answer.text
    assert "/enable" not in root.get(f"/admin/users/{ada}").text


def test_what_is_impossible_is_told_on_the_page_of_the_account(root, ada):
    page = f"/admin/users/{ada}"
    form = token_of(root.get(page))

    answer = root.post(f"{page}/roles/give", form | {"role": "staff"})

    assert answer.status_code == 409
    assert "ada has the role staff already" in answer.text


@pytest.mark.parametrize("role", ["", "emperor"])
def test_a_role_that_there_is_not_is_refused_in_words(root, ada, role):
    page = f"/admin/users/{ada}"
    form = token_of(root.get(page))

    answer = root.post(f"{page}/roles/give", form | {"role": role})

    assert answer.status_code == 422
    assert "This was not done" in answer.text


@pytest.mark.row("S326", "S057")
def test_staff_see_accounts_and_change_none(service, ada):
    staff = service.signed_in(role="staff", name="sam")
    page = staff.get(f"/admin/users/{ada}")

    assert page.status_code == 200
    assert f'action="/admin/users/{ada}' not in page.text
    assert staff.get(f"/admin/users/{ada}/disable").status_code == 403
    assert staff.post(f"/admin/users/{ada}/roles/give", {"role": "staff"}).status_code == 403


@pytest.mark.parametrize("role", [role.value for role in Role])
@pytest.mark.row("S339")
def test_an_account_that_is_not_there_is_not_found(service, role):
    browser = service.signed_in(role=role)

    expected = 404 if role in ("staff", "superuser") else 403
    assert browser.get("/admin/users/999").status_code == expected
    assert browser.get(f"/admin/users/{10**20}").status_code == expected

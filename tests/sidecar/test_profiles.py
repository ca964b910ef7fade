"""Profiles: changed by their owner, and seen by others as far as the owner wants."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from sidecar.people import faults_of_name
from sidecar.permissions import NOBODY, Actor
from sidecar.profiles import shown_to
from sidecar.routes.users import OLD
from sidecar.tables.accounts import EmailPrivacy, SearchVisibility, User
from sidecar.tables.work import Audit

URL = "/account/profile"
TYPED = {"full_name": "Ada Lovelace", "bio": "One\r\ntwo <b>", "employers": "",
         "public_profile": "on", "search_visibility": "1", "email_privacy": "2"}  # fmt: skip
EVE = Actor(user=2, name="eve")


def ada(**given) -> User:
    kept = {"email_privacy": 2, "public_profile": True, "full_name": "", "bio": "", **given}
    return User(id=1, name="ada", email="ada@example.org", **kept)


@pytest.mark.row("S063")
@pytest.mark.parametrize(
    ("privacy", "reader", "email"),
    [
        (EmailPrivacy.ANYONE, NOBODY, "ada@example.org"),
        (EmailPrivacy.ANYONE, EVE, "ada@example.org"),
        (EmailPrivacy.SIGNED_IN, NOBODY, ""),
        (EmailPrivacy.SIGNED_IN, EVE, "ada@example.org"),
        (EmailPrivacy.NEVER, NOBODY, ""),
        (EmailPrivacy.NEVER, EVE, ""),
    ],
)
def test_an_address_is_seen_by_whom_its_owner_wants(privacy, reader, email):
    assert shown_to(reader, ada(email_privacy=privacy.value)).email == email


@pytest.mark.row("S061")
def test_a_change_is_there_after_a_reload(service):
    browser = service.signed_in(name="ada")

    answer = browser.send(URL, **TYPED)
    shown = browser.get(URL, follow=True)

    assert (answer.status_code, answer.headers["location"]) == (303, URL)
    assert "Your profile was changed." in shown.text
    assert "Your profile was changed." not in browser.get(URL).text
    assert 'value="Ada Lovelace"' in shown.text
    assert ">One\ntwo &lt;b&gt;</textarea>" in shown.text
    (kept,) = service.rows(select(User))
    assert (kept.full_name, kept.bio) == ("Ada Lovelace", "One\ntwo <b>")
    (row,) = service.rows(select(Audit))
    assert row.action == "profile changed"
    assert "Lovelace" not in str(row.changes)


def test_what_cannot_be_is_told_beside_its_field_and_nothing_typed_is_lost(service):
    browser = service.signed_in(name="ada")

    shown = browser.send(URL, **TYPED | {"full_name": "x" * 151, "email_privacy": "7"})

    assert shown.status_code == 422
    assert "x" * 151 in shown.text
    assert 'id="full_name-error"' in shown.text
    assert "Must be one of 0, 1, 2" in shown.text
    assert service.rows(select(User.full_name)) == [""]


@pytest.mark.row("S063")
def test_a_private_profile_is_not_there_for_others(service):
    service.account("ada", public_profile=False, full_name="Ada Lovelace")
    (user,) = service.rows(select(User.id))
    owner, other = service.signed_in(user=user), service.signed_in("staff", name="eve")

    nobodys = service.get("/users/nobody/")
    for browser in (service, other):
        answer = browser.get("/users/ada/")
        assert answer.status_code == 404
        assert "Lovelace" not in answer.text
    assert nobodys.text == service.get("/users/ada/").text
    assert owner.get("/users/ada/").status_code == 200


@pytest.mark.parametrize(
    ("is_public", "says"), [(True, "as others see it"), (False, "Nobody else")]
)
def test_the_account_leads_to_each_of_its_parts_once(service, is_public, says):
    service.account("ada", public_profile=is_public)
    (user,) = service.rows(select(User.id))

    shown = service.signed_in(user=user).get("/account/").text

    own = shown.partition('class="account-menu"')[2].partition("</main>")[0]
    links = re.findall(r'href="(/account/[^"]+)"', own)
    assert "/account/security" in links
    assert len(links) == len(set(links))
    assert says in own


@pytest.mark.parametrize("name", OLD)
def test_an_old_address_of_ones_own_account_leads_to_the_new_one(service, name):
    assert service.get(f"/users/{name}/").headers["location"] == OLD[name]
    assert list(faults_of_name(name))


@pytest.mark.parametrize("given", [{"is_active": False}, {"confirmed_at": None}])
def test_an_account_that_cannot_sign_in_has_no_profile(service, given):
    service.account("ada", full_name="Ada Lovelace", **given)

    assert service.get("/users/ada/").status_code == 404
    assert "Lovelace" not in service.get("/users/?q=ada").text


def test_a_profile_shows_what_was_typed_as_text_and_has_one_address(service):
    service.account("Ada", full_name="Ada & Co", bio="One\n<script>alert(1)</script>")

    shown = service.get("/users/Ada/")

    assert "<h1>Ada &amp; Co</h1>" in shown.text
    assert "One\n&lt;script&gt;" in shown.text
    assert service.get("/users/ADA/").headers["location"] == "/users/Ada/"
    assert shown.headers["cache-control"] == "no-store"


@pytest.mark.row("S062")
def test_only_those_are_found_who_want_to_be_and_addresses_stay_private(service):
    service.account("ada", full_name="Ada Lovelace")
    service.account("adam", email_privacy=EmailPrivacy.ANYONE.value)
    service.account("adele", email_privacy=EmailPrivacy.SIGNED_IN.value)
    service.account("adolf", search_visibility=SearchVisibility.PRIVATE.value)
    service.account("adria", public_profile=False)

    anybody = service.get("/users/?q=AD").text
    signed_in = service.signed_in(name="eve").get("/users/?q=ad").text

    found = [name for name in ("ada", "adam", "adele", "adolf", "adria")
             if f'href="/users/{name}/"' in anybody]  # fmt: skip
    assert found == ["ada", "adam", "adele"]
    assert "adam@example.org" in anybody
    assert "adele@example.org" not in anybody
    assert "adele@example.org" in signed_in
    assert "ada@example.org" not in anybody + signed_in
    assert "3 people found" in anybody


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("", "Find"),
        ("a", "Type at least 2 letters."),
        ("lovelace", "1 person found"),
        ("ada@example", "Nobody who wants to be found has “ada@example”"),
        ("%%", "Nobody who wants to be found has “%%”"),
        ("__", "Nobody who wants to be found has “__”"),
        ("<b>", "Nobody who wants to be found has “&lt;b&gt;”"),
        ("x" * 5000, "Nobody who wants to be found"),
        ("\x1b\x1b", "Nobody who wants to be found"),
    ],
)
def test_looking_for_people_finds_names_and_nothing_else(service, query, says):
    service.account("ada", full_name="Ada Lovelace")

    answer = service.get("/users/", params={"q": query})

    assert (answer.status_code, says in answer.text) == (200, True)

"""Signing in: nothing tells which half was wrong, a factor is asked for, and one is led back."""

from __future__ import annotations

import base64
import hashlib
import time
from html import unescape

import pytest
from sqlalchemy import insert, select, update

from sidecar.factors import keep_app, make_codes, replace_codes
from sidecar.passkeys import keep_passkey, options_to_add, read_new
from sidecar.routes import account_sign_in
from sidecar.tables.accounts import Identity, Session, User
from tests.sidecar.authenticator import Device
from tests.sidecar.conftest import PASSWORD
from tests.sidecar.test_factors import SECRET, code, early_in_a_half_minute  # noqa: F401 (a fixture)

URL = "/account/sign-in"
FACTOR = "/account/sign-in/factor"
PROVE = "/account/step-up"


def with_app(service, name="ada", *roles) -> int:
    """An account with an app whose last code was one of a minute ago."""
    user = service.account(name, *roles)
    service.write(lambda tx: keep_app(tx, service.settings, user, SECRET, code(-1), "Phone"))
    return user


def is_in(browser) -> bool:
    return browser.get("/account/").status_code == 200


@pytest.mark.parametrize("who", ["ada", "ADA", "ada@example.org", " Ada@Example.ORG "])
def test_somebody_signs_in_by_name_or_address_and_is_led_to_what_was_asked_for(service, who):
    service.account("ada")

    answer = service.send(f"{URL}?then=/jobs/%3Fpage%3D2", URL, who=who, password=PASSWORD)

    assert (answer.status_code, answer.headers["location"]) == (303, "/jobs/?page=2")
    assert is_in(service)


@pytest.mark.parametrize("then", ["https://evil.example/", "//evil.example", "/\\evil.example", ""])
def test_nobody_is_led_to_another_site(service, then):
    service.account("ada")

    answer = service.send(URL, who="ada", password=PASSWORD, then=then)

    assert answer.headers["location"] == "/account/"


@pytest.mark.row("S047")
def test_a_wrong_name_a_wrong_password_and_a_disabled_account_are_answered_alike(service):
    service.account("ada")
    service.account("eve", is_active=False)
    bob = service.account("bob", password="")
    elsewhere = {"provider": "github", "subject": "1", "email": "bob@example.org"}
    service.write(lambda tx: tx.execute(insert(Identity).values(user_id=bob, **elsewhere)))
    service.get(URL)

    tried = ("ada", "three dry boots"), ("nobody", PASSWORD), ("eve", PASSWORD), ("bob", "x")
    answers = [service.send(URL, who=who, password=password) for who, password in tried]

    said = {answer.text.replace(f'value="{who}"', "") for answer, (who, _) in zip(
        answers, tried, strict=True
    )}  # fmt: skip
    assert len(said) == 1
    assert [answer.status_code for answer in answers] == [422] * 4
    assert account_sign_in.WRONG in said.pop()


@pytest.mark.row("S047")
def test_a_wrong_password_is_answered_after_the_same_time_whoever_it_is(service, monkeypatch):
    monkeypatch.setattr(account_sign_in, "FLOOR", 0.4)
    service.account("ada")

    def seconds(**typed):
        shown = service.get(URL)
        began = time.perf_counter()
        service.submit(shown, URL, **typed)
        return time.perf_counter() - began

    # A check of a password takes a tenth of this; how much longer it takes is the machine's.
    assert seconds(who="ada", password="three dry boots") >= 0.4
    assert seconds(who="nobody", password=PASSWORD) >= 0.4


def test_an_address_that_was_not_confirmed_is_told_only_to_whoever_knows_the_password(service):
    service.account("ada", confirmed_at=None)

    right = service.send(URL, who="ada", password=PASSWORD)
    wrong = service.send(URL, who="ada", password="three dry boots")

    assert account_sign_in.UNCONFIRMED in right.text
    assert account_sign_in.UNCONFIRMED not in wrong.text
    assert not is_in(service)


@pytest.mark.row("S319")
def test_a_hash_of_django_lets_in_and_is_upgraded(service):
    made = hashlib.pbkdf2_hmac("sha256", PASSWORD.encode(), b"salt", 1000)
    service.account("ada", password=f"pbkdf2_sha256$1000$salt${base64.b64encode(made).decode()}")

    service.send(URL, who="ada", password=PASSWORD)

    assert is_in(service)
    (kept,) = service.rows(select(User.password))
    assert kept.startswith("$argon2id$")
    assert service.browser().send(URL, who="ada", password=PASSWORD).status_code == 303


@pytest.mark.parametrize("most", ["MOST_SIGN_INS", "MOST_FROM_ONE"])
def test_too_many_tries_for_one_account_are_refused_however_it_is_written(
    service, monkeypatch, most
):
    monkeypatch.setattr(account_sign_in, most, 2)
    service.account("ada")

    answers = [service.send(URL, who=who, password="x") for who in ("ada", "ADA", "ada ")]

    assert [answer.status_code for answer in answers] == [422, 422, 429]
    assert int(answers[2].headers["retry-after"]) > 0
    assert "This was tried too often. Try again in" in answers[2].text


def test_of_twelve_wrong_passwords_in_a_minute_five_are_looked_at(service):
    service.account("ada")
    shown = service.get(URL)

    answers = [service.submit(shown, URL, who="ada", password=f"three dry boots {n}")
               for n in range(12)]  # fmt: skip

    assert [answer.status_code for answer in answers] == [422] * 5 + [429] * 7
    assert 0 < int(answers[-1].headers["retry-after"]) <= 60


def test_a_name_that_nobody_has_is_counted_like_one_that_somebody_has(service, monkeypatch):
    monkeypatch.setattr(account_sign_in, "MOST_FROM_ONE", 2)

    answers = [service.send(URL, who="nobody", password="x").status_code for _ in range(3)]

    assert answers == [422, 422, 429]


def test_the_right_password_forgets_the_wrong_ones(service, monkeypatch):
    monkeypatch.setattr(account_sign_in, "MOST_FROM_ONE", 2)
    service.account("ada")

    typed = ("x", PASSWORD, "x", PASSWORD)
    answers = [service.browser().send(URL, who="ada", password=one) for one in typed]

    assert [answer.status_code for answer in answers] == [422, 303, 422, 303]


def test_whoever_is_signed_in_goes_on(service):
    browser = service.signed_in()

    answer = browser.get(f"{URL}?then=/events/")

    assert (answer.status_code, answer.headers["location"]) == (303, "/events/")


@pytest.mark.parametrize("kind", ["app", "recovery"])
def test_whoever_has_a_factor_is_nobody_until_it_is_proven(service, kind):
    user, codes = with_app(service), make_codes()
    service.write(lambda tx: replace_codes(tx, user, codes))

    half = service.send(f"{URL}?then=/events/", URL, who="ada", password=PASSWORD)
    assert (half.headers["location"], is_in(service)) == (FACTOR, False)
    wrong = service.send(FACTOR, code="000000")
    assert (wrong.status_code, is_in(service)) == (422, False)
    answer = service.send(FACTOR, code=code() if kind == "app" else codes[0])

    assert (answer.status_code, answer.headers["location"]) == (303, "/events/")
    assert is_in(service)
    (session,) = service.rows(select(Session))
    assert session.factor_at is not None


def test_a_half_signed_in_browser_cannot_go_on_twice_nor_later(service):
    with_app(service)
    service.send(URL, who="ada", password=PASSWORD)
    shown = service.get(FACTOR)
    half = service.client.cookies["half-signed-in"]
    service.submit(shown, FACTOR, code=code())
    other = service.browser()
    other.client.cookies.set("half-signed-in", half)

    again = other.get(FACTOR)

    assert (again.status_code, again.headers["location"]) == (303, URL)
    assert account_sign_in.START_AGAIN in other.get(URL).text


def test_guessing_a_code_is_stopped_after_a_few_tries(service, monkeypatch):
    monkeypatch.setattr(account_sign_in.proofs, "MOST_TRIES", 2)
    with_app(service)
    service.send(URL, who="ada", password=PASSWORD)

    answers = [service.send(FACTOR, code="000000").status_code for _ in range(3)]

    assert answers == [422, 422, 429]
    assert service.send(FACTOR, code=code()).status_code == 429


def with_passkey(service, name="ada") -> tuple[int, Device]:
    user, device = service.account(name), Device(service.settings.url)
    new = read_new(
        service.settings,
        "here",
        device.make(options_to_add(service.settings, "here", user, "a", ())),
    )
    service.write(lambda tx: keep_passkey(tx, user, new, "Key ring"))
    return user, device


def options(shown) -> str:
    return unescape(shown.text.partition('data-options="')[2].partition('"')[0])


def test_a_passkey_is_a_second_factor_and_one_of_somebody_else_is_not(service):
    _, device = with_passkey(service)
    _, strange = with_passkey(service, "eve")
    service.send(URL, who="ada", password=PASSWORD)
    shown = service.get(FACTOR)

    wrong = service.submit(shown, FACTOR, passkey=strange.prove(options(shown)))
    assert (wrong.status_code, is_in(service)) == (422, False)
    assert account_sign_in.WRONG_PASSKEY in wrong.text
    right = service.submit(wrong, FACTOR, passkey=device.prove(options(wrong)))

    assert right.status_code == 303
    assert is_in(service)


def grow_stale(service) -> None:
    service.write(lambda tx: tx.execute(update(Session).values(stepped_up_at=None)))


def test_proving_it_again_asks_for_the_password_where_there_is_no_factor(service):
    browser = service.signed_in(user=service.account("ada"))
    grow_stale(service)

    wrong = browser.send(f"{PROVE}?then=/events/", PROVE, password="three dry boots")
    right = browser.send(f"{PROVE}?then=/events/", PROVE, password=PASSWORD)

    assert (wrong.status_code, right.headers["location"]) == (422, "/events/")
    (session,) = service.rows(select(Session))
    assert (session.stepped_up_at is not None, session.factor_at) == (True, None)


def test_proving_it_again_asks_for_the_factor_and_not_the_password_where_there_is_one(service):
    browser = service.signed_in(user=with_app(service, "ada", "staff"))
    grow_stale(service)
    assert browser.get("/admin/audit").status_code == 403

    assert browser.send(PROVE, password=PASSWORD).status_code == 422
    assert browser.send(PROVE, code=code()).status_code == 303

    (session,) = service.rows(select(Session))
    assert session.factor_at is not None
    assert browser.get("/admin/audit").status_code == 200

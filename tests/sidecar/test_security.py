"""Second factors of one's own: set up, used, removed; and the link that lets the first one in."""

from __future__ import annotations

import re
from html import unescape

import pyotp
import pytest
from sqlalchemy import select, update

from sidecar.factors import keep_app, make_codes, replace_codes
from sidecar.people import add
from sidecar.permissions import NOBODY, Role
from sidecar.routes import account_sign_in
from sidecar.sealing import Use, seal
from sidecar.tables.accounts import Factor, Purpose, RecoveryCode, Session
from sidecar.tables.work import Audit, Mail
from sidecar.tokens import make
from tests.sidecar.authenticator import Device
from tests.sidecar.conftest import PASSWORD
from tests.sidecar.test_factors import SECRET, code, early_in_a_half_minute  # noqa: F401 (a fixture)
from tests.sidecar.test_sign_in import grow_stale, options, with_app

URL = "/account/security"
APP = f"{URL}/app"
CODES = re.compile(r"<li><code>([a-z0-9-]+)</code></li>")


def secret_of(shown) -> str:
    return "".join(
        re.search(r"secret into the app: <code>([A-Z0-9 ]+)</code>", shown.text)[1].split()
    )


def set_up(browser, name="Phone", shown=None):
    shown = shown or browser.get(APP)
    now = pyotp.TOTP(secret_of(shown)).now()
    return browser.submit(shown, APP, name=name, code=now)


def test_the_first_superuser_comes_in_by_the_link_and_may_work_once_a_factor_is_set_up(service):
    async def invited(tx):
        user = await add(tx, NOBODY, "ada", "ada@example.org", roles=[Role.SUPERUSER])
        return await make(tx, Purpose.ENROL, user.id)

    link = f"/account/enrol?token={service.write(invited)}"

    weak = service.send(link, "/account/enrol", password="ada-ada-ada")
    right = service.submit(weak, "/account/enrol", password=PASSWORD)
    assert (weak.status_code, right.headers["location"]) == (422, URL)
    assert "Your password was set." in service.get(URL).text
    assert service.get("/admin/audit").status_code == 403
    shown = set_up(service)

    assert len(CODES.findall(shown.text)) == 10
    assert service.get("/admin/audit").status_code == 200
    again = service.browser().get(link)
    assert (again.status_code, again.headers["location"]) == (303, "/account/sign-in")


@pytest.mark.row("S046")
def test_the_rules_shown_are_the_rules_that_are_checked(service):
    async def invited(tx):
        return await make(tx, Purpose.ENROL, (await add(tx, NOBODY, "ada", "ada@a.example")).id)

    shown = service.get(f"/account/enrol?token={service.write(invited)}")
    rules = re.findall(
        r"<li>(.*?)</li>", shown.text.partition("password-rules")[2].partition("</ul>")[0]
    )
    refused = service.submit(shown, "/account/enrol", password="ada")

    said = re.findall(r'<a href="#password">Password: must be (.*?)</a>', refused.text)
    assert len(rules) == 6
    assert said
    assert set(said) <= set(rules)


@pytest.mark.parametrize("token", ["", "another", "\u00e9", "x" * 5000])
def test_a_link_that_does_not_work_says_what_to_do(service, token):
    answer = service.get("/account/enrol", params={"token": token})

    assert (answer.status_code, answer.headers["location"]) == (303, "/account/sign-in")
    assert (
        "“Forgotten your password?” sends you another one" in service.get("/account/sign-in").text
    )


def test_an_app_is_kept_once_its_code_is_right_and_the_same_picture_is_shown_until_then(service):
    browser = service.signed_in()
    shown = browser.get(APP)

    wrong = browser.submit(shown, APP, name="Phone", code="000000")

    assert wrong.status_code == 422
    assert secret_of(wrong) == secret_of(shown)
    assert 'value="Phone"' in wrong.text
    assert service.rows(select(Factor)) == []
    assert set_up(browser, shown=wrong).status_code == 200
    assert [f.name for f in service.rows(select(Factor))] == ["Phone"]
    assert [row.action for row in service.rows(select(Audit))] == ["second factor added"]
    (mail,) = service.rows(select(Mail))
    assert (mail.template, mail.recipient) == ("factor-changed", "ada@example.org")
    assert "An app was added as a second factor." in mail.text


def test_the_code_that_set_an_app_up_does_not_sign_in_too(service):
    browser = service.signed_in(user=service.account("ada"))
    shown = browser.get(APP)
    typed = pyotp.TOTP(secret_of(shown)).now()
    browser.submit(shown, APP, name="Phone", code=typed)
    service.send("/account/sign-in", who="ada", password=PASSWORD)

    assert service.send("/account/sign-in/factor", code=typed).status_code == 422


def test_with_another_secret_of_ours_a_recovery_code_lets_in_and_another_app_is_set_up(service):
    user, codes = with_app(service), make_codes()
    service.write(lambda tx: replace_codes(tx, user, codes))
    sealed = seal("another secret", Use.FACTORS, f"user {user}", SECRET)
    service.write(lambda tx: tx.execute(update(Factor).values(secret=sealed)))
    service.send("/account/sign-in", who="ada", password=PASSWORD)

    wrong = service.send("/account/sign-in/factor", code=code())
    right = service.send("/account/sign-in/factor", code=codes[0])

    assert (wrong.status_code, right.status_code) == (422, 303)
    assert set_up(service, "New phone").headers["location"] == URL
    assert len(service.rows(select(Factor))) == 2


def test_a_picture_of_another_session_sets_nothing_up(service):
    theirs = service.signed_in(name="eve").get(APP)
    browser = service.signed_in(name="ada")
    browser.get(APP)
    sealed = unescape(re.search(r'name="sealed" value="([^"]+)"', theirs.text)[1])

    answer = browser.send(
        APP, name="Phone", code=pyotp.TOTP(secret_of(theirs)).now(), sealed=sealed
    )

    assert answer.status_code == 422
    assert secret_of(answer) != secret_of(theirs)
    assert service.rows(select(Factor)) == []


def test_recovery_codes_are_shown_once_and_new_ones_replace_them(service):
    browser = service.signed_in()
    first = CODES.findall(set_up(browser).text)

    page = browser.get(URL)
    new = browser.submit(page, f"{URL}/codes")

    assert "You have 10 codes left." in page.text
    assert not any(one in page.text for one in first)
    assert len(set(CODES.findall(new.text)) - set(first)) == 10
    assert len(service.rows(select(RecoveryCode))) == 10
    second = set_up(browser, "Tablet")
    assert (second.status_code, second.headers["location"]) == (303, URL)


def test_a_passkey_is_added_and_not_twice(service):
    browser, device = service.signed_in(), Device(service.settings.url)
    page = browser.get(URL)

    shown = browser.submit(
        page, f"{URL}/passkey", name="Laptop", passkey=device.make(options(page))
    )
    again = browser.submit(
        page, f"{URL}/passkey", name="Laptop", passkey=device.make(options(page))
    )

    assert len(CODES.findall(shown.text)) == 10
    assert (again.status_code, "This passkey is kept already." in again.text) == (422, True)
    assert [(f.kind, f.name) for f in service.rows(select(Factor))] == [("passkey", "Laptop")]


@pytest.mark.parametrize(
    ("typed", "field"), [({"name": "Laptop", "passkey": "{}"}, "name"), ({"name": ""}, "name")]
)
def test_a_passkey_that_proves_nothing_is_refused_beside_its_name(service, typed, field):
    shown = service.signed_in().send(URL, f"{URL}/passkey", **typed)

    assert shown.status_code == 422
    assert f'id="{field}-error"' in shown.text


def test_removing_the_only_factor_asks_first_and_closes_what_it_opened(service):
    user = service.account("ada", "staff")
    service.write(lambda tx: keep_app(tx, service.settings, user, SECRET, code(-1), "Phone"))
    service.send("/account/sign-in", who="ada", password=PASSWORD)
    service.send("/account/sign-in/factor", code=code())
    (factor,) = service.rows(select(Factor.id))
    place = f"{URL}/factors/{factor}/remove"

    asked = service.get(place)
    assert "your role gives nothing without one" in asked.text
    assert len(service.rows(select(Factor))) == 1
    assert service.submit(asked, place).headers["location"] == URL

    assert service.rows(select(Factor)) == []
    assert service.rows(select(RecoveryCode)) == []
    assert service.get("/admin/audit").status_code == 403


def test_a_factor_of_somebody_else_is_not_there(service):
    set_up(service.signed_in(name="eve"))
    (factor,) = service.rows(select(Factor.id))
    browser = service.signed_in(name="ada")
    place = f"{URL}/factors/{factor}/remove"

    assert browser.get(place).status_code == 404
    assert browser.submit(browser.get(APP), APP, name="x", code="1").status_code == 422
    token = re.search(r'name="form_token" value="([^"]+)"', browser.get(APP).text)[1]
    assert browser.post(place, {"form_token": token}).status_code == 404
    assert len(service.rows(select(Factor))) == 1


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", APP), ("POST", APP), ("POST", f"{URL}/passkey"), ("POST", f"{URL}/codes"),
     ("GET", f"{URL}/factors/1/remove"), ("POST", f"{URL}/factors/1/remove")],
)  # fmt: skip
def test_whoever_signed_in_a_while_ago_proves_it_again_first(service, method, path):
    browser = service.signed_in()
    grow_stale(service)

    answer = browser.ask(method, path, headers={"referer": f"{service.settings.url}{URL}"})

    if method == "GET":
        assert (answer.status_code, answer.headers["location"]) == (
            303, f"/account/step-up?then={path}",
        )  # fmt: skip
    else:
        assert answer.status_code == 403
        assert f'href="/account/step-up?then={URL}"' in answer.text


def test_nobody_has_more_factors_than_are_enough(service, monkeypatch):
    monkeypatch.setattr("sidecar.routes.account_security.MOST_FACTORS", 1)
    monkeypatch.setattr(account_sign_in.proofs, "MOST_TRIES", 99)
    browser = service.signed_in()
    set_up(browser)

    assert set_up(browser, "Another").status_code == 422
    assert len(service.rows(select(Factor))) == 1


def test_guessing_which_code_would_set_an_app_up_is_stopped(service, monkeypatch):
    monkeypatch.setattr(account_sign_in.proofs, "MOST_TRIES", 2)
    browser = service.signed_in()

    tried = [browser.send(APP, name="x", code="000000").status_code for _ in range(3)]

    assert tried == [422, 422, 429]


@pytest.mark.parametrize("path", ["/account/", "/account/security"])
def test_a_session_without_its_factor_is_led_to_prove_it(service, path):
    user = service.account("ada", "staff")
    browser = service.signed_in(user=user)
    assert "Your role waits for a second factor" in browser.get(path).text

    refused = browser.get("/admin/audit")

    assert refused.status_code == 403
    assert "until you signed in with a second factor" in refused.text
    assert 'href="/account/security#factors">To your second factors</a>' in refused.text
    there = browser.get("/account/security").text.partition('id="factors"')[2]
    assert "Your role waits for a second factor" in there
    service.write(lambda tx: tx.execute(update(Session).values(factor_at=Session.created)))
    assert "Your role waits" not in browser.get(path).text


def test_whoever_has_a_factor_and_did_not_use_it_is_told_so_where_factors_are_set_up(service):
    browser = service.signed_in("staff")
    set_up(browser)
    service.write(lambda tx: tx.execute(update(Session).values(factor_at=None)))

    page = browser.get("/account/security").text

    assert "You have one, but did not use it when you signed in." in page
    assert 'href="/account/step-up?then=/account/security"' in page

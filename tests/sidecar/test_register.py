"""Making an account, and its password and address: what is told to whom, and what each link does."""

from __future__ import annotations

import asyncio
import datetime
import re
from itertools import count

import pytest
from sqlalchemy import select, update

from sidecar import limits
from sidecar.clock import now
from sidecar.rates import Rates
from sidecar.routes import account_address
from sidecar.routes.account_register import Registration, entered
from sidecar.tables.accounts import Session, Token, User
from sidecar.tables.work import Audit, Mail
from tests.sidecar.conftest import HASH, PASSWORD

REGISTER = "/account/register"
AGAIN = "/account/confirm/again"
GOOD = {"name": "ada", "email": "ada@example.org", "password": PASSWORD}
OTHER = "four dry socks"
LINK = re.compile(r"http://test\.example(/account/\S+)")


def mails(service, to="ada@example.org"):
    """What was written to somebody, the oldest first."""
    return service.rows(select(Mail).where(Mail.recipient == to).order_by(Mail.id))


def link_in(mail) -> str:
    return LINK.search(mail.text)[1]


def follow(browser, link, **typed):
    """Open the link of a mail, and press the button on the page."""
    return browser.send(link, link.partition("?")[0], **typed)


def names(service):
    return sorted(user.name for user in service.rows(select(User)))


def sign_in(browser, who="ada", password=PASSWORD):
    return browser.send("/account/sign-in", who=who, password=password)


@pytest.mark.row("S036", "S037", "S232", "S244")
def test_somebody_makes_an_account_confirms_the_address_and_signs_in(service):
    answer = service.send(REGISTER, **GOOD)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{REGISTER}/sent")
    assert "Look into your mail" in service.get(f"{REGISTER}/sent").text

    (mail,) = mails(service)
    opened = service.get(link_in(mail))
    assert opened.status_code == 200
    assert service.rows(select(User.confirmed_at)) == [None]

    answer = follow(service, link_in(mail))
    assert answer.headers["location"] == "/account/sign-in"
    assert "Your address is confirmed." in service.get("/account/sign-in").text
    assert sign_in(service).headers["location"] == "/account/"


@pytest.mark.row("S037")
def test_a_link_of_a_mail_works_once(service):
    service.send(REGISTER, **GOOD)
    link = link_in(mails(service)[0])
    follow(service, link)

    again = service.get(link)

    assert again.headers["location"] == "/account/sign-in"
    assert "Your address is confirmed already." in service.get("/account/sign-in").text


@pytest.mark.row("S036")
def test_an_address_with_an_account_gets_the_same_answer_and_its_owner_a_mail(service):
    service.account("ada")
    free = service.send(REGISTER, **{**GOOD, "name": "eve", "email": "eve@example.org"})
    taken = service.browser().send(REGISTER, **{**GOOD, "name": "mallory"})

    assert (taken.status_code, taken.headers["location"]) == (
        free.status_code, free.headers["location"],
    )  # fmt: skip
    assert [mail.template for mail in mails(service)] == ["address-taken"]
    assert names(service) == ["ada", "eve"]


@pytest.mark.row("S036")
def test_a_name_that_somebody_has_is_told(service):
    service.account("ada", email="other@example.org")

    answer = service.send(REGISTER, **{**GOOD, "name": "ADA"})

    assert answer.status_code == 422
    assert "Somebody else has this name." in answer.text
    assert 'value="ada@example.org"' in answer.text
    assert PASSWORD not in answer.text
    assert mails(service) == []


def test_an_address_that_was_not_confirmed_is_nobodys_yet(service):
    service.send(REGISTER, **{**GOOD, "name": "mallory", "password": OTHER})
    service.browser().send(REGISTER, **GOOD)

    first, second = mails(service)

    assert names(service) == ["ada"]
    assert service.get(link_in(first)).headers["location"] == "/account/confirm/again"
    follow(service, link_in(second))
    assert sign_in(service.browser(), password=OTHER).status_code == 422
    assert sign_in(service.browser()).status_code == 303


def test_who_knows_the_password_but_has_not_confirmed_gets_the_mail_again(service):
    service.send(REGISTER, **GOOD)

    answer = sign_in(service)

    assert answer.status_code == 422
    assert "that we have sent you again" in answer.text
    assert [mail.template for mail in mails(service)] == ["confirm", "confirm"]


@pytest.mark.row("S038")
def test_the_link_is_sent_again_and_the_answer_is_the_same_whatever_is_known(service):
    service.account("ada", confirmed_at=None)
    service.account("eve")

    for to in ("ada", "eve", "nobody"):
        answer = service.browser().send(AGAIN, email=f"{to}@example.org")
        assert (answer.status_code, answer.headers["location"]) == (303, f"{REGISTER}/sent")

    kinds = [mails(service, f"{to}@example.org")[0].template for to in ("ada", "eve", "nobody")]
    assert kinds == ["confirm", "confirmed-already", "no-account"]
    follow(service, link_in(mails(service)[0]))
    assert sign_in(service).headers["location"] == "/account/"


@pytest.mark.row("S038")
def test_the_link_is_sent_again_only_some_times_an_hour(service, monkeypatch):
    monkeypatch.setattr(limits, "MAILS_TO", 2)

    answers = [service.send(AGAIN, email="Ada@example.org") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [303, 303, 429]
    assert 0 < int(answers[2].headers["retry-after"]) <= 3600
    assert "This was tried too often. Try again in" in answers[2].text
    assert len(mails(service, "Ada@example.org")) == 2


def test_one_who_asks_for_many_addresses_is_stopped(service, monkeypatch):
    monkeypatch.setattr(limits, "MAILS_FROM", 2)

    answers = [service.send(AGAIN, email=f"member{n}@example.org") for n in range(3)]

    assert [answer.status_code for answer in answers] == [303, 303, 429]


@pytest.mark.row("S296")
def test_two_who_take_one_name_at_once_are_told_apart(service):
    form = Registration(name="ada", email="ada@example.org", password=PASSWORD)
    other = Registration(name="Ada", email="eve@example.org", password=PASSWORD)

    async def both():
        steps = [entered(service.db, service.settings, given, HASH) for given in (form, other)]
        return await asyncio.gather(*steps)

    assert sorted(service.run(both())) == [False, True]
    assert len(names(service)) == 1


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("name", "", "Fill this in"),
        ("name", "ada lovelace", "Must"),
        ("name", "admin", "kept for the site itself"),
        ("name", "a" * 41, "Must"),
        ("email", "ada", "Must"),
        ("email", "ada@example.org\nbcc: eve@example.org", "Must"),
        ("password", "short", "at least 10 characters"),
        ("password", "P4ssword-2026", "tried first"),
        ("email", "a\x00da@example.org", "Holds the invisible character U+0000"),
        ("name", "a", "Must be longer: at least 2 characters"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_kept(service, field, typed, told):
    answer = service.send(REGISTER, **{**GOOD, field: typed})

    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert told.lower() in answer.text.lower()
    assert names(service) == []


def test_a_machine_that_fills_in_everything_makes_no_account(service):
    answer = service.send(REGISTER, **GOOD, website="https://spam.example")

    assert answer.headers["location"] == f"{REGISTER}/sent"
    assert names(service) == []


def test_nobody_is_flooded_with_mail(service):
    service.app.inner.state.rates = Rates(clock=count().__next__)  # its own limit is not met here
    answers = [service.browser().send(REGISTER, **GOOD) for _ in range(6)]

    assert [answer.status_code for answer in answers] == [303] * 5 + [429]
    assert len(mails(service)) == 5


@pytest.mark.row("S252", "S233", "S244")
def test_a_forgotten_password_is_replaced_and_all_browsers_are_signed_out(service):
    elsewhere = service.signed_in(name="ada")
    service.send("/account/forgotten", email=" ADA@example.org ")
    (mail,) = mails(service)

    answer = follow(service, link_in(mail), password=OTHER)

    assert answer.headers["location"] == "/account/sign-in"
    assert elsewhere.get("/account/").status_code == 303
    assert sign_in(service, password=PASSWORD).status_code == 422
    assert sign_in(service, password=OTHER).status_code == 303
    assert [mail.template for mail in mails(service)] == ["reset", "password-changed"]
    assert service.get(link_in(mail)).headers["location"] == "/account/forgotten"


@pytest.mark.row("S233")
def test_an_address_without_an_account_gets_the_same_answer_and_a_mail(service):
    service.account("ada")
    known = service.send("/account/forgotten", email="ada@example.org")
    unknown = service.browser().send("/account/forgotten", email="eve@example.org")

    assert known.headers["location"] == unknown.headers["location"]
    assert [mail.template for mail in mails(service, "eve@example.org")] == ["no-account"]


@pytest.mark.row("S252")
def test_a_link_for_a_new_password_ends_after_an_hour(service):
    service.account("ada")
    service.send("/account/forgotten", email="ada@example.org")
    link = link_in(mails(service)[0])
    past = now() - datetime.timedelta(seconds=1)
    service.write(lambda tx: tx.execute(update(Token).values(expires=past)))

    assert service.get(link).headers["location"] == "/account/forgotten"


def test_a_bad_new_password_leaves_the_link_alive(service):
    service.account("ada")
    service.send("/account/forgotten", email="ada@example.org")
    link = link_in(mails(service)[0])

    answer = follow(service, link, password="ada-2026")

    assert answer.status_code == 422
    assert follow(service, link, password=OTHER).status_code == 303


def test_somebody_changes_the_password_and_stays_in_alone(service):
    here = service.signed_in(name="ada")
    elsewhere = service.signed_in(user=here.user, name="ada")

    answer = here.send("/account/password", password=OTHER)

    assert answer.headers["location"] == "/account/security"
    assert here.get("/account/").status_code == 200
    assert elsewhere.get("/account/").status_code == 303
    assert [mail.template for mail in mails(service)] == ["password-changed"]


def test_an_address_changes_once_the_link_at_the_new_one_was_followed(service):
    browser = service.signed_in(name="ada")
    browser.send("/account/address", email="ada@new.example")
    assert service.rows(select(User.email)) == ["ada@example.org"]

    follow(browser, link_in(mails(service, "ada@new.example")[0]))

    assert service.rows(select(User.email)) == ["ada@new.example"]
    (told,) = mails(service, "ada@example.org")
    assert told.template == "email-changed"
    (line,) = service.rows(select(Audit).where(Audit.action == "address changed"))
    assert line.changes == {"email": []}


def test_a_link_for_a_new_password_ends_when_the_address_or_the_password_changes(service):
    browser = service.signed_in(name="ada")
    service.send("/account/forgotten", email="ada@example.org")
    old = link_in(mails(service)[0])
    browser.send("/account/address", email="ada@new.example")
    follow(browser, link_in(mails(service, "ada@new.example")[0]))
    assert service.get(old).headers["location"] == "/account/forgotten"

    service.send("/account/forgotten", email="ada@new.example")
    newer = link_in(mails(service, "ada@new.example")[-1])
    assert service.get(newer).status_code == 200
    browser.send("/account/password", password=OTHER)

    assert service.get(newer).headers["location"] == "/account/forgotten"


def test_a_link_to_a_new_address_does_nothing_for_an_account_that_was_disabled(service):
    browser = service.signed_in(name="ada")
    browser.send("/account/address", email="ada@new.example")
    shown = service.get(link_in(mails(service, "ada@new.example")[0]))
    service.write(lambda tx: tx.execute(update(User).values(is_active=False)))

    answer = service.submit(shown, "/account/address/confirm")

    assert answer.headers["location"] == "/account/sign-in"
    assert service.rows(select(User.email)) == ["ada@example.org"]


def test_somebody_signed_in_does_not_have_us_write_to_the_whole_world(service, monkeypatch):
    monkeypatch.setattr(account_address, "MOST_ASKED", 2)
    browser = service.signed_in(name="ada")

    answers = [browser.send("/account/address", email=f"m{n}@example.org") for n in range(3)]

    assert [answer.status_code for answer in answers] == [303, 303, 429]


def test_the_address_of_another_account_is_not_told(service):
    service.account("eve")
    browser = service.signed_in(name="ada")
    free = browser.send("/account/address", email="free@example.org")
    taken = browser.send("/account/address", email="eve@example.org")

    assert (free.status_code, free.headers["location"]) == (
        taken.status_code, taken.headers["location"],
    )  # fmt: skip
    assert [mail.template for mail in mails(service, "eve@example.org")] == ["address-taken"]
    assert service.rows(select(User.email).where(User.name == "ada")) == ["ada@example.org"]


@pytest.mark.row("S285")
def test_a_browser_that_one_forgot_is_signed_out(service):
    here = service.signed_in(name="ada")
    elsewhere = service.signed_in(user=here.user, name="ada")
    (other,) = [
        row.id for row in service.rows(select(Session).order_by(Session.id.desc()).limit(1))
    ]

    here.send("/account/sessions", f"/account/sessions/{other}")

    assert elsewhere.get("/account/").status_code == 303
    assert here.get("/account/").status_code == 200


@pytest.mark.row("S285", "S284")
def test_all_other_browsers_are_signed_out_at_once(service):
    here = service.signed_in(name="ada")
    others = [service.signed_in(user=here.user, name="ada") for _ in range(3)]
    assert here.get("/account/sessions").text.count('action="/account/sessions/') == 4

    here.send("/account/sessions", "/account/sessions/others")

    assert [other.get("/account/").status_code for other in others] == [303, 303, 303]
    assert here.get("/account/").status_code == 200
    assert len(service.rows(select(Session))) == 1


def test_a_browser_is_called_as_people_call_it(service):
    here = service.signed_in(name="ada")
    agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1"
    service.write(lambda tx: tx.execute(update(Session).values(browser=agent)))

    assert "Safari on iPhone" in here.get("/account/sessions").text


@pytest.mark.row("S297")
@pytest.mark.parametrize(
    ("number", "status"), [(0, 303), (2**31, 404), (2**63, 404), (10**30, 404)]
)
def test_a_number_that_no_session_has_is_no_failure(service, number, status):
    answer = service.signed_in(name="ada").post(f"/account/sessions/{number}")

    assert answer.status_code == status


def test_nobody_ends_the_session_of_somebody_else(service):
    eve = service.signed_in(name="eve")
    ada = service.signed_in(name="ada")
    ada.get("/account/sessions")
    (number,) = service.rows(select(Session.id).where(Session.user_id == eve.user))
    form = ada.get("/account/sessions")
    token = re.search(r'name="form_token" value="([^"]+)"', form.text)[1]

    ada.post(f"/account/sessions/{number}", {"form_token": token})

    assert eve.get("/account/").status_code == 200

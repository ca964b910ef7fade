"""Signing in with GitHub and Google: the whole way, against a provider that runs here."""

from __future__ import annotations

from urllib.parse import urlsplit

import httpx
import msgspec
import pytest
from sqlalchemy import select

from sidecar.factors import keep_app
from sidecar.tables.accounts import Identity, Session, Token, User
from sidecar.tables.work import Mail
from tests.sidecar.conftest import PASSWORD, Service
from tests.sidecar.provider import Provider
from tests.sidecar.test_factors import SECRET, code
from tests.sidecar.test_sign_in import grow_stale, is_in

BOTH = pytest.mark.parametrize("which", ["github", "google"])
SECURITY = "/account/security"


@pytest.fixture
def provider():
    running = Provider()
    yield running
    running.shutdown()
    running.server_close()


@pytest.fixture
def service(ready, provider):
    """The application with both providers set up."""
    settings = msgspec.structs.replace(
        ready, github_id="our-id", github_secret="our-secret", google_id="our-id",
        google_secret="our-secret", github_url=provider.url, github_api=provider.url,
        google_url=provider.url,
    )  # fmt: skip
    running = Service(settings)
    yield running
    running.close()


def back_from(there: httpx.Response) -> str:
    """The address on our side that the provider leads a browser back to."""
    address = httpx.get(there.headers["location"], trust_env=False).headers["location"]
    parts = urlsplit(address)
    assert f"{parts.scheme}://{parts.netloc}" == "http://test.example"
    return f"{parts.path}?{parts.query}"


def travel(browser, which="github", then="/events/"):
    """Go there and come back."""
    return browser.get(back_from(browser.get(f"/account/with/{which}", params={"then": then})))


def settle(browser, which="github", name="ada"):
    """Come back without an account, and choose a name."""
    return browser.submit(travel(browser, which), f"/account/register/with/{which}", name=name)


@BOTH
@pytest.mark.row("S039", "S040", "S389")
def test_somebody_new_chooses_a_name_and_is_led_to_the_page_asked_for(service, which):
    assert (
        f'href="/account/with/{which}?then=/events/"'
        in service.get("/account/sign-in?then=/events/").text
    )

    shown = travel(service, which)
    assert "ada@example.org is your address" in shown.text
    assert 'value="ada"' in shown.text
    answer = service.submit(shown, f"/account/register/with/{which}", name="ada")

    assert (answer.status_code, answer.headers["location"]) == (303, "/events/")
    assert is_in(service)
    (user,) = service.rows(select(User))
    assert (user.name, user.email, user.full_name) == ("ada", "ada@example.org", "Ada Lovelace")
    assert (user.password, user.confirmed_at is not None) == ("", True)


@BOTH
@pytest.mark.row("S039", "S040")
def test_whoever_is_known_is_signed_in_at_once(service, which):
    settle(service, which)
    other = service.browser()

    answer = travel(other, which)

    assert (answer.status_code, answer.headers["location"]) == (303, "/events/")
    assert is_in(other)
    assert len(service.rows(select(User))) == 1


@pytest.mark.row("S389")
@pytest.mark.parametrize(("name", "says"), [
    ("Ada", "Somebody else has this name"), ("admin", "kept for the site itself"),
    ("a b", "Must be written like guido"), ("", "Fill this in"),
])  # fmt: skip
def test_a_name_that_cannot_be_is_told_beside_its_field(service, name, says):
    service.account("ada", email="other@example.org")

    refused = settle(service, name=name)

    assert (refused.status_code, says in refused.text) == (422, True)
    assert service.submit(refused, "/account/register/with/github", name="ada2").status_code == 303


@BOTH
@pytest.mark.row("S391", "S389")
def test_a_verified_address_leads_to_the_account_and_its_password_goes_on_working(service, which):
    user = service.account("ada")

    travel(service, which)

    assert is_in(service)
    (identity,) = service.rows(select(Identity))
    assert (identity.user_id, identity.provider, identity.subject) == (user, which, "42")
    other = service.browser()
    other.send("/account/sign-in", who="ada", password=PASSWORD)
    assert is_in(other)
    (mail,) = service.rows(select(Mail))
    assert (mail.template, mail.recipient) == ("linked", "ada@example.org")


@BOTH
@pytest.mark.row("S391", "S389")
@pytest.mark.parametrize("emails", [
    [], [{"email": "ada@example.org", "primary": True, "verified": False}],
])  # fmt: skip
def test_an_address_that_is_not_verified_leads_to_no_account(service, provider, which, emails):
    service.account("ada")
    provider.person["emails"] = emails

    answer = travel(service, which)

    assert answer.status_code == 403
    assert "told us no verified address" in answer.text
    assert 'href="/account/sign-in"' in answer.text
    assert not is_in(service)
    assert service.rows(select(Identity)) == []


def test_an_account_that_nobody_confirmed_is_its_true_owners_from_now_on(service):
    user = service.account("squatter", email="ada@example.org", confirmed_at=None)
    squatter = service.signed_in(user=user)

    travel(service)

    (kept,) = service.rows(select(User))
    assert (kept.password, kept.confirmed_at is not None) == ("", True)
    assert not is_in(squatter)
    assert is_in(service)
    assert service.rows(select(Token)) == []


def test_a_second_factor_is_asked_for_here_too(service):
    user = service.account("ada")
    service.write(lambda tx: keep_app(tx, service.settings, user, SECRET, code(-1), "Phone"))

    answer = travel(service)

    assert answer.headers["location"] == "/account/sign-in/factor"
    assert not is_in(service)
    assert service.send("/account/sign-in/factor", code=code()).headers["location"] == "/events/"


@pytest.mark.parametrize("gone", [{"is_active": False}])
def test_a_disabled_account_is_not_let_in(service, gone):
    service.account("ada", **gone)

    assert travel(service).status_code == 403
    assert not is_in(service)
    assert service.rows(select(Identity)) == []


@BOTH
@pytest.mark.row("S389", "S390")
def test_who_said_no_there_finds_a_way_back(service, provider, which):
    provider.mood = "denied"

    answer = travel(service, which)

    assert (answer.status_code, "you said no there" in answer.text) == (403, True)
    assert 'href="/account/sign-in"' in answer.text


@BOTH
@pytest.mark.row("S390", "S389")
def test_a_way_back_that_was_used_or_is_of_another_browser_leads_nowhere(service, which):
    way = back_from(service.get(f"/account/with/{which}"))
    strange = service.browser().get(way)
    assert service.get(way).status_code == 200

    again = service.get(way)

    for answer in (strange, again):
        assert answer.status_code == 403
        assert "Nothing was changed; begin again." in answer.text
        assert 'href="/account/sign-in"' in answer.text
    assert service.rows(select(Session)) == []


def test_nobody_is_led_to_another_site(service):
    settle(service)

    assert (
        travel(service.browser(), then="https://evil.example/").headers["location"] == "/account/"
    )


@BOTH
def test_an_account_elsewhere_is_connected_and_disconnected(service, provider, which):
    provider.person["emails"] = []
    browser = service.signed_in(user=service.account("ada"))

    connected = travel(browser, which, SECURITY)
    assert connected.headers["location"] == SECURITY
    assert "signs you in now." in browser.get(SECURITY).text
    assert is_in(service.browser()) is False
    other = service.browser()
    travel(other, which)
    assert is_in(other)

    gone = browser.send(SECURITY, f"/account/with/{which}/unlink")
    assert gone.headers["location"] == SECURITY
    assert service.rows(select(Identity)) == []


def test_connecting_wants_a_fresh_proof_of_who_it_is(service):
    browser = service.signed_in(user=service.account("ada"))
    grow_stale(service)

    answer = travel(browser, then=SECURITY)

    assert answer.headers["location"] == f"/account/step-up?then={SECURITY}"
    assert service.rows(select(Identity)) == []


def test_an_account_elsewhere_of_somebody_else_is_not_taken_over(service):
    settle(service)
    browser = service.signed_in(name="eve")

    answer = travel(browser, then=SECURITY)

    assert answer.status_code == 403
    assert "signs in somebody else here already" in answer.text
    assert len(service.rows(select(Identity))) == 1


def test_the_only_way_in_is_not_disconnected(service):
    settle(service)

    service.send(SECURITY, "/account/with/github/unlink")

    assert "GitHub stays: it is your only way in" in service.get(SECURITY).text
    assert len(service.rows(select(Identity))) == 1


def test_without_a_password_the_account_elsewhere_proves_it_again(service):
    settle(service)
    grow_stale(service)
    shown = service.get(f"/account/step-up?then={SECURITY}/app")
    assert "Confirm with GitHub" in shown.text
    assert 'type="password"' not in shown.text

    answer = travel(service, then=f"{SECURITY}/app")

    assert answer.headers["location"] == f"{SECURITY}/app"
    assert service.get(f"{SECURITY}/app").status_code == 200


def test_with_a_second_factor_the_account_elsewhere_alone_does_not(service):
    settle(service)
    (user,) = service.rows(select(User.id))
    service.write(lambda tx: keep_app(tx, service.settings, user, SECRET, code(-1), "Phone"))
    grow_stale(service)

    travel(service, then=f"{SECURITY}/app")

    assert service.get(f"{SECURITY}/app").headers["location"].startswith("/account/step-up")


@BOTH
def test_a_provider_that_is_down_is_told_and_nothing_breaks(service, provider, which):
    way = back_from(service.get(f"/account/with/{which}"))
    provider.mood = "down"

    answer = service.get(way)

    assert (answer.status_code, "cannot be asked at this moment" in answer.text) == (502, True)


@pytest.mark.parametrize("path", ["/account/with/gitlab", "/account/with/gitlab/back"])
def test_a_provider_that_nobody_knows_is_not_there(service, path):
    assert service.get(path).status_code == 404


def test_what_a_provider_told_cannot_be_made_up(service):
    shown = travel(service)

    answer = service.submit(shown, "/account/register/with/github", name="ada", told="x" * 60)

    assert answer.status_code == 403
    assert service.rows(select(User)) == []


@pytest.mark.row("S040")
def test_a_button_is_absent_where_nothing_is_set_up(asked):
    assert "/account/with/" not in asked("GET", "/account/sign-in").text
    assert asked("GET", "/account/with/github").status_code == 404

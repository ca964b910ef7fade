"""The way to GitHub or Google and back, against a provider that runs here."""

from __future__ import annotations

import asyncio
import datetime
from urllib.parse import parse_qs, urlsplit

import httpx
import msgspec
import pytest

from sidecar import providers
from sidecar.clock import now
from sidecar.providers import GITHUB, GOOGLE, Failed, Journey, come_back, offered, set_off
from sidecar.sealing import Use, seal, unseal
from sidecar.settings import Settings
from tests.sidecar.provider import Provider

BOTH = pytest.mark.parametrize("which", [GITHUB, GOOGLE], ids=["github", "google"])


@pytest.fixture
def provider():
    running = Provider()
    yield running
    running.shutdown()
    running.server_close()


@pytest.fixture
def settings(provider):
    return Settings(
        secret="x" * 40, url="http://test.example", github_id="our-id", github_secret="our-secret",
        google_id="our-id", google_secret="our-secret", github_url=provider.url,
        github_api=provider.url, google_url=provider.url,
    )  # fmt: skip


def arrive(address: str) -> str:
    """Where the provider sends a browser back to."""
    return httpx.get(address, trust_env=False).headers["location"]


def journey(settings, which, *, cookie=None, **changed):
    """Go there and back; what the provider told."""

    async def told():
        departure = await set_off(settings, which, then="/account/keys", user=7)
        back = await asyncio.to_thread(arrive, departure.address)
        query = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}
        return await come_back(settings, which, cookie or departure.cookie, query | changed)

    return asyncio.run(told())


def failure(settings, which, **given) -> Failed:
    with pytest.raises(Failed) as failed:
        journey(settings, which, **given)
    return failed.value


@BOTH
@pytest.mark.row("S389")
def test_whoever_is_known_there_is_told_with_the_address_that_is_verified(settings, which):
    told = journey(settings, which)

    assert (told.provider, told.subject) == (which.name, "42")
    assert (told.name, told.full_name) == ("ada", "Ada Lovelace")
    assert (told.email, told.then, told.user) == ("ada@example.org", "/account/keys", 7)


@BOTH
@pytest.mark.row("S389", "S391")
@pytest.mark.parametrize(
    "emails", [[], [{"email": "ada@example.org", "primary": True, "verified": False}]]
)
def test_an_address_that_is_not_verified_there_is_not_told(provider, settings, which, emails):
    provider.person["emails"] = emails

    assert journey(settings, which).email == ""


def test_an_address_of_github_that_leads_nowhere_is_not_taken(provider, settings):
    provider.person["emails"] = [
        {"email": "1+ada@users.noreply.github.com", "primary": True, "verified": True},
        {"email": "ada@work.example", "primary": False, "verified": True},
    ]

    assert journey(settings, GITHUB).email == "ada@work.example"


@BOTH
@pytest.mark.row("S389")
def test_who_said_no_there_is_told_so(provider, settings, which):
    provider.mood = "denied"

    failed = failure(settings, which)

    assert (failed.status, failed.words) == (
        403, f"{which.title} did not let you in, or you said no there.",
    )  # fmt: skip


@BOTH
@pytest.mark.row("S389", "S390")
@pytest.mark.parametrize(
    "changed", [{"state": "another"}, {"state": ""}, {"cookie": "another"}, {"state": "\udc80"}]
)
def test_whoever_did_not_set_off_here_is_not_let_in(settings, which, changed):
    failed = failure(settings, which, **changed)

    assert failed.status == 403
    assert failed.words.startswith(f"You did not come here from {which.title}")


@pytest.mark.parametrize(
    "changed", [{"provider": "google"}, {"at": now() - datetime.timedelta(minutes=11)}]
)
def test_a_journey_to_another_provider_or_of_long_ago_does_not_count(settings, changed):
    departure = asyncio.run(set_off(settings, GITHUB))
    own = msgspec.json.decode(
        unseal(settings.secret, Use.PROVIDERS, "browser", departure.cookie), type=Journey
    )
    kept = msgspec.json.encode(msgspec.structs.replace(own, **changed)).decode()
    cookie = seal(settings.secret, Use.PROVIDERS, "browser", kept)

    with pytest.raises(Failed) as failed:
        asyncio.run(come_back(settings, GITHUB, cookie, {"state": own.state, "code": "x"}))

    assert failed.value.status == 403


@BOTH
@pytest.mark.row("S390")
def test_a_code_that_was_used_does_not_work_again(settings, which):
    assert "did not accept the way back" in failure(settings, which, code="code-99").words


@pytest.mark.parametrize("mood", ["aud", "iss", "nonce", "exp", "sub", "key"])
def test_a_token_that_is_not_signed_for_us_now_and_for_this_journey_tells_nothing(
    provider, settings, mood
):
    provider.mood = mood

    assert failure(settings, GOOGLE).status == 502


@BOTH
@pytest.mark.parametrize("mood", ["down", "no json", "large"])
def test_a_provider_that_does_not_answer_sensibly_is_no_failure_of_ours(
    provider, settings, which, mood
):
    departure = asyncio.run(set_off(settings, which))
    provider.mood = mood
    state = parse_qs(urlsplit(departure.address).query)["state"][0]

    with pytest.raises(Failed) as failed:
        asyncio.run(come_back(settings, which, departure.cookie, {"state": state, "code": "x"}))

    assert failed.value.status == 502
    assert failed.value.words.startswith(f"{which.title} cannot be asked at this moment.")


def test_a_provider_that_cannot_be_reached_in_time_is_told(settings, monkeypatch):
    monkeypatch.setattr(providers, "SECONDS", 0.5)
    away = msgspec.structs.replace(settings, google_url="http://10.255.255.1")

    with pytest.raises(Failed) as failed:
        asyncio.run(set_off(away, GOOGLE))

    assert failed.value.status == 502


def test_the_way_there_says_who_we_are_and_carries_no_secret(settings):
    departure = asyncio.run(set_off(settings, GITHUB))
    query = {
        name: values[0] for name, values in parse_qs(urlsplit(departure.address).query).items()
    }

    assert query["redirect_uri"] == "http://test.example/account/with/github/back"
    assert (query["client_id"], query["code_challenge_method"]) == ("our-id", "S256")
    assert "our-secret" not in departure.address
    assert query["state"] not in departure.cookie


@pytest.mark.row("S040")
def test_only_what_is_set_up_is_offered(settings):
    bare = Settings(secret="x" * 40)

    assert offered(bare) == []
    assert offered(msgspec.structs.replace(bare, google_id="a", google_secret="b")) == [GOOGLE]
    assert offered(msgspec.structs.replace(bare, github_id="a")) == []
    assert offered(settings) == [GITHUB, GOOGLE]

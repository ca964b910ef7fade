"""How often somebody may ask, who counts as one, and where a form leads."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydotorg_build.problems import Problems
from sidecar.app import create_app
from sidecar.clients import client_of, household, networks
from sidecar.database import open_database
from sidecar.permissions import Actor, Role, permissions_of
from sidecar.rates import MOST_COUNTS, Rate, Rates, factor, usual
from sidecar.returns import own_address
from sidecar.schema import prepare
from sidecar.settings import read_settings
from tests.conftest import ROOT

PROXIES = networks("127.0.0.1, 10.0.0.0/8, fd00::/8")
STAFF = Actor(user=1, permissions=permissions_of(frozenset({Role.STAFF}), has_factor=True))
STAFF_WITHOUT_FACTOR = Actor(user=1, roles=frozenset({Role.STAFF}))


class Clock:
    """A clock that stands until it is moved."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def many(tmp_path, headers, *, proxies=""):
    """Ask the real application as often as there are headers, from 127.0.0.1."""
    environ = {"PYDOTORG_URL": "http://test.example", "PYDOTORG_PROXIES": proxies}
    settings = read_settings(environ, tmp_path)
    prepare(settings.database_url)

    async def run():
        db = open_database(settings)
        app = create_app(settings, db, ROOT / "templates")
        transport = httpx.ASGITransport(app=app, client=("127.0.0.1", 40000))
        async with httpx.AsyncClient(transport=transport, base_url=settings.url) as client:
            answers = [await client.get("/health/ready", headers=given) for given in headers]
        await db.close()
        return answers

    return asyncio.run(run())


# Rates


@pytest.mark.row("S392", "S199", "S396")
@pytest.mark.parametrize(
    ("rate", "limit"),
    [(Rate.SIGN_IN, 5), (Rate.SUBMIT, 20), (Rate.API, 60), (Rate.READ, 120)],
)
def test_each_kind_of_address_takes_its_number_a_minute_and_not_one_more(rate, limit):
    rates = Rates(Clock())

    standings = [rates.ask(rate.name, "a", rate.value) for _ in range(limit + 1)]

    assert [standing.is_over for standing in standings] == [False] * limit + [True]
    assert standings[0].left == limit - 1


@pytest.mark.row("S395")
def test_after_the_seconds_that_are_told_one_may_ask_again(tmp_path):
    clock = Clock()
    rates = Rates(clock)
    for _ in range(5):
        rates.ask("x", "a", 5)
    clock.now += 12.5
    refused = rates.ask("x", "a", 5)

    clock.now += float(refused.headers["Retry-After"]) - 1
    early = rates.ask("x", "a", 5)
    clock.now += 1
    later = rates.ask("x", "a", 5)

    assert refused.headers["Retry-After"] == "48"
    assert (early.is_over, later.is_over) == (True, False)


def test_others_and_other_addresses_are_counted_apart():
    rates = Rates(Clock())
    for _ in range(6):
        rates.ask("x", "a", 5)

    assert not rates.ask("x", "b", 5).is_over
    assert not rates.ask("y", "a", 5).is_over


def test_the_counts_of_many_strangers_take_a_bounded_room():
    rates = Rates(Clock())

    for number in range(MOST_COUNTS + 10):
        rates.ask("x", str(number), 5)

    assert len(rates._counts) == MOST_COUNTS
    assert ("x", "0") not in rates._counts


@pytest.mark.row("S393")
@pytest.mark.parametrize(
    ("actor", "times"),
    [(Actor(), 1), (Actor(user=1), 4), (STAFF, 20), (STAFF_WITHOUT_FACTOR, 4)],
)
def test_whoever_is_known_may_ask_more(actor, times):
    assert factor(actor) == times


@pytest.mark.parametrize(
    ("method", "path", "rate"),
    [
        ("GET", "/account/", Rate.READ),
        ("HEAD", "/account/", Rate.READ),
        ("POST", "/account/", Rate.SUBMIT),
        ("GET", "/api/v1/me", Rate.API),
        ("POST", "/api/v1/me", Rate.API),
    ],
)
def test_a_route_that_names_no_rate_has_the_usual_one(method, path, rate):
    assert usual(method, path) is rate


@pytest.mark.row("S392", "S394")
def test_one_question_too_many_is_a_page_for_people_and_json_for_programs(tmp_path):
    page, program = {"accept": "text/html"}, {"accept": "application/json"}
    answers = many(tmp_path, [program] * 120 + [page, program])

    assert {answer.status_code for answer in answers[:120]} == {200}
    assert answers[0].headers["ratelimit-limit"] == "120"
    assert answers[119].headers["ratelimit-remaining"] == "0"
    assert [answer.status_code for answer in answers[120:]] == [429, 429]
    seconds = answers[120].headers["retry-after"]
    assert f"You asked too often. Try again in {seconds} seconds." in answers[120].text
    assert "<h1>Too many requests</h1>" in answers[120].text
    assert answers[121].json()["error"]["status"] == 429
    assert answers[121].headers["retry-after"] == answers[121].headers["ratelimit-reset"]


@pytest.mark.row("S393")
def test_an_address_that_a_visitor_made_up_does_not_begin_a_new_count(tmp_path):
    answers = many(tmp_path, [{"x-forwarded-for": f"6.6.6.{n}"} for n in range(121)])

    assert answers[-1].status_code == 429


@pytest.mark.row("S393")
def test_behind_a_proxy_of_ours_each_visitor_has_a_count(tmp_path):
    forged = [{"x-forwarded-for": f"6.6.6.{n}, 203.0.113.7"} for n in range(121)]
    other = [{"x-forwarded-for": "203.0.113.8"}]

    answers = many(tmp_path, forged + other, proxies="127.0.0.1")

    assert [answer.status_code for answer in answers[-2:]] == [429, 200]


def test_what_watches_over_it_is_never_refused():
    from sidecar.routes.health import alive

    assert alive.opt["rate"] is None


# Clients


@pytest.mark.parametrize(
    ("peer", "told", "client"),
    [
        ("203.0.113.7", [], "203.0.113.7"),
        ("203.0.113.7", ["6.6.6.6"], "203.0.113.7"),
        ("127.0.0.1", ["203.0.113.7"], "203.0.113.7"),
        ("127.0.0.1", ["6.6.6.6, 203.0.113.7, 10.1.1.1"], "203.0.113.7"),
        ("127.0.0.1", ["6.6.6.6", "203.0.113.7"], "203.0.113.7"),
        ("127.0.0.1", ["203.0.113.7:4711"], "203.0.113.7"),
        ("fd00::1", ["[2001:db8::7]:4711"], "2001:db8::7"),
        ("::ffff:10.0.0.1", ["203.0.113.7"], "203.0.113.7"),
        ("127.0.0.1", ["nonsense"], "127.0.0.1"),
        ("127.0.0.1", [""], "127.0.0.1"),
        ("", ["203.0.113.7"], ""),
    ],
)
def test_only_the_word_of_our_own_proxies_is_taken(peer, told, client):
    assert client_of(peer, told, PROXIES) == client


def test_a_network_of_ipv6_counts_as_one():
    assert household("2001:db8:1:2::3") == household("2001:db8:1:2:ffff::9")
    assert household("2001:db8:1:3::3") != household("2001:db8:1:2::3")
    assert household("::ffff:203.0.113.7") == household("203.0.113.7")


@given(st.text(), st.lists(st.text()))
def test_no_header_brings_it_down(peer, told):
    assert isinstance(household(client_of(peer, told, PROXIES)), str)


def test_proxies_that_are_no_addresses_are_refused_by_name(tmp_path):
    with pytest.raises(Problems) as problems:
        read_settings({"PYDOTORG_PROXIES": "the balancer"}, tmp_path)

    assert "PYDOTORG_PROXIES must be addresses or networks, not 'the balancer'" in str(
        problems.value
    )


# Where a form leads


@pytest.mark.parametrize(
    "given_address",
    [
        "https://evil.example/", "//evil.example/", "///evil.example", "/\\evil.example",
        "\\\\evil.example", "javascript:alert(1)", "/\t/evil.example", "/a\r\nset-cookie: x",
        "evil.example", "", "/" + "a" * 3000, "/\x00",
    ],
)  # fmt: skip
def test_nobody_is_led_to_another_site(given_address):
    assert own_address(given_address, "/account/") == "/account/"


@pytest.mark.parametrize("given_address", ["/", "/account/?next=//x", "/a/b#c", "/jobs/über/"])
def test_a_path_of_ours_is_kept(given_address):
    assert own_address(given_address) == given_address


@given(st.text(alphabet="/\\:.a\t@?#\n"))
def test_whatever_is_given_what_comes_out_is_a_path_here(text):
    found = httpx.URL("https://www.python.org/").join(own_address(text))

    assert found.host == "www.python.org"

"""By which rule a download counts; nothing of who made it is kept."""

from __future__ import annotations

import pytest

from sidecar.clock import DAY
from sidecar.counting import AGAIN, Counted, Tally, qualifies

FILE = "3.14.0/Python-3.14.0.tgz"
BROWSER = {b"user-agent": b"Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"}


class Hand:
    """A clock that is set by hand."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Hand()


@pytest.fixture
def tally(clock):
    return Tally(clock, lambda: 20_000 * DAY + clock.now)


@pytest.mark.row("S407")
@pytest.mark.parametrize(
    ("method", "headers", "counts"),
    [
        ("GET", {}, True),
        ("GET", {b"user-agent": b"curl/8.5.0"}, True),
        ("GET", {b"user-agent": b"Mozilla/5.0 (Linux; Android 9; CUBOT X19)"}, True),
        ("GET", {b"range": b"bytes=0-"}, True),
        ("GET", {b"range": b"bytes=0-1048575"}, True),
        ("GET", {b"range": b"bytes=1048576-"}, False),
        ("GET", {b"range": b"bytes=-500"}, False),
        ("HEAD", {}, False),
        ("GET", {b"user-agent": b""}, False),
        ("GET", {b"user-agent": b"Mozilla/5.0 (compatible; Googlebot/2.1)"}, False),
        ("GET", {b"user-agent": b"Baiduspider"}, False),
        ("GET", {b"user-agent": b"LinkChecker/10"}, False),
        ("GET", {b"sec-purpose": b"prefetch;prerender"}, False),
        ("GET", {b"purpose": b"prefetch"}, False),
        ("GET", {b"x-moz": b"Prefetch"}, False),
    ],
)
def test_what_counts_is_a_get_to_have_the_file(method, headers, counts):
    assert qualifies(method, BROWSER | headers) is counts


def test_an_address_counts_once_a_minute_for_a_file(tally, clock):
    asked = [tally.count(FILE, "203.0.113.7"), tally.count(FILE, "203.0.113.7")]
    other = [tally.count(FILE, "203.0.113.8"), tally.count("3.14.0/other", "203.0.113.7")]
    clock.now += AGAIN - 1
    soon = tally.count(FILE, "203.0.113.7")
    clock.now += 1
    later = tally.count(FILE, "203.0.113.7")

    assert asked == [True, False]
    assert other == [True, True]
    assert (soon, later) == (False, True)
    assert tally.take() == {
        Counted(20_000, FILE, ""): 3, Counted(20_000, "3.14.0/other", ""): 1,
    }  # fmt: skip
    assert tally.take() == {}


def test_a_household_of_ipv6_counts_as_one(tally):
    asked = [tally.count(FILE, f"2001:db8:1:{n}::{n}") for n in (1, 1, 2)]

    assert [*asked, tally.count(FILE, "2001:db8:1:1:ffff::1")] == [True, False, True, False]


def test_the_day_is_that_of_the_request_and_begins_with_a_new_key(tally, clock):
    tally.count(FILE, "203.0.113.7")
    before = tally._key
    clock.now = DAY - 1.0
    tally.count(FILE, "203.0.113.8")
    assert tally._key == before

    clock.now = DAY + 1.0
    tally.count(FILE, "203.0.113.8")

    assert tally._key != before
    assert tally.take() == {Counted(20_000, FILE, ""): 2, Counted(20_001, FILE, ""): 1}


def test_nothing_of_an_address_is_in_memory(tally):
    tally.count(FILE, "203.0.113.7")

    assert "203.0.113.7" not in repr(vars(tally))
    assert b"203.0.113.7" not in b"".join(tally._seen)


def test_what_is_older_than_a_minute_is_forgotten(tally, clock):
    for number in range(100):
        tally.count(FILE, f"203.0.113.{number}")
    clock.now += AGAIN
    tally.count(FILE, "203.0.113.200")

    assert len(tally._seen) == 1


def test_what_could_not_be_written_counts_with_what_comes(tally):
    tally.count(FILE, "203.0.113.7")
    taken = tally.take()
    tally.count(FILE, "203.0.113.8")

    tally.give_back(taken)

    assert tally.take() == {Counted(20_000, FILE, ""): 2}

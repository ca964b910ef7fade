"""What a unit of the plan asks is noted, also where another unit asked it first."""

from __future__ import annotations

import datetime

import pytest

from pydotorg_build.site import seconds
from tests.content.entries import NOW, release, site_of

YESTERDAY, TOMORROW = NOW - datetime.timedelta(days=1), NOW + datetime.timedelta(days=1)


@pytest.fixture
def site():
    return site_of(release("3.14.0", "2025-10-07"), release("3.13.0", "2024-10-07"))


def test_what_many_units_want_is_made_once_and_noted_of_each(site):
    made = []

    def titles(site, cards):
        made.append("once")
        assert (site.reached(YESTERDAY), site.reached(TOMORROW)) == (True, False)
        return tuple(card.title for card in cards)

    def unit():
        with site.asking() as asking:
            site.made_of(titles, "releases", "series:3.14")
        return list(asking.asked), asking.since, asking.until

    first, second = unit(), unit()

    assert made == ["once"]
    noted = [("cards", "releases", "series:3.14")]
    assert first == second == (noted, seconds(YESTERDAY), seconds(TOMORROW))


def test_where_questions_are_not_noted_the_moments_still_are(site):
    with site.asking(is_noted=False) as asking:
        site.made_of(lambda site, cards: site.reached(TOMORROW), "releases")

    assert (dict(asking.asked), asking.until) == ({}, seconds(TOMORROW))


def test_of_each_group_something_else_is_made(site):
    def count(site, cards):
        return len(cards)

    groups = ("series:3.14", "series:3.12", "")

    assert [site.made_of(count, "releases", group) for group in groups] == [1, 0, 2]

"""The calendars of events."""

from __future__ import annotations

import pytest

from pydotorg_build.problems import Problems

NOUNS = ("calendars", "event_categories", "events")
CALENDAR = """
-- content/calendars.yaml --
- {title: Conferences, slug: python-events, description: All over the world.}
"""


def test_a_calendar_without_events_says_so_and_offers_its_files(built):
    pages = built(CALENDAR, nouns=NOUNS)

    assert "Nothing is known here yet" in pages["/events/python-events/"]
    for name in ("calendar.ics", "feed.rss", "feed.atom", "feed.json"):
        assert f"/events/python-events/{name}" in pages
    assert '<a href="/events/python-events/">Conferences</a>' in pages["/events/calendars/"]


def test_a_calendar_cannot_take_the_address_of_a_list(built):
    with pytest.raises(Problems) as problems:
        built("-- content/calendars.yaml --\n- {title: Past, slug: past}\n", nouns=NOUNS)

    assert str(problems.value) == (
        "content/calendars.yaml:1:17: the slug `past` is used by lists\n  hint: choose another"
    )

"""The subjects of events."""

from __future__ import annotations

import pytest

from pydotorg_build.problems import Problems

NOUNS = ("calendars", "event_categories", "events")


def test_a_subject_has_its_list_also_while_nothing_is_coming(built):
    text = "-- content/event_categories.yaml --\n- {title: Data, slug: data}\n"

    page = built(text, nouns=NOUNS)["/events/category/data/"]

    assert ">Python events: Data</h1>" in page
    assert "Nothing is known here yet" in page


def test_a_subject_cannot_take_the_address_of_a_second_page(built):
    with pytest.raises(Problems) as problems:
        built("-- content/event_categories.yaml --\n- {title: Page, slug: page}\n", nouns=NOUNS)

    assert str(problems.value) == (
        "content/event_categories.yaml:1:17: the slug `page` is used by lists\n"
        "  hint: choose another"
    )

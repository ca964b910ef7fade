"""The list of documentation by version."""

import datetime

import pytest

from pydotorg_build.content.cycle import Series
from pydotorg_build.content.series import SERIES
from tests.content.entries import published, release

END = datetime.date(2020, 1, 1)
TWO_FIVE = Series(version="2.5", end_of_life=END)
TWO_SEVEN = Series(version="2.7", end_of_life=END)
THREE_FOURTEEN = Series(version="3.14", end_of_life=datetime.date(2030, 10, 1))


def listed(*entries):
    """Series and addresses as the page lists them."""
    page = published(SERIES, *entries)["/doc/versions/"]
    return {one.version: [v.url for v in one.versions] for one in page.data["every"]}


def test_documentation_is_listed_by_series_the_newest_first():
    old = release("2.7.1", "2010-11-27")
    new = (release("3.14.0", "2025-10-07"), release("3.14.1", "2025-12-02"))

    found = listed(TWO_SEVEN, THREE_FOURTEEN, old, *new)

    assert list(found.items()) == [
        (
            "3.14",
            [
                "https://docs.python.org/release/3.14.1/",
                "https://docs.python.org/release/3.14.0/",
            ],
        ),
        ("2.7", ["https://docs.python.org/release/2.7.1/"]),
    ]


def test_the_first_of_an_old_series_has_a_short_address():
    assert listed(TWO_SEVEN, release("2.7.0", "2010-07-03")) == {
        "2.7": ["https://docs.python.org/release/2.7/"]
    }


def test_versions_released_without_documentation_are_left_out():
    entries = (release("2.5.5", "2010-01-31"), release("2.5.4", "2008-12-23"))

    assert listed(TWO_FIVE, *entries) == {"2.5": ["https://docs.python.org/release/2.5.4/"]}


def test_pre_releases_are_left_out():
    with pytest.raises(KeyError):
        listed(THREE_FOURTEEN, release("3.14.0rc1", "2025-07-22"))


@pytest.mark.parametrize(
    ("series", "url"), [(TWO_SEVEN, "https://docs.python.org/2.7/"), (TWO_FIVE, "")]
)
def test_a_series_has_an_address_of_its_own_since_two_six(series, url):
    page = published(SERIES, series, release(f"{series.version}.1", "2010-11-27"))["/doc/versions/"]

    assert [one.url for one in page.data["every"]] == [url]

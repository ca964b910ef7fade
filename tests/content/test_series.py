"""Series: their status at a moment, the table, the picture and the calendar of support."""

import datetime

import pytest
import yaml

from pydotorg_build.content import support
from pydotorg_build.content.cycle import Planned, Series, check, status_of
from pydotorg_build.content.series import SERIES
from tests.conftest import ROOT
from tests.content.entries import published, release, site_of

DAY = datetime.date.fromisoformat
THREE_FOURTEEN = Series(
    version="3.14",
    pep=745,
    start=DAY("2024-05-08"),
    feature_freeze=DAY("2025-05-07"),
    first_release=DAY("2025-10-07"),
    end_of_bugfix=DAY("2027-10-07"),
    end_of_life=DAY("2030-10-01"),
    updated=DAY("2026-08-22"),
    schedule=(Planned(version="3.14.1", date=DAY("2025-12-02")),),
)
FIRST = release("3.14.0", "2025-10-07")


@pytest.mark.row("S085")
@pytest.mark.parametrize(
    ("now", "status"),
    [
        ("2025-05-06", "feature"),
        ("2025-05-07", "prerelease"),
        ("2025-10-06", "prerelease"),
        ("2025-10-07", "bugfix"),
        ("2027-10-06", "bugfix"),
        ("2027-10-07", "security"),
        ("2030-09-30", "security"),
        ("2030-10-01", "end-of-life"),
    ],
)
def test_the_status_follows_from_the_day(now, status):
    site = site_of(THREE_FOURTEEN, FIRST, now=DAY(now))

    assert status_of(THREE_FOURTEEN, site) == status


@pytest.mark.row("S085")
def test_a_late_release_stays_a_pre_release_until_it_is_out():
    site = site_of(THREE_FOURTEEN, release("3.14.0rc3", "2025-09-18"), now=DAY("2025-10-20"))

    assert status_of(THREE_FOURTEEN, site) == "prerelease"


def test_a_series_without_dates_has_the_status_that_is_written():
    series = Series(version="1.4", status="end-of-life")

    assert status_of(series, site_of(series)) == "end-of-life"


def test_a_series_needs_an_end():
    assert [fault.name for fault in check(Series(version="3.17"))] == ["end_of_life"]


def test_a_status_is_not_written_beside_the_dates_that_it_follows_from():
    series = Series(version="3.10", status="security", end_of_life=DAY("2026-10-01"))

    assert [fault.name for fault in check(series)] == ["status"]


def test_dates_that_cannot_follow_each_other_are_refused():
    series = Series(version="3.14", first_release=DAY("2025-10-07"), end_of_life=DAY("2020-10-01"))

    assert [fault.message for fault in check(series)] == [
        "`end_of_life` (2020-10-01) is before `first_release` (2025-10-07)"
    ]


def test_a_release_of_another_series_cannot_be_planned():
    planned = Planned(version="3.15.0", date=DAY("2026-10-01"))
    series = Series(version="3.14", end_of_life=DAY("2030-10-01"), schedule=(planned,))

    assert [fault.name for fault in check(series)] == ["schedule[0].version"]


def test_a_first_release_has_one_day():
    planned = Planned(version="3.16.0", date=DAY("2027-10-05"))
    series = Series(version="3.16", first_release=DAY("2027-10-06"), end_of_life=DAY("2032-10-01"),
                    schedule=(planned,))  # fmt: skip

    assert [fault.name for fault in check(series)] == ["first_release"]


def test_what_was_planned_for_a_day_that_is_over_is_said_not_to_be_recorded():
    days = {"3.16.0a1": "2026-10-13", "3.16.0a3": "2026-12-15"}
    plan = tuple(Planned(version=version, date=DAY(day)) for version, day in days.items())
    series = Series(version="3.16", end_of_life=DAY("2032-10-01"), schedule=plan)

    data = published(SERIES, series)["/downloads/series/3.16/"].data

    assert [one.version for one in data["planned"]] == ["3.16.0a3"]
    assert [one.version for one in data["overdue"]] == ["3.16.0a1"]


def test_ends_that_lie_ahead_are_months():
    (row,) = support.rows(site_of(THREE_FOURTEEN, FIRST))

    assert (row.end_of_bugfix, row.end_of_life) == ("2027-10", "2030-10")


@pytest.mark.row("S078")
def test_the_page_of_a_series_lists_its_releases_newest_first():
    others = (release("3.14.0rc1", "2025-07-22"), release("3.14.10", "2026-10-01"))
    middle = release("3.14.9", "2026-09-01")

    page = published(SERIES, THREE_FOURTEEN, FIRST, *others, middle)["/downloads/series/3.14/"]

    assert [card.version for card in page.data["releases"]] == [
        *("3.14.10", "3.14.9", "3.14.0", "3.14.0rc1")
    ]


def test_the_terms_that_the_page_of_support_tells_are_those_of_its_table():
    terms = {}
    for path in (ROOT / "content/series").glob("3.*.md"):
        found = yaml.safe_load(path.read_text(encoding="utf-8").split("---")[1])
        ends = (found["end_of_bugfix"], found["end_of_life"])
        first = found["first_release"]
        months = [12 * (end.year - first.year) + end.month - first.month for end in ends]
        terms[int(str(path.stem).partition(".")[2])] = months

    assert {minor for minor, months in terms.items() if months == [24, 60]} >= set(
        range(13, max(terms) + 1)
    )
    assert terms[12] != [24, 60]


def test_the_picture_marks_the_month_and_not_the_day():
    data = [
        published(SERIES, THREE_FOURTEEN, FIRST, now=DAY(day))["/downloads/support/"].data
        for day in ("2026-11-01", "2026-11-30", "2026-12-01")
    ]

    months = [one["timeline"].month for one in data]
    assert months == [DAY("2026-11-01"), DAY("2026-11-01"), DAY("2026-12-01")]
    assert data[0] == data[1]


def test_the_calendar_has_the_end_of_life_and_what_is_planned():
    things = published(SERIES, THREE_FOURTEEN, FIRST, now=DAY("2025-11-01"))

    events = {event.uid: event.start for event in things["/downloads/support.ics"].events}

    assert events["3.14-end-of-life@www.python.org"] == DAY("2030-10-01")
    assert events["3.14.1@www.python.org"] == DAY("2025-12-02")


def test_what_was_planned_and_is_out_is_not_planned_any_more():
    out = release("3.14.1", "2025-11-20")

    site = site_of(THREE_FOURTEEN, FIRST, out, now=DAY("2025-11-25"))

    assert support.planned(site) == ()


def test_a_release_manager_must_be_known():
    series = Series(version="3.14", end_of_life=DAY("2030-10-01"), release_managers=("Ada",))

    assert "(the program): nobody called `Ada` is a release manager" in "".join(
        published(SERIES, series)
    )

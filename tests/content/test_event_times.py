"""When events are: rules, exceptions, daylight saving, and what is wrong with times."""

from __future__ import annotations

import datetime

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from pydotorg_build.content.event_faults import faults
from pydotorg_build.content.event_times import Times, deadline, spans

FAR = datetime.date(2030, 1, 1)
UTC = datetime.UTC
RULES = (
    "FREQ=WEEKLY",
    "FREQ=WEEKLY;INTERVAL=2;COUNT=9",
    "FREQ=MONTHLY",
    "FREQ=MONTHLY;BYMONTHDAY=14,28;COUNT=30",
    "FREQ=YEARLY;COUNT=4",
    "FREQ=DAILY;COUNT=400",
)
ZONES = (
    *("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"),
    *("Pacific/Kiritimati", "Etc/GMT+12", "Etc/UTC"),
)


def begins(times: Times, until: datetime.date = FAR) -> list[str]:
    return [f"{span.begin:%Y-%m-%d %H:%M}" for span in spans(times, until)]


def instants(times: Times, until: datetime.date = FAR) -> list[str]:
    return [span.begin.astimezone(UTC).isoformat() for span in spans(times, until)]


@pytest.mark.row("S100")
@settings(deadline=None)
@given(
    rule=st.sampled_from(RULES),
    zone=st.sampled_from(ZONES),
    hour=st.integers(0, 23),
)
def test_a_rule_gives_the_dates_that_dateutil_gives_by_the_clock_of_the_zone(rule, zone, hour):
    start = datetime.datetime.fromisoformat(f"2026-03-14 {hour:02}:30")
    times = Times(f"{start:%Y-%m-%d %H:%M}", zone=zone, rule=rule)

    found = begins(times)

    limit = datetime.datetime.fromisoformat("2030-01-01")
    expected = rrulestr(rule, dtstart=start).between(start, limit, inc=True)
    assert found == [f"{moment:%Y-%m-%d %H:%M}" for moment in expected if moment < limit]


@pytest.mark.row("S100")
def test_a_weekly_meeting_stays_at_its_hour_when_the_clocks_change():
    times = Times("2027-03-18 19:00", zone="Europe/Berlin", rule="FREQ=WEEKLY;COUNT=3")

    assert instants(times) == [
        "2027-03-18T18:00:00+00:00",
        "2027-03-25T18:00:00+00:00",
        "2027-04-01T17:00:00+00:00",
    ]


@pytest.mark.row("S100")
@pytest.mark.parametrize(
    ("until", "last"),
    [
        ("20270114", "2027-01-14 19:00"),
        ("20270114T180000Z", "2027-01-14 19:00"),
        ("20270114T175959Z", "2026-12-10 19:00"),
        ("20270113", "2026-12-10 19:00"),
    ],
)
def test_the_last_date_is_the_one_that_until_still_allows(until, last):
    rule = f"FREQ=MONTHLY;BYDAY=2TH;UNTIL={until}"
    times = Times("2026-11-12 19:00", zone="Europe/Berlin", rule=rule)

    assert begins(times)[-1] == last


def test_a_date_moved_is_one_left_out_and_one_more():
    times = Times("2026-11-12 19:00", zone="Europe/Berlin", rule="FREQ=MONTHLY;BYDAY=2TH;COUNT=3",
                  more=("2026-12-17 18:30",), but=("2026-12-10",))  # fmt: skip

    assert begins(times) == ["2026-11-12 19:00", "2026-12-17 18:30", "2027-01-14 19:00"]


def test_days_last_until_midnight_at_the_venue_also_when_one_has_23_hours():
    (span,) = spans(Times("2027-03-27", "2027-03-28", zone="Europe/Berlin"), FAR)

    assert span.begin.astimezone(UTC).isoformat() == "2027-03-26T23:00:00+00:00"
    assert span.end.astimezone(UTC).isoformat() == "2027-03-28T22:00:00+00:00"


@pytest.mark.parametrize(
    ("zone", "begin"),
    [
        ("Pacific/Kiritimati", "2027-01-01T10:00:00+00:00"),
        ("Etc/GMT+12", "2027-01-02T12:00:00+00:00"),
        ("", "2027-01-02T00:00:00+00:00"),
    ],
)
def test_the_same_day_begins_a_day_apart_at_the_ends_of_the_earth(zone, begin):
    assert instants(Times("2027-01-02", zone=zone)) == [begin]


def test_a_night_on_which_the_clocks_change_lasts_as_long_as_every_other():
    times = Times("2027-03-20 23:00", "2027-03-21 05:00", "Europe/Berlin", "FREQ=WEEKLY;COUNT=2")

    lasts = [span.end.astimezone(UTC) - span.begin.astimezone(UTC) for span in spans(times, FAR)]

    assert lasts == [datetime.timedelta(hours=6)] * 2


def test_an_hour_that_comes_twice_is_the_first_one():
    assert instants(Times("2027-10-31 02:30", zone="Europe/Berlin")) == [
        "2027-10-31T00:30:00+00:00"
    ]


def test_a_series_without_end_is_told_until_the_day_that_is_asked_for():
    times = Times("2026-11-12 19:00", zone="Europe/Berlin", rule="FREQ=MONTHLY;BYDAY=2TH")

    found = begins(times, datetime.date(2027, 2, 1))

    assert found == ["2026-11-12 19:00", "2026-12-10 19:00", "2027-01-14 19:00"]


@pytest.mark.row("S101")
@pytest.mark.parametrize(
    "times",
    [
        Times("2032-06-10 19:00", zone="Europe/Berlin", rule="FREQ=MONTHLY;BYDAY=2TH"),
        Times("2032-06-03 19:00", zone="Europe/Berlin", rule="FREQ=WEEKLY", but=("2032-06-03",),
              more=("2032-07-01 18:00", "2032-06-10 19:00")),
        Times("2032-06-10", more=("2032-06-11",)),
    ],
)  # fmt: skip
def test_a_series_that_begins_later_than_is_told_has_its_first_date(times):
    assert [begin[:10] for begin in begins(times)] == ["2032-06-10"]


@pytest.mark.row("S101")
@pytest.mark.parametrize(
    ("times", "expected"),
    [
        (Times("2027-03-28 01:30", "2027-03-28 02:30", "Australia/Lord_Howe",
               "FREQ=WEEKLY;COUNT=3"),  # half an hour goes back on 4 April, at 2:00
         ["2027-03-27T14:30", "2027-04-03T14:30", "2027-04-10T15:00"]),
        (Times("2027-01-28 19:00", zone="Africa/Casablanca", rule="FREQ=WEEKLY;COUNT=3"),
         ["2027-01-28T18:00", "2027-02-04T18:00", "2027-02-11T19:00"]),  # Ramadan
        (Times("2018-11-03 19:00", zone="America/Sao_Paulo", rule="FREQ=DAILY;COUNT=2"),
         ["2018-11-03T22:00", "2018-11-04T21:00"]),
        (Times("2026-11-03 19:00", zone="America/Sao_Paulo", rule="FREQ=DAILY;COUNT=2"),
         ["2026-11-03T22:00", "2026-11-04T22:00"]),  # no summer time since 2019
        (Times("2026-12-01 19:00", zone="US/Pacific", but=("2027-01-01 19:00",),
               rule="FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1;COUNT=4"),
         ["2026-12-02T03:00", "2027-02-02T03:00", "2027-03-02T03:00"]),
        (Times("2027-10-24 10:00", zone="Europe/Kyiv", rule="FREQ=WEEKLY;COUNT=3",
               but=("2027-10-31",), more=("2027-11-01 10:00",)),
         ["2027-10-24T07:00", "2027-11-01T08:00", "2027-11-07T08:00"]),
    ],
)  # fmt: skip
def test_clocks_of_every_kind_are_read_as_they_are_set_that_day(times, expected):
    assert list(faults(times)) == []
    assert [instant[:16] for instant in instants(times)] == expected


def test_a_deadline_without_an_hour_is_the_end_of_that_day():
    assert deadline("2027-01-13", "Etc/GMT+12").astimezone(UTC).isoformat() == (
        "2027-01-14T12:00:00+00:00"
    )


@pytest.mark.parametrize(
    ("times", "name", "message"),
    [
        (Times("2027-02-30"), "start", "`start` is no day or time that exists: 2027-02-30"),
        (Times("2027-02-03", zone="Europe/Nowhere"), "zone",
         "there is no time zone 'Europe/Nowhere'"),
        (Times("2027-02-03 10:00"), "start", "a time of day needs the zone of its clock"),
        (Times("2027-02-03", "2027-02-02"), "end", "`end` must not be before `start`"),
        (Times("2027-02-03 10:00", "2027-02-03 10:00", "Etc/UTC"), "end",
         "`end` must not be before `start`"),
        (Times("2027-02-03 10:00", "2027-02-03", "Etc/UTC"), "start",
         "some times have an hour and some are only days"),
        (Times("2027-02-03", rule="FREQ=HOURLY"), "rule",
         "`rule` needs FREQ, one of YEARLY, MONTHLY, WEEKLY, DAILY"),
        (Times("2027-02-03", rule="FREQ=DAILY;BYHOUR=3"), "rule",
         "'BYHOUR' is no part of a rule"),
        (Times("2027-02-03", zone="right/Europe/Berlin"), "zone",
         "there is no time zone 'right/Europe/Berlin'"),
        (Times("2027-02-03", rule="FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"), "rule",
         "`rule` has no date at all"),
        (Times("2027-02-03", rule="FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"), "rule",
         "`rule` has no date at all"),
        (Times("2027-02-03", rule="FREQ=DAILY;UNTIL=20270202"), "rule",
         "`rule` has no date at all"),
        (Times("2027-02-03", rule="FREQ=DAILY;INTERVAL=0"), "rule",
         "`rule` is not a rule of RFC 5545: INTERVAL is a number from 1 to 9999"),
        (Times("2027-02-03", rule="FREQ=DAILY;COUNT=3;UNTIL=20270301"), "rule",
         "`rule` is not a rule of RFC 5545: it ends by COUNT or by UNTIL, not by both"),
        (Times("2027-02-03", rule="FREQ=MONTHLY;BYSETPOS=1"), "rule",
         "`rule` is not a rule of RFC 5545: BYSETPOS chooses among the days of another part"),
        (Times("2027-02-03", rule="FREQ=WEEKLY;BYDAY=1WE"), "rule",
         "`rule` is not a rule of RFC 5545: a number in BYDAY has no meaning with FREQ=WEEKLY"),
        (Times("2027-02-03", rule="FREQ=WEEKLY;BYMONTHDAY=3"), "rule",
         "`rule` is not a rule of RFC 5545: BYMONTHDAY has no meaning with FREQ=WEEKLY"),
        (Times("2027-02-03", rule="FREQ=WEEKLY;FREQ=DAILY"), "rule",
         "`rule` has a part twice"),
        (Times("2027-02-03", rule="FREQ=DAILY;COUNT=2", but=("2027-02-03", "2027-02-04")),
         "without", "`without` leaves out every date of the rule"),
        (Times("2027-02-03", rule="FREQ=WEEKLY;BYDAY=TH"), "start",
         "`start` is not a date of `rule`"),
        (Times("2027-02-03", rule="FREQ=WEEKLY", but=("2027-02-04",)), "without[0]",
         "the rule has no date 2027-02-04"),
        (Times("2027-02-03", but=("2027-02-04",)), "without",
         "`without` leaves out dates of a rule, and there is no `rule`"),
    ],
)  # fmt: skip
def test_times_that_cannot_be_are_refused(times, name, message):
    found = [(fault.name, fault.message) for fault in faults(times)]

    assert found == [(name, message)]

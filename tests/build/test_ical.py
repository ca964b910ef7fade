"""Calendars: read back by icalendar."""

from __future__ import annotations

import datetime
import re
from zoneinfo import ZoneInfo

import icalendar
import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from pydotorg_build.artifacts import Calendar, Event
from pydotorg_build.ical import render_calendar

BASE = "https://www.python.org"
STAMP = datetime.datetime(2026, 11, 25, 8, 30, tzinfo=datetime.UTC)
DAY = datetime.date(2027, 5, 14)
FIRST, LAST = (
    datetime.datetime.fromisoformat("1975-01-01"),
    datetime.datetime.fromisoformat("2036-01-01"),
)
BERLIN = ZoneInfo("Europe/Berlin")
# Half hours, the south, no daylight saving, the day line, a change of the standard, UTC- side.
ZONES = (
    *("Europe/Berlin", "America/New_York", "America/St_Johns", "Australia/Lord_Howe"),
    *("Asia/Kolkata", "Pacific/Apia", "Pacific/Chatham", "Europe/Dublin", "Africa/Casablanca"),
)


def event(**fields: object) -> Event:
    return Event(
        **({"uid": "one@python.org", "title": "One", "start": DAY, "stamp": STAMP} | fields)
    )


def written(*events: Event, title: str = "Events") -> bytes:
    calendar = Calendar(url="/events/all.ics", title=title, events=events)
    return render_calendar(calendar, BASE)


def read(*events: Event) -> icalendar.Event:
    """The first event, as another program reads it."""
    return icalendar.Calendar.from_ical(written(*events)).walk("VEVENT")[0]


def test_a_calendar_says_what_it_is():
    data = written(event(), title="Python; events")

    calendar = icalendar.Calendar.from_ical(data)
    assert calendar["VERSION"] == "2.0"
    assert calendar["METHOD"] == "PUBLISH"
    assert b"\r\nNAME:Python\\; events\r\nX-WR-CALNAME:Python\\; events\r\n" in data
    assert data.endswith(b"\r\nEND:VCALENDAR\r\n")


def test_an_event_has_all_that_it_is_given():
    found = read(
        event(
            title="PyCon, day 1; talks",
            description="First line\nsecond \\ line",
            location="Pittsburgh, US",
            url="/events/pycon/",
            rrule="FREQ=WEEKLY;COUNT=3",
        )
    )

    assert found["UID"] == "one@python.org"
    assert found["SUMMARY"] == "PyCon, day 1; talks"
    assert found["DESCRIPTION"] == "First line\nsecond \\ line"
    assert found["LOCATION"] == "Pittsburgh, US"
    assert found["URL"] == f"{BASE}/events/pycon/"
    assert found["RRULE"].to_ical() == b"FREQ=WEEKLY;COUNT=3"
    assert found["DTSTAMP"].dt == STAMP


def test_a_day_stays_a_day():
    found = read(event(end=DAY + datetime.timedelta(days=3)))

    assert (found["DTSTART"].dt, found["DTEND"].dt) == (DAY, datetime.date(2027, 5, 17))


def test_a_moment_without_a_named_zone_is_in_utc():
    summer = datetime.timezone(datetime.timedelta(hours=2))

    data = written(event(start=datetime.datetime(2027, 5, 14, 18, tzinfo=summer)))

    assert b"DTSTART:20270514T160000Z\r\n" in data


def test_a_moment_in_a_named_zone_keeps_its_hour():
    data = written(event(start=datetime.datetime(2027, 5, 14, 18, tzinfo=BERLIN)))

    assert b"DTSTART;TZID=Europe/Berlin:20270514T180000\r\n" in data


def test_every_zone_is_told_once():
    start = datetime.datetime(2027, 5, 14, 18, tzinfo=BERLIN)

    data = written(event(start=start, end=start), event(uid="two", start=start))

    assert data.count(b"BEGIN:VTIMEZONE") == data.count(b"TZID:Europe/Berlin") == 1


@pytest.mark.parametrize("name", ZONES)
def test_a_zone_is_told_as_the_world_knows_it(name):
    zone = ZoneInfo(name)
    start = datetime.datetime(2024, 1, 1, 12, tzinfo=zone)
    calendar = icalendar.Calendar.from_ical(written(event(start=start)))

    told = calendar.walk("VTIMEZONE")[0].to_tz(lookup_tzid=False)

    for day in range(0, 9 * 366, 5):
        moment = (start + datetime.timedelta(days=day)).astimezone(datetime.UTC)
        assert moment.astimezone(told).utcoffset() == moment.astimezone(zone).utcoffset()


@pytest.mark.parametrize("name", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
def test_a_zone_whose_clocks_change_by_a_rule_is_told_for_good(name):
    zone = ZoneInfo(name)
    start = datetime.datetime(2004, 1, 1, 12, tzinfo=zone)
    calendar = icalendar.Calendar.from_ical(written(event(start=start, rrule="FREQ=MONTHLY")))

    told = calendar.walk("VTIMEZONE")[0].to_tz(lookup_tzid=False)

    for day in range(0, 33 * 365, 11):
        moment = (start + datetime.timedelta(days=day)).astimezone(datetime.UTC)
        assert moment.astimezone(told).utcoffset() == moment.astimezone(zone).utcoffset()


def test_a_rule_is_written_where_there_is_one_and_each_change_where_there_is_none():
    berlin = written(event(start=datetime.datetime(2027, 5, 14, 18, tzinfo=BERLIN)))
    casablanca = ZoneInfo("Africa/Casablanca")
    moon = written(event(start=datetime.datetime(2027, 5, 14, 18, tzinfo=casablanca)))

    rules = re.findall(rb"RRULE:(.*)\r", berlin)
    assert rules == [b"FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", b"FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU"]
    assert b"RRULE" not in moon


def test_an_hour_that_comes_twice_is_the_one_that_is_meant():
    hour = datetime.datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN)

    data = written(event(start=hour, end=hour.replace(fold=1)))

    assert b"DTSTART;TZID=Europe/Berlin:20261025T023000\r\nDTEND:20261025T013000Z\r\n" in data


def test_a_calendar_without_events_is_a_calendar():
    calendar = icalendar.Calendar.from_ical(written())

    # It must have a component (RFC 5545, 3.6): a zone that says nothing.
    assert [part.name for part in calendar.subcomponents] == ["VTIMEZONE"]


def test_what_recurs_stays_at_its_hour_when_the_clocks_change():
    start = datetime.datetime(2027, 3, 21, 18, tzinfo=BERLIN)

    found = read(event(start=start, rrule="FREQ=WEEKLY;COUNT=3"))

    rule = rrulestr(found["RRULE"].to_ical().decode(), dtstart=found["DTSTART"].dt)
    assert [when.astimezone(datetime.UTC).hour for when in rule] == [17, 16, 16]


@settings(deadline=None)
@given(st.text(), st.text(), st.text())
def test_no_text_breaks_a_calendar(title, description, url):
    data = written(
        event(title=title, description=description, url=url, rrule="FREQ=DAILY"), title=url
    )

    calendar = icalendar.Calendar.from_ical(data)
    assert [len(calendar.walk(name)) for name in ("VCALENDAR", "VEVENT")] == [1, 1]
    assert max(len(line) for line in data.split(b"\r\n")) <= 75
    assert re.search(rb"(?<!\r)\n|\r(?!\n)", data) is None
    data.decode()


@pytest.mark.row("S400")
@settings(deadline=None)
@given(
    st.text(st.characters(codec="utf-8", exclude_characters="\r", exclude_categories=["Cc"])),
    st.datetimes(FIRST, LAST),
    st.sampled_from(ZONES),
    st.integers(1, 5),
)
def test_a_calendar_is_read_as_it_was_written(title, start, zone, count):
    start = start.replace(microsecond=0, fold=0, tzinfo=ZoneInfo(zone))
    given = event(title=title, start=start, rrule=f"FREQ=DAILY;COUNT={count}")

    found = read(given)

    assert found["SUMMARY"] == title
    assert found["RRULE"]["COUNT"] == [count]
    assert found["DTSTART"].dt.replace(tzinfo=None) == start.replace(tzinfo=None)
    assert found["DTSTART"].dt.utcoffset() == start.utcoffset()


@pytest.mark.parametrize("text", ["X\r\nATTENDEE:mailto:a@example.org", "X\nEND:VEVENT"])
def test_nothing_begins_a_line_that_is_not_ours(text):
    data = written(event(title=text, uid=text, location=text, url=f"/{text}", rrule=text))

    names = {re.split(rb"[:;]", line)[0] for line in data.replace(b"\r\n ", b"").split(b"\r\n")}
    assert b"ATTENDEE" not in names
    assert data.count(b"\r\nEND:VEVENT") == 1


def test_the_same_calendar_is_written_with_the_same_bytes():
    start = datetime.datetime(2027, 5, 14, 18, tzinfo=BERLIN)

    assert written(event(start=start)) == written(event(start=start))

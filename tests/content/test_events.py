"""Events: their pages, what is coming and what was, months, calls, calendars and feeds."""

from __future__ import annotations

import datetime
import json
import re

import feedparser
import icalendar
import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from pydotorg_build import rules
from pydotorg_build.content.event_cards import EventCard
from pydotorg_build.content.event_files import calendar
from pydotorg_build.content.event_times import Times, spans
from pydotorg_build.ical import render_calendar
from pydotorg_build.problems import Problems, Source
from pydotorg_build.snapshot import Row
from tests.conftest import NOW

CALENDARS = """
-- content/calendars.yaml --
- {title: Conferences, slug: python-events}
- {title: User groups, slug: python-user-group}
-- content/event_categories.yaml --
- {title: Data, slug: data}
"""
PYCON = """
-- content/events/pycon-lisbon-2027.md --
---
title: PyCon Lisbon
calendar: python-events
categories: [data]
venue: {name: Old Factory, address: Rua 1, city: Lisbon, country: Portugal, lat: 38.7, lon: -9.1}
zone: Europe/Lisbon
start: 2027-03-26
end: 2027-03-28
cfp: {closes: 2026-12-01, zone: Etc/GMT+12, url: https://lisbon.example/cfp}
website: https://lisbon.example/
updated: 2026-11-20
---
Three days of **Python**.
"""
MEETUP = """
-- content/events/berlin.md --
---
title: Berlin users
calendar: python-user-group
kind: meetup
venue: {city: Berlin, country: Germany}
zone: Europe/Berlin
start: 2026-10-08 19:00
end: 2026-10-08 21:00
rule: FREQ=MONTHLY;BYDAY=2TH
without: [2026-12-10]
dates: [2026-12-17 18:30]
updated: 2026-11-10
---
"""
OLD = """
-- content/events/2024.yaml --
- title: PyCon Lisbon
  calendar: python-events
  venue: {city: Lisbon, country: Portugal}
  start: 2024-03-01
  end: 2024-03-03
- title: Sprint of Porto
  calendar: python-events
  kind: sprint
  venue: {city: Porto, country: Portugal}
  start: 2024-05-05
"""
HANDED_IN = {"title": "Web talk", "calendar": "python-user-group", "kind": "meetup",
             "online": True, "zone": "America/New_York", "start": "2026-11-25 06:30",
             "end": "2026-11-25 08:00", "updated": "2026-11-24", "body": "Join us."}  # fmt: skip
NOUNS = ("calendars", "event_categories", "events")
UTC = datetime.UTC
BOTH = ["PyCon Lisbon 2027", "Sprint of Porto", "PyCon Lisbon 2024"]


@pytest.fixture
def site(built):
    """Build the events of some files and rows; give address and text."""

    def build(*rows: Row, text=PYCON + MEETUP + OLD, now=NOW):
        return built(CALENDARS + text, *rows, nouns=NOUNS, now=now)

    return build


def at(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text).replace(tzinfo=UTC)


def titles(page: str) -> list[str]:
    return re.findall(r'<h[23]><a href="[^"]+">([^<]+)</a>', page)


def events(text: str) -> list[icalendar.Event]:
    return icalendar.Calendar.from_ical(text).walk("VEVENT")


def line_of(page: str, name: str) -> str:
    """What a list says of an event, as plain words."""
    (found,) = re.findall(rf'<li class="event-line[^"]*">\n<h\d><a [^>]+>{name}<.*?</li>', page,
                          re.DOTALL)  # fmt: skip
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub(r"</?bdi>", "", found)).split())


# -- what it names


def test_a_calendar_or_category_that_there_is_not_stops_the_build_with_what_was_meant(site):
    slips = PYCON.replace("calendar: python-events", "calendar: python-event")
    old = OLD.replace("  kind: sprint", "  kind: sprint\n  categories: [data, web]")

    with pytest.raises(Problems) as caught:
        site(text=slips.replace("[data]", "[dates]") + old)

    assert [str(problem) for problem in caught.value.problems] == [
        "content/events/2024.yaml:9:22: there is no category `web`\n  hint: known: data",
        "content/events/pycon-lisbon-2027.md:3:1: there is no calendar `python-event`\n"
        "  hint: did you mean `python-events`?",
        "content/events/pycon-lisbon-2027.md:4:14: there is no category `dates`\n"
        "  hint: did you mean `data`?",
    ]


def test_an_event_that_was_handed_in_outlives_its_calendar_and_its_category(site):
    pages = site(Row("events", "7", {**HANDED_IN, "calendar": "gone", "categories": ["old"]}))

    assert "Web talk" in pages["/events/gone/7/"]


def test_a_draft_of_an_event_is_nowhere(site):
    pages = site(text=PYCON.replace("updated:", "draft: true\nupdated:") + MEETUP)

    assert [url for url, text in pages.items() if "PyCon Lisbon" in text] == []


# -- lists


@pytest.mark.row("S102")
def test_what_is_coming_stands_soonest_first_and_what_is_now_above(site):
    pages = site(Row("events", "7", HANDED_IN))

    assert titles(pages["/events/"]) == ["Web talk", "Berlin users", "PyCon Lisbon 2027"]
    now, _, later = pages["/events/"].partition('<h2 id="m2026-12">')
    assert "Happening now" in now
    assert titles(now) == ["Web talk"]
    assert titles(later) == ["Berlin users", "PyCon Lisbon 2027"]


@pytest.mark.row("S102")
def test_a_list_shows_the_events_of_its_calendar_country_kind_or_subject(site):
    pages = site()

    for url, expected in {
        "/events/python-events/": BOTH,
        "/events/python-user-group/": ["Berlin users"],
        "/events/country/portugal/": BOTH,
        "/events/kind/sprint/": ["Sprint of Porto"],
        "/events/category/data/": ["PyCon Lisbon 2027"],
    }.items():
        assert titles(pages[url]) == expected, url
    assert "Nothing is known here yet of what is to come" in pages["/events/kind/sprint/"]


@pytest.mark.row("S102", "S242")
def test_what_is_over_stands_in_the_archive_of_its_year(site):
    pages = site()

    assert titles(pages["/events/past/2024/"]) == ["Sprint of Porto", "PyCon Lisbon 2024"]
    assert titles(pages["/events/past/2026/"]) == ["Berlin users"]
    assert titles(pages["/events/past/"]) == ["Berlin users", *BOTH[1:]]


def test_of_a_series_a_list_shows_the_next_date_and_counts_the_others(site):
    pages = site()

    line = line_of(pages["/events/"], "Berlin users")
    assert line == (
        "Berlin users 17 December 2026, 18:30–20:30 Europe/Berlin (UTC+1)"
        " Meetup, Berlin, Germany; 12 more dates"
    )


@pytest.mark.parametrize(
    ("moment", "state"),
    [
        ("2027-03-25 23:59", "coming"),
        ("2027-03-26 00:00", "now"),
        ("2027-03-28 22:59", "now"),
        ("2027-03-28 23:00", "past"),
    ],
)
def test_an_event_of_days_begins_and_ends_with_the_day_at_the_venue(site, moment, state):
    page = site(now=at(moment))["/events/python-events/pycon-lisbon-2027/"]

    assert ("Happening now" in page, "This event is over" in page) == {
        "coming": (False, False), "now": (True, False), "past": (False, True),
    }[state]  # fmt: skip


def test_a_build_without_changes_moves_what_has_begun_and_what_is_over(site, project):
    site()

    project.build(at("2027-03-26 12:00"))
    began = project.pages()["/events/python-events/"]
    project.build(at("2027-03-29 12:00"))
    over = project.pages()["/events/python-events/"]

    assert "Happening now" in began
    assert "Happening now" not in over
    assert "Nothing is known here yet" in over


@pytest.mark.row("S102")
def test_a_form_without_script_leads_to_the_list_that_was_chosen(site):
    pages = site()

    values = re.findall(r'<option value="([^"]+)"', pages["/events/"])
    assert values == [
        "calendar.python-events", "calendar.python-user-group", "kind.conference", "kind.meetup",
        "category.data", "country.germany", "country.portugal", "month.2026-12", "month.2027-03",
    ]  # fmt: skip
    for value in values:
        (target,) = re.findall(
            rf"^/events/find/ show={re.escape(value)} (\S+) 302$",
            pages["/_redirects"],
            re.MULTILINE,
        )
        assert target in pages


def test_programs_get_all_that_is_coming(site):
    found = json.loads(site()["/events/open.json"])["events"]

    assert [(one["id"], one["start"], one["end"], one["cfp_closes"]) for one in found] == [
        ("berlin", "2026-12-17T18:30:00+01:00", "2026-12-17T20:30:00+01:00", ""),
        ("pycon-lisbon-2027", "2027-03-26", "2027-03-28", "2026-12-02T00:00:00-12:00"),
    ]


# -- one event


@pytest.mark.row("S099")
def test_a_page_shows_calendar_category_venue_and_all_coming_dates(site):
    pages = site()

    page = pages["/events/python-events/pycon-lisbon-2027/"]
    assert '<a href="/events/python-events/">Conferences</a>' in page
    assert '<a href="/events/category/data/">Data</a>' in page
    assert "Old Factory</bdi>, Rua 1, Lisbon, Portugal" in page
    series = pages["/events/python-user-group/berlin/"]
    dates = re.findall(r'<li><time datetime="([^"]+)"', series.partition("Past dates")[0])
    assert dates[:4] == [
        "2026-12-17T18:30:00+01:00",
        "2027-01-14T19:00:00+01:00",
        "2027-02-11T19:00:00+01:00",
        "2027-03-11T19:00:00+01:00",
    ]
    assert dates[-1] == "2027-12-09T19:00:00+01:00"


def test_an_event_that_was_handed_in_has_its_number_as_address(site):
    page = site(Row("events", "7", HANDED_IN))["/events/python-user-group/7/"]

    assert "<p>Join us.</p>" in page
    assert "25 November 2026, 06:30–08:00" in page
    assert "America/New_York (UTC−5)" in page


@pytest.mark.parametrize(
    ("start", "end", "when"),
    [
        ("2026-11-30", "2026-12-02", "30 November\xa0– 2 December 2026"),
        ("2026-12-31", "2027-01-02", "31 December 2026\xa0– 2 January 2027"),
        ("2026-11-30 09:00", "2026-12-02 17:00",
         "30 November 2026, 09:00\xa0– 2 December 2026, 17:00"),
    ],
)  # fmt: skip
def test_no_line_begins_with_the_dash_between_two_days(site, start, end, when):
    row = Row("events", "7", {**HANDED_IN, "start": start, "end": end})

    page = site(row)["/events/python-user-group/7/"]

    assert f'<p class="lead">{when} ' in page.replace("<br>", " ")


def test_search_engines_are_told_when_and_where_it_is(site):
    page = site()["/events/python-events/pycon-lisbon-2027/"]

    blocks = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    event = next(one for block in blocks if (one := json.loads(block))["@type"] == "Event")
    assert (event["startDate"], event["endDate"]) == ("2027-03-26", "2027-03-28")
    assert event["eventStatus"] == "https://schema.org/EventScheduled"
    assert event["location"] == [{
        "@type": "Place",
        "name": "Old Factory",
        "address": {"@type": "PostalAddress", "streetAddress": "Rua 1",
                    "addressLocality": "Lisbon", "addressCountry": "Portugal"},
        "geo": {"@type": "GeoCoordinates", "latitude": 38.7, "longitude": -9.1},
    }]  # fmt: skip


def test_an_invented_event_says_so_and_is_kept_from_search_engines(site):
    page = site(Row("events", "7", {**HANDED_IN, "sample": True}))["/events/python-user-group/7/"]

    assert "This event is invented" in page
    assert '"@type":"Event"' not in page.replace('": "', '":"')


@pytest.mark.row("S453")
def test_markup_of_whoever_handed_an_event_in_stays_text(site):
    body = "<script>alert(1)</script> <img src=x onerror=alert(1)> **Come**"
    page = site(Row("events", "7", {**HANDED_IN, "body": body}))["/events/python-user-group/7/"]

    assert "<strong>Come</strong>" in page
    assert re.findall(r"<script>|<img src=x", page) == []


# -- months

LISBON = ["2027-03-26", "2027-03-27", "2027-03-28"]


def test_a_month_is_a_table_of_its_days_and_a_list(site):
    page = site()["/events/2027/03/"]

    days = dict(
        re.findall(r'<time datetime="([^"]+)">(?:<a [^>]+>)?\d+<(.*?)</td>', page, re.DOTALL)
    )
    assert len(days) == 31
    assert [day for day, text in days.items() if "PyCon Lisbon" in text] == LISBON
    assert [day for day, text in days.items() if "Berlin users" in text] == ["2027-03-11"]
    assert titles(page) == ["Berlin users", "PyCon Lisbon 2027"]
    assert page.count('<th scope="col">') == 7


def test_each_day_with_something_on_leads_to_what_the_list_says_of_it(site):
    page = site()["/events/2027/03/"]

    links = re.findall(r'<a href="#(d[^"]+)" aria-label="(\d+ March 2027)">', page)
    sections = dict(re.findall(r'<h2 id="(d[^"]+)"(.*?)</section>', page, re.DOTALL))
    assert [day for day, _ in links] == ["d2027-03-11", *(f"d{day}" for day in LISBON)]
    assert list(sections) == [day for day, _ in links]
    assert "Friday, " in sections["d2027-03-26"]
    in_full = [day for day, text in sections.items() if "event-line" in text]
    assert in_full == ["d2027-03-11", "d2027-03-26"]
    assert all("It goes on: <a" in sections[f"d{day}"] for day in LISBON[1:])


@pytest.mark.row("S175")
def test_months_lie_ahead_to_the_thirteenth_and_lead_to_each_other(site):
    pages = site()

    assert "/events/2027/12/" in pages
    assert "/events/2028/01/" not in pages
    assert '<a rel="prev" href="/events/2026/10/">October 2026</a>' in pages["/events/2026/11/"]
    assert '<a rel="next" href="/events/2026/12/">December 2026</a>' in pages["/events/2026/11/"]


# -- calls for proposals


@pytest.mark.parametrize(
    ("moment", "is_open"), [("2026-12-02 11:59", True), ("2026-12-02 12:00", False)]
)
def test_a_call_is_open_until_its_day_has_ended_by_its_own_clock(site, moment, is_open):
    pages = site(now=at(moment))

    assert (titles(pages["/events/cfp/"]) == ["PyCon Lisbon 2027"]) is is_open
    assert ("Propose a talk" in pages["/events/python-events/pycon-lisbon-2027/"]) is is_open


def test_calls_have_a_feed_and_a_calendar_of_their_own(site):
    pages = site()

    (item,) = feedparser.parse(pages["/events/cfp/feed.rss"]).entries
    assert item.summary == "Closes 1 December 2026, 23:59 (Etc/GMT+12). Lisbon, Portugal"
    assert item.link == "https://lisbon.example/cfp"
    (event,) = events(pages["/events/cfp/calendar.ics"])
    assert event["UID"] == "cfp-pycon-lisbon-2027@test.example"
    assert event["DTSTART"].dt == datetime.date(2026, 12, 1)


# -- calendars and feeds


@pytest.mark.row("S397", "S464")
def test_one_calendar_has_all_that_is_coming(site):
    found = events(site()["/events/calendar.ics"])

    assert [str(event["UID"]) for event in found] == [
        "berlin@test.example", "pycon-lisbon-2027@test.example",
    ]  # fmt: skip
    assert found[1]["DTSTART"].dt == datetime.date(2027, 3, 26)
    assert found[1]["DTEND"].dt == datetime.date(2027, 3, 29)


@pytest.mark.row("S398")
def test_each_calendar_and_each_filter_is_a_file_of_its_own(site):
    pages = site()

    for list_url, uid in {
        "/events/python-events/": "pycon-lisbon-2027@test.example",
        "/events/python-user-group/": "berlin@test.example",
        "/events/country/germany/": "berlin@test.example",
        "/events/kind/conference/": "pycon-lisbon-2027@test.example",
        "/events/category/data/": "pycon-lisbon-2027@test.example",
    }.items():
        assert [e["UID"] for e in events(pages[f"{list_url}calendar.ics"])] == [uid], list_url
    was = "/events/calendar/python-events/calendar.ics"
    assert f"{was} /events/python-events/calendar.ics 301" in pages["/_redirects"]


@pytest.mark.row("S101")
def test_a_series_that_begins_in_two_years_is_coming_with_its_first_date(site):
    pages = site(text=MEETUP.replace("2026-10-08", "2028-06-08").split("rule:")[0]
                 + "rule: FREQ=MONTHLY;BYDAY=2TH\nupdated: 2026-11-10\n---\n")  # fmt: skip

    assert titles(pages["/events/"]) == ["Berlin users"]
    assert "8 June 2028" in line_of(pages["/events/"], "Berlin users")
    assert "8 June 2028" in pages["/events/python-user-group/berlin/"]


@pytest.mark.row("S399")
def test_one_event_is_a_file_to_be_taken_home(site):
    pages = site()

    ics = "/events/python-user-group/berlin/event.ics"
    page = pages["/events/python-user-group/berlin/"]
    assert re.search(rf'<a [^>]*href="{ics}" download>', page)
    assert [event["SUMMARY"] for event in events(pages[ics])] == ["Berlin users"]


@pytest.mark.row("S101")
@pytest.mark.row("S400")
def test_another_program_finds_the_same_moments_in_a_series(site):
    (event,) = events(site()["/events/python-user-group/berlin/event.ics"])

    rule = rrulestr(event["RRULE"].to_ical().decode(), dtstart=event["DTSTART"].dt)
    left_out = {when.dt for when in event["EXDATE"].dts}
    more = {when.dt for when in event["RDATE"].dts}
    limit = at("2028-01-01")
    found = {when for when in rule.xafter(at("2026-10-01"), count=15) if when < limit}
    times = Times("2026-10-08 19:00", "2026-10-08 21:00", "Europe/Berlin",
                  "FREQ=MONTHLY;BYDAY=2TH", ("2026-12-17 18:30",), ("2026-12-10",))  # fmt: skip
    ours = {span.begin.astimezone(UTC) for span in spans(times, limit.date())}
    assert {when.astimezone(UTC) for when in (found - left_out) | more} == ours


@pytest.mark.row("S400")
@settings(deadline=None, max_examples=60)
@given(title=st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1),
       zone=st.sampled_from(["Europe/Berlin", "Pacific/Kiritimati", "Etc/GMT+12", "Asia/Kolkata"]),
       day=st.dates(datetime.date(2020, 1, 1), datetime.date(2035, 1, 1)))  # fmt: skip
def test_any_title_and_any_zone_come_through_a_calendar(title, zone, day):
    times = Times(f"{day} 09:15", f"{day} 10:45", zone)
    card = EventCard(id="a", title=title, url="/a/", times=times, calendar="a", kind="other",
                     uid="a", updated=day)  # fmt: skip

    written = calendar("/a.ics", "All", [card], "test.example", Source("(test)"))
    (event,) = events(render_calendar(written, "https://test.example").decode())

    (span,) = spans(times, day)
    assert str(event["SUMMARY"]) == title
    assert event["DTSTART"].dt.astimezone(UTC) == span.begin.astimezone(UTC)
    assert event["DTEND"].dt.astimezone(UTC) == span.end.astimezone(UTC)


@pytest.mark.row("S104")
def test_feeds_tell_what_is_coming_and_each_calendar_has_its_own(site):
    pages = site()

    for suffix in ("rss", "atom"):
        feed = feedparser.parse(pages[f"/events/feed.{suffix}"])
        assert not feed.bozo
        assert [entry.title for entry in feed.entries] == ["PyCon Lisbon 2027", "Berlin users"]
    (entry,) = feedparser.parse(pages["/events/python-events/feed.atom"]).entries
    assert entry.summary == "26–28 March 2027. Lisbon, Portugal"


def test_a_cancelled_event_is_told_everywhere(site):
    pages = site(text=PYCON.replace("website:", "cancelled: true\nwebsite:"))

    (event,) = events(pages["/events/calendar.ics"])
    assert event["STATUS"] == "CANCELLED"
    assert "This event does not take place" in pages["/events/python-events/pycon-lisbon-2027/"]
    assert titles(pages["/events/cfp/"]) == []
    (entry,) = feedparser.parse(pages["/events/feed.rss"]).entries
    assert entry.title == "Cancelled: PyCon Lisbon 2027"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/events/python-events/past/", "/events/past/"),
        ("/events/python-user-group/past/", "/events/past/"),
        ("/events/python-events/locations/", "/events/country/"),
        ("/events/python-events/categories/", "/events/calendars/"),
        ("/events/submit/thanks/", "/events/submit/"),
        ("/events/python-events/date/*", "/events/python-events/"),
    ],
)
def test_the_addresses_of_the_old_calendar_lead_on(site, old, new):
    assert f"{old} {new} 301" in site()["/_redirects"].splitlines()


@pytest.mark.parametrize("slug", ["no-such-event", "pycon-lisbon-2026", "berlin/what"])
def test_an_event_that_there_is_not_leads_nowhere(site, slug):
    every = rules.parse(site()["/_redirects"])

    address = f"/events/python-events/{slug}/"
    assert [rule for rule in every if rule.answer(address, {}) is not None] == []


# -- mistakes

FILE = "content/events/pycon-lisbon-2027.md"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("zone: Europe/Lisbon", "zone: Europe/Lissabon",
         f"{FILE}:6:1: there is no time zone 'Europe/Lissabon'\n"
         "  hint: write it as the IANA has it: Europe/Berlin, America/New_York"),
        ("start: 2027-03-26", "start: 26 March 2027",
         f"{FILE}:7:1: `start` must be a day, as 2026-05-14, or a day and time, as"
         " 2026-05-14 09:00, not '26 March 2027'"),
        ("end: 2027-03-28", "end: 2027-03-25", f"{FILE}:8:1: `end` must not be before `start`"),
        ("updated: 2026-11-20\n", "", f"{FILE}:1:1: `updated` is missing\n"
         "  hint: write the day on which you enter or change it"),
        ("closes: 2026-12-01", "opens: 2026-12-02, closes: 2026-12-01",
         f"{FILE}:9:26: `cfp.closes` must come after `cfp.opens`"),
        ("closes: 2026-12-01", "closes: 2027-03-29",
         f"{FILE}:9:7: the call for proposals closes after the event"),
        ("2027.md", "next.md", "content/events/pycon-lisbon-next.md:1:1: the name of the file"
         " lacks the year\n  hint: rename it to pycon-lisbon-2027.md"),
        ("2027.md", "2026.md", "content/events/pycon-lisbon-2026.md:7:1: the name of the file has"
         " another year than `start`\n  hint: name it pycon-lisbon-2027.md, or correct `start`"),
        (", lon: -9.1", "", f"{FILE}:5:1: `lat` and `lon` go together"),
    ],
)  # fmt: skip
def test_an_event_that_would_mislead_is_refused(built, old, new, expected):
    with pytest.raises(Problems) as problems:
        built(CALENDARS + PYCON.replace(old, new), nouns=NOUNS)

    assert str(problems.value) == expected


def test_it_is_said_where_an_event_is(built):
    text = re.sub(r"venue: .*\n", "", PYCON)

    with pytest.raises(Problems) as problems:
        built(CALENDARS + text, nouns=NOUNS)

    assert str(problems.value) == (
        f"{FILE}:1:1: it is not said where the event is\n"
        "  hint: give `venue` a `city` and a `country`, or write `online: true`"
    )


# -- what an edit costs


def test_another_day_of_one_event_plans_its_page_and_its_own_lists_alone(site, project):
    site(Row("events", "7", HANDED_IN))

    project.write(PYCON.replace("end: 2027-03-28", "end: 2027-03-29"))
    report = project.build()

    assert sorted(report.planned) == [
        "all:events",
        "group:events:country:portugal",
        "group:events:kind:conference",
        "one:calendars:python-events",
        "one:event_categories:data",
        "one:events:pycon-lisbon-2027",
        "one:home:/",
    ]


def test_a_text_of_one_event_plans_its_page_alone(site, project):
    site()

    project.write(PYCON.replace("Three days", "Four days"))
    report = project.build()

    assert list(report.planned) == ["one:events:pycon-lisbon-2027"]


# -- what it is called


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ("title: PyCon Lisbon", "PyCon Lisbon 2027"),
        ("title: PyCon Lisbon 2027", "PyCon Lisbon 2027"),
        ("title: PyCon 2026 of Lisbon", "PyCon 2026 of Lisbon"),
        ("title: Lisbon sprint\nkind: sprint", "Lisbon sprint"),
    ],
)
def test_a_conference_is_called_by_its_year_as_the_next_one_has_its_title(site, fields, name):
    pages = site(text=PYCON.replace("title: PyCon Lisbon", fields))

    page = pages["/events/python-events/pycon-lisbon-2027/"]
    assert f"<h1>{name}</h1>" in page
    assert f"<title>{name} | Test</title>" in page
    assert titles(pages["/events/"]) == [name]


def test_a_city_and_a_country_from_right_to_left_stand_each_for_itself(site):
    venue = "venue: {name: بيت, city: القاهرة, country: مصر}\nonline: true"
    pages = site(text=re.sub("venue: .*", venue, PYCON))

    line = "<bdi>القاهرة</bdi>, <bdi>مصر</bdi>"
    page = pages["/events/python-events/pycon-lisbon-2027/"]
    assert f"<br>{line} and online</p>" in page
    assert f"<dd><bdi>بيت</bdi>, {line}, and online</dd>" in page
    for path in ("/events/", "/events/cfp/", "/"):
        assert f", {line} and online" in pages[path], path


@pytest.mark.row("S447")
def test_a_box_is_offered_only_where_some_events_are_online_and_some_are_not(site):
    assert 'data-kind="events" data-flags=""' in site()["/events/"]
    assert (
        'data-kind="events" data-flags="online"' in site(Row("events", "1", HANDED_IN))["/events/"]
    )


def test_a_place_that_ends_with_its_city_says_that_once(site):
    venue = 'venue: {name: "Rathaus, Köln", city: Köln, country: Germany}'
    pages = site(text=re.sub("venue: .*", venue, PYCON))

    page = pages["/events/python-events/pycon-lisbon-2027/"]
    assert "<dd><bdi>Rathaus, Köln</bdi>, Germany</dd>" in page
    (event,) = [e for e in events(pages["/events/calendar.ics"]) if "Köln" in e["LOCATION"]]
    assert event["LOCATION"] == "Rathaus, Köln, Germany"

"""An event from the form to the site: lists, calendars, feeds; its dates; a word before it begins."""

from __future__ import annotations

import datetime
import json
import re
import shutil
import sqlite3
from html import unescape

import pytest
from icalendar import Calendar
from sqlalchemy import select, update

from sidecar.beginnings import remind_due
from sidecar.clock import now
from sidecar.kinds.event_dates import next_dates, rule_of, time_faults
from sidecar.tables.cases import Revision, Submission
from tests.conftest import BUILD_TOML, HOME, ROOT, Project
from tests.sidecar.test_api import asked, key_for
from tests.sidecar.test_cases import link_in, mails, only, published

FORM = "/submit/event"
NEXT = f"{now().year + 1}"
GOOD = {
    "title": "Meetup of Testville", "kind": "meetup", "calendar": "user-groups",
    "text": "We **talk** about Python.", "day": f"{NEXT}-05-14", "time": "19:00",
    "end_time": "21:30", "zone": "Europe/Berlin", "repeats": "once", "venue": "The Old Mill",
    "city": "Testville", "country": "Germany", "website": "https://meetup.example/",
    "sender": "ada@ada.example",
}  # fmt: skip
TERMS = """
-- content/calendars.yaml --
- {title: Python events, slug: python-events}
- {title: User groups, slug: user-groups}
-- content/event_categories.yaml --
- {title: Data, slug: data}
"""
AT = datetime.datetime(2027, 1, 5, 12, tzinfo=datetime.UTC)


@pytest.fixture
def site(service, tmp_path):
    """The project of the site beside the sidecar, with events; built once, so that it has terms."""
    project = Project(tmp_path)
    for folder in ("templates", "static"):
        shutil.copytree(ROOT / folder, project.root / folder)
    nouns = '"pages", "home", "around", "calendars", "event_categories", "events"'
    settings = BUILD_TOML.replace('"pages"', nouns)
    project.write(f"-- build.toml --{settings}{HOME}{TERMS}")
    project.build(now())
    return project


def handed_in(service, **typed):
    """Hand an event in and press the button of the mail; the browser of its author."""
    author = service.browser()
    given = {**GOOD, **typed}
    author.send(FORM, **given)
    link = link_in(mails(service, given["sender"])[-1])
    author.page = author.send(link, link.partition("?")[0]).headers["location"]
    return author


def look(service, **typed):
    """The page that it becomes."""
    token = re.search(r'name="form_token" value="([^"]+)"', service.get(FORM).text)[1]
    return service.post(f"{FORM}/preview", {**GOOD, **typed, "form_token": token})


def seen(text):
    """A page as it is read."""
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


@pytest.mark.row("S103")
def test_an_event_is_on_no_page_before_its_approval_and_then_in_lists_calendars_and_feeds(
    service, site
):
    author = handed_in(service)
    site.build(now())
    assert not [url for url, text in site.pages().items() if "Meetup of Testville" in text]
    assert "is in the queue" in author.get(author.page).text

    published(service, site, service.signed_in(role="events team"))

    number = only(service).public_id
    address = f"/events/user-groups/{number}/"
    pages = site.pages()
    assert "We <strong>talk</strong> about Python." in pages[address]
    assert "19:00–21:30" in pages[address]
    for listed in ("/events/", "/events/user-groups/", "/events/kind/meetup/",
                   "/events/country/germany/", "/events/feed.atom", "/events/user-groups/feed.rss",
                   "/events/calendar.ics", "/events/user-groups/calendar.ics"):  # fmt: skip
        assert "Meetup of Testville" in pages[listed], listed
    assert "Meetup of Testville" not in pages["/events/python-events/"]
    assert not [url for url, text in pages.items() if "ada@ada.example" in text]
    shown = author.get(author.page).text
    assert "is shown" in shown
    assert f'href="{address}"' in shown
    assert f"http://test.example{address}" in mails(service)[-1].text


@pytest.mark.row("S195")
def test_an_event_is_handed_in_by_a_program_and_its_public_data_is_a_file(service, site):
    key = key_for(service, service.account(email="ada@ada.example"), "submissions:change")
    fields = {name: said for name, said in GOOD.items() if name != "sender"}
    answer = asked(service, "POST", "/submissions", key, json={"kind": "event", "fields": fields})
    assert answer.status_code == 201
    link = link_in(mails(service)[-1])
    assert service.browser().send(link, link.partition("?")[0]).status_code == 303
    site.build(now())
    assert json.loads(site.pages()["/events/open.json"]) == {"events": []}

    published(service, site, service.signed_in(role="events team"))

    (event,) = json.loads(site.pages()["/events/open.json"])["events"]
    assert event["title"] == "Meetup of Testville"
    assert event["url"] == f"/events/user-groups/{answer.json()['reference']}/"
    assert "ada@ada.example" not in site.pages()["/events/open.json"]


def test_the_submitter_of_an_event_is_told_that_it_came_and_how_it_was_decided(service, site):
    author = handed_in(service)
    team = service.signed_in(role="events team")
    page = f"/admin/cases/{only(service).id}"

    team.send(page, f"{page}/decide", step="reject", reason="Say what is about Python.",
              at_once="on")  # fmt: skip

    assert [mail.template for mail in mails(service)] == [
        "case-confirm", "case-received", "case-rejected",
    ]  # fmt: skip
    assert "Say what is about Python." in mails(service)[-1].text
    assert "Say what is about Python." in author.get(author.page).text


def test_an_event_without_times_takes_whole_days(service, site):
    page = look(service, time="", end_time="", zone="", last_day=f"{NEXT}-05-16")

    assert page.status_code == 200
    assert f"14–16 May {NEXT}" in seen(page.text)


@pytest.mark.parametrize(
    ("typed", "field", "told"),
    [
        ({"title": ""}, "title", "Fill this in"),
        ({"text": ""}, "text", "Fill this in"),
        ({"day": ""}, "day", "Fill this in"),
        ({"day": "next spring"}, "day", "Must be written like"),
        ({"day": f"{NEXT}-02-30"}, "day", "There is no such day"),
        ({"day": "2020-05-14"}, "day", "It is over already"),
        ({"day": "9998-01-01"}, "day", "It must be from "),
        ({"day": "0027-05-14", "repeats": "weekly"}, "day", "It must be from "),
        ({"last_day": "9999-12-31", "time": "", "end_time": ""}, "last_day", "It must be from "),
        ({"last_day": "9999-12-31", "repeats": "weekly"}, "last_day", "It must be from "),
        ({"until": "9999-12-31", "repeats": "weekly"}, "until", "It must be from "),
        ({"time": "7 pm"}, "time", "Must be written like"),
        ({"time": "25:00"}, "time", "There is no such time of day"),
        ({"zone": ""}, "zone", "Choose the zone of the clock"),
        ({"zone": "Mars/Olympus"}, "zone", "Choose one of the list"),
        ({"zone": "../../etc/passwd"}, "zone", "Choose one of the list"),
        ({"time": ""}, "time", "Say when it begins"),
        ({"end_time": "18:00"}, "end_time", "It ends before it begins"),
        ({"last_day": f"{NEXT}-05-13"}, "last_day", "It ends before it begins"),
        ({"last_day": f"{NEXT}-05-15", "end_time": ""}, "end_time", "Say when it ends"),
        ({"calendar": "elsewhere"}, "calendar", "Choose one of the list"),
        ({"categories": ["cats"]}, "categories", "Choose one of the list"),
        ({"kind": "party"}, "kind", "Must be one of"),
        ({"city": "", "venue": ""}, "city", "Say where it is"),
        ({"repeats": "daily"}, "repeats", "Must be one of"),
        ({"until": f"{NEXT}-12-31"}, "repeats", "Say how it repeats"),
        ({"repeats": "weekly", "until": f"{NEXT}-12-31", "count": "3"}, "count", "Say either"),
        ({"repeats": "weekly", "until": f"{NEXT}-05-01"}, "until", "It ends before it begins"),
        ({"count": "many", "repeats": "weekly"}, "count", "Must be a whole number"),
        ({"count": "0", "repeats": "weekly"}, "count", "at least 1"),
        ({"left_out": f"{NEXT}-05-21"}, "left_out", "Say above how it repeats"),
        ({"repeats": "weekly", "left_out": f"{NEXT}-05-21\n{NEXT}-02-30"}, "left_out",
         f"Line 2: there is no day {NEXT}-02-30"),
        ({"repeats": "weekly", "left_out": f"{NEXT}-05-21, May 28\n{NEXT}-05-22"}, "left_out",
         f"Line 1: write a day as 2027-05-14, not &#39;May 28&#39;; line 2: the series has no date {NEXT}-05-22"),
        ({"repeats": "weekly", "left_out": "9999-12-31"}, "left_out", "no date 9999-12-31"),
        ({"repeats": "weekly", "count": "2", "left_out": f"{NEXT}-05-14,{NEXT}-05-21"}, "left_out",
         "Every date of the series is left out"),
        ({"repeats": "weekly", "left_out": "x," * 501}, "left_out", "At most 500 dates"),
        ({"repeats": "weekly", "left_out": "x\n" * 9}, "left_out", "; and 4 more"),
        ({"website": "javascript:alert(1)"}, "website", "Must be written like"),
        ({"cfp_closes": f"{NEXT}-06-01"}, "cfp_closes", "It is after the event"),
        ({"cfp_url": "https://cfp.example/"}, "cfp_closes", "Say until when"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_event_stands_beside_its_field(service, site, typed, field, told):
    answer = service.send(FORM, **{**GOOD, **typed})

    assert answer.status_code == 422
    error = re.search(rf'id="{field}-error">(.*?)</p>', answer.text, re.DOTALL)
    assert error, re.findall(r'id="(\w+-error)"', answer.text)
    assert told in error[1]
    assert "meetup.example" in answer.text or "website" in typed
    assert service.rows(select(Submission)) == []


RULES = [
    ({"repeats": "weekly"}, "FREQ=WEEKLY",
     ["12", "19", "26 January", "2 February", "9 February", "16 February"]),
    ({"repeats": "fortnight", "count": "3"}, "FREQ=WEEKLY;INTERVAL=2;COUNT=3",
     ["12", "26 January", "9 February"]),
    ({"repeats": "monthly", "until": "2027-03-31"}, "FREQ=MONTHLY;UNTIL=20270331",
     ["12 January", "12 February", "12 March"]),
    ({"repeats": "weekday"}, "FREQ=MONTHLY;BYDAY=2TU",
     ["12 January", "9 February", "9 March", "13 April", "11 May", "8 June"]),
    ({"repeats": "yearly", "count": "2"}, "FREQ=YEARLY;COUNT=2",
     ["12 January 2027", "12 January 2028"]),
    ({"repeats": "weekly", "count": "4", "left_out": "2027-01-12,\n2027-01-26"},
     "FREQ=WEEKLY;COUNT=4", ["19 January 2027", "2 February 2027"]),
    ({"repeats": "once"}, "", []),
]  # fmt: skip


@pytest.mark.parametrize(("said", "rule", "days"), RULES)
def test_the_simple_control_is_a_rule_and_shows_the_next_six_dates(said, rule, days):
    given = {"day": "2027-01-12", **said}

    dates = next_dates(given, AT)

    assert rule_of(given) == rule
    assert len(dates) == len(days)
    assert all(date.startswith(day) for date, day in zip(dates, days, strict=True)), dates


def test_a_series_in_the_last_week_of_a_month_stays_there():
    dates = next_dates({"day": "2027-01-31", "repeats": "weekday", "count": "3"}, AT)

    assert dates == ["31 January 2027", "28 February 2027", "28 March 2027"]


def test_a_series_on_the_29_of_february_has_six_dates_too():
    dates = next_dates({"day": "2028-02-29", "repeats": "yearly"}, AT)

    assert (len(dates), dates[-1]) == (6, "29 February 2048")


def test_an_hour_and_a_last_date_that_are_too_early_are_told_together():
    given = {"day": "2027-03-24", "time": "19:00", "end_time": "18:00", "zone": "Europe/Berlin",
             "repeats": "weekly", "until": "2026-01-01"}  # fmt: skip

    assert [fault.name for fault in time_faults(given, AT)] == ["end_time", "until"]


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"time": "19:00", "end_time": "18:00"}, ["zone", "end_time"]),
        ({"time": "19:00", "last_day": "2027-03-01"}, ["zone", "end_time", "last_day"]),
        ({"time": "25:00", "last_day": "2027-03-01"}, ["time", "zone", "end_time", "last_day"]),
        ({"day": "2026-03-24", "time": "19:00"}, ["zone", "day"]),
        ({"day": "2027-01-05", "time": "09:00", "end_time": "10:00"}, ["zone"]),
        ({"day": "2026-03-24", "last_day": "2027-02-30"}, ["last_day"]),
        ({"day": "2039-03-24", "repeats": "weekly", "until": "2038-01-01", "count": "3"},
         ["day", "count", "until"]),
        ({"day": "2027-02-30", "repeats": "weekly", "left_out": "2027-02-30"}, ["day", "left_out"]),
        ({"day": "2026-03-24", "repeats": "weekly", "count": "2", "left_out": "2026-04-07"},
         ["left_out", "day"]),
    ],
)  # fmt: skip
def test_what_is_wrong_with_times_hides_nothing_else_that_is(given, wrong):
    assert [fault.name for fault in time_faults({"day": "2027-03-24", **given}, AT)] == wrong


def test_a_date_that_is_left_out_is_in_the_record_and_on_no_page_and_in_no_calendar(service, site):
    series = {"repeats": "weekly", "count": "4"}
    without = f"{NEXT}-05-21, {NEXT}-05-28"
    assert f"21 May {NEXT}" in look(service, **series).text
    assert f"21 May {NEXT}" not in look(service, **series, left_out=without).text
    author = handed_in(service, **series, left_out=f"{NEXT}-05-21")
    team = service.signed_in(role="events team")
    published(service, site, team)
    author.send(f"{author.page}/change", **{**GOOD, **series, "left_out": without})
    case = f"/admin/cases/{only(service).id}"

    change = team.get(case).text
    published(service, site, team)

    assert re.search(
        rf"Dates it does not take place</th>.*?{NEXT}-05-21.*?<ins>.*?{NEXT}-05-28",
        change,
        re.DOTALL,
    )
    assert f"{NEXT}-05-28" in team.get(case).text
    assert f"{NEXT}-05-28" in unescape(author.get(f"{author.page}/change").text)
    address = f"/events/user-groups/{only(service).public_id}/"
    page, calendar = site.pages()[address], site.pages()[f"{address}event.ics"]
    assert [day for day in (14, 21, 28) if f"{day} May {NEXT}" in page] == [14]
    assert f"4 June {NEXT}" in page
    (told,) = Calendar.from_ical(calendar).walk("VEVENT")
    assert told["RRULE"]["COUNT"] == [4]
    assert [f"{one.dt:%m-%d %H:%M}" for those in told["EXDATE"] for one in those.dts] == [
        "05-21 19:00", "05-28 19:00",
    ]  # fmt: skip
    with sqlite3.connect(site.root / "data/snapshot.sqlite") as db:
        (data,) = db.execute("select data from rows").fetchone()
    assert json.loads(data)["without"] == [f"{NEXT}-05-21", f"{NEXT}-05-28"]


def test_a_version_from_before_a_field_says_the_same_as_one_that_leaves_it_empty(service, site):
    author = handed_in(service, repeats="weekly")
    (payload,) = service.rows(select(Revision.payload))
    older = {name: said for name, said in payload.items() if name != "left_out"} | {"count": 0}
    service.write(lambda tx: tx.execute(update(Revision).values(payload=older)))

    form = author.get(f"{author.page}/change").text
    answer = author.send(f"{author.page}/change", **{**GOOD, "repeats": "weekly"})

    assert re.search(r'name="count" value=""', form)
    assert "nothing is changed" in answer.text


def test_a_series_keeps_its_hour_when_the_clocks_change():
    given = {"day": "2027-03-22", "time": "19:00", "end_time": "21:00", "zone": "Europe/Berlin",
             "repeats": "weekly", "count": "2"}  # fmt: skip

    assert next_dates(given, AT) == ["22 March 2027, 19:00–21:00", "29 March 2027, 19:00–21:00"]
    assert [*time_faults(given, AT)] == []


def test_the_page_beforehand_and_the_form_show_the_next_dates(service, site):
    series = {"repeats": "weekday", "day": f"{NEXT}-05-13"}

    page = look(service, **series)
    again = service.send(FORM, **{**GOOD, **series, "title": ""})
    asked = service.get(f"{FORM}/dates", params={**GOOD, **series})

    dates = asked.json()["dates"]
    assert len(dates) == 6
    for date in dates:
        assert date.partition(",")[0] in page.text
        assert date in again.text


def test_asking_for_dates_never_fails(service):
    odd = ["", "x", "9" * 300, "2027-13-01", "ü", "-1", "weekly", "25:99", "Etc/UTC", "10"]

    for one in odd:
        for other in odd:
            given = {"day": one, "time": other, "repeats": "weekly", "zone": other, "until": one,
                     "count": other, "last_day": other, "end_time": one}  # fmt: skip
            assert next_dates(given, AT) == []
    assert service.get(f"{FORM}/dates?day=x&repeats=weekly&time=ab:cd").json() == {"dates": []}


def test_an_event_that_does_not_take_place_says_so_after_a_change(service, site):
    author = handed_in(service)
    team = service.signed_in(role="events team")
    published(service, site, team)
    author.send(f"{author.page}/change", **{**GOOD, "cancelled": "on"})

    published(service, site, team)

    assert "does not take place" in site.pages()[f"/events/user-groups/{only(service).public_id}/"]


@pytest.mark.row("S236")
def test_a_day_before_it_begins_its_submitter_gets_one_mail(service, site):
    soon = now() + datetime.timedelta(days=1)
    author = handed_in(service, day=f"{soon:%Y-%m-%d}")
    published(service, site, service.signed_in(role="events team"))
    tomorrow = now() + datetime.timedelta(hours=30)
    service.write(lambda tx: tx.execute(update(Submission).values(begins=tomorrow)))
    before = len(mails(service))

    counts = [service.write(lambda tx: remind_due(tx, service.settings)) for _ in range(2)]

    mail = mails(service)[-1]
    address = f"/events/user-groups/{only(service).public_id}/"
    assert counts == [1, 0]
    assert len(mails(service)) == before + 1
    assert (mail.template, f"begins on {soon.day} {soon:%B %Y}" in mail.text) == (
        "case-begins", True,
    )  # fmt: skip
    assert f"http://test.example{address}" in mail.text
    assert author.get(link_in(mail)).status_code == 200


@pytest.mark.parametrize("state", ["far", "over", "unpublished"])
def test_no_mail_is_sent_of_an_event_that_is_far_or_over_or_not_shown(service, site, state):
    handed_in(service)
    if state != "unpublished":
        published(service, site, service.signed_in(role="events team"))
    days = {"far": 2, "over": -1, "unpublished": 1}[state]
    begins = now() + datetime.timedelta(days=days)
    service.write(lambda tx: tx.execute(update(Submission).values(begins=begins)))

    assert service.write(lambda tx: remind_due(tx, service.settings)) == 0


@pytest.mark.row("S424")
def test_a_form_is_taken_in_either_encoding(service, site):
    token = re.search(r'name="form_token" value="([^"]+)"', service.get(FORM).text)[1]
    given = {**GOOD, "form_token": token}

    plain = service.post(FORM, given)
    parts = service.post(FORM, {**given, "title": "Other"}, files={"calendar_file": ("", b"")})

    assert (plain.status_code, parts.status_code) == (303, 303)
    titles = service.rows(select(Submission.title).order_by(Submission.id))
    assert titles == [GOOD["title"], "Other"]


def test_at_most_nine_fields_are_required(service, site):
    html = service.get(FORM).text

    labels = re.findall(r"<label for=\"([\w-]+)\">(?:(?!</label>).)*</label>", html)
    optional = re.findall(r'<label for="([\w-]+)">(?:(?!</label>).)*<small>\(optional', html)
    asked = set(re.findall(r'<(?:input|select|textarea) [^>]*id="([\w-]+)"[^>]* required', html))

    assert asked <= set(labels)
    assert not asked & set(optional)
    assert len(asked) <= 9, asked


@pytest.mark.row("S461")
def test_whoever_hands_in_gets_a_reference_and_reads_what_happens_next(service, site):
    author = service.browser()

    sent = author.get(author.send(FORM, **GOOD).headers["location"])

    reference = only(service).public_id
    assert f"Its reference is <strong>{reference}</strong>" in sent.text
    assert "What happens next" in sent.text
    link = link_in(mails(service)[-1])
    page = author.get(author.send(link, link.partition("?")[0]).headers["location"])
    assert reference in page.text
    assert "is in the queue" in page.text
    assert reference in mails(service)[-1].text


def test_the_page_after_sending_repeats_no_words_of_its_address(service):
    answer = service.get("/submit/sent?reference=12345678<b>Call+us")

    assert answer.status_code == 200
    assert "Call" not in answer.text

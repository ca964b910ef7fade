"""An event taken from a calendar that somebody has elsewhere: its file, or its address."""

from __future__ import annotations

import asyncio
import datetime
import re
import threading
from contextlib import contextmanager
from html import unescape
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from sqlalchemy import select

from pydotorg_build.visits import Limits
from sidecar import calendars
from sidecar.calendars import NoCalendar, read_calendar
from sidecar.tables.cases import Submission
from tests.sidecar.test_events import FORM, GOOD, NEXT, site

assert site  # a fixture
URL = f"{FORM}/calendar"
AT = datetime.datetime(2027, 1, 5, 12, tzinfo=datetime.UTC)
ONE = f"""BEGIN:VEVENT
UID:1
SUMMARY:Meetup\\, the first
DESCRIPTION:Talks and\\ncake <b>for all</b>.
LOCATION:The Old Mill\\, Testville
URL:https://meetup.example/
DTSTART;TZID=Europe/Berlin:{NEXT}0511T190000
DTEND;TZID=Europe/Berlin:{NEXT}0511T213000
RRULE:FREQ=MONTHLY;BYDAY=2TU;COUNT=6
EXDATE;TZID=Europe/Berlin:{NEXT}0608T190000,{NEXT}0713T190000
END:VEVENT
"""


def calendar(*events: str) -> bytes:
    lines = "\n".join(("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//EN", *events))
    return f"{lines}\nEND:VCALENDAR\n".replace("\n", "\r\n").encode()


def event(*lines: str) -> str:
    return "\n".join(("BEGIN:VEVENT", "SUMMARY:Meetup", *lines, "END:VEVENT"))


def token_of(browser):
    """What shows that a form came from our page."""
    return re.search(r'name="form_token" value="([^"]+)"', browser.get(FORM).text)[1]


def send(browser, content=None, **typed):
    """Choose a file, and press “Fill it in”."""
    token = token_of(browser)
    files = {"calendar_file": ("event.ics", content, "text/calendar")} if content else {
        "calendar_file": ("", b"")
    }  # fmt: skip
    return browser.post(URL, {"form_token": token, **typed}, files=files)


def fields(answer):
    """What stands in the form that is shown."""
    html = answer.text
    found = dict(re.findall(r'<input type="[a-z]+" id="(\w+)" name="\w+" value="([^"]*)"', html))
    found |= dict(re.findall(r'<textarea id="(\w+)"[^>]*>(.*?)</textarea>', html, re.DOTALL))
    for name, options in re.findall(r'<select id="(\w+)".*?>(.*?)</select>', html, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else ""
    return {name: unescape(text) for name, text in found.items()}


def error(answer, field):
    return unescape(re.search(rf'id="{field}-error">(.*?)</p>', answer.text, re.DOTALL)[1])


def test_a_file_fills_the_form_and_hands_nothing_in(service, site):
    answer = send(service, calendar(ONE), sender="ada@ada.example", city="Testville")

    found = fields(answer)
    assert answer.status_code == 200
    assert "Look through it" in answer.text
    assert found == found | {
        "title": "Meetup, the first", "text": "Talks and\ncake for all.",
        "venue": "The Old Mill, Testville", "website": "https://meetup.example/",
        "day": f"{NEXT}-05-11", "time": "19:00", "end_time": "21:30", "zone": "Europe/Berlin",
        "repeats": "weekday", "count": "6", "left_out": f"{NEXT}-06-08\n{NEXT}-07-13",
        "sender": "ada@ada.example", "city": "Testville",
    }  # fmt: skip
    assert service.rows(select(Submission)) == []


def test_what_a_calendar_filled_in_can_be_handed_in(service, site):
    filled = fields(send(service, calendar(ONE)))
    typed = {**filled, "calendar": "user-groups", "sender": "ada@ada.example", "kind": "meetup"}

    answer = service.send(FORM, **typed)

    assert answer.status_code == 303
    assert service.rows(select(Submission.title)) == ["Meetup, the first"]


def test_of_several_events_one_is_chosen_and_what_was_typed_goes_along(service, site):
    more = [event(f"DTSTART;VALUE=DATE:{NEXT}06{day:02}") for day in range(1, 21)]
    answer = send(service, calendar(ONE, *more), sender="ada@ada.example")
    assert answer.text.count("<button") >= 12
    assert "It has 9 more" in answer.text

    form = next(f for f in re.findall(r"<form.*?</form>", answer.text, re.DOTALL)
                if f"Meetup, {NEXT}-06-03" in f)  # fmt: skip
    given = {name: unescape(value)
             for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', form)}  # fmt: skip
    chosen = fields(service.post(f"{FORM}/fill", given))

    assert chosen["day"] == f"{NEXT}-06-03"
    assert chosen["sender"] == "ada@ada.example"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"hello", "There is no event in it"),
        (b"\xff\xfe\x00\x01", "There is no event in it"),
        (b"<!doctype html><p>Sign in to your calendar", "There is no event in it"),
        (calendar(), "There is no event in it"),
        (calendar(event("DTSTART;VALUE=DATE:20200101")), "All events in it are over"),
        (calendar(event("DTSTART:next spring")), "No event in it can be read"),
        (calendar(event("DTSTART:99999999T999999")), "No event in it can be read"),
        (calendar(event()), "No event in it can be read"),
        (calendar("BEGIN:VEVENT\nDTSTART;VALUE=DATE:20300101\nEND:VEVENT"), "No event in it"),
        (calendar(*[event("DTSTART;VALUE=DATE:20300101")] * 501), "It has 501 events"),
        (calendar(event("X-A:" + "a" * 1_000_000)), "more than 1 MB"),
    ],
    ids=["text", "bytes", "page", "empty", "over", "no-day", "no-such-day", "without-day",
         "without-title", "many", "huge"],
)  # fmt: skip
def test_what_is_no_calendar_of_use_is_told_beside_its_field(service, site, content, told):
    answer = send(service, content, title="Typed before")

    assert answer.status_code == 422
    assert told in error(answer, "calendar_file")
    assert fields(answer)["title"] == "Typed before"
    assert re.search(r"<details[^>]* open", answer.text)


def test_neither_file_nor_address_is_told(service, site):
    assert "Give the address" in error(send(service), "calendar_address")


def test_a_broken_event_spoils_no_other():
    found = read_calendar(calendar(event("DTSTART:foo"), ONE, event("RRULE:FREQ=FOO")), AT)

    assert [one.title for one in found] == ["Meetup, the first"]


@pytest.mark.parametrize(
    ("lines", "fields"),
    [
        (["DTSTART;VALUE=DATE:20270514", "DTEND;VALUE=DATE:20270515"], {"day": "2027-05-14"}),
        (["DTSTART;VALUE=DATE:20270514", "DTEND;VALUE=DATE:20270517"],
         {"day": "2027-05-14", "last_day": "2027-05-16"}),
        (["DTSTART;VALUE=DATE:20270514", "DURATION:P3D"],
         {"day": "2027-05-14", "last_day": "2027-05-16"}),
        (["DTSTART:20270514T170000Z", "DTEND:20270514T190000Z"],
         {"day": "2027-05-14", "time": "17:00", "end_time": "19:00", "zone": "Etc/UTC"}),
        (["DTSTART;TZID=America/New_York:20270514T220000", "DTEND:20270515T050000Z"],
         {"day": "2027-05-14", "time": "22:00", "end_time": "01:00", "last_day": "2027-05-15",
          "zone": "America/New_York"}),
        (["DTSTART;VALUE=DATE:20270514", "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=FR;UNTIL=20271231"],
         {"day": "2027-05-14", "repeats": "fortnight", "until": "2027-12-31"}),
        (["DTSTART;VALUE=DATE:20270514", "RRULE:FREQ=WEEKLY", "EXDATE;VALUE=DATE:20270528",
          "EXDATE;VALUE=DATE:20270521,20270522"],
         {"day": "2027-05-14", "repeats": "weekly", "left_out": "2027-05-21\n2027-05-28"}),
        (["DTSTART;TZID=America/New_York:20270514T220000", "RRULE:FREQ=WEEKLY;COUNT=9",
          "EXDATE:20270522T020000Z", "EXDATE;TZID=America/New_York:20270528T220000",
          "EXDATE;TZID=Asia/Tokyo:20270605T110000", "EXDATE;VALUE=DATE:20270611,20270618"],
         {"day": "2027-05-14", "time": "22:00", "zone": "America/New_York", "repeats": "weekly",
          "count": "9", "left_out": "2027-05-21\n2027-05-28\n2027-06-04\n2027-06-11\n2027-06-18"}),
        (["DTSTART:20270514T170000Z", "RRULE:FREQ=WEEKLY", "EXDATE:20270521T170000"],
         {"day": "2027-05-14", "time": "17:00", "zone": "Etc/UTC", "repeats": "weekly",
          "left_out": "2027-05-21"}),
        (["DTSTART;VALUE=DATE:20270514", "RRULE:FREQ=WEEKLY", "EXDATE;VALUE=DATE:20270522,99991231"],
         {"day": "2027-05-14", "repeats": "weekly"}),
        (["DTSTART;VALUE=DATE:20270514", "RRULE:FREQ=YEARLY"],
         {"day": "2027-05-14", "repeats": "yearly"}),
    ],
)  # fmt: skip
def test_times_become_those_of_the_form(lines, fields):
    (found,) = read_calendar(calendar(event(*lines)), AT)

    assert found.fields == {"title": "Meetup", **fields}
    assert found.notes == ()


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["DTSTART:20270514T170000"], "choose the time zone"),
        (["DTSTART;TZID=Office:20270514T170000"], "calls “Office” is no time zone that we know"),
        (["DTSTART;VALUE=DATE:20270514", "RRULE:FREQ=WEEKLY;BYDAY=FR,SA"], "cannot say"),
        (["DTSTART;VALUE=DATE:20270514", "RRULE:FREQ=DAILY"], "cannot say"),
        (["DTSTART;VALUE=DATE:20270514", "RRULE:FREQ=WEEKLY;COUNT=0"], "cannot say"),
        (["DTSTART;VALUE=DATE:20270514", "RRULE:FREQ=WEEKLY",
          "EXDATE;VALUE=DATE:soon"], "leaves out cannot be read"),
        (["DTSTART;VALUE=DATE:20270514", "RDATE;VALUE=DATE:20270521"], "has further dates"),
        (["DTSTART;VALUE=DATE:20270514", "STATUS:CANCELLED"], "does not take place"),
    ],
)  # fmt: skip
def test_what_the_form_cannot_say_is_told(lines, told):
    (found,) = read_calendar(calendar(event(*lines)), AT)

    assert any(told in note for note in found.notes), found.notes


@contextmanager
def serving(content, status=200, location="", first=lambda: None):
    """A web server on this machine that always answers so, once something else is done."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            first()
            self.send_response(status)
            if location:
                self.send_header("Location", location)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/calendar.ics"
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_address_fills_the_form_too(service, site, monkeypatch):
    monkeypatch.setattr(calendars, "LIMITS", Limits(allow_private=True))
    with serving(calendar(ONE)) as address:
        answer = send(service, calendar_address=address.replace("http:", "HTTP:"))

    assert fields(answer)["title"] == "Meetup, the first"


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("http://127.0.0.1/calendar.ics", "not on the public internet"),
        ("http://localhost/", "not on the public internet"),
        ("webcal://[::1]/x.ics", "not on the public internet"),
        ("http://169.254.169.254/latest/meta-data", "not on the public internet"),
        ("http://10.0.0.1:22/", "a port that is not asked"),
        ("file:///etc/passwd", "an address that is not asked"),
        ("ftp://calendar.example/x.ics", "an address that is not asked"),
        ("https://ada:secret@calendar.example/", "an address that is not asked"),
        ("no address", "an address that is not asked"),
    ],
)
def test_no_inner_address_is_asked(service, site, address, told):
    answer = send(service, calendar_address=address)

    assert answer.status_code == 422
    assert told in error(answer, "calendar_address")
    assert fields(answer)["calendar_address"] == address


def test_a_redirect_to_an_inner_address_is_not_followed(monkeypatch):
    """The first address is let through as a public one is; where it leads is checked again."""
    asked = []

    def is_public(address: str) -> bool:
        asked.append(address)
        return len(asked) == 1

    monkeypatch.setattr("pydotorg_build.visits.is_public", is_public)
    monkeypatch.setattr(calendars, "LIMITS", Limits())
    with (
        serving(calendar(ONE)) as inner,
        serving(b"", 302, inner) as outer,
        pytest.raises(NoCalendar, match="not on the public internet"),
    ):
        calendars.fetch(outer)
    assert len(asked) == 2


def test_while_a_calendar_is_waited_for_others_are_answered(service, site, monkeypatch):
    """The thread that answers everybody waits for no server elsewhere (P46)."""
    monkeypatch.setattr(calendars, "LIMITS", Limits(allow_private=True))
    asked, answered, were_answered = threading.Event(), threading.Event(), []

    def hold_back():
        asked.set()
        were_answered.append(answered.wait(5))

    token = token_of(service)
    with serving(calendar(ONE), first=hold_back) as address:

        async def both():
            typed = {"form_token": token, "calendar_address": address}
            sending = asyncio.create_task(service.client.post(URL, data=typed))
            await asyncio.to_thread(asked.wait)
            other = await service.client.get("/health/live")
            answered.set()
            return other, await sending

        other, filled_in = service.run(both())

    assert other.status_code == 200
    assert were_answered == [True]
    assert fields(filled_in)["title"] == "Meetup, the first"


def test_an_address_is_asked_so_often_an_hour_at_most(service, site, monkeypatch):
    monkeypatch.setattr("sidecar.routes.submit_event.MOST_AN_HOUR", 1)
    send(service, calendar(ONE))

    answer = send(service, calendar(ONE), title="Typed")

    assert "This was tried too often" in error(answer, "calendar_file")
    assert fields(answer)["title"] == "Typed"


def test_a_calendar_is_only_taken_from_a_form_of_ours(service, site):
    answer = service.post(URL, GOOD)

    assert answer.status_code == 403

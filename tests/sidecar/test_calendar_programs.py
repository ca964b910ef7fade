"""Events as the calendars of people write them: each program has its own ways."""

from __future__ import annotations

import datetime

import pytest

from sidecar.calendars import read_calendar

AT = datetime.datetime(2026, 11, 28, tzinfo=datetime.UTC)
VIENNA = """BEGIN:VTIMEZONE
TZID:Europe/Vienna
BEGIN:DAYLIGHT
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
TZNAME:CEST
DTSTART:19700329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
BEGIN:STANDARD
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
TZNAME:CET
DTSTART:19701025T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE"""
GOOGLE = rf"""BEGIN:VCALENDAR
PRODID:-//Google Inc//Google Calendar 70.9054//EN
VERSION:2.0
METHOD:PUBLISH
X-WR-CALNAME:Pythons
X-WR-TIMEZONE:Europe/Vienna
{VIENNA}
BEGIN:VEVENT
DTSTART;TZID=Europe/Vienna:20270113T190000
DTEND;TZID=Europe/Vienna:20270113T213000
RRULE:FREQ=WEEKLY;UNTIL=20270630T215959Z;BYDAY=WE
EXDATE;TZID=Europe/Vienna:20270317T190000
ORGANIZER;CN=Ada Lovelace:mailto:ada@private.example
ATTENDEE;CUTYPE=INDIVIDUAL;PARTSTAT=ACCEPTED;CN=Bo;X-N
 UM-GUESTS=0:mailto:bo@private.example
UID:abc@google.example
DESCRIPTION:<b>Talks</b> and <i>cake</i>&nbsp\;for all.<br><br>Sign up: <a hr
 ef="https://meetup.example/signup?x=1&amp\;y=2">here</a><ul><li>one</li><li>t
 wo</li></ul>\n\n-::~:~::~:~:~::~:~::-\nJoin: https://call.example/abc\nOr dial
  +49 1 PIN: 1234#\n\nPlease do not edit this section.\n-::~:~::~:~:~::~:~::-
LOCATION:The Old Mill\, Vienna
SUMMARY:Python Users
BEGIN:VALARM
ACTION:DISPLAY
DESCRIPTION:This is an event reminder
TRIGGER:-P0DT0H30M0S
END:VALARM
END:VEVENT
END:VCALENDAR"""
GOOGLE_ONCE = """BEGIN:VCALENDAR
X-WR-TIMEZONE:Europe/Vienna
BEGIN:VEVENT
DTSTART:20270113T233000Z
DTEND:20270114T003000Z
SUMMARY:Late
END:VEVENT
END:VCALENDAR"""
OUTLOOK = r"""BEGIN:VCALENDAR
PRODID:-//Microsoft Corporation//Outlook 16.0 MIMEDIR//EN
VERSION:2.0
X-MS-OLK-FORCEINSPECTOROPEN:TRUE
BEGIN:VTIMEZONE
TZID:W. Europe Standard Time
BEGIN:STANDARD
DTSTART:16011028T030000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
DESCRIPTION:Talks.\n\nJoin: <https://call.example/abc>\n
DTEND;TZID="W. Europe Standard Time":20270112T210000
DTSTART;TZID="W. Europe Standard Time":20270112T190000
LOCATION:Room 1\; House B
RRULE:FREQ=MONTHLY;COUNT=10;BYDAY=TU;BYSETPOS=2
SUMMARY;LANGUAGE=de:Python Treffen
X-ALT-DESC;FMTTYPE=text/html:<html xmlns:v="urn:x"><
	body lang=DE><p class=MsoNormal>Talks.<o:p></o:p></p></body></html>
X-MICROSOFT-CDO-BUSYSTATUS:BUSY
END:VEVENT
END:VCALENDAR"""
OUTLOOK_DAYS = """BEGIN:VCALENDAR
BEGIN:VEVENT
DTSTART;TZID="W. Europe Standard Time":20270514T000000
DTEND;TZID="W. Europe Standard Time":20270517T000000
SUMMARY:PyCon
RRULE:FREQ=YEARLY;BYMONTHDAY=14;BYMONTH=5
X-MICROSOFT-CDO-ALLDAYEVENT:TRUE
END:VEVENT
END:VCALENDAR"""
APPLE = r"""BEGIN:VCALENDAR
CALSCALE:GREGORIAN
PRODID:-//Apple Inc.//macOS 14.5//EN
VERSION:2.0
BEGIN:VEVENT
DTEND;VALUE=DATE:20270517
DTSTART;VALUE=DATE:20270514
LOCATION:Convention Center\nHauptstraße 1\, 10115 Berlin
SUMMARY:PyCon Testland 🐍
URL;VALUE=URI:https://pycon.example/2027
X-APPLE-STRUCTURED-LOCATION;VALUE=URI;X-ADDRESS="Hauptstraße 1\n10115 Berlin";X-TITLE="Center":geo:52.5,13.3
END:VEVENT
END:VCALENDAR"""
NEXTCLOUD = rf"""BEGIN:VCALENDAR
CALSCALE:GREGORIAN
VERSION:2.0
PRODID:-//IDN nextcloud.com//Calendar app 4.7.1//EN
BEGIN:VEVENT
DTSTART;TZID=Europe/Vienna:20270108T183000
DTEND;TZID=Europe/Vienna:20270108T203000
SUMMARY:PyVienna
DESCRIPTION:Treffen\nmit Vortrag
RRULE:FREQ=MONTHLY;BYDAY=2FR;UNTIL=20271231T225959Z
END:VEVENT
{VIENNA}
END:VCALENDAR"""
PROGRAMS = {
    "google": (GOOGLE, {
        "title": "Python Users", "venue": "The Old Mill, Vienna", "day": "2027-01-13",
        "text": "Talks and cake for all.\n\nSign up: here (https://meetup.example/signup?x=1&y=2)"
                "\n\n- one\n- two",
        "time": "19:00", "end_time": "21:30", "zone": "Europe/Vienna", "repeats": "weekly",
        "until": "2027-06-30", "left_out": "2027-03-17",
    }),
    "outlook": (OUTLOOK, {
        "title": "Python Treffen", "text": "Talks.\n\nJoin: <https://call.example/abc>",
        "venue": "Room 1; House B", "day": "2027-01-12", "time": "19:00", "end_time": "21:00",
        "zone": "Europe/Berlin", "repeats": "weekday", "count": "10",
    }),
    "outlook-days": (OUTLOOK_DAYS, {
        "title": "PyCon", "day": "2027-05-14", "last_day": "2027-05-16", "repeats": "yearly",
    }),
    "apple": (APPLE, {
        "title": "PyCon Testland 🐍", "venue": "Convention Center, Hauptstraße 1, 10115 Berlin",
        "website": "https://pycon.example/2027", "day": "2027-05-14", "last_day": "2027-05-16",
    }),
    "nextcloud": (NEXTCLOUD, {
        "title": "PyVienna", "text": "Treffen\nmit Vortrag", "day": "2027-01-08", "time": "18:30",
        "end_time": "20:30", "zone": "Europe/Vienna", "repeats": "weekday", "until": "2027-12-31",
    }),
}  # fmt: skip


def read(text):
    (found,) = read_calendar(text.replace("\n", "\r\n").encode(), AT)
    return found


@pytest.mark.parametrize(("text", "fields"), PROGRAMS.values(), ids=PROGRAMS)
def test_what_a_program_writes_fills_the_form_and_of_its_people_nothing_is_taken(text, fields):
    found = read(text)

    assert found.fields == fields
    assert found.notes == ()


def test_what_a_program_keeps_in_utc_is_by_the_clock_that_its_calendar_names():
    found = read(GOOGLE_ONCE)

    assert found.fields == {
        "title": "Late", "day": "2027-01-14", "time": "00:30", "end_time": "01:30",
        "zone": "Europe/Vienna",
    }  # fmt: skip
    assert found.notes == (
        "Its hours are by the clock of Europe/Vienna, which the calendar names.",
    )


@pytest.mark.parametrize(
    ("zone", "first", "until", "day"),
    [
        ("Asia/Tokyo", "20270113T070000", "20270202T220000Z", "2027-02-03"),
        ("America/Los_Angeles", "20270112T190000", "20270203T030000Z", "2027-02-02"),
    ],
)
def test_the_end_of_a_series_that_stands_in_utc_is_a_day_of_its_own_clock(zone, first, until, day):
    found = read(
        f"BEGIN:VEVENT\nSUMMARY:A\nDTSTART;TZID={zone}:{first}\n"
        f"RRULE:FREQ=WEEKLY;UNTIL={until}\nEND:VEVENT\n"
    )

    assert (found.fields["repeats"], found.fields["until"]) == ("weekly", day)


def test_letters_of_an_old_program_and_those_folded_in_two_are_read():
    lines = "BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20270514\r\nSUMMARY:{}\r\nEND:VEVENT\r\n"
    old = lines.format("Größe").encode("cp1252")
    folded = lines.format("Größe").encode().replace(b"\xb6", b"\r\n \xb6")

    found = [read_calendar(data, AT)[0].title for data in (old, folded)]

    assert found == ["Größe", "Größe"]

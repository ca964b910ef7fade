"""Calendars as iCalendar files (RFC 5545)."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator

from pydotorg_build.artifacts import Calendar, Event

LINE = 75
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def render_calendar(calendar: Calendar, base: str) -> bytes:
    """Write a calendar; addresses from the root are made absolute with `base`."""
    host = base.partition("://")[2]
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:-//{host}//pydotorg//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"NAME:{_text(calendar.title)}",
        f"X-WR-CALNAME:{_text(calendar.title)}",
        *(line for event in calendar.events for line in _event(event, base)),
        "END:VCALENDAR",
    ]
    return b"".join(_fold(line) for line in lines)


def _event(event: Event, base: str) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{_text(event.uid)}"
    yield f"DTSTAMP:{_moment(event.stamp)}"
    yield f"DTSTART{_when(event.start)}"
    if event.end is not None:
        yield f"DTEND{_when(event.end)}"
    if event.rrule:
        yield f"RRULE:{CONTROL.sub('', event.rrule)}"
    yield f"SUMMARY:{_text(event.title)}"
    if event.description:
        yield f"DESCRIPTION:{_text(event.description)}"
    if event.location:
        yield f"LOCATION:{_text(event.location)}"
    if event.url:
        yield f"URL:{base + event.url if event.url.startswith('/') else event.url}"
    yield "END:VEVENT"


def _when(value: datetime.date | datetime.datetime) -> str:
    """A day, or a moment in UTC: every reader knows that zone."""
    if isinstance(value, datetime.datetime):
        return f":{_moment(value)}"
    return f";VALUE=DATE:{value:%Y%m%d}"


def _moment(value: datetime.datetime) -> str:
    return f"{value.astimezone(datetime.UTC):%Y%m%dT%H%M%SZ}"


def _text(value: str) -> str:
    r"""Escape a text.

    >>> _text("one; two, three")
    'one\\; two\\, three'
    """
    value = CONTROL.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))
    for sign in ("\\", ";", ","):
        value = value.replace(sign, f"\\{sign}")
    return value.replace("\n", "\\n")


def _fold(line: str) -> bytes:
    """Break a line after 75 octets, never inside a character."""
    rest, parts, limit = line.encode(), [], LINE
    while len(rest) > limit:
        cut = limit
        while rest[cut] & 0xC0 == 0x80:
            cut -= 1
        parts.append(rest[:cut])
        rest, limit = rest[cut:], LINE - 1
    return b"\r\n ".join([*parts, rest]) + b"\r\n"

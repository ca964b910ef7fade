"""Calendars as iCalendar files (RFC 5545).

Days stay days.  A moment with a named zone keeps it, so that what recurs stays at its hour of the
day; any other moment is written in UTC.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote
from zoneinfo import ZoneInfo

from pydotorg_build.artifacts import Calendar, Event

LINE = 75
NEVER = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
SAFE = "/:?#[]@!$&'()*+,;=%~"
HOUR = datetime.timedelta(hours=1)
# Where nothing ends it, a zone is told until this much after the last start.
AHEAD = 10
Moment = datetime.datetime
Change = tuple[Moment, datetime.timedelta, datetime.timedelta, str]


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
        *_zones(calendar.events),
        *(line for event in calendar.events for line in _event(event, base)),
        "END:VCALENDAR",
    ]
    return b"".join(_fold(line) for line in lines)


def _event(event: Event, base: str) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{_text(event.uid)}"
    yield f"DTSTAMP:{_utc(event.stamp)}"
    yield f"DTSTART{_when(event.start)}"
    if event.end is not None:
        yield f"DTEND{_when(event.end)}"
    if event.rrule:
        yield f"RRULE:{_one_line(event.rrule)}"
    yield f"SUMMARY:{_text(event.title)}"
    if event.description:
        yield f"DESCRIPTION:{_text(event.description)}"
    if event.location:
        yield f"LOCATION:{_text(event.location)}"
    if event.url:
        url = base + event.url if event.url.startswith("/") else event.url
        yield f"URL:{quote(_one_line(url), safe=SAFE)}"
    yield "END:VEVENT"


def _when(value: datetime.date) -> str:
    """A day, a moment in a named zone, or a moment in UTC."""
    if not isinstance(value, datetime.datetime):
        return f";VALUE=DATE:{_digits(value)}"
    if zone := _zone(value):
        return f";TZID={zone.key}:{_local(value)}"
    return f":{_utc(value)}"


def _zone(value: datetime.date | None) -> ZoneInfo | None:
    """The zone of a moment, if it has a name and is not UTC."""
    zone = value.tzinfo if isinstance(value, datetime.datetime) else None
    return zone if isinstance(zone, ZoneInfo) and zone.key not in (None, "UTC", "Etc/UTC") else None


def _digits(day: datetime.date) -> str:
    return f"{day.year:04}{day.month:02}{day.day:02}"


def _local(moment: Moment) -> str:
    return f"{_digits(moment)}T{moment:%H%M%S}"


def _utc(moment: Moment) -> str:
    return f"{_local(moment.astimezone(datetime.UTC))}Z"


def _zones(events: Iterable[Event]) -> Iterator[str]:
    """What a reader must know of every zone in the calendar, each once, by name."""
    moments: dict[str, list[Moment]] = {}
    for event in events:
        for value in (event.start, event.end):
            if isinstance(value, datetime.datetime) and (zone := _zone(value)):
                moments.setdefault(zone.key, []).append(value)
    for name in sorted(moments):
        years = [moment.year for moment in moments[name]]
        yield from _timezone(ZoneInfo(name), min(years) - 1, max(years) + AHEAD)


def _timezone(zone: ZoneInfo, first: int, last: int) -> Iterator[str]:
    """A zone from one year to another: how it begins, and each change of its clocks."""
    start = Moment(max(first, 1), 1, 1, tzinfo=datetime.UTC)
    end = Moment(min(last, 9998) + 1, 1, 1, tzinfo=datetime.UTC)
    yield "BEGIN:VTIMEZONE"
    yield f"TZID:{zone.key}"
    offset = _offset(start.astimezone(zone))
    yield from _observance((start, offset, offset, start.astimezone(zone).tzname() or ""), zone)
    for change in _changes(zone, start, end):
        yield from _observance(change, zone)
    yield "END:VTIMEZONE"


def _observance(change: Change, zone: ZoneInfo) -> Iterator[str]:
    moment, before, after, name = change
    kind = "DAYLIGHT" if moment.astimezone(zone).dst() else "STANDARD"
    yield f"BEGIN:{kind}"
    # A change is written by the clock that it puts an end to.
    yield f"DTSTART:{_local(moment + before)}"
    yield f"TZOFFSETFROM:{_signed(before)}"
    yield f"TZOFFSETTO:{_signed(after)}"
    yield f"TZNAME:{_text(name)}"
    yield f"END:{kind}"


def _changes(zone: ZoneInfo, start: Moment, end: Moment) -> Iterator[Change]:
    """Every change of a zone's clocks between two moments; none is shorter than twelve hours."""
    at, before = start, _offset(start.astimezone(zone))
    while at < end:
        later = at + 12 * HOUR
        if (after := _offset(later.astimezone(zone))) != before:
            moment = _exactly(zone, at, later, before)
            yield moment, before, after, moment.astimezone(zone).tzname() or ""
        at, before = later, after


def _exactly(zone: ZoneInfo, low: Moment, high: Moment, before: datetime.timedelta) -> Moment:
    """The second at which the offset stops being `before`."""
    second = datetime.timedelta(seconds=1)
    while high - low > second:
        middle = (low + (high - low) / 2).replace(microsecond=0)
        if _offset(middle.astimezone(zone)) == before:
            low = middle
        else:
            high = middle
    return high


def _offset(moment: Moment) -> datetime.timedelta:
    return moment.utcoffset() or datetime.timedelta()


def _signed(offset: datetime.timedelta) -> str:
    """An offset from UTC.

    >>> _signed(datetime.timedelta(hours=-3, minutes=-30))
    '-0330'
    """
    seconds = int(offset.total_seconds())
    hours, rest = divmod(abs(seconds), 3600)
    minutes, seconds_left = divmod(rest, 60)
    sign = "-" if seconds < 0 else "+"
    return f"{sign}{hours:02}{minutes:02}" + (f"{seconds_left:02}" if seconds_left else "")


def _text(value: str) -> str:
    r"""Escape a text.

    >>> _text("one; two, three")
    'one\\; two\\, three'
    """
    value = NEVER.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))
    for sign in ("\\", ";", ","):
        value = value.replace(sign, f"\\{sign}")
    return value.replace("\n", "\\n")


def _one_line(value: str) -> str:
    """A value that is no text: nothing in it may begin a line of its own."""
    return NEVER.sub("", value.replace("\n", ""))


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

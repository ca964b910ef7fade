"""Calendars as iCalendar files (RFC 5545).

Days stay days.  A moment with a named zone keeps it, so that what recurs stays at its hour of the
day; any other moment is written in UTC.
"""

from __future__ import annotations

import calendar as months
import datetime
import functools
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from urllib.parse import quote
from zoneinfo import ZoneInfo

from pydotorg_build.artifacts import Calendar, Event

LINE = 75
NEVER = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
SAFE = "/:?#[]@!$&'()*+,;=%~"
SECOND = datetime.timedelta(seconds=1)
# Two changes of one zone's clocks were never closer than a week.
STEP = datetime.timedelta(days=4)
# Changes that come by no rule are told until this many years after the last start.
AHEAD = 10
# So many years in a row make a rule.
RULE = 6
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
Moment = datetime.datetime
UTC = datetime.UTC


class Change(NamedTuple):
    """One change of a zone's clocks: when, by the clock that it puts an end to, and to what."""

    local: Moment
    before: datetime.timedelta
    after: datetime.timedelta
    name: str
    summer: bool


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
    yield from (f"RDATE{_when(value)}" for value in event.rdates)
    yield from (f"EXDATE{_when(value)}" for value in event.exdates)
    if event.cancelled:
        yield "STATUS:CANCELLED"
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
    if not isinstance(value, Moment):
        return f";VALUE=DATE:{_digits(value)}"
    if zone := _zone(value):
        return f";TZID={zone.key}:{_local(value)}"
    return f":{_utc(value)}"


def _zone(value: datetime.date) -> ZoneInfo | None:
    """The zone that a moment is written in, if it has a name and is not UTC."""
    if not isinstance(value, Moment) or not isinstance(value.tzinfo, ZoneInfo):
        return None
    # An hour that comes twice is the first one to all readers; the second can only be told in UTC.
    is_second = value.replace(fold=0).utcoffset() != value.utcoffset()
    return None if is_second or value.tzinfo.key in (None, "UTC", "Etc/UTC") else value.tzinfo


def _digits(day: datetime.date) -> str:
    return f"{day.year:04}{day.month:02}{day.day:02}"


def _local(moment: Moment) -> str:
    return f"{_digits(moment)}T{moment:%H%M%S}"


def _utc(moment: Moment) -> str:
    return f"{_local(moment.astimezone(UTC))}Z"


def _zones(events: Sequence[Event]) -> Iterator[str]:
    """What a reader must know of every zone in the calendar, each once, by name."""
    years: dict[str, list[int]] = {}
    for event in events:
        for value in (event.start, event.end, *event.rdates, *event.exdates):
            if value and (zone := _zone(value)):
                years.setdefault(zone.key, []).append(value.year)
    if not events:  # a calendar must not be empty: it has a zone then
        years["UTC"] = [1971]
    for name, found in sorted(years.items()):
        yield from _timezone(name, min(found) - 1, max(found) + AHEAD)


@functools.cache
def _timezone(name: str, first: int, last: int) -> tuple[str, ...]:
    """A zone from one year to another, and as long as its rules are: all changes of its clocks."""
    zone, start = ZoneInfo(name), _begin(first)
    groups: dict[object, list[Change]] = {}
    for year in range(start.year, _begin(last + 1).year):
        for change in _changes(name, year):
            groups.setdefault(change[1:], []).append(change)
    lines = ["BEGIN:VTIMEZONE", f"TZID:{name}", *_observance(_change(zone, start, start))]
    for group in groups.values():
        count, rule = _run(group, last)
        once = group[:-count] if count else group
        lines += [line for change in once for line in _observance(change)]
        lines += _observance(group[-count], rule) if count else []
    return (*lines, "END:VTIMEZONE")


def _run(group: list[Change], last: int) -> tuple[int, str]:
    """How many changes at the end of a group come by one rule, each year, and the rule."""
    found = [(_length(group, rule, last), rule) for rule in _rules(group[-1].local)]
    count, (rule, _) = max(found)
    return (count, rule) if count >= RULE else (0, "")


def _length(group: list[Change], rule: tuple[str, datetime.time], last: int) -> int:
    """How many changes at the end of a group follow a rule, each year, to the last year."""
    for count, change in enumerate(reversed(group)):
        if change.local.year != last - count or rule not in _rules(change.local):
            return count
    return len(group)


def _rules(local: Moment) -> list[tuple[str, datetime.time]]:
    """By which rules a moment may come each year: the second Sunday of March, say, or the last."""
    numbers = [(local.day - 1) // 7 + 1]
    if local.day + 7 > months.monthrange(local.year, local.month)[1]:
        numbers.append(-1)
    day = DAYS[local.weekday()]
    return [
        (f"FREQ=YEARLY;BYMONTH={local.month};BYDAY={number}{day}", local.time())
        for number in numbers
    ]


def _observance(change: Change, rule: str = "") -> Iterator[str]:
    kind = "DAYLIGHT" if change.summer else "STANDARD"
    yield f"BEGIN:{kind}"
    yield f"DTSTART:{_local(change.local)}"
    if rule:
        yield f"RRULE:{rule}"
    yield f"TZOFFSETFROM:{_signed(change.before)}"
    yield f"TZOFFSETTO:{_signed(change.after)}"
    yield f"TZNAME:{_text(change.name)}"
    yield f"END:{kind}"


def _begin(year: int) -> Moment:
    return Moment(max(1, min(year, 9998)), 1, 1, tzinfo=UTC)


@functools.cache
def _changes(name: str, year: int) -> tuple[Change, ...]:
    """Every change of a zone's clocks in a year; calendars differ in their years, not in these."""
    zone, start, end = ZoneInfo(name), _begin(year), _begin(year + 1)
    found = []
    while start < end:
        later = min(start + STEP, end)
        before = _offset(start.astimezone(zone))
        if before != _offset(later.astimezone(zone)):
            found.append(_change(zone, start, _exactly(zone, start, later, before)))
        start = later
    return tuple(found)


def _change(zone: ZoneInfo, earlier: Moment, moment: Moment) -> Change:
    before, now = _offset(earlier.astimezone(zone)), moment.astimezone(zone)
    local = (moment + before).replace(tzinfo=None)
    return Change(local, before, _offset(now), now.tzname() or "", bool(now.dst()))


def _exactly(zone: ZoneInfo, low: Moment, high: Moment, before: datetime.timedelta) -> Moment:
    """The second at which the offset stops being `before`."""
    while high - low > SECOND:
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

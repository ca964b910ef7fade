"""When an event is: local times and their zone, rules of recurrence, and the moments they mean.

Editors write what the clock at the venue shows (`2026-05-14 09:00`, or the day alone) and the name
of the zone; nothing here asks for the present.  Days without a zone are days in UTC.
"""

from __future__ import annotations

import datetime
import functools
import re
from collections.abc import Iterator
from typing import Annotated, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta as Limits

from pydotorg_build.content.base import Fault

LocalTime = Annotated[
    str,
    Limits(pattern=r"^(\d{4}-\d{2}-\d{2}( \d{2}:\d{2})?)?$", examples=["2026-05-14 09:00"]),
]
ZoneName = Annotated[str, Limits(pattern=r"^([A-Za-z][\w+/-]*)?$", examples=["Europe/Berlin"])]
DAY = datetime.timedelta(days=1)
# An event of which no end is told counts as over after this time.
ASSUMED = datetime.timedelta(hours=2)
FREQUENCIES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY")
PARTS = frozenset(
    {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYMONTH", "BYMONTHDAY", "BYDAY"}
    | {"BYSETPOS", "BYWEEKNO", "BYYEARDAY"}
)
UNTIL = re.compile(r"UNTIL=(\d{4})(\d{2})(\d{2})(T\d{6}Z?)?")
# No rule is looked at beyond this many years after it begins.
FAR = 100


class Span(NamedTuple):
    """One date of an event, in its zone; the end of days is the midnight after the last one."""

    begin: datetime.datetime
    end: datetime.datetime


class Times(msgspec.Struct, frozen=True):
    """The times of one event as they are written: one date, or a series of them.

    `more` are further dates of a series, `but` are dates of its rule that are left out.
    """

    start: str
    end: str = ""
    zone: str = ""
    rule: str = ""
    more: tuple[str, ...] = ()
    but: tuple[str, ...] = ()

    @property
    def all_day(self) -> bool:
        """Are only days told?"""
        return " " not in self.start

    @property
    def is_series(self) -> bool:
        """Is it on more than one date?"""
        return bool(self.rule or self.more)

    @property
    def tz(self) -> datetime.tzinfo:
        """The zone, as times use it."""
        return zone_of(self.zone)

    @property
    def first(self) -> datetime.datetime:
        """When it begins for the first time."""
        return moment(self.start, self.zone)

    @property
    def days(self) -> int:
        """How many days one date of it takes, the first and the last included."""
        last = self.end or self.start
        return (_day(last) - _day(self.start)).days + 1

    def span(self, begin: datetime.datetime) -> Span:
        """One date that begins then: in hours by the clock, in days by the calendar."""
        if self.all_day:
            return Span(begin, begin + DAY * self.days)
        if not self.end:
            return Span(begin, _later(begin, ASSUMED))
        same = begin.replace(tzinfo=None) == self.first.replace(tzinfo=None)
        return Span(begin, moment(self.end, self.zone) if same else _later(begin, self._lasts))

    @property
    def _lasts(self) -> datetime.timedelta:
        start, end = (moment(text, self.zone).astimezone(datetime.UTC)
                      for text in (self.start, self.end))  # fmt: skip
        return end - start


def zone_of(name: str) -> datetime.tzinfo:
    """A zone by its name; no name is UTC."""
    return ZoneInfo(name) if name else datetime.UTC


def moment(text: str, zone: str) -> datetime.datetime:
    """A local time as a moment; a day begins at its midnight.

    An hour that the clocks leave out is told by the offset before the change, as RFC 5545 has it.

    >>> moment("2027-03-28 02:30", "Europe/Berlin").astimezone(datetime.UTC).isoformat()
    '2027-03-28T01:30:00+00:00'
    """
    return datetime.datetime.fromisoformat(text).replace(tzinfo=zone_of(zone))


def deadline(text: str, zone: str) -> datetime.datetime:
    """Until when: a moment, or the end of a day."""
    at = moment(text, zone)
    return at if " " in text else at + DAY


def _day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text[:10])


def _later(begin: datetime.datetime, time: datetime.timedelta) -> datetime.datetime:
    """So much real time later: an hour is an hour also when the clocks change."""
    return (begin.astimezone(datetime.UTC) + time).astimezone(begin.tzinfo)


# -- the dates of a series


@functools.lru_cache(maxsize=8192)
def spans(times: Times, until: datetime.date) -> tuple[Span, ...]:
    """All dates of an event, the earliest first: of a series those that begin before `until`."""
    if not times.is_series:
        return (times.span(times.first),)
    limit = datetime.datetime.combine(until, datetime.time(), times.tz)
    left_out = frozenset(times.but)
    begins = {b for b in _by_rule(times, limit) if left_out.isdisjoint(_names(b))}
    begins |= {moment(text, times.zone) for text in times.more}
    return tuple(times.span(begin) for begin in sorted(begins) if begin < limit)


def _names(begin: datetime.datetime) -> tuple[str, str]:
    """How an exception may name a date: by its day, or by day and hour."""
    return f"{begin:%Y-%m-%d}", f"{begin:%Y-%m-%d %H:%M}"


def _by_rule(times: Times, limit: datetime.datetime) -> Iterator[datetime.datetime]:
    if not times.rule:
        yield times.first
        return
    # Not on the path of a build without changes.
    from dateutil.rrule import rrulestr  # type: ignore[import-untyped]

    for begin in rrulestr(until_in_utc(times), dtstart=times.first):
        if begin >= limit:
            return
        yield begin


def until_in_utc(times: Times) -> str:
    """The rule with its UNTIL as a moment in UTC; a day is meant with its evening.

    >>> until_in_utc(Times("2026-01-08 19:00", zone="Europe/Berlin",
    ...                    rule="FREQ=MONTHLY;UNTIL=20261231"))
    'FREQ=MONTHLY;UNTIL=20261231T225959Z'
    """
    return UNTIL.sub(lambda found: _until(found, times.zone), times.rule)


def rule_in_calendars(times: Times) -> str:
    """The rule as calendars write it: a series of days ends with a day."""
    if times.all_day:
        return UNTIL.sub(r"UNTIL=\1\2\3", times.rule)
    return until_in_utc(times)


def left_out(times: Times) -> tuple[datetime.datetime, ...]:
    """The dates of the rule that the series is without."""
    if not times.but:
        return ()
    limit = moment(max(times.but)[:10], times.zone) + DAY
    names = frozenset(times.but)
    return tuple(b for b in _by_rule(times, limit) if not names.isdisjoint(_names(b)))


def _until(found: re.Match[str], zone: str) -> str:
    year, month, day, time = found.groups()
    if time:
        return f"UNTIL={year}{month}{day}{time.removesuffix('Z')}Z"
    end = datetime.datetime(int(year), int(month), int(day), 23, 59, 59, tzinfo=zone_of(zone))
    return f"UNTIL={end.astimezone(datetime.UTC):%Y%m%dT%H%M%SZ}"


# -- faults


def faults(times: Times) -> Iterator[Fault]:
    """What is wrong with times, by the names of the fields in files."""
    found = [*_zone_faults(times.zone, "zone"), *_unreal(times)]
    if found:
        yield from found
        return
    yield from _order(times)
    if times.rule:
        yield from _rule_faults(times)
    elif times.but:
        yield Fault("without", "`without` leaves out dates of a rule, and there is no `rule`")


def _zone_faults(name: str, field: str) -> Iterator[Fault]:
    try:
        zone_of(name)
    except (KeyError, ValueError, OSError):
        hint = "write it as the IANA has it: Europe/Berlin, America/New_York"
        yield Fault(field, f"there is no time zone {name!r}", hint)


def _unreal(times: Times) -> Iterator[Fault]:
    """Texts that look like days and are none."""
    lists = (("dates", times.more), ("without", times.but))
    named = [("start", times.start), ("end", times.end)]
    named += [(f"{name}[{n}]", text) for name, texts in lists for n, text in enumerate(texts)]
    for name, text in named:
        yield from time_faults(text, name)


def time_faults(text: str, name: str, zone: str = "") -> Iterator[Fault]:
    """Is there such a day, and such a zone?"""
    try:
        if text:
            datetime.datetime.fromisoformat(text)
    except ValueError:
        yield Fault(name, f"`{name}` is no day or time that exists: {text}")
    yield from _zone_faults(zone, "cfp.zone")


def _order(times: Times) -> Iterator[Fault]:
    texts = (*((times.end,) if times.end else ()), *times.more)
    if any((" " in text) is times.all_day for text in texts):
        hint = "give the hour to all of them, or to none"
        yield Fault("start", "some times have an hour and some are only days", hint)
        return
    if not times.all_day and not times.zone:
        hint = "add `zone`, as Europe/Berlin; for UTC write Etc/UTC"
        yield Fault("start", "a time of day needs the zone of its clock", hint)
    before = times.days < 1 if times.all_day else (
        bool(times.end) and moment(times.end, times.zone) <= times.first
    )  # fmt: skip
    if before:
        yield Fault("end", "`end` must not be before `start`")


def _rule_faults(times: Times) -> Iterator[Fault]:
    parts = dict(part.partition("=")[::2] for part in times.rule.split(";"))
    if unknown := [name for name in parts if name not in PARTS]:
        hint = f"it may have: {', '.join(sorted(PARTS))}"
        yield Fault("rule", f"{unknown[0]!r} is no part of a rule", hint)
    elif parts.get("FREQ") not in FREQUENCIES:
        yield Fault("rule", f"`rule` needs FREQ, one of {', '.join(FREQUENCIES)}")
    else:
        yield from _dates_faults(times)


def _dates_faults(times: Times) -> Iterator[Fault]:
    limit = datetime.datetime(min(times.first.year + FAR, 9999), 1, 1, tzinfo=times.tz)
    try:
        first = next(_by_rule(times, limit), None)
    except (ValueError, TypeError, OverflowError) as error:
        yield Fault("rule", f"`rule` is not a rule of RFC 5545: {error}")
        return
    if first is None:
        yield Fault("rule", "`rule` has no date at all")
    elif first != times.first:
        hint = f"the first date of the rule is {first:%Y-%m-%d}: begin there"
        yield Fault("start", "`start` is not a date of `rule`", hint)
    else:
        yield from _exception_faults(times)


def _exception_faults(times: Times) -> Iterator[Fault]:
    if not times.but:
        return
    limit = moment(max(times.but)[:10], times.zone) + DAY
    known = {name for begin in _by_rule(times, limit) for name in _names(begin)}
    for number, text in enumerate(times.but):
        if text not in known:
            yield Fault(f"without[{number}]", f"the rule has no date {text}")

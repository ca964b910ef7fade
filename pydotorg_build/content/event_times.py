"""When an event is: local times and their zone, rules of recurrence, and the moments they mean.

Editors write what the clock at the venue shows (`2026-05-14 09:00`, or the day alone) and the name
of the zone; nothing here asks for the present.  Days without a zone are days in UTC.
"""

from __future__ import annotations

import datetime
import functools
import itertools
import re
from collections.abc import Iterator
from typing import Annotated, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta as Limits

LocalTime = Annotated[
    str,
    Limits(
        pattern=r"^(\d{4}-\d{2}-\d{2}( \d{2}:\d{2})?)?$",
        examples=["2026-05-14 09:00"],
        extra={"must be": "a day, as 2026-05-14, or a day and time, as 2026-05-14 09:00"},
    ),
]
ZoneName = Annotated[str, Limits(pattern=r"^([A-Za-z][\w+/-]*)?$", examples=["Europe/Berlin"])]
DAY = datetime.timedelta(days=1)
# An event of which no end is told counts as over after this time.
ASSUMED = datetime.timedelta(hours=2)
# A date so many years after the first one is left out by nobody; to look for it would take long.
LEFT_OUT_WITHIN = 100
UNTIL = re.compile(r"UNTIL=(\d{4})(\d{2})(\d{2})(T\d{6}Z?)?")


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
    """All dates of an event, the earliest first: of a series those that begin before `until`.

    A series that begins later has its first one, so there always is a date.
    """
    if not times.is_series:
        return (times.span(times.first),)
    limit = datetime.datetime.combine(until, datetime.time(), times.tz)
    more = [moment(text, times.zone) for text in times.more]
    ahead = itertools.takewhile(lambda begin: begin < limit, kept(times))
    begins = {*ahead, *(begin for begin in more if begin < limit)}
    if not begins:
        begins = {min(itertools.chain(itertools.islice(kept(times), 1), more))}
    return tuple(times.span(begin) for begin in sorted(begins))


def kept(times: Times) -> Iterator[datetime.datetime]:
    """The dates of a rule but those that are left out, the earliest first."""
    but = frozenset(times.but)
    return (begin for begin in by_rule(times) if but.isdisjoint(names(begin)))


def names(begin: datetime.datetime) -> tuple[str, str]:
    """How an exception may name a date: by its day, or by day and hour."""
    return f"{begin:%Y-%m-%d}", f"{begin:%Y-%m-%d %H:%M}"


def by_rule(times: Times) -> Iterator[datetime.datetime]:
    """The dates that the rule gives, without end where it has none."""
    if not times.rule:
        yield times.first
        return
    # Not on the path of a build without changes.
    from dateutil.rrule import rrulestr  # type: ignore[import-untyped]

    yield from rrulestr(until_in_utc(times), dtstart=times.first)


def named_by_rule(times: Times) -> Iterator[datetime.datetime]:
    """The dates of the rule until the last one that is left out, within so many years."""
    last = min(max(times.but)[:10], f"{min(int(times.start[:4]) + LEFT_OUT_WITHIN, 9999)}-12-31")
    return itertools.takewhile(lambda begin: f"{begin:%Y-%m-%d}" <= last, by_rule(times))


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
    but = frozenset(times.but)
    return tuple(b for b in named_by_rule(times) if not but.isdisjoint(names(b)))


def _until(found: re.Match[str], zone: str) -> str:
    year, month, day, time = found.groups()
    if time:
        return f"UNTIL={year}{month}{day}{time.removesuffix('Z')}Z"
    end = datetime.datetime(int(year), int(month), int(day), 23, 59, 59, tzinfo=zone_of(zone))
    return f"UNTIL={end.astimezone(datetime.UTC):%Y%m%dT%H%M%SZ}"

"""Months as calendars of events: a page for each month that has some, or lies ahead."""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from pydotorg_build.artifacts import Page
from pydotorg_build.content.base import Crumb, Meta, Published
from pydotorg_build.content.event_cards import CRUMBS, URL
from pydotorg_build.content.event_dates import (
    MONTHS_AHEAD,
    EventDate,
    all_dates,
    months_later,
    soonest,
    this_month,
)

if TYPE_CHECKING:
    from pydotorg_build.problems import Source
    from pydotorg_build.site import Site

WEEKDAYS = tuple(calendar.day_name)
# What stands in one day of the table; the list below it has all.
MOST = 3


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """One day of a month; `number` is 0 where the week belongs to another month."""

    number: int
    date: str = ""
    dates: tuple[EventDate, ...] = ()
    left: int = 0


class Agenda(msgspec.Struct, frozen=True, kw_only=True):
    """What the list says of one day: what begins on it in full, and the names of what goes on."""

    date: str
    weekday: str
    begins: tuple[EventDate, ...]
    goes_on: tuple[EventDate, ...]


def month_url(month: str) -> str:
    """The address of a month, of `2026-05`."""
    return f"{URL}{month[:4]}/{month[5:]}/"


def pages(site: Site, source: Source) -> Published:
    """The pages of all months."""
    by_month = _by_month(site)
    names = sorted(by_month)
    for n, name in enumerate(names):
        around = (names[n - 1] if n else "", names[n + 1] if n + 1 < len(names) else "")
        yield _page(name, by_month[name], around, source)


def _by_month(site: Site) -> dict[str, list[EventDate]]:
    """The dates of each month that they touch; the months ahead are there in any case."""
    now = this_month(site)
    ahead = [f"{months_later(now, n):%Y-%m}" for n in range(MONTHS_AHEAD + 1)]
    found: dict[str, list[EventDate]] = {month: [] for month in ahead}
    for date in all_dates(site):
        for month in dict.fromkeys(day[:7] for day in date.days):
            found.setdefault(month, []).append(date)
    return found


def _page(month: str, dates: list[EventDate], around: tuple[str, str], source: Source) -> Page:
    first = datetime.date.fromisoformat(f"{month}-01")
    title = f"Python events in {first:%B %Y}"
    url = month_url(month)
    meta = Meta(
        title=title,
        url=url,
        description=f"Conferences, meetups and other events in {first:%B %Y}, day by day.",
        crumbs=(*CRUMBS, Crumb(f"{first:%B %Y}", url)),
        noindex=not dates,
    )
    by_day = _by_day(dates)
    before, after = (Crumb(_name(name), month_url(name)) if name else None for name in around)
    data = {
        "meta": meta,
        "name": f"{first:%B %Y}",
        "weekdays": WEEKDAYS,
        "weeks": tuple(_weeks(first, by_day)),
        "agenda": tuple(_agenda(by_day, month)),
        "before": before,
        "after": after,
    }
    return Page(url=url, template="events/month.html", data=data, source=source, listed=bool(dates))


def _name(month: str) -> str:
    return f"{datetime.date.fromisoformat(f'{month}-01'):%B %Y}"


def _by_day(dates: list[EventDate]) -> dict[str, list[EventDate]]:
    found: dict[str, list[EventDate]] = {}
    for date in sorted(dates, key=soonest):
        for day in date.days:
            found.setdefault(day, []).append(date)
    return found


def _agenda(by_day: dict[str, list[EventDate]], month: str) -> Iterator[Agenda]:
    """The days of a month with something on; what began before the month is told in full once too."""
    told: set[tuple[str, str]] = set()
    for day in sorted(day for day in by_day if day.startswith(month)):
        begins = tuple(date for date in by_day[day] if (date.id, date.start) not in told)
        told |= {(date.id, date.start) for date in begins}
        yield Agenda(
            date=day,
            weekday=WEEKDAYS[datetime.date.fromisoformat(day).weekday()],
            begins=begins,
            goes_on=tuple(date for date in by_day[day] if date not in begins),
        )


def _weeks(first: datetime.date, by_day: dict[str, list[EventDate]]) -> Iterator[tuple[Day, ...]]:
    for week in calendar.Calendar().monthdatescalendar(first.year, first.month):
        yield tuple(_day(day, first.month, by_day) for day in week)


def _day(day: datetime.date, month: int, by_day: dict[str, list[EventDate]]) -> Day:
    if day.month != month:
        return Day(number=0)
    found = by_day.get(f"{day}", [])
    left = max(0, len(found) - MOST)
    return Day(number=day.day, date=f"{day}", dates=tuple(found[:MOST]), left=left)

"""The dates of events as pages show them: what is now, what is coming, what is past.

Each answer is asked of `site.reached`, so every beginning and end of a date is a moment at which a
scheduled build looks again.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from itertools import chain, groupby
from typing import TYPE_CHECKING, Any

from pydotorg_build.content.base import Card
from pydotorg_build.content.event_cards import KIND, EventCard, cards_of
from pydotorg_build.content.event_times import DAY, Span, Times, spans
from pydotorg_build.content.place import Place

if TYPE_CHECKING:
    from pydotorg_build.site import Site

# Series are expanded to the end of the thirteenth month after this one.
MONTHS_AHEAD = 13
# This month is looked for between these years.
FIRST_YEAR, LAST_YEAR = 2000, 2200
# Between two days: no line begins with the dash.
TO = "\xa0– "


class EventDate(Card, frozen=True, kw_only=True):
    """One date of an event, ready to be shown.

    `start` and `end` are days (the last one included) or moments with their offset, as `<time>`
    takes them; `when` says them to people, `clock` by which clock.  `more` counts further dates.
    """

    begins: datetime.datetime
    ends: datetime.datetime
    start: str
    end: str
    days: tuple[str, ...]
    when: str
    clock: str = ""
    month: str
    month_name: str
    calendar: str
    kind: str
    kind_name: str
    categories: tuple[str, ...] = ()
    place: Place = Place()
    country: str = ""
    online: bool = False
    featured: bool = False
    cancelled: bool = False
    sample: bool = False
    more: int = 0


def date_of(card: EventCard, span: Span, more: int = 0) -> EventDate:
    """A date as it is shown."""
    times = card.times
    first, last = span.begin.date(), _last_day(span)
    day = first.isoformat()
    return EventDate(
        id=card.id,
        title=card.title,
        url=card.url,
        description=card.description,
        begins=span.begin.astimezone(datetime.UTC),
        ends=span.end.astimezone(datetime.UTC),
        start=day if times.all_day else span.begin.isoformat(),
        end=last.isoformat() if times.all_day else span.end.isoformat() if times.end else "",
        days=(day, *[(first + DAY * n).isoformat() for n in range(1, _length(first, last))]),
        when=said(span, times),
        clock="" if times.all_day else f"{times.zone} ({_offset(span.begin)})",
        month=day[:7],
        month_name=f"{span.begin:%B %Y}",
        calendar=card.calendar,
        kind=card.kind,
        kind_name=KIND[card.kind],
        categories=card.categories,
        place=card.place,
        country=card.country,
        online=card.online,
        featured=card.featured,
        cancelled=card.cancelled,
        sample=card.sample,
        more=more,
    )


def _last_day(span: Span) -> datetime.date:
    return max(span.begin.date(), (span.end - datetime.timedelta(seconds=1)).date())


def _length(first: datetime.date, last: datetime.date) -> int:
    return min((last - first).days + 1, 366)


def said(span: Span, times: Times) -> str:
    r"""A date in words.

    >>> times = Times("2027-04-28", "2027-05-02")
    >>> said(times.span(times.first), times)
    '28 April\xa0– 2 May 2027'
    """
    first, last = span.begin.date(), _last_day(span)
    if times.all_day:
        return _days(first, last)
    begin = f"{_days(first, first)}, {span.begin:%H:%M}"
    if not times.end:
        return begin
    if span.begin.date() == span.end.date():
        return f"{begin}–{span.end:%H:%M}"
    return f"{begin}{TO}{_days(span.end.date(), span.end.date())}, {span.end:%H:%M}"


def _days(first: datetime.date, last: datetime.date) -> str:
    if first == last:
        return f"{last.day} {last:%B %Y}"
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{last.day} {last:%B %Y}"
    year = "" if first.year == last.year else f" {first.year}"
    return f"{first.day} {first:%B}{year}{TO}{last.day} {last:%B %Y}"


def _offset(moment: datetime.datetime) -> str:
    """The offset of a clock, as people write it: UTC+5:30."""
    minutes = int((moment.utcoffset() or datetime.timedelta()).total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    sign = "+" if minutes >= 0 else "−"
    return f"UTC{sign}{hours}" + (f":{rest:02}" if rest else "") if minutes else "UTC"


# -- the clock


def this_month(site: Site) -> datetime.date:
    """The first day of the month that it is, in UTC."""
    low, high = FIRST_YEAR * 12, LAST_YEAR * 12
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if site.reached(_month(middle)) else (low, middle)
    return _month(low)


def horizon(site: Site) -> datetime.date:
    """The day before which the dates of series are told."""
    return months_later(this_month(site), MONTHS_AHEAD + 1)


def months_later(month: datetime.date, count: int) -> datetime.date:
    """The first day of the month so many months later."""
    return _month(month.year * 12 + month.month - 1 + count)


def _month(number: int) -> datetime.date:
    return datetime.date(number // 12, number % 12 + 1, 1)


def coming(site: Site, *groups: str) -> tuple[EventDate, ...]:
    """The next date of each event, or of each of some groups, soonest first, what is now included."""
    found = [site.made_of(_coming, "events", group) for group in groups or ("",)]
    return found[0] if len(found) == 1 else tuple(sorted(chain(*found), key=soonest))


def _coming(site: Site, cards: Iterable[EventCard]) -> tuple[EventDate, ...]:
    until = horizon(site)
    found = []
    for card in cards:
        ahead = [span for span in spans(card.times, until) if not site.reached(span.end)]
        if ahead:
            found.append(date_of(card, ahead[0], len(ahead) - 1))
    return tuple(sorted(found, key=soonest))


def past(site: Site, *groups: str) -> list[EventDate]:
    """The last date of each event of some groups that is over for good, the newest first."""
    until = horizon(site)
    lasts = [(card, spans(card.times, until)[-1]) for card in cards_of(site, *groups)]
    over = [date_of(card, span) for card, span in lasts if site.reached(span.end)]
    return sorted(over, key=soonest, reverse=True)


def past_by_year(site: Site) -> dict[int, list[EventDate]]:
    """Years, the newest first, with each event's last date in them that is over."""
    until = horizon(site)
    found: dict[int, list[EventDate]] = {}
    for card in cards_of(site):
        over = [span for span in spans(card.times, until) if site.reached(span.end)]
        for year, dates in groupby(over, key=lambda span: span.begin.year):
            *others, last = dates
            found.setdefault(year, []).append(date_of(card, last, len(others)))
    return {year: sorted(found[year], key=soonest, reverse=True)
            for year in sorted(found, reverse=True)}  # fmt: skip


def is_now(site: Site, date: EventDate) -> bool:
    """Has a coming date begun?"""
    return site.reached(date.begins)


def soonest(date: EventDate) -> Any:
    """Sort by the moment at which a date begins."""
    return (date.begins, date.title.casefold(), date.id)


def all_dates(site: Site) -> tuple[EventDate, ...]:
    """Every date of every event, as far as series are told."""
    return site.made_of(_all_dates, "events")


def _all_dates(site: Site, cards: Iterable[EventCard]) -> tuple[EventDate, ...]:
    until = horizon(site)
    return tuple(date_of(card, span) for card in cards for span in spans(card.times, until))

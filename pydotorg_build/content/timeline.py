"""The release cycle as a picture: where its bars, years and months stand, and no markup."""

from __future__ import annotations

import datetime
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from pydotorg_build.content.cycle import Series

if TYPE_CHECKING:
    from pydotorg_build.site import Site

WIDTH = 1000
LABELS = 56
ROW = 30
BAR = 20
HEAD = 28
PHASES = (
    ("feature", "start", "feature_freeze"),
    ("prerelease", "feature_freeze", "first_release"),
    ("bugfix", "first_release", "end_of_bugfix"),
    ("security", "end_of_bugfix", "end_of_life"),
)


class Bar(msgspec.Struct, frozen=True):
    """A phase of a series."""

    phase: str
    x: int
    width: int
    start: datetime.date
    end: datetime.date


class Row(msgspec.Struct, frozen=True):
    """A series; `text` is where the foot of its words stands."""

    version: str
    status: str
    y: int
    text: int
    bars: tuple[Bar, ...]


class Tick(msgspec.Struct, frozen=True):
    """The beginning of a year."""

    year: int
    x: int


class Timeline(msgspec.Struct, frozen=True):
    """The whole picture.  The line for today is as wide as the month that it stands for.

    So the page changes with the month and not every day.
    """

    width: int
    height: int
    bar: int
    rows: tuple[Row, ...]
    ticks: tuple[Tick, ...]
    month: datetime.date | None = None
    month_x: int = 0
    month_width: int = 0


class Scale(msgspec.Struct, frozen=True):
    """From days to places."""

    first: datetime.date
    last: datetime.date

    def x(self, day: datetime.date) -> int:
        """Where a day stands.

        >>> Scale(datetime.date(2020, 1, 1), datetime.date(2030, 1, 1)).x(datetime.date(2020, 1, 1))
        56
        """
        share = (day - self.first).days / max((self.last - self.first).days, 1)
        return round(LABELS + share * (WIDTH - LABELS))


def timeline(rows: Sequence[tuple[Series, str]], site: Site) -> Timeline | None:
    """Draw series with their status; without any dates there is nothing to draw."""
    days = [
        day for series, _ in rows for _, start, end in PHASES for day in _span(series, start, end)
    ]
    if not days:
        return None
    scale = Scale(min(days).replace(month=1, day=1), max(days).replace(month=12, day=31))
    drawn = tuple(_row(place, *row, scale) for place, row in enumerate(rows))
    month = _month_of_now(scale, site)
    return Timeline(
        width=WIDTH,
        height=HEAD + ROW * len(rows),
        bar=BAR,
        rows=drawn,
        ticks=tuple(_ticks(scale)),
        month=month,
        month_x=scale.x(month) if month else 0,
        month_width=scale.x(_next_month(month)) - scale.x(month) if month else 0,
    )


def _span(series: Series, start: str, end: str) -> tuple[datetime.date, ...]:
    first, last = getattr(series, start), getattr(series, end)
    return (first, last) if first and last and first < last else ()


def _row(place: int, series: Series, status: str, scale: Scale) -> Row:
    y = HEAD + ROW * place
    bars = tuple(
        Bar(phase, scale.x(span[0]), scale.x(span[1]) - scale.x(span[0]), *span)
        for phase, start, end in PHASES
        if (span := _span(series, start, end))
    )
    return Row(series.version, status, y, y + BAR - 5, bars)


def _ticks(scale: Scale) -> Iterator[Tick]:
    for year in range(scale.first.year, scale.last.year + 1):
        yield Tick(year, scale.x(datetime.date(year, 1, 1)))


def _next_month(day: datetime.date) -> datetime.date:
    """The first day of the month after.

    >>> _next_month(datetime.date(2026, 12, 1))
    datetime.date(2027, 1, 1)
    """
    return (day.replace(day=1) + datetime.timedelta(days=31)).replace(day=1)


def _month_of_now(scale: Scale, site: Site) -> datetime.date | None:
    """The month that has been reached and whose next has not."""
    years = range(scale.first.year, scale.last.year + 1)
    months = [datetime.date(year, month, 1) for year in years for month in range(1, 13)]
    reached = bisect_left(months, x=True, key=lambda month: not site.reached(month))
    return months[reached - 1] if 0 < reached < len(months) else None

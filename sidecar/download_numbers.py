"""The numbers of downloads added up: for the desk, for a spreadsheet, and for the site.

All of them are sums over the same rows, so what is shown of one choice adds up in every way.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from pydotorg_build.content.bars import Chart, Part, chart_of, parts_of
from pydotorg_build.content.base import Fault
from pydotorg_build.content.download_numbers import month_of, series_of
from pydotorg_build.content.release import SYSTEMS
from pydotorg_build.content.versions import Version
from sidecar.clock import now
from sidecar.lists import day_of
from sidecar.tables.downloads import DownloadDay as Day
from sidecar.tables.downloads import DownloadFile as File

USUAL = datetime.timedelta(days=29)
# A chart has room for so many days; of a longer time it shows months.
MOST_DAYS = 400
UNKNOWN = "none"  # how an address asks for what has no country
LISTED = 25
COUNTRIES_KEPT = datetime.timedelta(days=400)
KIND = "download_numbers"
Span = tuple[datetime.date, datetime.date]


class Choice(NamedTuple):
    """What is asked for: a time, and one release, system or country, or all."""

    since: datetime.date
    until: datetime.date
    by: str = "day"
    release: str = ""
    system: str = ""
    country: str = ""

    def where(self) -> Iterator[ColumnElement[bool]]:
        """The conditions for the database."""
        yield Day.day.between(self.since, self.until)
        if self.release:
            yield File.release == self.release
        if self.system:
            yield File.system == self.system
        if self.country:
            yield Day.country == ("" if self.country == UNKNOWN else self.country)

    @property
    def query(self) -> dict[str, str]:
        """The same as an address asks for it."""
        fields = {name: str(value) for name, value in self._asdict().items()}
        return {name: value for name, value in fields.items() if value}


class Options(NamedTuple):
    """What may be chosen."""

    releases: tuple[str, ...]
    systems: Mapping[str, str]
    countries: tuple[str, ...]


class Sums(NamedTuple):
    """What was counted of a choice, added up in each way."""

    total: int
    chart: Chart
    times: tuple[tuple[str, int], ...]
    releases: tuple[Part, ...]
    systems: tuple[Part, ...]
    countries: tuple[Part, ...]
    files: tuple[Part, ...]


def read_choice(
    query: Mapping[str, str], options: Options, today: datetime.date
) -> tuple[Choice, list[Fault]]:
    """What the query of an address asks for; what cannot be meant is told and left out."""
    faults: list[Fault] = []
    until = _day(query, "until", today, faults)
    since = _day(query, "since", until - USUAL, faults)
    if since > until:
        faults.append(
            Fault("since", "“From” lies after “until”; the 30 days before that are shown.")
        )
        since = until - USUAL
    by = _word(query, "by", ("day", "month"), faults) or "day"
    if by == "day" and (until - since).days >= MOST_DAYS:
        faults.append(Fault("by", f"Over {MOST_DAYS} days are shown by month."))
        by = "month"
    chosen = {
        name: _word(query, name, known, faults)
        for name, known in (
            ("release", options.releases), ("system", options.systems),
            ("country", (*options.countries, UNKNOWN)),
        )
    }  # fmt: skip
    return Choice(since, until, by, **chosen), faults


def _day(
    query: Mapping[str, str], name: str, usual: datetime.date, faults: list[Fault]
) -> datetime.date:
    text = query.get(name, "").strip()
    try:
        return day_of(text).date() if text else usual
    except ValueError as error:
        faults.append(Fault(name, f"“{text[:40]}” {error}, and was left out."))
        return usual


def _word(query: Mapping[str, str], name: str, known: Iterable[str], faults: list[Fault]) -> str:
    text = query.get(name, "").strip()
    if text and text not in known:
        faults.append(Fault(name, f"Nothing was counted for {name} “{text[:40]}”; all are shown."))
        return ""
    return text


async def options_of(db: AsyncSession) -> Options:
    """What was ever counted, newest release first."""
    releases = await db.scalars(select(File.release).distinct())
    systems = set(await db.scalars(select(File.system).distinct()))
    countries = await db.scalars(select(Day.country).where(Day.country != "").distinct())
    return Options(
        tuple(sorted(releases, key=_newest, reverse=True)),
        {slug: name for slug, name in SYSTEMS.items() if slug in systems},
        tuple(sorted(countries)),
    )


def _newest(release: str) -> Any:
    try:
        return Version.parse(release)
    except ValueError:
        return Version(0, 0)


async def sums_of(db: AsyncSession, choice: Choice) -> Sums:
    """Add up what was counted of a choice."""
    times = _by_time(await _counts(db, choice, Day.day), choice)
    releases, systems, countries, files = [
        await _counts(db, choice, column)
        for column in (File.release, File.system, Day.country, Day.path)
    ]
    word = "day" if choice.by == "day" else "month"
    named = [(SYSTEMS.get(slug, slug), count) for slug, count in systems]
    return Sums(
        total=sum(count for _, count in times),
        chart=chart_of(f"Downloads by {word}", times),
        times=times,
        releases=parts_of(releases, LISTED, "Other releases"),
        systems=parts_of(named, LISTED),
        countries=parts_of([(code or "not known", n) for code, n in countries], LISTED,
                           "Other countries"),
        files=parts_of(files, LISTED, "Other files"),
    )  # fmt: skip


async def _counts(db: AsyncSession, choice: Choice, column: Any) -> list[tuple[Any, int]]:
    """The sums of a choice by one column."""
    asked = (
        select(column, func.sum(Day.count))
        .join(File, File.path == Day.path)
        .where(*choice.where())
        .group_by(column)
        .order_by(column)
    )
    return [(value, int(count)) for value, count in await db.execute(asked)]


def _by_time(
    counts: Iterable[tuple[datetime.date, int]], choice: Choice
) -> tuple[tuple[str, int], ...]:
    """Each day or month of a time, also those on which nothing was counted."""
    days = (choice.until - choice.since).days + 1
    every = (choice.since + datetime.timedelta(days=n) for n in range(days))
    named = day_name if choice.by == "day" else month_of
    found = dict.fromkeys(map(named, every), 0)
    for day, count in counts:
        found[named(day)] += count
    return tuple(found.items())


def day_name(day: datetime.date) -> str:
    """A day as people read it."""
    return f"{day.day} {day:%b %Y}"


def rows_of(choice: Choice) -> Any:
    """The question for all rows of a choice, for a spreadsheet."""
    columns = Day.day, Day.path, File.release, File.system, Day.country, Day.count
    return (
        select(*columns)
        .join(File, File.path == Day.path)
        .where(*choice.where())
        .order_by(Day.day, Day.path, Day.country)
    )


# -- what is kept, and what the site shows


async def forget_countries(tx: AsyncSession, *, is_sqlite: bool) -> int:
    """Add the countries of old days up into one row a file; say how many rows that took away."""
    old = Day.day < (now() - COUNTRIES_KEPT).date(), Day.country != ""
    asked = select(Day.day, Day.path, func.sum(Day.count)).where(*old).group_by(Day.day, Day.path)
    added = [
        {"day": day, "path": path, "country": "", "count": int(count)}
        for day, path, count in await tx.execute(asked)
    ]
    if not added:
        return 0
    insert = (sqlite.insert if is_sqlite else postgresql.insert)(Day)
    more = {"count": Day.count + insert.excluded.count}
    keys = ["day", "path", "country"]
    done = await tx.execute(delete(Day).where(*old))
    await tx.execute(insert.on_conflict_do_update(index_elements=keys, set_=more), added)
    return int(getattr(done, "rowcount", 0))


async def rows(tx: AsyncSession) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """What a snapshot takes: the numbers of all days that are over, or nothing."""
    through = now().date() - datetime.timedelta(days=1)
    over = Day.day <= through
    first = await tx.scalar(select(func.min(Day.day)).where(over))
    if first is None:
        return iter(())
    whole = Choice(first, through, "month")
    recent = Choice(max(first, through - datetime.timedelta(days=89)), through)
    releases = await _counts(tx, whole, File.release)
    months = _by_time(await _counts(tx, whole, Day.day), whole)
    days = await _counts(tx, recent, Day.day)
    data = {
        "title": "Downloads", "since": first, "through": through,
        "total": sum(count for _, count in months),
        "months": [{"name": name, "count": count} for name, count in months],
        "days": [{"name": name, "count": count} for name, count in _by_time(days, recent)],
        "systems": _named(await _counts(tx, whole, File.system)),
        "releases": _named(releases),
        "series": _named(series_of(releases)),
    }  # fmt: skip
    plain = {name: str(v) if isinstance(v, datetime.date) else v for name, v in data.items()}
    return iter([(KIND, "all", plain)])


def _named(counts: Iterable[tuple[str, int]]) -> list[dict[str, Any]]:
    return [{"name": name, "count": count} for name, count in counts]

"""How long each series is supported: a table, a picture, a calendar and data."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import msgspec

from pydotorg_build.artifacts import Calendar, Event, Page
from pydotorg_build.content.base import HOME, Card, Crumb, FeedLink, Meta, Published
from pydotorg_build.content.cycle import (
    COMING,
    STATUS_MEANING,
    STATUS_WORDS,
    SUPPORTED,
    Planned,
    Series,
    month,
    planned_of,
    releases_of,
    status_of,
)
from pydotorg_build.content.release import MIDNIGHT
from pydotorg_build.content.release_cards import ReleaseCard, newest
from pydotorg_build.content.timeline import timeline

if TYPE_CHECKING:
    from pydotorg_build.site import Site

URL = "/downloads/support/"
ICS = "/downloads/support.ics"
JSON = "/api/v3/support.json"
# How many ended series the picture still shows.
ENDED = 4
MOMENTS = (
    ("feature_freeze", "feature freeze", "No new features from now on: beta 1."),
    ("first_release", "first release", "The first final release of the series."),
    ("end_of_bugfix", "end of bugfix support", "From now on only security holes are fixed."),
    ("end_of_life", "end of life", "From now on nothing is fixed, not even security holes."),
)


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A series in the table.  Ends that lie ahead are months, which is how they are set."""

    version: str
    title: str
    url: str
    status: str
    word: str
    meaning: str
    first_release: datetime.date | None
    released: bool
    end_of_bugfix: str
    end_of_life: str
    pep: int | None
    pep_url: str
    release_managers: tuple[str, ...]
    latest: Card | None


def rows(site: Site) -> tuple[Row, ...]:
    """Every series, the newest first."""
    return tuple(_row(series, site) for series in site.all("series"))


def _row(series: Series, site: Site) -> Row:
    status = status_of(series, site)
    releases = releases_of(series.version, site)
    best = newest(releases)
    first = series.first_release
    return Row(
        version=series.version,
        title=series.name,
        url=series.url,
        status=status,
        word=STATUS_WORDS[status],
        meaning=STATUS_MEANING[status],
        first_release=first,
        released=status not in COMING,
        end_of_bugfix=_end(series.end_of_bugfix, site),
        end_of_life=_end(series.end_of_life, site),
        pep=series.pep,
        pep_url=series.pep_url,
        release_managers=series.release_managers,
        latest=Card(id=best.id, title=best.title, url=best.url, date=best.date) if best else None,
    )


def _end(day: datetime.date | None, site: Site) -> str:
    if day is None:
        return ""
    return day.isoformat() if site.reached(day) else month(day)


def supported(table: Iterable[Row]) -> tuple[Row, ...]:
    """What gets fixes now."""
    return tuple(row for row in table if row.status in SUPPORTED)


def coming(table: Iterable[Row]) -> tuple[Row, ...]:
    """What is not final yet."""
    return tuple(row for row in table if row.status in COMING)


def ended_last(table: Iterable[Row]) -> Row | None:
    """The series whose support ended last."""
    ended = [row for row in table if row.status == "end-of-life"]
    return max(ended, key=lambda row: row.end_of_life, default=None)


def planned(site: Site) -> tuple[Planned, ...]:
    """The releases to come, the next first."""
    every: list[Planned] = []
    for series in site.all("series"):
        every += planned_of(series, releases_of(series.version, site))
    return tuple(sorted((p for p in every if not site.reached(p.date)), key=lambda p: p.date))


def newest_change(site: Site) -> datetime.datetime:
    """When the data on releases and their support changed last: never the clock."""
    moments = [card.moment for card in site.cards("releases") if isinstance(card, ReleaseCard)]
    moments += [
        datetime.datetime.combine(series.updated, MIDNIGHT)
        for series in site.all("series")
        if series.updated and site.reached(series.updated)
    ]
    return max(moments, default=datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC))


def of_all(site: Site) -> Published:
    """Publish the page and the calendar."""
    table = rows(site)
    if not table:
        return
    stamp = newest_change(site)
    title = "Support life of Python versions"
    shown = {row.version: row.status for row in _drawn(table)}
    data = {
        "meta": Meta(
            title=title,
            url=URL,
            description="Which versions of Python get bugfixes or security fixes, and until when.",
            crumbs=(HOME, Crumb("Downloads", "/downloads/"), Crumb("Support life", URL)),
            feeds=(FeedLink("Release calendar", ICS, "text/calendar"),),
        ),
        "rows": table,
        "planned": planned(site),
        "timeline": timeline(
            [(s, shown[s.version]) for s in site.all("series") if s.version in shown], site
        ),
        "calendar_url": ICS,
        "json_url": JSON,
    }
    yield Page(
        url=URL, template="series/support.html", data=data, bundle="releases", updated=stamp.date()
    )
    yield Calendar(url=ICS, title="Python releases and support", events=tuple(_events(site, stamp)))


def _drawn(table: Iterable[Row]) -> tuple[Row, ...]:
    table = tuple(table)
    dated = [row for row in table if row.end_of_life]
    ended = [row for row in dated if row.status == "end-of-life"][:ENDED]
    return tuple(row for row in dated if row.status != "end-of-life" or row in ended)


def _events(site: Site, stamp: datetime.datetime) -> Iterator[Event]:
    host = site.settings.url.partition("://")[2]
    for series in site.all("series"):
        for field, what, description in MOMENTS:
            if day := getattr(series, field):
                yield Event(
                    uid=f"{series.version}-{field.replace('_', '-')}@{host}",
                    title=f"{series.name}: {what}",
                    start=day,
                    stamp=stamp,
                    description=description,
                    url=series.url,
                )
    for release in planned(site):
        yield Event(
            uid=f"{release.version}@{host}",
            title=f"Python {release.version} planned",
            start=release.date,
            stamp=stamp,
            url=URL,
        )

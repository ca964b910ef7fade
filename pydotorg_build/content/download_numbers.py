"""How often Python was downloaded, from a snapshot: /downloads/statistics/, and as JSON.

The sidecar counts by the rule of docs/downloads.md.  Where it counted nothing there is no page.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import msgspec

from pydotorg_build.artifacts import Page
from pydotorg_build.content.bars import chart_of, parts_of
from pydotorg_build.content.base import HOME, ContentType, Crumb, Meta, Published
from pydotorg_build.content.counted import Counted
from pydotorg_build.content.release import SYSTEMS

if TYPE_CHECKING:
    from pydotorg_build.site import Site

URL = "/downloads/statistics/"
LISTED = 20
Number = Annotated[int, msgspec.Meta(ge=0)]


class Count(msgspec.Struct, frozen=True):
    """A number, and what it is of."""

    name: str
    count: Number


class DownloadNumbers(Counted, frozen=True, kw_only=True):
    """All downloads that were counted."""

    title: str = "Downloads"
    total: Number
    days: tuple[Count, ...] = ()
    months: tuple[Count, ...] = ()
    systems: tuple[Count, ...] = ()
    series: tuple[Count, ...] = ()
    releases: tuple[Count, ...] = ()

    @property
    def url(self) -> str:
        return URL


def month_of(day: datetime.date) -> str:
    """A month as people read it."""
    return f"{day:%b %Y}"


def series_of(releases: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    """The numbers of releases by series.

    >>> series_of([("3.14.0", 2), ("3.14.1rc1", 1), ("3.9.1", 4)])
    [('3.14', 3), ('3.9', 4)]
    """
    found: dict[str, int] = {}
    for release, count in releases:
        series = ".".join(release.split(".")[:2])
        found[series] = found.get(series, 0) + count
    return list(found.items())


def pairs(counts: Iterable[Count]) -> list[tuple[str, int]]:
    """Names and numbers."""
    return [(one.name, one.count) for one in counts]


def of_one(numbers: DownloadNumbers, site: Site) -> Published:
    """Publish the page, and the same numbers for programs."""
    words = f"How often Python was downloaded from {site.settings.name}, by system and version."
    meta = Meta(
        title="Download statistics",
        url=URL,
        description=words,
        crumbs=(HOME, Crumb("Downloads", "/downloads/"), Crumb("Statistics", URL)),
    )
    systems = [(SYSTEMS.get(one.name, one.name), one.count) for one in numbers.systems]
    yield Page(
        url=URL,
        template="download_numbers/index.html",
        data={
            "meta": meta,
            "numbers": numbers,
            "days": chart_of("Downloads by day", pairs(numbers.days)),
            "months": chart_of("Downloads by month", pairs(numbers.months)),
            "systems": parts_of(systems, LISTED),
            "series": parts_of(pairs(numbers.series), LISTED, "Other versions"),
            "releases": parts_of(pairs(numbers.releases), LISTED, "Other releases"),
        },
        source=numbers.source,
        bundle="releases",
        updated=numbers.through,
    )
    names = ("total", "days", "months", "systems", "series", "releases")
    yield numbers.data("/downloads/statistics.json", *names)


DOWNLOAD_NUMBERS = ContentType("download_numbers", DownloadNumbers, rows=True, of_one=of_one)

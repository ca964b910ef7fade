"""Where the documentation of every version is: /doc/versions/."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from pydotorg_build.artifacts import Page
from pydotorg_build.content.base import HOME, Crumb, Meta, Published
from pydotorg_build.content.cycle import STATUS_WORDS, Series, releases_of, status_of
from pydotorg_build.content.release_cards import ReleaseCard
from pydotorg_build.content.versions import Version

if TYPE_CHECKING:
    from pydotorg_build.site import Site

URL = "/doc/versions/"
HOST = "https://docs.python.org"
# Released without documentation of their own; of what came before 1.4, none is kept.
WITHOUT = frozenset({"1.6.1", "2.3.6", "2.3.7", "2.4.5", "2.4.6", "2.5.5", "2.5.6"})
FIRST = Version(1, 4)
# Up to 3.2 the documentation of a series' first version has an address without the last 0.
LAST_SHORT = Version(3, 2)
# Since then docs.python.org has an address for the whole series too.
FIRST_OF_SERIES = Version(2, 6)


class Documentation(msgspec.Struct, frozen=True):
    """Where the documentation of one version is."""

    version: str
    url: str
    date: datetime.date | None


class OfSeries(msgspec.Struct, frozen=True, kw_only=True):
    """The documentation of a series: the newest, which goes on changing, and of each version."""

    version: str
    name: str
    url: str
    status: str
    word: str
    versions: tuple[Documentation, ...]


def of_all(site: Site) -> Published:
    """Publish the list, unless there is nothing to list."""
    every = tuple(_all_series(site))
    if not every:
        return
    above = (Crumb("Documentation", "/doc/"),) if site.card("pages", "/doc/") else ()
    meta = Meta(
        title="Documentation by version",
        url=URL,
        description="Where the documentation of every released version of Python is.",
        crumbs=(HOME, *above, Crumb("By version", URL)),
    )
    days = [one.date for series in every for one in series.versions if one.date]
    yield Page(
        url=URL,
        template="series/documentation.html",
        data={"meta": meta, "every": every},
        bundle="releases",
        updated=max(days, default=None),
    )


def _all_series(site: Site) -> Iterator[OfSeries]:
    for series in site.all("series"):
        if versions := tuple(map(_of_version, _documented(series, site))):
            status = status_of(series, site)
            yield OfSeries(
                version=series.version,
                name=series.name,
                url=of_series(series.version),
                status=status,
                word=STATUS_WORDS[status],
                versions=versions,
            )


def _documented(series: Series, site: Site) -> Iterator[ReleaseCard]:
    for card in releases_of(series.version, site):
        is_certain = not card.prerelease and not card.doubt
        if is_certain and card.number >= FIRST and str(card.number) not in WITHOUT:
            yield card


def _of_version(card: ReleaseCard) -> Documentation:
    return Documentation(card.version, of_version(card.number), card.date)


def of_series(version: str) -> str:
    """The address of the newest documentation of a series; empty where there is none.

    >>> of_series("3.14")
    'https://docs.python.org/3.14/'
    """
    return f"{HOST}/{version}/" if Version.parse(version) >= FIRST_OF_SERIES else ""


def of_version(number: Version) -> str:
    """The address of the documentation as it was released.

    >>> of_version(Version(3, 14, 0)), of_version(Version(2, 7, 0))
    ('https://docs.python.org/release/3.14.0/', 'https://docs.python.org/release/2.7/')
    """
    is_short = number.micro == 0 and number <= LAST_SHORT
    return f"{HOST}/release/{number.series if is_short else number}/"

"""The page of each series, and what all publish together: support life and documentation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydotorg_build.artifacts import Page
from pydotorg_build.content import documentation, support
from pydotorg_build.content.base import HOME, ContentType, Crumb, Meta, Published
from pydotorg_build.content.cycle import (
    STATUS_MEANING,
    STATUS_WORDS,
    Series,
    check,
    newest_first,
    planned_of,
    releases_of,
    status_of,
)
from pydotorg_build.content.release import SYSTEMS
from pydotorg_build.content.release_cards import newest, newest_final
from pydotorg_build.content.release_page import FEEDS, unknown_managers

if TYPE_CHECKING:
    from pydotorg_build.site import Site


def of_one(series: Series, site: Site) -> Published:
    """Publish the page of a series, with all its releases."""
    yield from unknown_managers(series, site)
    cards = releases_of(series.version, site)
    status = status_of(series, site)
    crumbs = (
        HOME,
        Crumb("Downloads", "/downloads/"),
        Crumb("All releases", "/downloads/releases/"),
        Crumb(series.name, series.url),
    )
    ahead = planned_of(series, cards)
    data = {
        "meta": Meta(
            title=f"{series.name} releases",
            url=series.url,
            description=f"Every release of {series.name}, how long it is supported, and downloads.",
            crumbs=crumbs,
            feeds=FEEDS,
            edit=series.source.path,
            changed=site.changed(series.source.path),
        ),
        "series": series,
        "status": status,
        "word": STATUS_WORDS[status],
        "meaning": STATUS_MEANING[status],
        "latest": newest(cards),
        "last_final": newest_final(cards),
        "releases": cards,
        "systems": {os: SYSTEMS[os] for os in SYSTEMS if any(os in card.systems for card in cards)},
        "planned": tuple(one for one in ahead if not site.reached(one.date)),
        "overdue": tuple(one for one in ahead if site.reached(one.date)),
    }
    yield Page(
        url=series.url,
        source=series.source,
        template="series/detail.html",
        data=data,
        bodies={"body": series.body},
        bundle="pages",
        updated=max((card.date for card in cards if card.date), default=None),
    )


def of_all(site: Site) -> Published:
    """Publish what is told of all series together."""
    yield from support.of_all(site)
    yield from documentation.of_all(site)


SERIES = ContentType(
    name="series",
    entry=Series,
    files="series/*.md",
    check=check,
    order=newest_first,
    of_one=of_one,
    of_all=of_all,
)

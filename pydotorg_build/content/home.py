"""The home page: what Python is, a few lines of it, the right download, and what is new."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from pydotorg_build.artifacts import Body, Page
from pydotorg_build.content import home_news, sponsors, stories, support
from pydotorg_build.content.base import Card, ContentType, Entry, FeedLink, Meta, Published
from pydotorg_build.content.code_samples import SHOWN
from pydotorg_build.content.downloads import cards_of
from pydotorg_build.content.fields import Line
from pydotorg_build.content.release_cards import Button, newest_final, newest_prerelease
from pydotorg_build.content.release_page import (
    MANAGER_URL,
    manager_first,
    newest_install_manager,
)

if TYPE_CHECKING:
    from pydotorg_build.content.release_cards import ReleaseCard
    from pydotorg_build.site import Site


class Home(Entry, frozen=True, kw_only=True):
    """The words of the home page: `headline` stands above the description, in large letters."""

    headline: Line = ""
    description: str

    @property
    def id(self) -> str:
        return "/"

    @property
    def url(self) -> str:
        return "/"

    def card(self) -> Card:
        return Card(id=self.id, title=self.title, url=self.url, description=self.description)


class HomeRelease(msgspec.Struct, frozen=True):
    """A release as the home page offers it."""

    title: str
    version: str
    url: str
    date: datetime.date | None
    downloads: tuple[Button, ...]


class HomeSeries(msgspec.Struct, frozen=True):
    """A supported series: its newest release, and until when it is supported."""

    version: str
    status: str
    word: str
    url: str
    latest: str
    latest_url: str
    until: str


def of_one(home: Home, site: Site) -> Published:
    """The page, with the newest releases."""
    cards = cards_of(site, "python:3")
    samples = site.all("code_samples")[:SHOWN]
    stable, coming = newest_final(cards), newest_prerelease(cards)
    thanked = sponsors.placed("home", site)
    meta = Meta(
        title=home.title,
        url="/",
        description=home.description,
        feeds=(FeedLink("Python releases", "/downloads/feed.rss", "application/rss+xml"),),
        edit=home.source.path,
        json_ld=(_web_site(site),),
    )
    data: dict[str, Any] = {
        "meta": meta,
        "stable": _release(stable, site),
        "prerelease": _release(coming, site) if coming and _is_ahead(coming, stable) else None,
        "series": tuple(_series(site)),
        "sample_titles": tuple(sample.title for sample in samples),
        "headline": home.headline,
        "news": home_news.news(site),
        "events": home_news.events(site),
        "jobs": home_news.open_jobs(site),
        "stories": stories.featured(site),
        "sponsors": thanked,
    }
    yield Page(
        url="/",
        template="home/index.html",
        data=data,
        bodies=_bodies(samples),
        pictures=sponsors.logos(thanked),
        source=home.source,
        bundle="pages",
        updated=support.newest_change(site).date() if cards else None,
    )


def _bodies(samples: tuple[Any, ...]) -> dict[str, Body]:
    """The samples under the names that the template knows, also where there are fewer."""
    bodies = [sample.body for sample in samples] + [Body()] * (SHOWN - len(samples))
    return {f"sample_{number}": body for number, body in enumerate(bodies, 1)}


def _is_ahead(coming: ReleaseCard, stable: ReleaseCard | None) -> bool:
    return stable is None or coming.number > stable.number


def _release(card: ReleaseCard | None, site: Site) -> HomeRelease | None:
    if card is None:
        return None
    return HomeRelease(card.title, card.version, card.url, card.date, tuple(_buttons(card, site)))


def _buttons(card: ReleaseCard, site: Site) -> Iterator[Button]:
    """What each system is offered: the same as on /downloads/."""
    manager = newest_install_manager(site)
    for button in card.buttons:
        if manager and button.os == "windows" and manager_first(manager):
            yield Button(os="windows", label=manager.title, url=MANAGER_URL, name="")
        else:
            yield button


def _series(site: Site) -> Iterator[HomeSeries]:
    for row in support.supported(support.rows(site)):
        if row.latest:
            yield HomeSeries(
                row.version, row.status, row.word, row.url, row.latest.title, row.latest.url,
                row.end_of_life,
            )  # fmt: skip


def _web_site(site: Site) -> dict[str, Any]:
    base = site.settings.url
    return {
        "@context": "https://schema.org",
        "@type": "WebSite",
        "name": site.settings.name,
        "url": f"{base}/",
    }


HOME = ContentType("home", Home, files="home.md", of_one=of_one)

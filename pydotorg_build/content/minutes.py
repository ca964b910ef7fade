"""Minutes of the board's meetings: a page for each, a list by year, feeds.

The file of a meeting is called after its day: content/minutes/2026-11-18.md, or, where there were
two on one day, 2026-11-18-members.md.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

import msgspec

from pydotorg_build.artifacts import Item, Page, Redirect
from pydotorg_build.content.articles import as_article
from pydotorg_build.content.base import (
    HOME,
    Card,
    ContentType,
    Crumb,
    Draftable,
    Fault,
    Meta,
    Published,
    poster,
)
from pydotorg_build.content.fields import Title
from pydotorg_build.content.lists import FEED_SIZE, feed_links, feeds
from pydotorg_build.problems import Source

if TYPE_CHECKING:
    from pydotorg_build.site import Site

URL = "/psf/records/board/minutes/"
NAME = "Minutes of the board"
ABOVE = (Crumb("PSF", "/psf/"), Crumb("Public records", "/psf/records/"))
CRUMBS = (HOME, *ABOVE, Crumb("The board", "/psf/records/board/"), Crumb(NAME, URL))


class Minutes(Draftable, frozen=True, kw_only=True):
    """The minutes of one meeting; the body is their text, or with `note` what we say in its place."""

    title: Title
    date: datetime.date
    note: bool = False

    @property
    def url(self) -> str:
        return f"{URL}{self.id}/"

    def card(self) -> Card:
        group = f"year:{self.date.year}"
        return Card(
            id=self.id,
            title=self.title,
            url=self.url,
            date=self.date,
            description="the text is not here yet" if self.note else "",
            groups=(group,),
        )


class Year(msgspec.Struct, frozen=True):
    """The meetings of a year."""

    number: int
    cards: tuple[Card, ...]


def check(minutes: Minutes) -> Iterator[Fault]:
    """Tell where the day and the name of the file differ: the name is the address."""
    day = minutes.date.isoformat()
    if minutes.id != day and not minutes.id.startswith(f"{day}-"):
        yield Fault("date", f"the file is called {minutes.id}, and the meeting was on {day}",
                    f"call it {day}.md")  # fmt: skip


def newest_first(card: Card) -> Any:
    """The last meeting stands first."""
    return (-card.date.toordinal() if card.date else 0, card.id)


def of_one(minutes: Minutes, site: Site) -> Published:
    """The page of a meeting, beside the others of its year."""
    newer, older = site.beside("minutes", "", minutes.id)
    day = f"{minutes.date.day} {minutes.date:%B %Y}"
    meta = Meta(
        title=minutes.title,
        url=minutes.url,
        description=f"Minutes of the board of the Python Software Foundation, {day}.",
        type="article",
        poster=poster(site, "Minutes", minutes.title, minutes.date),
        crumbs=(*CRUMBS, Crumb(day, minutes.url)),
        edit=minutes.source.path,
        changed=site.changed(minutes.source.path),
    )
    if not minutes.note:
        meta = as_article(meta, site, minutes.date)
    data = {
        "meta": meta,
        "minutes": minutes,
        "year": site.cards("minutes", f"year:{minutes.date.year}"),
        "newer": newer,
        "older": older,
    }
    yield Page(url=minutes.url, template="minutes/minutes.html", data=data, source=minutes.source,
               bodies={"body": minutes.body}, bundle="psf", updated=minutes.date)  # fmt: skip
    for old in (f"{URL[:-1]}-{minutes.id}", f"{URL[:-1]}-{minutes.id}/"):
        yield Redirect(url=old, target=minutes.url, source=minutes.source)


def of_all(site: Site) -> Published:
    """The list by year, and the feeds of the newest in full."""
    source = Source("(minutes)")
    cards = site.cards("minutes")
    description = "What the board of the Python Software Foundation talked about and decided."
    meta = Meta(title=NAME, url=URL, description=description, crumbs=CRUMBS,
                feeds=feed_links(URL, NAME))  # fmt: skip
    data = {"meta": meta, "years": tuple(by_year(cards))}
    yield Page(url=URL, template="minutes/index.html", data=data, source=source, bundle="psf")
    items = [item_of(site.entry("minutes", card.id)) for card in cards[:FEED_SIZE]]
    yield from feeds(URL, "PSF Board Meeting Minutes Feed", items, description, source)
    yield Redirect(url=f"{URL}feed/", target=f"{URL}feed.rss", source=source)


def by_year(cards: Sequence[Card]) -> Iterator[Year]:
    """Cards, that come by day, put together by year."""
    for number, found in groupby(cards, key=lambda card: card.date.year if card.date else 0):
        yield Year(number, tuple(found))


def item_of(minutes: Minutes) -> Item:
    """A meeting in a feed, with its whole text."""
    at = datetime.datetime.combine(minutes.date, datetime.time(), datetime.UTC)
    return Item(title=minutes.title, url=minutes.url, updated=at, body=minutes.body)


MINUTES = ContentType(
    "minutes",
    Minutes,
    files="minutes/*.md",
    check=check,
    order=newest_first,
    of_one=of_one,
    of_all=of_all,
)

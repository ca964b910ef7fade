"""Sections: the list of the pages in a folder, with its feeds, and its own text where it has one."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from pydotorg_build.artifacts import Body, Item
from pydotorg_build.content.base import Card, FeedLink, Meta, Published
from pydotorg_build.content.lists import feed_links, feeds, list_pages
from pydotorg_build.content.page_tree import crumbs, meta_of, named, navigation, sorted_by
from pydotorg_build.content.pages import PageEntry
from pydotorg_build.problems import Source

if TYPE_CHECKING:
    from pydotorg_build.site import Site


def with_index(url: str, site: Site) -> Published:
    """A section with an index: its page is that, and its list."""
    if (entry := site.entry("pages", url)) is not None:
        cards = sorted_by(entry.sort, site.cards("pages", f"section:{url}"))
        yield from _lists(url, entry, cards, site)


def without_index(url: str, site: Site) -> Published:
    """A section without an index: only a list; the home page may be a kind of its own."""
    is_made_elsewhere = not url or (url == "/" and "home" in site.settings.nouns)
    if is_made_elsewhere or site.card("pages", url) is not None:
        return
    if cards := site.cards("pages", f"section:{url}"):
        yield from _lists(url, None, sorted_by("order", cards), site)


def of_folders(url: str, site: Site) -> Published:
    """A folder that holds only folders has no list of its own unless it has an index."""
    if site.card("pages", url) is None and not site.cards("pages", f"section:{url}"):
        cards = tuple(
            Card(id=below, title=named(below), url=below)
            for group in site.groups("pages", f"below:{url}")
            if (below := group.removeprefix("below:")) != url
            and below.rstrip("/").rpartition("/")[0] + "/" == url
        )
        yield from _lists(url, None, cards, site)


def _lists(url: str, entry: PageEntry | None, cards: Sequence[Any], site: Site) -> Published:
    title = entry.title if entry else named(url)
    shown = cards if entry is None or entry.list else ()
    source = entry.source if entry else Source(f"{site.settings.content}/pages{url}")
    links = feed_links(url, title) if any(card.date for card in cards) else ()
    yield from list_pages(
        _section_meta(url, title, entry, site, links),
        "pages/section.html",
        shown,
        site.settings.page_size,
        {
            "section": Card(id=url, title=title, url=url,
                            description=entry.description if entry else ""),
            "keywords": entry.keywords if entry else "",
            "nav": navigation(url, site) if entry else (),
        },
        source=source,
        body=entry.body if entry else Body(),
        bundle="pages" if entry and entry.search else "",
        updated=entry.changed if entry else None,
    )  # fmt: skip
    if links:
        yield from _feeds(url, title, entry, cards, source)


def _feeds(
    url: str, title: str, entry: PageEntry | None, cards: Sequence[Any], source: Source
) -> Published:
    newest = sorted((c for c in cards if c.date), key=lambda c: (c.date, c.id), reverse=True)
    items = tuple(
        Item(
            title=card.title,
            url=card.url,
            updated=datetime.datetime.combine(card.date, datetime.time(), datetime.UTC),
            summary=card.description,
            tags=card.tags,
        )
        for card in newest
    )
    description = entry.description if entry else ""
    yield from feeds(url, title, items, description, source)


def _section_meta(
    url: str, title: str, entry: PageEntry | None, site: Site, links: tuple[FeedLink, ...]
) -> Meta:
    if entry is None:
        return Meta(title=title, url=url, crumbs=crumbs(url, title, site), feeds=links)
    return msgspec.structs.replace(meta_of(entry, site), title=title, feeds=links)

"""Older entries of blogs, by month or by year: a new entry changes the page of its own time alone.

Numbered pages would each begin elsewhere after every new entry; of several hundred of them, all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from pydotorg_build.artifacts import Page
from pydotorg_build.content.base import Crumb, Meta
from pydotorg_build.content.lists import list_pages
from pydotorg_build.problems import Source

if TYPE_CHECKING:
    from pydotorg_build.content.blog_entries import BlogCard
    from pydotorg_build.content.blog_feeds import FeedCard

TEMPLATE = "blog_entries/archive.html"
SIZE = 100


class Period(msgspec.Struct, frozen=True):
    """A month or a year in which something was written."""

    title: str
    url: str
    cards: tuple[BlogCard, ...]

    def crumb(self) -> Crumb:
        """What leads to it."""
        return Crumb(self.title, self.url)


def periods(url: str, cards: Sequence[BlogCard], by: Literal["month", "year"]) -> list[Period]:
    """The times of the entries of a list, the newest first, as they come."""
    found: dict[str, list[BlogCard]] = {}
    titles = {}
    for card in cards:
        at = card.published
        name = f"{at:%Y/%m}" if by == "month" else f"{at:%Y}"
        titles[name] = f"{at:%B %Y}" if by == "month" else name
        found.setdefault(name, []).append(card)
    return [Period(titles[name], f"{url}{name}/", tuple(own)) for name, own in found.items()]


def archive(
    meta: Meta,
    times: Sequence[Period],
    blogs: dict[str, FeedCard],
    *,
    source: Source,
    bundle: str = "",
) -> Iterator[Page]:
    """The pages of all times of a list whose head is `meta`.

    Each is given the blogs that it names, and its two neighbours, and so knows of nothing else.
    """
    for at, period in enumerate(times):
        head = Meta(
            title=f"{meta.title}, {period.title}",
            url=period.url,
            description=f"{meta.title}: what was written in {period.title}.",
            noindex=meta.noindex,
            crumbs=(*meta.crumbs, Crumb(period.title, period.url)),
        )
        data: dict[str, Any] = {
            "blogs": {card.feed: blogs[card.feed] for card in period.cards if card.feed in blogs},
            "newer": times[at - 1].crumb() if at else None,
            "older": times[at + 1].crumb() if at + 1 < len(times) else None,
            "all": Crumb(meta.title, meta.url),
            "found": bool(bundle),
        }
        newest = period.cards[0].date
        for page in list_pages(
            head, TEMPLATE, period.cards, SIZE, data, source=source, updated=newest
        ):
            yield msgspec.structs.replace(page, bundle=bundle)

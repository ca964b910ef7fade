"""What is new, for the home page: news, events and jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from pydotorg_build.content import job_lists
from pydotorg_build.content.blog_duplicates import each_once
from pydotorg_build.content.blog_marks import followed
from pydotorg_build.content.event_dates import coming

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydotorg_build.content.blog_entries import BlogCard
    from pydotorg_build.content.event_dates import EventDate
    from pydotorg_build.content.job_lists import JobCard
    from pydotorg_build.site import Site

FEW = 4


class News(msgspec.Struct, frozen=True):
    """An entry of an official blog, and which blog it is."""

    card: BlogCard
    blog: str


def news(site: Site) -> tuple[News, ...]:
    """What the official blogs wrote last."""
    blogs: Iterable[Any] = followed(site)
    titles = {blog.id: blog.title for blog in blogs if blog.official}
    cards: list[Any] = [c for id in titles for c in site.cards("blog_entries", f"feed:{id}")[:FEW]]
    cards.sort(key=lambda card: card.published, reverse=True)
    found = each_once(cards, frozenset(titles))
    return tuple(News(card, titles[card.feed]) for card in found[:FEW])


def events(site: Site) -> tuple[EventDate, ...]:
    """The conferences that come next."""
    dates = coming(site, "kind:conference")
    return tuple(date for date in dates if not date.cancelled)[:FEW]


def open_jobs(site: Site) -> tuple[JobCard, ...]:
    """The newest jobs, featured ones first."""
    cards = job_lists.open_jobs(site)
    return tuple(sorted(cards, key=lambda card: not card.featured)[:FEW])

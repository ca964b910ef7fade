"""What blogs write, as lists that lead to the originals: title, source, day and a few words.

Nothing is published again in full.  An entry that was fetched is a row of a snapshot; one that
editors write stands in content/blog_entries/<year>.yaml, and theirs alone may be `featured`; staff
mark those that were fetched (`blog_marks`).
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from msgspec import Meta as Limits

from pydotorg_build.artifacts import Item, Page, Redirect
from pydotorg_build.content import blog_subscriptions
from pydotorg_build.content.base import (
    HOME,
    Card,
    ContentType,
    Crumb,
    Entry,
    Fault,
    Meta,
    Published,
    unlisted,
)
from pydotorg_build.content.blog_archives import Period, archive, periods
from pydotorg_build.content.blog_duplicates import each_once
from pydotorg_build.content.blog_marks import followed, marked
from pydotorg_build.content.fields import Line, Title
from pydotorg_build.content.lists import FEED_SIZE, feed_links, feeds
from pydotorg_build.digests import digest_texts
from pydotorg_build.problems import Source

if TYPE_CHECKING:
    from pydotorg_build.content.blog_feeds import FeedCard
    from pydotorg_build.site import Site

URL = "/blogs/"
OFFICIAL = "/blogs/official/"
ARCHIVE = "/blogs/archive/"
CRUMBS = (HOME, Crumb("Blogs", URL))
SIZE = 25
# How many entries stand above the list of all.
ABOVE = 4
# How many months the list of all leads to at once.
RECENT = 6
SUMMARY = 400
SOURCE = Source("(blogs)")
NAME = "Python blogs"


class BlogCard(Card, frozen=True, kw_only=True):
    """An entry in a list; `url` leads to the original, `anchor` is its place on our own page."""

    feed: str
    published: datetime.datetime
    author: str = ""
    guid: str = ""
    featured: bool = False
    sample: bool = False
    anchor: str = ""


class BlogEntry(Entry, frozen=True, kw_only=True):
    """An entry of a blog: `feed` is the slug of the blog, `url` the address of the original.

    It is shown from `published` on.  `guid` is what the blog's feed calls it.
    """

    title: Title
    feed: Annotated[str, Limits(min_length=1)]
    url: Annotated[
        str,
        Limits(pattern=r"^https?://[^\s<>\"]+$", max_length=2000,
               examples=["https://blog.example/2026/a-post/"]),
    ]  # fmt: skip
    published: datetime.datetime
    updated: datetime.datetime | None = None
    author: Line = ""
    summary: Annotated[str, Limits(max_length=SUMMARY)] = ""
    guid: Annotated[str, Limits(max_length=2000)] = ""
    featured: bool = False
    sample: bool = False

    @property
    def id(self) -> str:
        """Editors may write an address once; of what was fetched, each blog has its own."""
        if self.source.path.endswith(".yaml"):
            return self.url
        return row_key(self.feed, self.guid or self.url)

    @property
    def shown(self) -> tuple[datetime.datetime | None, datetime.datetime | None]:
        return self.published, None

    def card(self) -> BlogCard:
        return BlogCard(
            id=self.id,
            title=self.title,
            url=self.url,
            date=self.published.date(),
            description=self.summary,
            feed=self.feed,
            published=self.published,
            author=self.author,
            guid=self.guid,
            featured=self.featured,
            sample=self.sample,
            anchor=f"post-{digest_texts(self.url)[:10]}",
            groups=(f"feed:{self.feed}",),
        )


def row_key(feed: str, name: str) -> str:
    """The key of the row of an entry, by its blog and its guid or address."""
    return f"{feed}.{digest_texts(name)[:16]}"


def check(entry: BlogEntry) -> Iterator[Fault]:
    """Tell what only editors may do."""
    if entry.featured and not entry.source.path.endswith(".yaml"):
        yield Fault("featured", "only an entry of content/blog_entries/ may be featured")


def newest_first(card: BlogCard) -> Any:
    """Sort by moment, the newest first."""
    return (-card.published.timestamp(), card.title.casefold(), card.id)


def merged(site: Site) -> tuple[BlogCard, ...]:
    """The entries of all active blogs, each once, the newest first."""
    active = {card.id: card for card in followed(site)}
    cards: tuple[Any, ...] = site.cards("blog_entries")
    return each_once([card for card in cards if card.feed in active], _official(active.values()))


def _official(blogs: Any) -> frozenset[str]:
    return frozenset(blog.id for blog in blogs if blog.official)


# -- lists


def of_one(entry: BlogEntry, site: Site) -> Published:
    """An entry has no page; one of editors must name a blog that there is."""
    yield from unlisted(entry, site, "blog", "blog_feeds", "feed")


def list_of_feed(feed: FeedCard, site: Site, source: Source) -> Published:
    """The entries of one blog, found by search; a list that is empty asks not to be listed."""
    cards: tuple[Any, ...] = site.cards("blog_entries", f"feed:{feed.id}")
    own = each_once(cards, frozenset())
    meta = Meta(
        title=f"Blog: {feed.title}",
        url=feed.url,
        description=f"What {feed.title} wrote last, with links to the originals.",
        noindex=not own,
        edit=f"{site.settings.content}/blog_feeds.yaml",
        crumbs=(*CRUMBS, Crumb(feed.title, feed.url)),
    )
    # Search finds the titles here, since an entry has no page; and each once: in its year.
    years = periods(feed.url, own, "year") if len(own) > SIZE else []
    yield Page(
        url=feed.url,
        template="blog_entries/feed.html",
        data={"meta": meta, "feed": feed, "cards": own[:SIZE], "years": _crumbs(years)},
        source=source,
        bundle="community" if own else "",
        updated=own[0].date if own else None,
        listed=not meta.noindex,
    )
    yield from archive(meta, years, {}, source=source, bundle="community")
    yield Redirect(url=f"{feed.url}page/*", target=feed.url, source=source)


def of_all(site: Site) -> Published:
    """The list of all, that of the official blogs, the subscriptions, and their feeds."""
    active = followed(site)
    featured = marked(site, "featured")
    cards, official = merged(site), _official(active)
    own = tuple(card for card in cards if card.feed in official)
    blogs = {blog.id: blog for blog in active}
    above = {
        "official": own[:ABOVE],
        "featured": tuple(c for c in cards if c.featured or c.id in featured)[:ABOVE],
    }
    words = "News of Python and of those who use it, gathered from many blogs."
    months = periods(URL, cards, "month")
    yield from _list(URL, NAME, words, cards, months, above, blogs)
    yield _months(months)
    words = "News of Python from the blogs of the project, its foundation and its conferences."
    years = periods(OFFICIAL, own, "year")
    yield from _list(OFFICIAL, "Official Python blogs", words, own, years, {}, blogs)
    ended: Any = [blog for blog in site.cards("blog_feeds") if blog.id not in blogs]
    yield from blog_subscriptions.pages(active, ended, CRUMBS)
    yield Redirect(url="/blogs/feed/", target=blog_subscriptions.URL, source=SOURCE)
    for year in dict.fromkeys(month.url.removesuffix("/")[:-2] for month in months):
        yield Redirect(url=year, target=ARCHIVE, source=SOURCE)


def _list(
    url: str,
    title: str,
    words: str,
    cards: Sequence[BlogCard],
    times: Sequence[Period],
    above: Mapping[str, Sequence[BlogCard]],
    blogs: dict[str, FeedCard],
) -> Published:
    meta = Meta(
        title=title,
        url=url,
        description=words,
        crumbs=CRUMBS if url == URL else (*CRUMBS, Crumb(title, url)),
        feeds=feed_links(url, title),
    )
    template = "blog_entries/index.html" if url == URL else "blog_entries/official.html"
    # A page is given the blogs that it names, so that another blog's change is none of its own.
    named = [card for list in (cards[:SIZE], *above.values()) for card in list]
    yield Page(
        url=url,
        template=template,
        data={
            "meta": meta,
            "cards": tuple(cards[:SIZE]),
            "blogs": {card.feed: blogs[card.feed] for card in named},
            "times": _crumbs(times[:RECENT] if url == URL else times),
            **above,
        },
        source=SOURCE,
        bundle="pages" if url == URL else "",
        updated=cards[0].date if cards else None,
    )
    items = [_item(card, blogs[card.feed]) for card in cards[:FEED_SIZE]]
    yield from feeds(url, title, items, words, SOURCE)
    yield from archive(meta, times, blogs, source=SOURCE)
    yield Redirect(url=f"{url}page/*", target=ARCHIVE if url == URL else url, source=SOURCE)


def _crumbs(times: Sequence[Period]) -> tuple[Crumb, ...]:
    return tuple(period.crumb() for period in times)


def _months(times: Sequence[Period]) -> Page:
    """Every month in which something was written, by year."""
    title = "Blogs by month"
    meta = Meta(
        title=title,
        url=ARCHIVE,
        description="What Python's blogs wrote, by month.",
        crumbs=(*CRUMBS, Crumb(title, ARCHIVE)),
    )
    years: dict[str, list[Crumb]] = {}
    for month in _crumbs(times):
        years.setdefault(month.title.rpartition(" ")[2], []).append(month)
    return Page(url=ARCHIVE, template="blog_entries/months.html",
                data={"meta": meta, "years": years}, source=SOURCE)  # fmt: skip


def _item(card: BlogCard, blog: FeedCard) -> Item:
    return Item(
        title=card.title,
        url=card.url,
        updated=card.published,
        summary=card.description,
        author=f"{card.author} ({blog.title})" if card.author else blog.title,
    )


BLOG_ENTRIES = ContentType(
    "blog_entries",
    BlogEntry,
    files="blog_entries/*.yaml",
    rows=True,
    card=BlogCard,
    check=check,
    order=newest_first,
    of_one=of_one,
    of_all=of_all,
)

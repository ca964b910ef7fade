"""What blogs write, as lists that lead to the originals: title, source, day and a few words.

Nothing is published again in full.  An entry that was fetched is a row of a snapshot; one that
editors write stands in content/blog_entries/<year>.yaml, and theirs alone may be `featured`.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta as Limits

from pydotorg_build.artifacts import Data, Item, Page, Redirect
from pydotorg_build.content.base import (
    HOME,
    Card,
    ContentType,
    Crumb,
    Entry,
    Fault,
    Meta,
    Published,
)
from pydotorg_build.content.fields import Line, Title
from pydotorg_build.content.lists import feed_links, feeds, list_pages
from pydotorg_build.digests import digest_texts
from pydotorg_build.problems import Problem, Source

if TYPE_CHECKING:
    from pydotorg_build.content.blog_feeds import FeedCard
    from pydotorg_build.site import Site

URL = "/blogs/"
OFFICIAL = "/blogs/official/"
SUBSCRIPTIONS = "/blogs/feeds/"
OPML = "/blogs/feeds.opml"
CRUMBS = (HOME, Crumb("Blogs", URL))
SIZE = 25
# How many entries stand above the list of all, and how many blogs on a page of subscriptions.
ABOVE = 4
SUBSCRIPTIONS_SIZE = 100
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


# -- one of each


def each_once(cards: Sequence[BlogCard], official: frozenset[str]) -> tuple[BlogCard, ...]:
    """The cards without duplicates, in their order.

    Two are one when a feed names them alike, or when they lead to one address.  The one of an
    official blog stays, then the one that says more, then what editors feature.
    """
    best = sorted(
        cards,
        key=lambda card: (card.feed not in official, not card.description, not card.featured),
    )
    seen: set[str] = set()
    kept: set[str] = set()
    for card in best:
        names = {_name(card), _address(card.url)} - {""}
        if names.isdisjoint(seen):
            kept.add(card.id)
        seen |= names
    featured = {_address(card.url) for card in cards if card.featured}
    return tuple(_featured(card, featured) for card in cards if card.id in kept)


def _featured(card: BlogCard, featured: set[str]) -> BlogCard:
    """What editors feature stays featured where the fetched entry says more."""
    if card.featured or _address(card.url) not in featured:
        return card
    return msgspec.structs.replace(card, featured=True)


def _name(card: BlogCard) -> str:
    """The id of an entry; one like `42` means something in its own feed only."""
    if not card.guid:
        return ""
    return f"id {card.guid}" if ":" in card.guid else f"id {card.feed} {card.guid}"


def _address(url: str) -> str:
    """An address to compare: with or without TLS, `www.`, slash and mark, it is one.

    >>> _address("http://www.a.example/b/#c") == _address("https://a.example/b")
    True
    """
    rest = url.partition("://")[2].partition("#")[0].rstrip("/")
    host, slash, path = rest.partition("/")
    return f"{host.lower().removeprefix('www.')}{slash}{path}"


def merged(site: Site) -> tuple[BlogCard, ...]:
    """The entries of all active blogs, each once, the newest first."""
    active = {card.id: card for card in site.cards("blog_feeds", "active")}
    cards: tuple[Any, ...] = site.cards("blog_entries")
    return each_once([card for card in cards if card.feed in active], _official(active.values()))


def _official(blogs: Any) -> frozenset[str]:
    return frozenset(blog.id for blog in blogs if blog.official)


# -- lists


def of_one(entry: BlogEntry, site: Site) -> Published:
    """An entry has no page; one of editors must name a blog that there is."""
    if site.card("blog_feeds", entry.feed) is None and entry.source.path.endswith(".yaml"):
        message = f"there is no blog `{entry.feed}`"
        yield Problem(entry.source, message, "give the slug of one in content/blog_feeds.yaml")


def list_of_feed(feed: FeedCard, site: Site, source: Source) -> Published:
    """The entries of one blog, found by search; a list that is empty asks not to be listed."""
    cards: tuple[Any, ...] = site.cards("blog_entries", f"feed:{feed.id}")
    own = each_once(cards, frozenset())
    meta = Meta(
        title=f"Blog: {feed.title}",
        url=feed.url,
        description=f"What {feed.title} wrote last, with links to the originals.",
        noindex=not own,
        crumbs=(*CRUMBS, Crumb(feed.title, feed.url)),
    )
    data = {"feed": feed}
    updated = own[0].date if own else None
    for page in list_pages(
        meta, "blog_entries/feed.html", own, SIZE, data, source=source, updated=updated
    ):
        # Each page is indexed, not the first alone: nowhere else on the site are its titles.
        yield msgspec.structs.replace(page, bundle="blogs") if own else page


def of_all(site: Site) -> Published:
    """The list of all, that of the official blogs, the subscriptions, and their feeds."""
    active: tuple[Any, ...] = site.cards("blog_feeds", "active")
    cards, official = merged(site), _official(active)
    own = tuple(card for card in cards if card.feed in official)
    # A page is given the blogs that it may name, so that another blog's change is none of its own.
    named = {card.feed for card in cards}
    blogs = {blog.id: blog for blog in active if blog.id in named}
    above = {
        "blogs": blogs,
        "official": own[:ABOVE],
        "featured": tuple(card for card in cards if card.featured)[:ABOVE],
    }
    words = "News of Python and of those who use it, gathered from many blogs."
    yield from _list(URL, NAME, words, cards, above)
    words = "News of Python from the blogs of the project, its foundation and its conferences."
    yield from _list(OFFICIAL, "Official Python blogs", words, own, {"blogs": blogs})
    yield from _subscriptions(active)
    yield Redirect(url="/blogs/feed/", target=SUBSCRIPTIONS, source=SOURCE)


def _list(
    url: str, title: str, words: str, cards: Sequence[BlogCard], data: dict[str, Any]
) -> Published:
    meta = Meta(
        title=title,
        url=url,
        description=words,
        crumbs=CRUMBS if url == URL else (*CRUMBS, Crumb(title, url)),
        feeds=feed_links(url, title),
    )
    template = "blog_entries/index.html" if url == URL else "blog_entries/official.html"
    updated = cards[0].date if cards else None
    yield from list_pages(meta, template, cards, SIZE, data, source=SOURCE, updated=updated)
    items = [_item(card, data["blogs"][card.feed]) for card in cards]
    yield from feeds(url, title, items, words, SOURCE)


def _item(card: BlogCard, blog: FeedCard) -> Item:
    return Item(
        title=card.title,
        url=card.url,
        updated=card.published,
        summary=card.description,
        author=f"{card.author} ({blog.title})" if card.author else blog.title,
    )


def _subscriptions(blogs: Sequence[FeedCard]) -> Iterator[Page | Data]:
    """Every active blog, the official ones first, for people and as OPML for their readers."""
    title = "Blogs we follow"
    meta = Meta(
        title=title,
        url=SUBSCRIPTIONS,
        description="The blogs that python.org gathers, with the addresses of their feeds.",
        crumbs=(*CRUMBS, Crumb(title, SUBSCRIPTIONS)),
    )
    ordered = sorted(blogs, key=lambda blog: (not blog.official, blog.title.casefold(), blog.id))
    data = {"total": len(blogs), "opml": OPML}
    yield from list_pages(
        meta, "blog_feeds/index.html", ordered, SUBSCRIPTIONS_SIZE, data, source=SOURCE
    )
    real = [blog for blog in ordered if not blog.sample]
    yield Data(url=OPML, content=opml(real), source=SOURCE)


def opml(blogs: Sequence[FeedCard]) -> str:
    """Subscriptions as OPML 2.0, which feed readers take."""
    return "\n".join((
        '<?xml version="1.0" encoding="utf-8"?>',
        '<opml version="2.0">',
        f"<head><title>{NAME}</title></head>",
        "<body>",
        *map(_outline, blogs),
        "</body>",
        "</opml>\n",
    ))  # fmt: skip


def _outline(blog: FeedCard) -> str:
    fields = {"text": blog.title, "title": blog.title, "type": "rss", "xmlUrl": blog.feed,
              "htmlUrl": blog.site, "language": blog.language}  # fmt: skip
    written = " ".join(f'{name}="{escape(value)}"' for name, value in fields.items() if value)
    return f"<outline {written}/>"


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

"""The blogs that /blogs/ gathers, in content/blog_feeds.yaml: each has a list of its entries.

Those of a snapshot are shown like them, and never fetched.
One that is not active is fetched no more, and its entries stand in no list but its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

from msgspec import Meta as Limits

from pydotorg_build.content import blog_entries
from pydotorg_build.content.base import Card, ContentType, Entry, Fault, Published
from pydotorg_build.content.fields import Slug, Title

if TYPE_CHECKING:
    from pydotorg_build.site import Site

HttpAddress = Annotated[
    str, Limits(pattern=r"^https?://[^\s<>\"]+$", examples=["https://blog.example/feed.xml"])
]
Language = Annotated[str, Limits(pattern=r"^([a-z]{2,3}(-[A-Z]{2})?)?$", examples=["en"])]


class FeedCard(Card, frozen=True, kw_only=True):
    """A blog in a list: `site` is where people read it, `feed` what programs ask for."""

    feed: str
    site: str
    language: str = ""
    official: bool = False
    active: bool = True
    sample: bool = False


class BlogFeed(Entry, frozen=True, kw_only=True):
    """One blog: `feed` is the address of its RSS or Atom, `site` that of its front page.

    `official` are the blogs of the Python project, its foundation and its conferences.
    """

    title: Title
    slug: Slug
    feed: HttpAddress
    site: HttpAddress | None = None
    language: Language = ""
    official: bool = False
    active: bool = True
    sample: bool = False

    @property
    def id(self) -> str:
        return self.slug

    @property
    def url(self) -> str:
        return f"/blogs/feed/{self.slug}/"

    def card(self) -> FeedCard:
        return FeedCard(
            id=self.slug,
            title=self.title,
            url=self.url,
            feed=self.feed,
            site=self.site or "",
            language=self.language,
            official=self.official,
            active=self.active,
            sample=self.sample,
            groups=("active",) if self.active else (),
        )


def check(feed: BlogFeed) -> Iterator[Fault]:
    """Tell an address that names nobody, or a password that everybody would read."""
    for name in ("feed", "site"):
        address = getattr(feed, name) or "https://example.org/"
        if not _names_a_host(address):
            yield Fault(name, f"`{name}` must name a host, and neither user nor password")


def _names_a_host(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return bool(parts.hostname) and "@" not in parts.netloc and parts.port != 0
    except ValueError:
        return False


def of_one(feed: BlogFeed, site: Site) -> Published:
    """The list of its entries, also while there is none: an address that people keep stays."""
    yield from blog_entries.list_of_feed(feed.card(), site, feed.source)


BLOG_FEEDS = ContentType(
    "blog_feeds",
    BlogFeed,
    files="blog_feeds.yaml",
    rows=True,
    card=FeedCard,
    check=check,
    of_one=of_one,
)

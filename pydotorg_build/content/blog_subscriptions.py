"""The blogs that /blogs/ gathers, for people and for their feed readers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING

from pydotorg_build.artifacts import Data, Page
from pydotorg_build.content.base import Crumb, Meta
from pydotorg_build.content.lists import list_pages
from pydotorg_build.problems import Source

if TYPE_CHECKING:
    from pydotorg_build.content.blog_feeds import FeedCard

URL = "/blogs/feeds/"
OPML = "/blogs/feeds.opml"
SIZE = 100
SOURCE = Source("(blogs)")


def pages(
    blogs: Sequence[FeedCard], ended: Sequence[FeedCard], above: tuple[Crumb, ...]
) -> Iterator[Page | Data]:
    """Every active blog, the official ones first, for people and as OPML for their readers.

    Those that are followed no more are named below: what they wrote is still here.
    """
    title = "Blogs we follow"
    meta = Meta(
        title=title,
        url=URL,
        description="The blogs that python.org gathers, with the addresses of their feeds.",
        crumbs=(*above, Crumb(title, URL)),
    )
    ordered = sorted(blogs, key=lambda blog: (not blog.official, blog.title.casefold(), blog.id))
    data = {"total": len(blogs), "opml": OPML, "ended": tuple(ended)}
    yield from list_pages(meta, "blog_feeds/index.html", ordered, SIZE, data, source=SOURCE)
    real = [blog for blog in ordered if not blog.sample]
    yield Data(url=OPML, content=opml(real), source=SOURCE)


def opml(blogs: Sequence[FeedCard]) -> str:
    """Subscriptions as OPML 2.0, which feed readers take."""
    return "\n".join((
        '<?xml version="1.0" encoding="utf-8"?>',
        '<opml version="2.0">',
        "<head><title>Python blogs</title></head>",
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

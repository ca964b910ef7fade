"""What staff said of blogs at the desk: which are followed no more, and which entries are featured.

The list of blogs itself is content/blog_feeds.yaml; these are rows of a snapshot, and have no page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec

from pydotorg_build.content.base import Card, ContentType, Entry

if TYPE_CHECKING:
    from pydotorg_build.site import Site

KIND = "blog_marks"


class BlogMark(Entry, frozen=True, kw_only=True):
    """One of them: `of` is the slug of a blog that is off, or the id of an entry that is featured."""

    title: str = ""
    mark: Literal["off", "featured"]
    of: Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]

    @property
    def id(self) -> str:
        return f"{self.mark}.{self.of}"

    def card(self) -> Card:
        return Card(id=self.id, title=self.of, url="", groups=(self.mark,))


def followed(site: Site) -> tuple[Any, ...]:
    """The cards of the blogs that are active, and not switched off at the desk."""
    off = marked(site, "off")
    return tuple(card for card in site.cards("blog_feeds", "active") if card.id not in off)


def marked(site: Site, mark: str) -> frozenset[str]:
    """What bears a mark."""
    return frozenset(card.title for card in site.cards(KIND, mark))


BLOG_MARKS = ContentType(KIND, BlogMark, rows=True)

"""What events are about, as content/event_categories.yaml tells it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydotorg_build.content import event_lists
from pydotorg_build.content.base import Card, ContentType, Entry, Fault, Published
from pydotorg_build.content.event_cards import URL
from pydotorg_build.content.fields import Line, Slug, Title

if TYPE_CHECKING:
    from pydotorg_build.site import Site


class EventCategory(Entry, frozen=True, kw_only=True):
    """One subject."""

    title: Title
    slug: Slug
    description: Line = ""

    @property
    def id(self) -> str:
        return self.slug

    @property
    def url(self) -> str:
        return f"{URL}category/{self.slug}/"

    def card(self) -> Card:
        return Card(id=self.id, title=self.title, url=self.url, description=self.description)


def check(category: EventCategory) -> Iterator[Fault]:
    """Tell an address that lists use."""
    if category.slug == "page":
        yield Fault("slug", "the slug `page` is used by lists", "choose another")


def of_one(category: EventCategory, site: Site) -> Published:
    """The list of its events, also while it has none."""
    yield from event_lists.list_of(
        site,
        url=category.url,
        title=f"Python events: {category.title}",
        groups=(f"category:{category.slug}",),
        description=category.description or f"Events of people who use Python: {category.title}.",
        source=category.source,
    )


EVENT_CATEGORIES = ContentType(
    "event_categories", EventCategory, files="event_categories.yaml", check=check, of_one=of_one
)

"""The calendars that events stand in, as content/calendars.yaml tells them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydotorg_build.content import event_lists
from pydotorg_build.content.base import Card, ContentType, Entry, Fault, Published
from pydotorg_build.content.event_cards import RESERVED, URL
from pydotorg_build.content.fields import Line, Slug, Title

if TYPE_CHECKING:
    from pydotorg_build.site import Site


class EventCalendar(Entry, frozen=True, kw_only=True):
    """One calendar; its slug is the second part of the address of each of its events."""

    title: Title
    slug: Slug
    description: Line = ""

    @property
    def id(self) -> str:
        return self.slug

    @property
    def url(self) -> str:
        return f"{URL}{self.slug}/"

    def card(self) -> Card:
        return Card(id=self.id, title=self.title, url=self.url, description=self.description)


def check(calendar: EventCalendar) -> Iterator[Fault]:
    """Tell an address that lists use."""
    if calendar.slug in RESERVED or calendar.slug.isdecimal():
        yield Fault("slug", f"the slug `{calendar.slug}` is used by lists", "choose another")


def of_one(calendar: EventCalendar, site: Site) -> Published:
    """The list of its events, also while it has none."""
    yield from event_lists.list_of(
        site,
        url=calendar.url,
        title=calendar.title,
        groups=(f"calendar:{calendar.slug}",),
        description=calendar.description or f"{calendar.title}: what is coming.",
        source=calendar.source,
    )


CALENDARS = ContentType(
    "calendars", EventCalendar, files="calendars.yaml", check=check, of_one=of_one
)

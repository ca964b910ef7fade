"""What lists know of an event, and the addresses that lists of events use themselves."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pydotorg_build.content.base import HOME, Card, Crumb
from pydotorg_build.content.event_times import Times
from pydotorg_build.content.place import Place

if TYPE_CHECKING:
    from pydotorg_build.site import Site

URL = "/events/"
CRUMBS = (HOME, Crumb("Events", URL))
KIND = {
    "conference": "Conference",
    "meetup": "Meetup",
    "sprint": "Sprint",
    "workshop": "Workshop",
    "training": "Training",
    "other": "Event",
}
KINDS = {
    "conference": "Conferences",
    "meetup": "Meetups",
    "sprint": "Sprints",
    "workshop": "Workshops",
    "training": "Trainings",
    "other": "Other events",
}
RESERVED = frozenset(
    {"calendar", "calendars", "categories", "category", "cfp", "country", "create", "kind", "mine"}
    | {"locations", "page", "past", "submit"}
)
# The last parts that a calendar's own lists use.
TAKEN = frozenset({"categories", "date", "locations", "page", "past"})


class EventCard(Card, frozen=True, kw_only=True):
    """An event in a list, with all its times: which dates are coming is asked of the clock."""

    times: Times
    calendar: str
    kind: str
    categories: tuple[str, ...] = ()
    place: Place = Place()
    location: str = ""
    country: str = ""
    online: bool = False
    site: str = ""
    cfp_opens: str = ""
    cfp_closes: str = ""
    cfp_zone: str = ""
    cfp_url: str = ""
    featured: bool = False
    cancelled: bool = False
    sample: bool = False
    uid: str
    updated: datetime.date | None = None


def cards_of(site: Site, *groups: str) -> tuple[EventCard, ...]:
    """All events, or those of some groups, none of which is in two of them."""
    cards: Iterator[Any] = (c for group in groups or ("",) for c in site.cards("events", group))
    return tuple(cards)

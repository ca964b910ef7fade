"""Events: conferences, meetups and sprints, each a page, once or in a series.

A coming event is a file, content/events/<name>-<year>.md; those of a past year may stand together
in content/events/<year>.yaml.  One that was handed in is a row of the snapshot.  What the clock at
the venue shows is kept as it is written, with the name of its zone (`event_times`).
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from msgspec import Meta as Limits

from pydotorg_build.content import event_lists, event_page
from pydotorg_build.content.base import ContentType, Draftable, Fault, Published
from pydotorg_build.content.event_cards import TAKEN, URL, EventCard
from pydotorg_build.content.event_faults import faults, time_faults
from pydotorg_build.content.event_times import LocalTime, Times, ZoneName, deadline
from pydotorg_build.content.fields import Line, MailAddress, Slug, Title, WebAddress
from pydotorg_build.content.lists import slug
from pydotorg_build.content.place import Place, said_once

if TYPE_CHECKING:
    from pydotorg_build.site import Site

MOST_DATES = 500
YEAR = re.compile(r"\b(19|20)\d\d\b")
# A slug, or none: the name is made of the title then.
NoSlug = Annotated[str, Limits(pattern=r"^([a-z0-9]+(-[a-z0-9]+)*)?$", examples=["pycon-de-2027"])]


class Venue(msgspec.Struct, frozen=True, kw_only=True):
    """Where an event is."""

    name: Line = ""
    address: Line = ""
    city: Line = ""
    country: Line = ""
    lat: Annotated[float, Limits(ge=-90, le=90)] | None = None
    lon: Annotated[float, Limits(ge=-180, le=180)] | None = None
    url: WebAddress = ""


class Cfp(msgspec.Struct, frozen=True, kw_only=True):
    """A call for proposals; without a zone of its own it closes by the clock of the event."""

    opens: LocalTime = ""
    closes: Annotated[LocalTime, Limits(min_length=1)]
    zone: ZoneName = ""
    url: WebAddress = ""


class Event(Draftable, frozen=True, kw_only=True):
    """An event: the body describes it.

    `website` is its own site, `updated` the day it was entered or last changed.  `start` and `end`
    are local times in `zone`, or days, the last one included.  In a series, `rule` is a rule of
    RFC 5545, `dates` are further dates, and `without` those that are left out.
    """

    title: Title
    slug: NoSlug = ""
    calendar: Slug
    kind: Literal["conference", "meetup", "sprint", "workshop", "training", "other"] = "conference"
    categories: tuple[Slug, ...] = ()
    venue: Venue | None = None
    online: bool = False
    zone: ZoneName = ""
    start: Annotated[LocalTime, Limits(min_length=1)]
    end: LocalTime = ""
    rule: Line = ""
    dates: Annotated[tuple[LocalTime, ...], Limits(max_length=MOST_DATES)] = ()
    without: Annotated[tuple[LocalTime, ...], Limits(max_length=MOST_DATES)] = ()
    cfp: Cfp | None = None
    website: WebAddress = ""
    contact: MailAddress = ""
    description: Annotated[str, Limits(max_length=300)] = ""
    featured: bool = False
    cancelled: bool = False
    sample: bool = False
    uid: Line = ""
    updated: datetime.date | None = None

    @property
    def id(self) -> str:
        """The key of a row, the name of a file, or the title with the year."""
        name = self.source.path.rpartition("/")[2]
        if not name.endswith(".yaml"):
            return name.removesuffix(".md")
        return self.slug or name_of(self.title, self.times)

    @property
    def url(self) -> str:
        return f"{URL}{self.calendar}/{self.id}/"

    @property
    def name(self) -> str:
        """What it is called: a conference with its year, as the next one has the same title."""
        yearly = self.kind == "conference" and not self.times.is_series
        return f"{self.title} {self.start[:4]}" if yearly and not YEAR.search(self.title) else (
            self.title
        )  # fmt: skip

    @property
    def times(self) -> Times:
        """When it is."""
        return Times(self.start, self.end, self.zone, self.rule, self.dates, self.without)

    @property
    def place(self) -> Place:
        """Where it is, as one line."""
        venue = self.venue or Venue()
        parts = said_once(venue.city, venue.country)
        if not parts and venue.name:
            parts = (venue.name,)
        if not self.online:
            return Place(parts)
        return Place(parts, " and online" if parts else "Online")

    @property
    def location(self) -> str:
        """Where it is, in full."""
        return ", ".join(self.whereabouts) or str(self.place)

    @property
    def whereabouts(self) -> tuple[str, ...]:
        """The venue and its address, from the small to the large."""
        venue = self.venue or Venue()
        return said_once(venue.name, venue.address, venue.city, venue.country)

    def card(self) -> EventCard:
        cfp = self.cfp or Cfp(closes="")
        return EventCard(
            id=self.id,
            title=self.name,
            url=self.url,
            description=self.description,
            times=self.times,
            calendar=self.calendar,
            kind=self.kind,
            categories=self.categories,
            place=self.place,
            location=self.location,
            country=self.venue.country if self.venue else "",
            online=self.online,
            site=self.website,
            cfp_opens=cfp.opens,
            cfp_closes=cfp.closes,
            cfp_zone=cfp.zone or self.zone,
            cfp_url=cfp.url,
            featured=self.featured,
            cancelled=self.cancelled,
            sample=self.sample,
            uid=self.uid or self.id,
            updated=self.updated,
            groups=tuple(self._groups()),
        )

    def _groups(self) -> Iterator[str]:
        yield f"calendar:{self.calendar}"
        yield f"kind:{self.kind}"
        yield from (f"category:{name}" for name in self.categories)
        if self.venue and self.venue.country:
            yield f"country:{slug(self.venue.country)}"
        if self.online:
            yield "online"
        if self.cfp:
            yield "cfp"


def name_of(title: str, times: Times) -> str:
    """The last part of an address: the title and, unless it is a series, the year.

    >>> name_of("PyCon Lithuania", Times("2027-04-28"))
    'pycon-lithuania-2027'
    """
    name, year = slug(title), times.start[:4]
    return name if times.is_series or year in name.split("-") else f"{name}-{year}"


def check(event: Event) -> Iterator[Fault]:
    """Tell what the types cannot."""
    is_file = event.source.path.endswith(".md")
    if event.id in TAKEN:
        yield Fault("", f"the name {event.id!r} is used by lists of events", "choose another")
    if is_file and event.id.isdecimal():
        yield Fault("", "numbers are for events that were handed in", "name the file by its title")
    elif is_file and not event.times.is_series and event.start[:4] not in event.id.split("-"):
        yield _wrong_year(event)
    if not event.online and not event.place:
        hint = "give `venue` a `city` and a `country`, or write `online: true`"
        yield Fault("venue", "it is not said where the event is", hint)
    if not event.updated and not event.source.path.endswith(".yaml"):
        hint = "write the day on which you enter or change it"
        yield Fault("updated", "`updated` is missing", hint)
    if event.venue and (event.venue.lat is None) is not (event.venue.lon is None):
        yield Fault("venue", "`lat` and `lon` go together")
    yield from faults(event.times)
    if event.cfp:
        yield from _cfp_faults(event.cfp)
        if not event.times.is_series and event.cfp.closes[:10] > (event.end or event.start)[:10]:
            yield Fault("cfp.closes", "the call for proposals closes after the event")


def _wrong_year(event: Event) -> Fault:
    """What to say of a file whose name has no year, or another than that of its first day."""
    named, count = YEAR.subn(event.start[:4], event.id)
    if not count:
        hint = f"rename it to {name_of(event.title, event.times)}.md"
        return Fault("", "the name of the file lacks the year", hint)
    message = "the name of the file has another year than `start`"
    return Fault("start", message, f"name it {named}.md, or correct `start`")


def _cfp_faults(cfp: Cfp) -> Iterator[Fault]:
    found = [
        *time_faults(cfp.closes, "cfp.closes", cfp.zone),
        *time_faults(cfp.opens, "cfp.opens"),
    ]
    if not found and cfp.opens and deadline(cfp.closes, "") <= deadline(cfp.opens, ""):
        found = [Fault("cfp.closes", "`cfp.closes` must come after `cfp.opens`")]
    yield from found


def by_first_date(card: EventCard) -> Any:
    """Sort by the first date, the earliest first."""
    return (card.times.start, card.title.casefold(), card.id)


def of_one(event: Event, site: Site) -> Published:
    """The page of an event and its calendar file."""
    yield from event_page.page_of(event, site)


EVENTS = ContentType(
    "events",
    Event,
    files="events/*",
    rows=True,
    card=EventCard,
    check=check,
    order=by_first_date,
    of_one=of_one,
    of_group=event_lists.of_group,
    of_all=event_lists.of_all,
)

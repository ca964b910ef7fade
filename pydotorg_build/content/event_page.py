"""The page of one event: when, by which clock, where, and what search engines are told."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pydotorg_build.artifacts import Page, Poster
from pydotorg_build.content import countries, event_files
from pydotorg_build.content.base import (
    Card,
    Crumb,
    FeedLink,
    Meta,
    Published,
    named_poster,
    row_digest,
    unlisted,
)
from pydotorg_build.content.event_calls import call
from pydotorg_build.content.event_cards import CRUMBS, KINDS
from pydotorg_build.content.event_dates import EventDate, date_of, horizon
from pydotorg_build.content.event_lists import url_of
from pydotorg_build.content.event_times import moment, spans
from pydotorg_build.content.lists import slug

if TYPE_CHECKING:
    from pydotorg_build.content.events import Event
    from pydotorg_build.site import Site

# How many dates of a series stand on its page, ahead and behind.
MOST = 60
STATUS = "https://schema.org/Event"
Reached = Callable[[datetime.datetime], bool]


def page_of(event: Event, site: Site) -> Published:
    """The page of an event, and its calendar file."""
    yield from unlisted(event, site, "calendar", "calendars", "calendar")
    yield from unlisted(event, site, "category", "event_categories", "categories")
    at_that_time = as_of(event, horizon(site), site.reached)
    dates, ics = at_that_time["dates"], at_that_time["ics"]
    shown = (*dates, *at_that_time["over"])[0]
    yield Page(
        url=event.url,
        template="events/event.html",
        data={
            **at_that_time,
            "meta": _meta(event, shown, site, coming=bool(dates)),
            "calendar": _calendar(event, site),
            "categories": tuple(_category(name, site) for name in event.categories),
            "country": _country(event, site),
        },
        bodies={"body": event.body},
        source=event.source,
        bundle="events" if dates else "events-past",
        updated=event.updated,
    )
    yield event_files.calendar(
        ics, event.name, (event.card(),), event_files.host_of(site), event.source
    )


def as_of(event: Event, until: datetime.date, reached: Reached) -> dict[str, Any]:
    """What the template is given of an event without its site: its dates, and what of it is over."""
    card = event.card()
    every = spans(event.times, until)
    ahead = [span for span in every if not reached(span.end)]
    behind = [span for span in every if reached(span.end)]
    dates = tuple(date_of(card, span) for span in ahead[:MOST])
    over = tuple(date_of(card, span) for span in reversed(behind[-MOST:]))
    now = bool(ahead) and reached(ahead[0].begin)
    return {
        "event": event,
        "place": event.place,
        "kind": Crumb(KINDS[event.kind], url_of("kind", event.kind)),
        "state": "now" if now else "coming" if dates else "past",
        "dates": dates,
        "over": over,
        "left": len(ahead) - len(dates),
        "left_over": len(behind) - len(over),
        "call": _call(event, reached),
        "ics": f"{event.url}event.ics",
    }


def _calendar(event: Event, site: Site) -> Card:
    """Its calendar, also one that is not in the list any more."""
    known = site.card("calendars", event.calendar)
    return known or Card(id=event.calendar, title=event.calendar, url="")


def _category(name: str, site: Site) -> Card:
    return site.card("event_categories", name) or Card(id=name, title=name, url="")


def _country(event: Event, site: Site) -> Crumb | None:
    name = event.venue.country if event.venue else ""
    if known := name and countries.known(site, name):
        return Crumb(known.title, url_of("country", known.id))
    return Crumb(name, url_of("country", slug(name))) if name else None


def _call(event: Event, reached: Reached) -> dict[str, Any] | None:
    """The call for proposals with its state: ahead, open or closed."""
    if event.cfp is None:
        return None
    card = event.card()
    shown = call(card)
    opens = event.cfp.opens and moment(event.cfp.opens, card.cfp_zone)
    state = "closed" if reached(event_files.closes(card)) else "open"
    if state == "open" and opens and not reached(opens):
        state = "ahead"
    return {"state": state, "url": event.cfp.url, **shown, "card": None}


def _meta(event: Event, date: EventDate, site: Site, *, coming: bool) -> Meta:
    said = event.description or f"{event.name}: {date.when}, {event.place}."
    calendar = _calendar(event, site)
    above = (Crumb(calendar.title, calendar.url),) if calendar.url else ()
    return Meta(
        title=event.name,
        url=event.url,
        description=said,
        type="article",
        poster=poster_of(event, date, site.settings.name) if coming else None,
        crumbs=(*CRUMBS, *above, Crumb(event.name, event.url)),
        feeds=(FeedLink(event.name, f"{event.url}event.ics", "text/calendar"),),
        edit=event.source.path if event.is_file else "",
        json_ld=() if event.sample else (structured(event, date, site.settings.url),),
        record=row_digest(event, site),
    )


def poster_of(event: Event, date: EventDate, name: str) -> Poster:
    """What other sites show of a date of an event, on the site of this name."""
    return named_poster(name, event.name, "Event", f"{date.when} · {event.place}")


def structured(event: Event, date: EventDate, base: str) -> dict[str, Any]:
    """An event as schema.org describes it."""
    found: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Event",
        "name": event.name,
        "url": event.website or base + event.url,
        "startDate": date.start,
        "eventStatus": f"{STATUS}{'Cancelled' if event.cancelled else 'Scheduled'}",
        "eventAttendanceMode": f"https://schema.org/{_attendance(event)}EventAttendanceMode",
        "location": _locations(event, base),
    }
    if date.end:
        found["endDate"] = date.end
    if event.description:
        found["description"] = event.description
    return found


def _attendance(event: Event) -> str:
    if not event.online:
        return "Offline"
    return "Mixed" if event.venue and event.venue.city else "Online"


def _locations(event: Event, base: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if venue := event.venue:
        address = {"streetAddress": venue.address, "addressLocality": venue.city,
                   "addressCountry": venue.country}  # fmt: skip
        place: dict[str, Any] = {
            "@type": "Place",
            "name": venue.name or str(event.place),
            "address": {"@type": "PostalAddress", **{k: v for k, v in address.items() if v}},
        }
        if venue.lat is not None:
            at = {"@type": "GeoCoordinates", "latitude": venue.lat, "longitude": venue.lon}
            place["geo"] = at
        found.append(place)
    if event.online:
        found.append({"@type": "VirtualLocation", "url": event.website or base + event.url})
    return found

"""An event that is handed in.  When it is, and how often, is worked out in `event_dates.py`."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from msgspec import Meta, structs

from pydotorg_build.content.base import Card, Crumb, Fault
from pydotorg_build.content.event_cards import URL
from pydotorg_build.content.event_dates import MONTHS_AHEAD, date_of, months_later
from pydotorg_build.content.event_files import items
from pydotorg_build.content.event_page import as_of, poster_of
from pydotorg_build.content.event_times import spans
from pydotorg_build.content.events import EVENTS, Event
from pydotorg_build.content.fields import MailAddress, WebAddress
from sidecar.clock import now
from sidecar.kinds.base import HERE, Handed, Kind, Look, Needed, Short, Terms, Text
from sidecar.kinds.event_dates import (
    Count,
    Day,
    DayOrNone,
    Hour,
    LeftOut,
    Repeats,
    beginning,
    is_day,
    next_dates,
    repeats,
    time_faults,
    times_of,
    zones,
)
from sidecar.permissions import Permission


class EventForm(Handed, frozen=True, kw_only=True):
    """An event, as it is asked for: days and hours are those of the clock at the venue."""

    title: Needed
    kind: Literal["conference", "meetup", "sprint", "workshop", "training", "other"] = "conference"
    calendar: Needed
    categories: tuple[str, ...] = ()
    description: Annotated[str, Meta(max_length=300)] = ""
    text: Text
    day: Day
    time: Hour = ""
    last_day: DayOrNone = ""
    end_time: Hour = ""
    zone: Short = ""
    repeats: Repeats = "once"
    until: DayOrNone = ""
    count: Count | None = None
    left_out: LeftOut = ""
    online: bool = False
    venue: Short = ""
    address: Short = ""
    city: Short = ""
    country: Short = ""
    website: WebAddress = ""
    contact: MailAddress = ""
    cfp_closes: DayOrNone = ""
    cfp_url: WebAddress = ""
    cancelled: bool = False
    calendar_address: Annotated[str, Meta(max_length=500)] = ""


AS_TYPED = (
    "title", "kind", "calendar", "categories", "description", "online", "website", "contact",
    "cancelled",
)  # fmt: skip


def fields(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of the entry: its times, its rule, its venue and its call in the entry's shapes."""
    times = times_of(payload)
    venue = {"name": payload.get("venue"), **{
        name: payload.get(name) for name in ("address", "city", "country")
    }}  # fmt: skip
    found = {name: payload.get(name) for name in AS_TYPED}
    found |= {"start": times.start, "end": times.end, "zone": times.zone, "rule": times.rule}
    found["without"] = list(times.but)
    found["venue"] = {name: value for name, value in venue.items() if value} or None
    if payload.get("cfp_closes"):
        found["cfp"] = {"closes": payload["cfp_closes"], "url": payload.get("cfp_url", "")}
    return found


def check(payload: Mapping[str, Any], terms: Terms, at: datetime.datetime) -> Iterator[Fault]:
    """What the types of the form do not say, at the fields of the form."""
    yield from time_faults(payload, at)
    for field, of in (("calendar", "calendar"), ("categories", "category")):
        known = {term["slug"] for term in terms.get(of, [])}
        given = payload.get(field) or ()
        named = {given} if isinstance(given, str) else set(given)
        if known and named - known:
            yield Fault(field, "choose one of the list")
    if not payload.get("online") and not (payload.get("city") or payload.get("venue")):
        yield Fault("city", "say where it is, or that one takes part online")
    yield from _cfp_faults(payload)


def _cfp_faults(payload: Mapping[str, Any]) -> Iterator[Fault]:
    closes = payload.get("cfp_closes", "")
    if not closes:
        if payload.get("cfp_url"):
            yield Fault("cfp_closes", "say until when proposals are taken")
    elif not is_day(closes):
        yield Fault("cfp_closes", "there is no such day")
    elif not repeats(payload) and closes > (payload.get("last_day") or payload["day"]):
        yield Fault("cfp_closes", "it is after the event")


def shown_event(event: Event, terms: Terms) -> dict[str, Any]:
    """What the template of an event is given, for a preview."""
    at = now()
    country = event.venue.country if event.venue else ""
    return {
        **as_of(event, _until(at), lambda moment: moment <= at),
        "calendar": _term(terms, "calendar", event.calendar),
        "categories": tuple(_term(terms, "category", name) for name in event.categories),
        "country": Crumb(country, f"{URL}country/") if country else None,
    }


def look_of(event: Event, _terms: Terms, name: str) -> Look:
    """The next date of an event in the list of all, in the feed, and where somebody links to it."""
    at, card = now(), structs.replace(event.card(), url=HERE)
    told = spans(event.times, _until(at))
    ahead = [span for span in told if span.end > at]
    date = date_of(card, (ahead or told)[0], max(0, len(ahead) - 1))
    (item,) = items([date], {card.id: card})
    return Look(date, item, poster_of(event, date, name) if ahead else None)


def _until(at: datetime.datetime) -> datetime.date:
    """The day before which the site tells the dates of series."""
    return months_later(at.date().replace(day=1), MONTHS_AHEAD + 1)


def _term(terms: Terms, of: str, slug: str) -> Card:
    found = {term["slug"]: term["title"] for term in terms.get(of, [])}
    return Card(id=slug, title=found.get(slug, slug), url=f"{URL}{slug}/")


def beside(given: Mapping[str, Any]) -> dict[str, Any]:
    """What the template of the form is given beside the form: zones, and the dates that it says."""
    return {"zones": zones(), "dates": next_dates(given, now())}


EVENT = Kind(
    "event", EventForm, EVENTS, Permission.EVENTS_MODERATE, "event",
    "Conferences, meetups, sprints and trainings about Python, wherever they are and in whatever "
    "language. A person of the team reads each. You need no account.",
    "sidecar/submit/event.html", "events/event.html", shown_event, "events/terms.json",
    "/events/{calendar}/", fields=fields, check=check, begins=beginning, beside=beside,
    look=look_of, looks="sidecar/submit/event_looks.html",
    names={"start": "day", "end": "last_day", "venue": "city", "rule": "repeats",
           "without": "left_out",
           "cfp.closes": "cfp_closes", "cfp.url": "cfp_url"},
)  # fmt: skip

"""Events as files for programs: calendars (.ics), feeds, JSON."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from pydotorg_build.artifacts import Calendar, Event, Item
from pydotorg_build.content.event_cards import EventCard
from pydotorg_build.content.event_dates import EventDate
from pydotorg_build.content.event_times import (
    Span,
    Times,
    deadline,
    left_out,
    moment,
    rule_in_calendars,
)
from pydotorg_build.problems import Source

if TYPE_CHECKING:
    from pydotorg_build.site import Site

MIDNIGHT = datetime.time()


def host_of(site: Site) -> str:
    """The name of the site, for the ids of calendars."""
    return site.settings.url.partition("://")[2]


def calendar(
    url: str, title: str, cards: Iterable[EventCard], host: str, source: Source
) -> Calendar:
    """A calendar of events: each in full, a series as its rule."""
    events = tuple(entry(card, host) for card in cards)
    return Calendar(url=url, title=title, events=events, source=source)


def entry(card: EventCard, host: str) -> Event:
    """An event as an entry of a calendar; its uid never changes."""
    times = card.times
    first = times.span(times.first)
    return Event(
        uid=f"{card.uid}@{host}",
        title=card.title,
        start=_value(first.begin, times),
        end=_end(first, times),
        stamp=stamp(card),
        description=card.description,
        location=card.location,
        url=card.url,
        rrule=rule_in_calendars(times),
        rdates=tuple(_value(begin, times) for begin in _further(times)),
        exdates=tuple(_value(begin, times) for begin in left_out(times)),
        cancelled=card.cancelled,
    )


def _further(times: Times) -> Iterator[datetime.datetime]:
    """Dates that no rule gives; without a rule also the first, which some programs forget else."""
    if times.more and not times.rule:
        yield times.first
    yield from (moment(text, times.zone) for text in times.more)


def _value(at: datetime.datetime, times: Times) -> datetime.date:
    return at.date() if times.all_day else at


def _end(first: Span, times: Times) -> datetime.date | None:
    if times.all_day:
        return first.end.date()
    return first.end if times.end else None


def stamp(card: EventCard) -> datetime.datetime:
    """When it was entered or last changed; of old events that is not known, and their day taken."""
    day = card.updated or datetime.date.fromisoformat(card.times.start[:10])
    return datetime.datetime.combine(day, MIDNIGHT, datetime.UTC)


def items(dates: Sequence[EventDate], cards: dict[str, EventCard]) -> list[Item]:
    """Coming events as items of a feed, the newest entered first."""
    found = [
        Item(
            title=f"{'Cancelled: ' if date.cancelled else ''}{date.title}",
            url=date.url,
            updated=stamp(cards[date.id]),
            summary=". ".join(filter(None, (date.when, str(date.place), date.description))),
            tags=(date.kind, *date.categories),
        )
        for date in dates
    ]
    return sorted(found, key=lambda item: item.updated, reverse=True)


def record(date: EventDate, months: Sequence[str], cfp: str, country_slug: str) -> dict[str, Any]:
    """A coming event for programs, and for the filter in the browser."""
    return {
        "id": date.id,
        "title": date.title,
        "url": date.url,
        "start": date.start,
        "end": date.end,
        "when": date.when,
        "clock": date.clock,
        "calendar": date.calendar,
        "kind": date.kind,
        "categories": date.categories,
        "place": str(date.place),
        "place_parts": date.place.parts,
        "country": date.country,
        "country_slug": country_slug,
        "months": months,
        "online": date.online,
        "featured": date.featured,
        "cancelled": date.cancelled,
        "sample": date.sample,
        "further_dates": date.more,
        "cfp_closes": cfp,
    }


def closes(card: EventCard) -> datetime.datetime:
    """When a call for proposals closes."""
    return deadline(card.cfp_closes, card.cfp_zone)


def closings(cards: Iterable[EventCard], host: str) -> Iterator[Event]:
    """Open calls for proposals as entries of a calendar, at the moment they close."""
    for card in cards:
        whole_day = " " not in card.cfp_closes
        at = moment(card.cfp_closes, card.cfp_zone)
        yield Event(
            uid=f"cfp-{card.uid}@{host}",
            title=f"{card.title}: call for proposals closes",
            start=at.date() if whole_day else at,
            stamp=stamp(card),
            location=card.location,
            url=card.cfp_url or card.url,
        )

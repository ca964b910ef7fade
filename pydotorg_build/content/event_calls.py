"""Open calls for proposals: events that want talks now."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from pydotorg_build.artifacts import Calendar, Item, Page
from pydotorg_build.content.base import Crumb, FeedLink, Meta, Published
from pydotorg_build.content.event_cards import CRUMBS, URL, EventCard, cards_of
from pydotorg_build.content.event_dates import EventDate, coming
from pydotorg_build.content.event_files import closes, closings, host_of, stamp
from pydotorg_build.content.event_times import moment
from pydotorg_build.content.lists import feed_links, feeds

if TYPE_CHECKING:
    from pydotorg_build.problems import Source
    from pydotorg_build.site import Site

CFP = f"{URL}cfp/"


def open_calls(site: Site) -> list[EventCard]:
    """The events whose call for proposals is open, the soonest deadline first."""
    cards = [card for card in cards_of(site, "cfp") if not card.cancelled and _is_open(site, card)]
    return sorted(cards, key=lambda card: (closes(card), card.title, card.id))


def _is_open(site: Site, card: EventCard) -> bool:
    opens = card.cfp_opens and moment(card.cfp_opens, card.cfp_zone)
    return not site.reached(closes(card)) and not (opens and not site.reached(opens))


def pages(site: Site, source: Source) -> Published:
    """The page, the feeds and the calendar of all open calls."""
    cards = open_calls(site)
    title = "Open calls for proposals"
    ics = f"{CFP}calendar.ics"
    meta = Meta(
        title=title,
        url=CFP,
        description="Python events that want talks now, the soonest deadline first.",
        crumbs=(*CRUMBS, Crumb(title, CFP)),
        feeds=(*feed_links(CFP, title), FeedLink(title, ics, "text/calendar")),
    )
    dates = {date.id: date for date in coming(site, "cfp")}
    calls = tuple(call(card, dates.get(card.id)) for card in cards)
    yield Page(
        url=CFP,
        template="events/cfp.html",
        data={"meta": meta, "calls": calls, "ics": ics},
        source=source,
    )
    yield from feeds(CFP, title, [_call_item(card) for card in cards], meta.description, source)
    events = tuple(closings(cards, host_of(site)))
    yield Calendar(url=ics, title=title, events=events, source=source)


def call(card: EventCard, date: EventDate | None = None) -> dict[str, Any]:
    """A call for proposals as it is shown."""
    at = closes(card)
    last = at if " " in card.cfp_closes else at - datetime.timedelta(minutes=1)
    clock = card.cfp_zone or "UTC"
    words = f"{last.day} {last:%B %Y}, {last:%H:%M} ({clock})"
    return {"card": card, "date": date, "closes": last.isoformat(), "words": words}


def _call_item(card: EventCard) -> Item:
    return Item(
        title=f"{card.title}: call for proposals",
        url=card.cfp_url or card.url,
        updated=stamp(card),
        summary=f"Closes {call(card)['words']}. {card.place}".strip(),
    )

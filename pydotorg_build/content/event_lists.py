"""Lists of events: what is coming, by calendar, country, kind and subject; what is past; calls.

Each list of coming events has its feeds and its calendar file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any

from pydotorg_build.artifacts import Data, Page, Redirect
from pydotorg_build.content import countries, event_calls, event_files, event_months
from pydotorg_build.content.base import Card, Crumb, FeedLink, Meta, Published
from pydotorg_build.content.event_cards import CRUMBS, KINDS, URL, cards_of
from pydotorg_build.content.event_dates import (
    EventDate,
    all_dates,
    coming,
    is_now,
    past,
    past_by_year,
)
from pydotorg_build.content.lists import by_heading, dividing, feed_links, feeds, list_pages, slug
from pydotorg_build.problems import Source

if TYPE_CHECKING:
    from pydotorg_build.site import Site

SIZE = 25
PAST = "/events/past/"
CALENDARS = "/events/calendars/"
COUNTRIES = "/events/country/"
OPEN = "/events/open.json"
# Where the form leads: no page, since a host lets a file win over a rule.
FIND = "/events/find/"
TERMS = "/events/terms.json"
SUBMIT = "/events/submit/"
SOURCE = Source("(events)")
HEADINGS = {"calendar": "Calendar", "kind": "Kind", "category": "Subject", "country": "Country",
            "month": "Month"}  # fmt: skip
# What narrows the list in the browser by a box.
FLAGS = {"online": lambda date: date.online}


def list_of(
    site: Site, *, url: str, title: str, groups: tuple[str, ...] = (), description: str,
    source: Source,
) -> Published:  # fmt: skip
    """A list of coming events, all or of some groups, with what is over below it, its feeds and its calendar."""
    cards = cards_of(site, *groups)
    dates = coming(site, *groups)
    ics = f"{url}calendar.ics"
    meta = Meta(
        title=title,
        url=url,
        description=description,
        crumbs=CRUMBS if url == URL else (*CRUMBS, Crumb(title, url)),
        feeds=(*feed_links(url, title), FeedLink(title, ics, "text/calendar")),
    )
    data = {
        "now": tuple(date for date in dates if is_now(site, date)),
        "past": tuple(past(site, *groups)[:SIZE]) if groups else (),
        "total": len(dates),
        # Elsewhere they would tie each list to every event.
        "filters": by_heading(filters(site), HEADINGS) if url == URL else (),
        "months": months(dates) if url == URL else (),
        "flags": dividing(FLAGS, dates) if url == URL else (),
        "ics": ics,
    }
    later = [date for date in dates if not is_now(site, date)]
    found = "pages" if url == URL else "events" if dates else ""
    yield from list_pages(meta, "events/list.html", later, SIZE, data, source=source, bundle=found)
    by_id = {card.id: card for card in cards}
    yield from feeds(url, title, event_files.items(dates, by_id), description, source)
    shown = [by_id[date.id] for date in dates]
    yield event_files.calendar(ics, title, shown, event_files.host_of(site), source)


def months(dates: Sequence[EventDate]) -> tuple[Card, ...]:
    """The months in which something begins."""
    found = {date.month: date.month_name for date in dates}
    return tuple(
        _choice("month", month, name, event_months.month_url(month), ())
        for month, name in found.items()
    )


def filters(site: Site) -> tuple[Card, ...]:
    """What one may choose from: the lists that have something coming, and its months."""
    dates = coming(site)
    by_id = {card.id: card for card in cards_of(site)}
    has = {group for date in dates for group in by_id[date.id].groups}
    lists = tuple(choice for choice in choices(site) if not has.isdisjoint(choice.groups))
    return lists + months(dates)


def choices(site: Site) -> Iterator[Card]:
    """All lists; the groups of each are which kind of list it is, and whose events it shows."""
    for of, noun in (("calendar", "calendars"), ("category", "event_categories")):
        for card in site.cards(noun):
            yield _choice(of, card.id, card.title, card.url, (f"{of}:{card.id}",))
    for group in site.groups("events", "kind:"):
        kind = group.partition(":")[2]
        yield _choice("kind", kind, KINDS[kind], url_of("kind", kind), (group,))
    for one in countries.lists(site, "events"):
        yield _choice("country", one.id, one.title, url_of("country", one.id), one.groups)


def _choice(of: str, id: str, title: str, url: str, groups: tuple[str, ...]) -> Card:
    return Card(id=f"{of}.{id}", title=title, url=url, groups=(of, *groups))


def url_of(of: str, id: str) -> str:
    """The address of the list of a kind or a country."""
    return f"{URL}{of}/{id}/"


def of_group(group: str, site: Site) -> Published:
    """The list of a country or of a kind that has more than drafts."""
    of, _, name = group.partition(":")
    if of not in ("country", "kind") or not cards_of(site, group):
        return
    if of == "kind":
        title = f"Python events: {KINDS[name].lower()}"
        title = "Other Python events" if name == "other" else title
        yield from _list_of(site, url_of(of, name), title, (group,))
    elif of == "country":
        yield from countries.unknown(site, "events", cards_of(site, group), "venue.country")
        if found := countries.list_of(site, "events", group):
            yield from countries.other_addresses(site, COUNTRIES, found.id, SOURCE)
            title = f"Python events in {countries.within(site, found.title)}"
            yield from _list_of(site, url_of(of, found.id), title, found.groups)


def _list_of(site: Site, url: str, title: str, groups: tuple[str, ...]) -> Published:
    said = f"{title}: what is coming, and what was."
    yield from list_of(
        site, url=url, title=title, groups=groups, description=said, source=SOURCE
    )  # fmt: skip


def of_all(site: Site) -> Published:
    """What all events publish together."""
    yield from list_of(
        site,
        url=URL,
        title="Python events",
        description="Conferences, meetups and sprints about Python: what is on, and what is coming.",
        source=SOURCE,
    )
    yield from _past(site)
    yield from event_calls.pages(site, SOURCE)
    yield from _overviews(site)
    yield from event_months.pages(site, SOURCE)
    yield from _redirects(site)
    yield Data(url=OPEN, content={"events": list(_records(site))}, source=SOURCE)
    yield Data(url=TERMS, content=terms(site), source=SOURCE)


def terms(site: Site) -> dict[str, list[dict[str, str]]]:
    """What a new event may be sorted by, and where it may be, for the form of the sidecar."""
    nouns = (("calendar", "calendars"), ("category", "event_categories"))
    found = {
        of: [{"slug": card.id, "title": card.title} for card in site.cards(noun)]
        for of, noun in nouns
    }
    return found | countries.terms(site)


def _records(site: Site) -> Iterator[dict[str, Any]]:
    """The coming events for programs, and for what narrows the list in the browser."""
    calls = {card.id: event_files.closes(card).isoformat() for card in event_calls.open_calls(site)}
    months: dict[str, dict[str, None]] = {}
    for date in all_dates(site):
        if not site.reached(date.ends):
            months.setdefault(date.id, {})[date.month] = None
    for date in coming(site):
        country = countries.known(site, date.country)
        id = country.id if country else slug(date.country) if date.country else ""
        yield event_files.record(date, tuple(months[date.id]), calls.get(date.id, ""), id)


# -- what is over


def _past(site: Site) -> Published:
    by_year = past_by_year(site)
    years = tuple(
        Card(id=f"{year}", title=f"{year} ({len(dates)})", url=f"{PAST}{year}/")
        for year, dates in by_year.items()
    )
    newest = [date for dates in by_year.values() for date in dates][:SIZE]
    title = "Past Python events"
    meta = Meta(
        title=title,
        url=PAST,
        description="Python conferences and meetups that were, by year.",
        crumbs=(*CRUMBS, Crumb("Past events", PAST)),
    )
    data = {"meta": meta, "years": years, "dates": tuple(newest)}
    yield Page(url=PAST, template="events/past.html", data=data, source=SOURCE)
    for year, dates in by_year.items():
        url = f"{PAST}{year}/"
        meta = Meta(
            title=f"Python events in {year}",
            url=url,
            description=f"Python conferences and meetups of {year}, the latest first.",
            crumbs=(*CRUMBS, Crumb("Past events", PAST), Crumb(f"{year}", url)),
        )
        more = {"total": len(dates), "years": years}
        yield from list_pages(meta, "events/year.html", dates, SIZE, more, source=SOURCE)


# -- overviews, and what leads to them


def _overviews(site: Site) -> Published:
    calendars = site.cards("calendars")
    others = tuple(c for c in filters(site) if c.groups[0] not in ("calendar", "month"))
    title = "Calendars of Python events"
    meta = Meta(
        title=title,
        url=CALENDARS,
        description="Calendars to subscribe to, and feeds to read.",
        crumbs=(*CRUMBS, Crumb("Calendars", CALENDARS)),
    )
    data: dict[str, Any] = {"meta": meta, "calendars": calendars, "lists": others}
    yield Page(url=CALENDARS, template="events/calendars.html", data=data, source=SOURCE)
    title = "Python events by country"
    meta = Meta(
        title=title,
        url=COUNTRIES,
        description="Where Python events are and were, each country with its own calendar.",
        crumbs=(*CRUMBS, Crumb("Countries", COUNTRIES)),
    )
    ahead = {date.id for date in coming(site)}
    found = tuple(_country(site, one, ahead) for one in countries.lists(site, "events"))
    data = {"meta": meta, "countries": sorted(found, key=lambda card: card.title)}
    yield Page(url=COUNTRIES, template="events/countries.html", data=data, source=SOURCE)
    meta = Meta(
        title="Tell us about an event",
        url=SUBMIT,
        description="How an event comes into the calendars of python.org.",
        crumbs=(*CRUMBS, Crumb("Tell us about an event", SUBMIT)),
    )
    yield Page(url=SUBMIT, template="events/submit.html", data={"meta": meta}, source=SOURCE)


def _country(site: Site, one: countries.CountryList, ahead: AbstractSet[str]) -> Card:
    cards = cards_of(site, *one.groups)
    count = sum(card.id in ahead for card in cards)
    said = f"{count} coming, {len(cards)} in all" if count else f"{len(cards)} past"
    return Card(id=one.id, title=one.title, url=url_of("country", one.id), description=said)


def _redirects(site: Site) -> Iterator[Redirect]:
    yield Redirect(url=FIND, target=URL, status=302, source=SOURCE)
    for choice in filters(site):
        query = {"show": choice.id}
        yield Redirect(url=FIND, target=choice.url, query=query, status=302, source=SOURCE)
    for calendar in site.cards("calendars"):
        for old, target in (
            ("past/", PAST),
            ("categories/", CALENDARS),
            ("locations/", COUNTRIES),
            ("date/*", calendar.url),
            ("categories/*", calendar.url),
            ("locations/*", COUNTRIES),
        ):
            yield Redirect(url=f"{calendar.url}{old}", target=target, source=SOURCE)
        was = f"{URL}calendar/{calendar.id}/calendar.ics"
        yield Redirect(url=was, target=f"{calendar.url}calendar.ics", source=SOURCE)
    yield Redirect(url="/events/submit/thanks/", target=SUBMIT, source=SOURCE)

"""Lists of jobs: those that are open, all and by category, type and place, with their feeds."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pydotorg_build.artifacts import Data, Item, Page, Redirect
from pydotorg_build.content import countries, sponsors
from pydotorg_build.content.base import Card, Crumb, Meta, Published
from pydotorg_build.content.lists import (
    by_heading,
    dividing,
    feed_links,
    feeds,
    list_pages,
    shown_as,
)
from pydotorg_build.content.place import Place
from pydotorg_build.problems import Source

if TYPE_CHECKING:
    from pydotorg_build.site import Site

URL = "/jobs/"
ENDED = "/jobs/ended/"
OPEN = "/jobs/open.json"
# Where the form leads: no page, since a host lets a file win over a rule.
FIND = "/jobs/find/"
SIZE = 25
# How many featured ones stand above the list of all.
FEATURED = 5
HEADINGS = {"category": "Category", "type": "Type", "location": "Place"}
# What narrows the list in the browser by a box.
FLAGS = {"remote": lambda card: card.remote, "pay": lambda card: card.pay != ""}


class JobCard(Card, frozen=True, kw_only=True):
    """A job in a list; `ends` is the moment from which it is in none."""

    company: str
    place: Place
    country: str = ""
    remote: bool = False
    category: str = ""
    types: tuple[str, ...] = ()
    pay: str = ""
    featured: bool = False
    sample: bool = False
    ends: datetime.datetime


def open_jobs(site: Site, group: str = "open") -> tuple[JobCard, ...]:
    """The open jobs of a group, the newest first."""
    # Each list counts those of all others.
    return site.made_of(_open, "jobs", group)


def _open(site: Site, cards: tuple[JobCard, ...]) -> tuple[JobCard, ...]:
    # Many end on one day.
    over = {ends: site.reached(ends) for ends in dict.fromkeys(card.ends for card in cards)}
    return tuple(card for card in cards if not over[card.ends])


def list_of(
    site: Site, *, url: str, title: str, group: str, description: str, source: Source
) -> Published:
    """A list of open jobs with its feeds."""
    cards = open_jobs(site, group)
    above = () if url == URL else (Crumb(title, url),)
    meta = Meta(
        title=title,
        url=url,
        description=description,
        crumbs=(Crumb("Home", "/"), Crumb("Jobs", URL), *above),
        feeds=feed_links(url, title),
    )
    data = {
        "featured": tuple(card for card in cards if card.featured)[:FEATURED] if url == URL else (),
        "terms": {card.id: card for card in site.cards("job_terms")},
        "total": len(cards),
        "filters": by_heading(filters(site), HEADINGS),
        "flags": dividing(FLAGS, cards) if url == URL else (),
        "decisions": next((c.url for c in site.cards("decisions")), "") if url == URL else "",
    }
    thanked = sponsors.placed("jobs", site) if url == URL else ()
    yield from list_pages(
        meta, "jobs/list.html", cards, SIZE, {**data, "sponsors": thanked}, source=source,
        bundle="pages" if url == URL else "jobs" if cards else "", pictures=sponsors.logos(thanked),
    )  # fmt: skip
    yield from feeds(url, title, [item_of(card) for card in cards], description, source)


def filters(site: Site) -> tuple[Card, ...]:
    """The lists that one may choose from, none of them empty; each says how many jobs it has."""
    found = []
    for term in site.cards("job_terms"):
        if count := len(open_jobs(site, term.id)):
            found.append(_choice(term.id, term.title, term.url, count))
    for group in site.groups("jobs", "location:"):
        if cards := open_jobs(site, group):
            name = _place_name(group, cards)
            found.append(_choice(group, name, location_url(group), len(cards)))
    return tuple(found)


def _choice(group: str, title: str, url: str, count: int) -> Card:
    of = group.partition(":")[0]
    id = group.replace(":", ".")  # as a form sends it
    return Card(id=id, title=f"{title} ({count})", url=url, groups=(of,))


def location_url(group: str) -> str:
    """The address of a place's list."""
    return f"/jobs/{group.replace(':', '/')}/"


def _place_name(group: str, cards: Sequence[JobCard]) -> str:
    if group == "location:telecommute":
        return "Remote"
    return ", ".join(cards[0].place.parts)


def item_of(card: JobCard) -> Item:
    """A job in a feed."""
    day = card.date or datetime.date.min
    return Item(
        title=shown_as(f"{card.title}, {card.company}", card.sample),
        url=card.url,
        updated=datetime.datetime.combine(day, datetime.time(), datetime.UTC),
        summary=". ".join(filter(None, (str(card.place), card.pay))),
        tags=(card.category, *card.types),
    )


def record_of(card: JobCard) -> dict[str, Any]:
    """An open job for what narrows the list in the browser."""
    places = (group for group in card.groups if group.startswith("location:"))
    return {
        "title": card.title,
        "url": card.url,
        "company": card.company,
        "category": card.category,
        "types": card.types,
        "place": str(card.place),
        "place_parts": card.place.parts,
        "location": next(places, "").partition(":")[2],
        "remote": card.remote,
        "pay": card.pay,
        "date": card.date,
        "featured": card.featured,
        "sample": card.sample,
    }


def of_group(group: str, site: Site) -> Published:
    """The list of a place that has open jobs."""
    kind, _, name = group.partition(":")
    if kind != "location" or not (cards := open_jobs(site, group)):
        return
    place = countries.within(site, *cards[0].place.parts)
    title = "Remote Python jobs" if name == "telecommute" else f"Python jobs in {place}"
    yield from list_of(
        site,
        url=location_url(group),
        title=title,
        group=group,
        description=f"Open {title}.",
        source=Source(f"(jobs, {group})"),
    )


def of_all(site: Site) -> Published:
    """The job board, its overviews, its data, and what leads to them."""
    source = Source("(jobs)")
    yield from list_of(
        site,
        url=URL,
        title="Python jobs",
        group="open",
        description="Jobs for people who write Python, checked by volunteers.",
        source=source,
    )
    yield from _overviews(site, source)
    records = [record_of(card) for card in open_jobs(site)]
    yield Data(url=OPEN, content={"jobs": records}, source=source)
    yield Redirect(url="/jobs/feed/rss/", target="/jobs/feed.rss", source=source)
    yield Redirect(url=FIND, target=URL, status=302, source=source)
    for choice in filters(site):
        query = {"show": choice.id}
        yield Redirect(url=FIND, target=choice.url, query=query, status=302, source=source)


def _overviews(site: Site, source: Source) -> Published:
    choices = filters(site)
    quiet = [term for term in site.cards("job_terms") if not open_jobs(site, term.id)]
    for of, name, title in (
        ("category", "categories", "Categories of jobs"),
        ("type", "types", "Types of jobs"),
        ("location", "locations", "Where jobs are"),
    ):
        url = f"/jobs/{name}/"
        meta = Meta(
            title=title,
            url=url,
            description=f"{title} on the Python job board.",
            crumbs=(Crumb("Home", "/"), Crumb("Jobs", URL), Crumb(title, url)),
        )
        data = {
            "meta": meta,
            "choices": tuple(c for c in choices if of in c.groups),
            "quiet": tuple(term for term in quiet if term.id.startswith(f"{of}:")),
        }
        yield Page(url=url, template="jobs/choices.html", data=data, source=source)
    meta = Meta(
        title="This job has ended",
        url=ENDED,
        noindex=True,
        description="A job that ended.",
        crumbs=(Crumb("Home", "/"), Crumb("Jobs", URL), Crumb("This job has ended", ENDED)),
    )
    data = {"meta": meta}
    yield Page(url=ENDED, template="jobs/ended.html", data=data, source=source, listed=False)

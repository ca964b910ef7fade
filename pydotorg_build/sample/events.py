"""Invented meetups, each by a rule, workshops once, and a sprint that is on."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator
from itertools import count, product
from typing import Any

from pydotorg_build.content.lists import slug
from pydotorg_build.sample.words import COMPANIES, FIRST, PLACES, Place, host
from pydotorg_build.snapshot import Row

DAY = datetime.timedelta(days=1)
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
# What is invented is on a Tuesday, a Thursday or a Saturday, counted from Monday.
MEETING_DAYS = (1, 3, 5)
# What a group meets for, and the category of that.
GROUPS = (("Python group", ""), ("data evening", "data"), ("web table", "web"),
          ("science circle", "science"), ("newcomers' night", "")
          )  # fmt: skip
WORKSHOPS = (("testing workshop", "workshop"), ("asyncio training", "training"),
             ("packaging sprint", "sprint"), ("day of Python", "conference")
             )  # fmt: skip


def events(chance: random.Random, today: datetime.date) -> Iterator[Row]:
    """All of them, numbered on."""
    numbers = count(FIRST)
    for (group, category), place in product(GROUPS, PLACES):
        yield Row("events", str(next(numbers)), _meetup(chance, today, group, category, place))
    for (title, kind), place in product(WORKSHOPS, PLACES):
        yield Row("events", str(next(numbers)), _once(chance, today, title, kind, place))
    yield Row("events", str(next(numbers)), {
        "title": "Invented sprint",
        "calendar": "python-events",
        "kind": "sprint",
        "online": True,
        "start": (today - DAY).isoformat(),
        "end": (today + DAY).isoformat(),
        "updated": (today - 20 * DAY).isoformat(),
        "sample": True,
    })  # fmt: skip


def _meetup(
    chance: random.Random, today: datetime.date, group: str, category: str, place: Place
) -> dict[str, Any]:
    first = _meeting_day(today - chance.randrange(30, 90) * DAY)
    day, week = WEEKDAYS[first.weekday()], (first.day - 1) // 7 + 1
    every = "FREQ=WEEKLY;INTERVAL=2" if week == 5 else f"FREQ=MONTHLY;BYDAY={week}{day}"
    hour = chance.choice((16, 17))
    return {
        "title": f"Invented {group}, {place.city}",
        "calendar": "python-user-group",
        "kind": "meetup",
        "categories": [category] if category else [],
        "venue": {"name": chance.choice(COMPANIES), "city": place.city, "country": place.country},
        "online": chance.random() < 0.3,
        "zone": place.zone,
        "start": f"{first} {hour}:30",
        "end": f"{first} {hour + 2}:00",
        "rule": every,
        "updated": first.isoformat(),
        "sample": True,
        "body": "Two talks, then time to talk.",
    }


def _once(
    chance: random.Random, today: datetime.date, title: str, kind: str, place: Place
) -> dict[str, Any]:
    start = _meeting_day(today + chance.randrange(-200, 250) * DAY)
    company = chance.choice(COMPANIES)
    closes = start - chance.randrange(30, 80) * DAY
    return {
        "title": f"Invented {title} in {place.city}",
        "calendar": "python-events",
        "kind": kind,
        "venue": {"name": company, "city": place.city, "country": place.country},
        "zone": place.zone,
        "start": f"{start} 09:00",
        "end": f"{start + chance.randrange(3) * DAY} 17:30",
        "website": host(company),
        "contact": f"events@{slug(company)}.example",
        "description": f"An invented {title} for whoever is in {place.city} that day.",
        "featured": chance.random() < 0.05,
        "cancelled": chance.random() < 0.08,
        "updated": (min(start, today) - 20 * DAY).isoformat(),
        "sample": True,
        "body": "Bring a computer, and a question that you could not answer by yourself.",
    } | ({"cfp": {"closes": closes.isoformat()}} if kind == "conference" else {})


def _meeting_day(day: datetime.date) -> datetime.date:
    """The last such day until then."""
    return day - min((day.weekday() - one) % 7 for one in MEETING_DAYS) * DAY

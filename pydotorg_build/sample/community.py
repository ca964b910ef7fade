"""Invented posts and user groups, and the announcement that some of the site is invented."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator
from itertools import product

from pydotorg_build.sample.drawn import Drawn, scene
from pydotorg_build.sample.words import FIRST, PLACES, host, person
from pydotorg_build.snapshot import Row

POSTS = 60
KINDS = ("text", "photo", "link")
AREAS = {"Africa": "africa", "America": "latin-america", "Asia": "asia-pacific",
         "Europe": "europe", "Pacific": "asia-pacific"}  # fmt: skip
WHAT = ("A first pull request", "Forty people and one projector", "Teaching loops with beads",
        "The library opens its doors", "A sprint in the rain", "Cake for a release"
        )  # fmt: skip


def posts(chance: random.Random, today: datetime.date) -> Iterator[Row | Drawn]:
    """Texts, photos and links of the last year."""
    every = list(product(WHAT, PLACES))
    for number, (what, place) in enumerate(chance.sample(every, POSTS), FIRST):
        kind = chance.choice(KINDS)
        picture = scene(chance, f"post-{number}") if kind == "photo" else None
        if picture:
            yield picture
        yield Row("posts", str(number), {
            "title": f"{what}, {place.city}",
            "description": f"Sent from {place.city} by somebody who does not exist.",
            "kind": kind,
            "date": (today - datetime.timedelta(days=chance.randrange(365))).isoformat(),
            "author": person(chance) if chance.random() < 0.9 else "",
            "image": picture.name if picture else "",
            "image_text": "Drawn hills below a drawn sun" if picture else "",
            "caption": f"Drawn by {person(chance)}" if picture else "",
            "link": host(f"group {place.city}") if kind == "link" else "",
            "sample": True,
            "body": "We met, we tried, it failed; we read the message, and then it ran.",
        })  # fmt: skip


def user_groups(_: random.Random, today: datetime.date) -> Iterator[Row]:
    """A group in every place."""
    for number, place in enumerate(PLACES, FIRST):
        part = place.zone.partition("/")[0]
        area = {"United States": "usa"}.get(place.country, AREAS[part])
        if place.country == "Canada":
            continue  # it is in none of the parts by which groups are found
        begun = today - datetime.timedelta(days=number - FIRST + 1)
        yield Row("user_groups", str(number), {
            "title": f"Invented Python group, {place.city}",
            "area": area,
            "country": place.country,
            "place": place.city,
            "about": f"Begun on {begun.day} {begun:%B %Y}",
            "website": host(f"group {place.city}"),
            "sample": True,
        })  # fmt: skip


def banners(_: random.Random, today: datetime.date) -> Iterator[Row]:
    """One that is shown, and one that has ended."""
    for key, title, begin, end in (
        ("1", "Some of what you see here is invented", 1, 365),
        ("2", "An announcement that has ended", -30, -10),
    ):
        yield Row("banners", key, {
            "title": title,
            "message": "It shows how the site looks when it is full.",
            "kind": "info",
            "start": (today + datetime.timedelta(days=min(begin, 0) - 1)).isoformat(),
            "end": (today + datetime.timedelta(days=end)).isoformat(),
        })  # fmt: skip

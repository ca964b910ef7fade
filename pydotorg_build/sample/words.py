"""Names of people, companies and places, and sentences, of which samples are made.

The people and companies do not exist; the places do, since a list by place needs some that one can
look up.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import NamedTuple

from pydotorg_build.content.lists import slug

FIRST = 7001
OWNERS = (
    *("Tidewater", "Ostler", "Brightmoor", "Kelp", "Nordlys", "Papaya", "Quiet Harbour", "Zephyr"),
    *("Saltmarsh", "Lanterna", "Umbra", "Verdant", "Ibis", "Marrow Street", "Oxbow", "Hazelwick"),
)
TRADES = (
    *("Maps", "Energy", "Robotics", "Health", "Logistics", "Weather", "Cinema", "Optics", "Rail"),
    *("Bikes", "Telescopes", "Bank", "Water", "Seeds", "Games", "Printing", "Theatre", "Glass"),
)
# Some are as long as names can be, and some are read from right to left.
GIVEN = (
    *("Amara", "Bram", "Chidi", "Dilnoza", "Eleni", "Farid", "Gwen", "Hiroko", "Iñaki", "Jarmila"),
    *("Kofi", "Leilani", "Maximiliana-Theodora", "Nour", "Oisín", "Priya", "Quang", "Rosalía"),
)
FAMILY = (
    *("Abelsson", "Bakare", "Castellanos", "Dvořáková", "Eze", "Fennimore", "Grünbaum", "Hakobyan"),
    *(
        "Itō",
        "Jankowski",
        "Kahananui",
        "Lindqvist",
        "Mwangi",
        "Nakamoto-Featherstonehaugh",
        "Okoye",
    ),
)
RIGHT_TO_LEFT = ("نورة الفاضل", "יעל בן־דרור", "سامان رستگار")


class Place(NamedTuple):
    """A town, its state if it is called by it, its country, and its clock."""

    city: str
    region: str
    country: str
    zone: str


PLACES = (
    Place("Lisbon", "", "Portugal", "Europe/Lisbon"),
    Place("Nairobi", "", "Kenya", "Africa/Nairobi"),
    Place("Pune", "Maharashtra", "India", "Asia/Kolkata"),
    Place("Berlin", "", "Germany", "Europe/Berlin"),
    Place("Bogotá", "", "Colombia", "America/Bogota"),
    Place("Osaka", "", "Japan", "Asia/Tokyo"),
    Place("Montreal", "Quebec", "Canada", "America/Toronto"),
    Place("Leeds", "", "United Kingdom", "Europe/London"),
    Place("Tallinn", "", "Estonia", "Europe/Tallinn"),
    Place("Austin", "Texas", "United States", "America/Chicago"),
    Place("Wellington", "", "New Zealand", "Pacific/Auckland"),
    Place("São Paulo", "", "Brazil", "America/Sao_Paulo"),
)
COMPANIES = tuple(f"{owner} {trade}" for owner in OWNERS for trade in TRADES)


def host(company: str) -> str:
    """The address of an invented company; nobody can have one that ends in `example`."""
    return f"https://{slug(company)}.example/"


def person(chance: random.Random) -> str:
    """A name; one of twenty-five is read from right to left."""
    if chance.random() < 0.04:
        return chance.choice(RIGHT_TO_LEFT)
    return f"{chance.choice(GIVEN)} {chance.choice(FAMILY)}"


def people(chance: random.Random, count: int) -> Iterator[str]:
    """So many names, no two alike; the second one is read from right to left."""
    every = [f"{given} {family}" for given in GIVEN for family in FAMILY]
    names = chance.sample(every, count)
    names[1:2] = [chance.choice(RIGHT_TO_LEFT)]
    yield from names


def some(chance: random.Random, lines: tuple[str, ...], count: int) -> str:
    """Some of these lines as a list in Markdown."""
    return "\n".join(f"- {line}" for line in chance.sample(lines, count))

"""Invented sponsors of every level, most with a logo, some whose time is over."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator

from pydotorg_build.sample.drawn import Drawn, logo
from pydotorg_build.sample.words import COMPANIES, FIRST, host
from pydotorg_build.snapshot import Row

COUNTS = {
    "visionary": 3,
    "sustainability": 4,
    "maintaining": 6,
    "contributing": 9,
    "supporting": 14,
    "partner": 18,
    "participating": 26,
    "associate": 40,
    "open-source-and-community": 8,
}


def sponsors(chance: random.Random, today: datetime.date) -> Iterator[Row | Drawn]:
    """Each by a name that no other has."""
    levels = [level for level, count in COUNTS.items() for _ in range(count)]
    companies = chance.sample(COMPANIES, len(levels))
    for number, (level, company) in enumerate(zip(levels, companies, strict=True), FIRST):
        begin = today - datetime.timedelta(days=chance.randrange(10, 390))
        picture = logo(chance, f"sponsor-{number}", company) if chance.random() < 0.8 else None
        if picture:
            yield picture
        yield Row("sponsors", str(number), {
            "title": company,
            "level": level,
            "website": host(company),
            "logo": picture.name if picture else "",
            "start": begin.isoformat(),
            "end": (begin + datetime.timedelta(days=364)).isoformat(),
            "sample": True,
            "body": f"{company} does not exist. If it did, its people would write Python, and pay"
            " for a small part of what they get for nothing.",
        })  # fmt: skip

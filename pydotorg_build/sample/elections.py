"""Invented elections, one in every state, and who stands in them."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator
from typing import Any

from pydotorg_build.content.elections import KINDS
from pydotorg_build.sample.words import COMPANIES, people, person, some
from pydotorg_build.snapshot import Row

DAY = datetime.timedelta(days=1)
STAND = 8
# A state, and how many days from today nominations open.  They are open for two weeks, and the
# vote ends three weeks later.
STATES = {"soon": 20, "open": -5, "closed": -20, "over": -90}
AIMS = (
    "I want grants to reach people who never asked for one before.",
    "I would have every decision explained on one page.",
    "I have kept the books of a village library, and liked it.",
    "I listen first, and write down what was agreed.",
    "I will answer letters, also those that begin with a complaint.",
)


def elections(chance: random.Random, today: datetime.date) -> Iterator[Row]:
    """One in every state, and one that is only announced."""
    number = 0
    for state, days in STATES.items():
        opens = today + days * DAY
        kind = chance.choice(list(KINDS))
        key = f"invented-{opens.year}-{state}"
        names = list(people(chance, STAND))
        yield Row("elections", key, _election(kind, opens, names if state == "over" else []))
        for name in names if state != "soon" else []:
            number += 1
            yield Row("nominees", str(7000 + number), _nominee(chance, key, name))
    yield Row("elections", f"invented-{today.year + 1}-announced", {
        "title": f"Invented election of {today.year + 1}",
        "kind": "packaging-council",
        "year": today.year + 1,
        "sample": True,
    })  # fmt: skip


def _election(kind: str, opens: datetime.date, names: list[str]) -> dict[str, Any]:
    closes, vote = opens + 14 * DAY, opens + 35 * DAY
    return {
        "title": f"Invented election of {opens.day} {opens:%B %Y}",
        "kind": kind,
        "year": vote.year,
        "nominations_open": f"{opens}T12:00:00Z",
        "nominations_close": f"{closes}T12:00:00Z",
        "date": vote.isoformat(),
        "elected": names[:3],
        "sample": True,
        "body": "Three seats are open, each for two years.",
    }


def _nominee(chance: random.Random, election: str, name: str) -> dict[str, Any]:
    served = chance.random() < 0.3
    return {
        "title": name,
        "election": election,
        "accepted": chance.random() < 0.9,
        "employer": chance.choice(COMPANIES) if chance.random() < 0.8 else "",
        "affiliations": "A user group that does not exist" if chance.random() < 0.4 else "",
        "previous_service": "2019, 2021" if served else "",
        "nominated_by": [person(chance)] if chance.random() < 0.5 else [name],
        "sample": True,
        "body": some(chance, AIMS, 3),
    }

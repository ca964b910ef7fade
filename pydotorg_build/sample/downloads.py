"""Invented numbers of downloads."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator
from typing import Any

from pydotorg_build.content.download_numbers import month_of
from pydotorg_build.snapshot import Row

SYSTEMS = {"windows": 60, "macos": 22, "source": 17, "android": 1}
RELEASES = {"3.14.0": 48, "3.13.9": 31, "3.12.12": 12, "3.11.14": 6, "3.9.25": 3}
DAYS = 200


def downloads(chance: random.Random, today: datetime.date) -> Iterator[Row]:
    """The numbers of the days until yesterday: fewer on weekends, and they add up."""
    every = [today - datetime.timedelta(days=n) for n in range(DAYS, 0, -1)]
    counts = {
        day: round((700 if day.weekday() > 4 else 1000) * chance.uniform(0.9, 1.1)) for day in every
    }
    months: dict[str, int] = {}
    for day, count in counts.items():
        months[month_of(day)] = months.get(month_of(day), 0) + count
    total = sum(counts.values())
    series = {name.rpartition(".")[0]: share for name, share in RELEASES.items()}
    recent = {f"{day.day} {day:%b %Y}": counts[day] for day in every[-90:]}
    yield Row("download_numbers", "all", {
        "title": "Downloads", "since": every[0].isoformat(), "through": every[-1].isoformat(),
        "total": total, "months": _named(months), "days": _named(recent),
        "systems": _named(_parts(total, SYSTEMS)), "releases": _named(_parts(total, RELEASES)),
        "series": _named(_parts(total, series)), "sample": True,
    })  # fmt: skip


def _parts(total: int, shares: dict[str, int]) -> dict[str, int]:
    """Parts of a whole by shares of a hundred; the first has what is left."""
    found = {name: total * share // 100 for name, share in shares.items()}
    first = next(iter(found))
    return found | {first: found[first] + total - sum(found.values())}


def _named(counts: dict[str, int]) -> list[dict[str, Any]]:
    return [{"name": name, "count": count} for name, count in counts.items()]

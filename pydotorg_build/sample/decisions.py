"""Invented decisions about what nobody handed in."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator

from pydotorg_build.snapshot import Row

DAYS = 120
OUTCOMES = (("approved", ""), ("approved", ""), ("approved", ""), ("rejected", "Not Python"),
            ("rejected", ""), ("rejected as spam", ""))  # fmt: skip


def decisions(chance: random.Random, today: datetime.date) -> Iterator[Row]:
    """A few decisions on most days until yesterday, the newest first."""
    decided = [
        {"day": str(today - datetime.timedelta(days=n)), "kind": kind, "outcome": outcome,
         "reason": reason, "count": chance.randint(1, 4)}
        for n in range(1, DAYS + 1)
        for kind in ("job", "event")
        for outcome, reason in [chance.choice(OUTCOMES)]
    ]  # fmt: skip
    yield Row("decisions", "all", {
        "title": "Decisions", "since": decided[-1]["day"], "through": decided[0]["day"],
        "decided": decided, "sample": True,
    })  # fmt: skip

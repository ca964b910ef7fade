"""The one clock of the sidecar, and how long an hour and a day are in its seconds."""

from __future__ import annotations

import datetime

HOUR, DAY = 3600, 86_400


def now() -> datetime.datetime:
    """The moment it is, in UTC."""
    return datetime.datetime.now(datetime.UTC)

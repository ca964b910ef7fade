"""The one clock of the sidecar."""

from __future__ import annotations

import datetime


def now() -> datetime.datetime:
    """The moment it is, in UTC."""
    return datetime.datetime.now(datetime.UTC)

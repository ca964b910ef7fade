"""The tables, by subject; importing this knows them all."""

from sidecar.tables import accounts, attachments, cases, downloads, elections, sponsors, work
from sidecar.tables.base import Table

__all__ = [
    "Table", "accounts", "attachments", "cases", "downloads", "elections", "sponsors", "work",
]  # fmt: skip

"""The tables, by subject; importing this knows them all."""

from sidecar.tables import accounts, cases, work
from sidecar.tables.base import Table

__all__ = ["Table", "accounts", "cases", "work"]

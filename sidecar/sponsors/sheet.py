"""Sponsorships as lines of a sheet: what the team works with elsewhere."""

from __future__ import annotations

from typing import Any

from sidecar.sponsors.offer import title_of
from sidecar.tables.sponsors import Sponsor, Sponsorship

# Fields of the form, as columns.
TYPED = (
    "website", "contact_name", "phone", "accounting_name", "accounting_email", "address", "city",
    "postal_code", "country", "incorporated_in",
)  # fmt: skip
HEAD = (
    "reference", "sponsor", "state", "level", "besides", "price", "start", "end", "released",
    "renewal", "email", *TYPED,
)  # fmt: skip


def line_of(row: Sponsorship, sponsor: Sponsor) -> tuple[Any, ...]:
    """A sponsorship as a line."""
    besides = "; ".join(one["title"] for one in row.terms.get("addons", []))
    return (
        row.public_id, sponsor.name, row.state, title_of(row.terms), besides, row.price,
        row.start or "", row.end or "", row.released or "", "yes" if row.renews else "no",
        row.email, *(str(row.payload.get(name, "")) for name in TYPED),
    )  # fmt: skip

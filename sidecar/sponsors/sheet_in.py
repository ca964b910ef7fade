"""A sheet that comes back: what it would change is shown first, and a second time changes nothing.

A line is known by its reference.  Applications come by the form, steps are taken at the desk: of a
sheet only the price, the days and what was typed are taken, each by the rules of its form.
"""

from __future__ import annotations

import csv
import datetime
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, NamedTuple

import msgspec
from msgspec import Meta
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from pydotorg_build.content.base import Fault
from pydotorg_build.content.read import read
from sidecar import sheets
from sidecar.forms import tidy, told
from sidecar.kinds.base import payload_of
from sidecar.permissions import Actor
from sidecar.sponsors.agreements import whole, write_down
from sidecar.sponsors.applications import Application
from sidecar.sponsors.sheet import HEAD, TYPED
from sidecar.sponsors.steps import UNSENT
from sidecar.tables.sponsors import Sponsorship

# Once a contract was sent, these stand in it.
AGREED_ON = ("price", "start", "end")
MOST = 5000


class Agreed(msgspec.Struct, frozen=True, kw_only=True):
    """What is agreed on, as columns of a sheet."""

    price: Annotated[int, Meta(ge=0, le=10**9)]
    start: datetime.date | None = None
    end: datetime.date | None = None


class Difference(NamedTuple):
    """What a line would change: of which sponsorship, the column, the value before and after."""

    line: int
    row: Sponsorship
    column: str
    before: Any
    after: Any


def lines_of(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """The lines of a sheet by their columns; the apostrophe before what looks like a formula goes."""
    for number, line in zip(range(2, MOST), sheets.read(text), strict=False):
        yield number, {name: plain(value or "") for name, value in line.items() if name in HEAD}


def plain(cell: str) -> str:
    """A cell as it was before it was kept from being a formula.

    >>> plain("'=1+1"), plain("it's")
    ('=1+1', "it's")
    """
    return tidy(cell[1:] if cell.startswith("'") and cell[1:].startswith(sheets.FORMULA) else cell)


async def compare(db: AsyncSession, text: str) -> tuple[list[Difference], list[str]]:
    """What a sheet would change, and what is wrong with it, by line."""
    found: list[Difference] = []
    faults: list[str] = []
    try:
        lines = list(lines_of(text))
    except csv.Error as error:
        return [], [f"This is no CSV: {error}."]
    if not lines:
        return [], ["There is no line in it. The first one names the columns."]
    for number, line in lines:
        row = await db.scalar(
            select(Sponsorship).where(Sponsorship.public_id == line.get("reference", ""))
        )
        if row is None:
            faults.append(f"Line {number}: there is no sponsorship with this reference.")
            continue
        differences = list(_differences(number, row, line))
        wrong = list(_faults(row, differences))
        faults += [f"Line {number}, {fault.name}: {told(fault)}." for fault in wrong]
        found += differences
    return found, faults


def _differences(number: int, row: Sponsorship, line: Mapping[str, str]) -> Iterator[Difference]:
    for column in (*AGREED_ON, *TYPED):
        if column not in line:
            continue
        kept = getattr(row, column) if column in AGREED_ON else row.payload.get(column, "")
        before = "" if kept is None else str(kept)
        if line[column] != before:
            yield Difference(number, row, column, before, line[column])


def _faults(row: Sponsorship, differences: list[Difference]) -> Iterator[Fault]:
    """What the rules of the forms say about the changed values."""
    changed = {one.column: one.after for one in differences}
    for column in changed:
        if column in AGREED_ON and row.state not in UNSENT:
            yield Fault(column, "stands in a contract that was sent")
    payload = {**row.payload, **{name: changed[name] for name in TYPED if name in changed}}
    yield from read(Application, {**payload, "sender": row.email})[1]
    agreed, faults = read(Agreed, _agreed(row, changed))
    yield from faults
    if agreed and agreed.start and agreed.end and agreed.end <= agreed.start:
        yield Fault("end", "must come after the first day")


def _agreed(row: Sponsorship, changed: Mapping[str, str]) -> dict[str, Any]:
    kept = {name: getattr(row, name) for name in AGREED_ON}
    values = {name: str(value) for name, value in kept.items() if value is not None}
    return {name: value for name, value in {**values, **changed}.items()
            if name in AGREED_ON and value}  # fmt: skip


async def take(tx: AsyncSession, actor: Actor, differences: list[Difference]) -> int:
    """Make the changes; return how many sponsorships there were."""
    rows = {one.row.id: one.row for one in differences}
    for number, row in rows.items():
        changed = {one.column: one.after for one in differences if one.row.id == number}
        payload = {**row.payload, **{name: changed[name] for name in TYPED if name in changed}}
        form, _ = read(Application, {**payload, "sender": row.email})
        agreed, _ = read(Agreed, _agreed(row, changed))
        if form is None or agreed is None:
            raise ValueError("take only what `compare` found no fault with")
        row.payload = payload_of(form)
        row.price, row.start, row.end = agreed.price, agreed.start, agreed.end
        await write_down(tx, actor, await whole(tx, row), "change",
                         changes=dict.fromkeys(changed, (None, None)))  # fmt: skip
    return len(rows)

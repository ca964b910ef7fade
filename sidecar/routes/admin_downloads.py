"""How often files were downloaded, for staff: charts, tables, and all rows for a spreadsheet."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

from litestar import Response, get
from litestar.datastructures import State
from litestar.response import Stream

from sidecar import sheets
from sidecar.answers import Asked
from sidecar.clock import now
from sidecar.database import Database
from sidecar.desk import show
from sidecar.download_numbers import (
    UNKNOWN,
    Choice,
    options_of,
    read_choice,
    rows_of,
    sums_of,
)
from sidecar.permissions import Permission

URL = "/admin/downloads"
HEAD = ("day", "file", "release", "system", "country", "downloads")
AT_ONCE = 1000


@get(URL, permission=Permission.DOWNLOADS_SEE)
async def numbers(request: Asked, state: State) -> Response[str]:
    """Show what was counted of a choice."""
    async with state.db.read() as tx:
        options = await options_of(tx)
        choice, faults = read_choice(request.query_params, options, now().date())
        sums = await sums_of(tx, choice)
    return show(
        request, "sidecar/admin/downloads.html", "Downloads", sums=sums, choice=choice,
        options=options, faults=faults, unknown=UNKNOWN,
        csv=f"{URL}/csv?{urlencode(choice.query)}",
    )  # fmt: skip


@get(f"{URL}/csv", permission=Permission.DOWNLOADS_SEE)
async def sheet(request: Asked, state: State) -> Stream:
    """All rows of a choice."""
    async with state.db.read() as tx:
        options = await options_of(tx)
    choice, _ = read_choice(request.query_params, options, now().date())
    name = f"downloads-{choice.since}-{choice.until}.csv"
    return Stream(
        _lines(state.db, choice), media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )  # fmt: skip


async def _lines(db: Database, choice: Choice) -> AsyncIterator[bytes]:
    """The rows, a thousand at once: there may be millions, and they are read as they are sent."""
    yield sheets.begun(HEAD)
    async with db.read() as tx:
        found: Any = await tx.stream(rows_of(choice))
        async for rows in found.partitions(AT_ONCE):
            yield sheets.lines(rows)


ROUTES = (numbers, sheet)

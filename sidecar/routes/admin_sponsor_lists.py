"""The sponsors themselves, each with all its sponsorships, and the lot as a sheet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from msgspec import Meta
from sqlalchemy import func, select

from sidecar import sheets
from sidecar.answers import Asked, go
from sidecar.desk import show
from sidecar.forms import Form, read_form
from sidecar.lists import Column, Filter, Listing, contains, look
from sidecar.mending import BIGGEST
from sidecar.permissions import actor_of
from sidecar.routes.admin_sponsors import MAY
from sidecar.sponsors import sheet_in
from sidecar.sponsors.sheet import HEAD, line_of
from sidecar.sponsors.sheet_in import Difference
from sidecar.tables.sponsors import Sponsor, Sponsorship
from sidecar.workflow import Refused

URL = "/admin/sponsors/sponsors"
SHEET = "/admin/sponsors/sheet"
COUNT = (
    select(func.count(Sponsorship.id)).where(Sponsorship.sponsor_id == Sponsor.id).scalar_subquery()
)
SPONSORS = Listing(
    URL,
    select(Sponsor, COUNT),
    (Column("name", "Sponsor", Sponsor.name_key), Column("count", "Sponsorships"),
     Column("created", "Known since", Sponsor.created)),
    (Filter("q", "Name", contains(Sponsor.name)),),
    tie=Sponsor.id,
    sort="name",
)  # fmt: skip


@get(URL, permission=MAY)
async def sponsors(request: Asked, state: State) -> Response[str]:
    """The sponsors by name."""
    async with state.db.read() as tx:
        found = await look(tx, SPONSORS, request.query_params)
    return show(request, "sidecar/admin/sponsors.html", "All sponsors", found=found)


@get(f"{URL}/{{number:int}}", permission=MAY)
async def sponsor(request: Asked, state: State, number: FromPath[int]) -> Response[str]:
    """A sponsor with all its sponsorships."""
    async with state.db.read() as tx:
        found = await tx.get(Sponsor, number) if number <= BIGGEST else None
        if found is None:
            raise NotFoundException
        mine = Sponsorship.sponsor_id == number
        rows = list(await tx.scalars(
            select(Sponsorship).where(mine).order_by(Sponsorship.id.desc())
        ))  # fmt: skip
    return show(request, "sidecar/admin/sponsor.html", found.name, sponsor=found, rows=rows)


@get("/admin/sponsors/export.csv", permission=MAY)
async def export(state: State) -> Response[bytes]:
    """All sponsorships, with their contacts; no cell of it is a formula."""
    async with state.db.read() as tx:
        rows = await tx.execute(
            select(Sponsorship, Sponsor).join(Sponsor, Sponsor.id == Sponsorship.sponsor_id)
            .order_by(Sponsorship.id)
        )  # fmt: skip
        lines = [line_of(row, sponsor) for row, sponsor in rows]
    headers = {"Content-Disposition": 'attachment; filename="sponsors.csv"',
               "Cache-Control": "private, no-store"}  # fmt: skip
    return Response(sheets.begun(HEAD) + sheets.lines(lines), media_type="text/csv",
                    headers=headers)  # fmt: skip


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """A sheet as text; it is only compared unless `take` says so."""

    sheet: Annotated[str, Meta(min_length=1, max_length=900_000)]
    take: bool = False


@get(SHEET, permission=MAY)
async def sheet_page(request: Asked) -> Response[str]:
    """Where a sheet comes back."""
    return show_sheet(request, Form())


def show_sheet(
    request: Asked, form: Form[Any], found: list[Difference] | None = None,
    faults: Sequence[str] = (),
) -> Response[str]:  # fmt: skip
    """The form, with what the sheet would change and what is wrong with it."""
    return show(request, "sidecar/admin/sponsor_sheet.html", "Read a sheet", form=form,
                found=found, faults=faults, status=422 if faults else 0)  # fmt: skip


@post(SHEET, permission=MAY)
async def read_sheet(request: Asked, state: State) -> Response[Any]:
    """Show what a sheet would change; on a second press, change it."""
    form = await read_form(request, Sheet)
    given = form.value
    if given is None:
        return show_sheet(request, form)
    async with state.db.read() as tx:
        found, faults = await sheet_in.compare(tx, given.sheet)
    if faults or not given.take:
        return show_sheet(request, form, found, faults)
    try:
        async with state.db.write() as tx:
            found, faults = await sheet_in.compare(tx, given.sheet)
            count = 0 if faults else await sheet_in.take(tx, actor_of(request), found)
    except Refused as reason:
        faults = [str(reason)]
    if faults:
        return show_sheet(request, form, found, faults)
    return go(request, "/admin/sponsors", f"Changed by the sheet: {count}.")


ROUTES = (sponsors, sponsor, export, sheet_page, read_sheet)

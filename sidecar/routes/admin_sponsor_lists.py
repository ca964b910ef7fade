"""The sponsors themselves, each with all its sponsorships, and the lot as a sheet."""

from __future__ import annotations

from litestar import Response, get
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from sqlalchemy import func, select

from sidecar import sheets
from sidecar.answers import Asked
from sidecar.desk import show
from sidecar.lists import Column, Filter, Listing, contains, look
from sidecar.mending import BIGGEST
from sidecar.routes.admin_sponsors import MAY
from sidecar.sponsors.sheet import HEAD, line_of
from sidecar.tables.sponsors import Sponsor, Sponsorship

URL = "/admin/sponsors/sponsors"
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
    return Response(sheets.lines([HEAD, *lines]), media_type="text/csv",
                    headers=headers)  # fmt: skip


ROUTES = (sponsors, sponsor, export)

"""What went wrong here that nobody foresaw."""

from __future__ import annotations

from litestar import Response, get
from litestar.datastructures import State
from sqlalchemy import select

from sidecar.answers import Asked
from sidecar.desk import show
from sidecar.lists import Column, Filter, Listing, contains, is_, look, since
from sidecar.permissions import Permission
from sidecar.tables.work import Failure

URL = "/admin/failures"
FAILURES = Listing(
    URL,
    select(Failure),
    (
        Column("at", "Last", Failure.at),
        Column("count", "Times", Failure.count),
        Column("kind", "Error", Failure.kind),
        Column("place", "Where", Failure.place),
        Column("request", "Request"),
        Column("version", "Version", Failure.version),
    ),
    (
        Filter("q", "Error or place", contains(Failure.kind, Failure.place, Failure.trace)),
        Filter("request", "Number of the request", is_(Failure.request)),
        Filter("since", "From", since(Failure.at), "day"),
    ),
    tie=Failure.id,
    sort="-at",
)


@get(URL, permission=Permission.WORK_SEE)
async def failures(request: Asked, state: State) -> Response[str]:
    """List failures, each kind once, the last first."""
    async with state.db.read() as tx:
        found = await look(tx, FAILURES, request.query_params)
    return show(request, "sidecar/admin/failures.html", "Failures", found=found)


ROUTES = (failures,)

"""Is it alive, is it well, and can it work?  For those who watch over it."""

from __future__ import annotations

from litestar import Response, get
from litestar.datastructures import State

from sidecar.permissions import Permission


@get("/health/live", permission=Permission.PUBLIC, rate=None)
async def alive() -> dict[str, str]:
    """Answer as long as the process does; it asks nothing else."""
    return {"status": "alive"}


@get("/health", permission=Permission.PUBLIC)
async def well(state: State) -> Response[dict[str, str]]:
    """Say 503 while the database cannot be read, within a second."""
    if await state.db.can_read():
        return Response({"status": "well"})
    return Response({"status": "the database cannot be read"}, status_code=503)


@get("/health/ready", permission=Permission.PUBLIC)
async def ready(state: State) -> Response[dict[str, str]]:
    """Say 503 while the database cannot be written, within a second."""
    if await state.db.can_write():
        return Response({"status": "ready"})
    return Response({"status": "the database cannot be written"}, status_code=503)


ROUTES = (alive, ready, well)

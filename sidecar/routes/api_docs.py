"""The description of the JSON interface, for programs and, as a page, for people."""

from __future__ import annotations

from typing import Any

from litestar import Response, get
from litestar.datastructures import State

from sidecar.answers import Asked, page
from sidecar.api import STAFF, V1
from sidecar.openapi import document, operations
from sidecar.permissions import Permission


@get(f"{V1}/openapi.json", permission=Permission.PUBLIC)
async def public(state: State) -> Response[dict[str, Any]]:
    """The description for everybody."""
    return Response(document(state.settings.url))


@get(f"{STAFF}/openapi.json", permission=Permission.MAIL_SEE)
async def staff(state: State) -> Response[dict[str, Any]]:
    """The description for staff, which nobody else sees."""
    return Response(document(state.settings.url, is_for_staff=True))


@get("/api/docs", permission=Permission.PUBLIC)
async def docs(request: Asked, state: State) -> Response[str]:
    """The description as a page; it is made here, and needs no script."""
    found = document(state.settings.url)
    return page(request, "sidecar/api_docs.html", "The interface for programs", about=found["info"],
                tags=found["tags"], operations=operations(found),
                schemas=found["components"]["schemas"])  # fmt: skip


ROUTES = (public, staff, docs)

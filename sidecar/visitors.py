"""Finds out who asks, before any guard or route: a browser by its cookie, below /api/ a program by its key.

What is closed is read in the same look, where a request would change something.
"""

from __future__ import annotations

from typing import Any

from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from sidecar import bearers, sessions


class Visitors(ASGIMiddleware):
    """The only middleware of the routes: each has a price at every request."""

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Look up who asks; note afterwards that they were here."""
        connection = ASGIConnection[Any, Any, Any, State](scope)
        kind = bearers if scope["path"].startswith("/api/") else sessions
        note = await kind.meet(connection)
        await next_app(scope, receive, send)
        if note:
            await note()

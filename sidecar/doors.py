"""What every request passes before a route, and every answer after it.

One line of log for each, with an id that the answer carries too; the Host header must be ours; a
changing request must come from our own pages; security headers, and `no-store` unless a route says
otherwise.  Downloads go past all this, since they are counted and lead away.  Nothing of a query, a body or a cookie is logged.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Mapping
from typing import Any, TypeGuard
from urllib.parse import urlsplit

import msgspec
import structlog
from litestar import Litestar
from litestar.types import HTTPScope, Message, Receive, Scope, Send

from pydotorg_build.content.release_files import COUNTED
from pydotorg_build.hosting import EVERYWHERE
from sidecar.clients import SAFE, client_of, networks
from sidecar.downloads import Downloads
from sidecar.logs import request_id
from sidecar.settings import Settings

REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
PLAIN = (b"content-type", b"text/plain; charset=utf-8")
FORWARDED = b"x-forwarded-for"
log = structlog.get_logger()


class Doors:
    """The outermost ASGI middleware."""

    def __init__(self, app: Litestar, settings: Settings, downloads: Downloads) -> None:
        self.inner, self._settings, self._downloads = app, settings, downloads
        self._proxies = networks(settings.proxies)
        self._headers = standing_headers(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not is_http(scope):
            await self.inner(scope, receive, send)
            return
        if scope["path"].startswith(COUNTED):
            peer = scope["client"][0] if scope["client"] else ""
            scope["client"] = self._client(scope)
            await self._downloads(scope, send, peer)
            return
        began = time.perf_counter()
        headers = _headers_of(scope)
        request = _id_of(headers)
        scope["client"] = self._client(scope)
        scope["state"] = {**scope.get("state", {}), "request_id": request}
        request_id.set(request)
        status = 500

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                given = [*message["headers"], *_standing(scope)]
                message["headers"] = self._with_ours(given, request)
            await send(message)

        try:
            refused = self._refusal(str(scope["method"]), headers) or _unreadable(scope)
            if refused:
                await _say(answer, str(scope["path"]), *refused)
            else:
                await self.inner(scope, receive, answer)
        finally:
            log.info(
                "request", method=scope["method"], path=scope["path"], status=status,
                ms=round((time.perf_counter() - began) * 1000, 1), request=request,
            )  # fmt: skip

    def _client(self, scope: HTTPScope) -> tuple[str, int]:
        """The visitor, not the proxy: everything behind here counts and logs that address."""
        peer, port = scope.get("client") or ("", 0)
        told = [value.decode("latin-1") for name, value in scope["headers"] if name == FORWARDED]
        return client_of(peer, told, self._proxies), port

    def _refusal(self, method: str, headers: Mapping[str, str]) -> tuple[int, str] | None:
        """Why a request is not let in: another host's name, or a form of another site."""
        if headers.get("host", "") not in self._settings.hosts:
            return 421, "This is not the host you asked for."
        if method in SAFE:
            return None
        site = headers.get("sec-fetch-site", "")
        origin = headers.get("origin", "")
        ours = {urlsplit(self._settings.url).netloc, *self._settings.hosts}
        is_foreign = site in ("cross-site", "same-site") or (
            origin not in ("", "null") and urlsplit(origin).netloc not in ours
        )
        if is_foreign or origin == "null":
            return 403, "This form came from another site. Open the page here and send it again."
        return None

    def _with_ours(self, given: list[Any], request: str) -> list[Any]:
        names = {name.lower() for name, _ in given}
        ours = [
            *self._headers,
            (b"cache-control", b"no-store"),
            (b"x-request-id", request.encode()),
        ]
        return [*given, *((name, value) for name, value in ours if name not in names)]


def standing_headers(settings: Settings) -> list[tuple[bytes, bytes]]:
    """The security headers of every answer."""
    upgrade = "" if settings.is_secure else "; upgrade-insecure-requests"
    return [
        (name.lower().encode(), value.removesuffix(upgrade).encode())
        for name, value in EVERYWHERE
        if name != "Cache-Control" and (settings.is_secure or name != "Strict-Transport-Security")
    ]


def is_http(scope: Scope) -> TypeGuard[HTTPScope]:
    """Is it a request, and not word of the server's start and end?"""
    return str(scope["type"]) == "http"


def _headers_of(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


def _standing(scope: Scope) -> list[tuple[bytes, bytes]]:
    """How much the visitor has left to ask; a refusal says it by itself."""
    standing = scope["state"].get("standing")
    if standing is None or standing.is_over:
        return []
    return [(name.lower().encode(), value.encode()) for name, value in standing.headers.items()]


def _id_of(headers: Mapping[str, str]) -> str:
    """The id that a proxy gave the request, where it is one; else a new one."""
    given = headers.get("x-request-id", "")
    return given if REQUEST_ID.fullmatch(given) else secrets.token_hex(8)


def _unreadable(scope: HTTPScope) -> tuple[int, str] | None:
    """An address with a sign in it that PostgreSQL cannot look for, and nobody means."""
    if "\0" in scope["path"] or b"%00" in scope["query_string"]:
        return 400, "This address has a sign in it that no address has."
    return None


async def _say(send: Send, path: str, status: int, words: str) -> None:
    """Refuse in few words, below /api/ in the shape of all refusals there."""
    header, body = PLAIN, f"{words}\n".encode()
    if path.startswith("/api/"):
        error = {"status": status, "message": words, "fields": {}}
        header = (b"content-type", b"application/json")
        body = msgspec.json.encode({"error": error})
    await send({"type": "http.response.start", "status": status, "headers": [header]})
    await send({"type": "http.response.body", "body": body, "more_body": False})

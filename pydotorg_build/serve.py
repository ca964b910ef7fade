"""The development server: a built folder over HTTP, and word to browsers when it changes.

It treats `_redirects` and `_headers` as a host does, reads every file afresh, since the folder is
exchanged under it, and never leaves the folder.
"""

from __future__ import annotations

import json
import mimetypes
import queue
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote

from pydotorg_build import rules

Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]
App = Callable[[Mapping[str, Any], Receive, Send], Awaitable[None]]

TYPES = {
    ".atom": "application/atom+xml; charset=utf-8",
    ".avif": "image/avif",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ics": "text/calendar; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".rss": "application/rss+xml; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webp": "image/webp",
    ".xml": "application/xml; charset=utf-8",
}
# What makes sense for the real site only: here everything is http and fresh.
NOT_HERE = frozenset({"strict-transport-security", "cache-control", "surrogate-key"})
SECRET = frozenset({"_headers", "_redirects"})
RELOAD = Path(__file__).parent / "reload.js"
PAGE_THAT_IS_NOT = (
    '<!doctype html><html lang="en"><title>Not found</title><h1>Not found</h1>'
    '<script src="/__reload__.js"></script></html>'
)


class Reloads:
    """Word to every open browser; `publish` may be called from another thread."""

    def __init__(self) -> None:
        self._listeners: set[queue.SimpleQueue[str]] = set()
        self._problems = ""

    def publish(self, kind: str, payload: Mapping[str, Any]) -> None:
        """Tell that style sheets or pages changed, or which problems there are."""
        message = f"event: {kind}\ndata: {json.dumps(dict(payload))}\n\n"
        self._problems = message if kind == "problems" else ""
        for listener in list(self._listeners):
            listener.put(message)

    def listen(self) -> queue.SimpleQueue[str]:
        """A queue of messages to come, and of the problems there are."""
        listener: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._listeners.add(listener)
        if self._problems:
            listener.put(self._problems)
        return listener

    def leave(self, listener: queue.SimpleQueue[str]) -> None:
        self._listeners.discard(listener)


@dataclass
class Answer:
    """What is sent back."""

    status: int
    headers: dict[str, str]
    body: bytes = b""


def make_app(folder: Callable[[], Path], *, reload: Reloads | None = None) -> App:
    """An ASGI application that serves a folder."""

    async def app(scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _live(receive, send)
        elif scope["type"] == "http" and scope["path"] == "/__reload__" and reload:
            await _tell(reload, send)
        elif scope["type"] == "http":
            await _send(answer(folder(), scope), scope["method"], send)

    return app


def answer(folder: Path, scope: Mapping[str, Any]) -> Answer:
    """Answer one request."""
    path, method = scope["path"], scope["method"]
    if method not in ("GET", "HEAD"):
        return Answer(405, {"allow": "GET, HEAD", "content-type": TYPES[".txt"]}, b"GET or HEAD\n")
    if path == "/__reload__.js":
        return Answer(200, {"content-type": TYPES[".js"]}, RELOAD.read_bytes())
    query = dict(parse_qsl(scope.get("query_string", b"").decode("latin-1"), True))
    for rule in rules.redirects(folder):
        if (rule.query or not _file(folder, path)) and (to := rule.answer(path, query)):
            return _follow(folder, rule.status, to, scope)
    return _static(folder, path, scope)


def _follow(folder: Path, status: int, to: str, scope: Mapping[str, Any]) -> Answer:
    if status == 200:
        return _static(folder, to, scope)
    if status in (404, 410):
        return _not_found(folder, status)
    return Answer(status, {"location": to})


def _static(folder: Path, path: str, scope: Mapping[str, Any]) -> Answer:
    file = _file(folder, path)
    if file is None:
        if not path.endswith("/") and _file(folder, f"{path}/"):
            return Answer(301, {"location": quote(f"{path}/")})
        return _not_found(folder, 404)
    content = file.read_bytes()
    tag = f'"{blake2b(content, digest_size=8).hexdigest()}"'
    found = _headers(folder, path) | {"etag": tag, "cache-control": "no-cache"}
    found.setdefault("content-type", _type_of(file))
    asked = dict(scope.get("headers", ())).get(b"if-none-match", b"").decode("latin-1")
    return Answer(304, found) if asked == tag else Answer(200, found, content)


def _file(folder: Path, path: str) -> Path | None:
    """The file of an address; None where there is none, or none to be shown."""
    name = path.lstrip("/") + ("index.html" if path.endswith("/") else "")
    parts = name.split("/")
    if any(p in ("", ".", "..") or "\\" in p or "\0" in p for p in parts) or name in SECRET:
        return None
    file = folder / name
    root = folder.resolve()
    return file if file.is_file() and file.resolve().is_relative_to(root) else None


def _not_found(folder: Path, status: int) -> Answer:
    page = folder / "404.html"
    body = page.read_bytes() if page.is_file() else PAGE_THAT_IS_NOT.encode()
    return Answer(status, _headers(folder, "/404.html") | {"content-type": TYPES[".html"]}, body)


def _headers(folder: Path, path: str) -> dict[str, str]:
    found = {k: v for k, v in rules.headers(folder, path).items() if k not in NOT_HERE}
    if policy := found.get("content-security-policy"):
        found["content-security-policy"] = policy.replace("; upgrade-insecure-requests", "")
    return found


def _type_of(file: Path) -> str:
    if file.name == "SHA256SUMS":
        return TYPES[".txt"]
    guess = mimetypes.guess_type(file.name)[0]
    return TYPES.get(file.suffix, guess or "application/octet-stream")


async def _send(found: Answer, method: str, send: Send) -> None:
    headers = found.headers | {"content-length": str(len(found.body))}
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": found.status, "headers": raw})
    body = b"" if method == "HEAD" else found.body
    await send({"type": "http.response.body", "body": body})


async def _tell(reload: Reloads, send: Send) -> None:
    """Server-sent events, until the browser is gone."""
    import asyncio

    raw = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 200, "headers": raw})
    listener = reload.listen()
    try:
        idle = 0
        while True:
            messages = _waiting(listener)
            idle = 0 if messages else idle + 1
            if idle % 100 == 1:  # a comment each ten seconds shows that somebody is there
                messages = [": here\n\n"]
            if messages:
                body = "".join(messages).encode()
                await send({"type": "http.response.body", "body": body, "more_body": True})
            await asyncio.sleep(0.1)
    finally:
        reload.leave(listener)


def _waiting(listener: queue.SimpleQueue[str]) -> list[str]:
    messages = []
    while not listener.empty():
        messages.append(listener.get())
    return messages


async def _live(receive: Receive, send: Send) -> None:
    while True:
        kind = (await receive())["type"]
        await send({"type": f"{kind}.complete"})
        if kind == "lifespan.shutdown":
            return


def run(app: App, host: str, port: int, say: Callable[[str], None] = print) -> int:
    """Serve until ended by a signal; return the exit status."""
    if not _is_free(host, port):
        say(f"port {port} is in use; try --port {port + 1}")
        return 1
    import asyncio
    import signal

    from granian.constants import Interfaces
    from granian.server.embed import Server

    async def serve() -> None:
        server = Server(app, address=host, port=port, interface=Interfaces.ASGI, websockets=False,
                        log_access=False, log_enabled=False)  # fmt: skip
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, server.stop)
        say(f"http://{'localhost' if host == '127.0.0.1' else host}:{port}/")
        await server.serve()

    asyncio.run(serve())
    return 0


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind((host, port))
        except OSError:
            return False
    return True

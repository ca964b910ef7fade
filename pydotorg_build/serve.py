"""The development server: a built folder over HTTP, and word to browsers when it changes.

It treats `_redirects` and `_headers` as a host does, reads every file afresh, since the folder is
exchanged under it, and never leaves the folder.  What is no file and lies under a prefix of the
sidecar is passed on to that.
"""

from __future__ import annotations

import errno
import mimetypes
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from pydotorg_build import rules
from pydotorg_build.beside import Beside
from pydotorg_build.problems import Problem, Problems, Source
from pydotorg_build.reloads import EVENTS, SCRIPT, Reloads

Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Scope = Mapping[str, Any]

TYPES = {
    ".atom": "application/atom+xml; charset=utf-8",
    ".avif": "image/avif",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ics": "text/calendar; charset=utf-8",
    ".opml": "text/x-opml; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".rss": "application/rss+xml; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webp": "image/webp",
    ".xml": "application/xml; charset=utf-8",
}
NAMES = {"SHA256SUMS": TYPES[".txt"], "feed.json": "application/feed+json"}
# What makes sense for the real site only: while one works on it, everything is http and fresh.
NOT_HERE = frozenset({"strict-transport-security", "cache-control", "surrogate-key"})
ADDRESS = "/:?#[]@!$&'()*+,;=%~"
SECRET = frozenset({"_headers", "_redirects"})
PAGE_THAT_IS_NOT = (
    '<!doctype html><html lang="en"><title>Not found</title><h1>Not found</h1>'
    f'<script src="{SCRIPT}"></script></html>'
)


@dataclass
class Answer:
    """What is sent back."""

    status: int
    headers: dict[str, str]
    body: bytes = b""


@dataclass(frozen=True)
class App:
    """An ASGI application that serves a folder."""

    folder: Callable[[], Path]
    reload: Reloads | None = None
    beside: Beside | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        if scope["path"] == EVENTS and self.reload and scope["method"] == "GET":
            await self.reload.stream(receive, send)
            return
        if self.beside and self.beside.answers(scope["path"]) and not self._is_ours(scope):
            instead = self._instead(scope)
            if instead is None or await self.beside.is_up():
                await self.beside(scope, receive, send)
                return
            await _send(instead, scope["method"], send)
            return
        await _send(self.answer(scope), scope["method"], send)

    def _is_ours(self, scope: Scope) -> bool:
        """Is an address under a prefix all the same a file, or led away by a rule of its own?"""
        if scope["method"] not in ("GET", "HEAD"):
            return False
        folder, query = self.folder(), query_of(scope)
        exact = (rule for rule in rules.redirects(folder) if not rule.url.endswith("*"))
        return _read(folder, scope["path"]) is not None or any(
            rule.answer(scope["path"], query) for rule in exact
        )

    def _instead(self, scope: Scope) -> Answer | None:
        """Where the rule that stands in for a prefix leads, for when the sidecar cannot be begun."""
        if self.beside is None or scope["method"] not in ("GET", "HEAD"):
            return None
        folder, path = self.folder(), scope["path"]
        own = {f"{prefix}*" for prefix in self.beside.prefixes}
        for rule in rules.redirects(folder):
            if rule.url in own and rule.status != 200 and (to := rule.answer(path, {})):
                return follow(folder, rule, to, scope)
        return None

    def answer(self, scope: Scope) -> Answer:
        """Answer one request."""
        if scope["method"] not in ("GET", "HEAD"):
            return Answer(405, {"allow": "GET, HEAD", "content-type": TYPES[".txt"]}, b"GET, HEAD")
        if scope["path"] == SCRIPT and self.reload:
            fresh = {"content-type": TYPES[".js"], "cache-control": "no-store"}
            return Answer(200, fresh, self.reload.script())
        found = answer(self.folder(), scope)
        if self.reload:
            found.headers = _for_work(found.headers)
        return found


def make_app(
    folder: Callable[[], Path], *, reload: Reloads | None = None, beside: Beside | None = None
) -> App:
    """Make the application; the folder is asked for at every request.

    With `reload`, for work on the site; without, it answers with the headers of the real site.
    """
    return App(folder, reload, beside)


def answer(folder: Path, scope: Scope) -> Answer:
    """Answer a request as a host would: a file wins over every rule."""
    path, query = scope["path"], query_of(scope)
    if _read(folder, path) is None:
        for rule in rules.redirects(folder):
            if rule.status == 200 and not rule.target.startswith("/"):
                continue  # what another server answers is not asked here
            if to := rule.answer(path, query):
                return follow(folder, rule, to, scope)
    return _static(folder, path, scope)


def query_of(scope: Scope) -> dict[str, str]:
    """The parameters of a request."""
    asked = scope.get("query_string", b"").decode("latin-1")
    return dict(parse_qsl(asked, keep_blank_values=True))


def follow(folder: Path, rule: rules.Rule, to: str, scope: Scope) -> Answer:
    """Answer as a rule says that was found for a request."""
    if rule.status == 200:
        return _static(folder, unquote(to), scope)
    if rule.status in (404, 410):
        return _not_found(folder, rule.status, unquote(to))
    asked = scope.get("query_string", b"").decode("latin-1")
    goes_along = asked and not rule.query and not urlsplit(to).query
    to = quote(f"{to}?{asked}" if goes_along else to, safe=ADDRESS)
    if rule.target.startswith("/"):  # what `:splat` stands for must not make it another host
        to = f"/{to.lstrip('/')}"
    return Answer(rule.status, {"location": to})


def _static(folder: Path, path: str, scope: Scope) -> Answer:
    content = _read(folder, path)
    if content is None:
        if not path.endswith("/") and _read(folder, f"{path}/") is not None:
            return Answer(301, {"location": quote(f"{path}/")})
        return _not_found(folder, 404)
    tag = f'"{blake2b(content, digest_size=8).hexdigest()}"'
    found = {"content-type": _type_of(path), **rules.headers(folder, path), "etag": tag}
    asked = dict(scope.get("headers", ())).get(b"if-none-match", b"").decode("latin-1")
    return Answer(304, found) if tag in asked else Answer(200, found, content)


def _read(folder: Path, path: str) -> bytes | None:
    """The file of an address; None where there is none, or none to be shown."""
    name = path.removeprefix("/") + ("index.html" if path.endswith("/") else "")
    if name in SECRET or any(part in ("", ".", "..") for part in name.split("/")):
        return None
    try:
        file = (folder / name).resolve()
        inside = file.is_relative_to(folder.resolve())
        return file.read_bytes() if inside and "\\" not in name else None
    except (OSError, ValueError):  # it is not there, or no name that a file may have
        return None


def _not_found(folder: Path, status: int, page: str = "/404.html") -> Answer:
    """Say so, by a page that a rule may name."""
    body = _read(folder, page) or _read(folder, "/404.html") or PAGE_THAT_IS_NOT.encode()
    found = rules.headers(folder, "/404.html") | {"content-type": _type_of(page)}
    return Answer(status, found, body)


def _for_work(headers: Mapping[str, str]) -> dict[str, str]:
    """Without what would keep a page, or ask for https, which is not here."""
    found = {k: v for k, v in headers.items() if k not in NOT_HERE} | {"cache-control": "no-store"}
    if policy := found.get("content-security-policy"):
        parts = (part.strip() for part in policy.split(";"))
        kept = [part for part in parts if part not in ("", "upgrade-insecure-requests")]
        found["content-security-policy"] = "; ".join(kept)
    return found


def _type_of(path: str) -> str:
    name = path.rpartition("/")[2] or "index.html"
    guess, packed = mimetypes.guess_type(name)
    known = NAMES.get(name) or TYPES.get(Path(name).suffix)
    return known or (not packed and guess) or "application/octet-stream"


async def _send(found: Answer, method: str, send: Send) -> None:
    headers = dict(found.headers)
    if found.status != 304:
        headers["content-length"] = str(len(found.body))
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": found.status, "headers": raw})
    body = b"" if method == "HEAD" else found.body
    await send({"type": "http.response.body", "body": body})


def run(app: App, host: str, port: int, say: Callable[[str], None] = print) -> int:
    """Serve until ended by a signal; return the exit status."""
    check_address(host, port)
    import asyncio
    import signal

    from granian.constants import Interfaces
    from granian.server.embed import Server

    async def serve() -> None:
        server = Server(
            app, address=host, port=port, interface=Interfaces.ASGINL, websockets=False,
            log_enabled=False,
        )  # fmt: skip

        def end() -> None:
            if app.reload:
                app.reload.end()
            server.stop()  # type: ignore[no-untyped-call]

        for number in (signal.SIGINT, signal.SIGTERM):
            if signal.getsignal(number) is not signal.SIG_IGN:
                asyncio.get_running_loop().add_signal_handler(number, end)
        say(f"http://{'localhost' if host == '127.0.0.1' else host}:{port}/")
        if app.beside:
            app.beside.load_early(asyncio.get_running_loop(), say)
        await server.serve()
        if app.beside:
            await app.beside.close()

    asyncio.run(serve())
    return 0


def check_address(host: str, port: int, names: tuple[str, str] = ("--host", "--port ")) -> None:
    """Raise Problems where nobody can listen; `names` are what name another host and port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family) as one:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            one.bind((host, port))
    except OSError as error:
        message, hint = (
            f"cannot listen here: {error.strerror}",
            f"name another {names[0]} or {names[1].strip(' =')}",
        )
        if error.errno == errno.EADDRINUSE:
            message, hint = "the port is in use", f"try {names[1]}{port + 1}"
        raise Problems([Problem(Source(f"{host}:{port}"), message, hint)]) from None

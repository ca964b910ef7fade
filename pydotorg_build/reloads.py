"""Telling browsers what changed while one works on a site, by server-sent events."""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio

EVENTS = "/__reload__"
SCRIPT = "/__reload__.js"
SOURCE = Path(__file__).with_name("reload.js")
END = ""


class Reloads:
    """Passes messages on to all browsers that listen.

    A message is of a kind, `css`, `page` or `problems`, and moves the site to a new version.  A
    browser begins with the version that its script came with, so it misses nothing; problems are
    told again to who comes later, until they are put right.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: set[tuple[asyncio.AbstractEventLoop, asyncio.Queue[str]]] = set()
        self._run, self._number, self._ended = secrets.token_hex(4), 0, False
        self._problems: str = ""

    @property
    def version(self) -> str:
        """What stands on the site now; another run of the server has other versions."""
        return f"{self._run}-{self._number}"

    def publish(self, kind: str, payload: Mapping[str, Any]) -> None:
        """Tell every browser; may be called from any thread."""
        with self._lock:
            self._number += kind != "problems"
            text = self._event(kind, payload)
            self._problems = text if kind == "problems" else ""
            self._pass_on(text)

    def end(self) -> None:
        """End every stream, and those to come, so that the server can end."""
        with self._lock:
            self._ended = True
            self._pass_on(END)

    def _pass_on(self, text: str) -> None:
        for loop, queue in self._listeners:
            with suppress(RuntimeError):  # its loop has ended
                loop.call_soon_threadsafe(queue.put_nowait, text)

    def _event(self, kind: str, payload: Mapping[str, Any]) -> str:
        data = json.dumps({**payload, "version": self.version})
        return f"event: {kind}\ndata: {data}\n\n"

    def script(self) -> bytes:
        """The script that pages load, with the version it begins with."""
        return SOURCE.read_text(encoding="utf-8").replace("{version}", self.version).encode()

    async def stream(
        self,
        receive: Callable[[], Awaitable[Any]],
        send: Callable[[dict[str, Any]], Awaitable[None]],
    ) -> None:
        """Send every message to one browser until it goes."""
        import asyncio

        queue: asyncio.Queue[str] = asyncio.Queue()
        listener = (asyncio.get_running_loop(), queue)

        async def watch() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass
            queue.put_nowait(END)

        with self._lock:
            self._listeners.add(listener)
            first = self._event("hello", {}) + self._problems
            queue.put_nowait(END if self._ended else first)
        watching = asyncio.ensure_future(watch())
        headers = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store")]
        try:
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            while text := await queue.get():
                await send({"type": "http.response.body", "body": text.encode(), "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            watching.cancel()
            with self._lock:
                self._listeners.discard(listener)

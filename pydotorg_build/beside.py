"""An application of another package on the port of the development server: the sidecar's.

It is asked for what lies under the prefixes of build.toml and is no file.  It is begun when the
first visitor wants it, so whoever only edits pages waits for nothing; where it cannot be begun, its
addresses say why, and the site is shown all the same.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from pydotorg_build import rules
from pydotorg_build.problems import Problems

GROUP = "pydotorg.applications"
Application = Callable[[Any, Any, Any], Awaitable[None]]
Begin = Callable[["Place"], AbstractAsyncContextManager[Application]]


@dataclass(frozen=True)
class Place:
    """Where the application is lent a place: the project, the built site, and the address."""

    root: Path
    site: Path
    host: str
    port: int


@dataclass
class Beside:
    """The application, begun when it is first asked."""

    place: Place
    prefixes: tuple[str, ...]
    begin: Begin
    _app: Application | None = None
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    _lock: Any = None

    def answers(self, path: str) -> bool:
        """Does an address lie under a prefix?  `/account` does, as `/account/`."""
        return any(rules.pattern(f"{prefix}*").fullmatch(path) for prefix in self.prefixes)

    async def __call__(self, scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        try:
            app = await self._begun()
        except (ImportError, Problems, OSError) as error:
            await _say_why(error, send)
            return
        await app(scope, receive, send)

    async def _begun(self) -> Application:
        import asyncio

        self._lock = self._lock or asyncio.Lock()
        async with self._lock:
            if self._app is None:
                self._app = await self._stack.enter_async_context(self.begin(self.place))
            return self._app

    async def close(self) -> None:
        """Let the application end what it does."""
        await self._stack.aclose()


async def _say_why(error: Exception, send: Any) -> None:
    hint = "; pip install 'pydotorg[sidecar]'" if isinstance(error, ImportError) else ""
    words = f"The sidecar cannot be begun, so this address does not answer.\n\n{error}{hint}\n"
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": words.encode()})


def beside(place: Place, prefixes: tuple[str, ...]) -> Beside | None:
    """The application that is installed with us, if build.toml has prefixes for it."""
    found = tuple(entry_points(group=GROUP))
    if not found or not prefixes:
        return None
    entry = found[0]

    @asynccontextmanager
    async def begin(place: Place) -> AsyncIterator[Application]:
        import asyncio

        opened: Begin = await asyncio.to_thread(entry.load)
        async with opened(place) as app:
            yield app

    return Beside(place, prefixes, begin)

"""An application of another package on the port of the development server: the sidecar's.

It is asked for what lies under the prefixes of build.toml and is no file.  Its code is loaded once
the site is shown, by a thread that nobody waits for; then it is begun where its database is there,
since work may wait in that, else when the first visitor wants it.  Where it cannot be begun, its
addresses say why, and the site is shown all the same.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydotorg_build import rules
from pydotorg_build.problems import Problems

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from concurrent.futures import Future

GROUP = "pydotorg.applications"
FAILURES = (ImportError, Problems, OSError)
Application = Callable[[Any, Any, Any], Awaitable[None]]
Begin = Callable[["Place"], AbstractAsyncContextManager[Application]]
Load = Callable[[], object]
IsThere = Callable[["Place"], bool]


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
    load: Load = lambda: None
    is_there: IsThere = lambda _: False
    _life: Life | None = None
    _beginning: Future[None] | None = None

    def answers(self, path: str) -> bool:
        """Does an address lie under a prefix?  `/account` does, as `/account/`."""
        return any(rules.pattern(f"{prefix}*").fullmatch(path) for prefix in self.prefixes)

    def load_early(self, loop: AbstractEventLoop, say: Callable[[str], None]) -> None:
        """Load its code before it is asked for, and begin it in the loop where its database is there.

        What cannot be loaded is told to whoever asks.
        """
        import asyncio
        import threading

        def load() -> None:
            with suppress(*FAILURES):
                self.load()
                if self.is_there(self.place):
                    with suppress(RuntimeError):  # the server has ended, and its loop
                        self._beginning = asyncio.run_coroutine_threadsafe(self._begin(say), loop)

        threading.Thread(target=load, daemon=True).start()

    async def _begin(self, say: Callable[[str], None]) -> None:
        try:
            await self._app()
        except FAILURES as error:
            say(f"the sidecar cannot be begun: {error}")

    async def __call__(self, scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        try:
            app = await self._app()
        except FAILURES as error:
            await _say_why(error, send)
            return
        await app(scope, receive, send)

    async def is_up(self) -> bool:
        """Is the application there?  It is begun where it is not."""
        try:
            await self._app()
        except FAILURES:
            return False
        return True

    async def _app(self) -> Application:
        if self._life is None or self._life.has_failed:
            self._life = Life(self.begin(self.place))
        return await self._life.app()

    async def close(self) -> None:
        """Let the application end what it does."""
        if self._beginning:
            self._beginning.cancel()
        if self._life:
            await self._life.end()


class Life:
    """The application from its beginning to its end, which must be in one and the same task."""

    def __init__(self, begun: AbstractAsyncContextManager[Application]) -> None:
        import asyncio

        self._ready: asyncio.Future[Application] = asyncio.get_running_loop().create_future()
        self._over = asyncio.Event()
        self._task = asyncio.create_task(self._live(begun))

    @property
    def has_failed(self) -> bool:
        return self._ready.done() and self._ready.exception() is not None

    async def app(self) -> Application:
        """The application, once it can be asked."""
        import asyncio

        return await asyncio.shield(self._ready)

    async def end(self) -> None:
        self._over.set()
        await self._task

    async def _live(self, begun: AbstractAsyncContextManager[Application]) -> None:
        try:
            async with begun as app:
                self._ready.set_result(app)
                await self._over.wait()
        except Exception as error:
            if self._ready.done():
                raise
            self._ready.set_exception(error)


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

    return Beside(
        place, prefixes, begin, lambda: entry.load().ahead(), lambda at: entry.load().is_there(at)
    )

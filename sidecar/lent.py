"""The sidecar on the port of `pydotorg serve`: one address for the whole site while one works on it.

The builder finds this by an entry point, and imports nothing of ours.  What takes longest and touches
nothing may be done ahead (`application.ahead()`): nobody has asked for the sidecar then.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Lock
from typing import Any

import structlog
from litestar import Litestar

from pydotorg_build.beside import Place
from sidecar.app import create_app, routed
from sidecar.database import open_database
from sidecar.logs import set_up
from sidecar.schema import is_made, prepare
from sidecar.settings import Settings, read_settings, variable
from sidecar.worker import Worker

log = structlog.get_logger()


class Lent:
    """What the entry point names."""

    def __init__(self) -> None:
        self._making = Lock()
        self._routed: Litestar | None = None

    def ahead(self) -> Litestar:
        """The routes, made once; whoever wants them meanwhile waits."""
        with self._making:
            self._routed = self._routed or routed()
            return self._routed

    def is_there(self, place: Place) -> bool:
        """Was its database made before, so that something may wait in it?"""
        # Without one that is given, a secret would be made and kept.
        asked = {variable("secret"): "that asks for no more", **os.environ}
        return is_made(settings_at(place, asked).database_url)

    @asynccontextmanager
    async def __call__(self, place: Place) -> AsyncIterator[Any]:
        """The application and a worker, with the database made ready; both end with the block."""
        settings = settings_at(place, os.environ)
        copies = settings.backups
        set_up(settings)
        url = settings.database_url
        if said := await asyncio.to_thread(prepare, url, migrate=True, copies=copies):
            log.info(said)
        app = await asyncio.to_thread(self.ahead)
        db = open_database(settings)
        doors, worker = create_app(settings, db, templates(place.root), app), Worker(db, settings)
        async with doors.inner.lifespan():
            working = asyncio.create_task(worker.run())
            try:
                yield doors
            finally:
                worker.stop()
                await working


application = Lent()


def settings_at(place: Place, environ: Mapping[str, str]) -> Settings:
    """The settings of the environment, but on the port and with the site of the server."""
    here = {"PYDOTORG_PORT": str(place.port), "PYDOTORG_SITE": str(place.site)}
    usual = {"PYDOTORG_URL": f"http://localhost:{place.port}"}
    return read_settings({**usual, **environ, **here}, place.root)


def templates(root: Path) -> Path:
    """The templates of the project; else those that came with the program."""
    beside = Path(__file__).parents[1]
    places = (
        root / "templates", beside / "templates", beside / "pydotorg_build" / "default/templates"
    )  # fmt: skip
    return next(place for place in places if (place / "sidecar").is_dir())

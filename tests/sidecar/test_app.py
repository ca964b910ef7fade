"""The application from outside: health, who is let in, and how it says no."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import traceback
import urllib.request
from contextlib import AsyncExitStack, contextmanager, suppress
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text
from structlog.testing import capture_logs

from pydotorg_build.problems import Problems
from sidecar.cli import run
from sidecar.schema import head, sync_url
from tests.conftest import ROOT, free_port


@contextmanager
def unwritable(url):
    """Let nobody write: another holds the file, or the server is told to read only."""
    if url.startswith("sqlite"):
        other = sqlite3.connect(make_url(url).database)
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.close()
        return
    engine = create_engine(sync_url(url), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        name = connection.execute(text("SELECT current_database()")).scalar()
        connection.execute(text(f"ALTER DATABASE {name} SET default_transaction_read_only = on"))
        yield
        connection.execute(text("SET default_transaction_read_only = off"))
        connection.execute(text(f"ALTER DATABASE {name} RESET default_transaction_read_only"))
    engine.dispose()


@pytest.mark.row("S017")
def test_it_says_that_it_is_alive_and_ready(asked):
    assert asked("GET", "/health/live").json() == {"status": "alive"}
    assert asked("GET", "/health").json() == {"status": "well"}
    assert asked("GET", "/health/ready").status_code == 200


def test_it_says_that_it_is_not_ready_while_the_database_cannot_be_written(asked, settings):
    asked("GET", "/health/ready")  # what is made and imported by the first is not measured
    with unwritable(settings.database_url):
        began = time.monotonic()
        answer = asked("GET", "/health/ready")
        seconds = time.monotonic() - began

    # A second, and what a busy machine takes besides; within SQLite one would wait for five.
    assert seconds < 3
    assert (answer.status_code, answer.headers["cache-control"]) == (503, "no-store")
    assert answer.json() == {"status": "the database cannot be written"}


@pytest.mark.row("S029")
def test_it_says_that_it_is_not_well_while_the_database_cannot_be_read(asked, settings):
    asked("GET", "/health")
    engine = create_engine(sync_url(settings.database_url))
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE probe RENAME TO elsewhere"))
    engine.dispose()

    answer = asked("GET", "/health")

    assert (answer.status_code, answer.headers["cache-control"]) == (503, "no-store")
    assert answer.json() == {"status": "the database cannot be read"}
    assert asked("GET", "/health/live").status_code == 200


@pytest.mark.parametrize("ready", ["sqlite"], indirect=True)
def test_without_a_database_pages_that_need_none_are_there_and_forms_say_that_nothing_was_done(
    service,
):
    file = Path(service.settings.database_url.removeprefix("sqlite:///"))
    file.unlink()
    file.mkdir()

    shown = service.get("/account/sign-in")
    refused = service.submit(shown, "/account/sign-in", who="ada", password="three wet boots")

    assert shown.status_code == 200
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "10")
    assert "The database cannot be reached at the moment." in refused.text
    assert "sqlite" not in refused.text.casefold()


def test_what_the_database_did_not_take_stands_in_no_log(service):
    given = {"name": "ada", "email": "ada@a.example", "password": "three wet boots"}
    service.write(lambda tx: tx.execute(text("ALTER TABLE mails RENAME TO elsewhere")))

    try:
        with capture_logs() as logs:
            answer = service.send("/account/register", **given)
    finally:  # the database is that of other tests too
        service.write(lambda tx: tx.execute(text("ALTER TABLE elsewhere RENAME TO mails")))

    assert answer.status_code >= 500
    (error,) = [line["exc_info"] for line in logs if "exc_info" in line]
    said = "".join(traceback.format_exception(error))
    assert "INSERT INTO mails" in said
    assert [word for word in ("ada@a.example", "token=", "argon2") if word in said] == []


def test_while_no_connection_is_left_one_is_asked_to_come_again(service, monkeypatch):
    engine, settings = service.db.engine, service.settings
    monkeypatch.setattr(engine.pool, "_timeout", 0.05)

    async def story():
        async with AsyncExitStack() as others:
            for _ in range(settings.pool_size + settings.pool_overflow):
                await others.enter_async_context(engine.connect())
            return await service.client.get("/users/?q=ada", headers={"accept": "text/html"})

    answer = service.run(story())

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
    assert service.get("/users/?q=ada").status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "evil.example"}, 421),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-origin"}, 405),
        ({}, 405),
    ],
)
def test_a_form_of_another_site_and_another_hosts_name_are_not_let_in(asked, headers, status):
    assert asked("POST", "/health", headers=headers).status_code == status


@pytest.mark.parametrize("path", ["/submit/job/%00", "/users/a%00b/", "/admin/users?q=%00"])
def test_an_address_that_no_database_can_look_for_is_refused_at_the_door(asked, path):
    assert asked("GET", path).status_code == 400
    assert asked("GET", f"/api/v1{path}").json()["error"]["status"] == 400


def test_a_person_gets_a_page_and_a_program_json(asked):
    page = asked("GET", "/nothing", headers={"accept": "text/html"})
    data = asked("GET", "/nothing", headers={"accept": "application/json"})

    assert "<h1>Not found</h1>" in page.text
    assert data.json() == {
        "error": {"status": 404, "message": "There is nothing at this address.", "fields": {}}
    }
    assert page.status_code == data.status_code == 404


def test_every_answer_is_kept_by_nobody_and_has_an_id(asked):
    answer = asked("GET", "/nothing")

    assert answer.headers["cache-control"] == "no-store"
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert len(answer.headers["x-request-id"]) == 16
    assert "set-cookie" not in answer.headers


def test_a_port_that_somebody_listens_at_is_told_with_what_names_another(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with socket.create_server(("127.0.0.1", 0), reuse_port=True) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setenv("PYDOTORG_PORT", str(port))

        with pytest.raises(Problems) as problems:
            run.callback(migrate=False, no_worker=True, workers=1)

    assert str(problems.value) == (
        f"127.0.0.1:{port}: the port is in use\n  hint: try PYDOTORG_PORT={port + 1}"
    )


@pytest.mark.slow
def test_one_command_in_an_empty_folder_serves_and_ends_when_told(tmp_path):
    port = free_port()
    environ = {
        **os.environ,
        "PYTHONUNBUFFERED": "",
        "PYDOTORG_PORT": str(port),
        "PYTHONPATH": str(ROOT),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "pydotorg_build", "sidecar", "run"], cwd=tmp_path, env=environ,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    answer = b""
    deadline = time.monotonic() + 60
    while not answer and time.monotonic() < deadline:
        with suppress(OSError):
            answer = urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5).read()
        time.sleep(0.1)

    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate(timeout=30)

    assert answer == b'{"status":"well"}'
    assert process.returncode == 0
    assert said.splitlines() == [
        f"the database was made, with the schema {head()}",
        f"there is no built site in {tmp_path}/dist: pages are plain until `pydotorg build`",
        f"PYDOTORG_SMTP_HOST is not set: mail is put into {tmp_path}/data/mail",
        f"listening on http://127.0.0.1:{port}/",
    ]

"""Several web processes and several workers on one PostgreSQL are one service; and what each logs."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from sidecar import people, sessions
from sidecar.letters import LETTERS
from sidecar.limits import MAILS_TO
from sidecar.mail import post
from sidecar.routes.account_password import FORGOTTEN
from sidecar.settings import read_settings
from sidecar.tables.work import Firing, Mail, Task
from tests.conftest import ROOT, free_port
from tests.sidecar.conftest import PASSWORD, Service, without_rows
from tests.sidecar.test_mail import smtp  # noqa: F401 (a fixture)

SHORT = 60
LINE = {"event", "level", "timestamp"}
REQUEST = {"method", "path", "status", "ms", "request"}


@contextmanager
def begun(settings, *command, log, **given) -> Iterator[subprocess.Popen[str]]:
    """A command of the sidecar in a process of its own; it ends with the block."""
    environ = {
        "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYDOTORG_URL": settings.url,
        "PYDOTORG_DATA": settings.data, "DATABASE_URL": settings.database_url,
        "PYDOTORG_SECRET": settings.secret, **given,
    }  # fmt: skip
    with Path(log).open("a") as into:
        process = subprocess.Popen(
            [sys.executable, "-m", "pydotorg_build", "sidecar", *command],
            cwd=Path(settings.data).parent, env=environ, stdout=into, stderr=into, text=True,
        )  # fmt: skip
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(SHORT)
        except subprocess.TimeoutExpired:
            process.kill()
            raise


def until(asked, seconds=SHORT):
    """Wait until something is as it should be."""
    deadline = time.monotonic() + seconds
    while not (found := asked()):
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.1)
    return found


def children(process) -> set[int]:
    """The web processes of a server."""
    found = set()
    for task in Path(f"/proc/{process.pid}/task").iterdir():
        found |= {int(pid) for pid in (task / "children").read_text().split()}
    return {pid for pid in found if "run" in Path(f"/proc/{pid}/cmdline").read_text().split("\0")}


def ask(port, path, token="") -> int:
    """Ask on a connection of its own, so that any of the processes answers; 0 where none did."""
    cookies = {"session": token} if token else {}
    with suppress(httpx.HTTPError):
        return httpx.get(f"http://127.0.0.1:{port}{path}", headers={"host": "test.example"},
                         cookies=cookies, timeout=20).status_code  # fmt: skip
    return 0


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.row("S009", "S298")
def test_several_processes_and_workers_are_one_service(
    postgres_made, tmp_path, smtp  # noqa: F811
):  # fmt: skip
    url = without_rows(postgres_made)
    environ = {"PYDOTORG_URL": "http://test.example", "DATABASE_URL": url}
    service, box, port = Service(read_settings(environ, tmp_path)), smtp(), free_port()
    user = service.account("ada")
    token = service.write(lambda tx: sessions.start(tx, user, "a browser", has_factor=False))
    mail = {"PYDOTORG_SMTP_HOST": "127.0.0.1", "PYDOTORG_SMTP_PORT": str(box.port),
            "PYDOTORG_SMTP_SECURITY": "none"}  # fmt: skip
    log = tmp_path / "log"

    # Nobody works yet: what is queued waits.
    for number in range(40):
        service.write(lambda tx, n=number: post(tx, "test", f"m{n}@a.example",
                                                LETTERS["test"].sample))  # fmt: skip
    web = ("run", "--workers", "2")
    with (
        begun(service.settings, *web, log=log, PYDOTORG_PORT=str(port), **mail) as server,
        begun(service.settings, "worker", log=log, **mail),
        begun(service.settings, "worker", log=log, **mail),
    ):
        until(lambda: ask(port, "/health/ready") == 200)
        assert {ask(port, "/account/", token) for _ in range(20)} == {200}
        until(lambda: {row.state for row in service.rows(select(Mail))} == {"sent"})
        first = until(lambda: len(children(server)) == 2 and children(server))
        os.kill(min(first), signal.SIGKILL)
        until(lambda: len(children(server) - first) == 1)
        until(lambda: {ask(port, "/account/", token) for _ in range(10)} == {200})
        # A session that is ended is over in all of them at once.
        service.write(lambda tx: people.end_sessions(tx, user))
        assert {ask(port, "/account/", token) for _ in range(10)} == {401}

    assert sorted(message["To"] for message in box.taken) == sorted(
        f"m{n}@a.example" for n in range(40)
    )
    assert server.returncode == 0
    assert {row.state for row in service.rows(select(Task).where(Task.kind == "mail.send"))} == {
        "done"
    }
    fired = [(row.schedule, row.due) for row in service.rows(select(Firing))]
    assert len(fired) == len(set(fired))
    service.close()


def ask_for_a_link(port, who) -> int:
    """Ask for a new password in a browser of one's own; the status."""
    url = f"http://127.0.0.1:{port}"
    with httpx.Client(base_url=url, headers={"host": "test.example"}, timeout=20) as browser:
        found = re.search(r'name="form_token" value="([^"]+)"', browser.get(FORGOTTEN).text)
        return browser.post(FORGOTTEN, data={"email": who, "form_token": found[1]}).status_code


@pytest.mark.slow
@pytest.mark.row("S395", "S298")
def test_two_sidecars_count_by_one_limit(postgres_made, tmp_path):
    environ = {"PYDOTORG_URL": "http://test.example",
               "DATABASE_URL": without_rows(postgres_made)}  # fmt: skip
    settings, ports, log = (
        read_settings(environ, tmp_path),
        (free_port(), free_port()),
        tmp_path / "log",
    )
    web = ("run", "--no-worker")
    # What is counted an hour begins anew with the hour.
    until(lambda: time.time() % 3600 < 3540, seconds=90)

    with (
        begun(settings, *web, log=log, PYDOTORG_PORT=str(ports[0])),
        begun(settings, *web, log=log, PYDOTORG_PORT=str(ports[1])),
    ):
        for port in ports:
            until(lambda port=port: ask(port, "/health/ready") == 200)
        taken = [ask_for_a_link(ports[n % 2], "ada@a.example") for n in range(MAILS_TO)]
        refused = [ask_for_a_link(port, "ada@a.example") for port in ports]
        others = [ask_for_a_link(ports[0], "bob@a.example")]

    assert taken == [303] * MAILS_TO
    assert refused == [429, 429]
    assert others == [303]


@pytest.mark.slow
@pytest.mark.row("S053", "S322")
def test_each_request_is_one_line_of_the_log_without_what_is_secret(ready, tmp_path):
    port, log = free_port(), tmp_path / "the.log"
    given = {"PYDOTORG_PORT": str(port), "PYDOTORG_LOG": "json"}
    command = ("run", "--no-worker", "--log-file", str(log), "--log-level", "info")
    with begun(ready, *command, log=tmp_path / "said", **given):
        until(lambda: ask(port, "/health/live") == 200)
        httpx.post(
            f"http://127.0.0.1:{port}/account/sign-in?token=SECRETTOKEN",
            data={"who": "ada", "password": PASSWORD, "form_token": "SECRETTOKEN"},
            headers={"host": "test.example", "authorization": "Bearer SECRETTOKEN",
                     "x-request-id": "given-by-a-proxy"},
            cookies={"session": "SECRETTOKEN"}, timeout=20,
        )  # fmt: skip

    lines = [json.loads(line) for line in log.read_text().splitlines()]
    (line,) = [line for line in lines if line.get("method") == "POST"]
    assert line.keys() == LINE | REQUEST
    assert (line["path"], line["status"], line["request"]) == (
        "/account/sign-in", 403, "given-by-a-proxy",
    )  # fmt: skip
    assert PASSWORD not in log.read_text()
    assert "SECRETTOKEN" not in log.read_text() + (tmp_path / "said").read_text()


@pytest.mark.slow
def test_a_process_that_serves_takes_less_than_200_megabytes(ready, tmp_path):
    """What few requests need (migrations, pictures, calendars) is not loaded for all (P38)."""
    port = free_port()
    command = ("run", "--no-worker")
    with begun(ready, *command, log=tmp_path / "log", PYDOTORG_PORT=str(port)) as server:
        until(lambda: ask(port, "/health/ready") == 200)
        pages = {ask(port, "/account/sign-in") for _ in range(20)}
        status = Path(f"/proc/{server.pid}/status").read_text()

    assert pages == {200}
    assert int(re.search(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)[1]) < 200_000


@pytest.mark.slow
@pytest.mark.row("S322")
def test_what_matters_less_than_the_level_is_not_logged(ready, tmp_path):
    port, log = free_port(), tmp_path / "the.log"
    command = ("run", "--no-worker", "--log-file", str(log), "--log-level", "error")

    with begun(ready, *command, log=tmp_path / "said", PYDOTORG_PORT=str(port)):
        until(lambda: ask(port, "/health/live") == 200)

    assert log.read_text() == ""

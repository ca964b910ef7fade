"""A host that builds elsewhere is told that there is something to build, and brings the snapshot."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from sqlalchemy import select, update

from pydotorg_build.cli import main
from pydotorg_build.snapshot import Snapshots
from sidecar import build_hook, publishing
from sidecar.permissions import Permission
from sidecar.routes.admin_settings import shown_value
from sidecar.settings import unset
from sidecar.tables.cases import Publishing
from sidecar.tables.work import Task
from tests.conftest import BUILD_TOML, free_port
from tests.sidecar.test_api import asked, error, key_for
from tests.sidecar.test_cases import decide, handed_in, let_time_pass, work
from tests.sidecar.test_processes import begun, until

SCOPE = Permission.SNAPSHOT_READ.value


class Told(BaseHTTPRequestHandler):
    def do_POST(self):
        self.server.told.append(self.path)
        self.send_response(self.server.status)
        self.end_headers()

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", str(self.server.length))
        self.end_headers()
        self.wfile.write(b"SQLite format 3\0")

    def log_message(self, *_):
        pass


@pytest.fixture
def host(service):
    """A host with a build hook that the sidecar knows; it remembers what it was told."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Told)
    server.told, server.status, server.length = [], 200, 9000
    server.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    hook = f"{server.url}/hooks/a-secret"
    service.settings = msgspec.structs.replace(service.settings, build_hook=hook)
    yield server
    server.shutdown()
    server.server_close()


def approved(service):
    """Hand a job in, and approve it; a snapshot has it."""
    handed_in(service)
    decide(service.signed_in(role="jobs team"), service, "approve", at_once="on")
    work(service)


def calls(service):
    return service.rows(select(Task).where(Task.kind == build_hook.CALL).order_by(Task.id))


@pytest.mark.row("C04")
def test_what_is_decided_in_a_row_calls_the_hook_once(service, host):
    approved(service)
    service.write(lambda tx: publishing.anew(tx, "another change"))
    work(service)
    assert host.told == []

    let_time_pass(service)
    work(service)

    assert host.told == ["/hooks/a-secret"]


def test_what_comes_while_a_call_that_failed_waits_long_does_not_wait_for_it(service, host):
    host.status = 500
    service.write(lambda tx: build_hook.ask(tx, service.settings))
    for _ in range(2):
        let_time_pass(service)
        work(service)

    service.write(lambda tx: build_hook.ask(tx, service.settings))

    (failed, asked_anew) = calls(service)
    assert (failed.state, failed.attempts) == ("ready", 2)
    assert "answers with 500" in failed.error
    assert "a-secret" not in failed.error
    assert asked_anew.attempts == 0
    host.status = 200
    let_time_pass(service)
    work(service)
    assert {one.state for one in calls(service)} == {"done"}


def test_a_host_that_is_not_there_is_called_later_and_its_address_is_told_nowhere(service, host):
    nobody = f"http://127.0.0.1:{free_port()}/a-secret"
    service.settings = msgspec.structs.replace(service.settings, build_hook=nobody)
    service.write(lambda tx: build_hook.ask(tx, service.settings))
    let_time_pass(service)

    work(service)

    (call,) = calls(service)
    assert call.state == "ready"
    assert "cannot be reached: ConnectError" in call.error
    assert "a-secret" not in call.error
    assert shown_value("build_hook", nobody) == "set"


def test_each_hour_the_hook_is_called_for_what_the_calendar_changed(service, host):
    service.write(lambda tx: publishing.enqueue(tx, "hook.hourly", {}))
    work(service)
    let_time_pass(service)
    work(service)

    assert host.told == ["/hooks/a-secret"]


def test_without_a_hook_nothing_is_called(service):
    service.write(lambda tx: publishing.anew(tx, "a change"))
    service.write(lambda tx: publishing.enqueue(tx, "hook.hourly", {}))

    work(service)

    assert calls(service) == []


def test_a_hook_without_the_address_to_look_at_is_told_at_the_start(service, host):
    assert any("PYDOTORG_PROBE_URL is not set" in line for line in unset(service.settings))


def test_only_staff_with_a_key_for_it_bring_the_snapshot(service):
    service.write(lambda tx: publishing.anew(tx, "the first"))
    eve = service.account("eve", "staff")
    work(service)

    found = asked(service, "GET", "/staff/snapshot", key_for(service, eve, SCOPE))

    file = Path(service.settings.data) / "snapshot.sqlite"
    assert (found.status_code, found.content) == (200, file.read_bytes())
    for key, status in (
        ("", 401), (key_for(service, eve, "mail:see"), 403),
        (key_for(service, service.account("ada"), SCOPE), 403),
    ):  # fmt: skip
        assert asked(service, "GET", "/staff/snapshot", key).status_code == status
    assert f'value="{SCOPE}"' in service.signed_in("staff").get("/account/keys").text
    assert f'value="{SCOPE}"' not in service.signed_in(name="bea").get("/account/keys").text


def test_a_snapshot_that_is_not_here_is_not_an_older_one(service):
    key = key_for(service, service.account("eve", "staff"), SCOPE)
    assert error(asked(service, "GET", "/staff/snapshot", key))[0] == 404
    approved(service)
    service.write(lambda tx: tx.execute(update(Publishing).values(number=9)))

    refused = error(asked(service, "GET", "/staff/snapshot", key))

    assert refused[0] == 503
    assert "The snapshot 9 is not on this machine" in refused[1]


def test_a_snapshot_that_cannot_be_read_is_no_failure_of_the_service(service):
    key = key_for(service, service.account("eve", "staff"), SCOPE)
    (Path(service.settings.data) / "snapshot.sqlite").write_bytes(b"nonsense" * 1000)

    refused = error(asked(service, "GET", "/staff/snapshot", key))

    assert refused[0] == 503
    assert "cannot be read: the next one takes its place" in refused[1]


def pulled(folder, url, key, settings=BUILD_TOML):
    (folder / "build.toml").write_text(settings)
    return CliRunner().invoke(
        main, ["pull", "--config", str(folder / "build.toml"), "--from", url],
        env={"SNAPSHOT_KEY": key}, catch_exceptions=False,
    )  # fmt: skip


def number_in(folder):
    reader = Snapshots(folder, ["data/snapshot.sqlite"])
    found = reader.meta("data/snapshot.sqlite").get("number")
    reader.close()
    return found


@pytest.mark.row("C04")
def test_a_builder_elsewhere_brings_the_newest_snapshot_and_then_nothing_new(service, tmp_path):
    key = key_for(service, service.account("eve", "staff"), SCOPE)
    service.write(lambda tx: publishing.anew(tx, "the first"))
    work(service)
    port, folder = free_port(), tmp_path / "elsewhere"
    folder.mkdir()
    url = f"http://localhost:{port}"
    settings = msgspec.structs.replace(service.settings, url=url)
    with begun(settings, "run", "--no-worker", log=tmp_path / "log", PYDOTORG_PORT=str(port)):
        first = until(lambda: (done := pulled(folder, url, key)).exit_code == 0 and done)
        again = pulled(folder, url, key)
        wrong = pulled(folder, url, "pyk_0000000000000000")

    assert "data/snapshot.sqlite is the snapshot " in first.output
    assert again.output == "data/snapshot.sqlite is the newest already\n"
    assert (wrong.exit_code, "answers with 401" in wrong.output) == (1, True)
    assert "set SNAPSHOT_KEY" in wrong.output
    assert number_in(folder) == "1"
    assert [path.name for path in (folder / "data").iterdir()] == ["snapshot.sqlite"]


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (9000, "nothing was changed: try it again"),
        (16, "/staff/snapshot: answers with what is no "),
    ],
    ids=["in part", "none"],
)
def test_a_snapshot_that_came_in_part_or_is_none_changes_nothing(host, tmp_path, length, words):
    (tmp_path / "data").mkdir(exist_ok=True)
    kept = tmp_path / "data/snapshot.sqlite"
    kept.write_bytes(b"as it was")
    host.length = length

    done = pulled(tmp_path, host.url, "pyk_1")

    assert (done.exit_code, words in done.output) == (1, True)
    assert kept.read_bytes() == b"as it was"
    assert list(kept.parent.glob(".snapshot*")) == []


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "no sidecar is named"),
        ("sidecar.example", "is no address"),
        ("https://sidecar.example:80a", "is no address"),
        ("http://[::1", "is no address"),
        ("https://.sidecar..example", "cannot be read"),
        ("http://127.0.0.1:1", "cannot be read"),
    ],
)
def test_where_it_cannot_be_brought_from_is_said(tmp_path, url, words):
    done = pulled(tmp_path, url, "pyk_1")

    assert (done.exit_code, words in done.output) == (1, True)


def test_without_a_key_it_is_said_where_one_is_made(tmp_path):
    done = pulled(tmp_path, "http://127.0.0.1:1", "")

    assert (done.exit_code, "SNAPSHOT_KEY is not set" in done.output) == (1, True)
    assert "/account/keys" in done.output


@pytest.mark.parametrize("key", ["pyk_schlüssel", "pyk_1\npyk_2"])
def test_what_is_no_key_is_not_shown(tmp_path, key):
    done = pulled(tmp_path, "http://127.0.0.1:1", key)

    assert (done.exit_code, "SNAPSHOT_KEY is no key" in done.output) == (1, True)
    assert "pyk" not in done.output


def test_nothing_is_brought_where_no_build_would_read_it(tmp_path):
    settings = BUILD_TOML.replace('"data/snapshot.sqlite"', "")

    done = pulled(tmp_path, "http://127.0.0.1:1", "pyk_1", settings)

    assert (done.exit_code, "no snapshot is read by a build" in done.output) == (1, True)
    assert not (tmp_path / "data").exists()

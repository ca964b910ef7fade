"""/d/ leads to the files of the site at once, counts them, and leads nowhere else."""

from __future__ import annotations

import datetime
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import httpx
import msgspec
import pytest
from sqlalchemy import create_engine, inspect, select, text
from sqlalchemy.exc import OperationalError

from sidecar.app import create_app
from sidecar.clock import now
from sidecar.downloads import FLUSH, LIST
from sidecar.schema import prepare, sync_url
from sidecar.tables.downloads import DownloadDay, DownloadFile
from tests.conftest import ROOT, free_port

FTP = "https://www.python.org/ftp/python/"
FILE = "3.14.0/Python-3.14.0.tgz"
WINDOWS = "3.14.0/python-3.14.0-amd64.exe"
BROWSER = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"}
FILES = (
    {"url": f"{FTP}{FILE}", "release": "3.14.0", "os": "source"},
    {"url": f"{FTP}{WINDOWS}", "release": "3.14.0", "os": "windows"},
    {"url": "https://www.python.org/elsewhere/x.zip", "release": "3.14.0", "os": "source"},
)


def listed(site, files=FILES):
    """A built site, as far as it is wanted here."""
    path = Path(site) / LIST
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"schema_version": "3", "files": files}))


@pytest.fixture
def site(service):
    listed(service.settings.site)
    return service


def ask(site, path=FILE, method="GET", client="203.0.113.7", **headers):
    """Ask from an address."""
    transport = httpx.ASGITransport(app=site.app, client=(client, 1))

    async def asked():
        async with httpx.AsyncClient(transport=transport, base_url=site.settings.url) as one:
            return await one.request(method, f"/d/{path}", headers=BROWSER | headers)

    return site.run(asked())


def counted(site):
    """What stands in the database, once it is written."""
    site.run(site.app.inner.state.downloads.flush())
    rows = site.rows(select(DownloadDay).order_by(DownloadDay.path, DownloadDay.country))
    return [(row.day, row.path, row.country, row.count) for row in rows]


@pytest.mark.row("S082", "S407")
def test_a_link_leads_to_the_file_at_once_and_counts_once(site):
    answer = ask(site)
    ask(site)
    ask(site, client="203.0.113.8")

    assert answer.status_code == 302
    assert answer.headers["location"] == FTP + FILE
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert counted(site) == [(now().date(), FILE, "", 2)]
    (file,) = site.rows(select(DownloadFile))
    assert (file.path, file.release, file.system) == (FILE, "3.14.0", "source")


def test_numbers_are_added_to_those_of_the_day(site):
    ask(site)
    assert counted(site) == [(now().date(), FILE, "", 1)]

    ask(site, client="203.0.113.8")
    ask(site, WINDOWS)

    assert counted(site) == [(now().date(), FILE, "", 2), (now().date(), WINDOWS, "", 1)]


@pytest.mark.parametrize(
    "path",
    [
        "", "3.14.0/", "Python-3.14.0.tgz", f"{FILE}/", "..%2F3.14.0%2FPython-3.14.0.tgz",
        "/evil.example", "https://evil.example/", "//evil.example/", "%2F%2Fevil.example", "\\evil",
        "https://www.python.org/elsewhere/x.zip", "3.14.0/Python-3.14.0.tgz%00", "%0d%0aset-cookie:a",
    ],
)  # fmt: skip
def test_what_is_no_file_of_the_site_is_404_and_leads_nowhere(site, path):
    answer = ask(site, path)

    assert answer.status_code == 404
    assert "location" not in answer.headers
    assert counted(site) == []


@pytest.mark.parametrize(
    "asked",
    [{"method": "HEAD"}, {"range": "bytes=100-"}, {"user-agent": "Googlebot/2.1"},
     {"sec-purpose": "prefetch"}],
)  # fmt: skip
def test_what_does_not_count_is_led_to_the_file_all_the_same(site, asked):
    answer = ask(site, **asked)

    assert (answer.status_code, answer.headers["location"]) == (302, FTP + FILE)
    assert counted(site) == []


def test_nothing_else_than_reading_is_answered(site):
    answer = ask(site, method="POST")

    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


def test_without_a_built_site_it_is_said_that_it_does_not_answer(service):
    # What stands in front leads to the file by itself then.
    assert ask(service).status_code == 503


def test_a_new_build_is_seen(site):
    assert ask(site, "3.15.0/new.tgz").status_code == 404
    listed(site.settings.site, (*FILES, {"url": f"{FTP}3.15.0/new.tgz", "release": "3.15.0",
                                         "os": "source"}))  # fmt: skip
    site.app.inner.state.downloads._looked = 0

    assert ask(site, "3.15.0/new.tgz").headers["location"] == f"{FTP}3.15.0/new.tgz"


@pytest.mark.row("S407")
@pytest.mark.parametrize(
    ("peer", "told", "kept"),
    [
        ("10.0.0.1", "DE", "DE"),
        ("10.0.0.1", "de", "DE"),
        ("10.0.0.1", "XX", ""),
        ("10.0.0.1", "=1+1", ""),
        ("10.0.0.1", "", ""),
        ("203.0.113.7", "DE", ""),
    ],
)
def test_a_country_is_believed_only_from_a_proxy_of_ours_in_the_header_that_is_named(
    site, peer, told, kept
):
    settings = msgspec.structs.replace(
        site.settings, proxies="10.0.0.0/8", country_header="CF-IPCountry"
    )
    site.app = create_app(settings, site.db, ROOT / "templates")
    headers = {"cf-ipcountry": told, "x-forwarded-for": "198.51.100.4"}

    ask(site, client=peer, **headers)

    assert counted(site) == [(now().date(), FILE, kept, 1)]


def test_without_a_header_named_no_country_is_counted(site):
    ask(site, **{"cf-ipcountry": "DE"})

    assert counted(site) == [(now().date(), FILE, "", 1)]


def test_what_the_database_does_not_take_is_kept_until_it_does(site, monkeypatch):
    ask(site)
    downloads = site.app.inner.state.downloads

    async def fails(*_):
        raise OperationalError("", {}, Exception("it is down"))

    with monkeypatch.context() as broken:
        broken.setattr(downloads, "_write", fails)
        site.run(downloads.flush())

    assert counted(site) == [(now().date(), FILE, "", 1)]


def test_no_column_could_hold_who_downloaded():
    names = {c.name for table in (DownloadDay, DownloadFile) for c in table.__table__.columns}

    assert names == {"day", "path", "country", "count", "release", "system"}


# A process that is stopped, and one that is killed


@pytest.fixture
def running(ready):
    """`pydotorg sidecar run` on a database, as a process of its own."""
    listed(ready.site)
    prepare(ready.database_url)
    port = free_port()
    root = Path(ready.site).parent
    url = f"http://127.0.0.1:{port}"
    environ = {
        **os.environ, "PYDOTORG_URL": url, "PYDOTORG_PORT": str(port), "PYDOTORG_LOG": "json",
        "DATABASE_URL": ready.database_url, "PYDOTORG_PROXIES": "127.0.0.1",
    }  # fmt: skip
    command = [sys.executable, "-m", "pydotorg_build", "sidecar", "run", "--no-worker"]
    with subprocess.Popen(command, cwd=root, env=environ, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as process:  # fmt: skip
        process.url = url
        try:
            until(lambda: opened(url, "/health/live") == 200)
            yield process
        finally:
            process.kill()


def until(is_so, seconds=30):
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it did not come to be in time"
        time.sleep(0.05)


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def opened(url, path, client="203.0.113.7"):
    asked = urllib.request.Request(url + path, headers=BROWSER | {"x-forwarded-for": client})
    try:
        with urllib.request.build_opener(Stay).open(asked, timeout=5) as answer:
            return answer.status
    except urllib.error.HTTPError as answer:
        return answer.code
    except OSError:
        return 0


def total(settings):
    """What stands in the database, as another process sees it."""
    engine = create_engine(sync_url(settings.database_url))
    with engine.connect() as connection:
        found = connection.scalar(text("SELECT sum(count) FROM download_days"))
    engine.dispose()
    return found or 0


def download(process, numbers):
    found = [opened(process.url, f"/d/{FILE}", f"198.51.100.{n}") for n in numbers]
    assert found == [302] * len(numbers)


def test_told_to_stop_it_writes_down_all_that_it_counted(ready, running):
    download(running, range(20))

    running.send_signal(signal.SIGTERM)
    running.wait(20)

    assert total(ready) == 20


def test_killed_it_loses_no_more_than_the_stated_seconds(ready, running):
    download(running, range(20))
    time.sleep(FLUSH + 2)
    download(running, range(20, 25))

    running.kill()
    running.wait(20)

    assert 20 <= total(ready) <= 25


def test_the_tables_are_those_of_a_migrated_database(ready):
    engine = create_engine(sync_url(ready.database_url))
    columns = {
        c["name"]: c["type"].python_type for c in inspect(engine).get_columns("download_days")
    }
    engine.dispose()

    assert columns == {"day": datetime.date, "path": str, "country": str, "count": int}

"""deploy/: its files are good, and what they start runs as they say."""

from __future__ import annotations

import configparser
import getpass
import http.client
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click
import httpx
import pytest
import yaml

from pydotorg_build import hosting, rules
from pydotorg_build.cli import main
from pydotorg_build.settings import read_settings
from sidecar.settings import FIELDS, variable
from tests.conftest import free_port, postgresql

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
CONTAINER = (DEPLOY / "Containerfile").read_text()
NGINX = (ROOT / "deploy/nginx.conf").read_text()
CADDY = (DEPLOY / "Caddyfile").read_text()
UNITS = sorted((DEPLOY / "systemd").iterdir())
SERVICES = COMPOSE["services"]
SECRET = "aZ3-kQ9_xW7pL2mN8vB5cR1tY6uE4oI0"


def resolved(words):
    """The command that words of a command line name, with the options that they have."""
    command, words = main, list(words)
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        found = command.get_command(click.Context(command), words[0])
        assert found is not None, words
        command, words = found, words[1:]
    known = {name for option in command.params for name in option.opts}
    return [word for word in words if word.startswith("--") and word not in known]


def profile(name):
    return {key: service for key, service in SERVICES.items() if name in service["profiles"]}


# What the files say


@pytest.mark.row("S356", "S361", "S364", "S365")
def test_there_is_a_small_way_to_run_it_and_one_for_many():
    assert {name for service in SERVICES.values() for name in service["profiles"]} == {
        "small", "scale",
    }  # fmt: skip
    assert sorted(profile("small")) == ["sidecar", "web"]
    assert sorted(profile("scale")) == [
        "mail", "migrate", "postgres", "sidecar-1", "sidecar-2", "web-scaled", "worker",
    ]  # fmt: skip
    assert "DATABASE_URL" not in SERVICES["sidecar"]["environment"]
    assert SERVICES["worker"]["environment"]["DATABASE_URL"].startswith("postgresql://")


@pytest.mark.row("S358")
@pytest.mark.parametrize("name", [name for name in SERVICES if name != "migrate"])
def test_every_service_says_whether_it_is_well(name):
    kind, *words = SERVICES[name]["healthcheck"]["test"]

    assert kind == "CMD"
    assert words[0] != "pydotorg" or resolved(words[1:]) == []


@pytest.mark.parametrize("name", [n for n, service in SERVICES.items() if "command" in service])
def test_every_service_starts_by_a_command_that_there_is(name):
    program, *words = SERVICES[name]["command"]

    assert program == "pydotorg"
    assert resolved(words) == []


@pytest.mark.row("S360")
def test_every_setting_that_a_service_gets_is_one():
    known = {variable(field) for field in FIELDS}
    ours = [service for service in SERVICES.values() if "build" in service]
    given = {name for service in ours for name in service["environment"]}

    assert len(ours) == 5
    assert given - known == set()


def test_whoever_reads_the_built_site_mounts_the_folder_above_it_which_stays():
    mounts = {name: service.get("volumes", ()) for name, service in SERVICES.items()}
    site = [name for name, every in mounts.items() if "..:/srv/site:ro" in every]

    assert [one for every in mounts.values() for one in every if one.startswith("../dist")] == []
    assert site == ["sidecar", "sidecar-1", "sidecar-2", "worker", "web", "web-scaled"]
    for name in site:
        environ = SERVICES[name]["environment"]
        assert environ.get("PYDOTORG_SITE", environ.get("ROOT")) == "/srv/site/dist"


def test_what_the_sidecar_publishes_lies_where_the_builder_reads_it():
    ours = {name: service for name, service in SERVICES.items() if "build" in service}

    for service in ours.values():
        assert "../data:/srv/pydotorg/data" in service["volumes"]
        assert service["user"].startswith("${PYDOTORG_USER:?")
    assert "data" not in COMPOSE["volumes"]


@pytest.mark.row("S354")
def test_the_container_is_made_in_two_stages_and_runs_as_nobody_special():
    lines = [line.split() for line in CONTAINER.splitlines() if line and not line.startswith("#")]
    words = {line[0]: line for line in lines}

    assert [line[1] for line in lines if line[0] == "FROM"] == ["python:3.13-slim"] * 2
    assert words["USER"] == ["USER", "pydotorg"]
    assert "--require-hashes -r sidecar.txt" in CONTAINER
    for command in re.findall(r"CMD (\[.*\])", CONTAINER):
        assert resolved(json.loads(command)[1:]) == []


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_every_unit_starts_a_command_that_there_is(path):
    unit = configparser.RawConfigParser(strict=False, delimiters="=")
    unit.optionxform = str
    unit.read_string(path.read_text())

    if path.suffix == ".service":
        words = shlex.split(unit["Service"]["ExecStart"])
        assert words[:2] == ["/usr/bin/env", ".venv/bin/pydotorg"]
        assert resolved(words[2:]) == []
        assert unit["Service"]["ProtectSystem"] == "strict"


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
def test_the_units_are_ones_that_systemd_takes(tmp_path):
    for path in UNITS:
        name = path.name.replace("@.", "@8001.")
        (tmp_path / name).write_text(path.read_text())
    named = sorted(str(path) for path in tmp_path.iterdir())

    done = subprocess.run(
        ["systemd-analyze", "verify", *named], capture_output=True, text=True, check=False
    )

    assert [line for line in done.stderr.splitlines() if "pydotorg" in line] == []
    assert done.returncode == 0


def test_the_web_server_passes_on_the_prefixes_of_the_site_and_no_more():
    (line,) = re.findall(r"@sidecar \{\n\s+path (.*)", CADDY)
    wanted = {prefix.rstrip("/") for prefix in read_settings(ROOT / "build.toml").prefixes}

    assert {path.removesuffix("/*") for path in line.split()} == wanted


def test_the_web_server_says_the_headers_that_the_build_says():
    text = CADDY.replace('"', "")

    said = [f"{name} {value}" for name, value in hosting.EVERYWHERE]
    assert [line for line in said if line not in text] == []


def test_nginx_passes_on_the_prefixes_of_the_site_and_says_the_headers_that_the_build_says():
    (names,) = re.findall(r"location ~ \^/\(([^)]*)\)\(/\|\$\)", NGINX)
    wanted = {prefix.strip("/") for prefix in read_settings(ROOT / "build.toml").prefixes}

    assert {name.replace("\\", "") for name in names.split("|")} | {"d"} == wanted
    said = [(name, value) for name, value in hosting.EVERYWHERE if name != "Cache-Control"]
    assert [one for one in said if f'add_header {one[0]} "{one[1]}" always;' not in NGINX] == []
    assert f'default "{dict(hosting.EVERYWHERE)["Cache-Control"]}";' in NGINX


# What they start


def filled(value):
    """A value of compose.yaml, with what stands in it for when nothing is set."""
    given = {"PYDOTORG_SECRET": SECRET, "PYDOTORG_URL": "https://www.python.org",
             "PYDOTORG_SMTP_HOST": "smtp.internal"}  # fmt: skip
    whole = re.compile(r"\$\{(\w+)(?::[-?]([^}]*))?\}")
    return whole.sub(lambda found: given.get(found[1], found[2] or ""), str(value))


@contextmanager
def started(name, folder, **changes):
    """A service of compose.yaml, run here as it stands there, but for where it listens."""
    service = SERVICES[name]
    environ = {key: filled(value) for key, value in service["environment"].items()}
    environ = {key: value for key, value in environ.items() if value}
    environ |= {"PYDOTORG_HOST": "127.0.0.1", "PYTHONPATH": str(ROOT), **changes}
    command = [sys.executable, "-m", "pydotorg_build", *service["command"][1:]]
    process = subprocess.Popen(
        command, cwd=folder, env={"PATH": os.environ["PATH"], **environ},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=60)
        assert process.returncode in (0, None), said


def answer(port, path, host="www.python.org"):
    """What is answered, as soon as anything is."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Host": host})
        try:
            with urllib.request.urlopen(request, timeout=20) as found:
                return found.status, found.read().decode(), dict(found.headers)
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode(), dict(error.headers)
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"nobody answers on port {port}")


@pytest.mark.slow
@pytest.mark.row("S357", "S005", "S363")
def test_the_small_profile_runs_as_it_stands(tmp_path):
    port = free_port()

    with started("sidecar", tmp_path, PYDOTORG_PORT=str(port)):
        status, body, headers = answer(port, "/health/ready")
        other = answer(port, "/health", host="evil.example")[0]

    assert (status, body) == (200, '{"status":"ready"}')
    assert "strict-transport-security" in {name.lower() for name in headers}
    assert other == 421
    assert (tmp_path / "data/sidecar.sqlite").exists()


@pytest.mark.slow
@pytest.mark.row("S357", "S022")
def test_the_profile_for_many_runs_two_sidecars_and_a_worker_on_one_database(tmp_path):
    ports = free_port(), free_port()
    with postgresql() as server, ExitStack() as all_of_it:
        url = {"DATABASE_URL": server.get_uri()}
        with started("migrate", tmp_path, **url) as migrating:
            migrating.wait(timeout=60)
        for name, port in zip(("sidecar-1", "sidecar-2"), ports, strict=True):
            all_of_it.enter_context(started(name, tmp_path, PYDOTORG_PORT=str(port), **url))
        worker = all_of_it.enter_context(started("worker", tmp_path, **url))
        found = [answer(port, "/health/ready")[0] for port in ports]
        is_working = worker.poll() is None

    assert migrating.returncode == 0
    assert found == [200, 200]
    assert is_working


FTP = "https://www.python.org/ftp/python"
MOVED = "/old/ /about/ 301\n"
# What is asked for while no sidecar answers, and where it leads: below the files, and nowhere else.
DOWNLOADS = {
    "/d/3.14.0/Python-3.14.0.tgz": f"{FTP}/3.14.0/Python-3.14.0.tgz",
    "/d//evil.example/": f"{FTP}/evil.example/",
    "/d/%2F%2Fevil.example": f"{FTP}/%2F%2Fevil.example",
}


def location(port, path, host):
    """Where an address leads."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path, headers={"Host": host})
    with connection.getresponse() as found:
        where = found.getheader("location")
    connection.close()
    return where


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("caddy"), reason="caddy is not installed")
@pytest.mark.row("S017", "S082")
def test_behind_the_web_server_files_win_and_the_sidecar_answers_the_rest(tmp_path):
    site, port, inner = tmp_path / "dist", free_port(), free_port()
    (site / "about").mkdir(parents=True)
    (site / "account").mkdir()
    (site / "api").mkdir()
    for name, text in {"about/index.html": "about", "account/help.html": "a file",
                       "404.html": "nothing here", "api/404.json": "{}",
                       "_headers": "ours", "_redirects": MOVED}.items():  # fmt: skip
        (site / name).write_text(text)
    environ = {
        **os.environ, "SITE": f"http://localhost:{port}", "ROOT": str(site),
        "SIDECARS": f"127.0.0.1:{inner}", "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path),
        "XDG_DATA_HOME": str(tmp_path),
    }  # fmt: skip
    config = tmp_path / "Caddyfile"
    config.write_text("{\n\tadmin off\n}\n" + CADDY)
    command = ["caddy", "run", "--adapter", "caddyfile", "--config", str(config)]
    url = f"http://localhost:{port}"
    settings = {"PYDOTORG_ENV": "development", "PYDOTORG_URL": url, "PYDOTORG_PORT": str(inner),
                "PYDOTORG_SITE": str(site)}  # fmt: skip
    web = subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL)
    host = f"localhost:{port}"

    try:
        down = answer(port, "/account/sign-in", host)
        nowhere = answer(port, "/old/", host)[:2]
        uncounted = [location(port, path, host) for path in DOWNLOADS]
        with started("sidecar", tmp_path, **settings):
            answer(inner, "/health", host)
            time.sleep(11)  # until it is taken in again
            moved = location(port, "/old/", host)
            health = answer(port, "/health", host)
            signing_in = answer(port, "/account/sign-in", host)
            found = {path: answer(port, path, host)[:2] for path in
                     ("/about/", "/account/help.html", "/nothing/", "/api/v9/x", "/_headers")}  # fmt: skip
    finally:
        web.terminate()
        web.wait(timeout=30)

    assert down[0] == 502
    assert "cannot be reached at the moment" in down[1]
    assert nowhere == (404, "nothing here")
    assert moved == "/about/"
    assert uncounted == list(DOWNLOADS.values())
    assert health[:2] == (200, '{"status":"well"}')
    assert signing_in[0] == 200
    assert [value for name, value in signing_in[2].items() if name.lower() == "cache-control"] == [
        "no-store"
    ]
    assert found == {
        "/about/": (200, "about"), "/account/help.html": (200, "a file"),
        "/nothing/": (404, "nothing here"), "/api/v9/x": (404, "{}"),
        "/_headers": (404, "nothing here"),
    }  # fmt: skip


# nginx

AROUND = """
user {user};
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ }}
http {{
    access_log off;
    types {{ text/html html; application/json json; text/css css; }}
    {temporary}
    include {folder}/site.conf;
}}
"""
PATHS = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


@pytest.fixture
def nginx(tmp_path):
    """The example, for a folder and ports of a test."""
    if not shutil.which("nginx"):
        pytest.skip("nginx is not installed")
    port, inner = free_port(), free_port()
    changes = {"listen 80;": f"listen 127.0.0.1:{port};", "127.0.0.1:8001": f"127.0.0.1:{inner}",
               "/srv/pydotorg/dist": str(tmp_path / "dist"),
               "server_name www.python.org;": "server_name localhost;"}  # fmt: skip
    site = NGINX
    for here, there in changes.items():
        assert here in site
        site = site.replace(here, there)
    (tmp_path / "site.conf").write_text(site)
    temporary = " ".join(f"{name}_temp_path {tmp_path}/{name};" for name in PATHS)
    user = getpass.getuser()
    config = tmp_path / "nginx.conf"
    config.write_text(AROUND.format(user=user, folder=tmp_path, temporary=temporary))
    return ["nginx", "-c", str(config), "-e", str(tmp_path / "error.log")], port, inner


@pytest.mark.slow
@pytest.mark.row("S017")
def test_nginx_takes_its_file_and_files_win_and_the_sidecar_answers_the_rest(tmp_path, nginx):
    command, port, inner = nginx
    for name, text in {"about/index.html": "about", "account/help.html": "a file",
                       "404.html": "nothing here", "api/404.json": "{}", "_headers": "ours",
                       "_redirects": MOVED, "assets/a.css": "a{}"}.items():  # fmt: skip
        (tmp_path / "dist" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "dist" / name).write_text(text)
    url, host = f"http://localhost:{port}", f"localhost:{port}"
    settings = {"PYDOTORG_ENV": "development", "PYDOTORG_URL": url, "PYDOTORG_PORT": str(inner),
                "PYDOTORG_PROXIES": "127.0.0.1", "PYDOTORG_SITE": "dist"}  # fmt: skip
    tried = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    web = subprocess.Popen(command, stderr=subprocess.DEVNULL)

    try:
        down = answer(port, "/account/sign-in", host)
        nowhere = answer(port, "/old/", host)[:2]
        counted = httpx.get(f"{url}/d/3.14.0/python.exe", timeout=20)
        with started("sidecar", tmp_path, **settings):
            answer(inner, "/health", host)
            time.sleep(11)  # until it is taken in again
            moved = location(port, "/old/", host)
            signing_in = answer(port, "/account/sign-in", host)
            found = {path: answer(port, path, host)[:2] for path in
                     ("/about/", "/account/help.html", "/nothing/", "/api/v9/x", "/_headers")}  # fmt: skip
            page, style = answer(port, "/about/", host), answer(port, "/assets/a.css", host)
    finally:
        web.terminate()
        web.wait(timeout=30)

    assert tried.returncode == 0, tried.stderr
    assert down[0] == 502
    assert "cannot be reached at the moment" in down[1]
    assert nowhere == (404, "nothing here")
    assert moved == "/about/"
    assert (counted.status_code, counted.headers["location"]) == (
        302, "https://www.python.org/ftp/python/3.14.0/python.exe",
    )  # fmt: skip
    assert signing_in[0] == 200
    once = [name.lower() for name in signing_in[2]]
    assert once.count("cache-control") == once.count("content-security-policy") == 1
    assert {name.lower(): value for name, value in signing_in[2].items()}[
        "cache-control"
    ] == "no-store"
    assert found == {
        "/about/": (200, "about"), "/account/help.html": (200, "a file"),
        "/nothing/": (404, "nothing here"), "/api/v9/x": (404, "{}"),
        "/_headers": (404, "nothing here"),
    }  # fmt: skip
    assert page[2]["X-Frame-Options"] == "DENY"
    assert page[2]["Cache-Control"] == dict(hosting.EVERYWHERE)["Cache-Control"]
    assert style[2]["Cache-Control"] == hosting.FOREVER


# A file of each kind that `_headers` tells of.
TOLD = ("about/index.html", "api/v3/releases.json", "jobs/feed.json", "jobs/feed.rss", "jobs/feed.atom",
        "events/calendar.ics", "blogs/feeds.opml", "SHA256SUMS", "assets/a.css", "pagefind/bundles.json")  # fmt: skip


@pytest.mark.slow
@pytest.mark.row("C06")
def test_nginx_says_of_each_kind_of_file_what_the_build_says(tmp_path, nginx):
    command, port, _ = nginx
    site = tmp_path / "dist"
    for name in TOLD:
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text("{}")
    (site / "_headers").write_text(hosting.headers((), noindex=False, dev=False))
    web = subprocess.Popen(command, stderr=subprocess.DEVNULL)

    try:
        said = {name: answer(port, f"/{name}", f"localhost:{port}")[2] for name in TOLD}
    finally:
        web.terminate()
        web.wait(timeout=30)

    for name in TOLD:
        heard = {key.lower(): value for key, value in said[name].items()}
        told = rules.headers(site, f"/{name}")
        assert {key: heard.get(key) for key in told} == told, name
        assert ("access-control-allow-origin" in heard) == ("access-control-allow-origin" in told)


def test_caddy_says_of_each_kind_of_file_what_the_build_says():
    text = CADDY.replace('"', "")
    own = [pair for place, pairs in hosting.PLACES for pair in pairs if place != "/404.html"]

    assert [pair for pair in own if " ".join(pair) not in text] == []

"""The development server: called as an ASGI application, and once over a real port."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from functools import partial
from http.client import HTTPResponse
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

import pytest

from pydotorg_build.problems import Problem, Problems, Source
from pydotorg_build.reloads import Reloads
from pydotorg_build.serve import App, make_app, run
from pydotorg_build.watch import MOST_AGAIN
from tests.conftest import free_port

ROOT = Path(__file__).parents[2]
HEADERS = """/*
  Cache-Control: public, max-age=300
  Strict-Transport-Security: max-age=63072000
  Content-Security-Policy: default-src 'self'; upgrade-insecure-requests
  X-Frame-Options: DENY
/about/*
  X-Frame-Options: SAMEORIGIN
/*.ics
  Access-Control-Allow-Origin: *
"""
REDIRECTS = """/old/ /about/ 301
/about/ /never/ 301
/moved https://docs.python.org/3/ 308
/d/ release=:release /download/:release/ 302
/d/ old=yes /about/ 302
/api/v1/thing/ /thing.json 200
/gone/ /404.html 410
/jobs/12/ /about/ 410
/caf%C3%A9/ /about/ 301
/news/archive/* /about/ 301
/news/* /about/:splat 301
/all/* /:splat 301
/api/v1/:kind/thing/:id /:id.json 200
/issue* /:splat 302
"""
FILES = {
    "index.html": "home",
    "404.html": "nothing here",
    "about/index.html": "about",
    "thing.json": "{}",
    "feed.rss": "rss",
    "feed.atom": "atom",
    "feed.json": "{}",
    "SHA256SUMS": "sums",
    "python.tar.gz": "packed",
    "all.ics": "ics",
    "app.js": "js",
    "picture.avif": "avif",
    "search.wasm": "wasm",
    "pagefind/en.pf_meta": "meta",
    "naïve.txt": "naïve",
    "_headers": HEADERS,
    "_redirects": REDIRECTS,
}


class Answered(NamedTuple):
    status: int
    headers: dict[str, str]
    body: str


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A built folder, and beside it what must never be served."""
    built = tmp_path / "site"
    for name, text in FILES.items():
        (built / name).parent.mkdir(parents=True, exist_ok=True)
        (built / name).write_text(text, encoding="utf-8")
    (tmp_path / "secret.txt").write_text("secret")
    return built


def asked(app: App, address: str, method: str = "GET", **headers: str) -> Answered:
    """Ask an application; the path is decoded as a server does."""
    path, _, query = address.partition("?")
    scope = {
        "type": "http",
        "method": method,
        "path": unquote(path),
        "query_string": query.encode(),
        "headers": [(k.replace("_", "-").encode(), v.encode()) for k, v in headers.items()],
    }
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.request"}

    asyncio.run(app(scope, receive, send))
    found = {k.decode(): v.decode() for k, v in sent[0]["headers"]}
    return Answered(sent[0]["status"], found, sent[1]["body"].decode())


@pytest.fixture
def get(folder: Path):
    """Ask the application that one works with."""
    return partial(asked, make_app(lambda: folder, reload=Reloads()))


@pytest.mark.parametrize(
    ("address", "body"), [("/", "home"), ("/about/", "about"), ("/na%C3%AFve.txt", "naïve")]
)
def test_an_address_answers_with_its_file(get, address, body):
    assert get(address)[::2] == (200, body)


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/all.ics", "text/calendar; charset=utf-8"),
        ("/feed.rss", "application/rss+xml; charset=utf-8"),
        ("/feed.atom", "application/atom+xml; charset=utf-8"),
        ("/thing.json", "application/json"),
        ("/feed.json", "application/feed+json"),
        ("/SHA256SUMS", "text/plain; charset=utf-8"),
        ("/python.tar.gz", "application/octet-stream"),
        ("/app.js", "text/javascript; charset=utf-8"),
        ("/picture.avif", "image/avif"),
        ("/search.wasm", "application/wasm"),
        ("/pagefind/en.pf_meta", "application/octet-stream"),
    ],
)
def test_a_file_has_the_type_of_its_name(get, address, kind):
    assert get(address).headers["content-type"] == kind


def test_a_folder_without_its_slash_leads_to_the_address_with_one(get, folder):
    (folder / "_redirects").unlink()

    found = get("/about")
    assert (found.status, found.headers["location"]) == (301, "/about/")


def test_what_is_not_there_is_answered_by_the_sites_own_page(get):
    assert get("/nowhere/")[::2] == (404, "nothing here")


def test_a_site_without_such_a_page_says_so_itself(get, folder):
    (folder / "404.html").unlink()

    found = get("/nowhere/")
    assert (found.status, "Not found" in found.body) == (404, True)


@pytest.mark.parametrize("address", ["/about/", "/about/?show=old"])
def test_a_file_wins_over_every_rule_as_on_a_host(get, folder, address):
    (folder / "_redirects").write_text("/about/ show=:show / 302\n/about/ / 301\n")

    assert get(address)[::2] == (200, "about")


def test_before_the_first_build_nothing_is_there(get, folder):
    folder.rename(folder.with_name("elsewhere"))

    assert get("/").status == 404


def test_a_file_is_read_afresh_at_every_request(get, folder):
    get("/")
    (folder / "index.html").write_text("new")

    assert get("/").body == "new"


def test_a_file_that_the_browser_has_is_not_sent_again(get):
    tag = get("/").headers["etag"]

    found = get("/", if_none_match=tag)
    assert (found.status, found.body, "content-length" in found.headers) == (304, "", False)


@pytest.mark.parametrize("form", ["W/{}", '"other", {}'])
def test_a_browser_may_name_what_it_has_in_other_ways(get, form):
    assert get("/", if_none_match=form.format(get("/").headers["etag"])).status == 304


def test_a_head_request_gets_the_headers_alone(get):
    whole, head = get("/"), get("/", "HEAD")

    assert (head.status, head.headers, head.body) == (200, whole.headers, "")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_nothing_can_be_changed(get, method):
    found = get("/", method)

    assert (found.status, found.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    "address",
    [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/about/%2e%2e/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/%252e%252e/secret.txt",
        "/..\\secret.txt",
        "/about/..%5c..%5csecret.txt",
        "/secret.txt%00.html",
        "//secret.txt",
        "//about/",
        "/./index.html",
        "/link.txt",
        "/away/secret.txt",
        "/_headers",
        "/_redirects",
        "/%5fheaders",
        "/about/index.html/",
        f"/{'x' * 300}",
        f"/{'x/' * 3000}",
    ],
)
def test_nothing_outside_the_folder_and_no_rules_are_served(get, folder, address):
    (folder / "link.txt").symlink_to(folder.parent / "secret.txt")
    (folder / "away").symlink_to(folder.parent)

    assert get(address)[::2] == (404, "nothing here")


def test_an_address_with_two_slashes_never_leads_to_another_host(get, folder):
    (folder / "_redirects").unlink()

    assert get("//about").status == 404


def test_rules_add_headers_and_the_later_one_wins(get):
    assert get("/").headers["x-frame-options"] == "DENY"
    assert get("/about/").headers["x-frame-options"] == "SAMEORIGIN"
    assert get("/all.ics").headers["access-control-allow-origin"] == "*"


def test_what_only_the_real_site_needs_is_left_out(get):
    found = get("/").headers

    assert found["content-security-policy"] == "default-src 'self'"
    assert found["cache-control"] == "no-store"
    assert "strict-transport-security" not in found


def test_without_reloads_the_headers_are_those_of_the_real_site(folder):
    found = asked(make_app(lambda: folder), "/").headers

    assert found["content-security-policy"] == "default-src 'self'; upgrade-insecure-requests"
    assert found["cache-control"] == "public, max-age=300"
    assert found["strict-transport-security"] == "max-age=63072000"


@pytest.mark.parametrize("path", ["/__reload__", "/__reload__.js"])
def test_without_reloads_there_is_no_script_and_nothing_to_hear(folder, path):
    assert asked(make_app(lambda: folder), path).status == 404


@pytest.mark.parametrize(
    ("address", "status", "location"),
    [
        ("/old/", 301, "/about/"),
        ("/old", 301, "/about/"),
        ("/old/?a=1&b=%2F", 301, "/about/?a=1&b=%2F"),
        ("/moved", 308, "https://docs.python.org/3/"),
        ("/d/?release=3.14", 302, "/download/3.14/"),
        ("/d/?release=a%0d%0ab:%20c", 302, "/download/a%0D%0Ab%3A%20c/"),
        ("/d/?old=yes", 302, "/about/"),
        ("/caf%C3%A9/", 301, "/about/"),
        ("/news/archive/1/", 301, "/about/"),
        ("/news/a/b/", 301, "/about/a/b/"),
        ("/news/a/b", 301, "/about/a/b"),
        ("/news", 301, "/about/"),
        ("/news/", 301, "/about/"),
        ("/issue1234", 302, "/1234"),
        ("/all//other.example/", 301, "/other.example/"),
        ("/news/%C3%A9%0d%0aSet-Cookie:x", 301, "/about/%C3%A9%0D%0ASet-Cookie%3Ax"),
    ],
)
def test_an_old_address_leads_where_its_rule_says(get, address, status, location):
    found = get(address)

    assert (found.status, found.headers["location"]) == (status, location)


@pytest.mark.parametrize("address", ["/d/", "/d/?old=no", "/d/?other=1", "/newsroom/"])
def test_a_rule_that_does_not_fit_says_nothing(get, address):
    assert get(address).status == 404


def test_a_file_wins_over_a_rule(get):
    assert get("/about/")[::2] == (200, "about")


def test_a_rule_may_answer_with_another_file(get):
    found = get("/api/v1/thing/")

    assert (found.status, found.body) == (200, "{}")
    assert found.headers["content-type"] == "application/json"


@pytest.mark.parametrize("address", ["/api/v1/a/thing/thing", "/api/v1/a/thing/thing/"])
def test_a_name_in_a_rule_is_one_part_of_a_path_with_or_without_a_slash_at_its_end(get, address):
    assert get(address)[::2] == (200, "{}")


@pytest.mark.parametrize("address", ["/api/v1/thing/thing/", "/api/v1/a/thing/b/thing/"])
def test_a_name_in_a_rule_is_no_more_and_no_less_than_one_part(get, address):
    assert get(address).status == 404


def test_what_is_gone_for_good_is_said_to_be(get):
    assert get("/gone/")[::2] == (410, "nothing here")
    assert get("/jobs/12/")[::2] == (410, "about")


def test_the_script_knows_the_version_it_came_with(get):
    found = get("/__reload__.js")

    assert found.headers["cache-control"] == "no-store"
    assert "{version}" not in found.body


def test_the_script_puts_messages_in_as_text_only(get):
    assert "innerHTML" not in get("/__reload__.js").body


async def listened(reloads: Reloads, *acts) -> list[tuple[str, dict]]:
    """What a browser hears that listens while something is done."""
    heard, sent = [], []
    gone = asyncio.Event()

    async def receive():
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/__reload__"}
    app = make_app(lambda: Path("nowhere"), reload=reloads)
    listening = asyncio.create_task(app(scope, receive, send))
    await asyncio.sleep(0.01)
    for act in acts:
        await asyncio.to_thread(act)
    await asyncio.sleep(0.01)
    gone.set()
    await listening
    for event in "".join(m.get("body", b"").decode() for m in sent).split("\n\n")[:-1]:
        kind, data = event.split("\n")
        heard.append((kind.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return heard


def test_a_browser_hears_what_another_thread_publishes():
    reloads = Reloads()

    heard = asyncio.run(listened(reloads, lambda: reloads.publish("page", {"urls": ["/about/"]})))

    assert [kind for kind, _ in heard] == ["hello", "page"]
    assert heard[1][1] == {"urls": ["/about/"], "version": reloads.version}


def test_every_change_is_a_version_of_its_own_and_problems_are_none():
    reloads = Reloads()
    acts = [lambda kind=kind: reloads.publish(kind, {}) for kind in ("css", "page", "problems")]

    heard = asyncio.run(listened(reloads, *acts))

    versions = [message["version"] for _, message in heard]
    assert len(set(versions)) == 3
    assert versions[2] == versions[3]


def test_problems_are_told_to_who_comes_later_until_they_are_put_right():
    reloads = Reloads()
    reloads.publish("problems", {"problems": [{"place": "a.md:1", "message": "no", "hint": ""}]})

    before = asyncio.run(listened(reloads))
    reloads.publish("page", {})
    after = asyncio.run(listened(reloads))

    assert [kind for kind, _ in before] == ["hello", "problems"]
    assert before[1][1]["problems"][0]["place"] == "a.md:1"
    assert [kind for kind, _ in after] == ["hello"]


def test_a_server_that_ends_lets_its_listeners_go():
    reloads = Reloads()
    reloads.end()

    assert asyncio.run(listened(reloads)) == []


SERVER = """
import os, sys, threading
from pathlib import Path
from pydotorg_build.reloads import Reloads
from pydotorg_build.serve import make_app, run
reloads = Reloads()
def pass_on():
    # Not sys.stdin: a thread that holds its lock at the end of Python aborts it.
    while line := os.read(0, 100):
        reloads.publish(line.decode().strip(), {})
threading.Thread(target=pass_on, daemon=True).start()
# As `pydotorg serve` ends: a thread of the server that still ends aborts at the end of Python.
os._exit(run(make_app(lambda: Path(sys.argv[1]), reload=reloads), "127.0.0.1", int(sys.argv[2])))
"""


@pytest.fixture
def server(folder: Path):
    """A server in a process of its own, ready; its port."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-uc", SERVER, str(folder), str(port)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        cwd=ROOT, env=os.environ | {"PYTHONWARNINGS": "error"},
    )  # fmt: skip
    try:
        assert process.stdout.readline() == f"http://localhost:{port}/\n"
        wait_for(port)
        yield process, port
    finally:
        process.kill()
        process.communicate()


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)


def opened(port: int, path: str) -> HTTPResponse:
    return urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_over_a_real_port_pages_are_served_browsers_told_and_a_signal_ends_it(server, number):
    process, port = server
    page = opened(port, "/about/")
    events = opened(port, "/__reload__")
    first = events.readline()

    process.stdin.write("css\n")
    process.stdin.flush()
    told = [events.readline() for _ in range(3)]
    process.send_signal(number)

    assert (page.read(), page.headers["x-frame-options"]) == (b"about", "SAMEORIGIN")
    assert (first, told[2]) == (b"event: hello\n", b"event: css\n")
    assert process.wait(20) == 0


def test_a_port_in_use_is_said(folder):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(Problems) as told:
            run(make_app(lambda: folder), "127.0.0.1", port)

    hint = f"try --port {port + 1}"
    assert told.value.problems == [Problem(Source(f"127.0.0.1:{port}"), "the port is in use", hint)]


def test_an_address_that_is_not_ours_is_said_to_be_the_trouble(folder):
    with pytest.raises(Problems) as told:
        run(make_app(lambda: folder), "192.0.2.1", 8000)

    (problem,) = told.value.problems
    assert problem.source == Source("192.0.2.1:8000")
    assert problem.message == "cannot listen here: Cannot assign requested address"


ABOUT = """
-- content/pages/about/index.md --
---
title: About
---
One.
"""


@pytest.fixture
def serving(built, project, request):
    """Starts `pydotorg serve` for a project; gives the process and the port."""

    def start():
        port = free_port()
        # What is said is read at once also where it goes into a file.
        env = {name: text for name, text in os.environ.items() if name != "PYTHONUNBUFFERED"}
        process = subprocess.Popen(
            [sys.executable, "-m", "pydotorg_build", "serve", "--port", str(port),
             "--config", str(project.root / "build.toml")],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT, env=env,
            start_new_session=True,
        )  # fmt: skip
        request.addfinalizer(lambda: end(process))
        return process, port

    def end(process):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()

    built(ABOUT)
    return start


def said_until(process: subprocess.Popen[str], last: str) -> list[str]:
    """What is said up to a line."""
    return [*iter(lambda: process.stdout.readline().rstrip("\n"), last)]


def hears(events: HTTPResponse, kind: str) -> dict:
    """Wait for a message of a kind, and read it."""
    while events.readline() != f"event: {kind}\n".encode():
        pass
    return json.loads(events.readline().removeprefix(b"data: "))


def has_ended(group: int) -> bool:
    """Whether no process of a group is left, after at most some seconds."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def follows_what_is_saved_and_ends_at(number, process, port, project):
    """Hold that a server shows what is saved to an open page, and ends whole at a signal."""
    wait_for(port)
    events = opened(port, "/__reload__")
    hears(events, "hello")

    project.write(ABOUT.replace("One.", "Two."))
    hears(events, "page")
    page = opened(port, "/about/").read().decode()
    os.killpg(process.pid, number)

    assert "<p>Two.</p>" in page
    assert process.wait(20) == 0
    assert has_ended(process.pid)


@pytest.mark.slow
@pytest.mark.row("C02", "S476")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_one_saves_is_shown_and_ctrl_c_ends_every_process(serving, project, number):
    process, port = serving()
    said_until(process, f"http://localhost:{port}/")

    follows_what_is_saved_and_ends_at(number, process, port, project)


@pytest.mark.slow
def test_what_serves_is_begun_again_where_it_was_killed_but_not_for_ever(serving):
    process, port = serving()
    address, killed = f"http://localhost:{port}/", "what serves was ended by SIGKILL"
    said_until(process, address)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")

    os.kill(int(children.read_text().split()[0]), signal.SIGKILL)
    for _ in range(MOST_AGAIN):
        assert said_until(process, address) == [f"{killed}, and is begun again"]
        wait_for(port)
        assert "One." in opened(port, "/about/").read().decode()
        os.kill(int(children.read_text().split()[-1]), signal.SIGKILL)

    assert process.stdout.read() == f"{killed}: begin again\n"
    assert process.wait(20) == 137


@pytest.mark.slow
def test_what_was_begun_again_shows_what_one_saves_and_ends_with_the_rest(serving, project):
    process, port = serving()
    address = f"http://localhost:{port}/"
    said_until(process, address)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    os.kill(int(children.read_text().split()[0]), signal.SIGKILL)
    said_until(process, address)

    follows_what_is_saved_and_ends_at(signal.SIGINT, process, port, project)


@pytest.mark.slow
@pytest.mark.row("C02")
def test_problems_are_shown_until_they_are_put_right_even_if_nothing_else_changed(serving, project):
    process, port = serving()
    said_until(process, f"http://localhost:{port}/")
    wait_for(port)
    events = opened(port, "/__reload__")

    project.write(ABOUT.replace("title", "titel"))
    message = hears(events, "problems")
    project.write(ABOUT)
    hears(events, "page")

    place = "content/pages/about/index.md"
    assert [p["place"] for p in message["problems"]] == [f"{place}:1:1", f"{place}:2:1"]


@pytest.mark.slow
def test_a_site_is_served_when_there_is_nothing_to_build_and_when_it_cannot_be_built(
    serving, project
):
    first, port = serving()
    said_until(first, f"http://localhost:{port}/")
    first.send_signal(signal.SIGINT)
    first.wait(20)

    again, port = serving()
    said_until(again, f"http://localhost:{port}/")
    again.send_signal(signal.SIGINT)
    again.wait(20)
    project.write(ABOUT.replace("title", "titel"))
    broken, port = serving()
    said_until(broken, f"http://localhost:{port}/")
    wait_for(port)

    message = hears(opened(port, "/__reload__"), "problems")
    assert len(message["problems"]) == 2


@pytest.mark.slow
def test_a_port_in_use_is_said_before_anything_is_built(serving, project):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        done = subprocess.run(
            [sys.executable, "-m", "pydotorg_build", "serve", "--port", str(port),
             "--config", str(project.root / "build.toml")],
            check=False, capture_output=True, text=True, cwd=ROOT, timeout=30,
        )  # fmt: skip

    assert done.returncode == 1
    told = f"127.0.0.1:{port}: the port is in use\n  hint: try --port {port + 1}\n"
    assert (done.stdout, done.stderr.startswith(told)) == ("", True)

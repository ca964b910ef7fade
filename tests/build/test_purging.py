"""After a deploy: is what was built served, and what do caches forget?  Against real servers."""

from __future__ import annotations

import json
import shutil
import threading
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer

import msgspec
import pytest
from click.testing import CliRunner

from pydotorg_build.build import build
from pydotorg_build.cli import main
from pydotorg_build.problems import Problems
from pydotorg_build.purging import Fastly, Netlify, caches, changed, keys_for, keys_of, purge
from pydotorg_build.settings import read_settings
from pydotorg_build.smoke import chosen, differing, wait_until_served
from pydotorg_build.workshop import Options, Workshop
from tests.conftest import HOME, NOW, project_in


class Api(ThreadingHTTPServer):
    """What Fastly and Netlify answer to; it remembers what it was told."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Told)
        self.told, self.status = [], 200

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"


class Told(BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.told.append((self.path, dict(self.headers), body))
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(b'{"msg": "no such token"}')

    def log_message(self, *_):
        pass


def serving(server):
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    return server


@pytest.fixture
def api():
    server = serving(Api())
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def site(tmp_path):
    """A built folder."""
    for name, text in (
        ("index.html", "home"), ("about/index.html", "about"), ("jobs/index.html", "jobs"),
        ("build.json", "{}"), ("404.html", "no"), ("assets/site.0123456789.css", "css"),
    ):  # fmt: skip
        path = tmp_path / "dist" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "build.toml").write_text('[site]\nname = "T"\nurl = "https://t.example"\n')
    return tmp_path / "dist"


@pytest.fixture
def origin(site, tmp_path):
    """A server of another folder, into which the site was deployed."""
    served = tmp_path / "served"

    class Files(SimpleHTTPRequestHandler):
        def __init__(self, *args):
            super().__init__(*args, directory=str(served))

        def do_GET(self):
            status = self.server.rules.get(self.path)
            if status is None:
                super().do_GET()
                return
            self.send_response(status)
            if status < 400:
                self.send_header("Location", "/about/")
            self.end_headers()

        def log_message(self, *_):
            pass

    deploy(site, served)
    server = serving(ThreadingHTTPServer(("127.0.0.1", 0), Files))
    server.folder, server.rules = served, {}
    server.url = f"http://127.0.0.1:{server.server_port}"
    yield server
    server.shutdown()
    server.server_close()


def deploy(site, served):
    for file in site.rglob("*"):
        if file.is_file():
            path = served / file.relative_to(site)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.read_bytes())


# Keys


@pytest.mark.row("S262")
def test_a_page_has_a_key_for_all_one_for_its_section_and_one_of_its_own():
    one, two = keys_of("jobs/12/index.html"), keys_of("jobs/13/index.html")

    assert one[:2] == two[:2] == ("site", "jobs")
    assert one[2] != two[2]


@pytest.mark.row("S262")
def test_a_record_purges_its_page_its_lists_and_feeds_and_nothing_else():
    report = {
        "written": ["jobs/12/index.html", "jobs/index.html", "jobs/feed.rss", "_headers",
                    "assets/site.0123456789.css", "pagefind/pages/1/x.js", "pagefind/bundles.json"],
        "removed": ["jobs/3/index.html"],
    }  # fmt: skip

    paths = changed(report)

    assert paths == ["jobs/12/index.html", "jobs/3/index.html", "jobs/feed.rss", "jobs/index.html",
                     "pagefind/bundles.json"]  # fmt: skip
    assert keys_for(paths, "page") == sorted(keys_of(path)[2] for path in paths)
    assert keys_for(paths, "section") == ["jobs", "pagefind"]


def test_where_nearly_all_changed_all_is_forgotten():
    assert keys_for((f"jobs/{n}/index.html" for n in range(3000)), "page") == ["site"]


# Caches


@pytest.mark.row("S260")
def test_fastly_is_told_the_keys_softly_and_256_at_once(api):
    keys = [f"k{n}" for n in range(300)]

    purge([Fastly("secret", "abc", api.url)], keys)

    (path, headers, first), (_, _, second) = api.told
    assert path == "/service/abc/purge"
    assert (headers["Fastly-Key"], headers["Fastly-Soft-Purge"]) == ("secret", "1")
    assert first["surrogate_keys"] + second["surrogate_keys"] == keys
    assert len(first["surrogate_keys"]) == 256


@pytest.mark.row("S260")
def test_netlify_is_told_the_tags(api):
    purge([Netlify("secret", "our-site", api.url)], ["jobs"])

    ((path, headers, body),) = api.told
    assert path == "/api/v1/purge"
    assert headers["Authorization"] == "Bearer secret"
    assert body == {"site_id": "our-site", "cache_tags": ["jobs"]}


def test_a_refusal_is_told_without_the_secret(api):
    api.status = 401

    with pytest.raises(Problems) as raised:
        purge([Fastly("secret", "abc", api.url)], ["jobs"])

    assert 'refused (401): {"msg": "no such token"}' in str(raised.value.problems[0])
    assert "see to the token" in raised.value.problems[0].hint
    assert "secret" not in str(raised.value)


def test_an_api_that_is_not_there_is_told():
    with pytest.raises(Problems, match="cannot be reached"):
        purge([Fastly("secret", "abc", "http://127.0.0.1:9")], ["jobs"])


def test_nothing_is_purged_unless_the_environment_names_a_cache():
    assert caches({}) == []
    both = {"FASTLY_API_TOKEN": "t", "FASTLY_SERVICE_ID": "s",
            "NETLIFY_AUTH_TOKEN": "t", "NETLIFY_SITE_ID": "n"}  # fmt: skip
    assert [type(cache) for cache in caches(both)] == [Fastly, Netlify]
    with pytest.raises(Problems, match="FASTLY_SERVICE_ID is not set"):
        caches({"FASTLY_API_TOKEN": "t"})


# What is served


@pytest.mark.row("S263")
def test_a_smoke_check_compares_what_is_served_with_what_was_built(site, origin):
    run = ["smoke", origin.url, "--config", str(site.parent / "build.toml")]

    well = CliRunner().invoke(main, run)
    (origin.folder / "jobs/index.html").write_text("the jobs of yesterday")
    shutil.rmtree(origin.folder / "about")
    bad = CliRunner().invoke(main, run)

    assert (well.exit_code, well.output) == (
        0, f"{origin.url} serves what was built: 5 files were compared\n",
    )  # fmt: skip
    assert bad.exit_code == 1
    assert f"{origin.url}/jobs/: it is another than what was built" in bad.output
    assert f"{origin.url}/about/: it answers with 404" in bad.output


def test_what_is_served_for_work_is_told_once_and_not_compared(site, origin):
    project = project_in(site.parent)
    project.write(HOME)
    settings = msgspec.structs.replace(
        read_settings(project.root / "build.toml"), dev=True, nouns=("pages", "home", "around")
    )
    shop = Workshop(project.root, settings, Options(say=lambda text: None), project.output)
    build(shop, NOW.timestamp())
    shop.close()
    shutil.copy(project.output / "index.html", origin.folder)

    done = CliRunner().invoke(
        main, ["smoke", origin.url, "--config", str(site.parent / "build.toml")]
    )

    assert done.exit_code == 1
    assert done.output.splitlines() == [
        f"{origin.url}: this is `pydotorg serve`, whose pages reload, and differ from what was built",
        "  hint: ask the host that serves the built folder; before a deploy there is nothing to ask",
        "1 problem",
    ]


def test_the_build_and_the_first_pages_are_always_among_what_is_asked(site):
    assert chosen(site, 3) == ["build.json", "index.html", "404.html"]
    with pytest.raises(Problems, match="no built site"):
        chosen(site / "nothing", 3)


def test_what_was_taken_away_must_be_gone(site, origin):
    assert list(differing(origin.url, site, ["old/index.html"])) == []
    (origin.folder / "old").mkdir()
    (origin.folder / "old/index.html").write_text("old")

    (problem,) = differing(origin.url, site, ["old/index.html"])

    assert problem.message == "it is still served, and the build has it no more"


@pytest.mark.parametrize("status", [301, 302, 308, 404, 410])
def test_what_moved_or_is_gone_for_good_is_no_more_served(site, origin, status):
    origin.rules["/old/"] = status

    assert list(differing(origin.url, site, ["old/index.html"])) == []


def test_a_server_that_fails_has_not_taken_anything_away(site, origin):
    origin.rules["/release-404/"] = 500

    (problem,) = differing(origin.url, site, ["release-404/index.html"])

    assert problem.message == "it answers with 500"


def test_what_is_built_must_be_served_and_not_lead_elsewhere(site, origin):
    origin.rules["/jobs/"] = 301

    (problem,) = differing(origin.url, site, ["jobs/index.html"])

    assert problem.message == "it redirects more than 0 times"


@pytest.mark.row("S261")
def test_it_is_waited_until_the_origin_serves_the_new(site, origin):
    (site / "jobs/index.html").write_text("new jobs")
    rests = []

    def rest(seconds):
        rests.append(seconds)
        if len(rests) == 2:
            deploy(site, origin.folder)

    wait_until_served(origin.url, site, ["jobs/index.html", "index.html"], 60, rest)

    assert len(rests) == 2


def run_purge(site, origin, api, report, *more):
    """Run the command as after a build."""
    file = site.parent / "report.json"
    file.write_text(json.dumps(report))
    environ = {"FASTLY_API_TOKEN": "secret", "FASTLY_SERVICE_ID": "abc", "FASTLY_API_URL": api.url}
    command = ["purge", str(file), "--origin", origin.url, "--wait", "0",
               "--config", str(site.parent / "build.toml"), *more]  # fmt: skip
    return CliRunner().invoke(main, command, env=environ)


@pytest.mark.row("S261")
def test_nothing_is_purged_before_the_origin_serves_the_new(site, origin, api):
    (site / "jobs/index.html").write_text("new jobs")
    report = {"written": ["jobs/index.html"], "removed": []}

    early = run_purge(site, origin, api, report)
    assert (early.exit_code, api.told) == (1, [])
    assert "/jobs/: it is another than what was built" in early.output

    deploy(site, origin.folder)
    done = run_purge(site, origin, api, report)

    assert done.output == "1 files changed, 1 keys purged: Fastly\n"
    assert [body for _, _, body in api.told] == [{"surrogate_keys": ["jobs"]}]


@pytest.mark.row("S262")
def test_the_keys_of_all_files_are_written_for_whoever_uploads_them(site, origin, api):
    keys = site.parent / "keys.json"

    run_purge(site, origin, api, {"written": ["jobs/index.html"]}, "--by", "page",
              "--manifest", str(keys))  # fmt: skip

    told = json.loads(keys.read_text())
    assert set(told) == {p.relative_to(site).as_posix() for p in site.rglob("*") if p.is_file()}
    own = told["jobs/index.html"].split()[2]
    assert [body for _, _, body in api.told] == [{"surrogate_keys": [own]}]


def test_what_is_no_report_is_told(site, origin, api):
    answer = run_purge(site, origin, api, ["nonsense"])

    assert answer.exit_code == 1
    assert "is no report of a build" in answer.output

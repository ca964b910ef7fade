"""What the host is told: headers, old addresses, previews; asked of a built site as a host would."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from pydotorg_build import rules
from pydotorg_build.settings import read_settings

ROOT = Path(__file__).parents[2]
NETLIFY = tomllib.loads((ROOT / "netlify.toml").read_text())
SITE = """
-- content/pages/about/index.md --
---
title: About
---
Hello.
-- content/pages/about/apps.md --
---
title: Apps
---
Apps.
-- content/redirects.yaml --
- {from: /old/*, to: "https://new.example/:splat"}
- {from: /old/one/, to: /about/, status: 302}
- {from: /gone/, status: 410}
"""
PAGE = "public, max-age=300, stale-while-revalidate=3600, stale-if-error=604800"
FOREVER = "public, max-age=31536000, immutable"


@pytest.fixture
def told(built, project):
    """The headers that a host is told to send with an address."""
    built(SITE, nouns=("pages", "redirects"))
    return lambda path: rules.headers(project.output, path)


def policy(headers):
    """A content security policy, by what it is about."""
    parts = (part.split() for part in headers["content-security-policy"].split("; "))
    return {about: sources for about, *sources in parts}


@pytest.mark.row("C06")
def test_a_page_may_load_from_its_own_site_only_and_run_nothing_of_its_own(told):
    allowed = policy(told("/about/"))

    assert allowed["default-src"] == allowed["style-src"] == allowed["connect-src"] == ["'self'"]
    assert allowed["script-src"] == ["'self'", "'wasm-unsafe-eval'"]
    assert allowed["object-src"] == allowed["base-uri"] == allowed["frame-ancestors"] == ["'none'"]
    sources = {source for sources in allowed.values() for source in sources}
    assert sources == {"'self'", "'none'", "'wasm-unsafe-eval'"}


@pytest.mark.row("C06")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("strict-transport-security", "max-age=63072000; includeSubDomains; preload"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "strict-origin-when-cross-origin"),
        ("cross-origin-opener-policy", "same-origin"),
    ],
)
def test_every_file_is_sent_with_what_keeps_readers_safe(told, project, name, value):
    files = project.pages()

    sent = {told(path).get(name) for path in files}

    assert sent == {value}


@pytest.mark.row("C06")
@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("/about/", PAGE),
        ("/sitemap.xml", PAGE),
        ("/assets/css/site.0123456789.css", FOREVER),
        ("/pagefind/pages/0123/pagefind.js", FOREVER),
        ("/pagefind/bundles.json", "public, max-age=60"),
        ("/404.html", "public, max-age=10"),
    ],
)
def test_how_long_a_file_is_kept_follows_from_whether_its_address_can_change(told, path, value):
    assert told(path)["cache-control"] == value


@pytest.mark.row("C06")
def test_what_is_kept_for_ever_has_its_digest_in_its_name(told, project):
    kept = [path for path in project.pages() if told(path)["cache-control"] == FOREVER]

    assert kept
    assert [path for path in kept if len(path.split(".")[-2]) != 10] == []


@pytest.mark.parametrize(
    ("path", "keys"),
    [("/", "site home"), ("/about/", "site about"), ("/about/apps/", "site about")],
)
def test_a_cache_can_be_purged_by_the_site_or_by_a_section(told, path, keys):
    assert told(path)["surrogate-key"] == keys


@pytest.mark.parametrize(
    "path",
    ["/api/v3/pages.json", "/api/v1/downloads/os.json", "/feed.rss", "/x/feed.atom", "/all.ics"],
)
def test_programs_of_other_sites_may_read_what_is_made_for_programs(told, path):
    assert told(path)["access-control-allow-origin"] == "*"
    assert told(path)["cross-origin-resource-policy"] == "cross-origin"


def test_pages_are_for_readers_and_not_for_programs_of_other_sites(told):
    assert "access-control-allow-origin" not in told("/about/")


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/downloads/release/python-3142/SHA256SUMS", "text/plain; charset=utf-8"),
        ("/downloads/feed.json", "application/feed+json"),
        ("/downloads/feed.rss", "application/rss+xml; charset=utf-8"),
        ("/downloads/feed.atom", "application/atom+xml; charset=utf-8"),
        ("/downloads/support.ics", "text/calendar; charset=utf-8"),
    ],
)
def test_a_file_whose_name_does_not_tell_its_type_is_sent_with_it(told, path, kind):
    assert told(path)["content-type"] == kind


@pytest.mark.row("S454")
def test_a_calendar_is_saved_and_never_shown_as_text(told):
    assert told("/events/pycon/event.ics")["content-disposition"] == "attachment"


@pytest.mark.row("C06")
def test_old_addresses_are_told_exact_ones_first(told, project):
    lines = (project.output / "_redirects").read_text().splitlines()

    assert lines == [
        "/gone/ /404.html 410",
        "/old/one/ /about/ 302",
        "/old/* https://new.example/:splat 301",
        "/api/* /api/404.json 404",
    ]


def test_the_sidecar_answers_last_and_below_its_prefixes_only(built, project):
    built(SITE, nouns=("pages", "redirects"))
    settings = (project.root / "build.toml").read_text()
    with_sidecar = settings.replace("[sidecar]\n", '[sidecar]\nurl = "https://sidecar.example"\n')
    project.write(f"-- build.toml --\n{with_sidecar}")

    project.build()

    lines = (project.output / "_redirects").read_text().splitlines()
    assert lines[3] == "/about/* https://sidecar.example/about/:splat 200"
    assert lines[-1] == "/api/* /api/404.json 404"
    assert len(lines) == 4 + len(read_settings(project.root / "build.toml").prefixes)


@pytest.mark.row("C06")
def test_what_is_not_there_is_answered_by_a_page_that_hosts_find_by_its_name(told, project):
    page = (project.output / "404.html").read_text()

    assert '<meta name="robots" content="noindex">' in page
    assert "canonical" not in page


def deployed(project, context=None):
    """Build as Netlify does: with what netlify.toml says of a context."""
    *_, build = NETLIFY["build"]["command"].split("&&")
    words = shlex.split(build)
    more = NETLIFY["context"][context]["environment"] if context else {}
    return subprocess.run(
        [sys.executable, *words[1:]], cwd=project.root, capture_output=True, text=True, check=True,
        env={**os.environ, **more},
    )  # fmt: skip


@pytest.mark.row("C06")
def test_netlify_installs_what_is_locked_and_publishes_what_is_built(built, project):
    built(SITE, nouns=("pages", "redirects"))
    install, *_ = NETLIFY["build"]["command"].split("&&")

    deployed(project)

    assert NETLIFY["build"]["publish"] == read_settings(ROOT / "build.toml").output
    assert (ROOT / install.split(" -r ")[1].strip()).is_file()
    assert "--require-hashes" in install
    assert not NETLIFY.keys() & {"headers", "redirects"}
    assert "x-robots-tag" not in rules.headers(project.output, "/about/")
    assert "noindex" not in (project.output / "about/index.html").read_text()


@pytest.mark.row("C21", "S334")
@pytest.mark.parametrize("context", ["deploy-preview", "branch-deploy"])
def test_no_search_engine_finds_a_preview(built, project, context):
    built(SITE, nouns=("pages", "redirects"))

    deployed(project, context)

    pages = [html for url, html in project.pages().items() if url.endswith("/")]
    assert rules.headers(project.output, "/about/")["x-robots-tag"] == "noindex, nofollow"
    assert (project.output / "robots.txt").read_text().startswith("User-agent: *\nDisallow: /\n")
    assert [html for html in pages if '<meta name="robots" content="noindex">' not in html] == []


@pytest.mark.row("C21", "S334")
def test_editors_are_told_of_their_preview():
    guide = (ROOT / "CONTRIBUTING.md").read_text()

    assert "Open a pull request. It gets a preview that search engines do not find." in guide


def test_the_frame_of_pages_made_elsewhere_is_as_fresh_as_the_pages(told, project):
    frame = json.loads((project.output / "frame.json").read_text())

    assert told("/frame.json")["cache-control"] == PAGE
    assert {asset["url"] for asset in frame["assets"].values()} <= set(project.pages())

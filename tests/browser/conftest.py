"""A real browser, and the real site for it: built once, served with its own headers.

Beside what the repository holds, the site has a page of all that is wide, an event, three jobs, a story
and a post with long words, so that every template has a page.
"""

from __future__ import annotations

import random
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache, partial
from pathlib import Path

import msgspec
import pytest

from pydotorg_build.build import build
from pydotorg_build.content.blog_entries import row_key
from pydotorg_build.sample.decisions import decisions
from pydotorg_build.sample.downloads import downloads
from pydotorg_build.sample.drawn import logo
from pydotorg_build.settings import read_settings
from pydotorg_build.snapshot import Row
from pydotorg_build.workshop import Options, Workshop
from tests.conftest import HOME, NOW, ROOT, Project, first_in, free_port

# Without windows it takes half the time of the one with them.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
BROWSER = next(filter(None, map(shutil.which, BROWSERS)), "")
ELSEWHERE = re.compile(r"https?://(?!(?:127\.0\.0\.1|localhost)[:/])")
# That a form was refused, or somebody was in a field before the page led there, is no fault of it.
NO_FAULT = re.compile(r"responded with a status of (403|422) |^Autofocus processing was blocked")
SERVER = """
import sys
from pathlib import Path
from pydotorg_build.serve import make_app, run
sys.exit(run(make_app(lambda: Path(sys.argv[1])), "127.0.0.1", int(sys.argv[2])))
"""
DESK = {"width": 1280, "height": 800}
AS_IT_IS = {"media": "screen", "color_scheme": "light", "reduced_motion": "no-preference"}
# What the menu leads to, which the style guide's site has not.
SECTION = re.compile(r"(?<![\w/.])/[a-z-]+/")
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
WIDE = f"""
-- content/pages/about/wide.md --
---
title: "{LONG} and what else is wide"
template: TEMPLATE
tags: [wide]
---

## {LONG}

A sentence of {LONG}, `{"code_" * 30}`, and https://www.example.org/{"deep/" * 30}.

| {" | ".join(f"Column {n}" for n in range(12))} |
|{"---|" * 12}
| {" | ".join(f"value_{n}_{'x' * 12}" for n in range(12))} |

```python
print("{"wide " * 60}")
```

```pycon
>>> 20 + 3
23
```
"""
JOB = {
    "title": f"Baker of {LONG}",
    "company": LONG,
    "category": "web-development",
    "types": ["full-time"],
    "city": LONG,
    "country": "Portugal",
    "apply_url": f"https://jobs.example/{'deep/' * 30}",
    "date": "2026-11-20",
    "ends": "2026-12-20",
    "body": f"You bake {LONG}.",
}
WATCH = {
    "title": "Night watch",
    "company": "Owl",
    "category": "data-science",
    "types": ["contract"],
    "remote": True,
    "pay_from": 50000,
    "currency": "EUR",
    "apply_url": "https://owl.example/",
    "date": "2026-11-21",
    "ends": "2026-12-20",
    "body": "You watch.",
}
SPONSOR = {
    "title": LONG,
    "level": "visionary",
    "website": f"https://sponsor.example/{'deep/' * 30}",
    "start": "2026-01-01",
    "end": "2026-12-31",
    "body": f"They make {LONG}.",
}
NOMINEE = {
    "title": LONG,
    "election": "2018-board",
    "accepted": True,
    "employer": LONG,
    "body": f"I stand for {LONG}.",
}
EVENT = {
    "title": f"Meeting of {LONG}",
    "calendar": "python-user-group",
    "kind": "meetup",
    "venue": {"name": LONG, "address": LONG, "city": LONG, "country": "Portugal"},
    "zone": "Europe/Lisbon",
    "start": "2026-10-08 19:00",
    "end": "2026-10-08 21:00",
    "rule": "FREQ=MONTHLY;BYDAY=2TH",
    "cfp": {"closes": "2026-12-24 18:00", "url": f"https://meeting.example/{'deep/' * 30}"},
    "website": f"https://meeting.example/{'deep/' * 30}",
    "description": f"A few words on {LONG}.",
    "updated": "2026-11-20",
    "body": f"We talk about {LONG}.",
}
SHOWN = {
    "title": f"A meeting of {LONG}",
    "description": f"A few words on {LONG}.",
    "kind": "link",
    "author": LONG,
    "date": "2026-11-20",
    "link": f"https://meeting.example/{'deep/' * 30}",
    "body": f"We met {LONG}.",
}
STORY = {
    "title": f"How {LONG} runs",
    "description": f"A few words on {LONG}.",
    "company": LONG,
    "company_url": "https://story.example/",
    "author": LONG,
    "category": "arts",
    "date": "2026-11-20",
    "quote": f"It is all {LONG}.",
    "quote_by": LONG,
    "body": f"We make {LONG}.",
}
POST = {
    "title": f"About {LONG}",
    "feed": "python-insider",
    "url": f"https://blog.example/{'deep/' * 30}",
    "author": LONG,
    "summary": f"A few words on {LONG}.",
    "published": "2026-11-22T10:00:00Z",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark all that is tested here, and skip it visibly where there is no browser."""
    here = Path(__file__).parent
    without = pytest.mark.skipif(not BROWSER, reason="there is no chromium")
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.slow)
            item.add_marker(without)


@pytest.fixture(scope="package")
def browser():
    """One browser for all: while it runs, nothing else can start a Playwright of its own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=BROWSER, args=["--no-sandbox", "--disable-quic"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def folder(shared: Path) -> Path:
    """The real site with what is wide, built as for production, with its search."""
    project = Project(shared / "browser-site")
    with first_in(project.root) as is_first:
        if is_first:
            copy_of_repository(project, "content")
            project.write(WIDE.replace("TEMPLATE", "page"))
            project.write(WIDE.replace("TEMPLATE", "wide").replace("wide.md", "wider.md"))
            post = Row("blog_entries", row_key(POST["feed"], POST["url"]), POST)
            broad = logo(random.Random(1), "longest", "A company of many words")
            project.take_snapshot(
                Row("jobs", "1", JOB),
                Row("jobs", "2", JOB),
                Row("jobs", "3", WATCH),
                Row("sponsors", "longest", SPONSOR | {"logo": broad.name}),
                broad,
                Row("nominees", "1", NOMINEE),
                Row("events", "1", EVENT),
                Row("stories", "1", STORY),
                Row("posts", "1", SHOWN),
                post,
                *downloads(random.Random(1), NOW.date()),
                *decisions(random.Random(1), NOW.date()),
            )
            project.build(jobs=2)
    return project.output


def copy_of_repository(project: Project, *folders: str) -> None:
    for name in ("templates", "static", *folders):
        shutil.copytree(ROOT / name, project.root / name)
    shutil.copy(ROOT / "build.toml", project.root)


@pytest.fixture(scope="session")
def guide_folder(shared: Path) -> Path:
    """A development build of little more than the frame; such a build has the style guide."""
    project = Project(shared / "browser-guide")
    with first_in(project.root) as is_first:
        if is_first:
            copy_of_repository(project)
            project.write(HOME)
            menu = shutil.copy(ROOT / "content/menu.yaml", project.root / "content")
            sections = tuple(sorted(set(SECTION.findall(Path(menu).read_text(encoding="utf-8")))))
            settings = msgspec.structs.replace(
                read_settings(project.root / "build.toml"),
                dev=True, nouns=("menu", "home", "around"), prefixes=sections,
            )  # fmt: skip
            options = Options(search=False, say=lambda text: None)
            shop = Workshop(project.root, settings, options, project.output)
            build(shop, NOW.timestamp())
            shop.close()
    return project.output


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a server that answers with the headers of the real site."""
    port = str(free_port())
    process = subprocess.Popen(
        [sys.executable, "-uc", SERVER, str(folder), port],
        stdout=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip
    try:
        yield process.stdout.readline().strip().replace("localhost", "127.0.0.1").rstrip("/")
    finally:
        process.kill()
        process.communicate()


def wait_for(address):
    """On a busy machine a server listens a moment after it says so."""
    for _ in range(60):
        with suppress(urllib.error.URLError):
            urllib.request.urlopen(address, timeout=60).close()
            return
        time.sleep(0.5)


@pytest.fixture(scope="package")
def site(folder: Path) -> Iterator[str]:
    """The address of the real site."""
    with served(folder) as address:
        yield address


@pytest.fixture(scope="package")
def guide(guide_folder: Path) -> Iterator[str]:
    """The address of the style guide."""
    with served(guide_folder) as address:
        yield f"{address}/styleguide/"


def new_page(browser, **options):
    """A page in a fresh profile."""
    context = browser.new_context(**{"viewport": DESK} | options)
    # What shows what was saved has tests of its own.
    context.route("**/__reload__.js", lambda route: route.fulfill(body=""))
    page = context.new_page()
    page.set_default_timeout(5000)
    return page


@pytest.fixture
def visit(browser, site) -> Iterator[Callable]:
    """Open a page of the site in a fresh profile; whatever the console says is a failure.

    So is a violation of the site's policy, which the console tells, and a request to another host.
    A test must not `wait_for_function`: that is an `eval`, which the policy forbids.
    """
    said, contexts, heard, asked = [], [], [], []

    def listen(page):
        for event, ear in (
            ("console", lambda message: said.append((message.text, message.location["url"]))),
            ("pageerror", lambda error: said.append((str(error), page.url))),
            ("request", lambda one: ELSEWHERE.match(one.url) and said.append(("asked", one.url))),
        ):
            page.on(event, ear)
            heard.append((page, event, ear))

    def open_page(path, within=None, **options):
        page = within or new_page(browser, **options)
        if not within:
            contexts.append(page.context)
        if all(page is not one for one, _, _ in heard):
            listen(page)
        asked.append(site + path if path.startswith("/") else path)
        page.goto(asked[-1])
        return page

    yield open_page
    for page, event, ear in heard:
        page.remove_listener(event, ear)
    for context in contexts:
        context.close()
    # Nor that what a test asks for is not there.
    faults = [one for one in said if not NO_FAULT.search(one[0])]
    assert [(t, url) for t, url in faults if "404 (Not Found)" not in t or url not in asked] == []


@pytest.fixture(scope="package")
def kept(browser) -> Callable:
    """Pages to go on with: a fresh profile costs twice as much as what is looked at in it."""
    return cache(partial(new_page, browser))


@pytest.fixture
def turn_to(visit, kept) -> Iterator[Callable]:
    """Open a page of the site where another was, for tests that only look."""
    pages = []

    def open_page(path, *, viewport=DESK, has_script=True, **media):
        pages.append(kept(java_script_enabled=has_script))
        pages[-1].set_viewport_size(viewport)
        pages[-1].emulate_media(**AS_IT_IS | media)
        return visit(path, within=pages[-1])

    yield open_page
    for page in set(pages):
        page.goto("about:blank")

"""Searching is prepared by the build, and only where it is wanted."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import subprocess
import sys

import pytest

from pydotorg_build import search, spares
from pydotorg_build.build import build
from pydotorg_build.links import indexed_part
from pydotorg_build.snapshot import Row
from tests.conftest import BUILD_TOML, NOW

SITE = """
-- content/home.md --
---
title: Welcome
description: A test.
---
-- content/pages/about/index.md --
---
title: About
---
Hello.
"""
WITHOUT = (
    "import sys; sys.modules['pagefind_bin'] = None; "
    "from pydotorg_build.cli import main; main(sys.argv[1:])"
)


@pytest.fixture
def searched(project):
    settings = BUILD_TOML.replace('nouns = ["pages"]', 'nouns = ["pages", "home", "around"]')
    project.write(f"-- build.toml --{settings.replace('enabled = false', 'enabled = true')}{SITE}")
    return project


def without_pagefind(project, *words):
    """Run `pydotorg build` where Pagefind is not installed."""
    command = [sys.executable, "-c", WITHOUT, "build", *words]
    return subprocess.run(command, cwd=project.root, capture_output=True, text=True, check=False)


@pytest.mark.row("C09")
def test_the_index_is_where_the_browser_looks_for_it(searched):
    searched.build()

    pages = searched.pages()
    (bundle,) = json.loads(pages["/pagefind/bundles.json"])["bundles"]
    assert bundle["name"] == "pages"
    assert f"{bundle['path']}pagefind.js" in pages


TABLE = """
-- content/pages/about/table.md --
---
title: Table
---
<dl><dt>Where</dt><dd>Lisbon</dd></dl>

<table><tr><th>Ada</th><td>Bea</td><td>Cleo</td></tr></table>
"""


def found_texts(project):
    """What search shows of each page."""
    files = project.output.glob("pagefind/*/*/fragment/*")
    texts = [gzip.decompress(file.read_bytes()).partition(b"{")[2] for file in files]
    return [json.loads(b"{" + text)["content"] for text in texts]


@pytest.mark.row("C09")
def test_words_of_cells_beside_each_other_stay_words(searched):
    searched.write(TABLE)

    searched.build()

    (found,) = [text for text in found_texts(searched) if "Lisbon" in text]
    assert re.findall(r"\w+", found) == ["Table", "Where", "Lisbon", "Ada", "Bea", "Cleo"]


def test_only_what_our_own_search_asks_for_is_served(searched):
    searched.build()

    names = {url.rpartition("/")[2] for url in searched.pages() if url.startswith("/pagefind/")}
    assert [name for name in names if name.endswith(".css")] == []
    assert {name for name in names if name.endswith(".js")} == {"pagefind.js", "pagefind-worker.js"}


@pytest.mark.row("C09")
def test_without_pagefind_one_is_told_what_to_install_or_to_leave_out(searched):
    done = without_pagefind(searched)

    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "(search): Pagefind is not installed",
        "  hint: pip install pagefind-bin, or build with --no-search",
        "1 problem",
    ]


@pytest.mark.row("C09")
def test_the_index_can_be_left_out(searched):
    done = without_pagefind(searched, "--no-search")

    assert (done.returncode, done.stderr) == (0, "")
    assert not (searched.output / "pagefind").exists()
    assert (searched.output / "about/index.html").is_file()


@pytest.mark.parametrize("looks", [0, 1], ids=["before Pagefind runs", "while it runs"])
def test_search_gives_way_to_what_is_saved_meanwhile_and_is_made_by_the_next_build(
    searched, monkeypatch, looks
):
    monkeypatch.setattr(search, "LOOK", 0.001)
    asked = []

    def has_more():
        asked.append("is there more?")
        return len(asked) > looks

    shop = searched.open()
    first = build(shop, NOW.timestamp(), None, has_more)
    is_served = "Hello." in searched.pages()["/about/"]
    is_found = (searched.output / "pagefind/bundles.json").exists()
    second = build(shop, NOW.timestamp(), set())
    shop.close()

    assert (first.search_waits, is_served, is_found) == (True, True, False)
    assert (second.search_waits, second.bundles) == (False, ["pages"])
    assert any("Hello." in text for text in found_texts(searched))


JOBS = """
-- content/job_terms.yaml --
- {of: category, slug: data, title: Data science}
- {of: type, slug: full-time, title: Full time}
"""
JOB = {
    "title": "Baker",
    "company": "Owl",
    "category": "data",
    "types": ["full-time"],
    "remote": True,
    "apply_url": "https://jobs.example/",
    "date": "2026-11-20",
    "ends": "2026-12-20",
    "body": "You bake.",
}


def add_kinds(project, *nouns, text):
    """Let the site have more kinds, and some content of them."""
    settings = (project.root / "build.toml").read_text()
    more = "".join(f', "{noun}"' for noun in nouns)
    settings = settings.replace('"around"', f'"around"{more}')
    project.write(f"-- build.toml --\n{settings}{text}")


def test_pages_that_only_name_or_count_jobs_are_not_indexed_anew_with_one(searched):
    add_kinds(searched, "job_terms", "jobs", text=JOBS)
    searched.take_snapshot(Row("jobs", "1", JOB), Row("jobs", "2", JOB))
    searched.build()

    searched.take_snapshot(Row("jobs", "1", JOB | {"title": "Night watch"}))
    shop = searched.open()
    second = build(shop, NOW.timestamp(), None)
    shop.close()

    pages = searched.pages()
    assert ("Night watch" in pages["/"], "1 open job" in pages["/jobs/"]) == (True, True)
    assert second.bundles == ["jobs"]


def test_the_list_of_a_place_is_found_and_indexed_with_the_jobs_that_make_it(searched):
    add_kinds(searched, "job_terms", "jobs", text=JOBS)
    searched.take_snapshot(Row("jobs", "1", JOB))
    searched.build()
    remote = [text for text in found_texts(searched) if text.startswith("Remote Python jobs")]

    there = {"remote": False, "city": "Lisbon", "country": "Portugal"}
    searched.take_snapshot(Row("jobs", "1", JOB), Row("jobs", "2", JOB | there))
    shop = searched.open()
    second = build(shop, NOW.timestamp(), None)
    shop.close()

    assert len(remote) == 1
    assert any(text.startswith("Python jobs in Lisbon") for text in found_texts(searched))
    assert second.bundles == ["jobs"]


def test_of_an_index_only_what_is_new_is_written_down(searched, monkeypatch):
    add_kinds(searched, "job_terms", "jobs", text=JOBS)
    searched.take_snapshot(Row("jobs", "1", JOB))
    searched.build()
    noted = []
    rows = search._output_rows
    monkeypatch.setattr(
        search, "_output_rows", lambda served, paths: noted.extend(paths) or rows(served, paths)
    )

    searched.take_snapshot(Row("jobs", "1", JOB | {"title": "Night watch"}))
    searched.build()
    of_a_change = {path.split("/")[1] for path in noted}
    noted.clear()
    shutil.rmtree(searched.output / "pagefind/pages")
    searched.build()

    assert of_a_change == {"jobs", "bundles.json"}
    assert {path.split("/")[1] for path in noted} == {"pages", "bundles.json"}
    assert any("Hello." in text for text in found_texts(searched))


@pytest.mark.parametrize("after_a_start", [False, True], ids=["while running", "after a start"])
def test_an_index_that_was_damaged_is_made_anew(searched, monkeypatch, after_a_start):
    searched.build()
    before = found_texts(searched)
    fragment = next((searched.output / "pagefind/pages").rglob("*.pf_fragment"))
    if after_a_start:
        fragment.write_bytes(b"")
        (searched.root / "boot").write_text("another\n")
        monkeypatch.setattr(spares, "BOOT", str(searched.root / "boot"))
    else:
        fragment.unlink()

    searched.build()

    assert sorted(found_texts(searched)) == sorted(before)


def test_a_list_of_bundles_that_was_altered_is_written_again(searched):
    searched.build()
    listed = searched.output / search.LIST
    before = listed.read_text()
    listed.write_text("{}")

    searched.build()

    assert listed.read_text() == before


def test_for_a_bundle_only_the_pages_that_changed_are_read_again(searched, monkeypatch):
    add_kinds(searched, "job_terms", "jobs", text=JOBS)
    searched.take_snapshot(Row("jobs", "1", JOB), Row("jobs", "2", JOB | {"title": "Early bird"}))
    searched.build()
    read = []
    part = search.indexed_part
    monkeypatch.setattr(search, "indexed_part", lambda html: read.append(html) or part(html))

    searched.take_snapshot(Row("jobs", "1", JOB | {"title": "Night watch"}))
    searched.build()

    bundles = json.loads((searched.output / search.LIST).read_text())["bundles"]
    (lies,) = [one["path"] for one in bundles if one["name"] == "jobs"]
    found = [gzip.decompress(file.read_bytes()) for file in
             (searched.output / lies.strip("/") / "fragment").iterdir()]  # fmt: skip
    assert len(read) == 1
    assert any(b"Night watch" in text for text in found)
    assert not any(b"Early bird" in text for text in found)


@pytest.mark.parametrize("left", ["", '["5", "en", {"jobs/1/ind'], ids=["none", "cut off"])
def test_a_list_of_parts_that_a_kill_left_is_not_trusted(searched, left):
    searched.build()
    before = found_texts(searched)
    (searched.root / ".pydotorg/dist/search/pages/parts.json").write_text(left)
    shutil.rmtree(searched.output / "pagefind/pages")

    searched.build()

    assert sorted(found_texts(searched)) == sorted(before)


EVENTS = """
-- content/calendars.yaml --
- {title: Conferences, slug: conferences}
-- content/event_categories.yaml --
- {title: Data, slug: data}
-- content/events/2024.yaml --
- {title: Was, calendar: conferences, start: 2024-05-14, venue: {city: Lisbon, country: Portugal}}
-- content/events/will-be-2027.md --
---
title: Will be
calendar: conferences
start: 2027-05-14
updated: 2026-11-20
venue: {city: Lisbon, country: Portugal}
---
"""


def test_what_is_over_is_not_indexed_anew_with_what_is_coming(searched):
    add_kinds(searched, "calendars", "event_categories", "events", text=EVENTS)
    searched.build()

    searched.write(EVENTS.replace("title: Will be", "title: Is to be"))
    shop = searched.open()
    second = build(shop, NOW.timestamp(), None)
    shop.close()

    assert any("Was" in text for text in found_texts(searched))
    assert second.bundles == ["events"]


@pytest.mark.parametrize(
    ("html", "part"),
    [
        ("<main><i data-pagefind-body >in<i>deep</i></i><p>out</p></main>", "in<i>deep</i></i>"),
        ("<main><i data-pagefind-body >in<p data-pagefind-ignore>2 jobs</p></i></main>", "in</i>"),
        ("<main><i data-pagefind-body >in</main><p>out</p>", "in"),
        ("<main><p>out</p></main>", ""),
    ],
    ids=["to its end", "what is ignored", "never closed", "not marked"],
)
def test_only_the_marked_element_of_a_page_is_indexed(html, part):
    assert indexed_part(html).removeprefix("<i data-pagefind-body >") == part

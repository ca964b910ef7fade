"""Searching is prepared by the build, and only where it is wanted."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.conftest import BUILD_TOML

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

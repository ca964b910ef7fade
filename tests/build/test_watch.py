"""`pydotorg build --watch`: what is saved is built, whatever it is, until it is ended."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

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


@pytest.fixture
def watching(project):
    """A process that watches a project; what it is to make is waited for."""
    settings = BUILD_TOML.replace('nouns = ["pages"]', 'nouns = ["pages", "home", "around"]')
    project.write(f"-- build.toml --{settings}{SITE}")
    command = [sys.executable, "-m", "pydotorg_build", "build", "--watch"]
    process = subprocess.Popen(command, cwd=project.root, stdout=subprocess.DEVNULL)
    wait_for((project.output / "about/index.html").is_file)
    yield process
    process.terminate()
    process.wait(10)


def wait_for(is_so) -> None:
    deadline = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < deadline, "it was not built"
        time.sleep(0.05)


def page_holds(project, words: str) -> bool:
    return words in (project.output / "about/index.html").read_text()


@pytest.mark.slow
@pytest.mark.row("S355")
def test_content_templates_and_styles_are_built_as_they_are_saved(watching, project):
    page = project.root / "content/pages/about/index.md"
    template = project.root / "templates/base.html"
    style = project.root / "static/css/tokens.css"

    page.write_text(page.read_text().replace("Hello.", "Good morning."))
    wait_for(lambda: page_holds(project, "Good morning."))
    template.write_text(template.read_text().replace("Skip to content", "To what is said"))
    wait_for(lambda: page_holds(project, "To what is said"))
    style.write_text(style.read_text() + ".saved { top: 91px }\n")

    styles = project.output / "assets/css"
    wait_for(lambda: any("91px" in path.read_text() for path in styles.glob("site.*.css")))
    assert page_holds(project, "Good morning.")


@pytest.mark.slow
def test_a_signal_ends_it(watching):
    watching.send_signal(signal.SIGTERM)

    assert watching.wait(10) == 0

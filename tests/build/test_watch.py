"""`pydotorg build --watch`: what is saved is built, whatever it is, until it is ended."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest

from pydotorg_build import watch
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
def engine(tmp_path):
    """A copy of the program, to be changed while it runs."""
    package = tmp_path / "engine" / "pydotorg_build"
    ours = Path(__file__).parents[2] / "pydotorg_build"
    shutil.copytree(ours, package, ignore=shutil.ignore_patterns("__pycache__"))
    return package


@pytest.fixture
def watching(project, engine):
    """A process that watches a project; what it is to make is waited for."""
    settings = BUILD_TOML.replace('nouns = ["pages"]', 'nouns = ["pages", "home", "around"]')
    project.write(f"-- build.toml --{settings}{SITE}")
    command = [sys.executable, "-m", "pydotorg_build", "build", "--watch"]
    with (project.root / "said").open("w") as said:
        process = subprocess.Popen(
            command, cwd=project.root, stdout=said, env=os.environ | {"PYTHONPATH": engine.parent}
        )
    wait_for(lambda: "watching" in said_by(project))
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


def said_by(project) -> str:
    return (project.root / "said").read_text()


def change(path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.mark.slow
def test_a_mistake_that_is_taken_back_is_said_to_be_gone(watching, project):
    page = project.root / "content/pages/about/index.md"
    change(page, "title:", "titel:")
    wait_for(lambda: "the site is as it was" in said_by(project))

    change(page, "titel:", "title:")

    wait_for(lambda: "nothing is wrong any more\n" in said_by(project))


@pytest.mark.slow
def test_a_first_build_says_before_how_long_it_takes_and_a_later_one_does_not(watching, project):
    words = "the first build: of all of python.org it takes about a minute"
    assert said_by(project).splitlines()[0] == words

    watching.terminate()
    watching.wait(10)
    with (project.root / "again").open("w") as said:
        again = subprocess.Popen(watching.args, cwd=project.root, stdout=said)
    wait_for(lambda: "watching" in (project.root / "again").read_text())
    again.terminate()
    again.wait(10)

    assert words not in (project.root / "again").read_text()


@pytest.mark.slow
def test_its_own_code_saved_together_with_content_is_what_builds_that_content(
    watching, project, engine
):
    change(project.root / "content/pages/about/index.md", "Hello.", "Good morning.")
    change(engine / "hosting.py", "public, max-age=300,", "public, max-age=301,")

    wait_for(lambda: "max-age=301" in (project.output / "_headers").read_text())

    wait_for(lambda: page_holds(project, "Good morning."))
    assert "the builder itself changed; beginning anew\n" in said_by(project)
    assert watching.poll() is None


@pytest.mark.slow
def test_code_that_is_not_python_yet_is_told_and_nothing_is_built_with_the_old(
    watching, project, engine
):
    change(engine / "hosting.py", "def headers(", "def headers((")
    wait_for(lambda: "hosting.py" in said_by(project))
    change(project.root / "content/pages/about/index.md", "Hello.", "Good morning.")
    wait_for(lambda: said_by(project).count("this is not Python: ") == 2)
    held = page_holds(project, "Good morning.")

    change(engine / "hosting.py", "def headers((", "def headers(")

    wait_for(lambda: page_holds(project, "Good morning."))
    assert not held
    assert watching.poll() is None


@pytest.mark.slow
def test_a_signal_ends_it(watching):
    watching.send_signal(signal.SIGTERM)

    assert watching.wait(10) == 0


@pytest.mark.slow
def test_a_file_that_cannot_be_used_is_told_and_the_next_change_is_built(watching, project):
    lock = project.root / ".pydotorg/dist/lock"
    lock.unlink()
    lock.mkdir()
    change(project.root / "content/pages/about/index.md", "Hello.", "Good morning.")
    wait_for(lambda: "dist/lock: Is a directory" in said_by(project))
    lock.rmdir()

    change(project.root / "content/pages/about/index.md", "morning", "evening")

    wait_for(lambda: page_holds(project, "Good evening."))
    assert watching.poll() is None


@pytest.mark.slow
def test_a_fault_of_the_builder_is_told_with_its_lines_and_the_next_change_is_built(
    watching, project, engine
):
    change(engine / "hosting.py", '    """', '    1 / 0\n    """')
    wait_for(lambda: "the builder itself failed: ZeroDivisionError" in said_by(project))
    change(engine / "hosting.py", '    1 / 0\n    """', '    """')
    change(project.root / "content/pages/about/index.md", "Hello.", "Good morning.")

    wait_for(lambda: page_holds(project, "Good morning."))
    assert "hosting.py" in said_by(project)
    assert watching.poll() is None


def test_a_signal_ends_it_also_where_a_library_swallows_what_it_raises(project, monkeypatch):
    """As SQLite does, of whatever is raised in a function that it calls."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    waits = []

    def swallows(watching):
        waits.append(watching)
        with suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)

    watcher = SimpleNamespace(pipe=-1, end=lambda: 0)
    monkeypatch.setattr(watch, "start_watching", lambda shop: watcher)
    monkeypatch.setattr(watch.Watching, "_build", lambda watching: None)
    monkeypatch.setattr(watch.Watching, "_wait", swallows)
    project.write(f"-- build.toml --{BUILD_TOML}")
    try:
        assert watch.Watching(project.open(), project.open, lambda text: None).run() == 0
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert len(waits) == 1

"""A build that is killed leaves the old site or the new one, whole; the next one is the new one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import BUILD_TOML

# Old assets are kept for pages in caches; here every file counts.
SETTINGS = BUILD_TOML.replace('nouns = ["pages"]', 'nouns = ["pages", "menu", "home", "around"]')
SETTINGS = SETTINGS.replace("git_dates = false", "git_dates = false\nkept_days = 0")
SITE = "-- build.toml --" + SETTINGS
SITE += "-- content/home.md --\n---\ntitle: Welcome\ndescription: A test.\n---\n"
COUNT = 60


def version(name: str) -> str:
    """A site whose every page and style sheet says which version it is of; one page is its own."""
    pages = [
        f"-- content/pages/about/page-{n}.md --\n---\ntitle: Page {n}\n---\nOf version {name}.\n"
        for n in range(COUNT)
    ]
    menu = f"-- content/menu.yaml --\n- {{title: Version {name}, url: /about/}}\n"
    style = f"-- static/css/site.css --\n.version::after {{ content: '{name}' }}\n"
    index = f"-- content/pages/about/index.md --\n---\ntitle: About {name}\n---\n"
    own = f"-- content/pages/only-{name}.md --\n---\ntitle: Only {name}\n---\n"
    return "".join((*pages, menu, style, index, own))


class Killed:
    """One project that is a version or the other, built by processes that do not always end."""

    def __init__(self, project) -> None:
        self.project = project
        self.project.write(SITE)

    def become(self, name: str, other: str) -> None:
        self.project.write(version(name))
        (self.project.root / f"content/pages/only-{other}.md").unlink(missing_ok=True)

    def start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "pydotorg_build", "build", "--now", "2026-11-25"]
        return subprocess.Popen(
            command, cwd=self.project.root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def finish(self) -> float:
        """Build to the end; how long it took."""
        began = time.monotonic()
        assert self.start().wait() == 0
        return time.monotonic() - began

    def kill_after(self, seconds: float) -> int:
        """Build, and kill the process; how it ended."""
        process = self.start()
        time.sleep(seconds)
        os.kill(process.pid, signal.SIGKILL)
        return process.wait()


@pytest.fixture
def killed(project):
    return Killed(project)


@pytest.mark.parametrize(
    "times", [8, pytest.param(100, marks=[pytest.mark.slow, pytest.mark.timeout(900)])]
)
def test_a_build_killed_at_any_moment_leaves_the_old_or_the_new_site_whole(killed, times):
    wholes = {}
    for name, other in (("b", "a"), ("a", "b")):
        killed.become(name, other)
        seconds = killed.finish()
        wholes[name] = killed.project.pages()
    ends = []

    for n in range(times):
        name, other = ("b", "a") if n % 2 == 0 else ("a", "b")
        killed.become(name, other)
        ends.append(killed.kill_after(seconds * 1.1 * n / times))

        assert killed.project.pages() in wholes.values()
        if n % 4 == 3:
            seconds = min(seconds, killed.finish())
            assert killed.project.pages() == wholes[name]

    assert ends.count(-signal.SIGKILL) > times / 2


def children_of(process: int) -> list[int]:
    found = Path(f"/proc/{process}/task/{process}/children")
    return [int(child) for child in found.read_text().split()] if found.exists() else []


def is_running(process: int) -> bool:
    """Is it there, and more than a name that nobody has asked for yet?"""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state not in "ZX"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="/proc tells which processes there are")
def test_what_a_killed_build_had_begun_ends_by_itself_and_the_next_build_waits_for_nothing(project):
    pages = "".join(
        f"-- content/pages/about/page-{n}.md --\n---\ntitle: Page {n}\n---\nOne.\n"
        for n in range(1500)
    )
    project.write(SITE + version("a") + pages)
    killed = Killed(project)
    build = killed.start()
    while len(workers := children_of(build.pid)) < 2 and build.poll() is None:
        time.sleep(0.01)

    build.kill()

    assert build.wait() == -signal.SIGKILL
    assert len(workers) == 2
    killed.finish()
    assert [worker for worker in workers if is_running(worker)] == []

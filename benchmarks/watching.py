"""How long a watcher takes from save to file on disk."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from contenders import ours
from measure import Failed, end, usual
from scenarios import Bench, Change, Wrong, change, edit_body, edit_title, title_is_everywhere

READY, PATIENCE, BETWEEN, LOOK = "watching", 10.0, 0.3, 0.0005

Edit = Callable[[Bench, Change], None]
EDITS: dict[str, Edit] = {"watch_body": edit_body, "watch_title": edit_title}


def latencies(bench: Bench, count: int, first: int) -> dict[str, list[float]]:
    """Seconds from saving a file until all that shows it is on disk; `count` of each edit."""
    found: dict[str, list[float]] = {name: [] for name in EDITS}
    with _watcher(bench.site):
        for number in range(first, first + count):
            for name, edit in EDITS.items():
                found[name].append(_one(bench, edit, number))
    return found


@contextmanager
def _watcher(site: Path) -> Iterator[None]:
    process = subprocess.Popen(
        ours("--watch"),
        cwd=site,
        env=usual(),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    said = []
    try:
        for line in process.stdout or ():
            said.append(line)
            if READY in line:
                break
        else:
            raise Failed(f"the watcher ended: {''.join(said)[-2000:]}")
        yield
    finally:
        end(process)


def _one(bench: Bench, edit: Edit, number: int) -> float:
    """Save, and look until each file that is to show the edit does; then take it back."""
    made = change(bench, number)
    shown = _places(bench, made, edit)
    time.sleep(BETWEEN)
    began = time.perf_counter()
    edit(bench, made)
    _wait(shown, lambda text: made.word in text)
    taken = time.perf_counter() - began
    if edit is edit_title:
        title_is_everywhere(bench, made)
    made.undo()
    _wait(shown, lambda text: made.word not in text)
    return taken


def _places(bench: Bench, made: Change, edit: Edit) -> list[Path]:
    """The files that are to show an edit: the page, and for a title the lists and feeds."""
    page = made.page
    shown = [bench.output / page.url.strip("/") / "index.html"]
    if edit is edit_title:
        lists = [p for tag in page.tags for p in bench.lists_of(f"/tags/{tag}/")]
        lists += bench.lists_of(page.section.url)
        shown += [p for p in lists if f'href="{page.url}"' in p.read_text(encoding="utf-8")]
        shown.append(bench.output / page.section.slug / "feed.rss")
    return shown


def _wait(places: list[Path], is_so: Callable[[str], bool]) -> None:
    limit = time.perf_counter() + PATIENCE
    for path in places:
        while not _is_so(path, is_so):
            if time.perf_counter() > limit:
                raise Wrong(f"{path.name} below {path.parent.name} did not change in {PATIENCE} s")
            time.sleep(LOOK)


def _is_so(path: Path, is_so: Callable[[str], bool]) -> bool:
    try:
        return is_so(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return False

"""Where in a source file something on a page was written."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from pydotorg_build.problems import Source
from pydotorg_build.templates import taken_in

if TYPE_CHECKING:
    from pydotorg_build.look import Look
    from pydotorg_build.workshop import Workshop


def place_of_link(shop: Workshop, look: Look, path: str, target: tuple[str, str]) -> Source:
    """The line of a page's source that a link stands in; the page itself where it is none."""
    rows = shop.record.rows("SELECT source, url FROM artifact WHERE path=?", path)
    source, url = rows[0] if rows else ("", f"/{path}")
    name = re.sub(r"(:\d+)+$", "", source)
    if shop.snapshots.holds(name):
        return Source(name)
    spellings = _spellings(target)
    menu = f"{shop.settings.content}/menu.yaml"
    shared = [f"{shop.settings.templates}/{one}" for one in _templates_of(shop, look, path)]
    files = [(name, spellings), *((file, spellings[:3]) for file in (*shared, menu))]
    for file, written in files:
        for text in written if file in look.sources else ():
            if (place := place_of_text(shop.root, file, text)).line:
                return place
    return Source(name) if name in look.sources else Source(f"(page {url})")


def place_of_address(root: Path, source: Source, url: str) -> Source:
    """Where an alias is written: it is known by its page only."""
    if source.line or not (root / source.path).is_file():
        return source
    return place_of_text(root, source.path, url)


def place_of_text(root: Path, name: str, written: str) -> Source:
    """Where in a file a text stands that no letter follows; the file itself where it does not."""
    text = (root / name).read_text(encoding="utf-8", errors="replace")
    found = re.search(rf"{re.escape(written)}(?![\w-])", text)
    if not found:
        return Source(name)
    at = found.start()
    return Source(name, text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))


def _templates_of(shop: Workshop, look: Look, path: str) -> list[str]:
    """The templates that a page is made of, its own first."""
    rows = shop.record.rows("SELECT template FROM artifact WHERE path=?", path)
    return taken_in(rows[0][0], look.references) if rows and rows[0][0] else []


def _spellings(target: tuple[str, str]) -> list[str]:
    """How a link may have been written, the fullest first."""
    path, anchor = target
    last = path.rstrip("/").rpartition("/")[2]
    if anchor:
        return [f"{path}#{anchor}", f"#{anchor}"]
    return [f"({path})", f'"{path}"', path, *([last] if last else [])]

"""Where in a source file something on a page was written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pydotorg_build.problems import Source

if TYPE_CHECKING:
    from pydotorg_build.workshop import Look, Workshop


def place_of_link(shop: Workshop, look: Look, path: str, target: tuple[str, str]) -> Source:
    """The line of a page's source that a link stands in; the page itself where it is none."""
    rows = shop.record.rows("SELECT source, url FROM artifact WHERE path=?", path)
    source, url = rows[0] if rows else ("", f"/{path}")
    name = re.sub(r"(:\d+)+$", "", source)
    if name not in look.sources:
        return Source(f"(page {url})")
    for written in _spellings(target):
        text = (shop.root / name).read_text(encoding="utf-8", errors="replace")
        if (at := text.find(written)) >= 0:
            line = text.count("\n", 0, at) + 1
            return Source(name, line, at - text.rfind("\n", 0, at))
    return Source(name)


def _spellings(target: tuple[str, str]) -> list[str]:
    """How a link may have been written, the fullest first."""
    path, anchor = target
    last = path.rstrip("/").rpartition("/")[2]
    if anchor:
        return [f"{path}#{anchor}", f"#{anchor}"]
    return [f"({path})", f'"{path}"', path, last] if last else [path]

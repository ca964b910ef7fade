"""Where in a source file something on a page was written."""

from __future__ import annotations

import re
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from pydotorg_build import front_matter
from pydotorg_build.links import Target
from pydotorg_build.problems import Source
from pydotorg_build.templates import taken_in

if TYPE_CHECKING:
    from pydotorg_build.look import Look
    from pydotorg_build.workshop import Workshop

NAME_GOES_ON = re.compile(r"[\w-]")
# How many files and links are kept in mind.
FILES = 1000
LINKS = 100_000


class Places:
    """Where links are written.

    What was read is kept: many dead links stand in one file, or in a template of many pages.
    """

    def __init__(self, shop: Workshop, look: Look) -> None:
        self._shop, self._look = shop, look
        self._text = lru_cache(maxsize=FILES)(partial(_read, shop.root))
        self._of_page = lru_cache(maxsize=FILES)(self._sources)
        self._in_shared = lru_cache(maxsize=LINKS)(self._first_of)

    def of_link(self, path: str, target: Target) -> Source:
        """The line of a page's source that a link stands in; the page itself where it is none."""
        name, url, shared = self._of_page(path)
        if self._shop.snapshots.holds(name):
            return Source(name)
        spellings = _spellings(target)
        place = self._first_of((name,), spellings) or self._in_shared(shared, spellings[:3])
        if place:
            return place
        return Source(name) if name in self._look.sources else Source(f"(page {url})")

    def _sources(self, path: str) -> tuple[str, str, tuple[str, ...]]:
        """The source of a page, its address, and which files it has in common with others."""
        sql = "SELECT source, url, template FROM artifact WHERE path=?"
        rows = self._shop.record.rows(sql, path)
        source, url, template = rows[0] if rows else ("", f"/{path}", "")
        settings = self._shop.settings
        used = taken_in(template, self._look.references) if template else []
        shared = (*(f"{settings.templates}/{one}" for one in used), f"{settings.content}/menu.yaml")
        return re.sub(r"(:\d+)+$", "", source), url, shared

    def _first_of(self, files: tuple[str, ...], spellings: tuple[str, ...]) -> Source | None:
        for file in files:
            if file in self._look.sources:
                text = self._text(file)
                for written in spellings:
                    if place := _place_in(text, file, written):
                        return place
        return None


def place_of_address(root: Path, source: Source, url: str) -> Source:
    """Where an alias is written: it is known by its page only."""
    if source.line or not (root / source.path).is_file():
        return source
    return place_of_text(root, source.path, url)


def place_of_field(root: Path, source: Source, field: str) -> Source:
    """Where a field of an entry stands, by the place of the entry; that one where it does not."""
    if not (source.path.endswith((".md", ".yaml")) and (root / source.path).is_file()):
        return source
    text = front_matter.decode((root / source.path).read_bytes())
    is_text = source.path.endswith(".md")
    document = front_matter.read_markdown(text) if is_text else front_matter.read_yaml(text)
    begins = (source.line, source.column)
    way = next((way for way, mark in document.marks.items() if mark == begins), "")
    way = f"{way}.{field}" if way.endswith("]") else field
    return Source(source.path, *front_matter.mark_of(document, way))


def place_of_text(root: Path, name: str, written: str) -> Source:
    """Where in a file a text stands that is no part of a name; the file itself where it does not."""
    return _place_in(_read(root, name), name, written) or Source(name)


def _read(root: Path, name: str) -> str:
    return (root / name).read_text(encoding="utf-8", errors="replace")


def _place_in(text: str, name: str, written: str) -> Source | None:
    at = text.find(written)
    while at >= 0 and _is_part(text, at, written):
        at = text.find(written, at + 1)
    if at < 0:
        return None
    return Source(name, text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))


def _is_part(text: str, at: int, written: str) -> bool:
    """Does what is written there belong to a longer name, as `aps` to “perhaps”?"""
    goes_on = NAME_GOES_ON.match(text, at + len(written))
    began = at and NAME_GOES_ON.match(written) and NAME_GOES_ON.match(text, at - 1)
    return bool(goes_on or began)


def _spellings(target: Target) -> tuple[str, ...]:
    """How a link may have been written, the fullest first."""
    path, anchor = target
    last = path.rstrip("/").rpartition("/")[2]
    if anchor:
        return (f"{path}#{anchor}", f"#{anchor}")
    # A slash alone stands in any address.
    return (f"({path})", f'"{path}"', *((path, last) if last else ()))

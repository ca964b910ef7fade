"""Pages of today's site.  What was written in Markdown stays so; else the page is its HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydotorg_build.front_matter import Mistake, decode, read_markdown
from pydotorg_build.importing.rows import Row
from pydotorg_build.importing.writing import Wanted, markdown
from pydotorg_build.problems import Problem

PLACE = re.compile(r"[a-z0-9_.-]+(/[a-z0-9_.-]+)*", re.IGNORECASE)
FIELDS = ("title", "description", "keywords")


def wanted(content: Path, rows: list[Row], problems: list[Problem]) -> Iterator[Wanted]:
    """A file for each page."""
    for row in rows:
        if row.kind != "page":
            continue
        place = row.text_of("path").strip("/")
        if not PLACE.fullmatch(place) or ".." in place:
            message = f"`path` {row.text_of('path')!r} is not the address of a page"
            problems.append(Problem(row.source("path"), message))
        elif not row.text_of("title"):
            problems.append(Problem(row.source("title"), "`title` is empty", "give the page one"))
        else:
            yield _wanted(content / "pages", place, row)


def _wanted(folder: Path, place: str, row: Row) -> Wanted:
    section = folder / place / "index.md"
    path = section if section.exists() else folder / f"{place}.md"
    data: dict[str, Any] = {name: row.text_of(name) for name in FIELDS if row.text_of(name)}
    if row.fields.get("is_published") is False:
        data["published"] = False
    body = body_of(row)
    return Wanted(path, markdown(data, body), row.source(), is_same=_is_same(path, data, body))


def body_of(row: Row) -> str:
    """The text of a row: its Markdown, else what it was rendered to."""
    if row.text_of("content_markup_type") == "markdown":
        return row.text_of("content").replace("\r\n", "\n")
    html = row.text_of("_content_rendered") or row.text_of("content")
    return html.replace("\r\n", "\n")


def _is_same(path: Path, data: dict[str, Any], body: str) -> bool:
    """Does the file say the same in other words?"""
    if not path.exists():
        return False
    try:
        document = read_markdown(decode(path.read_bytes()))
    except Mistake:
        return False
    said = {name: document.data.get(name) for name in (*FIELDS, "published")}
    asked = {name: data.get(name) for name in FIELDS} | {
        "published": "false" if "published" in data else None
    }
    return said == asked and document.body.strip() == body.strip()

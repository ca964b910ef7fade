"""Rows of today's data, from a fixture of Django or from an answer of the API, each with its place.

Both are made alike: a row has a kind, its number, and its fields by the names that the API has.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from pydotorg_build.problems import Problem, Source

MODELS = {
    "downloads.os": "os",
    "downloads.release": "release",
    "downloads.releasefile": "release_file",
    "pages.page": "page",
    "redirects.redirect": "redirect",
}
ADDRESS = re.compile(r"/api/v[12]/(?:downloads|pages)/(os|release|release_file|page)/(\d+)/$")
GAP = re.compile(r"[\s,]*")
KNOWN = "it takes fixtures with downloads, pages and redirects, and /api/v1/ or /api/v2/ of those"


class Row(msgspec.Struct, frozen=True):
    """One row, and where it stands."""

    kind: str
    number: int
    fields: dict[str, Any]
    path: str
    line: int
    text: str

    def source(self, field: str = "") -> Source:
        """Where the row, or a field of it, stands."""
        at = self.text.find(f'"{field}"') if field else -1
        return Source(self.path, self.line + (self.text.count("\n", 0, at) if at > 0 else 0))

    def text_of(self, field: str) -> str:
        """A text; what is not there is an empty one."""
        value = self.fields.get(field)
        return value.strip() if isinstance(value, str) else ""

    def refers(self, field: str) -> int:
        """The number of another row: in a fixture a number, in the API the end of an address."""
        value = self.fields.get(field)
        if isinstance(value, int):
            return value
        found = ADDRESS.search(str(value))
        return int(found[2]) if found else 0


def read_rows(file: Path, problems: list[Problem]) -> list[Row]:
    """The rows of a file that can be taken; what is wrong with it joins the problems."""
    try:
        text = file.read_text(encoding="utf-8")
        json.loads(text)
    except OSError as error:
        problems.append(Problem(Source(str(file)), f"cannot be read: {error.strerror}"))
    except UnicodeDecodeError:
        problems.append(Problem(Source(str(file)), "is not UTF-8", "save it as UTF-8"))
    except (json.JSONDecodeError, RecursionError) as error:
        line = getattr(error, "lineno", 0)
        problems.append(Problem(Source(str(file), line), "is not JSON", KNOWN))
    else:
        found = list(_rows(file, text, problems))
        if not found:
            problems.append(
                Problem(Source(str(file), 1), "has nothing that can be imported", KNOWN)
            )
        return found
    return []


def _rows(file: Path, text: str, problems: list[Problem]) -> Iterator[Row]:
    decoder, at = json.JSONDecoder(), text.find("[", max(text.find('"objects"'), 0)) + 1
    while at and at < len(text):
        at = GAP.match(text, at).end()  # type: ignore[union-attr]
        if text[at : at + 1] != "{":
            return
        value, end = decoder.raw_decode(text, at)
        line = text.count("\n", 0, at) + 1
        row = _row(value, str(file), line, text[at:end])
        if row:
            yield row
        elif "model" not in value:
            message = "a row has neither `model` nor a `resource_uri` that is known"
            problems.append(Problem(Source(str(file), line), message, KNOWN))
        at = end


def _row(value: dict[str, Any], path: str, line: int, text: str) -> Row | None:
    if isinstance(value.get("fields"), dict):
        kind, number = MODELS.get(str(value.get("model"))), value.get("pk")
        if kind is None or not isinstance(number, int):
            return None
        return Row(kind, number, value["fields"], path, line, text)
    found = ADDRESS.search(str(value.get("resource_uri", "")))
    return Row(found[1], int(found[2]), value, path, line, text) if found else None

"""Redirects of today's site: those that there are not yet are put below the others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydotorg_build.content.base import Fault
from pydotorg_build.content.read import read
from pydotorg_build.content.redirects import Redirection, check
from pydotorg_build.front_matter import decode, read_yaml
from pydotorg_build.importing.rows import Row
from pydotorg_build.importing.writing import Wanted, one_line
from pydotorg_build.problems import Problem


def wanted(content: Path, rows: list[Row], problems: list[Problem]) -> Iterator[Wanted]:
    """The one file of redirects, longer by what is new."""
    every = [row for row in rows if row.kind == "redirect"]
    if not every:
        return
    path = content / "redirects.yaml"
    text = decode(path.read_bytes()) if path.exists() else ""
    known = {one["from"]: one.get("to", "") for one in read_yaml(text).data or []}
    lines = []
    for row in every:
        data = _data(row)
        old, to = str(data["from"]), str(data.get("to", ""))
        if fault := _fault(data):
            problems.append(Problem(row.source("old_path"), fault.message, fault.hint))
        elif known.get(old, to) != to:
            words = f"{old} leads to {known[old]} already: it was left"
            problems.append(Problem(row.source("old_path"), words))
        elif old not in known:
            known[old] = to
            lines.append(f"- {one_line(data)}\n")
    yield Wanted(path, text + "".join(lines), every[0].source(), is_added=True)


def _data(row: Row) -> dict[str, str | int]:
    old, to = row.text_of("old_path"), row.text_of("new_path")
    return {"from": old, "to": to} if to else {"from": old, "status": 410}


def _fault(data: dict[str, str | int]) -> Fault | None:
    entry, faults = read(Redirection, data)
    return next(iter(faults if entry is None else check(entry)), None)

"""Which rows of docs/requirements.md no test names: `make rows`, or `python -m tests.rows [AREA]`.

A test names the rows it holds with `@pytest.mark.row(…)`.  A mark is a claim: the test
fails when the last column of the row stops being true.  What is folded into something else needs
none.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

TESTS = Path(__file__).parent
REQUIREMENTS = TESTS.parent / "docs" / "requirements.md"
ID = re.compile(r"[SC]\d{2,3}")
CELL = re.compile(r"(?<!\\)\|")


class Row(NamedTuple):
    """A row of the requirements."""

    id: str
    area: str
    what: str
    lands: str
    works: str


def rows(text: str) -> Iterator[Row]:
    r"""Read the tables of a requirements file.

    >>> list(rows("## Stack\n| S001 | Web framework | sidecar | It starts |"))
    [Row(id='S001', area='Stack', what='Web framework', lands='sidecar', works='It starts')]
    """
    area = ""
    for line in text.splitlines():
        if line.startswith("## "):
            area = line.removeprefix("## ").strip()
        cells = [cell.strip() for cell in CELL.split(line)[1:-1]]
        if len(cells) == 4 and ID.fullmatch(cells[0]):
            yield Row(cells[0], area, *cells[1:])


def named(code: str) -> Iterator[str]:
    r"""The rows that a test file names.

    >>> list(named('@pytest.mark.row("A1", "A2")\ndef test_it(): ...'))
    ['A1', 'A2']
    """
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("mark.row"):
            yield from (str(ast.literal_eval(argument)) for argument in node.args)


def main(area: str = "") -> int:
    """Print what is missing; 1 when something is."""
    known = list(rows(REQUIREMENTS.read_text(encoding="utf-8")))
    held = {row for path in TESTS.rglob("*.py") for row in named(path.read_text(encoding="utf-8"))}
    needed = [row for row in known if not row.lands.startswith("folded")]
    wanted = [row for row in needed if area.lower() in row.area.lower()]
    missing = [row for row in wanted if row.id not in held]
    unknown = sorted(held - {row.id for row in known})
    for row in missing:
        print(f"{row.id}  {row.area}: {row.what}\n      {row.works}")
    for id in unknown:
        print(f"{id}  is named by a test, but there is no such row")
    print(f"{len(wanted) - len(missing)} of {len(wanted)} rows have a test")
    return 1 if missing or unknown else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

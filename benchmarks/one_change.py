"""What one changed job or event of the database costs: a build in a new process, search included.

    python benchmarks/one_change.py --pages 15000

It lays this site with its sample and invented pages besides (kept in `.work`), builds it, gives a job
and an event another title, each a few times, and builds after each.  Exit status: 1 when a build
wrote no page with the new title.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from statistics import median

import msgspec
from contenders import HERE, environment
from load import Goal, table
from measure import usual
from publishing import lay, text_of

from pydotorg_build.snapshot import Row, add_rows, writing

TIMES = 5
KINDS = ("jobs", "events")
SAMPLE = Path("data/snapshot.sqlite")


def retitle(kind: str, title: str) -> None:
    """Write the snapshot anew, with another title of the first record of a kind."""
    with closing(sqlite3.connect(SAMPLE)) as old, writing(SAMPLE) as new:
        meta = old.execute("SELECT key, value FROM meta").fetchall()
        new.executemany("INSERT OR REPLACE INTO meta VALUES(?,?)", meta)
        rows = [
            Row(of, key, msgspec.json.decode(data))
            for of, key, data in old.execute("SELECT kind, key, data FROM rows ORDER BY kind, key")
        ]
        number = next(row.key for row in rows if row.kind == kind)
        add_rows(new, (
            row._replace(data={**row.data, "title": title})
            if (row.kind, row.key) == (kind, number) else row
            for row in rows
        ))  # fmt: skip
        new.executemany("INSERT INTO files VALUES(?,?,?)", old.execute("SELECT * FROM files"))


def pydotorg(*words: str) -> float:
    """Run a command in a new process; the seconds from its start to its end."""
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "pydotorg_build", *words], check=True, env=usual(),
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    return time.perf_counter() - began


def measured(kind: str) -> list[float]:
    """How long each of some builds took, after one that makes what the change before left."""
    found = []
    for number in range(TIMES + 1):
        title = f"Retitled {kind} {number} {time.time_ns()}"
        retitle(kind, title)
        found.append(pydotorg("build", "--report", "report.json"))
        written = json.loads(Path("report.json").read_text())["written"]
        pages = [name for name in written if name.endswith(".html")]
        if not any(f"<h1>{title}" in text_of(Path("dist", name)) for name in pages):
            raise SystemExit(f"no page shows {title!r}")
        print(
            f"{kind}: {found[-1]:.2f} s, {len(written)} files written, {len(pages)} of them pages"
        )
    return found[1:]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--pages", type=int, default=15_000, help="besides those of this site")
    given = parser.parse_args()
    environment()
    folder = HERE / ".work" / f"one-change-{given.pages}"
    lay(folder, given.pages)
    os.chdir(folder)
    pydotorg("sample")
    print(f"all: {pydotorg('build'):.1f} s")
    pages = sum(1 for _ in Path("dist").rglob("*.html"))
    print(f"{pages:,} pages; load {os.getloadavg()[0]:.1f}; {os.cpu_count()} cores")
    print(table([
        Goal(f"one of the {kind} has another title, median", median(measured(kind)), "s", 1)
        for kind in KINDS
    ]))  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())

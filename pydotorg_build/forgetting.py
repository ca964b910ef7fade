"""What the memo need not remember any more: old bodies, pictures that are gone, old style sheets.

It is looked at only after a build that changed something, and costs one question until the memo
has doubled; then everything goes that no output's record leads to.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

from pydotorg_build.cache import Memo

SLACK = 64 << 20
KEPT = "kept"
BODY = re.compile(rb"prose:(?:submitted:)?[0-9a-f]{32}:[0-9a-f]{32}")
# Made again in no time by the next build that wants them.
QUICK = ("style:", "sri:")


def forget_unwanted(memo: Memo, state: Path) -> int:
    """Make room once the memo has doubled; return how many rows went."""
    kept = int(memo.get(KEPT) or 0)
    if memo.size() <= 2 * kept + SLACK:
        return 0
    try:
        wanted = _wanted(state)
    except sqlite3.DatabaseError:  # a record is damaged: its output may still want anything
        return 0
    keys = [key for (key,) in memo.rows("SELECT key FROM memo") if not _is_wanted(key, wanted)]
    memo.forget([*keys, KEPT])
    memo.put_all([(KEPT, str(memo.size()).encode())])
    return len(keys)


def _wanted(state: Path) -> set[str]:
    """The keys of bodies and digests of files that the outputs beside this memo are made of."""
    wanted: set[str] = set()
    for path in state.glob("*/record.db"):
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as record:
            wanted |= {digest for (digest,) in record.execute("SELECT digest FROM source")}
            for (data,) in record.execute("SELECT data FROM entry"):
                wanted |= {key.decode() for key in BODY.findall(data)}
    return wanted


def _is_wanted(key: str, wanted: set[str]) -> bool:
    kind, *parts = key.split(":")
    if kind in ("variant", "picture"):  # `variant:<file>:<form>`, `picture:<engine>:<file>:<form>`
        return parts[-2] in wanted
    return key in wanted or not key.startswith(("prose:", *QUICK))

"""What staff say of blogs: which are followed no more, and which entries are featured.

What `pydotorg fetch` last found of each blog is read from the data folder, where it puts it; the
list of blogs is content/.  The builder and the next fetch read the marks from the snapshot.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from pydotorg_build.content.blog_marks import KIND
from pydotorg_build.problems import Problems
from pydotorg_build.snapshot import Row, Snapshots
from sidecar.audit import note
from sidecar.permissions import Actor
from sidecar.settings import Settings
from sidecar.tables.work import Flag

Mark = Literal["off", "featured"]
FLAG = "blogs"
FOUND, FETCHED = "feeds.json", "fetched.sqlite"


class Feed(msgspec.Struct, frozen=True):
    """A blog, and what came of asking it; the moments are empty where it never was or did."""

    slug: str
    title: str
    feed: str
    official: bool = False
    entries: int = 0
    asked: str = ""
    good: str = ""
    failures: int = 0
    why: str = ""


class Found(msgspec.Struct, frozen=True):
    """What the last fetch wrote down."""

    at: str = ""
    feeds: tuple[Feed, ...] = ()


def found(settings: Settings) -> Found:
    """What the last fetch found; nothing where none ran here."""
    try:
        return msgspec.json.decode((Path(settings.data) / FOUND).read_bytes(), type=Found)
    except (OSError, msgspec.DecodeError):
        return Found()


def entries(settings: Settings) -> list[Row]:
    """The entries that were fetched, the newest first."""
    reader = Snapshots(Path(settings.data), [FETCHED])
    try:
        rows = reader.rows(FETCHED, "blog_entries")
    except Problems:
        return []
    finally:
        reader.close()
    return sorted(rows, key=lambda row: (str(row.data["published"]), row.key), reverse=True)


async def marks(db: AsyncSession) -> dict[str, set[str]]:
    """What bears which mark."""
    value = await db.scalar(select(Flag.value).where(Flag.name == FLAG)) or {}
    return {mark: set(value.get(mark, ())) for mark in ("off", "featured")}


async def put(tx: AsyncSession, actor: Actor, mark: Mark, of: str, *, on: bool) -> bool:
    """Give a mark or take it away, and write down who did; say whether that changed anything."""
    flag = await tx.get(Flag, FLAG, with_for_update=True)
    if flag is None:
        flag = Flag(name=FLAG, value={})
        tx.add(flag)
    now = set(flag.value.get(mark, ()))
    if (of in now) is on:
        return False
    flag.value = {**flag.value, mark: sorted(now | {of} if on else now - {of})}
    flag.changed_by = actor.user
    words = {"off": ("blog switched on", "blog switched off"),
             "featured": ("blog entry featured no more", "blog entry featured")}  # fmt: skip
    await note(tx, actor, words[mark][on], f"blogs/{of}", {mark: (not on, on)})
    return True


async def rows(tx: AsyncSession) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """What a snapshot takes."""
    found = await marks(tx)
    return iter([
        (KIND, f"{mark}.{of}", {"mark": mark, "of": of})
        for mark, every in found.items()
        for of in sorted(every)
    ])  # fmt: skip

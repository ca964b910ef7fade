"""The file of a snapshot, which the builder reads: written beside it, and put in place by a rename."""

from __future__ import annotations

import asyncio
import fcntl
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from pydotorg_build.problems import Problems
from pydotorg_build.snapshot import Row, Snapshots, add_file, add_rows, writing
from sidecar.settings import Settings


def files_in(path: Path) -> set[str]:
    """The names of the pictures of a snapshot."""
    reader = Snapshots(path.parent, [path.name])
    try:
        return set(reader.files(path.name))
    except Problems:
        return set()
    finally:
        reader.close()


def snapshot_of(settings: Settings) -> Path:
    """Where the builder reads the snapshot."""
    return Path(settings.data) / "snapshot.sqlite"


@asynccontextmanager
async def alone(path: Path) -> AsyncIterator[None]:
    """One process at a time takes a snapshot; a killed one stands in nobody's way."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(f".{path.name}.lock").open("w") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                await asyncio.sleep(0.02)
        yield


def write(
    path: Path, number: dict[str, Any], rows: list[Row], pictures: Mapping[str, bytes | None],
    before: Mapping[tuple[str, str], Row],
) -> None:  # fmt: skip
    """Write the snapshot and put it in place.  Invented rows stay beside real ones, until removed.

    Pictures without bytes are taken over from the snapshot that is there.
    """
    invented = list(_invented(path))
    ours = {f"{row.kind}/{row.key}" for row in rows}
    meta = {name: str(value) for name, value in number.items()}
    if invented:
        meta |= {"is_sample": "1", "ours": " ".join(sorted(ours))}
    with writing(path, **meta) as db:
        add_rows(db, rows, before)
        if invented:
            add_rows(db, [row for row in invented if f"{row.kind}/{row.key}" not in ours])
            copy_files(path, db)
        kept = [name for name, content in pictures.items() if content is None]
        if kept and not invented:
            copy_files(path, db, kept)
        for name, content in pictures.items():
            if content is not None:
                add_file(db, name, content)


def _invented(path: Path) -> Iterator[Row]:
    """The rows of a sample that lies where the snapshot is to be, but for those that were real."""
    reader = Snapshots(path.parent, [path.name])
    try:
        meta = reader.meta(path.name)
        real = set(meta.get("ours", "").split())
        if meta.get("is_sample") == "1":
            for kind in reader.kinds(path.name):
                yield from (
                    row for row in reader.rows(path.name, kind) if f"{kind}/{row.key}" not in real
                )
    finally:
        reader.close()


def copy_files(path: Path, db: Any, names: list[str] | None = None) -> None:
    """The pictures of the snapshot that is there: those of these names, or all."""
    db.commit()
    db.execute("ATTACH ? AS old", (f"{path.as_uri()}?immutable=1",))
    taken = "INSERT OR IGNORE INTO files SELECT name, digest, bytes FROM old.files"
    if names is None:
        db.execute(taken)
    else:
        db.executemany(f"{taken} WHERE name = ?", [(name,) for name in names])
    db.commit()
    db.execute("DETACH old")

"""How the published files look on disk, against how they looked when they were written."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from pydotorg_build.cache import Record
from pydotorg_build.parallel import meanwhile


class Outputs:
    """One look at all published files, which may be taken while something else is done."""

    def __init__(self, record: Record, root: Path, jobs: int) -> None:
        self._record, self._root = record, root
        self._files = record.rows("SELECT path, size, mtime, inode FROM output")
        tree = root.stat().st_ino if root.is_dir() else 0
        self._folders = dict(record.rows("SELECT path, mtime FROM folder WHERE tree=?", tree))
        self._found = meanwhile(self._compare, len(self._files), jobs)

    def seen(self) -> tuple[set[str], list[str]]:
        """The files that must be made anew, and those that no build put there."""
        changed, folders = self._found()
        return changed, sorted(self._strays(folders))

    def _compare(self) -> tuple[set[str], list[str]]:
        root = str(self._root)
        return altered(self._files, root), [
            folder for folder, mtime in self._folders.items() if mtime != folder_time(root, folder)
        ]

    def _strays(self, folders: Iterable[str]) -> set[str]:
        """What was put into folders whose time of change is another."""
        if not self._root.is_dir():
            return set()
        if not self._folders:
            return set(_unknown(self._record, _walk(str(self._root))))
        return {
            path
            for folder in folders
            for path in _strange_in(self._record, self._root, folder, self._folders)
        }


def altered(files: Iterable[tuple[str, int, int, int]], root: str) -> set[str]:
    """The files that are missing or not as they were written: they are made anew."""
    found = set()
    stat = os.stat
    for path, size, mtime, inode in files:
        try:
            seen = stat(f"{root}/{path}")
        except OSError:
            found.add(path)
            continue
        if seen.st_size != size or seen.st_mtime_ns != mtime or seen.st_ino != inode:
            found.add(path)
    return found


def folder_time(root: str, path: str) -> int:
    """When a folder's list of names changed last, in nanoseconds; 0 when it is not there."""
    try:
        return os.stat(f"{root}/{path}").st_mtime_ns
    except OSError:
        return 0


def _strange_in(record: Record, root: Path, folder: str, known: dict[str, int]) -> Iterator[str]:
    """What lies in one folder, or in new folders below it, without having been written there."""
    names: list[str] = []
    try:
        entries = list(os.scandir(os.path.join(root, folder)))
    except OSError:
        return
    for entry in entries:
        path = f"{folder}/{entry.name}" if folder else entry.name
        if entry.is_dir(follow_symlinks=False):
            if path not in known:
                names += [f"{path}/{below}" for below in _walk(entry.path)] or [f"{path}/"]
        else:
            names.append(path)
    yield from _unknown(record, names)


def _walk(folder: str) -> Iterator[str]:
    for here, _, names in os.walk(folder):
        for name in names:
            yield os.path.relpath(os.path.join(here, name), folder)


def _unknown(record: Record, names: Iterable[str]) -> Iterator[str]:
    names = list(names)
    rows = record.rows_in("SELECT path FROM output WHERE path IN ({})", names)
    ours = {path for (path,) in rows}
    return (name for name in names if name not in ours)


def folder_rows(root: Path, folders: Iterable[str], tree: int) -> Iterator[tuple[int, str, int]]:
    """What the record keeps of folders just written to."""
    for folder in folders:
        if time := folder_time(str(root), folder):
            yield tree, folder, time


def folders_of(paths: Iterable[str]) -> set[str]:
    """The folders that paths lie in, and those above them."""
    found = {""}
    for path in paths:
        folder = path.rpartition("/")[0]
        while folder and folder not in found:
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return found

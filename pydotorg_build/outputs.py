"""How the published files look on disk, against how they looked when they were written."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from functools import cached_property, partial
from pathlib import Path
from typing import NamedTuple

from pydotorg_build.cache import Record
from pydotorg_build.digests import digest_bytes
from pydotorg_build.parallel import meanwhile

# A path with size, time of change, inode and digest; and how a file looks, with its path.
File = tuple[str, int, int, int, str]
Look = tuple[int, int, int, str]
# Where the record names the bundle of a page, files of a search index have this.
INDEX = "~"


class Differences(NamedTuple):
    """The files that must be made anew, how others look that were touched, and strays."""

    altered: set[str]
    touched: list[Look]
    strays: list[str]


class Outputs:
    """One look at all published files, which may be taken while something else is done.

    With `by_content` no time of change is trusted: every file is read.  Files of search indexes are
    left out: they are as many as all pages, and search looks at their folders (`search.Indexing`).
    """

    def __init__(self, record: Record, root: Path, jobs: int, *, by_content: bool = False) -> None:
        self._root, self._by_content = root, by_content
        sql = "SELECT path, size, mtime, inode, digest FROM output WHERE bundle != ?"
        files = record.rows(sql, INDEX)
        tree = root.stat().st_ino if root.is_dir() else 0
        self._folders = dict(record.rows("SELECT path, mtime FROM folder WHERE tree=?", tree))
        parts = jobs if by_content or not self._folders else 1
        size = -(-len(files) // parts)
        self._begun = [
            meanwhile(partial(self._compare, files[n * size : (n + 1) * size], n), len(files), jobs)
            for n in range(parts)
        ]

    @cached_property
    def _found(self) -> list[tuple[set[str], list[Look], list[str]]]:
        return [found() for found in self._begun]

    def close(self) -> None:
        """Wait for the end of a look that nobody asked for what it saw."""
        _ = self._found

    def seen(self, record: Record) -> Differences:
        """What differs on disk; this waits for the look to end.

        The record is asked again: the one that the look began with may be closed meanwhile.
        """
        changed: set[str] = set()
        touched: list[Look] = []
        folders: list[str] = []
        for others, looks, strange in self._found:
            changed |= others
            touched += looks
            folders += strange
        return Differences(changed, touched, sorted(self._strays(record, folders)))

    def _compare(self, files: list[File], part: int) -> tuple[set[str], list[Look], list[str]]:
        root = str(self._root)
        changed, touched = altered(files, root, by_content=self._by_content)
        folders = self._folders.items() if part == 0 else ()
        return (
            changed,
            touched,
            [folder for folder, mtime in folders if mtime != folder_time(root, folder)],
        )

    def _strays(self, record: Record, folders: Iterable[str]) -> set[str]:
        """What was put into folders whose time of change is another."""
        if not self._root.is_dir():
            return set()
        if not self._folders:
            return set(_unknown(record, _walk(str(self._root))))
        return {
            path
            for folder in folders
            for path in _strange_in(record, self._root, folder, self._folders)
        }


def altered(
    files: Iterable[File], root: str, *, by_content: bool = False
) -> tuple[set[str], list[Look]]:
    """Tell apart the files that must be made anew, and those that say what was written.

    Of the latter, how those look now that were only touched, or came back with the cache.
    """
    found: set[str] = set()
    touched: list[Look] = []
    for path, size, mtime, inode, digest in files:
        try:
            seen = os.lstat(f"{root}/{path}")
            look = (seen.st_size, seen.st_mtime_ns, seen.st_ino)
            is_as_written = look == (size, mtime, inode)
            if is_as_written and not by_content:
                continue
            if seen.st_size != size or not _says(f"{root}/{path}", seen.st_mode, digest):
                found.add(path)
            elif not is_as_written:
                touched.append((*look, path))
        except OSError:
            found.add(path)
    return found, touched


def _says(path: str, mode: int, digest: str) -> bool:
    """Is it a file of this content?"""
    if not stat.S_ISREG(mode):
        return False
    with open(path, "rb", buffering=0) as file:
        return digest_bytes(file.readall()) == digest


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

"""Which source files there are, and which of them differ from what the last build saw.

A file whose modification time, size and inode are as they were is not read.  A time within two
seconds of the look is not trusted, since a second edit in the same tick would not show; and where
the times mean nothing (a fresh checkout), the hash of the content tells.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from pydotorg_build.problems import Problem, Source

FRESH = 2_000_000_000
HIDDEN_BUT_OURS = frozenset({".well-known"})


class Stamp(msgspec.Struct, frozen=True, array_like=True):
    """How a file looks from outside: nanoseconds since 1970, bytes, inode."""

    mtime: int
    size: int
    inode: int


class Seen(msgspec.Struct, frozen=True, array_like=True):
    """A source file: how it looks, and the digest of its bytes."""

    stamp: Stamp
    digest: str


class Scan:
    """One look at all source folders of a project."""

    def __init__(self, root: Path, folders: Iterable[str]) -> None:
        self.stamps: dict[str, Stamp] = {}
        self.problems: list[Problem] = []
        self._root = os.path.realpath(root)
        self._folders = tuple(dict.fromkeys(folders))
        for folder in self._folders:
            self._walk(os.path.join(root, folder), folder)

    def _walk(self, folder: str, name: str) -> None:
        try:
            with os.scandir(folder) as entries:
                found = list(entries)
        except FileNotFoundError:
            return
        except OSError as error:
            self._problem(name, f"cannot be read: {error.strerror}", "mend its permissions")
            return
        self._look_for_case_clashes(found, name)
        for entry in found:
            if not _is_hidden(entry.name):
                self._take(entry, f"{name}/{entry.name}")

    def _take(self, entry: os.DirEntry[str], name: str) -> None:
        if entry.is_symlink() and not self._is_good_link(entry, name):
            return
        if entry.is_dir():
            self._walk(entry.path, name)
            return
        try:
            seen = entry.stat()
        except OSError:
            return
        if not stat.S_ISREG(seen.st_mode):
            self._problem(name, "is not a file", "take it out of this folder")
        elif not name.isprintable():
            self._problem(name, "has a name that cannot be printed", "rename it")
        else:
            self.stamps[name] = Stamp(seen.st_mtime_ns, seen.st_size, seen.st_ino)

    def _is_good_link(self, entry: os.DirEntry[str], name: str) -> bool:
        target = os.path.realpath(entry.path)
        if not self._is_inside(target):
            hint = "put the file itself here"
            self._problem(name, "is a link out of the folders of the site", hint)
        elif not os.path.exists(target):
            self._problem(name, "is a link to nothing", "mend or delete it")
        elif os.path.isdir(target):
            self._problem(name, "is a link to a folder", "put the files themselves here")
        else:
            return True
        return False

    def _is_inside(self, target: str) -> bool:
        below = os.path.relpath(target, self._root).replace(os.sep, "/")
        hidden = any(_is_hidden(part) for part in below.split("/"))
        return below.startswith(tuple(f"{name}/" for name in self._folders)) and not hidden

    def _look_for_case_clashes(self, found: list[os.DirEntry[str]], name: str) -> None:
        if len({entry.name.casefold() for entry in found}) == len(found):
            return
        first: dict[str, str] = {}
        for entry in sorted(found, key=lambda entry: entry.name):
            other = first.setdefault(entry.name.casefold(), entry.name)
            if other != entry.name:
                hint = "many file systems cannot tell these apart: rename one"
                message = f"differs from {_shown(other)} only in case"
                self._problem(f"{name}/{entry.name}", message, hint)

    def _problem(self, name: str, message: str, hint: str) -> None:
        self.problems.append(Problem(Source(_shown(name)), message, hint))


def _shown(name: str) -> str:
    """A name as it can be printed."""
    return name if name.isprintable() else ascii(name)


def _is_hidden(name: str) -> bool:
    """Editors' and systems' own files are not content."""
    if name.startswith("."):
        return name not in HIDDEN_BUT_OURS
    return name.endswith(("~", ".swp", ".pyc")) or name == "__pycache__"


def look_again(root: Path, paths: Iterable[str], folders: Iterable[str]) -> Iterator[str]:
    """Of some paths that may have changed, those that are source files or were."""
    inside = tuple(f"{folder}/" for folder in folders)
    for path in paths:
        parts = path.split("/")
        if path.startswith(inside) and not any(_is_hidden(part) for part in parts[1:]):
            yield path


def is_plain(path: Path) -> bool:
    """Is this a file and not a link, or nothing?"""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return True


def stamp_of(path: Path) -> Stamp | None:
    """How a file looks now; None when it is not there."""
    try:
        seen = path.stat()
    except OSError:
        return None
    return Stamp(seen.st_mtime_ns, seen.st_size, seen.st_ino)


def is_fresh(stamp: Stamp, at: int) -> bool:
    """Was the file changed so shortly before `at` that a second change might look the same?"""
    return stamp.mtime > at - FRESH

"""Files that no tree has any more, kept to be written over.

Making a file, or freeing the blocks of one, costs the system ten times what writing over one does,
and a change of the frame makes and frees a file for each page.  They lie by how many blocks they
have, so that none is freed.  Kept are only files that nothing else names, and small ones: those
have been sent whole to whoever was still reading them.
"""

from __future__ import annotations

import itertools
import os
import secrets
import shutil
import stat
from contextlib import suppress
from pathlib import Path

from pydotorg_build.exchange import exchange
from pydotorg_build.sources import Stamp

BOOT = "/proc/sys/kernel/random/boot_id"
BLOCK = 4096  # bytes
SHELVES = 16
ON_A_SHELF = 20_000
FEW = 50


def boot() -> str:
    """Which start of the system this is; empty where the system does not say.

    What was written over in a file may not have reached the disk when the system went down.
    """
    try:
        with open(BOOT, encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return ""


class Spares:
    """The files that lie in one folder, on its shelves, until they are written over.

    A new file is written there too, over one of them or beside them, and lies there until all is
    well: left by a build that ended badly it is one more to be written over.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)
        self._is_safe = bool(boot())
        self.look()

    def look(self) -> None:
        """Look anew at what there is, before a build."""
        self._names: dict[int, list[str]] = {}
        self._lent: dict[int, list[str]] = {}
        self._room: dict[int, int] = {}
        self._begin()
        if not self._is_safe:
            shutil.rmtree(self._folder, ignore_errors=True)

    def lend(self) -> None:
        """Before processes are made: from here on this one has but a few, the others are theirs."""
        for shelf in range(1, SHELVES + 2):
            names = self._on(shelf)
            self._names[shelf], self._lent[shelf] = names[:FEW], names[FEW:]

    def forked(self, number: int, count: int) -> None:
        """In a process just made, one of so many: its share of what is lent."""
        self._names = {shelf: names[number::count] for shelf, names in self._lent.items()}
        self._begin()

    def _begin(self) -> None:
        """Nobody else names a file like this process from now on."""
        token = secrets.token_hex(8)
        self._new = (f"{token}-{number:x}" for number in itertools.count())

    # -- what a build makes

    def stage(self, content: bytes) -> tuple[str, Stamp]:
        """Write new bytes, to be put into a tree when all is well; the path of their file."""
        path, file = self._open(_shelf_of(len(content)))
        try:
            left = memoryview(content)
            while left:
                left = left[os.write(file, left) :]
            seen = os.fstat(file)
            if seen.st_size != len(content):
                os.ftruncate(file, len(content))
                seen = os.fstat(file)
        except OSError as error:
            # Of a file that is open, the system does not say its name.
            raise OSError(error.errno, error.strerror, self._folder) from None
        finally:
            os.close(file)
        return path, Stamp(seen.st_mtime_ns, seen.st_size, seen.st_ino)

    def _open(self, best: int) -> tuple[str, int]:
        """Open a spare file: of as many blocks as are needed, or of others; a new one if none."""
        flags = os.O_WRONLY | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0)
        for shelf in (best, *range(best - 1, 0, -1), *range(best + 1, SHELVES + 2)):
            names = self._on(shelf)
            while names:
                path = f"{self._folder}/{shelf}/{names.pop()}"
                with suppress(FileNotFoundError):
                    return path, os.open(path, flags)
        path = f"{self._folder}/{best}/{next(self._new)}"
        flags |= os.O_CREAT | os.O_EXCL
        try:
            return path, os.open(path, flags, 0o666)
        except FileNotFoundError:
            os.makedirs(f"{self._folder}/{best}", exist_ok=True)
            return path, os.open(path, flags, 0o666)

    def put(self, staged: str, new: str) -> None:
        """Let a staged file be where it belongs, and keep what was there.

        Raises OSError: FileNotFoundError where its folder is not there.
        """
        try:
            seen = os.lstat(new)
        except FileNotFoundError:
            os.rename(staged, new)
            return
        if not self._may_keep(seen):
            os.unlink(new)
            os.rename(staged, new)
        elif exchange(staged, new):
            if os.path.dirname(staged) != f"{self._folder}/{_shelf_of(seen.st_size)}":
                self._shelve(staged, seen)
        else:
            self._shelve(new, seen)
            os.rename(staged, new)

    # -- what is kept

    def keep(self, path: str) -> None:
        """Take a file from where it is: to be written over later, or for good.

        None is kept where a start of the system could not be told from the one before.
        """
        seen = os.lstat(path)
        if self._may_keep(seen):
            self._shelve(path, seen)
        else:
            os.unlink(path)

    def _may_keep(self, seen: os.stat_result) -> bool:
        return self._is_safe and _is_ours(seen) and _shelf_of(seen.st_size) <= SHELVES

    def _shelve(self, path: str, seen: os.stat_result) -> None:
        shelf = _shelf_of(seen.st_size)
        if self._has_room(shelf):
            os.rename(path, f"{self._folder}/{shelf}/{next(self._new)}")
        else:
            os.unlink(path)

    def _has_room(self, shelf: int) -> bool:
        if shelf not in self._room:
            os.makedirs(f"{self._folder}/{shelf}", exist_ok=True)
            self._room[shelf] = ON_A_SHELF - len(self._listed(shelf))
        self._room[shelf] -= 1
        return self._room[shelf] >= 0

    def _on(self, shelf: int) -> list[str]:
        """The names on a shelf that this process may take."""
        if shelf not in self._names:
            self._names[shelf] = self._listed(shelf)
        return self._names[shelf]

    def _listed(self, shelf: int) -> list[str]:
        try:
            return os.listdir(f"{self._folder}/{shelf}")
        except FileNotFoundError:
            return []


def _shelf_of(size: int) -> int:
    """How many blocks a file of so many bytes takes; large ones lie on the last shelf together."""
    return min(max(1, -(-size // BLOCK)), SHELVES + 1)


def _is_ours(seen: os.stat_result) -> bool:
    """Is it a file that this user made, that all may read, and that has no other name?"""
    return (
        stat.S_ISREG(seen.st_mode)
        and seen.st_nlink == 1
        and seen.st_mode & 0o644 == 0o644
        and seen.st_uid == os.geteuid()
    )

"""Files that no tree has any more, kept to be written over.

Making a file, or freeing the blocks of one, costs the system ten times what writing over one does,
and a change of the frame makes and frees a file for each page.  They lie by how many blocks they
have, so that none is freed.  Kept are only files that nothing else names, and small ones: those
have been sent whole to whoever was still reading them.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from pydotorg_build.sources import Stamp

BOOT = "/proc/sys/kernel/random/boot_id"
BLOCK = 4096  # bytes
SHELVES = 16
ON_A_SHELF = 20_000


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
    """The files that lie in one folder, on its shelves, until they are written over."""

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)
        self._is_safe = bool(boot())
        self.look()

    def look(self) -> None:
        """Look anew at what there is: before a build, and in a process just made."""
        self._names: dict[int, list[str]] = {}
        self._room: dict[int, int] = {}

    def keep(self, path: str) -> None:
        """Take a file from where it is: to be written over later, or for good.

        None is kept where a start of the system could not be told from the one before.
        """
        seen = os.lstat(path)
        shelf = _shelf_of(seen.st_size)
        if self._is_safe and _is_ours(seen) and shelf <= SHELVES and self._has_room(shelf):
            os.rename(path, f"{self._folder}/{shelf}/{seen.st_ino:x}")
        else:
            os.unlink(path)

    def _has_room(self, shelf: int) -> bool:
        if shelf not in self._room:
            os.makedirs(f"{self._folder}/{shelf}", exist_ok=True)
            self._room[shelf] = ON_A_SHELF - len(self._listed(shelf))
        self._room[shelf] -= 1
        return self._room[shelf] >= 0

    def stage(self, path: str, content: bytes) -> Stamp:
        """Write new bytes beside the trees, to be moved into one when all is well."""
        self._take(path, _shelf_of(len(content)))
        flags = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0)
        file = os.open(path, flags, 0o666)
        try:
            left = memoryview(content)
            while left:
                left = left[os.write(file, left) :]
            seen = os.fstat(file)
            if seen.st_size != len(content):
                os.ftruncate(file, len(content))
                seen = os.fstat(file)
        finally:
            os.close(file)
        return Stamp(seen.st_mtime_ns, seen.st_size, seen.st_ino)

    def _take(self, path: str, best: int) -> None:
        """Move a spare file to a path: of as many blocks as are needed, or of others, if any."""
        for shelf in (best, *range(best - 1, 0, -1), *range(best + 1, SHELVES + 1)):
            names = self._names.get(shelf)
            if names is None:
                names = self._names[shelf] = self._in_turn(shelf)
            while names:
                try:
                    os.rename(f"{self._folder}/{shelf}/{names.pop()}", path)
                except FileNotFoundError:
                    continue  # Another process has taken it.
                return

    def _in_turn(self, shelf: int) -> list[str]:
        """The names on a shelf; processes begin at different ones."""
        names = self._listed(shelf)
        first = len(names) * (os.getpid() * 7 % 16) // 16
        return names[first:] + names[:first]

    def _listed(self, shelf: int) -> list[str]:
        try:
            return os.listdir(f"{self._folder}/{shelf}")
        except FileNotFoundError:
            return []


def _shelf_of(size: int) -> int:
    """How many blocks a file of so many bytes takes."""
    return max(1, -(-size // BLOCK))


def _is_ours(seen: os.stat_result) -> bool:
    """Is it a file that this user made, that all may read, and that has no other name?"""
    return (
        stat.S_ISREG(seen.st_mode)
        and seen.st_nlink == 1
        and seen.st_mode & 0o644 == 0o644
        and seen.st_uid == os.geteuid()
    )

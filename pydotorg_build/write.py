"""A folder of files out, always one whole build: the old or the new, never a mix.

There are two trees of the same site that share unchanged files by hard links: the one that is
served, and the other, one build older.  A build brings the other up to date, puts its new files
into it, and then exchanges the two folders in one step.  Killed before that step, the old site
stands; after it, the new one; the record knows the tree it describes by the inode of its folder.
What is served is never written to.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from pydotorg_build.exchange import exchange
from pydotorg_build.parallel import at_once
from pydotorg_build.spares import Spares


class Trees:
    """The served folder and the other one."""

    def __init__(self, served: Path, other: Path, spares: Spares, jobs: int = 1) -> None:
        self.served, self.other, self._spares, self._jobs = served, other, spares, jobs

    def inode_served(self) -> int:
        """The inode of the served folder; 0 when there is none."""
        return _inode(self.served)

    def inode_other(self) -> int:
        return _inode(self.other)

    def exchange(self) -> None:
        """Serve the other tree; what was served becomes the other."""
        if not self.served.exists():
            self.served.parent.mkdir(parents=True, exist_ok=True)
            self.other.rename(self.served)
            return
        if not exchange(self.other, self.served):
            self._exchange_in_steps()

    def _exchange_in_steps(self) -> None:
        """Where the system has no exchange: for an instant there is no served folder."""
        aside = self.other.with_name(self.other.name + ".aside")
        self.served.rename(aside)
        self.other.rename(self.served)
        aside.rename(self.other)

    def link(self, paths: Iterable[str]) -> None:
        """Make these paths in the other tree what they are in the served one."""
        for path in filter(None, at_once(self._link, sorted(paths), self._jobs)):
            self._link_with_care(path)

    def link_all(self, paths: Iterable[str]) -> None:
        """Make the whole other tree what the served one is, strays removed."""
        wanted = set(paths)
        self.other.mkdir(parents=True, exist_ok=True)
        for path in list(files_below(self.other)):
            if path in wanted and _same(f"{self.served}/{path}", f"{self.other}/{path}"):
                wanted.remove(path)
            else:
                _remove(self.other / path)
        self.link(wanted)
        _prune_empty(self.other)

    def _link(self, path: str) -> str:
        """Link one file as it mostly is; return its path where something is in the way."""
        new = f"{self.other}/{path}"
        try:
            self._make_room(new)
            os.link(f"{self.served}/{path}", new)
        except OSError:
            return path
        return ""

    def _link_with_care(self, path: str) -> None:
        """Link one file, or remove it when it is not served any more."""
        old, new = self.served / path, self.other / path
        if old.is_file():
            _clear_way(new, self.other)
            os.link(old, new)
        else:
            if new.is_file():
                new.unlink()
            _prune_folders(new.parent, self.other)

    def take(self, staged: Mapping[str, str]) -> None:
        """Move new files into the other tree, given by their paths there.

        What is there is exchanged or taken away first: renaming over a file makes ext4 write the
        new one out at once (0.6 ms each), and nobody reads this tree.
        """
        left = at_once(self._take, sorted(staged.items()), self._jobs)
        for path in filter(None, left):
            new = self.other / path
            _clear_way(new, self.other)
            os.rename(staged[path], new)

    def _take(self, one: tuple[str, str]) -> str:
        """Move one file as it mostly is; return its path where something is in the way."""
        path, staged = one
        new = f"{self.other}/{path}"
        try:
            self._spares.put(staged, new)
        except FileNotFoundError:
            os.makedirs(os.path.dirname(new), exist_ok=True)
            os.rename(staged, new)
        except OSError:
            return path
        return ""

    def _make_room(self, new: str) -> None:
        """Let no file stand where one is to be, and its folder be there."""
        try:
            self._spares.keep(new)
        except FileNotFoundError:
            os.makedirs(os.path.dirname(new), exist_ok=True)

    def drop(self, path: str) -> None:
        """Take a file out of the other tree, and the folders it leaves empty."""
        _remove(self.other / path)
        _prune_folders((self.other / path).parent, self.other)


def _inode(folder: Path) -> int:
    try:
        return folder.stat().st_ino
    except OSError:
        return 0


def _same(one: str, two: str) -> bool:
    try:
        return os.stat(one).st_ino == os.stat(two).st_ino
    except OSError:
        return False


def _remove(path: Path) -> None:
    try:
        path.unlink()
    except (FileNotFoundError, NotADirectoryError):
        pass
    except (IsADirectoryError, PermissionError):
        shutil.rmtree(path)


def _clear_way(path: Path, root: Path) -> None:
    """Remove a file that stands where a folder must be, or a folder where a file must be."""
    if path.is_dir():
        shutil.rmtree(path)
    elif path.is_file():
        path.unlink()
    for parent in path.parents:
        if parent == root:
            break
        if parent.exists() and not parent.is_dir():
            parent.unlink()
    path.parent.mkdir(parents=True, exist_ok=True)


def _prune_folders(folder: Path, root: Path) -> None:
    """Remove a folder that is empty, and so on upwards."""
    while folder != root and root in folder.parents:
        try:
            folder.rmdir()
        except FileNotFoundError:
            pass
        except OSError:
            return
        folder = folder.parent


def _prune_empty(root: Path) -> None:
    for folder, _, files in os.walk(root, topdown=False):
        if not files and folder != str(root):
            with suppress(OSError):
                Path(folder).rmdir()


def files_below(root: Path) -> Iterator[str]:
    """Every file of a folder, by its path from there."""
    for folder, _, names in os.walk(root):
        for name in names:
            yield os.path.relpath(os.path.join(folder, name), root).replace(os.sep, "/")


@contextmanager
def lock(path: Path, say: object) -> Iterator[None]:
    """Let one build at a time work on an output; a second waits, and says so."""
    import fcntl

    while True:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                assert callable(say)
                say("another build is at work here; waiting for it to end")
                fcntl.flock(file, fcntl.LOCK_EX)
            if _is_there(path, file.fileno()):
                yield
                return


def _is_there(path: Path, file: int) -> bool:
    """Has an open file still its name?  Whoever had the lock may have cleaned up."""
    try:
        return os.path.samestat(os.fstat(file), path.stat())
    except FileNotFoundError:
        return False

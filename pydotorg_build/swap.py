"""How a build comes to be served: the other tree is made what the site is to be, and changes places.

See "Two trees" in ARCHITECTURE.md.  Nothing of what is served changes before the exchange.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from pydotorg_build.outputs import folder_rows, folders_of

if TYPE_CHECKING:
    from pydotorg_build.rendering import Rendered
    from pydotorg_build.workshop import Workshop


class Swap:
    """One build's way from staged files to the served folder."""

    def __init__(self, shop: Workshop, strays: Iterable[str]) -> None:
        self._shop, self._strays = shop, strays
        self._record = shop.record
        self._is_restored = shop.is_restored()
        self.written: list[str] = []
        self.removed: list[str] = []

    def serve(self) -> None:
        """Exchange the trees; after a first build, make the one that the next works in."""
        if self._shop.settings.whole:
            self._shop.trees.exchange()
            if not self._is_restored:
                self._make_other_tree()

    def put(self, rendered: list[Rendered], removed: set[str]) -> bool:
        """Make the other tree what this build is; say whether it differs from what is served."""
        record, trees, strays = self._record, self._shop.trees, self._strays
        new = {one.path: one.staged for one in rendered if one.staged}
        self.written, self.removed = sorted(new), sorted({*removed, *strays})
        if self._shop.is_behind() and not self._is_restored:
            self._catch_up()
        if not (new or self.removed or self._is_restored):
            return False
        touched = self._prepare(new.keys())
        for path in self.removed:
            trees.drop(path)
        trees.take(new)
        self._note_folders(touched | new.keys() | set(self.removed))
        record.db.execute("DELETE FROM pending")
        if self._shop.settings.whole:
            rows = [(path,) for path in (*self.written, *self.removed)]
            record.db.executemany("INSERT OR IGNORE INTO pending VALUES(?)", rows)
            record.put("served", trees.inode_other())
            record.put("pair", [trees.inode_other(), trees.inode_served()])
            record.put("twin", 0)
        return True

    def _catch_up(self) -> None:
        """Serve the newest build again; what was served meanwhile may have been altered."""
        (self._shop.own / "dirty").touch()
        self._shop.trees.exchange()
        self._record.put("pair", [])

    def _prepare(self, new: Iterable[str]) -> set[str]:
        """Bring the other tree to what is served, but for what this build changes anyway."""
        trees, rows, new = self._shop.trees, self._record.rows, set(new)
        trees.other.mkdir(parents=True, exist_ok=True)
        if not self._shop.settings.whole:
            return set()
        mark = self._shop.own / "dirty"
        if self._is_restored:
            # What is there was looked at file by file; the next build makes the tree beside it.
            mark.touch()
            return {path for (path,) in rows("SELECT path FROM output")}
        pair = [trees.inode_served(), trees.inode_other()]
        if mark.exists() or self._record.get("pair") != pair:
            mark.touch()
            paths = {path for (path,) in rows("SELECT path FROM output")}
            trees.link_all(paths - new)
            return paths
        mark.touch()
        pending = {path for (path,) in rows("SELECT path FROM pending")}
        trees.link(pending - new)
        return pending

    def _note_folders(self, touched: set[str]) -> None:
        trees, db = self._shop.trees, self._record.db
        tree = trees.inode_other()
        folders = folders_of(touched)
        db.execute("DELETE FROM folder WHERE tree NOT IN (?,?)", (tree, trees.inode_served()))
        rows = [(tree, folder) for folder in folders]
        db.executemany("DELETE FROM folder WHERE tree=? AND path=?", rows)
        db.executemany("INSERT INTO folder VALUES(?,?,?)", folder_rows(trees.other, folders, tree))

    def _make_other_tree(self) -> None:
        """After a first build: the tree that the next one works in."""
        trees = self._shop.trees
        if not trees.inode_other():
            paths = [path for (path,) in self._record.rows("SELECT path FROM output")]
            trees.link_all(paths)
            with self._record.transaction() as db:
                db.execute("DELETE FROM pending")
                self._note_folders(set(paths))
                self._record.put("pair", [trees.inode_served(), trees.inode_other()])
                self._record.put("twin", trees.inode_other())

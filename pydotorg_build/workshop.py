"""Where builds are made: the stores, the two trees, and what is known of the last build.

A workshop is opened for one build, or kept open by the watcher; then what the last build knew is
still in memory, and a build looks only at what was touched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from pydotorg_build.cache import Memo, Record
from pydotorg_build.content import types_of
from pydotorg_build.content.base import ContentType
from pydotorg_build.digests import digest, digest_texts
from pydotorg_build.engine import engine_digest
from pydotorg_build.entries import Entries
from pydotorg_build.look import Look
from pydotorg_build.problems import Problem, Problems, Source
from pydotorg_build.settings import Settings
from pydotorg_build.site import Listed, Listing, Site
from pydotorg_build.snapshot import Snapshots
from pydotorg_build.sources import Seen, Stamp
from pydotorg_build.spares import Spares, boot
from pydotorg_build.write import Trees, lock

if TYPE_CHECKING:
    import datetime

    from pydotorg_build.assets import Assets

T = TypeVar("T")
R = TypeVar("R")


class GaveWay(Exception):
    """Something else is to be built first: search waits, and its index is as stale as it was."""


@dataclass
class Options:
    """How builds are made here."""

    jobs: int = 1
    hash_only: bool = False
    search: bool = True
    say: Callable[[str], None] = print
    progress: Callable[[str, int, int], None] = lambda what, done, count: None


class Workshop:
    """All that a site's builds work with."""

    def __init__(self, root: Path, settings: Settings, options: Options, output: Path) -> None:
        self.root, self.settings, self.options = root.resolve(), settings, options
        self.output = output
        self.state = output.parent / ".pydotorg"
        self.own = self.state / output.name
        self.types = types_of(settings.nouns)
        self.kinds: dict[str, ContentType] = {kind.name: kind for kind in self.types}
        self.snapshots = Snapshots(self.root, settings.snapshots)
        other = self.own / "other" if settings.whole else output
        self.spares = Spares(self.own / "spares")
        self.trees = Trees(output, other, self.spares, options.jobs)
        self.sources: dict[str, Seen] | None = None
        self.listed = Listing(self.read_entries)
        self._notes: list[str] = []
        self._open()

    # -- stores

    def _open(self) -> None:
        self.record, self.memo = Record(self.own / "record.db"), Memo(self.state / "memo.db")
        for store in (self.record, self.memo):
            if store.thrown_away:
                self._notes.append(f"{store.path.name} could not be read and was thrown away")

    def close(self) -> None:
        """Close the stores."""
        self.record.close()
        self.memo.close()
        self.snapshots.close()

    def forked(self, number: int) -> None:
        """In a process just made, the `number`th: read the stores by connections of its own."""
        for store in (self.record, self.memo):
            store.forked()
        self.snapshots.forked()
        self.spares.forked(number, self.options.jobs)

    def begin_anew(self) -> None:
        """Throw both stores away: one of them lacks what it should have."""
        self._notes.append("the build cache could not be trusted and was thrown away")
        self.close()
        for store in (self.record, self.memo):
            store.throw_away()
        self.sources = None
        self._open()

    def take_notes(self) -> list[str]:
        notes, self._notes = self._notes, []
        return notes

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One build at a time works on an output."""
        with lock(self.own / "lock", self.options.say):
            yield

    def spread(
        self,
        work: Callable[[Sequence[T]], Iterable[R]],
        items: Sequence[T],
        forked: Callable[[int], None],
        what: str,
    ) -> Iterator[R]:
        """Do work on items, a run of them at once, in several processes when they are many.

        Each item has one result.  No handle of a store crosses a fork: they are closed before it,
        and open again after it.
        """
        from pydotorg_build.parallel import WORTH_IT, spread

        if not items:
            return
        forks = self.options.jobs > 1 and len(items) >= WORTH_IT
        if forks:
            self.close()
            self.spares.lend()
        for count, result in enumerate(spread(work, items, self.options.jobs, forked), 1):
            if forks and count == 1:
                self._open()
            self.options.progress(what, count, len(items))
            yield result

    # -- looking

    def look(self, now: float, touched: Iterable[str] | None) -> Look:
        """See what differs from the last build."""
        from pydotorg_build.plan import Changes

        if self.sources is None:
            self._remember()
        engine = engine_digest(self.record)
        setup = digest_texts(engine.whole, digest(self.settings))
        changes = Changes()
        entries = Entries(self, changes)
        look = Look(self, now, setup, engine.whole, changes, entries, posters=engine.posters)
        look.prose = digest_texts(engine.prose, self.settings.package_index,
                                  str(self.settings.strict_headings))  # fmt: skip
        look.see(touched)
        return look

    def is_behind(self) -> bool:
        """Is the tree that the record describes not served?

        So it is after a rollback, when a build was killed between writing down and exchanging, and
        where the cache was kept but not the output.
        """
        served = self.record.get("served", 0)
        return (
            self.settings.whole
            and served != self.trees.inode_served()
            and (served == self.trees.inode_other() != 0 or self.is_restored())
        )

    def is_restored(self) -> bool:
        """Is nothing served, while the other tree is there?"""
        return not self.trees.inode_served() and self.trees.inode_other() != 0

    def newest(self) -> Path:
        """The tree that the record describes."""
        return self.trees.other if self.is_behind() else self.output

    def _remember(self) -> None:
        rows = self.record.rows("SELECT path, mtime, size, inode, digest FROM source")
        self.sources = {
            path: Seen(Stamp(mtime, size, inode), digest)
            for path, mtime, size, inode, digest in rows
        }
        self.listed = Listing(self.read_entries)

    def read_entries(self, kind: str) -> dict[str, Listed]:
        """The cards of all entries of a kind, as the record has them."""
        if kind not in self.kinds:
            return {}
        decode = msgspec.msgpack.Decoder(self.kinds[kind].card).decode
        sql = "SELECT id, card, card_digest, digest, path, since, until FROM entry WHERE kind=?"
        rows = self.record.rows(sql, kind)
        return {id: Listed(decode(card), *rest) for id, card, *rest in rows}

    # -- what stages ask

    def folders(self) -> tuple[str, ...]:
        """The folders whose files are sources."""
        return (self.settings.content, self.settings.templates, self.settings.static)

    def site(self, look: Look, now: float) -> Site:
        """The site that the entries make."""

        def changed(path: str) -> datetime.date | None:
            from datetime import date

            day = look.days.get(path)
            return date.fromisoformat(day) if day else None

        def file(path: str) -> str:
            seen = look.sources.get(path)
            return seen.digest if seen else ""

        def place(source: Source, field: str) -> Source:
            from pydotorg_build.places import place_of_field

            return place_of_field(self.root, source, field)

        return Site(
            self.settings, self.types, look.entries.listed, now,
            fetch=look.entries.fetch, file=file, changed=changed, place=place,
        )  # fmt: skip

    def snapshots_built_from(self) -> dict[str, dict[str, Any]]:
        """Which snapshots the site is built from, of those that say which they are."""
        found = {name: self.snapshots.meta(name) for name in self.settings.snapshots}
        return {
            name: {"epoch": meta.get("epoch", ""), "number": int(meta["number"])}
            for name, meta in found.items()
            if meta.get("number", "").isdecimal()
        }

    def assets(self, look: Look) -> Assets:
        """The static files as they are published."""
        from pydotorg_build.assets import AssetMaker

        prefix = f"{self.settings.static}/"
        files = {p: seen.digest for p, seen in look.sources.items() if p.startswith(prefix)}
        maker = AssetMaker(self.root, self.settings, self.memo, dev=self.settings.dev)
        return maker.make(files)

    def restamp(self, look: Look) -> None:
        """Note how files look that were touched, and say the same as before."""
        with self.record.transaction() as db:
            db.executemany("INSERT OR REPLACE INTO source VALUES(?,?,?,?,?)", look.source_rows())
            self.restamp_outputs(look)
        self.sources = look.sources or self.sources

    def restamp_outputs(self, look: Look) -> None:
        """Note how published files look that were touched, or came back with the cache."""
        sql = "UPDATE output SET size=?, mtime=?, inode=? WHERE path=?"
        self.record.db.executemany(sql, look.touched)
        self.record.put("boot", boot())

    def index(self, has_more: Callable[[], bool], is_doubted: bool) -> list[str]:
        """Index what search finds, where it changed; return the names of the bundles.

        `is_doubted` after a start of the system: then what was written may not be on the disk.
        Raises GaveWay where something else is to be built first.
        """
        wanted = self.settings.search and self.options.search
        if not wanted and not self.record.get("bundles"):
            return []
        from pydotorg_build.search import Indexing

        indexing = Indexing(self, has_more, is_doubted=is_doubted)
        return indexing.index() if wanted else indexing.remove()

    def roll_back(self) -> None:
        """Serve the other tree, which is one build older."""
        if self.is_behind():
            self.trees.exchange()
        elif (self.own / "dirty").exists():
            # A build was killed while it made the other tree into the next site.
            message = "the build before this is not whole any more: a build was ended within"
            hint = "take the change back and build; that build is whole, as each one is"
            raise Problems([Problem(Source(str(self.output)), message, hint)])
        # After a first build the tree beside it is a copy of it, without what search needs.
        if not self.settings.whole or self.trees.inode_other() in (0, self.record.get("twin", 0)):
            hint = "only builds of this machine with `whole = true` can be rolled back"
            problem = Problem(Source(str(self.output)), "there is no build before this", hint)
            raise Problems([problem])
        self.trees.exchange()

"""Where builds are made: the stores, the two trees, and what is known of the last build.

A workshop is opened for one build, or kept open by the watcher; then what the last build knew is
still in memory, and a build looks only at what was touched.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from pydotorg_build import commits
from pydotorg_build.cache import Memo, Record
from pydotorg_build.content import types_of
from pydotorg_build.content.base import ContentType, nothing
from pydotorg_build.digests import digest, digest_texts
from pydotorg_build.engine import engine_digest
from pydotorg_build.problems import Problem, Problems, Source
from pydotorg_build.settings import Settings
from pydotorg_build.site import Listed, Site, scopes_of
from pydotorg_build.snapshot import Snapshots
from pydotorg_build.sources import Scan, Seen, Stamp, is_fresh, is_plain, look_again, stamp_of
from pydotorg_build.spares import Spares, boot
from pydotorg_build.write import Trees, lock

if TYPE_CHECKING:
    import datetime

    from pydotorg_build.assets import AssetRef, Assets
    from pydotorg_build.frame import Frame
    from pydotorg_build.load import File
    from pydotorg_build.outputs import Outputs
    from pydotorg_build.plan import Changes

T = TypeVar("T")
R = TypeVar("R")
NEVER = Stamp(-1, -1, -1)
# A folder with one of these is a site; any may have been altered.
OURS = ("frame.json", "_headers", "_redirects")


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
        self.listed: dict[str, dict[str, Listed]] = {}
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
        self.sources, self.listed = None, {}
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
        look = Look(self, now, setup, engine.whole, Changes(), posters=engine.posters)
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
        self.listed = {}

    def remember_entries(self) -> None:
        """Read the cards of all entries, unless they are in memory already."""
        if self.listed:
            return
        decoders = {name: msgspec.msgpack.Decoder(kind.card) for name, kind in self.kinds.items()}
        self.listed = {name: {} for name in self.kinds}
        sql = "SELECT kind, id, card, card_digest, digest, path, since, until FROM entry"
        for kind, id, card, *rest in self.record.rows(sql):
            if kind in decoders:
                self.listed[kind][id] = Listed(decoders[kind].decode(card), *rest)

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

        return Site(
            self.settings, self.types, look.listed, now,
            fetch=look.fetch, file=file, changed=changed,
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

    def index(self) -> list[str]:
        """Index what search finds, where it changed; return the names of the bundles."""
        wanted = self.settings.search and self.options.search
        if not wanted and not self.record.get("bundles"):
            return []
        from pydotorg_build.search import Indexing

        indexing = Indexing(self)
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
        if not self.settings.whole or not self.trees.inode_other():
            hint = "only builds of this machine with `whole = true` can be rolled back"
            problem = Problem(Source(str(self.output)), "there is no build before this", hint)
            raise Problems([problem])
        self.trees.exchange()


@dataclass
class Look:
    """What differs from the last build, and how everything is now."""

    shop: Workshop
    now: float
    setup: str
    engine: str
    changes: Changes
    prose: str = ""
    posters: str = ""
    problems: list[Problem] = field(default_factory=list)
    to_read: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    strays: list[str] = field(default_factory=list)
    altered: set[str] = field(default_factory=set)
    touched: list[tuple[int, int, int, str]] = field(default_factory=list)
    sources: dict[str, Seen] = field(default_factory=dict)
    restamped: dict[str, Seen] = field(default_factory=dict)
    listed: dict[str, dict[str, Listed]] = field(default_factory=dict)
    fresh: dict[tuple[str, str], Any] = field(default_factory=dict)
    lost: set[tuple[str, str]] = field(default_factory=set)
    left_out: dict[str, list[str]] = field(default_factory=dict)
    dropped: set[str] = field(default_factory=set)
    head: str = ""
    days: dict[str, str] = field(default_factory=dict)
    references: dict[str, tuple[str, list[str]]] = field(default_factory=dict)
    closures: dict[str, str] = field(default_factory=dict)
    frame: str = ""
    refs: dict[str, AssetRef] = field(default_factory=dict)
    is_clean: bool = False
    is_elsewhere: bool = False
    different: bool = False
    _stamps: dict[str, Stamp] = field(default_factory=dict)
    _seen_at: int = 0
    _decoders: dict[str, Any] = field(default_factory=dict)
    _ahead: dict[tuple[str, str], bytes] = field(default_factory=dict)

    # -- sources

    def see(self, touched: Iterable[str] | None) -> None:
        """Look at sources, outputs, commits and the clock."""
        record = self.shop.record
        self.changes.everything = record.get("setup") != self.setup
        self.left_out = record.get("left_out", {})
        if self.changes.everything:
            reason = "settings or engine changed" if record.get("setup") else "no cache"
            self.changes.reasons["everything"] = reason
        if touched is None or self.changes.everything:
            outputs = self._outputs()
            self._see_sources(None)
            self.altered, self.touched, self.strays = outputs.seen()
            self.changes.outputs |= self.altered
        else:
            self._see_sources(touched)
        self._see_others()
        self._see_commits()
        self.is_clean = not (self.to_read or self.problems or self.differs())

    def _see_others(self) -> None:
        """What lies where the site is to be must be a site, when nobody knows of a build there."""
        output = self.shop.output
        if self.shop.record.get("setup") or not output.exists():
            return
        message, hint = "", "name another with --output, or empty it by hand"
        if not output.is_dir():
            message, hint = "this is a file, and no folder", "name another with --output"
        elif any(output.iterdir()) and not any((output / name).exists() for name in OURS):
            message = "this folder has files in it, and no site was built there"
        if message:
            self.problems.append(Problem(Source(str(output)), message, hint))

    def differs(self) -> bool:
        """Is anything another than the last build knew it?"""
        record = self.shop.record
        since, until = record.get("valid", [math.inf, -math.inf])
        return bool(
            self.changes.everything
            or self.different
            or self.gone
            or self.altered
            or self.strays
            or self.shop.is_behind()
            or self.head != record.get("commits", ["", {}])[0]
            or not since <= self.now < until
        )

    def _see_sources(self, touched: Iterable[str] | None) -> None:
        shop = self.shop
        before = shop.sources or {}
        self._seen_at = time.time_ns()
        again = set(look_again(shop.root, touched or (), shop.folders()))
        # A file that is new, or none, must pass all that a whole look checks.
        strange = any(path not in before or not is_plain(shop.root / path) for path in again)
        strange = strange or not set(shop.settings.snapshots).isdisjoint(touched or ())
        if touched is None or strange:
            scan = Scan(shop.root, shop.folders())
            self._stamps = scan.stamps | shop.snapshots.stamps(before)
            self.problems = scan.problems
            self.gone = [path for path in before if path not in self._stamps]
        else:
            stamps = {path: stamp_of(shop.root / path) for path in again}
            self._stamps = {path: stamp for path, stamp in stamps.items() if stamp}
            self.gone = [p for p, stamp in stamps.items() if stamp is None and p in before]
        every = self.changes.everything or shop.options.hash_only
        self.to_read = sorted(
            path
            for path, stamp in self._stamps.items()
            if every or path not in before or before[path].stamp != stamp
        )
        self.sources = {} if self.changes.everything else before

    def take(self, files: Iterable[File]) -> list[Problem]:
        """Take over what was read: new entries in place of old ones.  Tell what does not fit."""
        shop, changes = self.shop, self.changes
        self.sources = dict(self.sources)
        for path in self.gone:
            self.sources.pop(path, None)
        if changes.everything:
            self.listed = {name: {} for name in shop.kinds}
        else:
            shop.remember_entries()
            self.listed = dict(shop.listed)
        files = list(files)
        different = [file for file in files if self._restamp(file)]
        self.different = bool(different)
        changes.scopes |= {f"file:{path}" for path in [*self.gone, *(f.path for f in different)]}
        self._leave_out(different)
        problems = self._replace_entries(different)
        self._flip_by_the_clock()
        self._note_commits()
        return problems

    def _leave_out(self, files: Iterable[File]) -> None:
        """Rows that cannot be read are told in each build until they are mended, and stop none."""
        known = {} if self.changes.everything else self.left_out
        self.left_out = {path: known[path] for path in known if path not in self.gone}
        for file in files:
            self.left_out.pop(file.path, None)
            if file.problems:
                self.left_out[file.path] = [str(problem) for problem in file.problems]

    def _restamp(self, file: File) -> bool:
        """Note how a file looks now; say whether its content is another."""
        stamp = self._stamps[file.path]
        before = self.sources.get(file.path)
        kept = NEVER if is_fresh(stamp, self._seen_at) else stamp
        self.sources[file.path] = self.restamped[file.path] = Seen(kept, file.digest)
        return before is None or before.digest != file.digest

    def _replace_entries(self, files: Sequence[File]) -> list[Problem]:
        shop, content = self.shop, f"{self.shop.settings.content}/"
        paths = {
            path
            for path in (*self.gone, *(file.path for file in files))
            if path.startswith(content) or shop.snapshots.holds(path)
        }
        old = {} if self.changes.everything else self._entries_of(paths)
        for kind in {kind for kind, _ in old} | {e.kind for f in files for e in f.entries}:
            self.listed[kind] = dict(self.listed.get(kind, {}))
        for kind, id in old:
            del self.listed[kind][id]
        problems: list[Problem] = []
        for file in files:
            for entry in file.entries:
                problems += self._add(file.path, entry)
        for key, before in old.items():
            self._compare(key, before, self.listed[key[0]].get(key[1]))
        for key in self.fresh.keys() - old.keys():
            self._compare(key, None, self.listed[key[0]][key[1]])
        return problems

    def _entries_of(self, paths: set[str]) -> dict[tuple[str, str], Listed]:
        sql = "SELECT kind, id FROM entry WHERE path IN ({})"
        rows = self.shop.record.rows_in(sql, sorted(paths))
        return {(k, id): self.listed[k][id] for k, id in rows if id in self.listed.get(k, {})}

    def _add(self, path: str, entry: Any) -> Iterator[Problem]:
        rows = self.listed[entry.kind]
        if entry.id in rows:
            # Sorted, so that it is told alike whichever of the two was there before.
            mine = msgspec.msgpack.decode(entry.data, type=self.shop.kinds[entry.kind].entry)
            first, second = sorted([mine.source, self.fetch(entry.kind, entry.id).source])
            message = f"{entry.id} is already taken by {first}"
            yield Problem(second, message, "rename or change one of them")
            return
        kind = self.shop.kinds[entry.kind]
        if entry.kind not in self._decoders:
            self._decoders[entry.kind] = msgspec.msgpack.Decoder(kind.card)
        card = self._decoders[entry.kind].decode(entry.card)
        rows[entry.id] = Listed(
            card, entry.card_digest, entry.digest, path, entry.since, entry.until
        )
        self.fresh[entry.kind, entry.id] = entry

    def _compare(self, key: tuple[str, str], old: Listed | None, new: Listed | None) -> None:
        """Note what an entry's change touches."""
        changes, (kind, id) = self.changes, key
        if old and new and old.entry_digest == new.entry_digest and _same_time(old, new):
            return
        changes.scopes |= {f"{kind}#{id}", f"{kind}*"}
        before = set(old.card.groups) if old else set()
        after = set(new.card.groups) if new else set()
        changes.groups |= {(kind, group) for group in after}
        if not (old and new and old.digest == new.digest and _same_time(old, new)):
            changes.scopes |= scopes_of(kind, id, before | after)
        if old is None:
            changes.added.add(key)
        if new is None:
            self.lost.add(key)
            self.dropped.add(f"one:{kind}:{id}")
        self._drop_groups(kind, before - after)

    def _drop_groups(self, kind: str, left: set[str]) -> None:
        """A group that lost its last card is no unit any more."""
        if left:
            still = {group for row in self.listed[kind].values() for group in row.card.groups}
            self.dropped |= {f"group:{kind}:{group}" for group in left - still}

    def _flip_by_the_clock(self) -> None:
        """Entries that came or went since the last build only because time went on, or back."""
        before = self.shop.record.get("now", self.now)
        if self.changes.everything or before == self.now:
            return
        for kind, rows in self.listed.items():
            for id, row in rows.items():
                if row.since == -math.inf and row.until == math.inf:
                    continue
                if (row.since <= before < row.until) != (row.since <= self.now < row.until):
                    scopes = scopes_of(kind, id, row.card.groups) | {f"{kind}#{id}", f"{kind}*"}
                    self.changes.scopes |= scopes

    # -- outputs and commits

    def _outputs(self) -> Outputs:
        from pydotorg_build.outputs import Outputs

        shop = self.shop
        self.is_elsewhere = shop.record.get("boot", "") != boot()
        return Outputs(shop.record, shop.newest(), shop.options.jobs, by_content=self.is_elsewhere)

    def _see_commits(self) -> None:
        if self.shop.settings.git_dates:
            self.head = commits.head(self.shop.root)

    def _note_commits(self) -> None:
        before, known = self.shop.record.get("commits", ["", {}])
        self.days = commits.days(self.shop.root, self.shop.record, self.head)
        if before != self.head:
            paths = {p for p in known.keys() | self.days if known.get(p) != self.days.get(p)}
            self.changes.scopes |= {f"changed:{path}" for path in paths}

    # -- what later stages ask

    def source_rows(self) -> Iterator[tuple[str, int, int, int, str]]:
        """What the record is to keep of the files that were read."""
        for path, seen in self.restamped.items():
            yield path, seen.stamp.mtime, seen.stamp.size, seen.stamp.inode, seen.digest

    def fetch_ahead(self, units: Iterable[str]) -> None:
        """Bring the entries that units are of, with one question for each kind."""
        ids: dict[str, list[str]] = {}
        for unit in units:
            if unit.startswith("one:"):
                _, kind, id = unit.split(":", 2)
                ids.setdefault(kind, []).append(id)
        sql = "SELECT id, data FROM entry WHERE kind=? AND id IN ({})"
        self._ahead = {
            (kind, id): data
            for kind, wanted in ids.items()
            for id, data in self.shop.record.rows_in(sql, wanted, kind)
        }

    def fetch(self, kind: str, id: str) -> Any:
        """One full entry."""
        if (kind, id) in self.fresh:
            data = self.fresh[kind, id].data
        elif (kind, id) in self._ahead:
            data = self._ahead[kind, id]
        else:
            sql = "SELECT data FROM entry WHERE kind=? AND id=?"
            ((data,),) = self.shop.record.rows(sql, kind, id)
        return msgspec.msgpack.decode(data, type=self.shop.kinds[kind].entry)

    def every_unit(self) -> list[str]:
        """The keys of all units there are."""
        keys = []
        for kind in self.shop.types:
            rows = self.listed.get(kind.name, {})
            if kind.of_one is not nothing:
                keys += [f"one:{kind.name}:{id}" for id in rows]
            if kind.of_group is not nothing:
                groups = {group for row in rows.values() for group in row.card.groups}
                keys += [f"group:{kind.name}:{group}" for group in sorted(groups)]
            if kind.of_all is not nothing:
                keys.append(f"all:{kind.name}")
        return keys

    def templates_changed(self, frame: Frame, refs: Mapping[str, AssetRef]) -> None:
        """Note which templates, with what they take in and the frame, are not what they were."""
        from pydotorg_build.templates import closures, references

        record, settings = self.shop.record, self.shop.settings
        digests = {path: seen.digest for path, seen in self.sources.items()}
        known = record.get("references", {})
        self.references, problems = references(self.shop.root, settings.templates, digests, known)
        if problems:
            raise Problems(problems)
        self.closures, self.frame, self.refs = closures(self.references), digest(frame), dict(refs)
        before = record.get("closures", {})
        if record.get("frame") != self.frame:
            self.changes.templates |= before.keys() | self.closures.keys()
        else:
            names = before.keys() | self.closures.keys()
            self.changes.templates |= {n for n in names if before.get(n) != self.closures.get(n)}


def _same_time(old: Listed, new: Listed) -> bool:
    return old.since == new.since and old.until == new.until

"""What differs from the last build, and how everything is now: the first stage of a build.

A look reads the record and the disk, and changes neither; later stages ask it for entries.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec

from pydotorg_build import commits
from pydotorg_build.content.base import nothing
from pydotorg_build.digests import digest
from pydotorg_build.outputs import Differences, Outputs
from pydotorg_build.problems import Problem, Problems, Source
from pydotorg_build.site import Listed, Listing, scopes_of
from pydotorg_build.sources import Scan, Seen, Stamp, is_fresh, is_plain, look_again, stamp_of
from pydotorg_build.spares import boot

if TYPE_CHECKING:
    from pydotorg_build.assets import AssetRef
    from pydotorg_build.frame import Frame
    from pydotorg_build.load import File
    from pydotorg_build.plan import Changes
    from pydotorg_build.workshop import Workshop

# Entries that are shown at one of two moments, and not at the other.
FLIPPED = """
SELECT kind, id FROM entry WHERE (since > -1e300 OR until < 1e300)
    AND (since <= ?1 AND ?1 < until) != (since <= ?2 AND ?2 < until)
"""
NEVER = Stamp(-1, -1, -1)
# A folder with one of these is a site; any may have been altered.
OURS = ("frame.json", "_headers", "_redirects")


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
    sources: dict[str, Seen] = field(default_factory=dict)
    restamped: dict[str, Seen] = field(default_factory=dict)
    listed: Listing = field(default_factory=lambda: Listing(lambda kind: {}))
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
    _outputs: Outputs | None = None
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
        try:
            if touched is None or self.changes.everything:
                self._see_outputs()
                touched = None
            self._see_sources(touched)
            self._see_others()
            self._see_commits()
            self.is_clean = not (self.to_read or self.problems or self.differs())
        except BaseException:
            self.close()
            raise

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
            or self.shop.is_behind()
            or self.head != record.get("commits", ["", {}])[0]
            or not since <= self.now < until
            or self.altered
            or self.strays
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
        if not changes.everything:
            self.listed = shop.listed.copy()
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
            self.listed[kind] = dict(self.listed[kind])
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
        return {(k, id): self.listed[k][id] for k, id in rows if id in self.listed[k]}

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
        for kind, id in self.shop.record.rows(FLIPPED, before, self.now):
            if row := self.listed[kind].get(id):
                scopes = scopes_of(kind, id, row.card.groups) | {f"{kind}#{id}", f"{kind}*"}
                self.changes.scopes |= scopes

    # -- outputs and commits

    def _see_outputs(self) -> None:
        """Begin to look at the published files; other stages go on meanwhile."""
        shop = self.shop
        self.is_elsewhere = shop.record.get("boot", "") != boot()
        self._outputs = Outputs(
            shop.record, shop.newest(), shop.options.jobs, by_content=self.is_elsewhere
        )

    @cached_property
    def _differences(self) -> Differences:
        return self._outputs.seen(self.shop.record) if self._outputs else Differences(set(), [], [])

    @property
    def altered(self) -> set[str]:
        """The published files that must be made anew, as they do not say what was written."""
        return self._differences.altered

    @property
    def touched(self) -> list[tuple[int, int, int, str]]:
        """How those look now that were touched, and say what was written."""
        return self._differences.touched

    @property
    def strays(self) -> list[str]:
        """What lies among them and was never published."""
        return self._differences.strays

    def close(self) -> None:
        """End what was begun: a look at the published files that nobody waited for."""
        if self._outputs:
            self._outputs.close()

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
            rows = self.listed[kind.name]
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

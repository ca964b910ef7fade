"""What differs from the last build, and how everything is now: the first stage of a build.

A look reads the record and the disk, and changes neither; later stages ask it for entries.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from pydotorg_build import commits
from pydotorg_build.digests import digest
from pydotorg_build.outputs import Differences, Outputs
from pydotorg_build.problems import Problem, Problems, Source
from pydotorg_build.sources import Scan, Seen, Stamp, is_fresh, is_plain, look_again, stamp_of
from pydotorg_build.spares import boot

if TYPE_CHECKING:
    from pydotorg_build.assets import AssetRef
    from pydotorg_build.entries import Entries
    from pydotorg_build.frame import Frame
    from pydotorg_build.load import File
    from pydotorg_build.plan import Changes
    from pydotorg_build.workshop import Workshop

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
    entries: Entries
    prose: str = ""
    posters: str = ""
    problems: list[Problem] = field(default_factory=list)
    to_read: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    sources: dict[str, Seen] = field(default_factory=dict)
    restamped: dict[str, Seen] = field(default_factory=dict)
    left_out: dict[str, list[str]] = field(default_factory=dict)
    flawed: dict[str, list[str]] = field(default_factory=dict)
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

    # -- sources

    def see(self, touched: Iterable[str] | None) -> None:
        """Look at sources, outputs, commits and the clock."""
        record = self.shop.record
        self.changes.everything = record.get("setup") != self.setup
        self.left_out = record.get("left_out", {})
        if self.changes.everything:
            reason = "settings or engine changed" if record.get("setup") else "no cache"
            self.changes.reasons["everything"] = reason
        else:
            self.flawed = record.get("flawed", {})
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
        files = list(files)
        different = [file for file in files if self._restamp(file)]
        self.different = bool(different)
        changes.scopes |= {f"file:{path}" for path in [*self.gone, *(f.path for f in different)]}
        self._leave_out(different)
        content = f"{shop.settings.content}/"
        paths = {
            path
            for path in (*self.gone, *(file.path for file in different))
            if path.startswith(content) or shop.snapshots.holds(path)
        }
        problems = self.entries.replace(paths, different)
        self.entries.flip_by_the_clock(self.now)
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

"""The end of a build: write it down, check it as a whole, and let it be served in one step."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from pydotorg_build import hosting
from pydotorg_build.artifacts import Artifact, Data, Redirect
from pydotorg_build.before import Before
from pydotorg_build.content.switches import places_of
from pydotorg_build.digests import digest
from pydotorg_build.forwarding import flattened
from pydotorg_build.link_check import LinkCheck
from pydotorg_build.places import place_of_address
from pydotorg_build.plan import (
    Planned,
    Unit,
    question_rows,
)
from pydotorg_build.problems import Problem, Problems, Source
from pydotorg_build.rendering import Rendered, Rendering
from pydotorg_build.swap import Swap

if TYPE_CHECKING:
    from pydotorg_build.look import Look
    from pydotorg_build.workshop import Workshop

DAY = 86_400
SITE = Source("(site)")
Reader = Callable[[str], bytes]
Inspect = Callable[[Reader], object]


class _OnlyChecked(Exception):
    """Ends a transaction that is not to be kept."""


class Publication:
    """One build's way into what is served."""

    def __init__(self, shop: Workshop, look: Look, rendering: Rendering, now: float) -> None:
        self._shop, self._look, self._rendering, self._now = shop, look, rendering, now
        self._record = shop.record
        self.swap = Swap(shop, look.strays)
        self.tolerated: list[str] = []

    def publish(self, units: list[Unit], rendered: list[Rendered]) -> None:
        """Do it all, or nothing: a problem leaves record and served folder as they were."""
        with self._record.transaction():
            rendered, removed = self._write_down(units, rendered)
            changed = self.swap.put(rendered, removed)
            self._write_state()
        (self._shop.own / "dirty").unlink(missing_ok=True)
        if changed:
            self.swap.serve()
        self._shop.sources, self._shop.listed = self._look.sources, self._look.entries.listed

    def check(self, units: list[Unit], rendered: list[Rendered], inspect: Inspect) -> None:
        """Raise the problems that publishing would, and change nothing.

        `inspect` looks at the site as it would be: the record says what there is.
        """
        with suppress(_OnlyChecked), self._record.transaction():
            rendered, _ = self._write_down(units, rendered)
            staged = {one.path: one.staged for one in rendered if one.staged}
            served = self._shop.newest()

            def read(path: str) -> bytes:
                if path in staged:
                    return Path(staged[path]).read_bytes()
                return (served / path).read_bytes()

            inspect(read)
            raise _OnlyChecked

    def _write_down(
        self, units: list[Unit], rendered: list[Rendered]
    ) -> tuple[list[Rendered], set[str]]:
        """Put all that was made into the record, and check it against the rest of the site."""
        gone = {unit.key for unit in units} | self._look.entries.dropped
        before = Before(self._shop, self._look, gone, rendered)
        self._write_sources()
        self._shop.restamp_outputs(self._look)
        self._write_units(units, gone)
        if before.site_differs(units, self._look):
            rendered = [*rendered, *self._site_files()]
        removed = self._write_outputs(rendered, before)
        check = LinkCheck(self._shop, self._look, self._now)
        found = check.problems(rendered, removed, before)
        self.tolerated += check.tolerated
        if found:
            raise Problems(found)
        return rendered, removed

    # -- the record

    def _write_sources(self) -> None:
        db, look = self._record.db, self._look
        if look.changes.everything:
            db.execute("DELETE FROM source")
            db.execute("DELETE FROM entry")
        db.executemany("DELETE FROM source WHERE path=?", [(path,) for path in look.gone])
        db.executemany("INSERT OR REPLACE INTO source VALUES(?,?,?,?,?)", look.source_rows())
        db.executemany("DELETE FROM entry WHERE kind=? AND id=?", look.entries.lost)
        db.executemany(
            "INSERT OR REPLACE INTO entry VALUES(?,?,?,?,?,?,?,?,?)",
            [
                (kind, id, look.entries.listed[kind][id].path, e.digest, e.card, e.card_digest, e.data,
                 e.since, e.until)
                for (kind, id), e in look.entries.fresh.items()
            ],
        )  # fmt: skip

    def _write_units(self, units: Iterable[Unit], gone: Iterable[str]) -> None:
        db, units = self._record.db, list(units)
        if self._look.changes.everything and len(units) > 1:
            for table in ("unit", "asked", "artifact"):
                db.execute(f"DELETE FROM {table}")
        keys = [(key,) for key in gone]
        for table, column in (("unit", "key"), ("asked", "unit"), ("artifact", "unit")):
            db.executemany(f"DELETE FROM {table} WHERE {column}=?", keys)
        db.executemany(
            "INSERT INTO unit VALUES(?,?,?)",
            [(unit.key, unit.since, unit.until) for unit in units],
        )
        questions = (row for unit in units for row in question_rows(unit))
        db.executemany("INSERT INTO asked VALUES(?,?,?,?)", questions)
        rows = (row for unit in units for row in unit.rows)
        db.executemany("INSERT OR IGNORE INTO artifact VALUES(?,?,?,?,?,?,?,?,?)", rows)

    def _write_state(self) -> None:
        look, record = self._look, self._record
        record.put("setup", look.setup)
        record.put("now", self._now)
        record.put("frame", look.frame)
        record.put("left_out", look.left_out)
        record.put("flawed", look.flawed)
        record.put("references", look.references)
        record.put("closures", look.closures)
        record.put("commits", [look.head, look.days])
        record.put("valid", self._valid())
        record.put("snapshots", self._shop.snapshots_built_from())

    def _valid(self) -> tuple[float, float]:
        """From when until when a build without other changes would give the same."""
        rows = self._record.rows
        ((since, until),) = rows("SELECT max(since), min(until) FROM unit")
        moments = [
            moment
            for row in rows("SELECT since, until FROM entry WHERE since > -1e300 OR until < 1e300")
            for moment in row
        ]
        moments += [moment for (moment,) in rows("SELECT until FROM kept")]
        before = [moment for moment in moments if moment <= self._now]
        after = [moment for moment in moments if moment > self._now]
        return max([since, *before]), min([until, *after], default=math.inf)

    # -- what belongs to the site as a whole

    def _site_files(self) -> list[Rendered]:
        """`_redirects`, `_headers`, the sitemap and the frame, of all artifacts there are now."""
        planned = [Planned(a, "site", digest(a)) for a in self._site_artifacts()]
        self._write_units([Unit("site", planned)], ["site"])
        return [self._rendering.render(job) for job in self._rendering.stale(planned)]

    def _site_artifacts(self) -> Iterator[Artifact]:
        settings, rows = self._shop.settings, self._record.rows
        lines = rows("SELECT line FROM artifact WHERE type='Redirect'")
        every = self._flattened(msgspec.msgpack.decode(line, type=Redirect) for (line,) in lines)
        yield Data(url="/_redirects", content=hosting.redirects(every, settings), source=SITE)
        pages = rows("SELECT url, updated FROM artifact WHERE type='Page'")
        sections = sorted({url.split("/")[1] for url, _ in pages if url.count("/") > 1})
        text = hosting.headers(
            sections[: hosting.SECTIONS], noindex=settings.noindex, dev=settings.dev
        )
        yield Data(url="/_headers", content=text, source=SITE)
        listed = [(url, updated) for url, updated in pages if updated]
        for url, text in hosting.sitemaps(listed, settings.url).items():
            yield Data(url=url, content=text, source=SITE)
        yield Data(url="/frame.json", content=self._rendering.frame, source=SITE)
        if settings.snapshots:
            content = {
                "snapshots": self._shop.snapshots_built_from(),
                "quarantined": quarantined(self._shop, self._look),
            }
            yield Data(url="/build.json", content=content, source=SITE)

    def _flattened(self, every: Iterable[Redirect]) -> list[Redirect]:
        """Redirects that lead to their end in one step."""
        rows = self._record.rows("SELECT url FROM artifact WHERE type != 'Redirect'")
        there = {url for (url,) in rows}
        off = places_of(self._shop.settings.off)
        every = [one for one in every if not (off and one.target.startswith(off))]
        flat, circles = flattened(every, there.__contains__)
        if circles:
            root = self._shop.root
            raise Problems(
                Problem(place_of_address(root, p.source, p.message.partition(" ")[0]), p.message,
                        p.hint)
                for p in circles
            )  # fmt: skip
        return flat

    # -- outputs

    def _write_outputs(self, rendered: Iterable[Rendered], before: Before) -> set[str]:
        """Write down how the new files look; return the paths that nothing publishes any more."""
        db = self._record.db
        rendered = list(rendered)
        sql = "UPDATE output SET fingerprint=?, bundle=?, indexed=?, data=? WHERE path=?"
        same = [
            (one.fingerprint, one.bundle, one.indexed, one.data, one.path)
            for one in rendered
            if not one.staged
        ]
        db.executemany(sql, same)
        db.executemany(
            "INSERT OR REPLACE INTO output VALUES(?,?,?,?,?,?,?,?,?)",
            [
                (one.path, one.fingerprint, one.digest, one.stamp.size, one.stamp.mtime,
                 one.stamp.inode, one.bundle, one.indexed, one.data)
                for one in rendered
                if one.staged
            ],
        )  # fmt: skip
        links = [
            (one.path, one.targets, one.ids) for one in rendered if before.links_otherwise(one)
        ]
        db.executemany("INSERT OR REPLACE INTO linked VALUES(?,?,?)", links)
        orphans = self._orphans(before.paths)
        removed = orphans - self._keep(orphans)
        for table in ("output", "linked"):
            db.executemany(f"DELETE FROM {table} WHERE path=?", [(path,) for path in removed])
        return removed

    def _orphans(self, before: set[str]) -> set[str]:
        """The files that were published and are not any more."""
        rows_in = self._record.rows_in
        candidates = before | {path for (path,) in self._record.rows("SELECT path FROM kept")}
        sql = "SELECT path FROM artifact WHERE path IN ({})"
        still = {path for (path,) in rows_in(sql, candidates)}
        sql = "SELECT path FROM output WHERE path IN ({})"
        return {path for (path,) in rows_in(sql, candidates - still)}

    def _keep(self, orphans: set[str]) -> set[str]:
        """Assets that no page names any more stay a while: pages in caches still name them."""
        db, settings, altered = self._record.db, self._shop.settings, self._look.altered
        is_named = "EXISTS (SELECT 1 FROM artifact WHERE artifact.path = kept.path)"
        db.execute(f"DELETE FROM kept WHERE {is_named}")
        if settings.kept_days and not settings.dev:
            until = self._now + settings.kept_days * DAY
            new = [(p, until) for p in orphans if p.startswith("assets/") and p not in altered]
            db.executemany("INSERT OR IGNORE INTO kept VALUES(?,?)", new)
        db.execute("DELETE FROM kept WHERE until <= ?", (self._now,))
        db.executemany("DELETE FROM kept WHERE path=?", [(path,) for path in altered])
        return {path for (path,) in self._record.rows("SELECT path FROM kept")} & orphans


def quarantined(shop: Workshop, look: Look) -> dict[str, list[str]]:
    """The rows of snapshots that could not be taken, each with what is wrong with it.

    Their pages are as they were before, where the snapshot has what that was.
    """
    return {
        shop.snapshots.within(path): [line.removeprefix(f"{path}: ") for line in lines]
        for path, lines in sorted(look.left_out.items())
        if shop.snapshots.holds(path)
    }

"""The program: what one build does, in the order it does it.  Read `Build.run` first."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from pydotorg_build import last_build
from pydotorg_build.cache import UNTRUSTED
from pydotorg_build.content.base import nothing
from pydotorg_build.forgetting import forget_unwanted
from pydotorg_build.look import Look
from pydotorg_build.owed import Faults
from pydotorg_build.problems import Problem, Problems, told_once
from pydotorg_build.workshop import GaveWay, Workshop

if TYPE_CHECKING:
    from pydotorg_build.frame import Frame
    from pydotorg_build.load import File
    from pydotorg_build.plan import Planner, Unit
    from pydotorg_build.publishing import Inspect
    from pydotorg_build.rendering import Made, Rendered, Rendering
    from pydotorg_build.site import Site


@dataclass
class Report:
    """What a build did; times are seconds."""

    changed: bool = False
    written: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    rendered: int = 0
    read: int = 0
    planned: dict[str, str] = field(default_factory=dict)
    bundles: list[str] = field(default_factory=list)
    search_waits: bool = False
    stages: dict[str, float] = field(default_factory=dict)
    slowest: list[tuple[float, str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    flawed: list[str] = field(default_factory=list)

    @property
    def said(self) -> list[str]:
        """What people are told of it, beside what was done."""
        return [*self.notes, *self.flawed, *(f"left out: {line}" for line in self.left_out)]


@dataclass(frozen=True)
class Plan:
    """What is to be made: units that are `stale`, each with the reason, and those of the frame."""

    planner: Planner
    frame: Frame
    stale: dict[str, str]
    units: list[Unit]


def build(
    workshop: Workshop, now: float, touched: Iterable[str] | None = None,
    has_more: Callable[[], bool] = lambda: False,
) -> Report:  # fmt: skip
    """Build the site as it is at `now` (seconds since 1970).

    `touched` are the only source files that may differ from the last build of this workshop, where
    that is known.  Search gives way as soon as `has_more` says that something else is to be built.
    Raises Problems, and then what is served is as it was.
    """
    with workshop.locked(), without_collecting():
        try:
            return Build(workshop, now, has_more=has_more).run(touched)
        except UNTRUSTED:
            workshop.begin_anew()
            return Build(workshop, now, has_more=has_more).run(None)


@contextmanager
def without_collecting() -> Iterator[None]:
    """A build keeps nearly all that it makes: to look for garbage in it costs a twentieth of it."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def check(workshop: Workshop, now: float, inspect: Inspect = nothing) -> Report:
    """Do all that a build does, but publish nothing.  Raises Problems.

    `inspect` is given what reads a file of the site as it would be, and then the record says the
    same site.
    """
    with workshop.locked(), without_collecting():
        return Build(workshop, now, inspect).run(None)


class Build:
    """One build.  Each stage takes what the ones before it found; what is served changes last."""

    def __init__(
        self, workshop: Workshop, now: float, inspect: Inspect | None = None,
        has_more: Callable[[], bool] = lambda: False,
    ) -> None:  # fmt: skip
        self.shop, self.now, self.inspect, self.has_more = workshop, now, inspect, has_more
        self.report = Report(notes=workshop.take_notes())
        self.faults = Faults(workshop.root)
        self._began = time.perf_counter()

    def run(self, touched: Iterable[str] | None) -> Report:
        with closing(self._timed("look", self.shop.look, self.now, touched)) as look:
            return self._after(look)

    def _after(self, look: Look) -> Report:
        if look.is_clean:
            if look.touched or look.is_elsewhere:
                self.shop.restamp(look)
            return self._searched(look)
        self._timed("load", self._load, look)
        if not look.differs():
            self.shop.restamp(look)
            return self._searched(look)
        self.report.changed = True
        with self.faults.told():
            site = self._timed("site", self._site, look)
            plan = self._timed("plan", self._plan, look, site)
            rendering, units, rendered = self._timed("render", self._render, look, plan)
            self._timed("publish", self._publish, look, units, rendering, rendered)
        forget_unwanted(self.shop.memo, self.shop.state)
        return self._searched(look)

    def _timed(self, name: str, stage: Callable[..., Any], *given: Any) -> Any:
        began = time.perf_counter()
        try:
            return stage(*given)
        finally:
            self.report.stages[name] = time.perf_counter() - began

    # -- load

    def _load(self, look: Look) -> None:
        """Read what may have changed; keep entries that did, and tell all that is wrong."""
        self._tell(look.problems)
        files = list(self._files(look))
        self.report.read = len(files)
        problems = [
            problem
            for file in files
            for problem in file.problems
            if not self.shop.snapshots.holds(file.path)
        ]
        problems += look.take(files)
        if self.inspect:
            self.faults.unread(problems)
        else:
            self._tell(problems)

    def _files(self, look: Look) -> Iterator[File]:
        """Read files, in several processes when they are many; rendered Markdown is remembered."""
        from pydotorg_build.load import Loader

        loader = Loader(
            self.shop.root, self.shop.settings, self.shop.types, look.prose, self.shop.memo.path,
            look.sources,
        )  # fmt: skip
        load = partial(map, loader.load)
        rows: list[tuple[str, bytes]] = []
        for file in self.shop.spread(load, look.to_read, loader.forked, "reading"):
            rows += file.prose
            if len(rows) > 500:
                self.shop.memo.put_all(rows)
                rows = []
            # What was rendered is in the memo now; held here it would be most of the memory.
            yield msgspec.structs.replace(file, prose=())
        self.shop.memo.put_all(rows)

    # -- site and plan

    def _site(self, look: Look) -> Site:
        return self.shop.site(look, self.now)

    def _plan(self, look: Look, site: Site) -> Plan:
        from pydotorg_build.attachments import Attachments
        from pydotorg_build.frame import make_frame
        from pydotorg_build.plan import Planner, Unit, stale_units

        assets = self.shop.assets(look)
        with site.asking() as asking:
            frame = make_frame(site, self.shop.settings, assets.refs)
        look.templates_changed(frame, assets.refs)
        planner = Planner(
            site,
            self.shop.types,
            Attachments(self.shop, look.engine),
        )
        stale = stale_units(self.shop.record, site, look.changes, look.entries.every_unit, self.now)
        static = [*assets.artifacts, *frame.posters.values()]
        units = [Unit.of("frame", asking, [], []), planner.static(static)]
        return Plan(planner, frame, stale, units)

    # -- render

    def _render(self, look: Look, plan: Plan) -> tuple[Rendering, list[Unit], list[Rendered]]:
        """Plan and render what has another fingerprint than its file, beside the trees.

        While the published files are still looked at, a few units are rendered as if none was
        altered; the rare time that one is, they are rendered once more.
        """
        from pydotorg_build.collisions import collisions
        from pydotorg_build.parallel import WORTH_IT
        from pydotorg_build.places import place_of_address
        from pydotorg_build.plan import units_to_render
        from pydotorg_build.rendering import Rendering

        rendering = Rendering(self.shop, look, plan.frame, plan.planner)
        stale = _largest_first(plan.stale.keys() - look.entries.dropped)
        if len(stale) >= WORTH_IT:
            rendering.altered = look.altered
        made = list(self._make(rendering, stale))
        if look.altered != rendering.altered:
            rendering.altered = look.altered
            made = list(self._make(rendering, stale))
        units = [*plan.units, *(one.unit for one in made)]
        rendered = {one.path: one for unit in made for one in unit.rendered}
        for key in look.entries.dropped:
            look.flawed.pop(key, None)
        self._tell_but_for_rows(look, {unit.key: unit.problems for unit in units})
        planned = units_to_render(self.shop.record, look.changes, look.altered)
        self.report.planned = planned | plan.stale
        keys = _largest_first(planned.keys() - plan.stale.keys() - look.entries.dropped)
        forked, render_again = rendering.forked, rendering.render_again
        for again in self.shop.spread(render_again, keys, forked, "rendering"):
            self._tell_but_for_rows(look, {again.key: again.problems})
            rendered |= {one.path: one for one in again.rendered}
        rows = [row for unit in units for row in unit.rows]
        gone = {unit.key for unit in units} | look.entries.dropped
        place = partial(place_of_address, self.shop.root)
        everything = look.changes.everything
        self._tell(collisions(self.shop.record, rows, gone, place, whole=everything))
        frame = [one for unit in plan.units for one in unit.planned]
        rendered |= {job.planned.path: rendering.render(job) for job in rendering.stale(frame)}
        self._tell(told_once(problem for one in rendered.values() for problem in one.problems))
        return rendering, units, list(rendered.values())

    def _make(self, rendering: Rendering, keys: list[str]) -> Iterator[Made]:
        """Plan and render units anew, and remember what was made on the way."""
        make = partial(map, rendering.make)
        for made in self.shop.spread(make, keys, rendering.forked, "rendering"):
            if made.memo:
                self.shop.memo.put_all(made.memo)
            yield msgspec.structs.replace(made, memo=())

    # -- publish

    def _publish(
        self, look: Look, units: list[Unit], rendering: Rendering, rendered: list[Rendered]
    ) -> None:
        """Write down what was made, check it as a whole, and let it be served in one step."""
        from pydotorg_build.publishing import Publication

        publication = Publication(self.shop, look, rendering, self.now)
        if self.inspect:
            # What would be looked at is not the whole site, where files have a fault.
            publication.check(units, rendered, nothing if self.faults else self.inspect)
            return
        publication.publish(units, rendered)
        self.report.notes += [*publication.tolerated, *self._leftovers(look)]
        self.report.written = publication.swap.written
        self.report.removed = publication.swap.removed
        self.report.rendered = len(rendered)
        self.report.slowest = sorted(
            ((one.seconds, one.url, one.template) for one in rendered), reverse=True
        )[:20]

    def _leftovers(self, look: Look) -> Iterator[str]:
        """Of the files that were read, what nobody has replaced since they were begun."""
        from pydotorg_build.leftovers import leftovers

        entries = look.entries
        fresh = (
            (kind, entries.listed[kind][id].path, one.data)
            for (kind, id), one in entries.fresh.items()
        )
        content = f"{self.shop.settings.content}/"
        of_files = (one for one in fresh if one[1].startswith(content))
        return map(str, leftovers(self.shop.root, self.shop.kinds, sorted(of_files)))

    # -- search

    def _searched(self, look: Look) -> Report:
        """Index what search finds, where it changed; pages are served already."""
        self.report.left_out = [line for path in sorted(look.left_out) for line in
                                look.left_out[path]]  # fmt: skip
        self.report.flawed = sorted({line for lines in look.flawed.values() for line in lines})
        if not self.inspect:
            try:
                self.report.bundles = self._timed(
                    "search", self.shop.index, self.has_more, look.is_elsewhere
                )
            except GaveWay:
                self.report.search_waits = True
        elif not self.report.changed:
            # What changed was looked at while it stood in the record.
            self.inspect(lambda path: (self.shop.newest() / path).read_bytes())
        seconds = time.perf_counter() - self._began
        self.report.stages["all"] = seconds
        if self.report.changed and not self.inspect:
            report = self.report
            kept = last_build.look(
                self.shop.record, self.now, rendered=report.rendered, seconds=seconds,
                written=len(report.written), removed=len(report.removed),
            )  # fmt: skip
            last_build.keep(self.shop.record, kept)
        return self.report

    def _tell_but_for_rows(self, look: Look, found: Mapping[str, Iterable[Problem]]) -> None:
        """What is wrong with a row of a snapshot stops nothing: nobody here can mend it.

        It is told in each build, until its unit is made without a fault.
        """
        others: list[Problem] = []
        for key, problems in found.items():
            look.flawed.pop(key, None)
            for problem in problems:
                if self.shop.snapshots.holds(problem.source.path):
                    look.flawed.setdefault(key, []).append(str(problem))
                else:
                    others.append(problem)
        if self.inspect:
            self.faults.beside(others)
        else:
            self._tell(others)

    def _tell(self, problems: Iterable[Problem]) -> None:
        found = list(problems)
        if found:
            raise Problems(found)


def _largest_first(keys: Iterable[str]) -> list[str]:
    """Put groups before single entries.

    A group may have hundreds of pages: begun last, it would keep one process alone at work.
    """
    return sorted(keys, key=lambda key: (key.startswith("one:"), key))

"""Results as JSON and as Markdown: each goal, what was measured for it, and whether it is met."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from measure import Run, Spread

GIB = 1 << 30


def wall(run: Run) -> float:
    return run.wall


def cpu(run: Run) -> float:
    return run.cpu


def peak(run: Run) -> float:
    return run.peak


@dataclass(frozen=True)
class Goal:
    """What is promised of one kind of run: at most `must`, and better `aim`.

    With `against`, both are parts of what that kind of run takes; without, they are absolute.
    `under` is what the aim asks besides, in seconds.
    """

    name: str
    run: str
    must: float
    aim: float
    against: str = ""
    of: Callable[[Run], float] = wall
    under: float = 0.0


HUGO, PELICAN, SMALL = "hugo/cold", "pelican/cold", "small/body"
GOALS = (
    Goal("nothing changed, new process", "pydotorg/nothing", 1 / 60, 1 / 150, HUGO, under=0.5),
    Goal("one body edit, new process", "pydotorg/body", 1 / 30, 1 / 70, HUGO, under=1),
    Goal("one title edit, lists, tags and feeds right", "pydotorg/title", 1 / 25, 1 / 60, HUGO),
    Goal("watcher: save to file, lists included", "pydotorg/watch_title", 0.1, 0.02),
    Goal("watcher: save to file, a body", "pydotorg/watch_body", 0.1, 0.02),
    Goal("base template edited", "pydotorg/template", 1 / 4, 1 / 8, HUGO),
    Goal("cold build against Hugo", "pydotorg/cold", 1.5, 1.0, HUGO),
    Goal("cold build against Pelican", "pydotorg/cold", 1 / 3, 1 / 5, PELICAN),
    Goal("cold build, processor time", "pydotorg/cold", 65, 65, of=cpu),
    Goal("cold output, cache restored, fresh dates", "pydotorg/restored", 1 / 4, 1 / 8, HUGO),
    Goal("peak memory", "pydotorg/memory", 1 / 4, 1 / 8, "hugo/memory", of=peak),
    Goal("one edit over the same at 1,000 pages", "pydotorg/body", 6, 3, SMALL),
    Goal("one page added at the head of a list", "pydotorg/added", 1 / 20, 1 / 40, HUGO),
    Goal("search after one edit", "pydotorg/search", 5, 2),
    Goal("search after one edit, memory", "pydotorg/search_memory", GIB, GIB, of=peak),
)


@dataclass
class Results:
    """All that was measured in one run of the benchmark, and where."""

    pages: int
    about: dict[str, Any] = field(default_factory=dict)
    runs: dict[str, list[Run]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def add(self, name: str, run: Run) -> None:
        self.runs.setdefault(name, []).append(run)

    def spread(self, name: str, of: Callable[[Run], float]) -> Spread | None:
        """The middle and the spread of one kind of run, where it was run."""
        return Spread.of([of(run) for run in self.runs[name]]) if name in self.runs else None


def machine(folder: Path) -> dict[str, str]:
    """The machine and the system, as far as they matter."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIB
    return {
        "processor": _processor(),
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": f"{memory:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "file system": _file_system(folder),
        "python": platform.python_version(),
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor()


def _file_system(folder: Path) -> str:
    mounts = [line.split()[1:3] for line in Path("/proc/self/mounts").read_text().splitlines()]
    return max((m for m in mounts if folder.is_relative_to(m[0])), key=lambda m: len(m[0]))[1]


def markdown(results: Results) -> str:
    """The report for people."""
    return "\n".join([*_about(results), "", *_goals(results), "", *_figures(results)]) + "\n"


def _about(results: Results) -> Iterator[str]:
    yield f"### {results.pages:,} pages"
    wrong = {"**wrong**": results.wrong} if results.wrong else {}
    for name, facts in (wrong | results.about).items():
        yield ""
        yield f"{name}: {_facts(facts)}"


def _facts(facts: Any) -> str:
    if isinstance(facts, Mapping):
        return "; ".join(f"{name} {value}" for name, value in facts.items())
    return "; ".join(map(str, facts)) if isinstance(facts, list) else str(facts)


def _goals(results: Results) -> Iterator[str]:
    yield "| goal | measured | against | ratio | must | aim | met |"
    yield "|---|---|---|---|---|---|---|"
    for goal in GOALS:
        found = results.spread(goal.run, goal.of)
        base = results.spread(goal.against, goal.of) if goal.against else None
        if found and (base or not goal.against):
            yield _row(_goal_cells(goal, found, base))


def _goal_cells(goal: Goal, found: Spread, base: Spread | None) -> Sequence[str]:
    value = found.middle / base.middle if base else found.middle
    tell = part if base else UNITS[goal.of]
    aim = tell(goal.aim) + (f", under {goal.under:g} s" if goal.under else "")
    return (
        goal.name,
        UNITS[goal.of](found.middle),
        f"{goal.against} {UNITS[goal.of](base.middle)}" if base else "",
        part(value) if base else "",
        tell(goal.must),
        aim,
        met(goal, value, found.middle),
    )


def met(goal: Goal, value: float, middle: float) -> str:
    """Which of its two limits a goal keeps."""
    if value <= goal.aim and (not goal.under or middle < goal.under):
        return "aim"
    return "must" if value <= goal.must else "**missed**"


def _figures(results: Results) -> Iterator[str]:
    yield "| run | times | wall, median (least to most) | processor time | most memory |"
    yield "|---|---|---|---|---|"
    for name, runs in results.runs.items():
        shown = [_shown(results.spread(name, of), tell) for of, tell in UNITS.items()]
        yield _row([name, str(len(runs)), *shown])


def _shown(spread: Spread | None, tell: Callable[[float], str]) -> str:
    if not spread or not spread.most:
        return ""
    if spread.least == spread.most:
        return tell(spread.middle)
    return f"{tell(spread.middle)} ({tell(spread.least)} to {tell(spread.most)})"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def seconds(value: float) -> str:
    """A time with as many digits as mean something.

    >>> seconds(0.0123), seconds(22.61)
    ('12.3 ms', '22.6 s')
    """
    if value < 0.1:
        return f"{value * 1000:.1f} ms"
    return f"{value:.2f} s" if value < 10 else f"{value:.1f} s"


def memory(value: float) -> str:
    return f"{value / (1 << 20):,.0f} MiB"


def part(value: float) -> str:
    """A ratio as people say it.

    >>> part(0.02), part(1.31)
    ('1/50', '1.31')
    """
    return f"1/{1 / value:.3g}" if value < 1 else f"{value:.3g}"


UNITS: dict[Callable[[Run], float], Callable[[float], str]] = {
    wall: seconds, cpu: seconds, peak: memory,
}  # fmt: skip

"""Measures our generator beside Hugo and Pelican, on the same pages in one run."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import contenders
import corpus
import likeness
import measure
import report
import scenarios
import watching
from contenders import CONTENDERS, OURS, Contender
from corpus import Corpus
from report import Results
from scenarios import BODY, COLD, EDITS, FIRST, SEARCH, Bench, Scenario, Wrong

HERE = Path(__file__).resolve().parent
PAGES, ROUNDS, SAMPLE = 20_000, 3, 50
SMALL, SEARCHED, SAVES = 1_000, 1_500, 10
FIRST_WATCHED = 1_000  # changes of the watcher are numbered from here, so that none was seen before

Step = Callable[["Benchmark"], None]


class Benchmark:
    """One run: the contenders, their sites, and the results so far."""

    def __init__(self, pages: int, names: Sequence[str], rounds: int, work: Path) -> None:
        self.pages, self.rounds, self.work = pages, rounds, work
        self.results = Results(pages)
        self.installed = contenders.install(work)
        self.contenders = [CONTENDERS[name] for name in names]
        self.corpus = Corpus(pages)
        self.sites = {one.name: self.lay(one, self.corpus, str(pages)) for one in self.contenders}
        self._changes = 0
        contenders.environment()

    def lay(self, one: Contender, made: Corpus, name: str) -> Path:
        """Make a contender's site in a folder of that name."""
        site = self.work / name / one.name
        contenders.lay_site(one, made, site)
        return site

    def run(self) -> None:
        """Measure everything; contenders take turns, so that what disturbs one disturbs all."""
        for number in range(self.rounds):
            for one in self.contenders:
                say(f"round {number + 1} of {self.rounds}: {one.name}, cold")
                self.cold(one)
            if OURS in self.contenders:
                self.edits(self.ours, "pydotorg", EDITS)
        for one in self.contenders:
            say(f"{one.name}: memory")
            self.cold(one, "memory", sampled=True)
        self.describe()
        if OURS in self.contenders:
            for step in STEPS:
                say(f"pydotorg: {step.__name__}")
                step(self)

    @property
    def ours(self) -> Bench:
        return Bench(self.sites[OURS.name], self.corpus)

    def other(self, pages: int, name: str, settings: Mapping[str, str]) -> Bench:
        """Another site of ours, built; some lines of its settings are put in others' place."""
        made = Corpus(pages)
        site = self.lay(OURS, made, name)
        file = site / "build.toml"
        text = file.read_text(encoding="utf-8")
        for old, new in settings.items():
            text = text.replace(old, new)
        file.write_text(text, encoding="utf-8")
        measure.run(contenders.ours(), site)
        return Bench(site, made)

    # -- cold builds

    def cold(self, one: Contender, name: str = "cold", *, sampled: bool = False) -> None:
        """Build without cache and output."""
        site = self.sites[one.name]
        one.clear(site)
        run = measure.run(one.command(self.installed), site, sampled=sampled)
        bench = Bench(site, self.corpus)
        try:
            COLD.check(bench, scenarios.change(bench, 0))
            self.results.add(f"{one.name}/{name}", run)
        except Wrong as error:
            self.wrong(f"{one.name}/{name}", str(error))

    # -- edits

    def edits(self, bench: Bench, prefix: str, rows: Sequence[Scenario]) -> None:
        """Do, measure, check and take back each; in the end the site must be what it was."""
        before = corpus.digest(bench.output)
        for row in rows:
            self.edit(bench, f"{prefix}/{row.name}", row)
        if corpus.digest(bench.output) != before:
            self.wrong(prefix, "after all edits were taken back, the site is not as it was")

    def edit(self, bench: Bench, name: str, row: Scenario, *, sampled: bool = False) -> None:
        self._changes += 1
        change = scenarios.change(bench, self._changes)
        try:
            row.prepare(bench, change)
            run = measure.run(contenders.ours(*row.flags), bench.site, sampled=sampled)
            row.check(bench, change)
            self.results.add(name, run)
        except Wrong as error:
            self.wrong(name, str(error))
        finally:
            change.undo()
        if change.before:
            measure.run(contenders.ours(), bench.site)

    def wrong(self, name: str, what: str) -> None:
        """Note a build that made something wrong; its time does not count."""
        say(f"wrong: {name}: {what}")
        self.results.wrong.append(f"{name}: {what}")

    # -- what it was measured on

    def describe(self) -> None:
        """Note machine, versions, corpus, and whether the contenders made the same site."""
        about = self.results.about
        about["machine"] = report.machine(self.work)
        about["versions"] = {
            one.name: contenders.version_of(one, self.installed) for one in self.contenders
        }
        about["digests of corpus, theme and settings"] = {
            one.name: contenders.recipe(one)[:16] for one in self.contenders
        }
        first = next(iter(self.sites.values()))
        about["corpus, in bytes"] = corpus.sizes(first / "content" / "pages")
        sample = self.corpus.pages[:: max(1, self.pages // SAMPLE)]
        made = {name: likeness.made(site / "dist", sample) for name, site in self.sites.items()}
        about["output"] = [
            f"{name}: {len(one.pages):,} pages, {one.files:,} files, {one.size / 1e6:.0f} MB"
            for name, one in made.items()
        ]
        one, *others = made
        about["differences"] = [
            f"{one} and {other}: {difference}"
            for other in others
            for difference in likeness.differences(made[one], made[other])[:10]
        ] or "none in addresses, and none in the elements of sampled pages"


def edit_memory(bench: Benchmark) -> None:
    """What one edit takes of memory."""
    bench.edit(bench.ours, "pydotorg/body_memory", BODY, sampled=True)


def watch(bench: Benchmark) -> None:
    """From save to file on disk, while a watcher runs."""
    try:
        found = watching.latencies(bench.ours, SAVES, FIRST_WATCHED)
    except Wrong as error:
        bench.wrong("pydotorg/watch", str(error))
        return
    for name, taken in found.items():
        for wall in taken:
            bench.results.add(f"pydotorg/{name}", measure.Run(wall, 0.0))


def small(bench: Benchmark) -> None:
    """The same edit on a site of 1,000 pages."""
    site = bench.other(SMALL, "small", {})
    for _ in range(bench.rounds):
        bench.edits(site, "small", (FIRST, BODY))


def search(bench: Benchmark) -> None:
    """One edit where search is on and a bundle holds as many pages as one ever may."""
    site = bench.other(SEARCHED, "searched", {"enabled = false": "enabled = true"})
    for _ in range(bench.rounds):
        bench.edit(site, "pydotorg/search", SEARCH)
    bench.edit(site, "pydotorg/search_memory", SEARCH, sampled=True)


STEPS: tuple[Step, ...] = (edit_memory, watch, small, search)


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def write(results: Results, folder: Path) -> str:
    """Write the report for people and the one for programs; return the first."""
    folder.mkdir(parents=True, exist_ok=True)
    text = report.markdown(results)
    (folder / f"{results.pages}.md").write_text(text, encoding="utf-8")
    data = dataclasses.asdict(results)
    (folder / f"{results.pages}.json").write_text(json.dumps(data, indent=1) + "\n")
    return text


def main() -> int:
    """Read the command line, measure, report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=PAGES, help="how many pages (20000)")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how often each is run (3)")
    parser.add_argument(
        "--only", nargs="+", choices=tuple(CONTENDERS), default=tuple(CONTENDERS),
        help="leave the others out",
    )  # fmt: skip
    parser.add_argument(
        "--work", type=Path, default=HERE / ".work", help="where sites and the others are kept"
    )
    given = parser.parse_args()
    benchmark = Benchmark(given.pages, given.only, given.rounds, given.work.resolve())
    try:
        benchmark.run()
    except (measure.Failed, Wrong) as error:
        say(f"stopped: {error}")
        return 1
    finally:
        if benchmark.results.runs:
            print(write(benchmark.results, HERE / "results"))
    return 1 if benchmark.results.wrong else 0


if __name__ == "__main__":
    sys.exit(main())

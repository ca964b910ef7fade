"""How long it takes from "publish now" to a page on disk, with the builder watching a large site.

    python benchmarks/publishing.py --pages 20000
    python benchmarks/publishing.py --pages 20000 --database postgresql://…

It lays this site with invented pages besides its own (kept in `.work`, so that the next run begins
soon), starts `build --watch` and a sidecar with its worker, and approves jobs over HTTP as somebody
of the team does: one after the other, then 200 within a minute.  A time begins when the decision is
sent, and ends when the file has what it should.  Exit status: 0 when everything was published as it
should be, 1 when not; whether a goal is met stands in the table.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from gzip import decompress
from pathlib import Path
from typing import NamedTuple

import corpus
import httpx
from contenders import HERE, PROJECT, environment
from corpus import Corpus
from load import TOKEN, Goal, table
from measure import usual

from sidecar import cases, people, sessions
from sidecar.database import open_database
from sidecar.kinds.jobs import JOB, JobForm
from sidecar.permissions import NOBODY, Role
from sidecar.schema import prepare
from sidecar.settings import Settings, read_settings

ONES, MANY, MINUTE = 24, 200, 60.0
# The first snapshot brings more than a job, and the index of all pages is made anew for it.
FIRST = 300.0
# How often search is waited for: that takes longest, and the builder does nothing else meanwhile.
SEARCHED = 4
PATIENCE, LOOK, PAUSE = 90.0, 0.002, 1.0
VERSION = re.compile(r'name="version" value="(\d+)"')


class Job(NamedTuple):
    """A job that waits: its number at the desk, that of its page, and a word of no other."""

    case: int
    public_id: str
    word: str


class Deployment:
    """The site, its builder, its sidecar and worker, and what was built so far."""

    def __init__(self, folder: Path, database: str, port: int) -> None:
        self.folder, self.output = folder, folder / "dist"
        self.address = f"http://127.0.0.1:{port}"
        self.environ = {
            "PYDOTORG_URL": self.address, "PYDOTORG_PORT": str(port), "PYDOTORG_SECRET": "s" * 40,
            "PYDOTORG_LOG_FILE": str(folder / "log"), "PYDOTORG_LOG_LEVEL": "warning",
            **({"DATABASE_URL": database} if database else {}),
        }  # fmt: skip
        self.settings: Settings = read_settings(self.environ, folder)
        prepare(self.settings.database_url)
        self.cookies, self.jobs = asyncio.run(self._jobs(ONES + MANY + 1))
        self.numbers: set[int] = set()

    async def _jobs(self, many: int) -> tuple[dict[str, str], list[Job]]:
        """Jobs that wait, and the cookie of somebody who decides about them."""
        db, made = open_database(self.settings), []
        async with db.write() as tx:
            user = await people.add(tx, NOBODY, "moe", "moe@desk.example", roles=[Role.JOBS_TEAM])
            token = await sessions.start(tx, user.id, "a benchmark", has_factor=True)
        for number in range(many):
            word = f"Zykqua{number}x"
            form = JobForm(title=f"Baker {word}", company=f"Ovens {number % 40}", remote=True,
                           category="web-development", text=f"You bake **Python** {word}.",
                           email="jobs@a.example", sender=f"a{number}@a.example")  # fmt: skip
            async with db.write() as tx:
                one = await cases.hand_in(tx, self.settings, JOB, form, NOBODY)
                await cases.confirm(tx, self.settings, await cases.load(tx, one.id))
                made.append(Job(one.id, one.public_id, word))
        await db.close()
        return {sessions.cookie_name(self.settings, "session"): token}, made

    def approve(self, browser: httpx.Client, job: Job) -> float:
        """Publish a job now; when the decision was sent."""
        page = f"/admin/cases/{job.case}"
        shown = browser.get(page).text
        token, version = TOKEN.search(shown), VERSION.search(shown)
        assert token
        assert version
        data = {"form_token": token[1], "version": version[1], "step": "approve", "at_once": "on"}
        began = time.perf_counter()
        answer = browser.post(f"{page}/decide", data=data)
        if answer.status_code != 303:
            raise SystemExit(f"the decision was answered with {answer.status_code}")
        return began

    def browser(self) -> httpx.Client:
        return httpx.Client(base_url=self.address, cookies=self.cookies, timeout=60,
                            headers={"accept": "text/html"})  # fmt: skip

    def is_ready(self) -> bool:
        """Does the sidecar answer, and has it its database?"""
        with suppress(httpx.HTTPError), self.browser() as browser:
            return browser.get("/health/ready").status_code == 200
        return False

    # -- what is on disk

    def page_of(self, job: Job) -> bool:
        return job.word in text_of(self.output / f"jobs/{job.public_id}/index.html")

    def lists_of(self, job: Job) -> bool:
        """Is it in the lists and feeds of all jobs and of its category?"""
        address = f"/jobs/{job.public_id}/"
        places = [self.output / name for name in ("jobs", "jobs/category/web-development")]
        return all(address in text_of(place / "feed.rss") for place in places) and all(
            self.is_listed(job, place) for place in places
        )

    def is_listed(self, job: Job, place: Path) -> bool:
        """Is it on a page of a list?"""
        pages = (place / "index.html", *place.glob("page/*/index.html"))
        return any(f"/jobs/{job.public_id}/" in text_of(page) for page in pages)

    def is_found(self, job: Job) -> bool:
        """Does the index that browsers are led to have its text?"""
        with suppress(FileNotFoundError, ValueError):
            listed = json.loads((self.output / "pagefind/bundles.json").read_text())["bundles"]
            return any(
                job.word.encode() in decompress(path.read_bytes())
                for bundle in listed
                for path in (self.output / bundle["path"].strip("/")).rglob("*.pf_fragment")
            )
        return False

    def note_builds(self, stop: threading.Event) -> None:
        """Note the number of each snapshot that the site was built from."""
        while not stop.is_set():
            with suppress(OSError, ValueError, KeyError):
                told = json.loads((self.output / "build.json").read_text())["snapshots"]
                self.numbers.add(told["data/snapshot.sqlite"]["number"])
            time.sleep(0.01)


def text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


def until(is_so: Callable[[], bool], began: float, what: str, patience: float = PATIENCE) -> float:
    """Wait until something is so; how long after the beginning it was."""
    while not is_so():
        if time.perf_counter() - began > patience:
            raise SystemExit(f"{what} was not there after {patience:.0f} s")
        time.sleep(LOOK)
    return time.perf_counter() - began


def lay(folder: Path, pages: int) -> None:
    """Write this site with so many invented pages; what was built of it before is kept."""
    shutil.rmtree(folder / "data", ignore_errors=True)
    if (folder / "laid").exists():
        return
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("content", "templates", "static"):
        shutil.copytree(PROJECT / name, folder / name)
    settings = (PROJECT / "build.toml").read_text(encoding="utf-8")
    settings = settings.replace("[build]", "[build]\nstrict_headings = false")
    (folder / "build.toml").write_text(settings, encoding="utf-8")
    corpus.write(Corpus(pages), folder / "content/pages", corpus.yaml_head)
    (folder / "laid").touch()


@contextmanager
def running(deployment: Deployment, *words: str, until_it_says: str) -> Iterator[None]:
    """A process of ours, ended with the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", "pydotorg_build", *words], cwd=deployment.folder, text=True,
        env={**usual(), **deployment.environ}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    said = []
    try:
        for line in process.stdout or ():
            said.append(line)
            if until_it_says in line:
                break
        else:
            raise SystemExit(f"{' '.join(words)} ended: {''.join(said)[-3000:]}")
        reading = threading.Thread(target=lambda: said.extend(process.stdout or ()), daemon=True)
        reading.start()
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        (deployment.folder / f"said-{words[0]}").write_text("".join(said))


def one_by_one(deployment: Deployment) -> dict[str, list[float]]:
    """Seconds until the page of each is there, until all lists are right, and until it is found."""
    found: dict[str, list[float]] = {"page": [], "lists": [], "search": []}
    with deployment.browser() as browser:
        first = deployment.jobs[-1]
        until(
            lambda: deployment.is_found(first), deployment.approve(browser, first), "search", FIRST
        )
        for number, job in enumerate(deployment.jobs[:ONES]):
            time.sleep(PAUSE + number % 7 / 10)
            began = deployment.approve(browser, job)
            found["page"].append(until(lambda job=job: deployment.page_of(job), began, "a page"))
            found["lists"].append(until(lambda job=job: deployment.lists_of(job), began, "a list"))
            if number < SEARCHED:
                found["search"].append(
                    until(lambda job=job: deployment.is_found(job), began, "search")
                )
    return found


def all_within_a_minute(deployment: Deployment) -> tuple[float, float, int]:
    """Approve many; how long that took, how long all was there after the last, in how many builds."""
    jobs, stop = deployment.jobs[ONES:-1], threading.Event()
    noting = threading.Thread(target=deployment.note_builds, args=(stop,), daemon=True)
    deployment.numbers.clear()
    noting.start()
    began = time.perf_counter()
    with deployment.browser() as browser:
        for number, job in enumerate(jobs):
            time.sleep(max(0.0, began + number * MINUTE / MANY * 0.95 - time.perf_counter()))
            last = deployment.approve(browser, job)
    taken = time.perf_counter() - began
    after = until(lambda: all(deployment.page_of(job) for job in jobs), last, "a page")
    until(
        lambda: all(deployment.is_listed(job, deployment.output / "jobs") for job in jobs),
        last,
        "a list",
    )
    stop.set()
    noting.join()
    return taken, after, len(deployment.numbers)


def part(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def run(deployment: Deployment) -> list[Goal]:
    with (
        running(deployment, "build", "--watch", until_it_says="watching"),
        running(deployment, "sidecar", "run", until_it_says="listening"),
    ):
        until(deployment.is_ready, time.perf_counter(), "the sidecar")
        pages = sum(1 for _ in deployment.output.rglob("*.html"))
        print(f"{pages:,} pages; load {os.getloadavg()[0]:.1f}; {os.cpu_count()} cores")
        found = one_by_one(deployment)
        taken, after, builds = all_within_a_minute(deployment)
    for name, values in found.items():
        print(f"{name}: {', '.join(f'{one:.2f}' for one in values)}")
    return [
        Goal("publish now, until the page is on disk, p95", part(found["page"], 0.95), "s", 2),
        Goal("the same, median", part(found["page"], 0.5), "s", 2),
        Goal(
            "publish now, until lists and feeds are right, p95", part(found["lists"], 0.95), "s", 2
        ),
        Goal("publish now, until search finds it, the longest", max(found["search"]), "s", 30),
        Goal(f"{MANY} approvals", taken, "s", MINUTE),
        Goal("all published, after the last", after, "s", 30),
        Goal(f"builds for {MANY} approvals", builds, "", MANY),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--pages", type=int, default=20_000, help="besides those of this site")
    parser.add_argument("--database", default="", help="an empty one of PostgreSQL; else SQLite")
    parser.add_argument("--port", type=int, default=8793)
    given = parser.parse_args()
    environment()
    folder = HERE / ".work" / f"publishing-{given.pages}"
    lay(folder, given.pages)
    print(table(run(Deployment(folder, given.database, given.port))))
    return 0


if __name__ == "__main__":
    sys.exit(main())

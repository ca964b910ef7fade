"""The sidecar under load: how long people wait, how much is written, and what it costs.

    python benchmarks/load.py
    python benchmarks/load.py --seconds 30 --database postgresql://…

It starts a sidecar of its own in an empty folder (one web process and no worker, SQLite unless told
otherwise), asks it over HTTP as browsers and programs do, and prints a table.  The machine should do
nothing else.  Exit status: 0 when everything was answered as it should be, 1 when something was a
5xx; whether a goal is met stands in the table.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from pydotorg_build.problems import Problems
from sidecar.clock import now
from sidecar.database import open_database
from sidecar.keys import make
from sidecar.passwords import make_hash
from sidecar.permissions import Actor
from sidecar.schema import prepare
from sidecar.settings import Settings, read_settings
from sidecar.tables.accounts import User

ROOT = Path(__file__).parents[1]
HOST = "bench.example"
PASSWORD = "three wet boots"
READERS, SIGN_INS, WRITERS = 32, 10, 20
# So many that the limits of one account or network are not met within a run.
ACCOUNTS = 2000
TOKEN = re.compile(r'name="form_token" value="([^"]+)"')
LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)
PAGE = "/account/sign-in"


class Goal(NamedTuple):
    """A figure: what it is, what was seen, and what it should be."""

    what: str
    seen: float
    unit: str
    goal: float
    is_most: bool = True

    @property
    def is_met(self) -> bool:
        return self.seen <= self.goal if self.is_most else self.seen >= self.goal


@dataclass
class Asked:
    """What came of many questions: how long each took, how it was answered, and what it cost.

    `processor` is the time that the web process worked, which other work on the machine changes
    much less than how long people wait.  `asking` is that of whoever asks, on the same cores.
    """

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    processor: float = 0.0
    asking: float = 0.0

    def part(self, share: float) -> float:
        """The time within which a share of all was answered, in milliseconds."""
        every = sorted(self.seconds) or [0.0]
        return every[min(len(every) - 1, int(share * len(every)))] * 1000

    def __str__(self) -> str:
        answering, asking = (
            worked / max(1, self.statuses.total()) * 1000
            for worked in (self.processor, self.asking)
        )
        return (
            f"{dict(sorted(self.statuses.items()))}, median {self.part(0.5):.1f} ms, "
            f"{answering:.2f} ms of processor time each, and {asking:.2f} ms to ask"
        )

    @property
    def failed(self) -> int:
        return sum(count for status, count in self.statuses.items() if status == 0 or status >= 500)


class Sidecar:
    """A sidecar in a process of its own, and accounts with keys to ask it by."""

    def __init__(self, folder: Path, database: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.folder = folder
        self.environ = {
            "PYDOTORG_URL": f"http://{HOST}", "PYDOTORG_PORT": str(self.port),
            "PYDOTORG_SECRET": "s" * 40, "PYDOTORG_PROXIES": "127.0.0.1",
            "PYDOTORG_LOG_FILE": str(folder / "log"), "PYDOTORG_LOG": "json",
            **({"DATABASE_URL": database} if database else {}),
        }  # fmt: skip
        self.settings: Settings = read_settings(self.environ, folder)
        prepare(self.settings.database_url)
        self.keys = asyncio.run(self._accounts())
        self.process: subprocess.Popen[bytes] | None = None

    async def _accounts(self) -> list[str]:
        db, hashed, keys = open_database(self.settings), make_hash(PASSWORD), []
        async with db.write() as tx:
            users = [
                User(name=f"u{n}", name_key=f"u{n}", email=f"u{n}@a.example",
                     email_key=f"u{n}@a.example", password=hashed, confirmed_at=now())
                for n in range(ACCOUNTS)
            ]  # fmt: skip
            tx.add_all(users)
            await tx.flush()
            for user in users:
                actor = Actor(user=user.id)
                keys.append((await make(tx, actor, "bench", ("account:read",))).text)
        await db.close()
        return keys

    def start(self) -> float:
        """Start it; how long that takes until it says that it is ready."""
        began = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "pydotorg_build", "sidecar", "run", "--no-worker"],
            cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **self.environ},
        )  # fmt: skip
        self.until(200)
        return time.monotonic() - began

    def until(self, status: int) -> float:
        """Wait until /health/ready says so; how long that took."""
        began = time.monotonic()
        for number in count(3_000_000):
            with suppress(httpx.HTTPError):
                url = f"http://127.0.0.1:{self.port}/health/ready"
                if httpx.get(url, headers=visitor(number), timeout=5).status_code == status:
                    return time.monotonic() - began
            if time.monotonic() - began > 60:
                break
            time.sleep(0.01)
        raise SystemExit(f"it never said {status}: see {self.folder / 'log'}")

    @property
    def megabytes(self) -> float:
        """The memory of the web process."""
        assert self.process
        rows = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(int(row.split()[1]) for row in rows if row.startswith("VmRSS")) / 1024

    @property
    def worked(self) -> float:
        """For how many seconds the web process has worked."""
        assert self.process
        parts = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self) -> None:
        if self.process:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(30)


def visitor(number: int) -> dict[str, str]:
    """The headers of somebody, who comes from a network of their own."""
    address = f"10.{number // 65536 % 256}.{number // 256 % 256}.{number % 256}"
    return {"host": HOST, "x-forwarded-for": address, "accept": "text/html"}


class Line:
    """A connection that stays open, and asks in few words: what asks shares the machine."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, headers: dict[str, str]) -> int:
        """Ask for something, and read all of the answer; its status."""
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        lines = (
            f"{method} {path} HTTP/1.1",
            *(f"{name}: {text}" for name, text in headers.items()),
        )
        writer.write("\r\n".join((*lines, "", "")).encode())
        head = await reader.readuntil(b"\r\n\r\n")
        length = LENGTH.search(head)
        await reader.readexactly(int(length[1]) if length else 0)
        return int(head.split(b" ", 2)[1])

    def close(self) -> None:
        if self._streams:
            self._streams[1].close()


async def timed(asked: Asked, question: Awaitable[int]) -> None:
    """Ask, and note how long it took and with which status; 0 where nothing was said."""
    began = time.monotonic()
    try:
        status = await question
    except (httpx.HTTPError, OSError, EOFError):
        asked.statuses[0] += 1
        return
    asked.seconds.append(time.monotonic() - began)
    asked.statuses[status] += 1


async def many(
    sidecar: Sidecar, hands: int, seconds: float, act: Callable[[Line, int], Awaitable[int]]
) -> Asked:
    """Let many ask again and again for a while, each by a line and with numbers of its own."""
    asked, end = Asked(), time.monotonic() + seconds

    async def hand(number: int) -> None:
        line = Line(sidecar.port)
        while time.monotonic() < end:
            await timed(asked, act(line, number))
            number += hands
        line.close()

    await asyncio.gather(*(hand(number) for number in range(hands)))
    return asked


def measured(
    sidecar: Sidecar, what: Callable[[Sidecar, float], Coroutine[Any, Any, Asked]], seconds: float
) -> Asked:
    """Have something asked for a while, and note what that cost."""
    before, own = sidecar.worked, time.process_time()
    asked = asyncio.run(what(sidecar, seconds))
    asked.processor, asked.asking = sidecar.worked - before, time.process_time() - own
    return asked


async def reading(sidecar: Sidecar, seconds: float) -> Asked:
    """The sign-in page, by 32 connections."""
    return await many(sidecar, READERS, seconds,
                      lambda line, n: line.ask("GET", PAGE, visitor(n)))  # fmt: skip


async def signing_in(sidecar: Sidecar, seconds: float) -> Asked:
    """Ten people a second sign in, each with an account of their own."""
    asked, waiting = Asked(), set()
    for number in range(int(seconds * SIGN_INS)):
        waiting.add(asyncio.create_task(one_sign_in(sidecar, asked, number)))
        await asyncio.sleep(1 / SIGN_INS)
    await asyncio.gather(*waiting)
    return asked


async def one_sign_in(sidecar: Sidecar, asked: Asked, number: int) -> None:
    """Open the page in a browser of one's own, and send it."""
    headers = visitor(1_000_000 + number)
    url = f"http://127.0.0.1:{sidecar.port}"
    # Reading the certificates of the system, which nothing here needs, costs as much as the sign-in.
    async with httpx.AsyncClient(
        base_url=url, headers=headers, timeout=30, verify=False
    ) as browser:
        token = TOKEN.search((await browser.get(PAGE)).text)
        data = {"who": f"u{number % ACCOUNTS}", "password": PASSWORD,
                "form_token": token[1] if token else ""}  # fmt: skip

        async def send() -> int:
            return (await browser.post(PAGE, data=data)).status_code

        await timed(asked, send())


async def writing(sidecar: Sidecar, seconds: float) -> Asked:
    """Twenty programs write: each asks for a token, which is a row."""

    async def write(line: Line, number: int) -> int:
        key = sidecar.keys[number % len(sidecar.keys)]
        headers = {**visitor(2_000_000 + number), "authorization": f"Bearer {key}"}
        return await line.ask("POST", "/api/v1/token", {**headers, "content-length": "0"})

    return await many(sidecar, WRITERS, seconds, write)


def until_it_says_so(sidecar: Sidecar) -> float:
    """How long until it says 503 once the file of SQLite cannot be written."""
    file = sidecar.settings.database_url.removeprefix("sqlite:///")
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        return sidecar.until(503)
    finally:
        other.execute("ROLLBACK")
        other.close()


def run(folder: Path, database: str, seconds: float) -> tuple[list[Goal], int]:
    """All figures, and how many answers failed."""
    sidecar = Sidecar(folder, database)
    try:
        started = sidecar.start()
        read, signed, wrote = (
            measured(sidecar, what, seconds) for what in (reading, signing_in, writing)
        )
        kept = wrote.statuses[201] / seconds
        goals = [
            Goal("start, until ready", started, "s", 3),
            Goal(f"GET sign-in, {READERS} connections, p99", read.part(0.99), "ms", 50),
            Goal(f"POST sign-in, {SIGN_INS} a second, p99", signed.part(0.99), "ms", 1500),
            Goal(f"writes, {WRITERS} writers", kept, "a second", 300, is_most=False),
            Goal(f"writes, {WRITERS} writers, p99", wrote.part(0.99), "ms", 100),
            Goal("memory of the web process after it", sidecar.megabytes, "MB", 200),
        ]
        if not database:
            goals.append(
                Goal("503 while nothing can be written", until_it_says_so(sidecar), "s", 1)
            )
        for name, asked in (("GET", read), ("POST", signed), ("write", wrote)):
            print(f"{name}: {asked}")
        return goals, read.failed + signed.failed + wrote.failed
    finally:
        sidecar.stop()


def table(goals: Iterable[Goal]) -> str:
    """The figures as a table, each with what it should be."""
    lines = ["| what | seen | goal | |", "|---|---|---|---|"]
    for one in goals:
        sign = "at most" if one.is_most else "at least"
        met = "met" if one.is_met else "missed"
        lines.append(f"| {one.what} | {one.seen:.1f} {one.unit} | {sign} {one.goal:g} | {met} |")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=20, help="how long each is asked")
    parser.add_argument("--database", default="", help="an empty one of PostgreSQL; else SQLite")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        try:
            goals, failed = run(Path(folder), given.database, given.seconds)
        except Problems as problems:
            sys.exit(str(problems))
    print(f"\n{table(goals)}\n\n{failed} answers were a failure")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

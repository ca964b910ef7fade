"""A sidecar of a process of its own, under load, for what a machine does to it.

`make faults` takes 100 rounds; the usual tests take as many as show that it works.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from sqlalchemy import create_engine, text

from sidecar.database import open_database
from sidecar.keys import make
from sidecar.permissions import Actor
from sidecar.schema import prepare, sync_url
from sidecar.settings import Settings, read_settings
from sidecar.tables.accounts import User
from sidecar.tokens import digest_of
from tests.conftest import ROOT, free_port

ROUNDS = int(os.environ.get("FAULT_ROUNDS", "2"))
WRITERS = 20
# So many accounts that the limits of one are not met within a round.
ACCOUNTS = 60


@dataclass
class Load:
    """What writers were told: the writes that were acknowledged, and how often each status."""

    kept: set[str] = field(default_factory=set)
    statuses: Counter[int] = field(default_factory=Counter)
    slowest: float = 0.0


class Program:
    """A process of ours in a folder: started, killed and started again; what it says is in `log`."""

    def __init__(self, folder: Path, environ: dict[str, str], *words: str) -> None:
        self.folder, self.environ = folder, environ
        self.command = [sys.executable, "-m", "pydotorg_build", *words]
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        log = (self.folder / "log").open("a")
        self.process = subprocess.Popen(self.command, cwd=self.folder, text=True, stdout=log,
                                        stderr=log, env=self.whole_environ())  # fmt: skip
        log.close()

    def whole_environ(self) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **self.environ}

    def kill(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            with (self.folder / "log").open("a") as log:
                log.write(f"killed: {' '.join(self.command[3:])}\n")

    def said(self) -> str:
        return (self.folder / "log").read_text()[-3000:]


class Running(Program):
    """A sidecar, the accounts that write, and what they were told."""

    def __init__(
        self, folder: Path, url: str = "", data: str = "data",
        scopes: tuple[str, ...] = ("account:read",),
    ) -> None:  # fmt: skip
        self.port = free_port()
        environ = {
            "PYDOTORG_URL": "http://test.example", "PYDOTORG_PORT": str(self.port),
            "PYDOTORG_SECRET": "s" * 40, "PYDOTORG_DATA": data,
        }  # fmt: skip
        if url:
            environ["DATABASE_URL"] = url
        super().__init__(folder, environ, "sidecar", "run", "--no-worker")
        self.load, self.scopes = Load(), scopes
        self.settings: Settings = read_settings(self.environ, folder)
        prepare(self.settings.database_url)
        self.keys = asyncio.run(self._accounts())

    async def _accounts(self) -> list[str]:
        db, keys = open_database(self.settings), []
        for number in range(ACCOUNTS):
            name = f"u{number}"
            async with db.write() as tx:
                user = User(name=name, name_key=name, email=f"{name}@a", email_key=f"{name}@a")
                tx.add(user)
                await tx.flush()
                keys.append((await make(tx, Actor(user=user.id), "k", self.scopes)).text)
        await db.close()
        return keys

    def start(self) -> None:
        super().start()
        self.until(200)

    def ended(self) -> tuple[int, str]:
        """Start it where it cannot: its status, and what it said."""
        done = subprocess.run(self.command, cwd=self.folder, env=self.whole_environ(), text=True,
                              capture_output=True, check=False, timeout=60)  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    def until(self, status: int, seconds: float = 60) -> float:
        """Wait until it says that it is ready, or that it is not; how long that took."""
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            if self.ready() == status:
                return time.monotonic() - began
            time.sleep(0.05)
        raise AssertionError(f"not {status}:\n{self.said()}")

    def ready(self) -> int:
        headers = {"host": "test.example"}
        try:
            url = f"http://127.0.0.1:{self.port}/health/ready"
            return httpx.get(url, headers=headers, timeout=5).status_code
        except httpx.HTTPError:
            return 0

    async def write(self, stop: asyncio.Event) -> None:
        """Write with all writers until told to stop, whatever happens to the server."""
        limits = httpx.Limits(max_connections=WRITERS)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}", limits=limits,
                                     timeout=15) as client:  # fmt: skip
            await asyncio.gather(*(self._writer(client, stop, n) for n in range(WRITERS)))

    async def _writer(self, client: httpx.AsyncClient, stop: asyncio.Event, number: int) -> None:
        turn = number
        while not stop.is_set():
            key, turn = self.keys[turn % len(self.keys)], turn + WRITERS
            headers = {"host": "test.example", "authorization": f"Bearer {key}"}
            began = time.monotonic()
            try:
                answer = await client.post("/api/v1/token", headers=headers)
            except httpx.HTTPError:
                await asyncio.sleep(0.02)
                continue
            self.load.slowest = max(self.load.slowest, time.monotonic() - began)
            self.load.statuses[answer.status_code] += 1
            if answer.status_code == 201:
                self.load.kept.add(digest_of(answer.json()["refresh_token"]))
            else:
                await asyncio.sleep(0.02)

    def under_load(self, seconds: float, act=lambda: None, after: float = 0.0) -> None:
        """Do something to it in the midst of writes, when the first were acknowledged."""

        async def story() -> None:
            stop, before = asyncio.Event(), len(self.load.kept)
            writing = asyncio.create_task(self.write(stop))
            await asyncio.sleep(seconds)
            async with asyncio.timeout(60):
                while len(self.load.kept) == before:  # noqa: ASYNC110 (a writer tells nobody)
                    await asyncio.sleep(0.02)
            await asyncio.to_thread(act)
            await asyncio.sleep(after)
            stop.set()
            await writing

        asyncio.run(story())

    def lost(self) -> set[str]:
        """The acknowledged writes that are not in the database."""
        engine = create_engine(sync_url(self.settings.database_url))
        with engine.connect() as connection:
            there = set(connection.scalars(text("SELECT digest FROM refresh_tokens")))
            if connection.dialect.name == "sqlite":
                assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
        engine.dispose()
        return self.load.kept - there


@pytest.fixture
def running() -> Iterator[list[Running]]:
    """Sidecars that are ended with the test."""
    every: list[Running] = []
    yield every
    for one in every:
        one.kill()

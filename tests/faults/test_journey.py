"""Sidecar, worker and builder are killed on the way of a job from its form to "it is live".

A round hands one in, confirms it by the mail, approves it, and reads it on the site; within each of
these stages one of the three processes is killed at a random moment and started again.  What people
were told stands, and nothing of it is there twice.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import threading
import time
from collections.abc import Callable
from email import policy
from email.parser import BytesParser
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import create_engine, text

from sidecar import people, sessions
from sidecar.database import open_database
from sidecar.permissions import NOBODY, Role
from sidecar.schema import prepare, sync_url
from sidecar.settings import read_settings
from tests.conftest import free_port
from tests.faults.conftest import ROUNDS, Program
from tests.sidecar.conftest import FORM, HIDDEN, emptied, postgres, project_beside  # noqa: F401 (a fixture)
from tests.sidecar.test_cases import GOOD
from tests.sidecar.test_stamps import CHALLENGE, worked

pytestmark = pytest.mark.slow

PATIENCE = 120  # seconds for what is to happen by itself
WITHIN = 1.2  # a kill falls into so many seconds from the beginning of its stage
LINK = re.compile(r"http://\S+/submit/\S+")
# On each of the two databases.
JOBS = max(1, ROUNDS // 2)
# What a job is to have at the end of its way, each once.
LETTERS = ["case-confirm", "case-received", "case-live"]


class Deployment:
    """A site and its three processes."""

    def __init__(self, root: Path, url: str) -> None:
        self.root = root
        project_beside(root)
        port = free_port()
        self.address = f"http://127.0.0.1:{port}"
        environ = {
            "PYDOTORG_URL": self.address, "PYDOTORG_PORT": str(port),
            "PYDOTORG_SECRET": "s" * 40, "PYDOTORG_PROXIES": "127.0.0.1",
            **({"DATABASE_URL": url} if url else {}),
        }  # fmt: skip
        self.settings = read_settings(environ, root)
        prepare(self.settings.database_url)
        self.engine = create_engine(sync_url(self.settings.database_url))
        self.sidecar = Program(root, environ, "sidecar", "run", "--no-worker")
        self.programs = (
            self.sidecar,
            Program(root, environ, "sidecar", "worker"),
            Program(root, {}, "build", "--watch"),
        )
        self.moderator = asyncio.run(self._moderator())

    async def _moderator(self) -> dict[str, str]:
        """The cookie of somebody who decides."""
        db = open_database(self.settings)
        async with db.write() as tx:
            user = await people.add(tx, NOBODY, "moe", "moe@desk.example", roles=[Role.JOBS_TEAM])
            token = await sessions.start(tx, user.id, "a browser of the tests", has_factor=True)
        await db.close()
        return {sessions.cookie_name(self.settings, "session"): token}

    def start(self) -> None:
        for program in self.programs:
            program.start()

    def end(self) -> None:
        for program in self.programs:
            program.kill()
        self.engine.dispose()

    def rows(self, query: str, **given: Any) -> list[Any]:
        with self.engine.connect() as connection:
            return list(connection.execute(text(query), given).all())

    def until(self, is_so: Callable[[], Any], what: str) -> Any:
        """Wait until something is so, and return it."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if found := is_so():
                return found
            time.sleep(0.02)
        raise AssertionError(f"{what}: not within {PATIENCE} s\n{self.sidecar.said()}")

    def stage(self, act: Callable[[], Any]) -> Any:
        """Do something and wait for what comes of it, while a process is killed and started again."""
        killing = threading.Thread(target=self._kill, args=(random.random() * WITHIN,))
        killing.start()
        try:
            return act()
        finally:
            killing.join()

    def _kill(self, after: float) -> None:
        program = random.choice(self.programs)
        time.sleep(after)
        program.kill()
        program.start()

    def mail(self, to: str, template: str) -> str:
        """The text of a mail that was sent, once it is."""

        def sent() -> str:
            for (number,) in self.rows(
                "SELECT id FROM mails WHERE recipient = :to AND template = :template "
                "AND state = 'sent'", to=to, template=template,
            ):  # fmt: skip
                file = self.root / f"data/mail/{number:06}.eml"
                letter = BytesParser(policy=policy.default).parsebytes(file.read_bytes())
                body = letter.get_body(("plain",))
                return body.get_content() if body else ""
            return ""

        return str(self.until(sent, f"{template} to {to}"))


class Person:
    """Somebody who tries again where no answer comes."""

    def __init__(
        self, deployment: Deployment, number: int, cookies: dict[str, str] | None = None
    ) -> None:
        self.deployment = deployment
        self.headers = {"accept": "text/html", "x-forwarded-for": f"10.9.{number // 250}.{number}"}
        self.cookies = cookies or {}

    def send(
        self, page: str, act: str, is_done: Callable[[], Any] = lambda: False, **typed: Any
    ) -> httpx.Response | None:
        """Open a page, fill in the form of it and send it; None where that had happened already.

        `is_done` says so of what was sent before and never answered.
        """
        end, has_sent = time.monotonic() + PATIENCE, False
        while time.monotonic() < end:
            try:
                with httpx.Client(base_url=self.deployment.address, headers=self.headers,
                                  cookies=self.cookies, timeout=15) as browser:  # fmt: skip
                    shown = browser.get(page)
                    if has_sent and is_done():
                        return None
                    fields = hidden_of(shown, act) | typed
                    has_sent = True
                    answer = browser.post(act, data=fields)
            except httpx.HTTPError:
                time.sleep(0.05)
                continue
            if answer.status_code == 503:
                continue
            assert answer.status_code == 303, answer.text[:2000]
            return answer
        raise AssertionError(f"{act} is not answered\n{self.deployment.sidecar.said()}")


def hidden_of(shown: httpx.Response, act: str) -> dict[str, str]:
    """What a form brings along; the work that it asks for is done."""
    form = next(one for one in FORM.findall(shown.text) if f'action="{act}"' in one)
    fields = {name: unescape(value) for name, value in HIDDEN.findall(form)}
    if found := CHALLENGE.search(form):
        fields["stamp"] = worked(unescape(found[1]))
    return fields


@pytest.fixture(params=["sqlite", "postgresql"])
def deployment(request, tmp_path):
    """A job board of nobody yet."""
    is_postgres = request.param == "postgresql"
    url = emptied(request.getfixturevalue("postgres")) if is_postgres else ""
    found = Deployment(tmp_path, url)
    found.start()
    try:
        yield found
    finally:
        found.end()


def travel(deployment: Deployment, number: int) -> str:
    """Bring a job from its form to the site, with a kill in each stage; its public id."""
    to = f"ada@r{number}.example"
    author, moderator = Person(deployment, number), Person(deployment, number, deployment.moderator)
    job = {**GOOD, "title": f"Baker {number}", "sender": to}

    def state() -> str:
        return str(
            deployment.rows(
                "SELECT s.state FROM submissions s JOIN submitters p ON p.id = s.submitter_id "
                "WHERE p.email = :to", to=to,
            )[0][0]
        )  # fmt: skip

    def hand_in() -> str:
        author.send("/submit/job", "/submit/job", **job)
        return LINK.search(deployment.mail(to, "case-confirm"))[0]

    def confirm() -> None:
        author.send(link, "/submit/confirm", lambda: state() != "unconfirmed")
        deployment.mail(to, "case-received")

    def approve() -> None:
        moderator.send(f"/admin/cases/{case}", f"/admin/cases/{case}/decide",
                       lambda: state() == "published", step="approve", at_once="on")  # fmt: skip
        deployment.until(page.is_file, f"the page of job {number}")

    link = deployment.stage(hand_in)
    ((case, public_id),) = deployment.rows(
        "SELECT s.id, s.public_id FROM submissions s JOIN submitters p ON p.id = s.submitter_id "
        "WHERE p.email = :to", to=to,
    )  # fmt: skip
    page = deployment.root / f"dist/jobs/{public_id}/index.html"
    deployment.stage(confirm)
    deployment.stage(approve)
    told = deployment.stage(lambda: deployment.mail(to, "case-live"))
    assert f"{deployment.address}/jobs/{public_id}/" in told
    return str(public_id)


def is_whole(deployment: Deployment, number: int, public_id: str) -> None:
    """Claim that all of a job is there, and there once."""
    to = {"to": f"ada@r{number}.example"}
    mine = "JOIN submissions s ON s.id = t.submission_id JOIN submitters p ON p.id = s.submitter_id"
    letters = deployment.rows(
        "SELECT template, state FROM mails WHERE recipient = :to ORDER BY id", **to
    )
    steps = deployment.rows(
        f"SELECT t.step FROM decisions t {mine} WHERE p.email = :to ORDER BY t.id", **to
    )
    ways = deployment.rows(
        f"SELECT t.number, t.live_at FROM publishings t {mine} WHERE p.email = :to", **to
    )
    page = deployment.root / f"dist/jobs/{public_id}/index.html"

    assert letters == [(template, "sent") for template in LETTERS]
    assert steps == [("confirm",), ("approve",)]
    ((taken, live_at),) = ways
    assert live_at
    assert f"Baker {number}" in page.read_text()
    assert snapshot_built(deployment) >= taken


def snapshot_built(deployment: Deployment) -> int:
    """The number of the snapshot that the site says it was built from."""
    ((value,),) = deployment.rows("SELECT value FROM flags WHERE name = 'snapshot'")
    ours = json.loads(value) if isinstance(value, str) else value
    told = json.loads((deployment.root / "dist/build.json").read_text())["snapshots"]
    (snapshot,) = told.values()
    assert snapshot["epoch"] == ours["epoch"]
    return int(snapshot["number"])


@pytest.mark.timeout(7200)
@pytest.mark.row("S002", "S284")
def test_whatever_is_killed_on_the_way_of_a_job_nothing_is_lost_and_nothing_is_doubled(deployment):
    jobs = {number: travel(deployment, number) for number in range(JOBS)}

    for number, public_id in jobs.items():
        is_whole(deployment, number, public_id)
    assert {path.parent.name for path in (deployment.root / "dist/jobs").glob("*/index.html")
            if path.parent.name.isdigit()} == set(jobs.values())  # fmt: skip
    titles = deployment.rows("SELECT title FROM submissions ORDER BY id")
    assert titles == [(f"Baker {number}",) for number in jobs]
    dead = "SELECT kind, error FROM tasks WHERE state = 'dead'"
    assert deployment.rows(dead) == []

"""What came of a snapshot: built, seen at the public address, told to who handed it in.

/build.json says which snapshot the site was built from and what the builder could not take, and each
page shows the digest of its own record.  Only a page that shows it is live, and is told to be so.
"""

from __future__ import annotations

import asyncio
import datetime
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import msgspec
from sqlalchemy import case, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from pydotorg_build.content.base import last_day_of
from sidecar.clock import now
from sidecar.kinds import KINDS
from sidecar.mail import post
from sidecar.publishing import LOOK, NUMBER, name_of
from sidecar.queue import Work, task
from sidecar.settings import Settings
from sidecar.tables.cases import Publishing, Revision, Submission, Submitter
from sidecar.tables.work import Flag

LOOKS = 2000  # about a week
SECONDS = 5.0
AT_ONCE = 8
META = re.compile(r"""<meta\b[^>]*\bname=["']?record\b[^>]*>""")
CONTENT = re.compile(r"""\bcontent=["']?([0-9a-zA-Z]+)""")


def rarer(attempts: int) -> datetime.timedelta:
    """How long to wait until the next look: a second, and longer when the builder is not there."""
    return datetime.timedelta(seconds=1 if attempts < 120 else 10 if attempts < 500 else 300)


class NotYetError(Exception):
    """The builder has not made the pages yet, or they are not served yet."""


class Told(msgspec.Struct, frozen=True):
    """What /build.json says: the snapshots that the site was built from, and what was not taken."""

    snapshots: dict[str, dict[str, Any]] = {}
    quarantined: dict[str, list[str]] = {}

    def number(self, epoch: str) -> int:
        """The number of our snapshot; 0 where the site was built from none of this epoch."""
        ours = (one for one in self.snapshots.values() if one.get("epoch") == epoch)
        return max((int(one.get("number", 0)) for one in ours), default=0)


async def public(settings: Settings, address: str) -> str:
    """What the public address answers; empty where there is nothing.  Without a probe, the folder."""
    if not settings.probe_url:
        name = address.strip("/") + "/index.html" * address.endswith("/")
        return await asyncio.to_thread(text_of, Path(settings.site) / name.strip("/"))
    fresh = {"Cache-Control": "no-cache"}
    async with httpx.AsyncClient(timeout=SECONDS, trust_env=False, headers=fresh) as client:
        try:
            answer = await client.get(settings.probe_url + address)
        except httpx.HTTPError as error:
            raise NotYetError(f"{settings.probe_url} does not answer: {error}") from None
    if answer.status_code not in (200, 301, 302, 303, 307, 308, 404, 410):
        raise NotYetError(f"{settings.probe_url}{address} answers with {answer.status_code}")
    return answer.text if answer.status_code == 200 else ""


def text_of(file: Path) -> str:
    """The text of a file; empty where there is none."""
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def record_in(html: str) -> str:
    """The digest of the record that a page shows.

    >>> record_in("<meta name=record content=3f9a>"), record_in("<p>")
    ('3f9a', '')
    """
    found = META.search(html)
    content = CONTENT.search(found[0]) if found else None
    return content[1] if content else ""


async def told_by(settings: Settings) -> Told:
    """What the site that is served says of its build."""
    try:
        return msgspec.json.decode(await public(settings, "/build.json"), type=Told)
    except msgspec.DecodeError:
        return Told()


@task(LOOK, tries=LOOKS, pause=rarer, is_urgent=True)
async def look(work: Work) -> None:
    """See whether what a snapshot changed can be read; what can is told, the rest is looked for again."""
    number, told = int(work.payload["number"]), await told_by(work.settings)
    async with work.db.read() as tx:
        flag = await tx.get(Flag, NUMBER)
        waiting = await _waiting(tx, number)
    built = told.number(flag.value["epoch"]) if flag else 0
    if built < number:
        has = f"snapshot {built}" if built else "no snapshot of ours"
        raise NotYetError(f"the site has {has}, and this is {number}")
    await _note_built(work, number)
    faults = {one.id: told.quarantined.get(name, []) for one, name, _ in waiting}
    fine = [one for one in waiting if not faults[one[0].id]]
    seen = await _seen(work.settings, fine)
    await _note_seen(work, seen, {key: words for key, words in faults.items() if words})
    if len(seen) < len(fine):
        raise NotYetError(f"{len(fine) - len(seen)} pages are not served as they were built")


class Waiting(NamedTuple):
    """A publishing that is not live yet: what the builder calls it, and where it is shown."""

    one: Publishing
    name: str
    address: str


async def _waiting(tx: AsyncSession, number: int) -> list[Waiting]:
    """What is in a snapshot and not live yet; what leaves is looked for where it was shown last."""
    was_good = case((Submission.good > 0, Submission.good), else_=Submission.latest)
    n = case((Publishing.n > 0, Publishing.n), else_=was_good)
    rows = await tx.execute(
        select(Publishing, Submission, Revision.payload)
        .join(Submission, Submission.id == Publishing.submission_id)
        .join(Revision, (Revision.submission_id == Submission.id) & (Revision.n == n))
        .where(Publishing.number <= number, Publishing.live_at.is_(None))
    )
    return [Waiting(one, name_of(s), address_of(s, payload)) for one, s, payload in rows]


def address_of(submission: Submission, payload: Mapping[str, Any]) -> str:
    """Where the site shows a version; nowhere, where its kind is gone."""
    kind = KINDS.get(submission.kind)
    return kind.address(submission.public_id, payload) if kind else ""


async def _note_built(work: Work, number: int) -> None:
    fresh = Publishing.number <= number, Publishing.built_at.is_(None)
    async with work.db.write() as tx:
        await tx.execute(update(Publishing).where(*fresh).values(built_at=now()))


async def _seen(settings: Settings, waiting: list[Waiting]) -> set[int]:
    """Those that the public address shows as they are to be; what has no page is as it is to be."""
    hands = asyncio.Semaphore(AT_ONCE)

    async def is_there(one: Publishing, address: str) -> bool:
        if not address:
            return True
        async with hands:
            return record_in(await public(settings, address)) == one.digest

    answers = await asyncio.gather(*(is_there(one, address) for one, _, address in waiting))
    return {one.id for (one, *_), seen in zip(waiting, answers, strict=True) if seen}


async def _note_seen(work: Work, seen: Iterable[int], faults: dict[int, list[str]]) -> None:
    """Write down what is live and what could not be taken, and tell it, in one transaction."""
    async with work.db.write() as tx:
        for key, words in faults.items():
            await tx.execute(
                update(Publishing).where(Publishing.id == key).values(error="\n".join(words))
            )
        for key in seen:
            one = await tx.get_one(Publishing, key)
            if one.live_at is None:
                one.live_at, one.error = now(), ""
                await _tell(tx, work.settings, one)


async def _tell(tx: AsyncSession, settings: Settings, one: Publishing) -> None:
    """Keep what is good, and write to who handed it in that it can be read now."""
    # Not through the object: who decides about it at this moment looks at the same version still.
    here = update(Submission).where(Submission.id == one.submission_id).values(good=one.n)
    await tx.execute(here.execution_options(synchronize_session=False))
    submission = await tx.get_one(Submission, one.submission_id)
    kind = KINDS.get(submission.kind)
    if not one.template or not one.n or kind is None:
        return
    shown = Revision.submission_id == submission.id, Revision.n == one.n
    payload = (await tx.scalars(select(Revision.payload).where(*shown))).one()
    submitter = await tx.get_one(Submitter, submission.submitter_id)
    address = f"{settings.url}{address_of(submission, payload)}"
    ends = f"{last_day_of(submission.ends):%-d %B %Y}" if submission.ends else ""
    data = {"kind": kind.title, "title": submission.title, "address": address, "ends": ends}
    await post(tx, one.template, submitter.email, data, dedupe=f"live {one.id}")


class Standing(NamedTuple):
    """How far the site is: the snapshot last taken, the one it was built from, and what waits."""

    taken: int
    built: int
    built_at: datetime.datetime | None
    waiting: int
    faults: int

    @property
    def is_behind(self) -> bool:
        return self.built < self.taken


async def standing(db: AsyncSession, settings: Settings) -> Standing:
    """How far the site is.  One that was built from a snapshot of another epoch has none of ours."""
    flag = await db.get(Flag, NUMBER)
    is_open = Publishing.live_at.is_(None)
    waiting = await db.scalar(select(func.count(Publishing.id)).where(is_open))
    faults = select(func.count(Publishing.id)).where(is_open, Publishing.error != "")
    try:
        told = await told_by(settings)
    except NotYetError:
        told = Told()
    at = await asyncio.to_thread(made_at, Path(settings.site) / "build.json")
    return Standing(
        taken=int(flag.value["number"]) if flag else 0,
        built=told.number(flag.value["epoch"]) if flag else 0, built_at=at, waiting=waiting or 0,
        faults=await db.scalar(faults) or 0,
    )  # fmt: skip


def made_at(file: Path) -> datetime.datetime | None:
    """When a file was made; none, where there is none."""
    try:
        return datetime.datetime.fromtimestamp(file.stat().st_mtime, datetime.UTC)
    except OSError:
        return None

"""The way onto the site: requests, and the snapshot that has them; receipts.py sees what came of it.

A step asks for publishing in its own transaction, with the moment from which it may be.  Work of
the queue then takes one snapshot for all that is due, and the builder makes the pages of it.
"""

from __future__ import annotations

import asyncio
import datetime
import secrets
from collections.abc import Sequence
from typing import Any, NamedTuple

import structlog
from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from pydotorg_build.content.base import last_day_of
from pydotorg_build.content.jobs import REMEMBERED
from pydotorg_build.snapshot import Row, digest_of
from sidecar import (
    announcements,
    blogs,
    build_hook,
    decision_log,
    download_numbers,
    holds,
    mail,
    nominees,
    store,
)
from sidecar.clock import now
from sidecar.forms import marked
from sidecar.kinds import KINDS
from sidecar.kinds.base import Kind, data_of
from sidecar.queue import Work, enqueue, task
from sidecar.settings import Settings
from sidecar.snapshots import alone, files_in, snapshot_of, write
from sidecar.sponsors import rows as sponsors
from sidecar.tables.cases import Decision, Publishing, Revision, Submission
from sidecar.tables.work import Flag, Mail
from sidecar.workflow import State

TAKE, LOOK = "snapshot.take", "snapshot.look"
NUMBER = "snapshot"
# What a snapshot takes besides what was handed in.
SOURCES = (
    announcements.rows, nominees.rows, download_numbers.rows, decision_log.rows, blogs.rows,
    sponsors.rows,
)  # fmt: skip
# Kinds of rows that name pictures, and in which fields.
PICTURES = {sponsors.KIND: {"logo"}}
# What the builder asks of a row whose address says that it has ended; and of a job how one applies,
# which leads nowhere then.
LEFT = {"title", "company", "category", "city", "country", "remote", "date", "ends"}
NOWHERE_TO_APPLY = {"apply_url": "https://ended.invalid/"}
log = structlog.get_logger()


class Shown(NamedTuple):
    """How a submission stands on the site: by which revision (0 for none), since and until when."""

    live: int
    published_at: datetime.datetime | None
    ends: datetime.datetime | None

    @classmethod
    def of(cls, submission: Submission) -> Shown:
        """As it stands now."""
        return cls(submission.live, submission.published_at, submission.ends)

    @classmethod
    def again(cls, kept: dict[str, Any]) -> Shown:
        """As it was kept with a decision."""
        moments = (kept.get(name) for name in ("published_at", "ends"))
        return cls(
            kept["live"], *(datetime.datetime.fromisoformat(m) if m else None for m in moments)
        )

    def kept(self) -> dict[str, Any]:
        """As JSON holds it."""
        published_at, ends = (m.isoformat() if m else None for m in self[1:])
        return {"live": self.live, "published_at": published_at, "ends": ends}

    @property
    def last_day(self) -> datetime.date | None:
        return last_day_of(self.ends) if self.ends else None

    def give(self, submission: Submission) -> None:
        """Let a submission stand so."""
        submission.live, submission.published_at, submission.ends = self


NOWHERE = Shown(0, None, None)


class Told(NamedTuple):
    """How a submission stands for its author, who is told of no decision while it can be undone."""

    state: State
    shown: Shown


async def told(db: AsyncSession, submissions: Sequence[Submission]) -> dict[int, Told]:
    """How each of them stands for its author."""
    ids = [one.id for one in submissions]
    held = await holds.held(db, Decision.submission_id.in_(ids))
    return {
        one.id: Told(holds.state_before(held[one.id], one), Shown.again(held[one.id].before))
        if one.id in held else Told(State(one.state), Shown.of(one))
        for one in submissions
    }  # fmt: skip


async def request(
    tx: AsyncSession, submission: Submission, due: datetime.datetime, *, template: str = "",
    decision: Decision | None = None,
) -> None:  # fmt: skip
    """Ask that the site show a submission as it is from a moment on; `template` is told then."""
    of = decision.id if decision else None
    tx.add(Publishing(submission_id=submission.id, decision_id=of, due=due, template=template))
    await tx.flush()
    await enqueue(tx, TAKE, {}, not_before=due)


async def anew(tx: AsyncSession, why: str, due: datetime.datetime | None = None) -> None:
    """Ask for a snapshot though nothing that was handed in is another: `why` is kept for staff."""
    await enqueue(tx, TAKE, {"why": why}, not_before=due)


async def forget(tx: AsyncSession, decision: Decision) -> bool:
    """What was to follow from a decision does not; False where a snapshot has it, or it was told."""
    its = Publishing.decision_id == decision.id
    await tx.execute(delete(Publishing).where(its, Publishing.number.is_(None)))
    if await tx.scalar(select(Publishing.id).where(its)):
        return False
    return await mail.forget(tx, Mail.dedupe == f"decision {decision.id}")


@task(TAKE, is_urgent=True)
async def take(work: Work) -> None:
    """Take a snapshot, unless one was taken after all that is due was written down.

    The number is taken first, then all rows are read as they are at one moment; nobody who writes
    waits for that, or for the file.  A worker that is killed has marked nothing: the next one takes
    the same again, under the next number.
    """
    async with alone(snapshot_of(work.settings)):
        if not (work.payload or await _any_due(work)):
            return
        async with work.db.write() as tx:
            flag = await _next(tx)
        async with work.db.moment() as tx:
            due = list(await tx.scalars(select(Publishing.id).where(*is_due())))
            found, before = await _found(tx), await _before(tx)
            others = [Row(*row) for source in (_ended, *SOURCES) for row in await source(tx)]
        rows = [*(row_of(KINDS[s.kind], s, r, at) for s, r, at in found), *others]
        whole, pictures = await _with_pictures(work.settings, [*rows, *before])
        rows, kept = whole[: len(rows)], {(r.kind, r.key): r for r in whole[len(rows) :]}
        await asyncio.to_thread(write, snapshot_of(work.settings), flag, rows, pictures, kept)
        parts = {
            submission.id: Part(revision.n, digest_of(row, kept.get((row.kind, row.key))))
            for row, (submission, revision, _) in zip(rows, found, strict=False)
        }
        async with work.finishing() as tx:
            await _mark(tx, int(flag["number"]), due, parts)
            await enqueue(tx, LOOK, {"number": flag["number"]}, dedupe=f"look {flag['number']}")
            await build_hook.ask(tx, work.settings)


def is_due() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """What is wanted on the site now, and is in no snapshot yet."""
    return Publishing.due <= now(), Publishing.number.is_(None)


async def _any_due(work: Work) -> bool:
    async with work.db.read() as tx:
        return await tx.scalar(select(Publishing.id).where(*is_due()).limit(1)) is not None


class Part(NamedTuple):
    """What a snapshot has of a submission: which revision, and the digest that its page will show."""

    n: int
    digest: str


async def _mark(tx: AsyncSession, number: int, due: list[int], parts: dict[int, Part]) -> None:
    """Write down which snapshot has what, and what the page of each will show when it is there.

    What was undone after the rows were read is in this snapshot, and another is asked for.
    """
    marked_now = await tx.scalars(
        update(Publishing)
        .where(Publishing.id.in_(due), Publishing.number.is_(None))
        .values(number=number, taken_at=now())
        .returning(Publishing.id)
    )
    if len(marked_now.all()) < len(due):
        await anew(tx, "something was undone meanwhile")
    is_open = Publishing.number.is_not(None), Publishing.live_at.is_(None)
    for one in await tx.scalars(select(Publishing).where(*is_open)):
        one.n, one.digest = parts.get(one.submission_id, Part(0, ""))


def name_of(submission: Submission) -> str:
    """What a submission is called in a snapshot; nothing where its kind is gone."""
    kind = KINDS.get(submission.kind)
    return f"{kind.content.name}/{submission.public_id}" if kind else ""


async def _with_pictures(
    settings: Settings, rows: list[Row]
) -> tuple[list[Row], dict[str, bytes | None]]:
    """The rows with the pictures that they name: None for those that the last snapshot has.

    A picture that is lost is left out, and the page stands without it.
    """
    fields = PICTURES | {
        kind.content.name: marked(kind.form, "is_picture") for kind in KINDS.values()
    }
    found: dict[str, bytes | None] = {}
    had = await asyncio.to_thread(files_in, snapshot_of(settings))
    whole: list[Row] = []
    for row in rows:
        lost = set()
        for field in fields.get(row.kind, set()) & row.data.keys():
            name = row.data[field]
            if name not in found:
                found[name] = None if name in had else (
                    await asyncio.to_thread(store.get, settings, name)
                )  # fmt: skip
            if found[name] is None and name not in had:
                lost.add(field)
                log.error("a picture is lost", kind=row.kind, key=row.key, name=name)
        whole.append(row._replace(data={f: v for f, v in row.data.items() if f not in lost}))
    return whole, {n: c for n, c in found.items() if c is not None or n in had}


async def _next(tx: AsyncSession) -> dict[str, Any]:
    """The epoch and the number of the snapshot to take."""
    flag = await tx.get(Flag, NUMBER, with_for_update=True)
    if flag is None:
        flag = Flag(name=NUMBER, value={"epoch": secrets.token_hex(4), "number": 0})
        tx.add(flag)
    flag.value = {**flag.value, "number": int(flag.value["number"]) + 1}
    await tx.flush()
    return dict(flag.value)


async def _found(tx: AsyncSession) -> list[tuple[Submission, Revision, Shown]]:
    """All that was handed in and is published, in a fixed order."""
    before = {n: Shown.again(one.before) for n, one in (await holds.held(tx)).items()}
    asked = (
        select(Submission, Revision)
        .join(Revision, (Revision.submission_id == Submission.id) & (Revision.n == Submission.live))
        .where(Submission.live > 0, Submission.id.not_in(before))
    )
    found = [(s, r, Shown.of(s)) for s, r in await tx.execute(asked)]
    for number, standing in before.items():
        here = Revision.submission_id == number, Revision.n == standing.live
        if revision := await tx.scalar(select(Revision).where(*here)):
            found.append((await tx.get_one(Submission, number), revision, standing))
    found.sort(key=lambda one: one[0].id)
    return [one for one in found if one[0].kind in KINDS]


async def _before(tx: AsyncSession) -> list[Row]:
    """The versions that were seen on the site, of what is to show a newer one."""
    asked = (
        select(Submission, Revision)
        .join(Revision, (Revision.submission_id == Submission.id) & (Revision.n == Submission.good))
        .where(Submission.live > 0, Submission.good > 0, Submission.good != Submission.live)
    )
    return [row_of(KINDS[s.kind], s, r, Shown.of(s)) for s, r in await tx.execute(asked)
            if s.kind in KINDS]  # fmt: skip


async def _ended(tx: AsyncSession) -> list[Row]:
    """What came to its end or was settled, as little as its address needs to say that it has ended."""
    last = select(func.max(Decision.id)).group_by(Decision.submission_id)
    asked = (
        select(Submission, Revision, Decision.created)
        .join(Decision, Decision.submission_id == Submission.id)
        .join(Revision, Revision.submission_id == Submission.id)
        .where(Decision.id.in_(last), Revision.n == Decision.before["live"].as_integer())
        .where(Submission.live == 0, Submission.ends.is_not(None))
        .where(Decision.step.in_(("expire", "settle")), Decision.created > now() - REMEMBERED)
        .order_by(Submission.id)
    )
    rows = []
    for submission, revision, at in await tx.execute(asked):
        kind = KINDS.get(submission.kind)
        if kind and kind.ends:
            ends = min(submission.ends or at, at)
            row = row_of(kind, submission, revision, Shown.of(submission)._replace(ends=ends))
            left = {name: row.data[name] for name in LEFT & row.data.keys()}
            rows.append(row._replace(data=left | NOWHERE_TO_APPLY | {"body": ""}))
    return rows


def row_of(kind: Kind, submission: Submission, revision: Revision, standing: Shown) -> Row:
    """A published submission as a row of the snapshot: nothing in it is only ours."""
    payload = revision.payload
    data = data_of(kind, payload, standing.published_at or submission.created)
    data["body"] = payload.get("text", "")
    if standing.ends and "ends" in data:
        data["ends"] = standing.ends.isoformat()
    if submission.featured:
        data["featured"] = True
    return Row(kind.content.name, submission.public_id, data)

"""The way onto the site: requests, the snapshot that has them, and the page that shows them.

A step asks for publishing in its own transaction, with the moment from which it may be.  Work of
the queue then takes one snapshot for all that is due, and sees later whether the builder has made
the pages of it: /build.json says which snapshot the site was built from.
"""

from __future__ import annotations

import asyncio
import datetime
import secrets
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import structlog
from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from pydotorg_build.problems import Problems
from pydotorg_build.snapshot import Row, Snapshots, add_file, add_rows, writing
from sidecar import announcements, blogs, download_numbers, nominees, store
from sidecar.clock import now
from sidecar.forms import marked
from sidecar.kinds import KINDS
from sidecar.kinds.base import Kind, data_of
from sidecar.mail import post
from sidecar.queue import Work, enqueue, task
from sidecar.settings import Settings
from sidecar.sponsors import rows as sponsors
from sidecar.tables.cases import Decision, Publishing, Revision, Submission, Submitter
from sidecar.tables.work import Flag, Mail, MailState

TAKE, LOOK = "snapshot.take", "snapshot.look"
NUMBER = "snapshot"
LOOKS = 2000  # about a week
# What a snapshot takes besides what was handed in.
SOURCES = (
    announcements.rows, nominees.rows, download_numbers.rows, blogs.rows, sponsors.rows,
)  # fmt: skip
# Kinds of rows that name pictures, and in which fields.
PICTURES = {sponsors.KIND: {"logo"}}
log = structlog.get_logger()


def rarer(attempts: int) -> datetime.timedelta:
    """How long to wait until the next look: a second, and longer when the builder is not there."""
    return datetime.timedelta(seconds=1 if attempts < 120 else 10 if attempts < 500 else 300)


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

    def give(self, submission: Submission) -> None:
        """Let a submission stand so."""
        submission.live, submission.published_at, submission.ends = self


NOWHERE = Shown(0, None, None)


async def request(
    tx: AsyncSession, submission: Submission, due: datetime.datetime, *, template: str = ""
) -> None:
    """Ask that the site show a submission as it is from a moment on; `template` is told then."""
    tx.add(Publishing(submission_id=submission.id, due=due, template=template))
    await tx.flush()
    await enqueue(tx, TAKE, {}, not_before=due)


async def anew(tx: AsyncSession, why: str) -> None:
    """Ask for a snapshot though nothing that was handed in is another: `why` is kept for staff."""
    await enqueue(tx, TAKE, {"why": why})


async def forget(tx: AsyncSession, submission: Submission, decision: Decision) -> None:
    """What was to follow from a decision that was undone does not."""
    await tx.execute(
        delete(Publishing).where(
            Publishing.submission_id == submission.id,
            Publishing.number.is_(None),
            Publishing.due == decision.until,
        )
    )
    held = update(Mail).where(
        Mail.dedupe == f"decision {decision.id}", Mail.state == MailState.QUEUED.value
    )
    await tx.execute(held.values(state=MailState.HELD.value, error="the decision was undone"))


@task(TAKE)
async def take(work: Work) -> None:
    """Take a snapshot, unless one was taken after all that is due was written down."""
    async with work.db.write() as tx:
        due = (Publishing.due <= now()) & Publishing.number.is_(None)
        waiting = list(await tx.scalars(select(Publishing).where(due)))
        if not waiting and not work.payload:
            return
        flag = await _next(tx)
        rows, pictures = await _with_pictures(work.settings, list(await _rows(tx)))
        for one in waiting:
            one.number, one.taken_at = flag["number"], now()
        # The file is in place before the transaction ends: should that fail, it is only newer.
        await asyncio.to_thread(write, snapshot_of(work.settings), flag, rows, pictures)
        await enqueue(tx, LOOK, {"number": flag["number"]}, dedupe=f"look {flag['number']}")


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


def files_in(path: Path) -> set[str]:
    """The names of the pictures of a snapshot."""
    reader = Snapshots(path.parent, [path.name])
    try:
        return set(reader.files(path.name))
    except Problems:
        return set()
    finally:
        reader.close()


def snapshot_of(settings: Settings) -> Path:
    """Where the builder reads the snapshot."""
    return Path(settings.data) / "snapshot.sqlite"


async def _next(tx: AsyncSession) -> dict[str, Any]:
    """The epoch and the number of the snapshot to take."""
    flag = await tx.get(Flag, NUMBER, with_for_update=True)
    if flag is None:
        flag = Flag(name=NUMBER, value={"epoch": secrets.token_hex(4), "number": 0})
        tx.add(flag)
    flag.value = {**flag.value, "number": int(flag.value["number"]) + 1}
    await tx.flush()
    return dict(flag.value)


async def _rows(tx: AsyncSession) -> Iterator[Row]:
    """Everything that is published, as the builder reads it, in a fixed order."""
    before = await _held(tx)
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
    handed_in = (row_of(KINDS[s.kind], s, r, at) for s, r, at in found if s.kind in KINDS)
    others = [row for source in SOURCES for row in await source(tx)]
    return chain(handed_in, (Row(*row) for row in others))


async def _held(tx: AsyncSession) -> dict[int, Shown]:
    """How what was decided a moment ago stands until nobody can undo that any more."""
    newest = select(func.max(Decision.id)).group_by(Decision.submission_id)
    rows = await tx.execute(
        select(Decision.submission_id, Decision.before).where(
            Decision.until > now(), Decision.undone_at.is_(None), Decision.id.in_(newest)
        )
    )
    return {number: Shown.again(before) for number, before in rows}


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


def write(
    path: Path, number: dict[str, Any], rows: list[Row], pictures: Mapping[str, bytes | None]
) -> None:
    """Write the snapshot and put it in place.  Invented rows stay beside real ones, until removed.

    Pictures without bytes are taken over from the snapshot that is there.
    """
    invented = list(_invented(path))
    ours = {f"{row.kind}/{row.key}" for row in rows}
    meta = {name: str(value) for name, value in number.items()}
    if invented:
        meta |= {"is_sample": "1", "ours": " ".join(sorted(ours))}
    with writing(path, **meta) as db:
        add_rows(db, rows)
        if invented:
            add_rows(db, [row for row in invented if f"{row.kind}/{row.key}" not in ours])
            copy_files(path, db)
        kept = [name for name, content in pictures.items() if content is None]
        if kept and not invented:
            copy_files(path, db, kept)
        for name, content in pictures.items():
            if content is not None:
                add_file(db, name, content)


def _invented(path: Path) -> Iterator[Row]:
    """The rows of a sample that lies where the snapshot is to be, but for those that were real."""
    reader = Snapshots(path.parent, [path.name])
    try:
        meta = reader.meta(path.name)
        real = set(meta.get("ours", "").split())
        if meta.get("is_sample") == "1":
            for kind in reader.kinds(path.name):
                yield from (
                    row for row in reader.rows(path.name, kind) if f"{kind}/{row.key}" not in real
                )
    finally:
        reader.close()


def copy_files(path: Path, db: Any, names: list[str] | None = None) -> None:
    """The pictures of the snapshot that is there: those of these names, or all."""
    db.commit()
    db.execute("ATTACH ? AS old", (f"{path.as_uri()}?immutable=1",))
    taken = "INSERT OR IGNORE INTO files SELECT name, digest, bytes FROM old.files"
    if names is None:
        db.execute(taken)
    else:
        db.executemany(f"{taken} WHERE name = ?", [(name,) for name in names])
    db.commit()
    db.execute("DETACH old")


@task(LOOK, tries=LOOKS, pause=rarer)
async def look(work: Work) -> None:
    """See whether the site was built from a snapshot; then what waited for it is told."""
    number = int(work.payload["number"])
    built = await asyncio.to_thread(built_from, Path(work.settings.site))
    async with work.db.read() as asking:
        flag = await asking.get(Flag, NUMBER)
    if flag is None or built.get("epoch") != flag.value["epoch"]:
        raise NotYetError("the site was not built from a snapshot of ours")
    if int(built.get("number", 0)) < number:
        raise NotYetError(f"the site has snapshot {built.get('number')}, and this is {number}")
    async with work.finishing() as tx:
        waiting = await tx.scalars(
            select(Publishing).where(Publishing.number <= number, Publishing.live_at.is_(None))
        )
        for one in list(waiting):
            one.live_at = now()
            await _tell(tx, work.settings, one)


class Standing(NamedTuple):
    """How far the site is: the snapshot last taken, the one it was built from, and what waits."""

    taken: int
    built: int
    built_at: datetime.datetime | None
    waiting: int

    @property
    def is_behind(self) -> bool:
        return self.built < self.taken


async def standing(db: AsyncSession, settings: Settings) -> Standing:
    """How far the site is.  One that was built from a snapshot of another epoch has none of ours."""
    flag = await db.get(Flag, NUMBER)
    waiting = await db.scalar(select(func.count(Publishing.id)).where(Publishing.live_at.is_(None)))
    file = Path(settings.site) / "build.json"
    built, at = await asyncio.to_thread(lambda: (built_from(file.parent), made_at(file)))
    is_ours = flag is not None and built.get("epoch") == flag.value["epoch"]
    return Standing(
        taken=int(flag.value["number"]) if flag else 0,
        built=int(built.get("number", 0)) if is_ours else 0, built_at=at, waiting=waiting or 0,
    )  # fmt: skip


def made_at(file: Path) -> datetime.datetime | None:
    """When a file was made; none, where there is none."""
    try:
        return datetime.datetime.fromtimestamp(file.stat().st_mtime, datetime.UTC)
    except OSError:
        return None


class NotYetError(Exception):
    """The builder has not made the pages yet."""


async def _tell(tx: AsyncSession, settings: Settings, one: Publishing) -> None:
    """Write to who handed something in that it can be read now."""
    submission = await tx.get_one(Submission, one.submission_id)
    if not one.template or not submission.live:
        return
    submitter = await tx.get_one(Submitter, submission.submitter_id)
    kind = KINDS[submission.kind]
    shown = Revision.submission_id == submission.id, Revision.n == submission.live
    payload = (await tx.scalars(select(Revision.payload).where(*shown))).one()
    address = f"{settings.url}{kind.address(submission.public_id, payload)}"
    ends = f"{submission.ends:%-d %B %Y}" if submission.ends else ""
    data = {"kind": kind.title, "title": submission.title, "address": address, "ends": ends}
    await post(tx, one.template, submitter.email, data, dedupe=f"live {one.id}")


def built_from(site: Path) -> dict[str, Any]:
    """Epoch and number of the snapshot that the site which is served was built from."""
    try:
        told = msgspec.json.decode((site / "build.json").read_bytes())
    except (OSError, msgspec.DecodeError):
        return {}
    found = told.get("snapshots", {}) if isinstance(told, dict) else {}
    return next((one for one in found.values() if one.get("epoch")), {})

"""What is done by itself, at set times: old rows go that nobody needs any more."""

from __future__ import annotations

import asyncio
import datetime
from typing import Any

from sqlalchemy import delete, select, update

from sidecar import (
    attachments,
    authors,
    beginnings,
    cases,
    download_numbers,
    drafts,
    nominations,
    publishing,
    store,
)
from sidecar.clock import now
from sidecar.queue import Work
from sidecar.schedules import scheduled
from sidecar.sponsors import assets
from sidecar.tables.accounts import Refresh, Session, Token, User
from sidecar.tables.cases import Draft, Submission, Submitter
from sidecar.tables.work import Limit, Mail, MailState, Task, TaskState
from sidecar.workflow import State

DAY = datetime.timedelta(days=1)
# How long rows are kept after they have done their work.  Moments of schedules stay: they are counted.
TOKENS = 7 * DAY
LIMITS = 2 * DAY
TASKS = 30 * DAY
MAILS = 90 * DAY
UNCONFIRMED = 7 * DAY
NEVER_USED = 30 * DAY


@scheduled("cases.end", "*/5 * * * *")
async def end_cases(work: Work) -> None:
    """Take what has come to its end from the site."""
    async with work.finishing() as tx:
        work.result["ended"] = await cases.end_due(tx)


@scheduled("cases.archive", "29 3 * * *")
async def archive_cases(work: Work) -> None:
    """Put away what ended 90 days ago; its author still finds it."""
    async with work.finishing() as tx:
        work.result["archived"] = await cases.archive_due(tx)


@scheduled("drafts.archive", "35 3 * * *")
async def archive_drafts(work: Work) -> None:
    """Put away drafts that nobody touched for 30 days, and tell their owners."""
    async with work.finishing() as tx:
        work.result["archived"] = await drafts.archive_due(tx, work.settings)


@scheduled("cases.remind", "23 6 * * *")
async def remind_of_ends(work: Work) -> None:
    """Write to those whose submission leaves the site: a week before, and on the last day."""
    async with work.finishing() as tx:
        work.result["reminded"] = await authors.remind_due(tx, work.settings)


@scheduled("events.remind", "0 8 * * *")
async def remind_of_beginnings(work: Work) -> None:
    """Write to those whose event begins tomorrow, once."""
    async with work.finishing() as tx:
        work.result["reminded"] = await beginnings.remind_due(tx, work.settings)


@scheduled("nominations.remind", "41 6 * * *")
async def remind_nominees(work: Work) -> None:
    """Write to those who were nominated and have not answered three days before the end, once."""
    async with work.finishing() as tx:
        work.result["reminded"] = await nominations.remind_due(tx, work.settings)


@scheduled("downloads.publish", "11 0 * * *")
async def publish_downloads(work: Work) -> None:
    """Add up old numbers of downloads; give those and the decisions of yesterday to the site."""
    async with work.finishing() as tx:
        is_sqlite = work.db.is_sqlite
        work.result["rows"] = await download_numbers.forget_countries(tx, is_sqlite=is_sqlite)
        await publishing.anew(tx, "the numbers of yesterday")


@scheduled("sponsors.remind", "37 6 * * *")
async def remind_sponsors(work: Work) -> None:
    """Write to sponsors who owe us something within a week."""
    async with work.finishing() as tx:
        work.result["reminded"] = await assets.remind_due(tx, work.settings)


@scheduled("tidy", "17 3 * * *")
async def tidy(work: Work) -> None:
    """Remove ended sessions, tokens and counts, and what was sent and done long ago."""
    at = now()
    over = Mail.state.in_((MailState.SENT.value, MailState.DEAD.value)), Mail.created < at - MAILS
    gone: dict[str, Any] = {
        "sessions": delete(Session).where(Session.expires < at),
        "tokens": delete(Token).where(Token.expires < at - TOKENS),
        "refresh tokens": delete(Refresh).where(Refresh.expires < at - TOKENS),
        "limits": delete(Limit).where(Limit.began < at - LIMITS),
        "tasks": delete(Task).where(
            Task.state == TaskState.DONE.value, Task.done_at < at - TASKS
        ),
        "mails": delete(Mail).where(*over),
        "unconfirmed": delete(Submission).where(
            Submission.state == State.UNCONFIRMED.value, Submission.created < at - UNCONFIRMED
        ),
        "drafts": delete(Draft).where(Draft.archived_at < at - drafts.PUT_AWAY),
        # An address is kept for what was handed in with it, and for nothing else.
        "submitters": delete(Submitter).where(
            Submitter.id.not_in(select(Submission.submitter_id)),
            Submitter.id.not_in(select(Draft.submitter_id)),
            Submitter.created < at - UNCONFIRMED,
        ),
        # A name is kept for whoever confirms the address, and is free again afterwards.
        "accounts": delete(User).where(
            User.confirmed_at.is_(None), User.deleted_at.is_(None), User.created < at - NEVER_USED
        ),
    }  # fmt: skip
    async with work.finishing() as tx:
        # What was sent again may go before the mail that says so.
        again = Mail.again_of.in_(select(Mail.id).where(*over))
        await tx.execute(update(Mail).where(again).values(again_of=None))
        for name, statement in gone.items():
            done = await tx.execute(statement)
            work.result[name] = getattr(done, "rowcount", 0)
        work.result["nominees"] = await nominations.forget_old(tx)


@scheduled("attachments.sweep", "41 3 * * *")
async def sweep_pictures(work: Work) -> None:
    """Take away pictures that nothing refers to."""
    async with work.db.write() as tx:
        work.result["pictures"] = await attachments.sweep(tx)
    async with work.db.read() as tx:
        known = await attachments.known_names(tx)
    before = now() - attachments.ORPHANS
    work.result["files"] = await asyncio.to_thread(store.sweep, work.settings, known, before)

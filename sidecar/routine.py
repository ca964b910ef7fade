"""What is done by itself, at set times: old rows go that nobody needs any more."""

from __future__ import annotations

import datetime
from typing import Any

from sqlalchemy import delete

from sidecar.clock import now
from sidecar.queue import Work
from sidecar.schedules import scheduled
from sidecar.tables.accounts import Session, Token
from sidecar.tables.work import Firing, Limit, Mail, MailState, Task, TaskState

DAY = datetime.timedelta(days=1)
# How long rows are kept after they have done their work.
TOKENS = 7 * DAY
LIMITS = 2 * DAY
TASKS = 30 * DAY
MAILS = 90 * DAY
FIRINGS = 90 * DAY


@scheduled("tidy", "17 3 * * *")
async def tidy(work: Work) -> None:
    """Remove ended sessions, tokens and counts, and what was sent and done long ago."""
    at = now()
    gone: dict[str, Any] = {
        "sessions": delete(Session).where(Session.expires < at),
        "tokens": delete(Token).where(Token.expires < at - TOKENS),
        "limits": delete(Limit).where(Limit.began < at - LIMITS),
        "tasks": delete(Task).where(
            Task.state == TaskState.DONE.value, Task.done_at < at - TASKS
        ),
        "mails": delete(Mail).where(
            Mail.state == MailState.SENT.value, Mail.sent_at < at - MAILS, Mail.dedupe.is_(None)
        ),
        "firings": delete(Firing).where(Firing.due < at - FIRINGS),
    }  # fmt: skip
    async with work.finishing() as tx:
        for name, statement in gone.items():
            done = await tx.execute(statement)
            work.result[name] = getattr(done, "rowcount", 0)

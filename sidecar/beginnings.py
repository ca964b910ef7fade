"""A word to whoever handed in an event, a day before it begins: does the page still say it right?"""

from __future__ import annotations

import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from sidecar.cases import link_to, revision_of
from sidecar.clock import now
from sidecar.kinds import KINDS
from sidecar.mail import post
from sidecar.settings import Settings
from sidecar.tables.cases import Submission, Submitter

# It is looked at once a day: half a day more, and a night lies between the word and any event.
BEFORE = datetime.timedelta(hours=36)


async def remind_due(tx: AsyncSession, settings: Settings) -> int:
    """Write to those whose event begins tomorrow, once; return how many there were."""
    at = now()
    soon = Submission.begins > at, Submission.begins < at + BEFORE
    found = list(await tx.scalars(
        select(Submission).where(*soon, Submission.live > 0, Submission.reminded_at.is_(None))
    ))  # fmt: skip
    for submission in found:
        await _remind(tx, settings, submission, at)
        submission.reminded_at = at
    return len(found)


async def _remind(
    tx: AsyncSession, settings: Settings, submission: Submission, at: datetime.datetime
) -> None:
    kind = KINDS[submission.kind]
    payload = (await revision_of(tx, submission, submission.live)).payload
    begins = kind.begins(payload, at) or submission.begins
    submitter = await tx.get_one(Submitter, submission.submitter_id)
    data = {
        "kind": kind.title, "title": submission.title, "begins": f"{begins:%-d %B %Y}",
        "address": f"{settings.url}{kind.address(submission.public_id, payload)}",
        "link": await link_to(tx, settings, submission),
    }  # fmt: skip
    await post(tx, "case-begins", submitter.email, data, dedupe=f"begins {submission.id}")

"""What moderators are told of a submission before they decide: facts with their evidence, no verdict."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from pydotorg_build.content.base import Crumb
from sidecar import countries
from sidecar.cases import Case
from sidecar.clock import now
from sidecar.disposable import is_disposable
from sidecar.fairness import domain_of
from sidecar.inbox import record_of
from sidecar.kinds.base import Kind, Terms
from sidecar.language import common_in, is_english
from sidecar.likeness import scores_of
from sidecar.permissions import Actor
from sidecar.tables.cases import CaseCheck, Revision, Submission
from sidecar.workflow import State

RECENT = datetime.timedelta(days=90)
# From which likeness on, in percent, another one is named; how many are, of how many looked at.
ALIKE, NAMED, LOOKED_AT = 40, 3, 300


class Fact(NamedTuple):
    """One thing that was looked at: is it as it should be, and what was found."""

    is_good: bool
    says: str
    link: Crumb | None = None


async def weigh_before(
    db: AsyncSession, kind: Kind, payload: Mapping[str, Any], terms: Terms, own: int = 0
) -> list[Fact]:
    """What is told of a form before it is handed in: nothing of what only its readers may know.

    `own` is the submission that it would change.
    """
    asked = select(Submission.public_id).where(
        Submission.kind == kind.name, Submission.title == str(payload.get("title", "")),
        Submission.live > 0, Submission.id != own,
    )  # fmt: skip
    twins = [Fact(False, f"The site shows another of this title: {public_id}")
             for public_id in await db.scalars(asked.limit(1))]  # fmt: skip
    return [*_of_text(payload), *_of_country(payload, terms), *twins]


async def weigh(db: AsyncSession, case: Case, actor: Actor, terms: Terms) -> list[Fact]:
    """All facts about a case that need nobody outside, as somebody of the team may know them."""
    links = await db.scalars(select(CaseCheck).where(CaseCheck.submission_id == case.submission.id))
    return [
        *_of_text(case.revision.payload),
        *_of_country(case.revision.payload, terms),
        *(Fact(one.is_good, f"{one.url}: {one.says}") for one in links),
        of_address(case.submitter.email),
        await of_record(
            db, actor, case.submission.kind, case.submission.id, case.submitter.email_key
        ),
        *await _of_others(db, case),
    ]


def _of_text(payload: Mapping[str, Any]) -> Iterator[Fact]:
    """What the words themselves tell."""
    words = " ".join(str(value) for value in payload.values()).casefold()
    has = "python" in words
    yield Fact(has, "Python is mentioned" if has else "Python is not mentioned anywhere")
    if "pay_from" in payload:
        paid = bool(payload.get("pay_from") or payload.get("pay_to"))
        yield Fact(paid, "The pay is said" if paid else "The pay is not said")
    shouts = sum(word.isupper() and len(word) > 3 for word in str(payload.get("title", "")).split())
    if shouts > 1:
        yield Fact(False, "The title is written in capitals")
    if found := common_in(str(payload.get("text", ""))):
        reads = is_english(*found)
        common, many = found
        verb = "reads" if reads else "hardly reads"
        yield Fact(reads, f"It {verb} as English: {common} of {many} words are common English ones")


def _of_country(payload: Mapping[str, Any], terms: Terms) -> Iterator[Fact]:
    """Whether the site knows its country; one that it does not has a list of its own there."""
    name = str(payload.get("country", ""))
    if not name or not terms.get("country"):
        return
    if found := countries.known(terms, name):
        yield Fact(True, f"The country is known: {found}")
    else:
        near = countries.meant(terms, name)
        yield Fact(
            False, f"No country is called “{name}”" + (f": is {near} meant?" if near else "")
        )


def of_address(email: str) -> Fact:
    """What the domain of its sender tells."""
    if is_disposable(email):
        return Fact(False, f"Addresses at {domain_of(email)} live for minutes")
    return Fact(True, f"Addresses at {domain_of(email)} are not known to be thrown away")


async def of_record(db: AsyncSession, actor: Actor, kind: str, number: int, key: str) -> Fact:
    """What became of what else its sender handed in."""
    record = await record_of(db, actor, kind, number, key)
    says = f"Else of this sender: {record.shown} shown, {record.refused} refused"
    return Fact(not record.refused, says)


async def _of_others(db: AsyncSession, case: Case) -> list[Fact]:
    """What of the same kind was handed in lately and is like it, the most alike first."""
    submission = case.submission
    asked = (
        select(Submission, Revision.payload)
        .join(Revision, Revision.submission_id == Submission.id)
        .where(Revision.n == Submission.latest, Submission.kind == submission.kind)
        .where(Submission.id != submission.id, Submission.created > now() - RECENT)
        .where(Submission.state != State.UNCONFIRMED.value)
        .order_by(Submission.id.desc()).limit(LOOKED_AT)
    )  # fmt: skip
    found = list(await db.execute(asked))
    # A tenth of a second where there are most, in which others are answered.
    scores = await asyncio.to_thread(
        scores_of, case.revision.payload, [payload for _, payload in found]
    )
    scored = list(zip(scores, (other for other, _ in found), strict=True))
    own_title = submission.submitter_id, submission.title
    alike = [(score, other) for score, other in scored
             if score >= ALIKE or (other.submitter_id, other.title) == own_title]  # fmt: skip
    if not alike:
        return [Fact(True, f"Nothing of {RECENT.days} days is like it, of {len(scored)} compared")]
    alike.sort(key=lambda one: (-one[0], -one[1].id))
    return [_like(score, other, submission) for score, other in alike[:NAMED]]


def _like(score: int, other: Submission, submission: Submission) -> Fact:
    """One that is like it: how much, whose it is, and where it is."""
    is_own = other.submitter_id == submission.submitter_id
    whose = "posted before by the same sender" if is_own else "of another sender"
    link = Crumb(other.title or "Without a title", f"/admin/cases/{other.id}")
    return Fact(False, f"{score} % like one {whose}, which is {other.state}", link)

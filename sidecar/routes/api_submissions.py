"""For programs: what somebody handed in, and handing in more."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from litestar import get, post
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath
from msgspec import Meta, Struct
from sqlalchemy import ColumnElement, false, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from pydotorg_build.content.base import Fault
from pydotorg_build.content.read import read
from sidecar import cases, countries, holds, previews, publishing
from sidecar.api import V1, Links, PageNumber, PageSize, all_at_once, links, told, wrong
from sidecar.clients import Asked, asking
from sidecar.forms import spared
from sidecar.kinds import KINDS
from sidecar.kinds.base import Kind, payload_of
from sidecar.limits import count_handed_in
from sidecar.permissions import Permission, actor_of
from sidecar.publishing import Told
from sidecar.rates import Rate
from sidecar.tables.accounts import User
from sidecar.tables.cases import Decision, Submission, Submitter

URL = f"{V1}/submissions"


class Handed(Struct, frozen=True):
    """Something handed in; `state` is where it is on its way."""

    reference: str
    kind: str
    title: str
    state: str
    created: datetime.datetime
    published: datetime.datetime | None
    ends: datetime.datetime | None


class Taken(Struct, frozen=True):
    """A step that was taken, and why."""

    step: str
    reason: str
    at: datetime.datetime


class Whole(Struct, frozen=True):
    """Something handed in, with its newest fields and the steps that were taken."""

    submission: Handed
    fields: dict[str, Any]
    steps: list[Taken]


class HandedPage(Struct, frozen=True):
    """Some of what was handed in, and where the rest is."""

    items: list[Handed]
    total: int
    page: int
    page_size: int
    links: Links


class NewSubmission(Struct, frozen=True, forbid_unknown_fields=True):
    """What is handed in: its kind, and the fields of its form."""

    kind: Annotated[str, Meta(max_length=50)]
    fields: dict[str, Any]


FIELDS = {
    "title": "Baker", "company": "The Bakery", "category": "developer-engineer",
    "city": "Berlin", "country": "Germany", "text": "Bake bread with Python.",
    "email": "jobs@bakery.example", "days": "60",
}  # fmt: skip
HANDED = {
    "reference": "41234567", "kind": "job", "title": "Baker", "state": "unconfirmed",
    "created": "2026-11-26T15:04:05Z", "published": None, "ends": None,
}  # fmt: skip
WHOLE = {
    "submission": HANDED, "fields": FIELDS,
    "steps": [{"step": "confirm", "reason": "", "at": "2026-11-26T15:10:00Z"}],
}  # fmt: skip
PAGE = {
    "items": [HANDED], "total": 1, "page": 1, "page_size": 20,
    "links": {"first": f"{URL}?page=1&page_size=20", "prev": "", "next": "",
              "last": f"{URL}?page=1&page_size=20"},
}  # fmt: skip
Given = Annotated[
    NewSubmission, Body(examples=[Example("a job", value={"kind": "job", "fields": FIELDS})])
]


def shown(submission: Submission, told: Told) -> Handed:
    """A submission as its author's programs see it."""
    return Handed(
        reference=submission.public_id, kind=submission.kind, title=submission.title,
        state=told.state.value, created=submission.created, published=told.shown.published_at,
        ends=told.shown.ends,
    )  # fmt: skip


async def theirs(db: AsyncSession, user: int) -> ColumnElement[bool]:
    """Handed in by somebody: with their account, or from the address that they confirmed."""
    owner = await db.get_one(User, user)
    by_address = Submitter.email_key == owner.email_key if owner.confirmed_at else false()
    return or_(Submitter.user_id == user, by_address)


@get(URL, permission=Permission.SUBMISSIONS_READ,
     **told("Submissions", "List what you handed in", HandedPage, PAGE))  # fmt: skip
async def every(
    request: Asked, state: State, page: PageNumber = 1, page_size: PageSize = 20
) -> HandedPage:
    """Tell all that was handed in by the account or from its address, the newest first."""
    async with state.db.read() as tx:
        own = await theirs(tx, actor_of(request).user)
        joined = Submission.submitter_id == Submitter.id
        total = await tx.scalar(select(func.count(Submission.id)).where(joined, own)) or 0
        newest = select(Submission).where(joined, own).order_by(Submission.id.desc())
        found = list(await tx.scalars(newest.limit(page_size).offset((page - 1) * page_size)))
        stands = await publishing.told(tx, found)
        items = [shown(submission, stands[submission.id]) for submission in found]
    return HandedPage(items, total, page, page_size, links(URL, page, page_size, total))


@get(f"{URL}/{{reference:int}}", permission=Permission.SUBMISSIONS_READ,
     **told("Submissions", "See one submission", Whole, WHOLE,
            failures=(400, 401, 403, 404, 429)))  # fmt: skip
async def one(request: Asked, state: State, reference: FromPath[int]) -> Whole:
    """Tell one submission, with its newest fields and the steps that were taken."""
    async with state.db.read() as tx:
        own = await theirs(tx, actor_of(request).user)
        which = Submission.public_id == str(reference), Submission.submitter_id == Submitter.id
        submission = await tx.scalar(select(Submission).where(*which, own))
        if submission is None:
            raise NotFoundException
        revision = await cases.revision_of(tx, submission, submission.latest)
        taken = select(Decision).where(Decision.submission_id == submission.id)
        decisions = await tx.scalars(taken.where(holds.is_told()).order_by(Decision.id))
        stands = await publishing.told(tx, [submission])
        steps = [Taken(each.step, each.reason, each.created) for each in decisions]
    return Whole(shown(submission, stands[submission.id]), revision.payload, steps)


def faults_in(request: Asked, given: Mapping[str, Any]) -> Iterator[Fault]:
    """What is wrong with the kind, or with the fields of its form."""
    name, fields = given.get("kind"), given.get("fields")
    if not isinstance(name, str):
        return
    if name not in KINDS:
        yield Fault("kind", f"must be one of {', '.join(KINDS)}")
    elif isinstance(fields, Mapping):
        yield from faults_of(request.app.state.settings.site, KINDS[name], fields)


def faults_of(site: str, kind: Kind, fields: Mapping[str, Any]) -> Iterator[Fault]:
    """All that is wrong with the fields of a form; the sender is the account, so no matter here."""
    given = {**fields, "sender": "nobody@example.org"}
    faults = read(kind.form, given)[1]
    yield from faults
    wrong = {re.split(r"[.\[]", fault.name)[0] for fault in faults}
    value = spared(kind.form, {name: one for name, one in given.items() if name not in wrong})
    if value is not None:
        more = previews.faults_of(site, kind, payload_of(value))
        yield from (fault for fault in more if fault.name not in wrong)


@post(URL, permission=Permission.SUBMISSIONS_CHANGE, rate=Rate.SUBMIT,
      before_request=all_at_once(NewSubmission, faults_in),
      **told("Submissions", "Hand something in", Handed, HANDED, status=201))  # fmt: skip
async def hand_in(request: Asked, state: State, data: Given) -> Handed:
    """Hand something in from the address of the account; a mail to it asks to confirm, as ever."""
    kind = KINDS[data.kind]
    async with state.db.read() as tx:
        email = (await tx.get_one(User, actor_of(request).user)).email
    value, faults = read(kind.form, {**data.fields, "sender": email})
    if value is None:
        raise wrong(*faults)
    value = countries.by_title(previews.terms_of(state.settings.site, kind), value)
    await count_handed_in(state.db, email, asking(request))
    async with state.db.write() as tx:
        made = await cases.hand_in(tx, state.settings, kind, value, actor_of(request))
        stands = await publishing.told(tx, [made])
    return shown(made, stands[made.id])


ROUTES = (every, one, hand_in)

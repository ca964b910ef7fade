"""Deciding about what was handed in: everything needed is on one page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from msgspec import Meta
from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.exc import StaleDataError

from pydotorg_build.content.base import Fault
from sidecar import attachments, cases, claims, deciding, holds, links, previews, versions
from sidecar.answers import Asked, framed, go
from sidecar.audit import note
from sidecar.cases import Case
from sidecar.clock import now
from sidecar.deciding import MODERATOR
from sidecar.desk import show
from sidecar.forms import Form, Nothing, read_form
from sidecar.inbox import CASES, kinds_for, next_waiting, url_of
from sidecar.mending import BIGGEST
from sidecar.permissions import Actor, Permission, actor_of
from sidecar.tables.accounts import User
from sidecar.tables.cases import CannedReply, CaseLink, CaseNote, Decision, LinkFor, Publishing
from sidecar.weighing import weigh
from sidecar.workflow import ON_SITE, STEPS, WHY, Refused

URL = CASES
RECENT = 5
Act = Callable[[AsyncSession, Case, Actor], Awaitable[None]]
STALE = "Somebody else decided a moment before you. This is how it stands now."


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """A decision: the step, why, and the version that was looked at."""

    step: Annotated[str, Meta(max_length=40)]
    version: int
    reason: Annotated[str, Meta(max_length=5000)] = ""
    at_once: bool = False
    reply: Annotated[int, Meta(ge=0, le=BIGGEST)] = 0


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """A word to the others who decide."""

    text: Annotated[str, Meta(min_length=1, max_length=5000)]
    is_shown: bool = False


class Featured(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the site sets it apart."""

    featured: bool = False


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """A decision to undo."""

    decision: int


async def case_for(tx: AsyncSession, actor: Actor, number: int) -> Case:
    """A case that somebody decides about; for others there is none."""
    case = await cases.load(tx, number) if number <= BIGGEST else None
    if case is None or case.submission.kind not in kinds_for(actor):
        raise NotFoundException
    return case


@get(f"{URL}/{{number:int}}", permission=Permission.ADMIN)
async def one(request: Asked, state: State, number: FromPath[int]) -> Response[str]:
    """Everything about one, with what can be decided."""
    return await shown(request, state, number)


async def shown(
    request: Asked, state: State, number: int, form: Form[Any] | None = None, said: str = ""
) -> Response[str]:
    """The page of a case; `said` is why something could not be done."""
    actor = actor_of(request)
    async with state.db.read() as tx:
        case = await case_for(tx, actor, number)
        sayings, shown_beside = await versions.beside(
            tx, case, previews.labels_of(state, case.kind)
        )
        terms = previews.terms_of(state.settings.site, case.kind)
        facts = await weigh(tx, case, actor, terms)
        log = await history(tx, number)
        settled = await cases.settled(tx, [case.submission])
        working = CaseLink.expires > now(), CaseLink.revoked_at.is_(None)
        has_glance = (
            await tx.scalar(select(CaseLink.id).where(glances_of(number), *working)) is not None
        )
        notes = list(await tx.execute(
            select(CaseNote, User.name).outerjoin(User, User.id == CaseNote.author_id)
            .where(CaseNote.submission_id == number).order_by(CaseNote.id)
        ))  # fmt: skip
        ways = list(await tx.scalars(
            select(Publishing).where(Publishing.submission_id == number)
            .order_by(Publishing.id.desc()).limit(RECENT)
        ))  # fmt: skip
        replies = await replies_for(tx, case.submission.kind)
        holder = await claims.holder(tx, case.submission)
        why_not = await deciding.why_not(tx, case, actor)
        coming, others = await next_waiting(tx, actor, case.submission.kind, number)
    payloads = [one.payload for one in shown_beside]
    return show(
        request, "sidecar/admin/case.html", case.submission.title or "Without a title", case=case,
        facts=facts, log=log, notes=notes, ways=ways, replies=replies, said=said, form=form or Form(), holder=holder,
        sayings=sayings, settled=settled.get(number, ""),
        steps={} if why_not else case.steps(MODERATOR), why_not=why_not,
        undoable=undoable(log, actor), may_feature=deciding.may_feature(case),
        has_glance=has_glance, is_off_site=case.state not in ON_SITE,
        coming=coming, coming_url=url_of(coming) if coming else "", others=others,
        pictures=attachments.sent(state.settings, case.kind.form, *payloads),
    )  # fmt: skip


async def replies_for(tx: AsyncSession, kind: str) -> list[tuple[str, str]]:
    """The replies that are kept for a kind, as a choice; nothing where there are none."""
    rows = select(CannedReply).where(CannedReply.kind.in_(["", kind]))
    found = [(str(one.id), one.title) for one in await tx.scalars(rows.order_by(CannedReply.title))]
    return [("0", "No reply"), *found] if found else []


def glances_of(number: int) -> ColumnElement[bool]:
    """The links by which the team sees one without signing in."""
    return (CaseLink.submission_id == number) & (CaseLink.purpose == LinkFor.GLANCE.value)


async def history(tx: AsyncSession, number: int) -> list[tuple[Decision, str]]:
    """All steps of a case with who took them, the newest first."""
    rows = await tx.execute(
        select(Decision, User.name).outerjoin(User, User.id == Decision.actor_id)
        .where(Decision.submission_id == number).order_by(Decision.id.desc())
    )  # fmt: skip
    return [(decision, name or "") for decision, name in rows]


def undoable(log: list[tuple[Decision, str]], actor: Actor) -> Decision | None:
    """One's own last decision, as long as it can be undone."""
    last = holds.last_of(decision for decision, _ in log)
    if last is None or last.actor_id != actor.user:
        return None
    return last if holds.can_be_undone(last) else None


@get(f"{URL}/{{number:int}}/page", permission=Permission.ADMIN)
async def its_page(request: Asked, state: State, number: FromPath[int]) -> Response[str]:
    """The page that it becomes, as the site will show it."""
    async with state.db.read() as tx:
        case = await case_for(tx, actor_of(request), number)
    return framed(request, await previews.preview(state, case.kind, case.revision.payload, now()))


@post(f"{URL}/{{number:int}}/claim", permission=Permission.ADMIN)
async def claim(request: Asked, state: State, number: FromPath[int]) -> Response[Any]:
    """Say that one is looking at it."""
    form = await read_form(request, Nothing)
    if form.value is None:
        return await shown(request, state, number, form, form.errors[0][1])
    actor = actor_of(request)
    async with state.db.write() as tx:
        case = await case_for(tx, actor, number)
        is_mine = await claims.claim(tx, case.submission, actor)
    if not is_mine:
        return await shown(request, state, number, said="Somebody else is looking at it now.")
    return go(request, f"{URL}/{number}", "It is yours for half an hour.")


async def change(
    request: Asked, state: State, number: int, act: Act, form: Form[Any] | None = None
) -> Response[str] | None:
    """Do something with a case; the page that says why it was not done, or None."""
    actor = actor_of(request)
    try:
        async with state.db.write() as tx:
            await act(tx, await case_for(tx, actor, number), actor)
    except StaleDataError:
        return await shown(request, state, number, form, STALE)
    except Refused as reason:
        return await shown(request, state, number, form, str(reason))
    return None


@post(f"{URL}/{{number:int}}/decide", permission=Permission.ADMIN)
async def decide(request: Asked, state: State, number: FromPath[int]) -> Response[Any]:
    """Decide about the version that was looked at."""
    form = await read_form(request, Choice)
    given = form.value
    if given is None:
        return await shown(request, state, number, form, form.errors[0][1])

    async def act(tx: AsyncSession, case: Case, actor: Actor) -> None:
        if case.submission.version != given.version:
            raise Refused(STALE)
        reply = await tx.get(CannedReply, given.reply)
        reason = given.reason or (reply.text if reply else "")
        await deciding.decide(tx, state.settings, case, actor, given.step, reason,
                              at_once=given.at_once, code=reply.title if reply else "")  # fmt: skip

    needs_reason = given.step in STEPS and STEPS[given.step].needs_reason
    if needs_reason and not (given.reason.strip() or given.reply):
        form = form.but(Fault("reason", WHY))
    if refusal := await change(request, state, number, act, form):
        return refusal
    done = f"Done: {STEPS[given.step].past}."
    return go(request, f"{URL}/{number}", done if given.at_once else
              f"{done} You can undo it for half a minute.")  # fmt: skip


@post(f"{URL}/{{number:int}}/undo", permission=Permission.ADMIN)
async def undo(request: Asked, state: State, number: FromPath[int]) -> Response[Any]:
    """Take one's own last decision back."""
    form = await read_form(request, Taken)
    if form.value is None:
        return await shown(request, state, number, form, form.errors[0][1])
    act = partial(deciding.undo, number=form.value.decision)
    if refusal := await change(request, state, number, act):
        return refusal
    return go(request, f"{URL}/{number}", "Your decision was undone.")


@post(f"{URL}/{{number:int}}/feature", permission=Permission.ADMIN)
async def feature(request: Asked, state: State, number: FromPath[int]) -> Response[Any]:
    """Set it apart on the site, or no more."""
    form = await read_form(request, Featured)
    if form.value is None:
        return await shown(request, state, number, form, form.errors[0][1])
    featured = form.value.featured
    act = partial(deciding.feature, featured=featured)
    if refusal := await change(request, state, number, act):
        return refusal
    return go(request, f"{URL}/{number}", "It is featured with the next build." if featured else
              "It is featured no more, with the next build.")  # fmt: skip


@post(f"{URL}/{{number:int}}/note", permission=Permission.ADMIN)
async def add_note(request: Asked, state: State, number: FromPath[int]) -> Response[Any]:
    """Leave a word for the others."""
    form = await read_form(request, Note)
    if form.value is None:
        return await shown(request, state, number, form, form.errors[0][1])
    actor = actor_of(request)
    async with state.db.write() as tx:
        await case_for(tx, actor, number)
        tx.add(CaseNote(submission_id=number, author_id=actor.user, text=form.value.text,
                        is_shown=form.value.is_shown))  # fmt: skip
    return go(request, f"{URL}/{number}", "Your note is there.")


@post(f"{URL}/{{number:int}}/end-glance", permission=Permission.ADMIN)
async def end_glance(request: Asked, state: State, number: FromPath[int]) -> Response[Any]:
    """Let the link of the mail to the team show nothing any more; those of its author stay."""
    form = await read_form(request, Nothing)
    if form.value is None:
        return await shown(request, state, number, form, form.errors[0][1])
    actor = actor_of(request)
    async with state.db.write() as tx:
        case = await case_for(tx, actor, number)
        await links.end(tx, CaseLink, glances_of(number))
        await note(tx, actor, f"{case.submission.kind} glance ended", f"submissions/{number}")
    return go(request, f"{URL}/{number}", "The link of the mail shows nothing any more.")


ROUTES = (one, its_page, claim, decide, undo, feature, add_note, end_glance)

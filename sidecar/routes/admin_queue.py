"""The queue of what the team decides about, of all kinds: what waits, or whatever is asked for."""

from __future__ import annotations

from typing import Any

from litestar import Response, get
from litestar.datastructures import State
from sqlalchemy import ColumnElement, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from sidecar import authors, cases, deciding
from sidecar.answers import Asked
from sidecar.claims import CLAIMED
from sidecar.clock import now
from sidecar.desk import show
from sidecar.forms import Form
from sidecar.inbox import (
    CASES,
    LINES,
    OTHERS,
    SPONSOR,
    TO_DECIDE,
    L,
    kinds_for,
    records,
    tick_of,
    url_of,
)
from sidecar.kinds import KINDS
from sidecar.lists import ALL, Column, Filter, Listing, contains, is_, look, until
from sidecar.permissions import Actor, Permission, actor_of
from sidecar.sponsors import decisions as sponsors
from sidecar.sponsors.steps import At as Applied
from sidecar.tables.accounts import User
from sidecar.tables.cases import Decision
from sidecar.tables.sponsors import SponsorshipStep
from sidecar.waits import in_words, queues
from sidecar.workflow import WAITING
from sidecar.workflow import State as At

CAN_BE_SPAM = {At.PENDING.value, Applied.APPLIED.value}
# Slips that authors mended by themselves, some of which somebody looks at afterwards.
CORRECTED = "corrected"
ARCHIVED = "archived"
WORDS = {
    "waiting": TO_DECIDE,
    ALL: [],
    **{state.value: [state.value] for state in At if state not in {At.UNCONFIRMED, *WAITING}},
    CORRECTED: [],
    ARCHIVED: [],
}


def in_state(name: str, of: Any = L) -> ColumnElement[bool]:
    """Is a line of the queue, or a row of another table like it, what a word stands for?"""
    found: ColumnElement[bool] = of.archived_at.is_(None) & of.state.in_(WORDS[name])
    if name == CORRECTED:
        found = of.kind.in_(KINDS) & of.id.in_(authors.sampled())
    if name == ARCHIVED:
        found = of.archived_at.is_not(None)
    return true() if name == ALL else found


def listing(actor: Actor) -> Listing:
    """What somebody may decide about, the one that waits longest first."""
    kinds = kinds_for(actor)
    return Listing(
        CASES,
        select(LINES, User.name.label("holder"))
        .outerjoin(User, (User.id == L.claimed_by) & (L.claimed_at > now() - CLAIMED))
        .where(L.kind.in_(kinds)),
        (
            Column("title", "What", L.title),
            Column("kind", "Kind", L.kind),
            Column("state", "State", L.state),
            Column("handed_in", "Handed in", L.since),
            Column("sender", "By", L.email_key),
            Column("holder", "Looked at by"),
            Column("spam", "Spam"),
        ),
        (
            Filter("q", "Title or address", contains(L.title, L.email_key)),
            Filter("state", "State", in_state, "choice",
                   tuple((name, name.capitalize()) for name in WORDS)),
            Filter("kind", "Kind", is_(L.kind), "choice",
                   tuple((name, name.capitalize()) for name in kinds)),
            Filter("until", "Handed in until", until(L.since), "day"),
        ),
        tie=L.ref,
        sort="handed_in",
        begins={"state": "waiting"},
    )  # fmt: skip


async def undoable_spam(tx: AsyncSession, actor: Actor) -> list[Decision | SponsorshipStep]:
    """What somebody rejected as spam a moment ago, and can still undo."""
    cases = await deciding.undoable_spam(tx, actor)
    may = actor.may(OTHERS[SPONSOR].moderator)
    return [*cases, *(await sponsors.undoable_spam(tx, actor) if may else [])]


@get(CASES, permission=Permission.ADMIN)
async def queue(request: Asked, state: State) -> Response[str]:
    """The queue; unless something else is asked for, what waits."""
    return await show_queue(request, state)


async def show_queue(
    request: Asked, state: State, form: Form[Any] | None = None, said: str = ""
) -> Response[str]:
    """The queue; `said` is why something could not be done."""
    actor = actor_of(request)
    async with state.db.read() as tx:
        found = await look(tx, listing(actor), request.query_params)
        undoable = await undoable_spam(tx, actor)
        settled = await cases.settled(tx, [line for line in found.rows if line.kind in KINDS])
        waiting = await queues(tx, kinds_for(actor))
        known = await records(tx, actor, found.rows)
    at = now()
    ages = {line.ref: in_words(at - line.since) for line in found.rows if line.state in TO_DECIDE}
    ticks = {line.ref: tick_of(line.kind, line) for line in found.rows if line.state in CAN_BE_SPAM}
    return show(
        request, "sidecar/admin/cases.html", "Handed in", found=found, form=form or Form(),
        ticks=ticks, ages=ages, known=known, url_of=url_of, kinds=KINDS, settled=settled, undoable=len(undoable), waiting=waiting, said=said,
    )  # fmt: skip


ROUTES = (queue,)

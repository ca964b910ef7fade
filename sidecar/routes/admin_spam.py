"""Clear spam: what is ticked in the queue is rejected at once, by one form, and that can be undone.

Each case is decided in a transaction of its own: one that somebody else decided stops no other.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated, Any, NamedTuple

import msgspec
from litestar import Response, post
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from msgspec import Meta
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.exc import StaleDataError

from sidecar import deciding
from sidecar.answers import Asked, go
from sidecar.claims import Claimed, is_held
from sidecar.forms import Nothing, read_form
from sidecar.inbox import OTHERS, SPONSOR, tick_of
from sidecar.permissions import Actor, Permission, actor_of
from sidecar.routes.admin_cases import URL, case_for
from sidecar.routes.admin_queue import show_queue, undoable_spam
from sidecar.routes.admin_sponsors import agreement_of
from sidecar.settings import Settings
from sidecar.sponsors import agreements
from sidecar.sponsors.agreements import Agreement
from sidecar.sponsors.decisions import decide
from sidecar.sponsors.steps import By
from sidecar.tables.cases import Decision
from sidecar.tables.sponsors import SponsorshipStep
from sidecar.workflow import SPAM, Refused

SPAM_URL = f"{URL}/spam"
MOST = 50
# A notice is a cookie: of more, or longer, there is no room in it.
NAMED, LETTERS = 4, 60
OTHERWISE = "it was decided or changed meanwhile"
Tick = Annotated[str, Meta(pattern=rf"^({SPONSOR}-)?[0-9]{{1,18}}-[0-9]{{1,9}}$")]


class Ticked(msgspec.Struct, frozen=True, kw_only=True):
    """What is spam, each with the version that was seen, and why: its author's page shows that."""

    reason: Annotated[str, Meta(min_length=1, max_length=500)]
    cases: tuple[Tick, ...] = ()


@post(SPAM_URL, permission=Permission.ADMIN)
async def reject(request: Asked, state: State) -> Response[Any]:
    """Reject all that is ticked, and name what was not."""
    form = await read_form(request, Ticked)
    if form.value is None:
        return await show_queue(request, state, form, form.errors[0][1])
    ticks = dict.fromkeys(form.value.cases)
    if not 0 < len(ticks) <= MOST:
        return await show_queue(request, state, form, f"Tick what is spam: one, or up to {MOST}.")
    actor, left = actor_of(request), []
    for tick in ticks:
        if why := await reject_one(state, actor, tick, form.value.reason):
            left.append(why)
    return go(request, URL, told(len(ticks) - len(left), left))


class Found(NamedTuple):
    """One that was ticked, as it is now: its record, its name, its box, and what rejects it."""

    row: Claimed
    name: str
    tick: str
    reject: Callable[[str], Awaitable[Any]]


async def found_case(tx: AsyncSession, settings: Settings, actor: Actor, number: int) -> Found:
    """What was handed in."""
    case = await case_for(tx, actor, number)
    reject = partial(deciding.decide, tx, settings, case, actor, SPAM)
    row = case.submission
    return Found(row, row.title, tick_of(row.kind, row), reject)


async def found_sponsor(tx: AsyncSession, settings: Settings, actor: Actor, number: int) -> Found:
    """What a sponsor applied for."""
    agreement = await agreement_for(tx, actor, number)
    row, name = agreement.row, agreement.sponsor.name
    reject = partial(decide, tx, settings, agreement, actor, By.STAFF, SPAM)
    return Found(row, name, tick_of(SPONSOR, row), reject)


async def agreement_for(tx: AsyncSession, actor: Actor, number: int) -> Agreement:
    """A sponsorship that somebody decides about; for others there is none."""
    if not actor.may(OTHERS[SPONSOR].moderator):
        raise NotFoundException
    return await agreement_of(tx, number)


async def reject_one(state: State, actor: Actor, tick: str, reason: str) -> str:
    """Reject one as spam; why that was not done, with its name."""
    find = found_sponsor if tick.startswith(SPONSOR) else found_case
    number = tick.split("-")[-2]
    name = f"number {number}"
    try:
        async with state.db.write() as tx:
            found = await find(tx, state.settings, actor, int(number))
            name = f"“{found.name[:LETTERS]}”"
            if found.tick != tick:
                raise Refused(OTHERWISE)
            if is_held(found.row, actor):
                raise Refused("somebody else is looking at it")
            await found.reject(reason)
    except StaleDataError:
        return f"{name}: {OTHERWISE}"
    except NotFoundException:
        return f"{name}: it is not there"
    except Refused as why:
        return f"{name}: {str(why).rstrip('.')}"
    return ""


def told(done: int, left: list[str]) -> str:
    """What came of it.

    >>> told(2, [])
    '2 were rejected as spam. You can undo it for half a minute.'
    >>> told(0, ["“Owl”: it is not there"])
    'Nothing was rejected. Left as they are: “Owl”: it is not there.'
    """
    verb = "was" if done == 1 else "were"
    words = f"{done} {verb} rejected as spam. You can undo it for half a minute."
    more = [f"and {len(left) - NAMED} more"] if len(left) > NAMED else []
    names = f" Left as they are: {'; '.join([*left[:NAMED], *more])}." if left else ""
    return (words if done else "Nothing was rejected.") + names


async def undo_one(tx: AsyncSession, actor: Actor, decision: Decision | SponsorshipStep) -> None:
    """Take back one of them."""
    if isinstance(decision, Decision):
        case = await case_for(tx, actor, decision.submission_id)
        await deciding.undo(tx, case, actor, decision.id)
    else:
        agreement = await agreement_for(tx, actor, decision.sponsorship_id)
        await agreements.undo(tx, agreement, actor, decision.id)


@post(f"{SPAM_URL}/undo", permission=Permission.ADMIN)
async def undo(request: Asked, state: State) -> Response[Any]:
    """Take back what one rejected as spam in the last half minute."""
    form = await read_form(request, Nothing)
    if form.value is None:
        return await show_queue(request, state, form, form.errors[0][1])
    actor, done = actor_of(request), 0
    async with state.db.read() as tx:
        decisions = await undoable_spam(tx, actor)
    for decision in decisions:
        try:
            async with state.db.write() as tx:
                await undo_one(tx, actor, decision)
        except (Refused, StaleDataError, NotFoundException):
            continue
        done += 1
    if not done:
        return await show_queue(request, state, form, "It is too late: there is nothing to undo.")
    return go(request, URL, f"Undone: {done} {'waits' if done == 1 else 'wait'} again.")


ROUTES = (reject, undo)

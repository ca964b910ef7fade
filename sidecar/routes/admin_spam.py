"""Clear spam: what is ticked in the queue is rejected at once, by one form, and that can be undone.

Each case is decided in a transaction of its own: one that somebody else decided stops no other.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Response, post
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from msgspec import Meta
from sqlalchemy.orm.exc import StaleDataError

from sidecar import deciding
from sidecar.answers import Asked, go
from sidecar.forms import Nothing, read_form
from sidecar.permissions import Actor, Permission, actor_of
from sidecar.routes.admin_cases import URL, case_for, show_queue, tick_of
from sidecar.workflow import SPAM, Refused

SPAM_URL = f"{URL}/spam"
MOST = 50
# A notice is a cookie: of more, or longer, there is no room in it.
NAMED, LETTERS = 4, 60
OTHERWISE = "it was decided or changed meanwhile"
Tick = Annotated[str, Meta(pattern=r"^[0-9]{1,18}-[0-9]{1,9}$")]


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


async def reject_one(state: State, actor: Actor, tick: str, reason: str) -> str:
    """Reject one as spam; why that was not done, with its name."""
    number = int(tick.partition("-")[0])
    name = f"number {number}"
    try:
        async with state.db.write() as tx:
            case = await case_for(tx, actor, number)
            name = f"“{case.submission.title[:LETTERS]}”"
            if tick_of(case.submission) != tick:
                raise Refused(OTHERWISE)
            if deciding.is_held(case, actor):
                raise Refused("somebody else is looking at it")
            await deciding.decide(tx, state.settings, case, actor, SPAM, reason)
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


@post(f"{SPAM_URL}/undo", permission=Permission.ADMIN)
async def undo(request: Asked, state: State) -> Response[Any]:
    """Take back what one rejected as spam in the last half minute."""
    form = await read_form(request, Nothing)
    if form.value is None:
        return await show_queue(request, state, form, form.errors[0][1])
    actor, done = actor_of(request), 0
    async with state.db.read() as tx:
        decisions = await deciding.undoable_spam(tx, actor)
    for decision in decisions:
        try:
            async with state.db.write() as tx:
                case = await case_for(tx, actor, decision.submission_id)
                await deciding.undo(tx, case, actor, decision.id)
        except (Refused, StaleDataError):
            continue
        done += 1
    if not done:
        return await show_queue(request, state, form, "It is too late: there is nothing to undo.")
    return go(request, URL, f"Undone: {done} {'waits' if done == 1 else 'wait'} again.")


ROUTES = (reject, undo)

"""Deleting what was handed in, for good: asked once, on a page of its own."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.datastructures import State
from litestar.params import FromPath

from sidecar import deciding
from sidecar.answers import Asked, go
from sidecar.desk import Question, confirm
from sidecar.forms import Nothing, read_form
from sidecar.permissions import Permission, actor_of
from sidecar.routes.admin_cases import URL, case_for, change, shown

WORDS = (
    "All its versions, notes, links and decisions are gone then, and nobody can bring them back.",
    "The audit log keeps that it was deleted, and by whom. Nobody is written to.",
    "Reject or take down what its author should hear of.",
)


@get(f"{URL}/{{number:int}}/delete", permission=Permission.ADMIN)
async def ask(request: Asked, state: State, number: FromPath[int]) -> Response[str]:
    """Ask once before it is deleted."""
    async with state.db.read() as tx:
        case = await case_for(tx, actor_of(request), number)
    back = f"{URL}/{number}"
    words = (f"Delete “{case.submission.title}”, {case.kind.one} that is {case.state}?", *WORDS)
    return confirm(request, "Delete it", Question(words, "Delete", f"{back}/delete", back))


@post(f"{URL}/{{number:int}}/delete", permission=Permission.ADMIN)
async def delete(request: Asked, state: State, number: FromPath[int]) -> Response[Any]:
    """Delete it."""
    form = await read_form(request, Nothing)
    if form.value is None:
        return await shown(request, state, number, said=form.errors[0][1])
    if refusal := await change(request, state, number, deciding.delete):
        return refusal
    return go(request, URL, "It is deleted.")


ROUTES = (ask, delete)

"""What an account handed in: one list, and the way to the page of each."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from sidecar import authors, cases, drafts, publishing
from sidecar.account import show
from sidecar.answers import Asked, go
from sidecar.forms import Nothing, read_form
from sidecar.kinds import KINDS
from sidecar.permissions import Permission, actor_of
from sidecar.routes.submit_links import address_of, cookie_of
from sidecar.tables.accounts import User
from sidecar.tables.cases import LinkFor

URL = "/account/submissions"


@get(URL, permission=Permission.ACCOUNT)
async def submissions(request: Asked, state: State) -> Response[str]:
    """All that was handed in with the account's address and what is kept, the newest first."""
    async with state.db.read() as tx:
        user = await tx.get_one(User, actor_of(request).user)
        found = await authors.of_account(tx, user)
        told = await publishing.told(tx, found)
        settled = await cases.settled(tx, found)
        kept = [
            (draft, drafts.title_of(draft), drafts.kind_of(draft.kind).title,
             drafts.link_of(state.settings, draft),
             drafts.link_of(state.settings, draft, drafts.DELETE))
            for draft in await authors.drafts_of_account(tx, user)
        ]  # fmt: skip
    return show(request, "sidecar/account/submissions.html", "What you handed in", found=found, told=told,
                settled=settled, kept=kept, kinds=KINDS)  # fmt: skip


@post(f"{URL}/{{number:int}}", permission=Permission.ACCOUNT)
async def open_one(request: Asked, state: State, number: FromPath[int]) -> Response[Any]:
    """Open the page of one; for what others handed in there is none."""
    form = await read_form(request, Nothing)
    if form.value is None:
        return go(request, URL, form.errors[0][1])
    async with state.db.write() as tx:
        user = await tx.get_one(User, actor_of(request).user)
        mine = {one.id for one in await authors.of_account(tx, user)}
        case = await cases.load(tx, number) if number in mine else None
        if case is None:
            raise NotFoundException
        await authors.gather(tx, case.submitter)
        token = await cases.make_link(tx, case.submission, LinkFor.OPEN)
    return go(request, address_of(case), "", cookie_of(state.settings, case, token))


ROUTES = (submissions, open_one)

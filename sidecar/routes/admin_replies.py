"""What a team keeps for deciding: replies that are given often, and senders of whom nothing is taken."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from litestar import Response, get, post
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from msgspec import Meta
from sqlalchemy import select

from sidecar.answers import Asked, go
from sidecar.audit import note
from sidecar.desk import show
from sidecar.forms import Form, Nothing, filled, read_form
from sidecar.inbox import SPONSOR
from sidecar.kinds import KINDS
from sidecar.mending import BIGGEST
from sidecar.people import key_of
from sidecar.permissions import Permission, actor_of
from sidecar.tables.cases import Block, CannedReply

REPLIES, BLOCKS = "/admin/cases/replies", "/admin/cases/blocks"

LONGEST = 254


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """A reply; without a kind it is for all."""

    title: Annotated[str, Meta(min_length=1, max_length=100)]
    text: Annotated[str, Meta(min_length=1, max_length=5000)]
    kind: Annotated[str, Meta(max_length=40)] = ""
    choice: Literal["keep", "remove"] = "keep"


class Blocked(msgspec.Struct, frozen=True, kw_only=True):
    """An address, or a domain: then nothing of any address of it is taken."""

    value: Annotated[str, Meta(min_length=3, max_length=LONGEST, pattern=r"^([^@\s]+@)?[^@\s]+\.[^@\s]+$",
                               examples=["spam@owl.example"])]  # fmt: skip
    reason: Annotated[str, Meta(max_length=500)] = ""


@get(REPLIES, permission=Permission.ADMIN)
async def replies(request: Asked, state: State) -> Response[str]:
    """Show all replies, and the form of a new one."""
    return await show_replies(request, state)


async def show_replies(
    request: Asked, state: State, form: Form[Any] | None = None, number: int = 0
) -> Response[str]:
    """The replies; `form` is of one that is new, or of the one that is changed."""
    async with state.db.read() as tx:
        found = list(await tx.scalars(select(CannedReply).order_by(CannedReply.title)))
    kinds = [("", "All kinds"), *((kind.name, kind.title) for kind in KINDS.values()),
             (SPONSOR, SPONSOR)]  # fmt: skip
    return show(request, "sidecar/admin/replies.html", "Replies", form=form or Form(),
                replies=found, kinds=kinds, number=number)  # fmt: skip


@get(f"{REPLIES}/{{number:int}}", permission=Permission.ADMIN)
async def reply(request: Asked, state: State, number: FromPath[int]) -> Response[str]:
    """Show one in the form."""
    async with state.db.read() as tx:
        found = await tx.get(CannedReply, number) if number <= BIGGEST else None
    if found is None:
        raise NotFoundException
    kept = {"title": found.title, "text": found.text, "kind": found.kind}
    return await show_replies(request, state, filled(kept), number)


@post(f"{REPLIES}/{{number:int}}", permission=Permission.ADMIN)
async def keep(request: Asked, state: State, number: FromPath[int]) -> Response[Any]:
    """Keep a reply as it was typed, or remove it; number 0 is a new one."""
    form = await read_form(request, Reply)
    given = form.value
    if given is None or given.kind not in {"", *KINDS, SPONSOR}:
        return await show_replies(request, state, form, number)
    async with state.db.write() as tx:
        known = await tx.get(CannedReply, number) if 0 < number <= BIGGEST else None
        if number and known is None:
            raise NotFoundException
        if known and given.choice == "remove":
            await tx.delete(known)
        else:
            known = known or CannedReply()
            known.title, known.text, known.kind = given.title, given.text, given.kind
            tx.add(known)
            await tx.flush()
        await note(tx, actor_of(request), f"reply {given.choice}", f"canned_replies/{known.id}")
    return go(request, REPLIES, "The reply is removed." if given.choice == "remove" else
              "The reply is kept.")  # fmt: skip


@get(BLOCKS, permission=Permission.ADMIN)
async def blocks(request: Asked, state: State) -> Response[str]:
    """Show who is blocked.  `?value=ada@owl.example` has typed whom to block."""
    value = request.query_params.get("value", "")[:LONGEST]
    return await show_blocks(request, state, filled({"value": value}))


async def show_blocks(request: Asked, state: State, form: Form[Any] | None = None) -> Response[str]:
    """The list, and the form of another."""
    async with state.db.read() as tx:
        found = list(await tx.scalars(select(Block).order_by(Block.value)))
    return show(request, "sidecar/admin/blocks.html", "Blocked senders", form=form or Form(),
                blocks=found)  # fmt: skip


@post(BLOCKS, permission=Permission.ADMIN)
async def block(request: Asked, state: State) -> Response[Any]:
    """Take nothing more from an address or a domain."""
    form = await read_form(request, Blocked)
    if form.value is None:
        return await show_blocks(request, state, form)
    value, reason, actor = key_of(form.value.value), form.value.reason, actor_of(request)
    async with state.db.write() as tx:
        if await tx.scalar(select(Block.id).where(Block.value == value)) is None:
            tx.add(made := Block(value=value, reason=reason, actor_id=actor.user))
            await tx.flush()
            await note(tx, actor, "sender blocked", f"blocks/{made.id}")
    return go(request, BLOCKS, "Nothing more is taken from there.")


@post(f"{BLOCKS}/{{number:int}}/remove", permission=Permission.ADMIN)
async def unblock(request: Asked, state: State, number: FromPath[int]) -> Response[Any]:
    """Take what they hand in again."""
    form = await read_form(request, Nothing)
    if form.value is None:
        return await show_blocks(request, state, form)
    async with state.db.write() as tx:
        if found := (await tx.get(Block, number) if number <= BIGGEST else None):
            await tx.delete(found)
            await note(tx, actor_of(request), "sender unblocked", f"blocks/{number}")
    return go(request, BLOCKS, "What they hand in is taken again.")


ROUTES = (replies, reply, keep, blocks, block, unblock)

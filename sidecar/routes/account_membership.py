"""The membership of whoever is signed in: begun, changed, affirmed and ended by its owner alone."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.datastructures import State
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from pydotorg_build.content.base import Fault
from sidecar import memberships, news
from sidecar.account import show
from sidecar.answers import Asked, go
from sidecar.audit import changes_of, note
from sidecar.clock import now
from sidecar.forms import Form, Nothing, filled, read_form
from sidecar.memberships import Details, SignUp, title_of
from sidecar.permissions import Actor, Permission, actor_of
from sidecar.tables.accounts import Membership, User

URL = "/account/membership"


async def find(db: AsyncSession, actor: Actor) -> Membership | None:
    """The membership of whoever asks."""
    return await db.scalar(select(Membership).where(Membership.user_id == actor.user))


@get(URL, permission=Permission.ACCOUNT)
async def membership_page(request: Asked, state: State) -> Response[str]:
    """Show the membership, or the form that begins one."""
    actor = actor_of(request)
    async with state.db.read() as tx:
        found = await find(tx, actor)
        user = await tx.get_one(User, actor.user)
    if found is None:
        return show_sign_up(request, filled({"email": user.email, "legal_name": user.full_name}))
    return show_membership(request, found, filled(kept(found)))


def kept(found: Membership) -> dict[str, Any]:
    """What is kept, as the form shows it."""
    return {name: getattr(found, name) for name in Details.__struct_fields__}


def show_sign_up(request: Asked, form: Form[SignUp]) -> Response[str]:
    """The form of whoever becomes a member."""
    return show(request, "sidecar/account/sign_up.html", "Become a member", form=form)


def show_membership(request: Asked, found: Membership, form: Form[Details]) -> Response[str]:
    """The page of a member."""
    return show(
        request, "sidecar/account/membership.html", "Membership", form=form, found=found,
        kind=title_of(found), must_affirm=memberships.must_affirm(found, now()),
        may_vote=memberships.is_higher(found.kind),
    )  # fmt: skip


@post(URL, permission=Permission.ACCOUNT)
async def sign_up(request: Asked, state: State) -> Response[Any]:
    """Become a basic member; whoever is one already stays what they are."""
    form, actor = await read_form(request, SignUp), actor_of(request)
    if form.value is None:
        return show_sign_up(request, form)
    if not form.value.code_of_conduct:
        return show_sign_up(request, form.but(Fault("code_of_conduct", "Members agree to it")))
    async with state.db.write() as tx:
        if await find(tx, actor):
            return go(request, URL, "You are a member already.")
        membership = Membership(user_id=actor.user, code_of_conduct=True)
        memberships.keep(membership, form.value)
        tx.add(membership)
        await heed(tx, actor, form.value)
        await tx.flush()
        await note(tx, actor, "membership begun", f"memberships/{membership.id}")
    return go(request, URL, "Welcome: you are a basic member of the Python Software Foundation.")


async def heed(tx: AsyncSession, actor: Actor, given: Details) -> None:
    """Whoever wants announcements again gets them, also after unsubscribing from them once."""
    if given.announcements:
        await news.subscribe(tx, (await tx.get_one(User, actor.user)).email)


@post(f"{URL}/change", permission=Permission.MEMBER)
async def change(request: Asked, state: State) -> Response[Any]:
    """Keep what a member typed about themselves."""
    form, actor = await read_form(request, Details), actor_of(request)
    if form.value is None:
        async with state.db.read() as tx:
            found = await tx.scalar(select(Membership).where(Membership.user_id == actor.user))
        return show_membership(request, found, form) if found else go(request, URL)
    async with state.db.write() as tx:
        if found := await find(tx, actor):
            memberships.keep(found, form.value)
            await heed(tx, actor, form.value)
            await note(tx, actor, "membership changed", f"memberships/{found.id}",
                       changes_of(found))  # fmt: skip
    return go(request, URL, "Your membership was changed.")


@post(f"{URL}/affirm", permission=Permission.HIGHER_MEMBER)
async def affirm(request: Asked, state: State) -> Response[Any]:
    """Say that one wants to vote in the elections of the next year."""
    form, actor = await read_form(request, Nothing), actor_of(request)
    if form.value is None:
        return go(request, URL, form.errors[0][1])
    async with state.db.write() as tx:
        if found := await find(tx, actor):
            found.votes, found.affirmed_at = True, now()
            await note(tx, actor, "votes affirmed", f"memberships/{found.id}", changes_of(found))
    return go(
        request, URL, "Thank you: you will be asked to vote in the elections of the next year."
    )


@get(f"{URL}/end", permission=Permission.MEMBER)
async def end_page(request: Asked) -> Response[str]:
    """Ask once before a membership ends."""
    words = "What you told about yourself as a member is deleted. Your account stays."
    return show(request, "sidecar/account/confirm.html", "End your membership", words=words,
                button="End it", back=URL)  # fmt: skip


@post(f"{URL}/end", permission=Permission.MEMBER)
async def end(request: Asked, state: State) -> Response[Any]:
    """End the membership."""
    form, actor = await read_form(request, Nothing), actor_of(request)
    if form.value is None:
        return go(request, URL, form.errors[0][1])
    async with state.db.write() as tx:
        if found := await find(tx, actor):
            await note(tx, actor, "membership ended", f"memberships/{found.id}")
            await tx.delete(found)
    return go(request, URL, "Your membership has ended.")


ROUTES = (membership_page, sign_up, change, affirm, end_page, end)

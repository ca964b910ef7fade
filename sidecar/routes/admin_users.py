"""Accounts, as staff look after them: found, given roles, let in and shut out, helped in again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from sidecar import people
from sidecar.answers import Asked, go
from sidecar.audit import note
from sidecar.desk import Question, confirm, show
from sidecar.forms import Nothing, read_form
from sidecar.lists import Column, Filter, Listing, contains, look, since
from sidecar.mending import BIGGEST
from sidecar.permissions import Actor, Permission, Role, actor_of
from sidecar.routes import account_password, account_register
from sidecar.settings import Settings
from sidecar.tables.accounts import Factor, Given, Session, User
from sidecar.tables.work import Audit

URL = "/admin/users"
STATES: dict[str, ColumnElement[bool]] = {
    "active": User.is_active & User.confirmed_at.is_not(None) & User.deleted_at.is_(None),
    "unconfirmed": User.is_active & User.confirmed_at.is_(None) & User.deleted_at.is_(None),
    "disabled": ~User.is_active & User.deleted_at.is_(None),
    "deleted": User.deleted_at.is_not(None),
}
RECENT = 10


def has_role(role: str) -> ColumnElement[bool]:
    """Has an account the role?"""
    return User.roles.any(Given.role == role)


USERS = Listing(
    URL,
    select(User).options(selectinload(User.roles)),
    (
        Column("name", "Name", User.name_key),
        Column("email", "Address", User.email_key),
        Column("roles", "Roles"),
        Column("state", "State"),
        Column("created", "Registered", User.created),
        Column("last", "Last signed in", User.last_sign_in),
    ),
    (
        Filter("q", "Name or address", contains(User.name_key, User.email_key, User.full_name)),
        Filter("role", "Role", has_role, "choice",
               tuple((role.value, role.value.capitalize()) for role in Role)),
        Filter("state", "State", STATES.__getitem__, "choice",
               tuple((state, state.capitalize()) for state in STATES)),
        Filter("since", "Registered from", since(User.created), "day"),
    ),
    tie=User.id,
    sort="-created",
)  # fmt: skip


# A step on an account within a transaction; some write a letter, whose links the settings tell.
Step = Callable[[AsyncSession, Actor, User, Settings], Awaitable[Any]]


@dataclass(frozen=True)
class Act:
    """What can be done to an account: what is asked before, and what is done then."""

    title: str
    words: str
    button: str
    done: str
    do: Step
    applies: Callable[[User], bool] = lambda user: True


class Chosen(msgspec.Struct, frozen=True):
    """A role that is given or taken."""

    role: Role


async def end_sessions(tx: AsyncSession, actor: Actor, user: User) -> None:
    """Sign somebody out everywhere."""
    count = await tx.scalar(select(func.count(Session.id)).where(Session.user_id == user.id))
    await people.end_sessions(tx, user.id)
    await note(tx, actor, "sessions ended", f"users/{user.id}", {"sessions": (count, 0)})


async def send_reset(tx: AsyncSession, actor: Actor, user: User, settings: Settings) -> None:
    """Send somebody the link with which they choose another password."""
    await account_password.write_to(tx, settings, user, user.email)
    await note(tx, actor, "reset link sent", f"users/{user.id}")


async def send_confirmation(tx: AsyncSession, actor: Actor, user: User, settings: Settings) -> None:
    """Send somebody the link with which they confirm their address, again."""
    await account_register.ask_to_confirm(tx, settings, user)
    await note(tx, actor, "confirmation sent again", f"users/{user.id}")


def step(take: Callable[[AsyncSession, Actor, User], Awaitable[Any]]) -> Step:
    """A step that needs no settings."""
    return lambda tx, actor, user, settings: take(tx, actor, user)


ACTS = {
    "send-reset": Act(
        "Send a link for a new password", "Its owner gets a mail with a link that works for an "
        "hour. The password stays until another one is chosen; you never learn either.",
        "Send the link", "The link is on its way.", send_reset, lambda user: user.is_active,
    ),
    "send-confirmation": Act(
        "Send the confirmation again", "Its owner gets another mail with a link that confirms the "
        "address. Without that nobody can sign in.",
        "Send it again", "The confirmation is on its way.", send_confirmation,
        lambda user: user.is_active and user.confirmed_at is None,
    ),
    "disable": Act(
        "Disable the account", "Nobody can sign in with it any more, and who is signed in with it "
        "is signed out. What it published stays. It can be enabled again.",
        "Disable", "The account is disabled.", step(people.disable), lambda user: user.is_active,
    ),
    "enable": Act(
        "Enable the account", "Its owner can sign in again, with the same password and roles.",
        "Enable", "The account is enabled.", step(people.enable), lambda user: not user.is_active,
    ),
    "reset-factor": Act(
        "Reset the second factor", "All second factors and recovery codes of the account are "
        "forgotten, and it is signed out. Its roles give nothing until a new one is set up. Be "
        "sure that it is really its owner who asks.",
        "Reset the second factor", "The second factors are forgotten.", step(people.reset_factor),
    ),
    "end-sessions": Act(
        "End all sessions", "The account is signed out in every browser.",
        "End all sessions", "The account is signed out everywhere.", step(end_sessions),
    ),
}  # fmt: skip


async def account(tx: AsyncSession, number: int) -> User:
    """The account of an address, with its roles."""
    asked = select(User).where(User.id == number).options(selectinload(User.roles))
    found = await tx.scalar(asked) if number <= BIGGEST else None
    if found is None:
        raise NotFoundException
    return found


def own(actor: Actor, user: User) -> None:
    """Refuse what somebody would do to their own account."""
    if actor.user == user.id:
        raise people.Impossible("This is your own account: somebody else must do this.")


def still_there(user: User) -> None:
    """Refuse what would be done to an account that was deleted: of it only the number is left."""
    if user.deleted_at is not None:
        raise people.Impossible("This account was deleted.")


@get(URL, permission=Permission.USERS_SEE)
async def users(request: Asked, state: State) -> Response[str]:
    """List accounts, the newest first."""
    async with state.db.read() as tx:
        found = await look(tx, USERS, request.query_params)
    return show(request, "sidecar/admin/users.html", "Accounts", found=found,
                state_of=people.state_of)  # fmt: skip


@get(f"{URL}/{{number:int}}", permission=Permission.USERS_SEE)
async def one_user(request: Asked, state: State, number: FromPath[int]) -> Response[str]:
    """Show an account, and what can be done to it."""
    return await shown(request, state, number)


async def shown(
    request: Asked, state: State, number: int, *, status: int = 200, said: str = ""
) -> Response[str]:
    """The page of an account; `said` is why something could not be done."""
    async with state.db.read() as tx:
        user = await account(tx, number)
        factors = await tx.scalar(select(func.count(Factor.id)).where(Factor.user_id == number))
        sessions = await tx.scalar(select(func.count(Session.id)).where(Session.user_id == number))
        log = await tx.execute(
            select(Audit, User.name).outerjoin(User, User.id == Audit.actor_id)
            .where(Audit.subject == f"users/{number}").order_by(Audit.id.desc()).limit(RECENT)
        )  # fmt: skip
    actor = actor_of(request)
    may = actor.may(Permission.USERS_CHANGE) and actor.user != number and not user.deleted_at
    acts = {name: act for name, act in ACTS.items() if may and act.applies(user)}
    left = [role.value for role in Role if role.value not in people.roles_of(user)] if may else []
    return show(request, "sidecar/admin/user.html", user.name, status=status, said=said, user=user,
                account_state=people.state_of(user), roles=people.roles_of(user), may=may,
                factors=factors, sessions=sessions, log=log.all(), acts=acts, left=left,
                is_own=actor.user == number)  # fmt: skip


@get(f"{URL}/{{number:int}}/{{name:str}}", permission=Permission.USERS_CHANGE)
async def ask(
    request: Asked, state: State, number: FromPath[int], name: FromPath[str]
) -> Response[str]:
    """Ask once before something is done to an account."""
    async with state.db.read() as tx:
        user = await account(tx, number)
    if name not in ACTS:
        raise NotFoundException
    act, back = ACTS[name], f"{URL}/{number}"
    words = (f"{act.title} “{user.name}”?", act.words)
    return confirm(request, act.title, Question(words, act.button, f"{back}/{name}", back))


@post(f"{URL}/{{number:int}}/{{name:str}}", permission=Permission.USERS_CHANGE)
async def do(
    request: Asked, state: State, number: FromPath[int], name: FromPath[str]
) -> Response[Any]:
    """Do it, in one transaction with its line in the audit log."""
    if name not in ACTS:
        raise NotFoundException
    form = await read_form(request, Nothing)
    if form.value is None:
        return await shown(request, state, number, status=form.status, said=form.errors[0][1])
    return await changed(request, state, number, ACTS[name].do, ACTS[name].done)


@post(f"{URL}/{{number:int}}/roles/{{way:str}}", permission=Permission.USERS_CHANGE, step_up=True)
async def roles(
    request: Asked, state: State, number: FromPath[int], way: FromPath[str]
) -> Response[Any]:
    """Give an account a role, or take one from it."""
    steps = {"give": people.give, "take": people.take}
    if way not in steps:
        raise NotFoundException
    form = await read_form(request, Chosen)
    if form.value is None:
        return await shown(request, state, number, status=form.status, said=form.errors[0][1])
    role = form.value.role

    async def turn(tx: AsyncSession, actor: Actor, user: User, settings: Settings) -> None:
        await steps[way](tx, actor, user, role)

    done = f"The role {role.value} is {'given' if way == 'give' else 'taken away'}."
    return await changed(request, state, number, turn, done)


async def changed(
    request: Asked, state: State, number: int, take: Step, done: str
) -> Response[Any]:
    """Take a step on an account that is not one's own; what is impossible is said on its page."""
    actor = actor_of(request)
    try:
        async with state.db.write() as tx:
            user = await account(tx, number)
            own(actor, user)
            still_there(user)
            await take(tx, actor, user, state.settings)
    except people.Impossible as impossible:
        return await shown(request, state, number, status=409, said=str(impossible))
    return go(request, f"{URL}/{number}", done)


ROUTES = (users, one_user, ask, do, roles)

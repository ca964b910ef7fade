"""What staff and the command line do to accounts: add, roles, password, factors, disable, list.

Each is one step in the caller's transaction, with its line in the audit log.  The rule that spans
them: there is always somebody who can let others in, so the last superuser stays one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from sqlalchemy import delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from pydotorg_build.content.base import Fault
from sidecar import tokens
from sidecar.audit import note
from sidecar.clock import now
from sidecar.factors import forget
from sidecar.permissions import Actor, Role
from sidecar.tables.accounts import Factor, Given, Purpose, Session, User

# Names stand in addresses, and are told apart by eye: only plain letters, and no @, so that what
# somebody signs in with is either a name or an address.
Name = Annotated[
    str, Meta(min_length=2, max_length=40, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]+$",
              title="User name",              examples=["guido"])
]  # fmt: skip
# Of what nobody sees in a text, an address has none: it would look like that of somebody else.
UNSEEN = (
    r"\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
)
# What means something else in the head of a mail would lead it to another mailbox: a(b)@c.de is a@c.de.
_SIGN = rf"<>@\s,;:()\[\]\\\"{UNSEEN}"
ADDRESS = rf"[^{_SIGN}]+@[^{_SIGN}.]+(?:\.[^{_SIGN}.]+)+"
EmailAddress = Annotated[
    str,
    Meta(
        max_length=254,
        pattern=rf"^{ADDRESS}$",
        examples=["ada@example.org"],
        title="E-mail address",
    ),
]
# Who is called so would be taken for somebody else, or for a page.
RESERVED = frozenset({
    "abuse", "account", "accounts", "admin", "administrator", "anonymous", "api", "deleted",
    "edit", "hostmaster", "membership", "moderator", "noreply", "nobody", "none", "postmaster",
    "psf", "pypi", "python", "python.org", "root", "search", "security", "sidecar", "staff",
    "superuser", "support", "system", "webmaster", "you",
})  # fmt: skip


# What whoever knew an old password, or read its owner's mail, may have begun.
BEGUN = (Purpose.RESET, Purpose.ENROL, Purpose.SIGN_IN, Purpose.CHANGE_EMAIL)


class NewAccount(msgspec.Struct, frozen=True, kw_only=True):
    """What an account begins with."""

    name: Name
    email: EmailAddress


class Impossible(Exception):
    """A step that cannot be taken; its text says why, for whoever asked."""


def key_of(text: str) -> str:
    """A name or an address, as it must be unique: however it is written, and nothing unseen in it.

    >>> key_of("Ada@Example.org")
    'ada@example.org'
    """
    plain = "".join(sign for sign in text if sign.isprintable())
    return unicodedata.normalize("NFKC", plain.strip()).casefold()


async def taken(db: AsyncSession, *, name: str = "", email: str = "", but: int = 0) -> list[str]:
    """Which of a name and an address somebody (`but` one) has already: "name", "email"."""
    keys = {"name": key_of(name), "email": key_of(email)}
    rows = await db.execute(
        select(User.name_key, User.email_key)
        .where(or_(User.name_key == keys["name"], User.email_key == keys["email"]))
        .where(User.id != but)
    )
    found = {
        (field, key) for row in rows for field, key in zip(("name", "email"), row, strict=True)
    }
    return [field for field, key in keys.items() if key and (field, key) in found]


def faults_of_name(name: str) -> Iterable[Fault]:
    """What is wrong with a new name that its pattern does not say."""
    if key_of(name).rstrip("0123456789") in RESERVED:
        yield Fault("name", f"{name!r} is kept for the site itself", "choose another name")


async def account(db: AsyncSession, who: str) -> User:
    """The account of a name or an address, with its roles."""
    key = key_of(who)
    field = User.email_key if "@" in key else User.name_key
    found = await db.scalar(
        select(User)
        .where(field == key, User.deleted_at.is_(None))
        .options(selectinload(User.roles))
    )
    if found is None:
        raise Impossible(f"nobody is called {who}")
    return found


async def add(
    tx: AsyncSession, actor: Actor, name: str, email: str, *, password: str = "",
    roles: Iterable[Role] = (),
) -> User:  # fmt: skip
    """Add an account, its address taken for confirmed; `password` is a hash."""
    clashes = await taken(tx, name=name, email=email)
    if clashes:
        given = {"name": name, "email": email}
        raise Impossible(f"there is an account with the {clashes[0]} {given[clashes[0]]} already")
    user = User(
        name=name, name_key=key_of(name), email=email.strip(), email_key=key_of(email),
        password=password, confirmed_at=now(),
        roles=[Given(role=role.value, given_by=actor.user or None) for role in roles],
    )  # fmt: skip
    tx.add(user)
    await tx.flush()
    await note(tx, actor, "account added", f"users/{user.id}", {"roles": ([], roles_of(user))})
    return user


def roles_of(user: User) -> list[str]:
    """The names of somebody's roles."""
    return sorted(given.role for given in user.roles)


async def give(tx: AsyncSession, actor: Actor, user: User, role: Role) -> None:
    """Give somebody a role; it counts at their next request."""
    before = roles_of(user)
    if role.value in before:
        raise Impossible(f"{user.name} has the role {role.value} already")
    user.roles.append(Given(role=role.value, given_by=actor.user or None))
    await note(tx, actor, "role given", f"users/{user.id}", {"roles": (before, roles_of(user))})


async def take(tx: AsyncSession, actor: Actor, user: User, role: Role) -> None:
    """Take a role away; it counts no more at their next request."""
    before = roles_of(user)
    if role.value not in before:
        raise Impossible(f"{user.name} does not have the role {role.value}")
    if role is Role.SUPERUSER:
        await keep_one_superuser(tx, user)
    user.roles = [given for given in user.roles if given.role != role.value]
    await note(tx, actor, "role taken", f"users/{user.id}", {"roles": (before, roles_of(user))})


async def keep_one_superuser(tx: AsyncSession, user: User) -> None:
    """Refuse where nobody else would be a superuser; two at once wait for each other."""
    rows = await tx.scalars(
        select(Given.user_id).join(User, User.id == Given.user_id)
        .where(Given.role == Role.SUPERUSER.value, User.is_active, User.deleted_at.is_(None))
        .with_for_update()
    )  # fmt: skip
    superusers = set(rows)
    if superusers == {user.id}:
        raise Impossible(f"{user.name} is the last superuser: make somebody else one first")


async def set_password(
    tx: AsyncSession, actor: Actor, user: User, password: str, *, but: int = 0
) -> None:
    """Set a password, as a hash; who is signed in with the old one is signed out, `but` a session.

    What was begun before, a link in a mail or half a way in, leads nowhere any more.
    """
    user.password = password
    # First what a session may come of at this moment, which is waited for.
    for purpose in BEGUN:
        await tokens.forget(tx, purpose, user.id)
    await end_sessions(tx, user.id, but=but)
    await note(tx, actor, "password set", f"users/{user.id}", {"password": (None, None)})


async def reset_factor(tx: AsyncSession, actor: Actor, user: User) -> int:
    """Take the second factors from somebody who lost them; say how many there were."""
    gone = await forget(tx, user.id)
    await end_sessions(tx, user.id)
    await note(tx, actor, "second factors reset", f"users/{user.id}", {"factors": (gone, 0)})
    return gone


async def disable(tx: AsyncSession, actor: Actor, user: User) -> None:
    """Let somebody in no more; what they published stays."""
    if not user.is_active:
        raise Impossible(f"{user.name} is disabled already")
    if Role.SUPERUSER.value in roles_of(user):
        await keep_one_superuser(tx, user)
    user.is_active = False
    await end_sessions(tx, user.id)
    await note(tx, actor, "account disabled", f"users/{user.id}", {"is_active": (True, False)})


async def enable(tx: AsyncSession, actor: Actor, user: User) -> None:
    """Let somebody in again."""
    if user.is_active:
        raise Impossible(f"{user.name} is not disabled")
    user.is_active = True
    await note(tx, actor, "account enabled", f"users/{user.id}", {"is_active": (False, True)})


async def end_sessions(tx: AsyncSession, user: int, *, but: int = 0) -> None:
    """Sign somebody out everywhere, `but` in one session."""
    await tx.execute(delete(Session).where(Session.user_id == user, Session.id != but))


async def listed(db: AsyncSession, role: str | None = None) -> list[dict[str, Any]]:
    """All accounts by name, with what says whether they can do their work."""
    asked = select(User).where(User.deleted_at.is_(None)).options(selectinload(User.roles))
    if role:
        asked = asked.join(Given, Given.user_id == User.id).where(Given.role == role)
    with_factor = set(await db.scalars(select(Factor.user_id)))
    return [
        {
            "name": user.name, "email": user.email, "roles": roles_of(user),
            "has_factor": user.id in with_factor, "state": state_of(user),
        }
        for user in await db.scalars(asked.order_by(User.name_key))
    ]  # fmt: skip


def state_of(user: User) -> str:
    """May somebody sign in, and if not, why?"""
    if not user.is_active:
        return "disabled"
    return "active" if user.confirmed_at else "not confirmed"

"""Accounts elsewhere that sign somebody in here: found, connected, begun with, disconnected.

Only an address that the provider says is verified leads to an account that is here already, and the
owner is told by mail.  Nothing else about that account changes: its password goes on working.  Only
one that nobody confirmed yet loses it, since whoever chose it never showed that the address is theirs.
"""

from __future__ import annotations

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from sidecar.audit import note
from sidecar.clock import now
from sidecar.database import in_turn
from sidecar.letters.accounts import Linked
from sidecar.mail import post
from sidecar.people import Impossible, end_sessions, key_of
from sidecar.permissions import Actor
from sidecar.providers import PROVIDERS, Told
from sidecar.settings import Settings
from sidecar.tables.accounts import Identity, Token, User


async def owner_of(db: AsyncSession, told: Told) -> User | None:
    """Whoever an account elsewhere signs in here."""
    return await db.scalar(
        select(User)
        .join(Identity, Identity.user_id == User.id)
        .where(Identity.provider == told.provider, Identity.subject == told.subject)
    )


async def owner_of_address(db: AsyncSession, told: Told) -> User | None:
    """Whoever has the address here that is verified there."""
    if not told.email:
        return None
    found: User | None = await db.scalar(select(User).where(User.email_key == key_of(told.email)))
    return found


async def connect(tx: AsyncSession, settings: Settings, user: User, told: Told) -> None:
    """Let an account elsewhere sign somebody in from now on; its owner is told."""
    actor = Actor(user=user.id)
    if user.confirmed_at is None:
        user.confirmed_at, user.password = now(), ""
        await end_sessions(tx, user.id)
        await tx.execute(delete(Token).where(Token.user_id == user.id))
    tx.add(Identity(user_id=user.id, provider=told.provider, subject=told.subject,
                    email=told.email))  # fmt: skip
    await note(tx, actor, "account elsewhere connected", f"users/{user.id}",
               {"kind": (None, told.provider)})  # fmt: skip
    title = PROVIDERS[told.provider].title
    security = f"{settings.url}/account/security"
    await post(tx, "linked", user.email,
               Linked(name=user.name, provider=title, security=security))  # fmt: skip


async def begin(tx: AsyncSession, told: Told, name: str) -> User:
    """A new account of somebody whose address is verified elsewhere; it has no password."""
    user = User(
        name=name, name_key=key_of(name), email=told.email, email_key=key_of(told.email),
        full_name=told.full_name[:150], confirmed_at=now(),
    )  # fmt: skip
    tx.add(user)
    await tx.flush()
    tx.add(Identity(user_id=user.id, provider=told.provider, subject=told.subject,
                    email=told.email))  # fmt: skip
    await note(tx, Actor(user=user.id), "account begun", f"users/{user.id}",
               {"kind": (None, told.provider)})  # fmt: skip
    return user


async def disconnect(tx: AsyncSession, user: User, provider: str) -> None:
    """Let an account elsewhere sign in no more, if there is another way in."""
    theirs = Identity.user_id == user.id
    await in_turn(tx, f"ways in {user.id}")
    many = await tx.scalar(select(func.count()).select_from(Identity).where(theirs)) or 0
    if not user.password and many < 2:
        raise Impossible("it is your only way in: set a password first")
    await tx.execute(delete(Identity).where(theirs, Identity.provider == provider))
    await note(tx, Actor(user=user.id), "account elsewhere disconnected", f"users/{user.id}",
               {"kind": (provider, None)})  # fmt: skip

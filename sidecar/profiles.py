"""Profiles: what somebody says about themselves, and who sees what of it.

A profile that is not public is not there for anybody else: 404, as for a name that nobody has.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta
from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from sidecar.people import key_of
from sidecar.permissions import Actor
from sidecar.tables.accounts import EmailPrivacy, SearchVisibility, User

MOST_FOUND = 50
SHORTEST_QUERY = 2


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """What its owner may change."""

    full_name: Annotated[str, Meta(max_length=150)] = ""
    bio: Annotated[str, Meta(max_length=5000)] = ""
    employers: Annotated[str, Meta(max_length=500)] = ""
    public_profile: bool = False
    search_visibility: Literal["0", "1"]
    email_privacy: Literal["0", "1", "2"]


class Shown(msgspec.Struct, frozen=True):
    """What a reader sees of a profile."""

    name: str
    full_name: str
    bio: str
    email: str
    is_own: bool


def keep(user: User, profile: Profile) -> None:
    """Take over what somebody typed."""
    user.full_name, user.bio, user.employers = profile.full_name, profile.bio, profile.employers
    user.public_profile = profile.public_profile
    user.search_visibility = int(profile.search_visibility)
    user.email_privacy = int(profile.email_privacy)


def shown_to(actor: Actor, user: User) -> Shown | None:
    """A profile as `actor` sees it; nothing where it is not for them."""
    is_own = actor.user == user.id
    if not user.public_profile and not is_own:
        return None
    return Shown(
        user.name, user.full_name, user.bio, user.email * sees_address(actor, user), is_own
    )


def sees_address(actor: Actor, user: User) -> bool:
    """Is the address of an account for `actor` to see?"""
    if user.email_privacy == EmailPrivacy.ANYONE.value:
        return True
    return user.email_privacy == EmailPrivacy.SIGNED_IN.value and actor.is_known


def there() -> Select[User]:
    """Accounts that anybody may hear of."""
    return select(User).where(
        User.is_active, User.confirmed_at.is_not(None), User.deleted_at.is_(None)
    )


async def find(db: AsyncSession, name: str) -> User | None:
    """The account of a name."""
    found: User | None = await db.scalar(there().where(User.name_key == key_of(name)))
    return found


async def search(db: AsyncSession, query: str) -> list[User]:
    """Public profiles whose name has the query in it; those that do not want to be found are not."""
    key = key_of(query)
    if len(key) < SHORTEST_QUERY:
        return []
    named = User.name_key.contains(key, autoescape=True)
    called = User.full_name.icontains(key, autoescape=True)
    found = await db.scalars(
        there()
        .where(User.public_profile, User.search_visibility == SearchVisibility.PUBLIC.value)
        .where(or_(named, called))
        .order_by(User.name_key)
        .limit(MOST_FOUND)
    )
    return list(found)

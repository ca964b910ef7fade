"""People: accounts, what they sign in with, and what they may do."""

from __future__ import annotations

import datetime
from enum import IntEnum, StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from sidecar.permissions import Role
from sidecar.tables.base import Created, Id, Key, Table, Updated, numbered, one_of


class SearchVisibility(IntEnum):
    """Is a profile found by others?"""

    PRIVATE = 0
    PUBLIC = 1


class EmailPrivacy(IntEnum):
    """Who sees an address."""

    ANYONE = 0
    SIGNED_IN = 1
    NEVER = 2


class MembershipKind(IntEnum):
    """Kinds of membership of the Foundation, by today's numbers."""

    BASIC = 0
    SUPPORTING = 1
    SPONSOR = 2
    CONTRIBUTING = 4
    FELLOW = 5


class User(Table):
    """An account.  `name_key` and `email_key` are the texts that must be unique, case folded."""

    __tablename__ = "users"

    id: Mapped[Id]
    name: Mapped[str]
    name_key: Mapped[str] = mapped_column(unique=True)
    email: Mapped[str]
    email_key: Mapped[str] = mapped_column(unique=True)
    confirmed_at: Mapped[datetime.datetime | None]
    password: Mapped[str] = mapped_column(default="")
    full_name: Mapped[str] = mapped_column(default="")
    bio: Mapped[str] = mapped_column(default="")
    employers: Mapped[str] = mapped_column(default="")
    search_visibility: Mapped[int] = mapped_column(
        default=SearchVisibility.PUBLIC.value, info=numbered(SearchVisibility)
    )
    email_privacy: Mapped[int] = mapped_column(
        default=EmailPrivacy.NEVER.value, info=numbered(EmailPrivacy)
    )
    public_profile: Mapped[bool] = mapped_column(default=True)
    is_active: Mapped[bool] = mapped_column(default=True)
    last_sign_in: Mapped[datetime.datetime | None]
    deleted_at: Mapped[datetime.datetime | None]
    created: Mapped[Created]
    updated: Mapped[Updated]
    version: Mapped[int] = mapped_column()

    roles: Mapped[list[Given]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, lazy="raise"
    )

    __mapper_args__ = {"version_id_col": version}


class Given(Table):
    """A role that an account has."""

    __tablename__ = "roles"

    user_id: Mapped[int] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    given_by: Mapped[int | None]
    created: Mapped[Created]

    __table_args__ = (one_of("role", Role),)


class Session(Table):
    """Somebody signed in with a browser; the cookie holds a token, this its digest."""

    __tablename__ = "sessions"

    id: Mapped[Id]
    token: Mapped[Key] = mapped_column(unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), index=True)
    created: Mapped[Created]
    seen: Mapped[Created]
    expires: Mapped[datetime.datetime]
    factor_at: Mapped[datetime.datetime | None]
    stepped_up_at: Mapped[datetime.datetime | None]
    browser: Mapped[str] = mapped_column(default="")
    notice: Mapped[str] = mapped_column(default="")


class Purpose(StrEnum):
    """What a one-time token is good for."""

    CONFIRM = "confirm"
    RESET = "reset"
    CHANGE_EMAIL = "change email"
    ENROL = "enrol"
    SIGN_IN = "sign in"


class Token(Table):
    """A token that works once, for one purpose; only its digest is kept."""

    __tablename__ = "tokens"

    id: Mapped[Id]
    token: Mapped[Key] = mapped_column(unique=True)
    purpose: Mapped[str]
    user_id: Mapped[int | None] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), index=True)
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created: Mapped[Created]
    expires: Mapped[datetime.datetime]
    used_at: Mapped[datetime.datetime | None]

    __table_args__ = (one_of("purpose", Purpose),)


class FactorKind(StrEnum):
    """What proves a second time who it is."""

    TOTP = "totp"
    PASSKEY = "passkey"


class Factor(Table):
    """A second factor.  `secret` is encrypted (TOTP) or a public key (passkey)."""

    __tablename__ = "factors"

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), index=True)
    kind: Mapped[str]
    name: Mapped[str]
    secret: Mapped[str]
    credential: Mapped[str | None] = mapped_column(unique=True)
    count: Mapped[int] = mapped_column(default=0)
    created: Mapped[Created]
    used: Mapped[datetime.datetime | None]

    __table_args__ = (one_of("kind", FactorKind),)


class RecoveryCode(Table):
    """A code that stands in for a second factor, once."""

    __tablename__ = "recovery_codes"

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), index=True)
    code: Mapped[Key]
    used_at: Mapped[datetime.datetime | None]


class Identity(Table):
    """An account at GitHub or Google that signs in here; `subject` is their id for it."""

    __tablename__ = "identities"

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), index=True)
    provider: Mapped[str]
    subject: Mapped[str]
    email: Mapped[str] = mapped_column(default="")
    created: Mapped[Created]

    __table_args__ = (UniqueConstraint("provider", "subject"),)


class Membership(Table):
    """The membership of a person in the Foundation."""

    __tablename__ = "memberships"

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), unique=True)
    kind: Mapped[int] = mapped_column(
        default=MembershipKind.BASIC.value, info=numbered(MembershipKind)
    )
    legal_name: Mapped[str]
    preferred_name: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="")
    city: Mapped[str] = mapped_column(default="")
    region: Mapped[str] = mapped_column(default="")
    country: Mapped[str] = mapped_column(default="")
    postal_code: Mapped[str] = mapped_column(default="")
    code_of_conduct: Mapped[bool] = mapped_column(default=False)
    announcements: Mapped[bool] = mapped_column(default=False)
    votes: Mapped[bool] = mapped_column(default=False)
    affirmed_at: Mapped[datetime.datetime | None]
    created: Mapped[Created]
    updated: Mapped[Updated]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


class ApiKey(Table):
    """A key for programs, shown once; `prefix` tells it apart afterwards."""

    __tablename__ = "api_keys"

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), index=True)
    name: Mapped[str]
    prefix: Mapped[str]
    digest: Mapped[Key] = mapped_column(unique=True)
    scopes: Mapped[list[str]] = mapped_column(default=list)
    created: Mapped[Created]
    expires: Mapped[datetime.datetime | None]
    revoked_at: Mapped[datetime.datetime | None]
    used: Mapped[datetime.datetime | None]


class Refresh(Table):
    """A refresh token of a program; each works once, and using one twice ends its family."""

    __tablename__ = "refresh_tokens"

    id: Mapped[Id]
    digest: Mapped[Key] = mapped_column(unique=True)
    family: Mapped[Key]
    key_id: Mapped[int] = mapped_column(ForeignKey(ApiKey.id, ondelete="CASCADE"))
    created: Mapped[Created]
    expires: Mapped[datetime.datetime]
    used_at: Mapped[datetime.datetime | None]
    revoked_at: Mapped[datetime.datetime | None]

    __table_args__ = (Index(None, "family"),)

"""Who is to stand in an election, and who nominated them.  Elections themselves are content."""

from __future__ import annotations

import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from sidecar.tables.accounts import User
from sidecar.tables.base import Created, Id, Key, Link, Table, Updated, one_of


class Answer(StrEnum):
    """What a nominee says to it."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    DECLINED = "declined"


class Nominee(Table):
    """Somebody who was nominated in an election, once, by however many.

    `name` and what follows are the nominee's own words, and what the site shows of who accepted.
    `withdrawn_at` is set by staff, and says nothing about the answer.
    """

    __tablename__ = "nominees"

    id: Mapped[Id]
    election: Mapped[str]
    public_id: Mapped[Key] = mapped_column(unique=True)
    email: Mapped[str]
    email_key: Mapped[str] = mapped_column(index=True)
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey(User.id, ondelete="SET NULL"), index=True
    )
    answer: Mapped[str] = mapped_column(default=Answer.ASKED.value)
    answered_at: Mapped[datetime.datetime | None]
    name: Mapped[str]
    employer: Mapped[str] = mapped_column(default="")
    affiliations: Mapped[str] = mapped_column(default="")
    previous_service: Mapped[str] = mapped_column(default="")
    statement: Mapped[str] = mapped_column(default="")
    withdrawn_at: Mapped[datetime.datetime | None]
    withdrawn_reason: Mapped[str] = mapped_column(default="")
    reminded_at: Mapped[datetime.datetime | None]
    created: Mapped[Created]
    updated: Mapped[Updated]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (one_of("answer", Answer), UniqueConstraint("election", "email_key"))


class Nomination(Table):
    """One account nominates one nominee; `why` is for the nominee and for staff."""

    __tablename__ = "nominations"

    id: Mapped[Id]
    nominee_id: Mapped[int] = mapped_column(ForeignKey(Nominee.id, ondelete="CASCADE"))
    nominator_id: Mapped[int] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), index=True)
    why: Mapped[str] = mapped_column(default="")
    created: Mapped[Created]

    __table_args__ = (UniqueConstraint("nominee_id", "nominator_id"),)


class NomineeLink(Link):
    """A link in a mail to a nominee: whoever has it answers for them, without an account."""

    __tablename__ = "nominee_links"

    nominee_id: Mapped[int] = mapped_column(ForeignKey(Nominee.id, ondelete="CASCADE"), index=True)

"""What people hand in, in each of its versions, what was decided about it, and its publishing."""

from __future__ import annotations

import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from sidecar.tables.accounts import User
from sidecar.tables.base import Created, Id, Key, Table, Updated, one_of
from sidecar.workflow import State


class Submitter(Table):
    """Who handed something in: the only place that holds the personal data of that."""

    __tablename__ = "submitters"

    id: Mapped[Id]
    email: Mapped[str]
    email_key: Mapped[str] = mapped_column(unique=True)
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey(User.id, ondelete="SET NULL"), index=True
    )
    created: Mapped[Created]


class Submission(Table):
    """Something handed in.  `latest` is its newest revision, `live` the published one, 0 if none.

    `public_id` is what its address on the site is made of.  `ends` is when it leaves the site by
    itself, `begins` when what it tells of begins; `claimed_by` is who looks at it now.
    """

    __tablename__ = "submissions"

    id: Mapped[Id]
    kind: Mapped[str]
    public_id: Mapped[Key] = mapped_column(unique=True)
    submitter_id: Mapped[int] = mapped_column(ForeignKey(Submitter.id), index=True)
    state: Mapped[str] = mapped_column(default=State.UNCONFIRMED.value)
    title: Mapped[str] = mapped_column(default="")
    latest: Mapped[int] = mapped_column(default=1)
    live: Mapped[int] = mapped_column(default=0)
    digest: Mapped[Key] = mapped_column(index=True)
    handed_in: Mapped[datetime.datetime | None]
    published_at: Mapped[datetime.datetime | None]
    ends: Mapped[datetime.datetime | None]
    begins: Mapped[datetime.datetime | None]
    reminded_at: Mapped[datetime.datetime | None]
    featured: Mapped[bool] = mapped_column(default=False)
    claimed_by: Mapped[int | None]
    claimed_at: Mapped[datetime.datetime | None]
    created: Mapped[Created]
    updated: Mapped[Updated]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (one_of("state", State), Index(None, "state", "handed_in"))


class Revision(Table):
    """One version of what was handed in: the fields of its form, never changed afterwards."""

    __tablename__ = "revisions"

    id: Mapped[Id]
    submission_id: Mapped[int] = mapped_column(ForeignKey(Submission.id, ondelete="CASCADE"))
    n: Mapped[int]
    payload: Mapped[dict[str, Any]]
    schema: Mapped[int] = mapped_column(default=1)
    author_id: Mapped[int] = mapped_column(default=0)
    created: Mapped[Created]

    __table_args__ = (UniqueConstraint("submission_id", "n"),)


class Decision(Table):
    """A step that was taken, by whom and why.  `before` is what undoing it brings back."""

    __tablename__ = "decisions"

    id: Mapped[Id]
    submission_id: Mapped[int] = mapped_column(
        ForeignKey(Submission.id, ondelete="CASCADE"), index=True
    )
    n: Mapped[int]
    step: Mapped[str]
    actor_id: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(default="")
    before: Mapped[dict[str, Any]] = mapped_column(default=dict)
    until: Mapped[datetime.datetime | None]
    undone_at: Mapped[datetime.datetime | None]
    created: Mapped[Created]


class CaseNote(Table):
    """A word between those who decide."""

    __tablename__ = "case_notes"

    id: Mapped[Id]
    submission_id: Mapped[int] = mapped_column(
        ForeignKey(Submission.id, ondelete="CASCADE"), index=True
    )
    author_id: Mapped[int]
    text: Mapped[str]
    created: Mapped[Created]


class CaseLink(Table):
    """A link that needs no account: whoever has it may confirm or look after one submission."""

    __tablename__ = "case_links"

    id: Mapped[Id]
    token: Mapped[Key] = mapped_column(unique=True)
    submission_id: Mapped[int] = mapped_column(
        ForeignKey(Submission.id, ondelete="CASCADE"), index=True
    )
    created: Mapped[Created]
    expires: Mapped[datetime.datetime]
    revoked_at: Mapped[datetime.datetime | None]


class Publishing(Table):
    """The way of one change onto the site: wanted from `due`, in the snapshot `number`, live.

    `epoch` and `number` are those of the snapshot that has it; `told` is whether its submitter is
    to be told when it can be read.
    """

    __tablename__ = "publishings"

    id: Mapped[Id]
    submission_id: Mapped[int] = mapped_column(
        ForeignKey(Submission.id, ondelete="CASCADE"), index=True
    )
    due: Mapped[datetime.datetime] = mapped_column(index=True)
    template: Mapped[str] = mapped_column(default="")
    number: Mapped[int | None]
    taken_at: Mapped[datetime.datetime | None]
    live_at: Mapped[datetime.datetime | None]
    created: Mapped[Created]

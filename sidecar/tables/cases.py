"""What people hand in, in each of its versions, what was decided about it, and its publishing."""

from __future__ import annotations

import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from sidecar.tables.accounts import User
from sidecar.tables.base import Created, Id, Key, Link, Table, Updated, one_of
from sidecar.workflow import STEPS, State


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

    `good` is the newest one that was seen on the site: it stays where the builder cannot take `live`.

    `public_id` is what its address on the site is made of.  `ends` is when it leaves the site by
    itself, `begins` when what it tells of begins; `claimed_by` is who looks at it now.
    What ended long ago is in the archive since `archived_at`: only its author finds it by itself.
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
    good: Mapped[int] = mapped_column(default=0, server_default="0")
    digest: Mapped[Key] = mapped_column(index=True)
    handed_in: Mapped[datetime.datetime | None]
    published_at: Mapped[datetime.datetime | None]
    ends: Mapped[datetime.datetime | None]
    begins: Mapped[datetime.datetime | None]
    reminded_at: Mapped[datetime.datetime | None]
    archived_at: Mapped[datetime.datetime | None]
    featured: Mapped[bool] = mapped_column(default=False)
    claimed_by: Mapped[int | None]
    claimed_at: Mapped[datetime.datetime | None]
    created: Mapped[Created]
    updated: Mapped[Updated]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (one_of("state", State), Index(None, "state", "handed_in"))


class Draft(Table):
    """A form that is kept and not handed in yet, with all that was typed into each of its fields.

    `public_id` is what its link is made of; untouched for long, it is put away since `archived_at`.
    """

    __tablename__ = "drafts"

    id: Mapped[Id]
    public_id: Mapped[Key] = mapped_column(unique=True)
    kind: Mapped[str]
    submitter_id: Mapped[int] = mapped_column(ForeignKey(Submitter.id), index=True)
    given: Mapped[dict[str, Any]]
    created: Mapped[Created]
    updated: Mapped[Updated]
    archived_at: Mapped[datetime.datetime | None]


class Revision(Table):
    """One version of what was handed in: the fields of its form, never changed afterwards.

    `author_id` is the account in whose session it was sent, 0 without one.
    """

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
    """A step that was taken, by whom and why.  `before` is what undoing it brings back.

    `code` is the title of the canned reply that the reason began as, for the public log.
    """

    __tablename__ = "decisions"

    id: Mapped[Id]
    submission_id: Mapped[int] = mapped_column(
        ForeignKey(Submission.id, ondelete="CASCADE"), index=True
    )
    n: Mapped[int]
    step: Mapped[str]
    actor_id: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(default="")
    code: Mapped[str] = mapped_column(default="", server_default="")
    before: Mapped[dict[str, Any]] = mapped_column(default=dict)
    until: Mapped[datetime.datetime | None]
    undone_at: Mapped[datetime.datetime | None]
    created: Mapped[Created]

    @property
    def past(self) -> str:
        """What was done, as people say it."""
        return STEPS[self.step].past


class CaseNote(Table):
    """A word of those who decide: between them, or shown to who handed it in."""

    __tablename__ = "case_notes"

    id: Mapped[Id]
    submission_id: Mapped[int] = mapped_column(
        ForeignKey(Submission.id, ondelete="CASCADE"), index=True
    )
    author_id: Mapped[int]
    text: Mapped[str]
    is_shown: Mapped[bool] = mapped_column(default=False, server_default=false())
    created: Mapped[Created]


class CaseCheck(Table):
    """What was found when an address that a submission names was asked."""

    __tablename__ = "case_checks"

    id: Mapped[Id]
    submission_id: Mapped[int] = mapped_column(
        ForeignKey(Submission.id, ondelete="CASCADE"), index=True
    )
    url: Mapped[str]
    is_good: Mapped[bool]
    says: Mapped[str]
    created: Mapped[Created]


class CannedReply(Table):
    """A reason that is given often; `kind` is what it is for, empty for all."""

    __tablename__ = "canned_replies"

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(default="")
    title: Mapped[str]
    text: Mapped[str]
    created: Mapped[Created]
    updated: Mapped[Updated]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


class Block(Table):
    """An address, or a whole domain, of which nothing is taken any more."""

    __tablename__ = "blocks"

    id: Mapped[Id]
    value: Mapped[str] = mapped_column(unique=True)
    reason: Mapped[str] = mapped_column(default="")
    actor_id: Mapped[int] = mapped_column(default=0)
    created: Mapped[Created]


class LinkFor(StrEnum):
    """What a link about a submission does, which is the last part of its address too."""

    CONFIRM = "confirm"
    OPEN = "open"
    GLANCE = "glance"


class CaseLink(Link):
    """A link that needs no account: whoever has it may confirm or look after one submission, or see it.

    `purpose` is which of these; empty in a row of the time when links had none.
    """

    __tablename__ = "case_links"

    submission_id: Mapped[int] = mapped_column(
        ForeignKey(Submission.id, ondelete="CASCADE"), index=True
    )
    purpose: Mapped[str] = mapped_column(default="", server_default="")


class Publishing(Table):
    """The way of one change onto the site: wanted from `due`, in the snapshot `number`, built, live.

    `n` is the revision in the snapshot, and `digest` that of the record, which its page shows; 0 and
    empty where it is to leave.
    `error` is why the builder could not take it.  `template` is the letter that tells that it is live.
    """

    __tablename__ = "publishings"

    id: Mapped[Id]
    submission_id: Mapped[int] = mapped_column(
        ForeignKey(Submission.id, ondelete="CASCADE"), index=True
    )
    decision_id: Mapped[int | None]
    due: Mapped[datetime.datetime] = mapped_column(index=True)
    template: Mapped[str] = mapped_column(default="")
    number: Mapped[int | None]
    n: Mapped[int] = mapped_column(default=0, server_default="0")
    digest: Mapped[str] = mapped_column(default="", server_default="")
    taken_at: Mapped[datetime.datetime | None]
    built_at: Mapped[datetime.datetime | None]
    live_at: Mapped[datetime.datetime | None]
    error: Mapped[str] = mapped_column(default="", server_default="")
    created: Mapped[Created]

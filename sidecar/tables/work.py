"""What is to be done and what was done: mail, queue, schedules, the audit log, limits, settings."""

from __future__ import annotations

import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from sidecar.tables.base import Created, Id, Key, Table, Updated, one_of


class MailState(StrEnum):
    """Where a mail is on its way."""

    QUEUED = "queued"
    SENT = "sent"
    DEAD = "dead"
    HELD = "held"


class Mail(Table):
    """A mail, written in the transaction of what caused it; it is its own log.

    `message_id` is made once, so that a mail which arrives twice is known to be one.
    """

    __tablename__ = "mails"

    id: Mapped[Id]
    template: Mapped[str]
    recipient: Mapped[str] = mapped_column(index=True)
    subject: Mapped[str]
    text: Mapped[str]
    html: Mapped[str] = mapped_column(default="")
    headers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    message_id: Mapped[str] = mapped_column(unique=True)
    dedupe: Mapped[str | None] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(default=MailState.QUEUED.value, index=True)
    not_before: Mapped[Created]
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(default="")
    again_of: Mapped[int | None] = mapped_column(ForeignKey("mails.id"))
    created: Mapped[Created]
    sent_at: Mapped[datetime.datetime | None]

    __table_args__ = (one_of("state", MailState),)


class MailOverride(Table):
    """What staff made of a mail's template; the newest of a name counts, unless it was removed."""

    __tablename__ = "mail_overrides"

    id: Mapped[Id]
    template: Mapped[str] = mapped_column(index=True)
    subject: Mapped[str]
    text: Mapped[str]
    is_removed: Mapped[bool] = mapped_column(default=False)
    author: Mapped[int]
    created: Mapped[Created]


class Reason(StrEnum):
    """Why an address is written to no more; whoever only unsubscribed still gets what is theirs."""

    BOUNCED = "bounced"
    COMPLAINED = "complained"
    STAFF = "staff"
    UNSUBSCRIBED = "unsubscribed"


class Suppression(Table):
    """An address that gets only letters about the safety of its account, and why."""

    __tablename__ = "suppressions"

    id: Mapped[Id]
    email: Mapped[str]
    email_key: Mapped[str] = mapped_column(unique=True)
    reason: Mapped[str]
    detail: Mapped[str] = mapped_column(default="")
    author_id: Mapped[int] = mapped_column(default=0)
    created: Mapped[Created]

    __table_args__ = (one_of("reason", Reason),)


class TaskState(StrEnum):
    """Where a piece of work is."""

    READY = "ready"
    DONE = "done"
    DEAD = "dead"
    HELD = "held"


class Task(Table):
    """A piece of work, done at least once.

    `lease` is who does it now and `leased_until` how long that counts; `attempts` fences: what was
    done under an older attempt is not written down.
    """

    __tablename__ = "tasks"

    id: Mapped[Id]
    kind: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    dedupe: Mapped[str | None] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(default=TaskState.READY.value)
    not_before: Mapped[Created]
    attempts: Mapped[int] = mapped_column(default=0)
    lease: Mapped[str] = mapped_column(default="")
    leased_until: Mapped[datetime.datetime | None]
    error: Mapped[str] = mapped_column(default="")
    result: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created: Mapped[Created]
    done_at: Mapped[datetime.datetime | None]

    __table_args__ = (one_of("state", TaskState), Index(None, "state", "not_before"))


class Firing(Table):
    """A schedule that came due: one row a moment, however many workers there are."""

    __tablename__ = "firings"

    id: Mapped[Id]
    schedule: Mapped[str]
    due: Mapped[datetime.datetime]
    created: Mapped[Created]

    __table_args__ = (UniqueConstraint("schedule", "due"),)


class Audit(Table):
    """Who did what to which record, when.  Rows are only ever added.

    `changes` are names of fields, with the values before and after where they are not personal.
    """

    __tablename__ = "audit"

    id: Mapped[Id]
    at: Mapped[Created]
    actor_id: Mapped[int] = mapped_column(default=0, index=True)
    action: Mapped[str]
    subject: Mapped[str] = mapped_column(default="", index=True)
    changes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    request: Mapped[str] = mapped_column(default="")


class Limit(Table):
    """How often something was tried in a span of time, for sign-in, mail and what is handed in."""

    __tablename__ = "limits"

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    began: Mapped[datetime.datetime] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(default=0)


class Flag(Table):
    """A setting that staff change while the sidecar runs."""

    __tablename__ = "flags"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[dict[str, Any]]
    changed_by: Mapped[int] = mapped_column(default=0)
    updated: Mapped[Updated]


class Failure(Table):
    """Something that nobody foresaw, each kind once: how often, when last, and in which request.

    `trace` are places in the code.  What an exception says is not kept: it may hold what people
    typed, and an address is kept as its pattern, without what was in it.
    """

    __tablename__ = "failures"

    id: Mapped[Id]
    key: Mapped[Key] = mapped_column(unique=True)
    kind: Mapped[str]
    place: Mapped[str]
    trace: Mapped[str]
    request: Mapped[str] = mapped_column(default="")
    version: Mapped[str] = mapped_column(default="")
    count: Mapped[int] = mapped_column(default=1)
    first_at: Mapped[Created]
    at: Mapped[Created]


class Announcement(Table):
    """What stands at the top of every page from `start` until before `end`."""

    __tablename__ = "announcements"

    id: Mapped[Id]
    title: Mapped[str]
    message: Mapped[str] = mapped_column(default="")
    link: Mapped[str] = mapped_column(default="")
    kind: Mapped[str] = mapped_column(default="info")
    start: Mapped[datetime.datetime]
    end: Mapped[datetime.datetime]
    created: Mapped[Created]
    updated: Mapped[Updated]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


class Deploy(Table):
    """A start of another version, or a migration: what ran here and when."""

    __tablename__ = "deploys"

    id: Mapped[Id]
    at: Mapped[Created]
    version: Mapped[str]
    schema: Mapped[str]
    what: Mapped[str]


class Probe(Table):
    """One row that is written to see whether the database can be written."""

    __tablename__ = "probe"

    id: Mapped[Id]
    at: Mapped[Key] = mapped_column(default="")

"""Sponsors, what each applied for and agreed to, its contracts, and what it is asked for."""

from __future__ import annotations

import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from sidecar.sponsors.steps import STEPS, At
from sidecar.tables.attachments import LONGEST_NAME, Attachment
from sidecar.tables.base import Created, Id, Key, Link, Table, Updated, one_of


class Sponsor(Table):
    """An organisation, known by its name; `public_id` is what its address on the site is made of."""

    __tablename__ = "sponsors"

    id: Mapped[Id]
    public_id: Mapped[Key] = mapped_column(unique=True)
    name: Mapped[str]
    name_key: Mapped[str] = mapped_column(unique=True)
    created: Mapped[Created]


class Sponsorship(Table):
    """One application of a sponsor and what came of it.

    `payload` is its form, but for the address of who handed it in (`email`), `terms` what it chose
    as it was then, `price` what it pays.  `released` is the day from which the site shows it.
    `renews` is the one of the year before, `overlapped_by` the one that took over early.
    `claimed_by` is who looks at it now.
    """

    __tablename__ = "sponsorships"

    id: Mapped[Id]
    public_id: Mapped[Key] = mapped_column(unique=True)
    sponsor_id: Mapped[int] = mapped_column(ForeignKey(Sponsor.id), index=True)
    state: Mapped[str] = mapped_column(default=At.APPLIED.value, index=True)
    locked: Mapped[bool] = mapped_column(default=False)
    email: Mapped[str]
    email_key: Mapped[str] = mapped_column(index=True)
    confirmed_at: Mapped[datetime.datetime | None]
    digest: Mapped[Key] = mapped_column(index=True)
    payload: Mapped[dict[str, Any]]
    logo: Mapped[str | None] = mapped_column(
        String(LONGEST_NAME), ForeignKey(Attachment.name), index=True
    )
    level: Mapped[str] = mapped_column(default="")
    terms: Mapped[dict[str, Any]]
    price: Mapped[int]
    start: Mapped[datetime.date | None]
    end: Mapped[datetime.date | None] = mapped_column(index=True)
    released: Mapped[datetime.date | None]
    renews: Mapped[int | None] = mapped_column(ForeignKey("sponsorships.id"), index=True)
    overlapped_by: Mapped[int | None] = mapped_column(ForeignKey("sponsorships.id"))
    claimed_by: Mapped[int | None]
    claimed_at: Mapped[datetime.datetime | None]
    created: Mapped[Created]
    updated: Mapped[Updated]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (one_of("state", At),)


class SponsorshipStep(Table):
    """A step that was taken: which, by whom (0: the sponsor), why, and where it led.

    `until` is how long it is held, and nothing follows from it; `before` is what undoing it brings
    back.
    """

    __tablename__ = "sponsorship_steps"

    id: Mapped[Id]
    sponsorship_id: Mapped[int] = mapped_column(
        ForeignKey(Sponsorship.id, ondelete="CASCADE"), index=True
    )
    step: Mapped[str]
    state: Mapped[str]
    actor_id: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(default="")
    before: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    until: Mapped[datetime.datetime | None]
    undone_at: Mapped[datetime.datetime | None]
    created: Mapped[Created]

    @property
    def past(self) -> str:
        """What was done, as people say it; the first of all is no step of the table."""
        return STEPS[self.step].past if self.step in STEPS else "applied"


class SponsorLink(Link):
    """A link that needs no account: whoever has it looks after one sponsorship."""

    __tablename__ = "sponsor_links"

    sponsorship_id: Mapped[int] = mapped_column(
        ForeignKey(Sponsorship.id, ondelete="CASCADE"), index=True
    )


class Signing(StrEnum):
    """Where a contract is."""

    DRAFT = "draft"
    AWAITING = "awaiting signature"
    EXECUTED = "executed"
    NULLIFIED = "nullified"


class Contract(Table):
    """A contract: its words as data, and the files made of them, by their SHA-256.

    `revision` counts the drafts.  What was sent is never changed: the next one is a row of its own.
    """

    __tablename__ = "contracts"

    id: Mapped[Id]
    sponsorship_id: Mapped[int] = mapped_column(
        ForeignKey(Sponsorship.id, ondelete="CASCADE"), index=True
    )
    revision: Mapped[int]
    state: Mapped[str] = mapped_column(default=Signing.DRAFT.value)
    words: Mapped[dict[str, Any]]
    pdf: Mapped[str] = mapped_column(default="")
    docx: Mapped[str] = mapped_column(default="")
    signed: Mapped[str] = mapped_column(default="")
    created: Mapped[Created]
    sent_at: Mapped[datetime.datetime | None]
    signed_at: Mapped[datetime.datetime | None]
    executed_at: Mapped[datetime.datetime | None]
    nullified_at: Mapped[datetime.datetime | None]

    __table_args__ = (one_of("state", Signing), UniqueConstraint("sponsorship_id", "revision"))

    @property
    def stands(self) -> str:
        """Whose turn it is, as people say it: a signed copy still waits for ours."""
        is_signed = self.state == Signing.AWAITING and self.signed_at
        return "signed by the sponsor" if is_signed else self.state


class SponsorAsset(Table):
    """Something that a sponsor is asked for until a day, by which step, and what it gave."""

    __tablename__ = "sponsor_assets"

    id: Mapped[Id]
    sponsorship_id: Mapped[int] = mapped_column(ForeignKey(Sponsorship.id, ondelete="CASCADE"))
    step_id: Mapped[int | None]
    slug: Mapped[str]
    title: Mapped[str]
    kind: Mapped[str]
    hint: Mapped[str] = mapped_column(default="")
    due: Mapped[datetime.date]
    text: Mapped[str] = mapped_column(default="")
    picture: Mapped[str | None] = mapped_column(
        String(LONGEST_NAME), ForeignKey(Attachment.name), index=True
    )
    given_at: Mapped[datetime.datetime | None]
    reminded_at: Mapped[datetime.datetime | None]

    __table_args__ = (
        UniqueConstraint("sponsorship_id", "slug"), Index(None, "due", "given_at"),
    )  # fmt: skip

"""Pictures that people sent: what each is; their bytes lie in the store of `attachments.py`."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from sidecar.tables.base import Created, Id, Table
from sidecar.tables.cases import Draft, Submission

LONGEST_NAME = 80


class Attachment(Table):
    """A picture.  Its name is the SHA-256 of its bytes and the ending of its format.

    `created` is when it was last sent.
    """

    __tablename__ = "attachments"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(LONGEST_NAME), unique=True)
    format: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    size: Mapped[int]
    created: Mapped[Created]


class AttachmentUse(Table):
    """A picture that a version of a submission shows: neither can go without the other's leave."""

    __tablename__ = "attachment_uses"

    id: Mapped[Id]
    submission_id: Mapped[int] = mapped_column(ForeignKey(Submission.id, ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(LONGEST_NAME), ForeignKey(Attachment.name), index=True)

    __table_args__ = (UniqueConstraint("submission_id", "name"),)


class DraftPicture(Table):
    """A picture that stands in a draft: it stays as long as the draft has it."""

    __tablename__ = "draft_pictures"

    id: Mapped[Id]
    draft_id: Mapped[int] = mapped_column(ForeignKey(Draft.id, ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(LONGEST_NAME), ForeignKey(Attachment.name), index=True)

    __table_args__ = (UniqueConstraint("draft_id", "name"),)

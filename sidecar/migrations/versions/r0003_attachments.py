"""Pictures that people send, and which submissions show them.

Revision ID: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Bring the schema here."""
    op.create_table(
        "attachments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
        sa.UniqueConstraint("name", name=op.f("uq_attachments_name")),
    )
    op.create_table(
        "attachment_uses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["name"], ["attachments.name"], name=op.f("fk_attachment_uses_name")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submissions.id"],
            name=op.f("fk_attachment_uses_submission_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment_uses")),
        sa.UniqueConstraint(
            "submission_id", "name", name=op.f("uq_attachment_uses_submission_id_name")
        ),
    )
    with op.batch_alter_table("attachment_uses", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attachment_uses_name"), ["name"], unique=False)


def downgrade() -> None:
    """Take it back."""
    for name in ("attachment_uses", "attachments"):
        op.drop_table(name)

"""Which pictures drafts hold.

Revision ID: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Bring the schema here."""
    op.create_table(
        "draft_pictures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("draft_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["drafts.id"], name=op.f("fk_draft_pictures_draft_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["name"], ["attachments.name"], name=op.f("fk_draft_pictures_name")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft_pictures")),
        sa.UniqueConstraint("draft_id", "name", name=op.f("uq_draft_pictures_draft_id_name")),
    )  # fmt: skip
    with op.batch_alter_table("draft_pictures", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_draft_pictures_name"), ["name"], unique=False)


def downgrade() -> None:
    """Take it back."""
    op.drop_table("draft_pictures")

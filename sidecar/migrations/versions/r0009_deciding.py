"""Canned replies, blocked senders, what links said, and the whole receipt of a publishing.

Revision ID: 0009
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def added() -> dict[str, list[sa.Column[Any]]]:
    """Columns that come to tables which are there; code that does not know them leaves defaults."""
    return {
        "submissions": [sa.Column("good", sa.Integer(), nullable=False, server_default="0")],
        "decisions": [sa.Column("code", sa.Text(), nullable=False, server_default="")],
        "case_notes": [
            sa.Column("is_shown", sa.Boolean(), nullable=False, server_default=sa.false())
        ],
        "publishings": [
            sa.Column("decision_id", sa.Integer(), nullable=True),
            sa.Column("n", sa.Integer(), nullable=False, server_default="0"),
            sa.Column("digest", sa.Text(), nullable=False, server_default=""),
            sa.Column("built_at", sa.DateTime(timezone=True), nullable=True),
            sa.Column("error", sa.Text(), nullable=False, server_default=""),
        ],
    }


def upgrade() -> None:
    """Bring the schema here."""
    op.create_table(
        "case_checks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("is_good", sa.Boolean(), nullable=False),
        sa.Column("says", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submissions.id"],
            name=op.f("fk_case_checks_submission_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_checks")),
    )
    with op.batch_alter_table("case_checks", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_case_checks_submission_id"), ["submission_id"], unique=False
        )
    op.create_table(
        "canned_replies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_canned_replies")),
    )
    op.create_table(
        "blocks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blocks")),
        sa.UniqueConstraint("value", name=op.f("uq_blocks_value")),
    )
    for table, columns in added().items():
        for column in columns:
            op.add_column(table, column)


def downgrade() -> None:
    """Take it back."""
    for table, columns in added().items():
        for column in columns:
            op.drop_column(table, column.name)
    for name in ("blocks", "canned_replies", "case_checks"):
        op.drop_table(name)

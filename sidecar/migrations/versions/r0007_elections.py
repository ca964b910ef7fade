"""Who is to stand in an election, and who nominated them.

Revision ID: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Bring the schema here."""
    op.create_table(
        "nominees",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("election", sa.Text(), nullable=False),
        sa.Column("public_id", sa.String(length=64), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("email_key", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("employer", sa.Text(), nullable=False),
        sa.Column("affiliations", sa.Text(), nullable=False),
        sa.Column("previous_service", sa.Text(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_reason", sa.Text(), nullable=False),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "answer IN ('asked', 'accepted', 'declined')", name=op.f("ck_nominees_answer")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_nominees_user_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nominees")),
        sa.UniqueConstraint("election", "email_key", name=op.f("uq_nominees_election_email_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_nominees_public_id")),
    )
    with op.batch_alter_table("nominees", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_nominees_email_key"), ["email_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_nominees_user_id"), ["user_id"], unique=False)

    op.create_table(
        "nominations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("nominee_id", sa.Integer(), nullable=False),
        sa.Column("nominator_id", sa.Integer(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["nominator_id"], ["users.id"], name=op.f("fk_nominations_nominator_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["nominee_id"], ["nominees.id"], name=op.f("fk_nominations_nominee_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nominations")),
        sa.UniqueConstraint(
            "nominee_id", "nominator_id", name=op.f("uq_nominations_nominee_id_nominator_id")
        ),
    )  # fmt: skip
    with op.batch_alter_table("nominations", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_nominations_nominator_id"), ["nominator_id"], unique=False
        )

    op.create_table(
        "nominee_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("nominee_id", sa.Integer(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["nominee_id"], ["nominees.id"], name=op.f("fk_nominee_links_nominee_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nominee_links")),
        sa.UniqueConstraint("token", name=op.f("uq_nominee_links_token")),
    )  # fmt: skip
    with op.batch_alter_table("nominee_links", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_nominee_links_nominee_id"), ["nominee_id"], unique=False
        )

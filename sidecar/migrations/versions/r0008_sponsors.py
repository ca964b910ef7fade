"""Sponsors, their sponsorships and contracts, and what they are asked for.

Revision ID: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Bring the schema here."""
    op.create_table(
        "sponsors",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sponsors")),
        sa.UniqueConstraint("name_key", name=op.f("uq_sponsors_name_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_sponsors_public_id")),
    )
    op.create_table(
        "sponsorships",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=64), nullable=False),
        sa.Column("sponsor_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("locked", sa.Boolean(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("email_key", sa.Text(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("logo", sa.String(length=80), nullable=True),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("price", sa.Integer(), nullable=False),
        sa.Column("start", sa.Date(), nullable=True),
        sa.Column("end", sa.Date(), nullable=True),
        sa.Column("released", sa.Date(), nullable=True),
        sa.Column("renews", sa.Integer(), nullable=True),
        sa.Column("overlapped_by", sa.Integer(), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('applied', 'approved', 'sent', 'signed', 'finalized', 'rejected', 'withdrawn')",
            name=op.f("ck_sponsorships_state"),
        ),
        sa.ForeignKeyConstraint(["logo"], ["attachments.name"], name=op.f("fk_sponsorships_logo")),
        sa.ForeignKeyConstraint(
            ["overlapped_by"], ["sponsorships.id"], name=op.f("fk_sponsorships_overlapped_by")
        ),
        sa.ForeignKeyConstraint(
            ["renews"], ["sponsorships.id"], name=op.f("fk_sponsorships_renews")
        ),
        sa.ForeignKeyConstraint(
            ["sponsor_id"], ["sponsors.id"], name=op.f("fk_sponsorships_sponsor_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sponsorships")),
        sa.UniqueConstraint("public_id", name=op.f("uq_sponsorships_public_id")),
    )
    with op.batch_alter_table("sponsorships", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sponsorships_digest"), ["digest"], unique=False)
        batch_op.create_index(batch_op.f("ix_sponsorships_email_key"), ["email_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_sponsorships_end"), ["end"], unique=False)
        batch_op.create_index(batch_op.f("ix_sponsorships_logo"), ["logo"], unique=False)
        batch_op.create_index(batch_op.f("ix_sponsorships_renews"), ["renews"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_sponsorships_sponsor_id"), ["sponsor_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_sponsorships_state"), ["state"], unique=False)

    op.create_table(
        "contracts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sponsorship_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("pdf", sa.Text(), nullable=False),
        sa.Column("docx", sa.Text(), nullable=False),
        sa.Column("signed", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("executed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("nullified_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('draft', 'awaiting signature', 'executed', 'nullified')",
            name=op.f("ck_contracts_state"),
        ),
        sa.ForeignKeyConstraint(
            ["sponsorship_id"],
            ["sponsorships.id"],
            name=op.f("fk_contracts_sponsorship_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contracts")),
        sa.UniqueConstraint(
            "sponsorship_id", "revision", name=op.f("uq_contracts_sponsorship_id_revision")
        ),
    )
    with op.batch_alter_table("contracts", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_contracts_sponsorship_id"), ["sponsorship_id"], unique=False
        )

    op.create_table(
        "sponsor_assets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sponsorship_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("hint", sa.Text(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("picture", sa.String(length=80), nullable=True),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["picture"], ["attachments.name"], name=op.f("fk_sponsor_assets_picture")
        ),
        sa.ForeignKeyConstraint(
            ["sponsorship_id"],
            ["sponsorships.id"],
            name=op.f("fk_sponsor_assets_sponsorship_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sponsor_assets")),
        sa.UniqueConstraint(
            "sponsorship_id", "slug", name=op.f("uq_sponsor_assets_sponsorship_id_slug")
        ),
    )
    with op.batch_alter_table("sponsor_assets", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_sponsor_assets_due_given_at"), ["due", "given_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_sponsor_assets_picture"), ["picture"], unique=False)

    op.create_table(
        "sponsor_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("sponsorship_id", sa.Integer(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["sponsorship_id"],
            ["sponsorships.id"],
            name=op.f("fk_sponsor_links_sponsorship_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sponsor_links")),
        sa.UniqueConstraint("token", name=op.f("uq_sponsor_links_token")),
    )
    with op.batch_alter_table("sponsor_links", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_sponsor_links_sponsorship_id"), ["sponsorship_id"], unique=False
        )

    op.create_table(
        "sponsorship_steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sponsorship_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["sponsorship_id"],
            ["sponsorships.id"],
            name=op.f("fk_sponsorship_steps_sponsorship_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sponsorship_steps")),
    )
    with op.batch_alter_table("sponsorship_steps", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_sponsorship_steps_sponsorship_id"), ["sponsorship_id"], unique=False
        )


def downgrade() -> None:
    """Take it back."""
    for name in (
        "sponsorship_steps",
        "sponsor_links",
        "sponsor_assets",
        "contracts",
        "sponsorships",
        "sponsors",
    ):
        op.drop_table(name)

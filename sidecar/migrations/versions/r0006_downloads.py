"""How often files were downloaded, by day, file and country.

Revision ID: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Bring the schema here."""
    op.create_table(
        "download_files",
        sa.Column("path", sa.String(length=300), nullable=False),
        sa.Column("release", sa.Text(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("path", name=op.f("pk_download_files")),
    )
    with op.batch_alter_table("download_files", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_download_files_release"), ["release"], unique=False)
    op.create_table(
        "download_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("path", sa.String(length=300), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "path", "country", name=op.f("pk_download_days")),
    )
    with op.batch_alter_table("download_days", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_download_days_path_day"), ["path", "day"], unique=False
        )


def downgrade() -> None:
    """Take it back."""
    for name in ("download_days", "download_files"):
        op.drop_table(name)

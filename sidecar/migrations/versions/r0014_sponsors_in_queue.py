"""Who looks at an application of a sponsor, and how long a decision about it is held.

Revision ID: 0014
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def added() -> dict[str, list[sa.Column[Any]]]:
    """Columns that come to tables which are there; code that does not know them leaves defaults."""
    return {
        "sponsorships": [
            sa.Column("claimed_by", sa.Integer(), nullable=True),
            sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        ],
        "sponsorship_steps": [
            sa.Column("before", sa.JSON(), nullable=False, server_default="{}"),
            sa.Column("until", sa.DateTime(timezone=True), nullable=True),
            sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        ],
    }


def upgrade() -> None:
    """Bring the schema here."""
    for table, columns in added().items():
        for column in columns:
            op.add_column(table, column)


def downgrade() -> None:
    """Take it back."""
    for table, columns in added().items():
        for column in columns:
            op.drop_column(table, column.name)

"""What a link about a submission is for, and when one of a sponsor or a nominee was ended.

Revision ID: 0013
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def added() -> dict[str, sa.Column[Any]]:
    """Columns that come to tables which are there; code that does not know them leaves defaults."""
    return {
        "case_links": sa.Column("purpose", sa.Text(), nullable=False, server_default=""),
        "sponsor_links": sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        "nominee_links": sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
    }


def upgrade() -> None:
    """Bring the schema here."""
    for table, column in added().items():
        op.add_column(table, column)


def downgrade() -> None:
    """Take it back."""
    for table, column in added().items():
        op.drop_column(table, column.name)

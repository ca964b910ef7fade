"""Since when what ended long ago is in the archive.

Revision ID: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Bring the schema here."""
    moment = sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True)
    op.add_column("submissions", moment)


def downgrade() -> None:
    """Take it back."""
    op.drop_column("submissions", "archived_at")

"""Which step asked a sponsor for something, so that undoing the step takes back just that.

Revision ID: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Bring the schema here; what was asked for before is of no step."""
    op.add_column("sponsor_assets", sa.Column("step_id", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Take it back."""
    op.drop_column("sponsor_assets", "step_id")

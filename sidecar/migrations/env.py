"""How Alembic runs here: on the connection that schema.py gives it, always in a transaction."""

from typing import Any, Literal

from alembic import context

from sidecar.tables import Table
from sidecar.tables.base import UtcDateTime


def type_of(kind: str, thing: Any, _: Any) -> str | Literal[False]:
    """A moment is one of the database's own to a migration, which must not change with our code."""
    is_moment = kind == "type" and isinstance(thing, UtcDateTime)
    return "sa.DateTime(timezone=True)" if is_moment else False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Table.metadata,
    render_as_batch=True,
    render_item=type_of,
    transaction_per_migration=True,
)
context.run_migrations()

"""All rows from one database into another of the same schema, of whatever kind both are.

What tables and columns there are is asked of the file of SQLite that is one of the two, so an older
schema is copied as well as ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    DateTime,
    MetaData,
    Table,
    func,
    insert,
    select,
    text,
)

SCHEMA = "alembic_version"
AT_ONCE = 500


def tables_of(connection: Connection) -> list[Table]:
    """The tables, those that others refer to first; the one of the schema's number is not ours."""
    found = MetaData()
    found.reflect(connection)
    return [_plain(each) for each in found.sorted_tables if each.name != SCHEMA]


def _plain(found: Table) -> Table:
    """A table with types that mean the same in every database."""
    columns = (
        Column(each.name, _type(each), primary_key=each.primary_key) for each in found.columns
    )
    return Table(found.name, MetaData(), *columns)


def _type(found: Any) -> Any:
    generic = found.type.as_generic()
    if isinstance(generic, JSON):
        # Where nothing may stand, nothing is NULL; elsewhere it can only have been JSON's null.
        return JSON(none_as_null=bool(found.nullable))
    return DateTime(timezone=True) if isinstance(generic, DateTime) else generic


def pour(source: Connection, target: Connection, tables: list[Table]) -> dict[str, int]:
    """Copy all rows, in the caller's transactions; say how many there were of each table."""
    for connection in (source, target):
        if connection.dialect.name == "postgresql":
            # Moments are without a zone in SQLite, and always in UTC.
            connection.execute(text("SET LOCAL TIME ZONE 'UTC'"))
    return {each.name: sum(_pour(source, target, each)) for each in tables}


def _pour(source: Connection, target: Connection, each: Table) -> Iterator[int]:
    wanted = select(each).order_by(*each.primary_key)
    rows = source.execute(wanted, execution_options={"yield_per": AT_ONCE})
    for part in rows.mappings().partitions(AT_ONCE):
        target.execute(insert(each), [dict(row) for row in part])
        yield len(part)


def emptied(connection: Connection, tables: list[Table]) -> None:
    """Take all rows out of a PostgreSQL database.  It comes back if the transaction fails."""
    names = ", ".join(f'"{each.name}"' for each in tables)
    connection.execute(text(f"TRUNCATE {names}"))


def numbered_on(connection: Connection, tables: list[Table]) -> None:
    """Let PostgreSQL give new rows numbers above those that were copied."""
    for each in tables:
        if "id" in each.c:
            highest = connection.scalar(select(func.max(each.c.id)))
            if isinstance(highest, int):
                sequence = func.pg_get_serial_sequence(each.name, "id")
                connection.execute(select(func.setval(sequence, highest)))


def triggers(connection: Connection, tables: list[Table], *, on: bool) -> None:
    """Let the tables' own triggers rest, such as those that keep the audit log; or wake them."""
    verb = "ENABLE" if on else "DISABLE"
    for each in tables:
        connection.execute(text(f'ALTER TABLE "{each.name}" {verb} TRIGGER USER'))

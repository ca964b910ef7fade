"""Each migration finds a database with rows in every table, and leaves all of them as they were."""

from __future__ import annotations

import datetime
import re
import subprocess
import sys
from typing import Any

import pytest
from sqlalchemy import JSON, Boolean, Connection, Integer, MetaData, Table, inspect, select, text
from sqlalchemy.exc import DatabaseError

from sidecar.schema import connected, current, differences, head, known, upgrade
from tests.conftest import ROOT

CHOICE = re.compile(r"(\w+).*?'([^']+)'")
AT = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)
OURS = {"alembic_version", "probe"}


def reflected(connection: Connection) -> MetaData:
    found = MetaData()
    found.reflect(connection)
    return found


def choices(connection: Connection, table: Table) -> dict[str, str]:
    """Of each column that takes a few words only, the first of them."""
    checks = inspect(connection).get_check_constraints(table.name)
    found = {}
    for check in checks:
        if words := CHOICE.search(check["sqltext"]):
            found[words[1]] = words[2]
    return found


def row_of(connection: Connection, table: Table) -> dict[str, Any]:
    """A row that the table takes: of numbers 1, so that it points to the first of the others."""
    words, row = choices(connection, table), {}
    for column in table.columns:
        if column.nullable:
            continue
        if column.name in words:
            row[column.name] = words[column.name]
        elif isinstance(column.type, Boolean):
            row[column.name] = False
        elif isinstance(column.type, Integer):
            row[column.name] = 1
        elif isinstance(column.type, JSON):
            row[column.name] = {"a": 1}
        elif column.foreign_keys:
            (other,) = column.foreign_keys
            row[column.name] = connection.scalar(select(other.column))
        elif "CHAR" in str(column.type) or "TEXT" in str(column.type):
            row[column.name] = "x"
        elif "DATETIME" in str(column.type) or "TIMESTAMP" in str(column.type):
            row[column.name] = AT
        else:
            row[column.name] = AT.date()
    return row


def rows(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """All that there is, by table."""
    tables = reflected(connection).sorted_tables
    return {
        table.name: [dict(row) for row in connection.execute(select(table)).mappings()]
        for table in tables
        if table.name not in OURS
    }


@pytest.mark.row("S002")
def test_each_migration_keeps_every_row_of_a_database_that_is_in_use(settings):
    kept: dict[str, list[dict[str, Any]]] = {}
    with connected(settings.database_url) as connection:
        for revision in reversed(known()):
            upgrade(connection, revision)
            now_there = rows(connection)
            for name, before in kept.items():
                (row,) = now_there[name]
                assert row.items() >= before[0].items(), (revision, name)
            for table in reflected(connection).sorted_tables:
                if table.name not in OURS and not now_there[table.name]:
                    connection.execute(table.insert().values(row_of(connection, table)))
            connection.commit()
            kept = rows(connection)

        assert all(kept.values())
        assert current(connection) == head()
        assert differences(connection) == []


@pytest.mark.row("S002")
def test_a_migration_that_ends_within_leaves_the_schema_of_before_and_is_done_anew(settings):
    with connected(settings.database_url) as connection:
        upgrade(connection, "0013")
        before = columns(connection)
        # So 0014 fails at its fourth column.
        connection.execute(text("ALTER TABLE sponsorship_steps ADD COLUMN until TEXT"))
        connection.commit()

        with pytest.raises(DatabaseError):
            upgrade(connection)
        connection.rollback()
        connection.execute(text("ALTER TABLE sponsorship_steps DROP COLUMN until"))
        connection.commit()

        assert (current(connection), columns(connection)) == ("0013", before)
        upgrade(connection)
        assert (current(connection), differences(connection)) == (head(), [])


@pytest.mark.row("S002")
def test_of_two_that_start_together_on_nothing_one_waits_for_the_other(settings):
    start = "import sys; from sidecar.schema import prepare; print(prepare(sys.argv[1]))"
    command = (sys.executable, "-c", start, settings.database_url)
    both = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(2)
    ]

    said = [process.communicate(timeout=60)[1] for process in both]

    assert [process.returncode for process in both] == [0, 0], said
    with connected(settings.database_url) as connection:
        assert differences(connection) == []


def columns(connection: Connection) -> dict[str, list[str]]:
    """The names of all columns, by table."""
    return {
        name: sorted(table.columns.keys()) for name, table in reflected(connection).tables.items()
    }

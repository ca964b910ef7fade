"""The schema of the database: which one it has, and how it is brought to ours.

A start makes an empty database whole.  An older one is refused unless it may be migrated, and on
SQLite a copy is put beside it first; a newer one is refused.
"""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, insert, inspect, make_url, select, text

from pydotorg_build import __version__
from pydotorg_build.problems import Problem, Problems, Source
from sidecar.clock import now
from sidecar.tables.work import Deploy, Probe

FOLDER = Path(__file__).parent / "migrations"
SOURCE = Source("(database)")
# Two processes that start together migrate one after the other.
LOCK = 714_001


def sync_url(url: str) -> Any:
    """The address of a database for a driver that waits."""
    found = make_url(url)
    backend = found.drivername.partition("+")[0]
    driver = "sqlite" if backend == "sqlite" else "postgresql+psycopg"
    return found.set(drivername=driver)


def prepare(url: str, *, migrate: bool = False) -> str:
    """See that the database has our schema; say what was done, if anything."""
    where = sync_url(url)
    if where.database and where.get_backend_name() == "sqlite":
        Path(where.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(where)
    try:
        with engine.connect() as connection:
            return _prepare(connection, migrate=migrate)
    finally:
        engine.dispose()


def _prepare(connection: Connection, *, migrate: bool) -> str:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
        connection.commit()
    before, ours = current(connection), head()
    if before == ours:
        return ""
    if before and before not in known():
        message = f"the database has the schema {before}, which this version does not know"
        raise Problems([Problem(SOURCE, message, "run the newer version of the sidecar")])
    if before and not migrate:
        message = f"the database has the schema {before}, and this version wants {ours}"
        raise Problems([Problem(SOURCE, message, "pydotorg sidecar migrate, or run --migrate")])
    copy = _copied(connection) if before else ""
    _upgrade(connection)
    done = f"migrated from {before} to {ours}" if before else f"made, with the schema {ours}"
    connection.execute(insert(Deploy).values(at=now(), version=__version__, schema=ours, what=done))
    if connection.execute(select(Probe.id)).first() is None:
        connection.execute(insert(Probe).values(at=""))
    connection.commit()
    return f"the database was {done}" + (f"; before, it was copied to {copy}" if copy else "")


def _copied(connection: Connection) -> str:
    """A copy of an SQLite database beside it; PostgreSQL has its own backups."""
    if connection.dialect.name != "sqlite" or not connection.engine.url.database:
        return ""
    stamp = f"{now().astimezone(datetime.UTC):%Y%m%dT%H%M%SZ}"
    copy = f"{connection.engine.url.database}.{stamp}"
    connection.commit()
    connection.exec_driver_sql("VACUUM INTO ?", (copy,))
    connection.commit()
    return copy


def current(connection: Connection) -> str:
    """The revision that a database has; empty for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    row = connection.execute(text("SELECT version_num FROM alembic_version")).first()
    return str(row[0]) if row else ""


def _config(connection: Connection | None = None) -> Any:
    from alembic.config import Config  # slow to import, and only wanted at the start

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection) -> None:
    from alembic import command

    command.upgrade(_config(connection), "head")
    connection.commit()


def head() -> str:
    """The newest revision there is."""
    return known()[0]


def known() -> list[str]:
    """All revisions, the newest first."""
    from alembic.script import ScriptDirectory

    return [step.revision for step in ScriptDirectory.from_config(_config()).walk_revisions()]

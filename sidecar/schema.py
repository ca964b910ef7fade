"""The schema of the database: which one it has, and how it is brought to ours.

A start makes an empty database whole.  An older one is refused unless it may be migrated, and a
copy is made first; a newer one is refused.  What was done is a row of the log of deploys.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    create_engine,
    insert,
    inspect,
    make_url,
    select,
    text,
)
from sqlalchemy.exc import DatabaseError, OperationalError

from pydotorg_build import __version__
from pydotorg_build.problems import Problem, Problems, Source
from sidecar.clock import now
from sidecar.tables import Table
from sidecar.tables.work import Deploy, Flag, Probe

FOLDER = Path(__file__).parent / "migrations"
# A file that is none, and one that cannot be reached.
NO_DATABASE = (DatabaseError, OperationalError)
SOURCE = Source("(database)")
# Two processes that start together migrate one after the other.
LOCK = 714_001
EPOCH = "epoch"


def sync_url(url: str) -> Any:
    """The address of a database for a driver that waits."""
    found = make_url(url)
    backend = found.drivername.partition("+")[0]
    driver = "sqlite" if backend == "sqlite" else "postgresql+psycopg"
    return found.set(drivername=driver)


def prepare(url: str, *, migrate: bool = False, copies: Path | None = None) -> str:
    """See that the database has our schema; say what was done, if anything.

    Before an older one is migrated, it is copied into the folder `copies`.
    """
    with connected(url) as connection:
        return _prepare(connection, migrate=migrate, copies=copies)


def is_made(url: str) -> bool:
    """Is there a database with a schema of ours?  None is made."""
    where = sync_url(url)
    if where.get_backend_name() == "sqlite" and not Path(where.database or "").is_file():
        return False
    with connected(url) as connection:
        return bool(current(connection))


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """A connection that waits; a folder that is not there is made, and a file is nobody else's."""
    where = sync_url(url)
    engine = create_engine(where, hide_parameters=True)
    try:
        if where.database and where.get_backend_name() == "sqlite":
            Path(where.database).parent.mkdir(parents=True, exist_ok=True)
            Path(where.database).touch(mode=0o600)
        with engine.connect() as connection:
            yield connection
    except BrokenPipeError:  # of whoever reads what a command says, not of the database
        raise
    except (DatabaseError, OSError) as error:
        if isinstance(error, DatabaseError) and type(error) not in NO_DATABASE:
            raise  # of a row or a statement
        why = str(getattr(error, "orig", error)).strip().partition("\n")[0]
        message = f"the database cannot be used: {why}"
        hint = "DATABASE_URL names it; without one it is a file in the folder of PYDOTORG_DATA"
        raise Problems([Problem(SOURCE, message, hint)]) from error
    finally:
        engine.dispose()


def _prepare(connection: Connection, *, migrate: bool, copies: Path | None) -> str:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
        connection.commit()
    before, ours = current(connection), head()
    if before == ours:
        _log_version(connection, ours)
        return ""
    _refuse(before, ours, migrate=migrate)
    copy = _copied(connection, before, copies) if before else ""
    upgrade(connection)
    done = f"migrated from {before} to {ours}" if before else f"made, with the schema {ours}"
    _log(connection, ours, done)
    _first_rows(connection)
    connection.commit()
    return f"the database was {done}" + (f"; before, it was copied to {copy}" if copy else "")


def _refuse(before: str, ours: str, *, migrate: bool) -> None:
    if before and before not in known():
        message = f"the database has the schema {before}, which this version does not know"
        raise Problems([Problem(SOURCE, message, "run the newer version of the sidecar")])
    if before and not migrate:
        message = f"the database has the schema {before}, and this version wants {ours}"
        raise Problems([Problem(SOURCE, message, "pydotorg sidecar migrate, or run --migrate")])


def _first_rows(connection: Connection) -> None:
    """What is there before anybody did anything."""
    if connection.execute(select(Probe.id)).first() is None:
        connection.execute(insert(Probe).values(at=""))
    if connection.execute(select(Flag.name).where(Flag.name == EPOCH)).first() is None:
        # Whatever was given out before a restore names another epoch, and counts no more.
        value = {EPOCH: secrets.token_hex(8)}
        connection.execute(insert(Flag).values(name=EPOCH, value=value, changed_by=0))


def _log(connection: Connection, schema: str, what: str) -> None:
    row = {"at": now(), "version": __version__, "schema": schema, "what": what}
    connection.execute(insert(Deploy).values(row))


def _log_version(connection: Connection, schema: str) -> None:
    """Note the first start of another version."""
    last = connection.scalar(select(Deploy.version).order_by(Deploy.id.desc()).limit(1))
    if last != __version__:
        _log(connection, schema, f"started after {last}" if last else "started")
        connection.commit()


def _copied(connection: Connection, before: str, copies: Path | None) -> str:
    """A copy of a database that is about to be migrated; the folder of it."""
    if copies is None:
        return ""
    from sidecar.backup import take_from  # backups know the schema, and not the other way round

    connection.rollback()
    place = take_from(connection, copies, now(), schema=before)
    connection.rollback()
    return str(place)


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


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring the schema to a revision; a migration is done whole or not at all."""
    from alembic import command

    connection.commit()
    if connection.dialect.name == "sqlite":
        # By itself the driver begins no transaction for what changes tables; so this is of all.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    command.upgrade(_config(connection), revision)
    connection.commit()


def head() -> str:
    """The newest revision there is."""
    return known()[0]


def known() -> list[str]:
    """All revisions, the newest first."""
    from alembic.script import ScriptDirectory

    return [step.revision for step in ScriptDirectory.from_config(_config()).walk_revisions()]


def history() -> list[tuple[str, str]]:
    """All revisions with what they did, the newest first."""
    from alembic.script import ScriptDirectory

    found = ScriptDirectory.from_config(_config()).walk_revisions()
    return [(step.revision, (step.doc or "").partition("\n")[0]) for step in found]


def deploys(connection: Connection, most: int = 20) -> list[Row[Any]]:
    """What ran here and when, the newest first."""
    columns = (Deploy.at, Deploy.version, Deploy.schema, Deploy.what)
    return list(connection.execute(select(*columns).order_by(Deploy.id.desc()).limit(most)))


def differences(connection: Connection) -> list[str]:
    """In what the database is another than our tables."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    context = MigrationContext.configure(connection)
    return [str(each) for each in compare_metadata(context, Table.metadata)]

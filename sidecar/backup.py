"""Backups: a folder with all rows as a file of SQLite, what was attached, and a note about both.

It is taken while the sidecar serves, in one look at the database, so it is as of one moment.  The
file is the same from SQLite and from PostgreSQL; either may be made of it again.

    20261126T150500Z/
        backup.json      when, of which version and schema, how many rows, the digest of the file
        sidecar.sqlite
        attachments/

The secret is not in it, or whoever finds a backup could read the second factors too.
"""

from __future__ import annotations

import datetime
import hashlib
import hmac
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from sqlalchemy import Connection, Engine, create_engine, func, select, text
from sqlalchemy.exc import OperationalError

from pydotorg_build import __version__
from pydotorg_build.problems import Problem, Problems, Source
from sidecar import store
from sidecar.copying import pour, tables_of
from sidecar.schema import connected, current, known, upgrade
from sidecar.settings import Settings

ATTACHMENTS = "attachments"
FILE, NOTE = "sidecar.sqlite", "backup.json"
FORMAT = 1
NAME = re.compile(r"\d{8}T\d{6}Z(?:-\d+)?")


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """What is told about a backup beside it."""

    format: int = FORMAT
    taken_at: datetime.datetime
    version: str
    schema: str
    database: str
    rows: dict[str, int]
    sha256: str
    secret: str


def take(settings: Settings, folder: Path, now: datetime.datetime) -> Path:
    """Take a backup into a new folder below `folder`; one that fails leaves nothing."""
    with connected(settings.database_url) as connection:
        schema = _known_schema(connection)
        connection.rollback()
        return take_from(connection, folder, now, schema=schema, secret=settings.secret,
                         attached=lambda place: store.copy_to(settings, place))  # fmt: skip


def take_from(
    connection: Connection, folder: Path, now: datetime.datetime, *, schema: str,
    attached: Callable[[Path], None] | None = None, secret: str = "",
) -> Path:  # fmt: skip
    """Take a backup of the database at the other end of a connection."""
    place = _free_place(folder, now)
    making = folder / f".{place.name}"
    try:
        making.mkdir(parents=True, mode=0o700)
        rows = write_file(connection, making / FILE, schema)
        if attached:
            # They are named by their digest and never change: those of now are those of the rows.
            attached(making / ATTACHMENTS)
        note = Note(
            taken_at=now, version=__version__, schema=schema, database=connection.dialect.name,
            rows=rows, sha256=digest(making / FILE), secret=mark(secret),
        )  # fmt: skip
        (making / NOTE).write_bytes(msgspec.json.format(msgspec.json.encode(note), indent=1))
        _keep(making)
        making.rename(place)
    except (OSError, OperationalError) as error:
        shutil.rmtree(making, ignore_errors=True)
        message = f"the backup could not be written: {_why(error)}"
        raise Problems([Problem(Source(str(folder)), message, "nothing was changed")]) from error
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise
    return place


def _why(error: OSError | OperationalError) -> str:
    if isinstance(error, OperationalError):
        return str(error.orig).partition("\n")[0]
    return error.strerror or str(error)


def _free_place(folder: Path, now: datetime.datetime) -> Path:
    """A folder named by the moment; the second one within a second gets a number."""
    name = f"{now:%Y%m%dT%H%M%SZ}"
    names = (name, *(f"{name}-{number}" for number in range(2, 1000)))
    return next(folder / each for each in names if not (folder / each).exists())


def write_file(connection: Connection, file: Path, schema: str) -> dict[str, int]:
    """Write all rows into a new file of SQLite; say how many there are."""
    if connection.dialect.name == "sqlite":
        # One look at the file: whoever writes meanwhile is not kept waiting.
        connection.exec_driver_sql("VACUUM INTO ?", (str(file),))
        file.chmod(0o600)
        with opened(file) as copy, copy.connect() as written:
            return counts(written)
    make_file(file, schema)
    connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
    with opened(file) as copy, copy.begin() as written:
        return pour(connection, written, tables_of(written))


def make_file(file: Path, schema: str) -> None:
    """Make an empty file of SQLite with a schema, that of an older version too."""
    with opened(file) as engine, engine.connect() as connection:
        upgrade(connection, schema)
    file.chmod(0o600)


def _known_schema(connection: Connection) -> str:
    """The schema of a database that one may take a backup of."""
    schema = current(connection)
    if schema and schema in known():
        return schema
    message = f"the database has the schema {schema}, which this version does not know"
    if not schema:
        message = "there is no database yet"
    raise Problems([Problem(Source("(database)"), message, "pydotorg sidecar run makes one")])


@contextmanager
def opened(file: Path) -> Iterator[Engine]:
    """A file of SQLite, closed afterwards."""
    engine = create_engine(f"sqlite:///{file}", hide_parameters=True)
    try:
        yield engine
    finally:
        engine.dispose()


def counts(connection: Connection) -> dict[str, int]:
    """How many rows each table has."""
    return {
        each.name: connection.scalar(select(func.count()).select_from(each)) or 0
        for each in tables_of(connection)
    }


def _keep(folder: Path) -> None:
    """See that all of it is on the disk before it gets its name."""
    for path in (*folder.rglob("*"), folder):
        handle = os.open(path, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)


def digest(file: Path) -> str:
    """The SHA-256 of a file."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def mark(secret: str) -> str:
    """Tells whether a secret is the same, and nothing else about it."""
    return hmac.new(secret.encode(), b"of which secret is this backup", "sha256").hexdigest()[:16]


def prune(folder: Path, keep: int) -> list[str]:
    """Remove all backups of a folder but the newest; say which.

    What is left of one that was killed goes with those that are older than all that stay.
    """
    found = sorted(folder.iterdir(), key=lambda path: path.name.removeprefix("."))
    whole = [path.name for path in found if NAME.fullmatch(path.name)]
    first = whole[-keep:][0] if whole else ""
    old = [path for path in found
           if NAME.fullmatch(name := path.name.removeprefix(".")) and name < first]  # fmt: skip
    for path in old:
        shutil.rmtree(path)
    return [path.name for path in old]


def is_well(connection: Connection) -> bool:
    """Is a file of SQLite whole, and does all that is referred to exist?"""
    whole = connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
    return whole and connection.execute(text("PRAGMA foreign_key_check")).first() is None

"""Making a database of a backup again, so that nothing happens twice and nobody comes back.

All is first done on a copy of the backup's file: it is brought to our schema, then settled.  Only
then is it put in place, in one step: whoever is interrupted has the database as it was.

Settled means: nobody is signed in, mail and work that waited are held until somebody looked
(`pydotorg sidecar release`), tokens and snapshots of the time before do not count, keys that were
revoked stay so, and accounts that were deleted since are deleted again.
"""

from __future__ import annotations

import secrets
import shutil
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import msgspec
from sqlalchemy import Connection, MetaData, inspect, text

from pydotorg_build import __version__
from pydotorg_build.problems import Problem, Problems, Source
from sidecar import store
from sidecar.backup import (
    ATTACHMENTS,
    FILE,
    NAME,
    NOTE,
    Note,
    counts,
    digest,
    is_well,
    mark,
    opened,
    take,
)
from sidecar.clock import now
from sidecar.copying import SCHEMA, emptied, numbered_on, pour, tables_of, triggers
from sidecar.mail import UNDONE
from sidecar.personal import erase
from sidecar.publishing import NUMBER
from sidecar.schema import connected, current, known, prepare, sync_url
from sidecar.settings import Settings

# These have rows before anybody did anything.
BOOKKEEPING = frozenset({"deploys", "firings", "flags", "limits", "probe", "schedules"})


@dataclass(frozen=True)
class Restored:
    """What a restore did, to be told."""

    rows: int
    held_mails: int
    held_tasks: int
    erased: int
    notes: tuple[str, ...]


def restore(settings: Settings, backup: Path, *, replace: bool = False) -> Restored:
    """Make the database of the settings what the backup says."""
    note = _read(backup)
    prepare(settings.database_url, migrate=True)
    present = _present(settings, backup)
    if present.rows and not replace:
        message = f"the database is not empty: {', '.join(present.rows)}"
        hint = "--replace puts the backup in its place, and keeps a backup of it"
        raise Problems([Problem(Source("(database)"), message, hint)])
    notes = _notes(settings, note)
    if present.rows:
        notes.append(f"what was there is kept in {take(settings, settings.backups, now())}")
    Path(settings.data).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=Path(settings.data)) as folder:
        file = Path(folder) / FILE
        shutil.copy2(backup / FILE, file)
        prepare(f"sqlite:///{file}", migrate=True)
        with opened(file) as copy, copy.begin() as connection:
            settled = _settle(connection, present)
            _log(connection, note)
            rows = sum(counts(connection).values())
        put(settings, file)
    store.bring_back(settings, backup / ATTACHMENTS)
    return Restored(rows, *settled, notes=tuple(notes))


def _read(backup: Path) -> Note:
    """The note of a backup that is whole and known."""

    def refuse(message: str, hint: str = "") -> Problems:
        return Problems([Problem(Source(str(backup)), message, hint)])

    try:
        note = msgspec.json.decode((backup / NOTE).read_bytes(), type=Note)
        is_whole = digest(backup / FILE) == note.sha256
    except (OSError, msgspec.DecodeError) as error:
        hint = "name the folder that `pydotorg sidecar backup` made"
        raise refuse("this is no backup", hint) from error
    if note.format != 1 or note.schema not in known():
        raise refuse(f"the backup has the schema {note.schema}, which this version does not know",
                     "run the newer version of the sidecar")  # fmt: skip
    with opened(backup / FILE) as file, file.connect() as connection:
        if not is_whole or not is_well(connection) or counts(connection) != note.rows:
            raise refuse("the backup is damaged", "take another one")
    return note


@dataclass(frozen=True)
class Present:
    """What happened since the backup and must not be undone: keys revoked, accounts deleted."""

    rows: tuple[str, ...] = ()
    revoked: frozenset[str] = frozenset()
    erased: frozenset[int] = frozenset()


def _present(settings: Settings, backup: Path) -> Present:
    """What the database knows that is replaced, and so do backups beside this one that are newer."""
    with connected(settings.database_url) as connection:
        found = _known_of(connection)
    for newer in sorted(backup.resolve().parent.iterdir()):
        if is_newer(newer, backup.resolve()):
            with opened(newer / FILE) as file, file.connect() as connection:
                more = _known_of(connection)
            found = Present(found.rows, found.revoked | more.revoked, found.erased | more.erased)
    return found


def rows_there(settings: Settings) -> tuple[str, ...]:
    """The tables in which somebody has put something."""
    with connected(settings.database_url) as connection:
        return _known_of(connection).rows


def is_newer(place: Path, backup: Path) -> bool:
    """Is it a backup that was taken after the other?"""
    return bool(NAME.fullmatch(place.name)) and place.name > backup.name and (place / FILE).exists()


def _known_of(connection: Connection) -> Present:
    tables = MetaData()
    tables.reflect(connection)
    there = sorted(
        name
        for name in tables.tables
        if name not in BOOKKEEPING and name != SCHEMA
        and connection.execute(text(f'SELECT 1 FROM "{name}" LIMIT 1')).first()
    )  # fmt: skip
    revoked = connection.scalars(text("SELECT digest FROM api_keys WHERE revoked_at IS NOT NULL"))
    erased = connection.scalars(text("SELECT id FROM users WHERE deleted_at IS NOT NULL"))
    return Present(tuple(there), frozenset(revoked), frozenset(erased))


def _settle(connection: Connection, present: Present) -> tuple[int, int, int]:
    """Make sure that nothing happens twice; how many mails and tasks are held, and were erased."""
    for name in ("sessions", "tokens", "refresh_tokens"):
        connection.execute(text(f"DELETE FROM {name}"))
    connection.execute(
        text("UPDATE flags SET value = :new WHERE name = 'epoch'"),
        {"new": f'{{"epoch": "{secrets.token_hex(8)}"}}'},
    )
    # The next snapshot begins another count, so that no site that was built says it has ours; what
    # was not seen on the site yet is taken into it anew.
    connection.execute(text("DELETE FROM flags WHERE name = :name"), {"name": NUMBER})
    connection.execute(
        text("UPDATE publishings SET number = NULL, taken_at = NULL WHERE live_at IS NULL")
    )
    for key in present.revoked:
        connection.execute(
            text("UPDATE api_keys SET revoked_at = created "
                 "WHERE digest = :key AND revoked_at IS NULL"), {"key": key},
        )  # fmt: skip
    mails = connection.execute(text("UPDATE mails SET state = 'held' WHERE state = 'queued'"))
    tasks = connection.execute(text("UPDATE tasks SET state = 'held' WHERE state = 'ready'"))
    erased = sum(erase(connection, user) for user in sorted(present.erased))
    # What waited for those who are gone has no address any more.
    connection.execute(
        text("UPDATE mails SET state = 'dead' WHERE state = 'held' AND recipient = ''")
    )
    return mails.rowcount, tasks.rowcount, erased


def _log(connection: Connection, note: Note) -> None:
    schema = current(connection)
    what = f"restored from the backup of {note.taken_at:%Y-%m-%d %H:%M} UTC"
    connection.execute(
        text("INSERT INTO deploys (at, version, schema, what) VALUES (:at, :version, :schema, :w)"),
        {"at": now().strftime("%Y-%m-%d %H:%M:%S.%f"), "version": __version__, "schema": schema,
         "w": what},
    )  # fmt: skip


def put(settings: Settings, file: Path) -> None:
    """Put the settled file in the place of the database, in one step."""
    url = sync_url(settings.database_url)
    if url.get_backend_name() == "sqlite":
        with closing(sqlite3.connect(file)) as copy, closing(sqlite3.connect(url.database)) as ours:
            copy.backup(ours)
        return
    with opened(file) as read, read.connect() as source, connected(settings.database_url) as target:
        tables = tables_of(source)
        triggers(target, tables, on=False)
        emptied(target, tables)
        pour(source, target, tables)
        numbered_on(target, tables)
        triggers(target, tables, on=True)
        target.commit()


def _notes(settings: Settings, note: Note) -> list[str]:
    if note.secret == mark(settings.secret):
        return []
    return ["PYDOTORG_SECRET is not the one of the backup: second factors have to be set up anew"]


def release(settings: Settings) -> tuple[int, int]:
    """Let mail and work go on that a restore held; how many of each.

    What a mail tells that was held before, since it was undone, is as untrue as it was then.
    """
    with connected(settings.database_url) as connection:
        if not inspect(connection).has_table("mails"):
            return 0, 0
        mails = connection.execute(
            text("UPDATE mails SET state = 'queued' WHERE state = 'held' AND error != :undone"),
            {"undone": UNDONE},
        )
        tasks = connection.execute(text("UPDATE tasks SET state = 'ready' WHERE state = 'held'"))
        connection.commit()
        return mails.rowcount, tasks.rowcount

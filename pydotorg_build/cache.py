"""What the last build left, in SQLite: the record of one output, and the memo that all share.

The *record* says of one output which sources it was made of, which entries they hold, what each
unit of the plan asked for and published, and how its files looked when they were written.  It is
replaced in one transaction, and only by a build without problems.  The *memo* keeps what is slow to
make by the digest of what it is made of: rendered Markdown, highlighted code, pictures.  Deleting
either costs time and nothing else; one that is damaged or foreign is thrown away.
"""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec

FORMAT = 4
_MSGPACK = msgspec.msgpack.Encoder(order="deterministic")
pack = _MSGPACK.encode
unpack = msgspec.msgpack.decode

RECORD = """
CREATE TABLE meta(key TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID;
CREATE TABLE source(path TEXT PRIMARY KEY, mtime INT, size INT, inode INT, digest TEXT)
    WITHOUT ROWID;
CREATE TABLE entry(kind TEXT, id TEXT, path TEXT, digest TEXT, card BLOB, card_digest TEXT,
    data BLOB, since REAL, until REAL, PRIMARY KEY(kind, id));
CREATE INDEX entry_path ON entry(path);
CREATE INDEX entry_times ON entry(since, until) WHERE since > -1e300 OR until < 1e300;
CREATE TABLE unit(key TEXT PRIMARY KEY, since REAL, until REAL) WITHOUT ROWID;
CREATE INDEX unit_since ON unit(since);
CREATE INDEX unit_until ON unit(until);
CREATE TABLE asked(unit TEXT, scope TEXT, question BLOB, digest TEXT);
CREATE INDEX asked_unit ON asked(unit);
CREATE INDEX asked_scope ON asked(scope);
CREATE TABLE artifact(url TEXT, unit TEXT, path TEXT, fold TEXT, type TEXT, template TEXT,
    updated TEXT, line BLOB, source TEXT, PRIMARY KEY(fold, unit))
    WITHOUT ROWID;
CREATE INDEX artifact_unit ON artifact(unit);
CREATE INDEX artifact_url ON artifact(url);
CREATE INDEX artifact_path ON artifact(path);
CREATE INDEX artifact_template ON artifact(template);
CREATE INDEX redirect ON artifact(url, line) WHERE type='Redirect';
CREATE TABLE output(path TEXT PRIMARY KEY, fingerprint TEXT, digest TEXT, size INT, mtime INT,
    inode INT, bundle TEXT, indexed TEXT, data TEXT) WITHOUT ROWID;
CREATE TABLE linked(path TEXT PRIMARY KEY, links BLOB, ids BLOB) WITHOUT ROWID;
CREATE INDEX output_bundle ON output(bundle) WHERE bundle != '';
CREATE TABLE folder(tree INT, path TEXT, mtime INT, PRIMARY KEY(tree, path)) WITHOUT ROWID;
CREATE TABLE pending(path TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE kept(path TEXT PRIMARY KEY, until REAL) WITHOUT ROWID;
"""
MEMO = """
CREATE TABLE memo(key TEXT PRIMARY KEY, value BLOB);
"""


class Untrusted(Exception):
    """A store that is damaged or foreign, or lacks what it should have: begin anew."""


@contextmanager
def disk_told(path: Path) -> Iterator[None]:
    """A full disk is no fault of the store, which is not to be thrown away for it."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path)) from None
        raise


class Store:
    """An SQLite file of ours; an unreadable or foreign one is replaced by an empty one."""

    def __init__(self, path: Path, schema: str) -> None:
        self.path = path
        self.thrown_away = False
        path.parent.mkdir(parents=True, exist_ok=True)
        with disk_told(path):
            try:
                self.db = self._open(schema)
            except (sqlite3.DatabaseError, Untrusted):
                self.throw_away()
                self.thrown_away = True
                self.db = self._open(schema)

    def _open(self, schema: str) -> sqlite3.Connection:
        fresh = not self.path.exists() or self.path.stat().st_size == 0
        db = sqlite3.connect(self.path, isolation_level=None, cached_statements=256)
        try:
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=NORMAL")
            db.execute("PRAGMA cache_size=-65536")
            if fresh:
                db.executescript(f"BEGIN;{schema}PRAGMA user_version={FORMAT};COMMIT;")
            if db.execute("PRAGMA user_version").fetchone() != (FORMAT,):
                raise Untrusted(str(self.path))
        except BaseException:
            db.close()
            raise
        return db

    def throw_away(self) -> None:
        """Delete the file and what SQLite keeps beside it."""
        for suffix in ("", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                self.path.with_name(self.path.name + suffix).unlink()

    def close(self) -> None:
        self.db.close()

    def forked(self) -> None:
        """In a process just made: read by a connection of its own; the other was closed before."""
        self.db = reader(self.path)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Make all changes inside, or none."""
        with disk_told(self.path):
            self.db.execute("BEGIN IMMEDIATE")
            try:
                yield self.db
                self.db.execute("COMMIT")
            except BaseException:
                if self.db.in_transaction:  # SQLite itself goes back where a disk is full
                    self.db.execute("ROLLBACK")
                raise

    def rows(self, sql: str, *values: Any) -> list[Any]:
        """Ask the store."""
        return self.db.execute(sql, values).fetchall()

    def rows_in(self, sql: str, values: Iterable[str], *first: Any) -> list[Any]:
        """Ask for the rows where `{}` in the statement is one of many values, in portions.

        What stands `first` in the statement is the same in all of them.
        """
        found: list[Any] = []
        every = list(values)
        for start in range(0, len(every), 500):
            part = every[start : start + 500]
            marks = ",".join("?" * len(part))
            found += self.db.execute(sql.format(marks), [*first, *part]).fetchall()
        return found


class Record(Store):
    """What one output is made of."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, RECORD)

    def get(self, key: str, default: Any = None) -> Any:
        """One value of the record as a whole, such as the digest of the engine."""
        row = self.db.execute("SELECT value FROM meta WHERE key=?", (key,)).fetchone()
        return unpack(row[0]) if row else default

    def put(self, key: str, value: Any) -> None:
        self.db.execute("INSERT OR REPLACE INTO meta VALUES(?,?)", (key, pack(value)))


class Memo(Store):
    """What is slow to make, by the digest of what it is made of."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, MEMO)

    def get(self, key: str) -> bytes | None:
        return recall(self.db, key)

    def put_all(self, rows: Iterable[tuple[str, bytes]]) -> None:
        with self.transaction() as db:
            db.executemany("INSERT OR IGNORE INTO memo VALUES(?,?)", rows)

    def size(self) -> int:
        """How many bytes its rows take up; a file does not shrink, but what is free is used again."""
        asked = "SELECT (page_count - freelist_count) * page_size FROM "
        pages = "pragma_page_count, pragma_freelist_count, pragma_page_size"
        return int(self.rows(asked + pages)[0][0])

    def forget(self, keys: Iterable[str]) -> None:
        """Take rows out."""
        with self.transaction() as db:
            db.executemany("DELETE FROM memo WHERE key=?", [(key,) for key in keys])


def reader(path: Path) -> sqlite3.Connection:
    """A connection to a memo for a process that only reads."""
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True)


def recall(db: sqlite3.Connection, key: str) -> bytes | None:
    """A value of the memo; None when it has none."""
    row = db.execute("SELECT value FROM memo WHERE key=?", (key,)).fetchone()
    return row[0] if row else None


UNTRUSTED = (Untrusted, sqlite3.DatabaseError)

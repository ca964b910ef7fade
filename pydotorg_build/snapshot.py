"""Published entries that are not files: rows of an SQLite file, each in the shape of its struct.

The sidecar takes a snapshot of what it has published, `pydotorg fetch` writes what it brought, and
`pydotorg sample` invents one.  Everything in it is public.  To the build a row is a source like a
file: it has a path (`data/snapshot.sqlite/jobs/12`) and a digest, and is read only when that is new.

    meta(key, value)               schema, number, taken_at, and is_sample where all is invented
    rows(kind, key, digest, data)  data: JSON with the fields of the struct, `body` in Markdown
    files(name, digest, bytes)     pictures, by the name that rows give: `logo.3f9a.png`
    before(kind, key, data)        the row that was shown last, in case this one cannot be read

Rows of a later file of `snapshots` in build.toml take the place of equal keys of an earlier one.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from pydotorg_build.digests import digest_bytes
from pydotorg_build.problems import Problem, Problems, Source
from pydotorg_build.sources import Seen, Stamp, stamp_of

SCHEMA = "1"
FILES = "files"
TABLES = """
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE rows(kind TEXT, key TEXT, digest TEXT, data BLOB, PRIMARY KEY(kind, key));
CREATE TABLE files(name TEXT PRIMARY KEY, digest TEXT, bytes BLOB);
CREATE TABLE before(kind TEXT, key TEXT, data BLOB, PRIMARY KEY(kind, key));
"""
_JSON = msgspec.json.Encoder(order="deterministic")


class Row(NamedTuple):
    """A published entry: `data` are the fields of its struct, `key` is what the struct's id is."""

    kind: str
    key: str
    data: Mapping[str, Any]


class Snapshots:
    """The snapshots of a site, read.  A connection is opened when it is first wanted."""

    def __init__(self, root: Path, names: Iterable[str]) -> None:
        self._root, self._names = root, tuple(names)
        self._open: dict[str, sqlite3.Connection] = {}

    def holds(self, path: str) -> bool:
        """Is this the path of a row or a file of a snapshot?"""
        return path.startswith(tuple(f"{name}/" for name in self._names))

    def within(self, path: str) -> str:
        """Kind and key of a row, as `jobs/12`."""
        return path.removeprefix(f"{self._of(path)}/")

    def file_of(self, path: str, name: str) -> str:
        """The path of a file that a row names."""
        return f"{self._of(path)}/{FILES}/{name}"

    def _of(self, path: str) -> str:
        return next(name for name in self._names if path.startswith(f"{name}/"))

    def stamps(self, known: Mapping[str, Seen]) -> dict[str, Stamp]:
        """How the snapshots and all that is in them look; `known` is how they looked last.

        What a snapshot holds is read only when its file differs.  The stamp of a row is made of
        its digest.
        """
        found: dict[str, tuple[str, Stamp]] = {}
        files: dict[str, Stamp] = {}
        for name in self._names:
            if (stamp := stamp_of(self._root / name)) is None:
                continue
            files[name] = stamp
            is_known = name in known and known[name].stamp == stamp
            inside = _below(name, known) if is_known else self._inside(name)
            for path, row in inside.items():
                found[path.removeprefix(name)] = path, row
        return files | dict(found.values())

    def _inside(self, name: str) -> dict[str, Stamp]:
        self.close()  # another file may have been put in its place
        rows = self._rows(name, "SELECT kind, key, digest FROM rows")
        files = self._rows(name, "SELECT 'files', name, digest FROM files")
        return {f"{name}/{kind}/{key}": stamp_of_digest(digest) for kind, key, digest in
                (*rows, *files)}  # fmt: skip

    def read(self, path: str) -> bytes:
        """The bytes of a row or a file.  Raises FileNotFoundError."""
        name = self._of(path)
        kind, _, key = self.within(path).partition("/")
        if kind == FILES:
            rows = self._rows(name, "SELECT bytes FROM files WHERE name=?", key)
        else:
            rows = self._rows(name, "SELECT data FROM rows WHERE kind=? AND key=?", kind, key)
        if not rows:
            raise FileNotFoundError(0, "no such row", path)
        return bytes(rows[0][0])

    def before(self, path: str) -> bytes:
        """The row that was shown last in the place of this one; empty where none is kept."""
        name = self._of(path)
        kind, _, key = self.within(path).partition("/")
        has = "SELECT 1 FROM sqlite_master WHERE name='before'"  # older snapshots keep none
        if not self._rows(name, has):
            return b""
        rows = self._rows(name, "SELECT data FROM before WHERE kind=? AND key=?", kind, key)
        return bytes(rows[0][0]) if rows else b""

    def _rows(self, name: str, sql: str, *values: str) -> list[Any]:
        try:
            return self._connection(name).execute(sql, values).fetchall()
        except sqlite3.DatabaseError as error:
            hint = "take it anew, or delete it to build without it"
            raise Problems([Problem(Source(name), f"is no snapshot: {error}", hint)]) from None

    def _connection(self, name: str) -> sqlite3.Connection:
        if name not in self._open:
            uri = f"{(self._root / name).as_uri()}?mode=ro&immutable=1"
            self._open[name] = sqlite3.connect(uri, uri=True)
            (schema,) = self._rows(name, "SELECT value FROM meta WHERE key='schema'") or [("",)]
            if schema[0] != SCHEMA:
                message = f"is a snapshot of schema {schema[0] or 'none'}, and {SCHEMA} is read"
                hint = "let sidecar and builder be of one version"
                raise Problems([Problem(Source(name), message, hint)])
        return self._open[name]

    def meta(self, name: str) -> dict[str, str]:
        """What a snapshot says of itself; empty when there is none."""
        if not (self._root / name).exists():
            return {}
        return dict(self._rows(name, "SELECT key, value FROM meta"))

    def kinds(self, name: str) -> list[str]:
        """The kinds that a snapshot has rows of."""
        return [
            kind for (kind,) in self._rows(name, "SELECT DISTINCT kind FROM rows ORDER BY kind")
        ]

    def rows(self, name: str, kind: str) -> list[Row]:
        """The rows of a kind; none when there is no such snapshot."""
        if not (self._root / name).exists():
            return []
        found = self._rows(name, "SELECT key, data FROM rows WHERE kind=? ORDER BY key", kind)
        return [Row(kind, key, msgspec.json.decode(data)) for key, data in found]

    def files(self, name: str) -> list[str]:
        """The names of the pictures of a snapshot; none when there is no such snapshot."""
        if not (self._root / name).exists():
            return []
        return [found for (found,) in self._rows(name, "SELECT name FROM files")]

    def close(self) -> None:
        """Close what is open: the file may have been replaced, or this process have forked."""
        for connection in self._open.values():
            connection.close()
        self._open = {}

    def forked(self) -> None:
        """Forget the connections that belong to the process this one was made of."""
        self._open = {}


def version_of(meta: Mapping[str, str]) -> str:
    """Which snapshot it is, of what it says of itself; empty for one without a number.

    >>> version_of({"epoch": "3f9a0c21", "number": "12"}), version_of({})
    ('3f9a0c21-12', '')
    """
    return f"{meta.get('epoch', '')}-{meta['number']}" if "number" in meta else ""


def _below(name: str, known: Mapping[str, Seen]) -> dict[str, Stamp]:
    return {path: seen.stamp for path, seen in known.items() if path.startswith(f"{name}/")}


def stamp_of_digest(digest: str) -> Stamp:
    """A stamp for what is known by its digest alone; its time is long ago, and so trusted."""
    return Stamp(int(digest_bytes(digest.encode())[:12], 16), 0, 0)


@contextmanager
def writing(path: Path, **meta: str) -> Iterator[sqlite3.Connection]:
    """Make a snapshot beside `path`, and put it in place by a rename when all went well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{os.getpid()}")
    new.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(new)) as db:
            db.executescript(TABLES)
            rows = {"schema": SCHEMA, **meta}.items()
            db.executemany("INSERT INTO meta VALUES(?,?)", rows)
            yield db
            db.commit()
        with new.open("rb") as file:
            os.fsync(file.fileno())
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def add_rows(
    db: sqlite3.Connection, rows: Iterable[Row], before: Mapping[tuple[str, str], Row] | None = None
) -> None:
    """Write rows into a snapshot that is being made; `before` are those that were shown last."""
    known = before or {}
    for row in rows:
        old = known.get((row.kind, row.key))
        values = (row.kind, row.key, digest_of(row, old), _JSON.encode(row.data))
        db.execute("INSERT INTO rows VALUES(?,?,?,?)", values)
        if old:
            data = _JSON.encode(old.data)
            db.execute("INSERT INTO before VALUES(?,?,?)", (row.kind, row.key, data))


def digest_of(row: Row, before: Row | None = None) -> str:
    """What tells one version of a row from another; its page shows it."""
    return digest_bytes(_JSON.encode(row.data) + (_JSON.encode(before.data) if before else b""))


def add_file(db: sqlite3.Connection, name: str, content: bytes) -> None:
    """Write a picture into a snapshot that is being made."""
    db.execute("INSERT OR IGNORE INTO files VALUES(?,?,?)", (name, digest_bytes(content), content))

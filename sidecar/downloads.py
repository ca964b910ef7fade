"""/d/: leads to a file at once, and counts it.

    /d/3.14.0/Python-3.14.0.tar.xz → https://www.python.org/ftp/python/3.14.0/Python-3.14.0.tar.xz

It leads to the files of the site's own list (/api/v3/files.json of what was built), and nowhere
else.  By which rule is counted stands in `counting.py`.  Nothing waits for the database: numbers
are written every FLUSH seconds and when the process is told to stop, so a process that is killed
loses what it counted in that time, and no more.

It stands before the application, not in it: nobody signs in here, nothing is read of a cookie and
no line of log is written.
"""

from __future__ import annotations

import asyncio
import datetime
import re
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import structlog
from litestar.types import HTTPScope, Send
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

from pydotorg_build.content.release_files import COUNTED, FTP
from sidecar.clients import is_in, networks
from sidecar.counting import Tally, qualifies
from sidecar.database import Database
from sidecar.settings import Settings
from sidecar.tables.downloads import DownloadDay, DownloadFile

FLUSH = 5  # seconds
LOOK = 1  # seconds between two looks whether the site was built again
LIST = "api/v3/files.json"
COUNTRY = re.compile(rb"[A-Z]{2}")
# What edges say where they do not know.
NOWHERE = frozenset({b"XX", b"T1", b"ZZ"})
BEGINNING = datetime.date(1970, 1, 1)
TEXT = (b"content-type", b"text/plain; charset=utf-8")
NO_FILE = "There is no such file. All downloads: {url}/downloads/\n"
NO_LIST = "The list of files cannot be read, so this address does not answer at the moment.\n"
log = structlog.get_logger()


class File(msgspec.Struct, frozen=True):
    """A file of the site's list, as far as it is wanted here."""

    url: str
    release: str
    os: str


class Files(msgspec.Struct, frozen=True):
    """The site's list of files."""

    files: tuple[File, ...]


class Downloads:
    """What one process answers below /d/, and what it counted."""

    def __init__(
        self, settings: Settings, db: Database, standing: list[tuple[bytes, bytes]]
    ) -> None:
        """`standing` are the headers of every answer."""
        self._db, self._list, self._url = db, Path(settings.site) / LIST, settings.url
        self._headers = [*standing, (b"cache-control", b"no-store")]
        self._country = settings.country_header.lower().encode()
        self._proxies = networks(settings.proxies)
        self._files: Mapping[str, File] = {}
        self._built, self._looked = 0, 0.0
        self._counted: dict[str, File] = {}
        self._told: dict[str, File] = {}
        self._ending = asyncio.Event()
        self._writing: asyncio.Task[None] | None = None
        self.tally = Tally()

    async def __call__(self, scope: HTTPScope, send: Send, peer: str) -> None:
        """Lead to the file of an address; `peer` is who is connected, be it a proxy of ours."""
        method, path = scope["method"], scope["path"].removeprefix(COUNTED)
        if method not in ("GET", "HEAD"):
            await self._say(send, 405, "GET, HEAD\n", (b"allow", b"GET, HEAD"))
            return
        self._look()
        file = self._files.get(path)
        if file is None:
            status, words = (404, NO_FILE) if self._files else (503, NO_LIST)
            await self._say(send, status, words.format(url=self._url))
            return
        headers = dict(scope["headers"])
        if qualifies(method, headers):
            address = scope["client"][0] if scope["client"] else ""
            if self.tally.count(path, address, self._country_of(headers, peer)):
                self._counted[path] = file
        await self._say(send, 302, "", (b"location", quote(file.url, safe="/:%").encode()))

    def _country_of(self, headers: Mapping[bytes, bytes], peer: str) -> str:
        """The country that an edge of ours tells; nobody else is believed."""
        told = headers.get(self._country, b"").upper() if self._country else b""
        known = told and COUNTRY.fullmatch(told) and told not in NOWHERE
        return told.decode() if known and is_in(peer, self._proxies) else ""

    async def _say(self, send: Send, status: int, words: str, *more: tuple[bytes, bytes]) -> None:
        body = words.encode()
        own = [TEXT] if body else []
        headers = [*more, *own, (b"content-length", b"%d" % len(body)), *self._headers]
        start: Any = {"type": "http.response.start", "status": status, "headers": headers}
        await send(start)
        await send({"type": "http.response.body", "body": body, "more_body": False})

    def _look(self) -> None:
        """Read the list of files again where the site was built anew: 10 ms, once a build."""
        if time.monotonic() - self._looked < LOOK:
            return
        self._looked = time.monotonic()
        try:
            built = self._list.stat().st_mtime_ns
            if built != self._built:
                read = msgspec.json.decode(self._list.read_bytes(), type=Files)
                ours = (file for file in read.files if file.url.startswith(FTP))
                self._files = {file.url.removeprefix(FTP): file for file in ours}
                self._built = built
        except (OSError, msgspec.DecodeError):
            pass  # it is being replaced, or there is none: what was read before still stands

    # -- writing down

    async def start(self) -> None:
        """Begin to write down every few seconds what was counted."""
        self._writing = asyncio.create_task(self._write_on())

    async def stop(self) -> None:
        """Write down what is left."""
        self._ending.set()
        if self._writing:
            await self._writing
        await self.flush()

    async def _write_on(self) -> None:
        while not self._ending.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), FLUSH)
            await self.flush()

    async def flush(self) -> None:
        """Add what was counted to the numbers of the days; what cannot be written is kept."""
        taken = self.tally.take()
        if not taken:
            return
        days = [
            {"day": day_of(one.day), "path": one.path, "country": one.country, "count": count}
            for one, count in sorted(taken.items())
        ]
        try:
            await self._write(days, sorted({one.path for one in taken}))
        except (DBAPIError, OSError):
            self.tally.give_back(taken)
            log.exception("downloads are not written down", kept=taken.total())

    async def _write(self, days: list[dict[str, Any]], paths: list[str]) -> None:
        insert = sqlite.insert if self._db.is_sqlite else postgresql.insert
        known = {path: self._counted[path] for path in paths}
        new = {path: file for path, file in known.items() if self._told.get(path) != file}
        named = insert(DownloadFile)
        said = {name: named.excluded[name] for name in ("release", "system")}
        added = insert(DownloadDay)
        more = {"count": DownloadDay.count + added.excluded.count}
        async with self._db.write() as tx:
            if new:
                await tx.execute(
                    named.on_conflict_do_update(index_elements=["path"], set_=said),
                    [
                        {"path": path, "release": file.release, "system": file.os}
                        for path, file in new.items()
                    ],
                )
            keys = ["day", "path", "country"]
            await tx.execute(added.on_conflict_do_update(index_elements=keys, set_=more), days)
        self._told |= new


def day_of(number: int) -> datetime.date:
    """A day by its number since 1970.

    >>> day_of(20783)
    datetime.date(2026, 11, 26)
    """
    return BEGINNING + datetime.timedelta(days=number)

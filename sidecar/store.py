"""Where the bytes of pictures lie: a folder, or a bucket that the settings name; each by its digest.

A name is `<64 hexadecimal digits>.<ending>`, and what has it never changes.  Nothing here knows the
database; all of it waits for the disk or the network, so a request calls it in a thread.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from sidecar.settings import Settings

FOLDER = "attachments"


def folder(settings: Settings) -> Path:
    """The folder, where no bucket is set."""
    return Path(settings.data) / FOLDER


@lru_cache(maxsize=8)
def _opened(address: str, folder: str) -> Any:
    from obstore.store import LocalStore, from_url

    return from_url(address) if address else LocalStore(folder, mkdir=True)


def _store(settings: Settings) -> Any:
    return _opened(settings.attachments, str(folder(settings).absolute()))


def path_of(name: str) -> str:
    """Where a name lies.

    >>> path_of("3f9a.png")
    '3f/3f9a.png'
    """
    return f"{name[:2]}/{name}"


def put(settings: Settings, name: str, content: bytes) -> None:
    """Keep bytes; the same once more only makes them younger for the sweeper."""
    _store(settings).put(path_of(name), content)


def get(settings: Settings, name: str) -> bytes | None:
    """The bytes of a name, or None where there are none."""
    try:
        return bytes(_store(settings).get(path_of(name)).bytes())
    except FileNotFoundError:
        return None


def holds(settings: Settings, name: str) -> bool:
    """Are there bytes of this name?"""
    try:
        _store(settings).head(path_of(name))
    except FileNotFoundError:
        return False
    return True


def everything(settings: Settings) -> Iterator[tuple[str, datetime.datetime]]:
    """All names, and when each was last put."""
    if not settings.attachments and not folder(settings).is_dir():
        return
    for page in _store(settings).list():
        for one in page:
            yield one["path"].rpartition("/")[2], one["last_modified"]


def sweep(settings: Settings, known: Collection[str], before: datetime.datetime) -> int:
    """Delete the bytes of all names that are not known and were put before a moment."""
    gone = [name for name, at in everything(settings) if name not in known and at < before]
    for name in gone:
        _store(settings).delete(path_of(name))
    return len(gone)


def copy_to(settings: Settings, place: Path) -> None:
    """Write all of it into a folder, for a backup."""
    for name, _ in everything(settings):
        content = get(settings, name)
        if content is not None:  # the sweeper may have taken it meanwhile
            file = place / path_of(name)
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            file.write_bytes(content)


def bring_back(settings: Settings, place: Path) -> None:
    """Put everything that a backup has."""
    for file in sorted(place.rglob("*")):
        if file.is_file():
            put(settings, file.name, file.read_bytes())

"""The engine as an input: our own code, the libraries and Python, as digests.

Reading it all takes a while, so what it looked like from outside is remembered.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from pydotorg_build.cache import Record
from pydotorg_build.digests import digest_bytes

PACKAGE = Path(__file__).parent
LIBRARIES = (
    *("jinja2", "lightningcss", "markdown-it-py", "markupsafe", "mdit-py-plugins", "msgspec"),
    *("nh3", "pagefind-bin", "pillow", "pygments", "python-dateutil", "pyyaml", "tzdata"),
)
# What rendered Markdown and pictures depend on; everything else depends on the whole.
PROSE = ("links.py", "markdown*.py", "highlight.py", "shortforms.py")
# What posters depend on.
POSTERS = ("posters.py", "fonts/*.ttf")
CODE = ("**/*.py", "fonts/*.ttf")
# The system's time zones, with their version in the first line.
ZONES = "/usr/share/zoneinfo/tzdata.zi"


class Engine(NamedTuple):
    """The digest of the whole engine, and of the parts that make prose and posters."""

    whole: str
    prose: str
    posters: str


def engine_digest(record: Record) -> Engine:
    """What the engine is; read again only where it looks different."""
    looks = tuple(_looks())
    told = [list(look) for look in looks]
    known = record.get("engine")
    if known and known[0] == told:
        return Engine(*known[1:])
    engine = _engine(looks)
    with record.transaction():
        record.put("engine", [told, *engine])
    return engine


@lru_cache(maxsize=1)
def _engine(looks: tuple[tuple[str, int, int], ...]) -> Engine:
    """What looks like this, read; once a process, whatever outputs it makes."""
    return Engine(_digest(*CODE), _digest(*PROSE), _digest(*POSTERS))


def code_looks() -> set[tuple[str, int, int]]:
    """How our own code looks from outside."""
    looks = set()
    for path in _files(*CODE):
        seen = path.stat()
        looks.add((path.relative_to(PACKAGE).as_posix(), seen.st_mtime_ns, seen.st_size))
    return looks


def _looks() -> Iterator[tuple[str, int, int]]:
    """How code and libraries look from outside."""
    yield from sorted(code_looks())
    with suppress(OSError):
        seen = os.stat(ZONES)
        yield ZONES, seen.st_mtime_ns, seen.st_size
    for folder in sys.path:
        if folder.endswith("-packages") and os.path.isdir(folder):
            yield folder, os.stat(folder).st_mtime_ns, 0


def _files(*patterns: str) -> list[Path]:
    return sorted(path for pattern in patterns for path in PACKAGE.glob(pattern))


def _digest(*patterns: str) -> str:
    files = _files(*patterns)
    code = [p.relative_to(PACKAGE).as_posix().encode() + p.read_bytes() for p in files]
    return digest_bytes(*code, *[version.encode() for version in versions()])


def _zones() -> str:
    """The version of the time zones that moments are told in; empty where it is not said."""
    with suppress(OSError), open(ZONES, encoding="utf-8") as file:
        return file.readline().strip()
    return ""


def versions() -> Iterator[str]:
    """The versions of Python and of every library that shapes the output."""
    from importlib.metadata import PackageNotFoundError, version

    yield sys.version
    yield f"time zones {_zones()}"
    for name in LIBRARIES:
        try:
            yield f"{name} {version(name)}"
        except PackageNotFoundError:
            yield f"{name} is not installed"

"""The engine as an input: our own code, the libraries and Python, as digests.

Reading it all takes a while, so what it looked like from outside is remembered.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from pydotorg_build.cache import Record
from pydotorg_build.digests import digest_bytes, digest_texts

PACKAGE = Path(__file__).parent
LIBRARIES = (
    *("jinja2", "lightningcss", "markdown-it-py", "markupsafe", "mdit-py-plugins", "msgspec"),
    *("nh3", "pagefind_bin", "pillow", "pygments", "pyyaml"),
)
# What rendered Markdown and pictures depend on; everything else depends on the whole.
PROSE = ("markdown*.py", "highlight.py", "shortforms.py")


def engine_digest(record: Record) -> tuple[str, str]:
    """The digest of the whole engine, and of the part that makes prose of Markdown."""
    looks = [list(look) for look in _looks()]
    known = record.get("engine")
    if known and known[0] == looks:
        return known[1], known[2]
    whole, prose = _digest("**/*.py"), digest_texts(*[_digest(pattern) for pattern in PROSE])
    with record.transaction():
        record.put("engine", [looks, whole, prose])
    return whole, prose


def code_looks() -> set[tuple[str, int, int]]:
    """How our own code looks from outside."""
    looks = set()
    for path in PACKAGE.rglob("*.py"):
        seen = path.stat()
        looks.add((path.relative_to(PACKAGE).as_posix(), seen.st_mtime_ns, seen.st_size))
    return looks


def _looks() -> Iterator[tuple[str, int, int]]:
    """How code and libraries look from outside."""
    yield from sorted(code_looks())
    for folder in sys.path:
        if folder.endswith("-packages") and os.path.isdir(folder):
            yield folder, os.stat(folder).st_mtime_ns, 0


def _digest(pattern: str) -> str:
    files = sorted(PACKAGE.glob(pattern))
    code = [p.relative_to(PACKAGE).as_posix().encode() + p.read_bytes() for p in files]
    return digest_bytes(*code, *[version.encode() for version in versions()])


def versions() -> Iterator[str]:
    """The versions of Python and of every library that shapes the output."""
    from importlib.metadata import PackageNotFoundError, version

    yield sys.version
    for name in LIBRARIES:
        try:
            yield f"{name} {version(name)}"
        except PackageNotFoundError:
            yield f"{name} is not installed"

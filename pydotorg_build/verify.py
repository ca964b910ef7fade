"""Does a downloaded file have the size and checksum that the release data record?

Only that is checked.  Signatures are named, and said not to be checked: they show who made a file,
which a checksum from the same place cannot.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path

import msgspec

from pydotorg_build import front_matter
from pydotorg_build.content.read import read
from pydotorg_build.content.release import Release
from pydotorg_build.content.release_files import Download
from pydotorg_build.problems import Problem, Problems, Source


class Finding(msgspec.Struct, frozen=True):
    """The outcome of one check: `good`, `bad` or `not checked`, and why."""

    outcome: str
    words: str


def verify(file: Path, content: Path) -> list[Finding]:
    """Check one file against the releases below a content folder; raise Problems if unknown."""
    known = {download.name: download for download in downloads(content)}
    if not file.is_file():
        raise Problems([Problem(Source(str(file)), "there is no such file")])
    found = known.get(file.name)
    if found is None:
        near = get_close_matches(file.name, known, n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else ""
        raise Problems([Problem(Source(str(file)), "no release has a file of this name", hint)])
    return [*_size(file, found), _checksum(file, found), _signature(found)]


def downloads(content: Path) -> Iterator[Download]:
    """Every file of every release."""
    for path in sorted(content.glob("releases/**/*.md")):
        document = front_matter.read_markdown(front_matter.decode(path.read_bytes()))
        release, _ = read(Release, document.data, source=Source(str(path)))
        if release is not None:
            yield from release.downloads()


def _size(file: Path, known: Download) -> Iterator[Finding]:
    size = file.stat().st_size
    if known.size is not None:
        same = size == known.size
        words = f"size: {size} bytes" + ("" if same else f", and {known.size} are recorded")
        yield Finding("good" if same else "bad", words)


def _checksum(file: Path, known: Download) -> Finding:
    name, wanted = ("sha256", known.sha256) if known.sha256 else ("md5", known.md5)
    if not wanted:
        return Finding("not checked", "checksum: none is recorded for this file")
    with file.open("rb") as stream:
        found = hashlib.file_digest(stream, name).hexdigest()
    if found != wanted.lower():
        return Finding("bad", f"{name}: {found}, and {wanted} is recorded")
    weak = "" if name == "sha256" else "; MD5 shows damage, not forgery"
    return Finding("good", f"{name}: {found}{weak}")


def _signature(known: Download) -> Finding:
    where = known.sigstore_url or known.gpg_url
    if not where:
        return Finding("not checked", "signature: none is recorded for this file")
    return Finding("not checked", f"signature: check it against {where}")

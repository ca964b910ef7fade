"""Is a downloaded file what was published: size, checksum, and who signed it?

Never asks anybody: what is not at hand is said to be not checked, and where to get it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from pydotorg_build import front_matter, signatures
from pydotorg_build.content.base import ContentType, Entry
from pydotorg_build.content.managers import MANAGERS, Manager
from pydotorg_build.content.read import read
from pydotorg_build.content.release import Release
from pydotorg_build.content.release_files import Download
from pydotorg_build.content.releases import RELEASES
from pydotorg_build.content.series import SERIES
from pydotorg_build.content.verifying import Signer, signer_of
from pydotorg_build.problems import Problem, Problems, Source, meant
from pydotorg_build.signatures import BESIDE, Finding, Proofs

DIGESTS = ("sha256", "md5")


class Known(msgspec.Struct, frozen=True):
    """What the content knows of one file, and who may have signed it."""

    download: Download
    signers: tuple[Signer, ...]


def verify(file: Path, content: Path, proofs: Proofs = BESIDE) -> list[Finding]:
    """Check one file against the releases below a content folder; raise Problems if unknown."""
    if not file.is_file():
        raise Problems([Problem(Source(str(file)), "there is no such file")])
    known = known_files(content)
    found = known.get(file.name)
    if found is None:
        hint = meant(
            file.name, known, "give it the name that it had where it was downloaded", most=3
        )
        raise Problems([Problem(Source(str(file)), "no release has a file of this name", hint)])
    return [
        *_size(file, found.download),
        _checksum(file, found.download),
        signatures.sigstore(file, found.download, found.signers, proofs),
        signatures.openpgp(file, found.download, found.signers, proofs),
    ]


def is_genuine(findings: list[Finding]) -> bool:
    """Whether the checksum is right and nothing is wrong; a missing checksum does not do."""
    right = any(f.check in DIGESTS and f.outcome == "good" for f in findings)
    return right and all(f.outcome != "bad" for f in findings)


def known_files(content: Path) -> dict[str, Known]:
    """Every file of every release, by name."""
    managers = {entry.id: entry for entry in _entries(MANAGERS, content)}
    series = {entry.id: entry for entry in _entries(SERIES, content)}
    known = {}
    for release in _entries(RELEASES, content):
        assert isinstance(release, Release)
        names = release.release_managers
        names = names or getattr(series.get(release.series), "release_managers", ())
        signers = tuple(_signer(name, managers.get(name)) for name in names)
        for download in release.downloads():
            known[download.name] = Known(download, signers)
    return known


def _signer(name: str, manager: Entry | None) -> Signer:
    return signer_of(manager) if isinstance(manager, Manager) else Signer(name)


def _entries(kind: ContentType, content: Path) -> Iterator[Entry]:
    """The entries of one noun; a file that cannot be read is a problem, not left out."""
    for path in sorted(content.glob(kind.files)):
        source = Source(str(path))
        try:
            text = front_matter.decode(path.read_bytes())
            is_markdown = path.suffix == ".md"
            document = (front_matter.read_markdown if is_markdown else front_matter.read_yaml)(text)
        except front_matter.Mistake as mistake:
            raise Problems([mistake.problem(str(path))]) from None
        for row in document.data if isinstance(document.data, list) else [document.data or {}]:
            entry, faults = read(kind.entry, row, source=source)
            if entry is None:
                raise Problems(Problem(source, fault.message, fault.hint) for fault in faults)
            yield entry


def _size(file: Path, known: Download) -> Iterator[Finding]:
    size = file.stat().st_size
    if known.size == size:
        yield Finding("size", "good", f"{size} bytes")
    elif known.size is not None:
        yield Finding("size", "bad", f"{size} bytes, and {known.size} are recorded")


def _checksum(file: Path, known: Download) -> Finding:
    name, wanted = ("sha256", known.sha256) if known.sha256 else ("md5", known.md5)
    if not wanted:
        return Finding("checksum", "not checked", "none is recorded for this file")
    with file.open("rb") as stream:
        found = hashlib.file_digest(stream, name).hexdigest()
    if found != wanted.lower():
        return Finding(name, "bad", f"{found}, and {wanted} is recorded")
    weak = "" if name == "sha256" else "; MD5 shows damage, not forgery"
    return Finding(name, "good", f"{found}{weak}")

"""A downloaded file against the release data."""

from __future__ import annotations

import hashlib

import pytest

from pydotorg_build.problems import Problems
from pydotorg_build.verify import Finding, verify

DATA = b"a tarball"
SHA256 = hashlib.sha256(DATA).hexdigest()
RELEASE = f"""
-- content/releases/3.14/3.14.0.md --
---
version: 3.14.0
date: 2025-10-07
proofs: [sigstore]
files:
- {{name: Python-3.14.0.tar.xz, size: 9, sha256: {SHA256}}}
- {{name: Python-3.14.0.tgz}}
---
"""
BUNDLE = "https://www.python.org/ftp/python/3.14.0/Python-3.14.0.tar.xz.sigstore"


def check(project, name: str, data: bytes) -> list[Finding]:
    project.write(RELEASE)
    file = project.root / name
    file.write_bytes(data)
    return verify(file, project.root / "content")


def test_a_file_as_it_was_published_is_good_and_its_signature_is_not_claimed(project):
    found = check(project, "Python-3.14.0.tar.xz", DATA)

    assert found == [
        Finding("good", "size: 9 bytes"),
        Finding("good", f"sha256: {SHA256}"),
        Finding("not checked", f"signature: check it against {BUNDLE}"),
    ]


def test_a_file_of_the_same_size_with_other_bytes_is_bad(project):
    found = check(project, "Python-3.14.0.tar.xz", b"a Tarball")

    assert [finding.outcome for finding in found] == ["good", "bad", "not checked"]


def test_a_file_without_a_checksum_is_not_called_good(project):
    found = check(project, "Python-3.14.0.tgz", DATA)

    assert [finding.outcome for finding in found] == ["not checked", "not checked"]


def test_an_unknown_file_is_told_with_the_nearest_names(project):
    with pytest.raises(Problems, match=r"did you mean Python-3.14.0.tgz"):
        check(project, "Python-3.14.0.tga", DATA)

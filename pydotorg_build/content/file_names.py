"""File names: what each says of its file, and what python.org has called such files.

The table is read from above; the first pattern that matches the end of a name counts.
"""

from __future__ import annotations

import datetime
import re
from functools import cache
from typing import NamedTuple

# Names stand in commands that people paste into a shell.
PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")
# Days from which python.org called such files otherwise: by bits (3.9.1rc1), by the maker of the
# processor, and since Mac OS X is macOS (3.7.0b1).
BY_BITS = datetime.date(2020, 11, 26)
BY_MAKER = datetime.date(2020, 12, 7)
BY_MACOS = datetime.date(2018, 1, 31)


class Naming(NamedTuple):
    """What names that match `pattern` say: system, processor and kind, and the label.

    From the day `since` on, the label is `later`.
    """

    pattern: str
    facts: str
    label: str
    since: datetime.date = datetime.date.max
    later: str = ""

    @property
    def words(self) -> tuple[str, str, str]:
        """System, processor and kind."""
        os, arch, kind = self.facts.split()
        return os, arch, kind


# A table is read line by line.
# fmt: off
ROWS: tuple[tuple[str, str, str] | tuple[str, str, str, datetime.date, str], ...] = (
    (r"-aarch64-linux-android\.tar\.gz", "android aarch64 embeddable-package",
     "Android embeddable package (aarch64)"),
    (r"-x86_64-linux-android\.tar\.gz", "android x86_64 embeddable-package",
     "Android embeddable package (x86_64)"),
    (r"-iOS-XCframework\.tar\.gz", "ios universal embeddable-package", "iOS XCframework"),
    (r"Python-.*\.tar\.xz", "source any source", "XZ compressed source tarball"),
    (r"Python-.*\.tar\.bz2", "source any source", "bzip2 compressed source tarball"),
    (r"Python-.*\.tgz", "source any source", "Gzipped source tarball"),
    (r"python-manager-.*\.msix", "windows any install-manager", "MSIX package"),
    (r"python-manager-.*\.msi", "windows any install-manager", "MSI package"),
    (r"windows-.*\.json", "windows any install-manager-index", "Windows release manifest"),
    (r"\.chm", "windows any help-file", "Windows help file"),
    (r"\.amd64-pdb\.zip", "windows x86-64 debug-symbols",
     "Windows debug information files for 64-bit binaries"),
    (r"-(pdb|Debug)\.zip", "windows x86 debug-symbols", "Windows debug information files"),
    (r"-embeddable-amd64\.zip", "windows x86-64 embeddable-package",
     "Windows embeddable package (64-bit), for the install manager"),
    (r"-embeddable-win32\.zip", "windows x86 embeddable-package",
     "Windows embeddable package (32-bit), for the install manager"),
    (r"-embeddable-arm64\.zip", "windows arm64 embeddable-package",
     "Windows embeddable package (ARM64), for the install manager"),
    (r"-embed-amd64\.(zip|exe)", "windows x86-64 embeddable-package",
     "Windows x86-64 embeddable zip file", BY_BITS, "Windows embeddable package (64-bit)"),
    (r"-embed-win32\.(zip|exe)", "windows x86 embeddable-package",
     "Windows x86 embeddable zip file", BY_BITS, "Windows embeddable package (32-bit)"),
    (r"-embed-arm64\.zip", "windows arm64 embeddable-package",
     "Windows embeddable package (ARM64)"),
    (r"-test-amd64\.zip", "windows x86-64 test-package", "Windows test package (64-bit)"),
    (r"-test-win32\.zip", "windows x86 test-package", "Windows test package (32-bit)"),
    (r"-test-arm64\.zip", "windows arm64 test-package", "Windows test package (ARM64)"),
    (r"-amd64-webinstall\.exe", "windows x86-64 web-installer",
     "Windows x86-64 web-based installer"),
    (r"-webinstall\.exe", "windows x86 web-installer", "Windows x86 web-based installer"),
    (r"[0-9]t-amd64\.zip", "windows x86-64 install-manager-package",
     "Windows install manager package (64-bit, free-threaded)"),
    (r"[0-9]t-win32\.zip", "windows x86 install-manager-package",
     "Windows install manager package (32-bit, free-threaded)"),
    (r"[0-9]t-arm64\.zip", "windows arm64 install-manager-package",
     "Windows install manager package (ARM64, free-threaded)"),
    (r"-amd64\.zip", "windows x86-64 install-manager-package",
     "Windows install manager package (64-bit)"),
    (r"-win32\.zip", "windows x86 install-manager-package",
     "Windows install manager package (32-bit)"),
    (r"-arm64\.zip", "windows arm64 install-manager-package",
     "Windows install manager package (ARM64)"),
    (r"-amd64\.exe", "windows x86-64 installer",
     "Windows x86-64 executable installer", BY_BITS, "Windows installer (64-bit)"),
    (r"-arm64\.exe", "windows arm64 installer", "Windows installer (ARM64)"),
    (r"Python-.*\.exe", "windows x86 installer", "Windows installer"),
    (r"\.exe", "windows x86 installer",
     "Windows x86 executable installer", BY_BITS, "Windows installer (32-bit)"),
    (r"\.amd64\.msi", "windows x86-64 installer", "Windows x86-64 MSI installer"),
    (r"\.msi", "windows x86 installer", "Windows x86 MSI installer"),
    (r"macosx?11(\.0)?\.pkg", "macos universal2 installer", "macOS 64-bit universal2 installer"),
    (r"macosx10\.9\.pkg", "macos x86_64 installer",
     "macOS 64-bit installer", BY_MAKER, "macOS 64-bit Intel installer"),
    (r"macosx10\.6\.(dmg|pkg)", "macos x86_64+i386 installer",
     "Mac OS X 64-bit/32-bit installer", BY_MACOS, "macOS 64-bit/32-bit installer"),
    (r"macosx10\.[35](-[0-9-]+)?\.(dmg|pkg)", "macos ppc+i386 installer",
     "Mac OS X 32-bit i386/PPC installer"),
    (r"\.(dmg|pkg)", "macos universal installer", "Mac OS X installer"),
)
# fmt: on
NAMES = tuple(Naming(*row) for row in ROWS)
_PATTERNS = [(re.compile(f".*{row.pattern}"), row) for row in NAMES]


@cache
def naming(name: str) -> Naming | None:
    """Find what a file is by its name.

    >>> naming("python-3.14.0-amd64.exe").words
    ('windows', 'x86-64', 'installer')
    """
    return next((row for pattern, row in _PATTERNS if pattern.fullmatch(name)), None)


def label_of(name: str, day: datetime.date) -> str:
    """What a file of that day is called, as python.org called it then.

    >>> label_of("python-3.14.0-amd64.exe", datetime.date(2025, 10, 7))
    'Windows installer (64-bit)'
    """
    rule = naming(name)
    if rule is None:
        return ""
    return rule.later if rule.later and day >= rule.since else rule.label

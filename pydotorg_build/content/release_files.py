"""The files of a release: one line of a release is one download, with what proves it.

System, processor, kind, label and address follow from the name; what does not is written out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

import msgspec
from msgspec import Meta as Limits

from pydotorg_build.content.base import Fault
from pydotorg_build.content.file_names import PLAIN_NAME, naming

HOST = "https://www.python.org/"
OLD_HOST = "http://www.python.org/"
FTP = f"{HOST}ftp/python/"
# Where what lies below FTP is asked for so that it is counted.
COUNTED = "/d/"

System = Literal["", "source", "windows", "macos", "android", "ios"]
Proof = Literal["gpg", "sigstore", "sigstore-pair", "sbom"]
Guess = Literal["url", "gpg", "sigstore", "sbom"]
SHA256 = Annotated[str, Limits(pattern="^([0-9a-f]{64})?$", examples=["64 digits of 0-9 and a-f"])]
MD5 = Annotated[str, Limits(pattern="^([0-9a-f]{32})?$", examples=["32 digits of 0-9 and a-f"])]


class ReleaseFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of a release.

    It is one line of what a release manager writes; what is left out follows from the name.
    """

    name: str
    size: int | None = None
    sha256: SHA256 = ""
    md5: MD5 = ""
    api_id: int = 0
    slug: str = ""
    description: str = ""
    label: str = ""
    os: System = ""
    arch: str = ""
    kind: str = ""
    url: str = ""
    gpg: str = ""
    proofs: tuple[Proof, ...] | None = None
    by_rule: tuple[Guess, ...] | None = None
    button: bool | None = None

    @property
    def facts(self) -> tuple[str, str, str]:
        """System, processor and kind: as written, else by name."""
        rule = naming(self.name)
        by_name = rule.words if rule else ("", "", "")
        return (self.os or by_name[0], self.arch or by_name[1], self.kind or by_name[2])


class Download(msgspec.Struct, frozen=True, kw_only=True):
    """One download, with everything worked out: what pages and programs are given.

    `url` is always https; `recorded_url` is the address as it was first published.  `by_rule`
    names what was not recorded but follows from the naming rule.
    """

    api_id: int
    name: str
    label: str
    description: str
    os: str
    arch: str
    kind: str
    free_threaded: bool
    url: str
    recorded_url: str
    size: int | None
    sha256: str
    md5: str
    slug: str = ""
    gpg_url: str = ""
    sigstore_url: str = ""
    sigstore_signature_url: str = ""
    sigstore_certificate_url: str = ""
    sbom_url: str = ""
    by_rule: tuple[str, ...] = ()
    button: bool = False

    @property
    def for_tools(self) -> bool:
        """Whether the install manager fetches it, rather than people."""
        tools = ("install-manager-package", "install-manager-index", "test-package")
        return self.kind in tools or "-embeddable-" in self.name

    @property
    def is_guessed(self) -> bool:
        """Whether its address only follows from the naming rule, and nothing tells its bytes."""
        return "url" in self.by_rule and not self.digest[0]

    @property
    def digest(self) -> tuple[str, str]:
        """The strongest checksum there is, and how it is called; two empty words without one."""
        if self.sha256:
            return ("SHA-256", self.sha256)
        return ("MD5", self.md5) if self.md5 else ("", "")


def proof_urls(url: str, proofs: tuple[str, ...], gpg: str = "") -> dict[str, str]:
    """Work out where the signatures and the bill of materials of a file are.

    >>> proof_urls("https://www.python.org/x.tgz", ("gpg",))
    {'gpg_url': 'https://www.python.org/x.tgz.asc'}
    """
    found = {}
    if gpg or "gpg" in proofs:
        found["gpg_url"] = gpg or f"{url}.asc"
    if "sigstore" in proofs:
        found["sigstore_url"] = f"{url}.sigstore"
    if "sigstore-pair" in proofs:
        found["sigstore_signature_url"] = f"{url}.sig"
        found["sigstore_certificate_url"] = f"{url}.crt"
    if "sbom" in proofs:
        found["sbom_url"] = f"{url}.spdx.json"
    return found


def button_rank(os: str, arch: str, kind: str, name: str) -> int | None:
    """How well a file serves as the one button of its system: 0 is best, None is not at all."""
    wanted = {
        "source": (("any", "source", ".tar.xz"), ("any", "source", ".tgz")),
        "windows": (
            ("any", "install-manager", ".msix"),
            ("x86-64", "installer", ""),
            ("x86", "installer", ""),
        ),
        "macos": tuple(
            (arch, "installer", ".pkg")
            for arch in ("universal2", "x86_64", "x86_64+i386", "universal")
        ),
    }.get(os, ())
    fits = (a == arch and k == kind and name.endswith(end) for a, k, end in wanted)
    return next((rank for rank, fit in enumerate(fits) if fit), None)


def file_faults(file: ReleaseFile, way: str, legacy: tuple[str, ...]) -> Iterator[Fault]:
    """Tell what is wrong with one line of `files`; `way` is where it stands, as `files[3]`."""
    if not PLAIN_NAME.fullmatch(file.name):
        hint = "write it without a folder, in letters, digits and `-+._`"
        yield Fault(f"{way}.name", f"{file.name!r} is not the name of a file", hint)
    elif naming(file.name) is None and not (file.os and file.arch and file.kind and file.label):
        hint = "write its `os`, `arch`, `kind` and `label`, or correct the name"
        yield Fault(f"{way}.name", f"no naming rule says what {file.name} is", hint)
    hosts = (HOST, OLD_HOST) if "http" in legacy else (HOST,)
    for field, address in (("url", file.url), ("gpg", file.gpg)):
        if address and not address.startswith(hosts):
            message = f"`{field}` of {file.name} must begin with {HOST}, not {address!r}"
            yield Fault(f"{way}.{field}", message, "leave it out: it follows from the name")
    if file.size is not None and file.size <= 0:
        yield Fault(f"{way}.size", f"`size` of {file.name} must be a number of bytes above 0")

"""How to check a download: commands with the file, its digest and its signer filled in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from pydotorg_build.content.managers import Manager
from pydotorg_build.content.release_files import Download


class Command(msgspec.Struct, frozen=True):
    """A command to paste, and the system and way of checking that it is for."""

    system: str
    tool: str
    text: str


class Signer(msgspec.Struct, frozen=True):
    """Who signed, as far as it is known."""

    name: str
    identity: str = ""
    issuer: str = ""
    fingerprints: tuple[str, ...] = ()
    evidence: str = ""


def signer_of(manager: Manager) -> Signer:
    """What is known of a release manager's signatures."""
    return Signer(
        manager.title,
        manager.sigstore_identity,
        manager.sigstore_issuer,
        manager.openpgp,
        manager.evidence,
    )


def checksum_commands(downloads: Iterable[Download]) -> Iterator[Command]:
    """The commands for the download that each system offers, where its digest is recorded."""
    by_system = {d.os: d for d in downloads if d.button and d.sha256}
    if source := by_system.get("source"):
        line = f'echo "{source.sha256}  {source.name}" | sha256sum --check'
        yield Command("Linux", "sha256sum", line)
    if installer := by_system.get("macos", source):
        line = f'echo "{installer.sha256}  {installer.name}" | shasum -a 256 --check'
        yield Command("macOS", "shasum", line)
    if installer := by_system.get("windows"):
        hashed = f"(Get-FileHash -Algorithm SHA256 .\\{installer.name}).Hash"
        yield Command("Windows", "PowerShell", f"{hashed} -eq '{installer.sha256}'")
        yield Command("Windows", "certutil", f"certutil -hashfile {installer.name} SHA256")


def sums_commands(url: str) -> Iterator[Command]:
    """The commands that check every file in a folder; `url` is that of SHA256SUMS."""
    fetch = f"curl --fail --remote-name {url}"
    yield Command("Linux", "SHA256SUMS", f"{fetch}\nsha256sum --check --ignore-missing SHA256SUMS")
    yield Command(
        "macOS", "SHA256SUMS", f"{fetch}\nshasum -a 256 --check --ignore-missing SHA256SUMS"
    )


def sigstore_commands(
    downloads: Iterable[Download], signers: Iterable[Signer]
) -> Iterator[Command]:
    """The commands for a known identity; there are none for an unknown one."""
    download = _first(d for d in downloads if d.sigstore_url)
    signer = next((s for s in signers if s.identity), None)
    if download is None or signer is None:
        return
    lines = (
        f"curl --fail --remote-name {download.sigstore_url}",
        "python -m sigstore verify identity \\",
        f"  --bundle {download.name}.sigstore \\",
        f"  --cert-identity {signer.identity} \\",
        f"  --cert-oidc-issuer {signer.issuer} \\",
        f"  {download.name}",
    )
    yield Command("Any system", "Sigstore", "\n".join(lines))


def gpg_commands(downloads: Iterable[Download], signers: Iterable[Signer]) -> Iterator[Command]:
    """The commands for a known key; there are none for an unknown one."""
    download = _first(d for d in downloads if d.gpg_url)
    keys = [key.replace(" ", "") for signer in signers for key in signer.fingerprints]
    if download is None or not keys:
        return
    lines = (
        f"gpg --recv-keys {' '.join(keys)}",
        f"curl --fail --remote-name {download.gpg_url}",
        f"gpg --verify {download.gpg_url.rpartition('/')[2]} {download.name}",
    )
    yield Command("Any system", "GPG", "\n".join(lines))


def signature_notes(
    downloads: Iterable[Download], sigstore: tuple[Command, ...], gpg: tuple[Command, ...]
) -> Iterator[str]:
    """What is said of signatures for which there is no command."""
    shown = [d for d in downloads if not d.for_tools]
    signed = any(d.sigstore_url for d in shown)
    has_gpg = any(d.gpg_url for d in shown)
    if signed and not sigstore:
        yield "Sigstore: not checked, because no identity of the release manager is recorded."
    if has_gpg and not gpg:
        yield "GPG: not checked, because no key of the release manager is known."
    if not (signed or has_gpg):
        yield "No signature is recorded."


def _first(downloads: Iterable[Download]) -> Download | None:
    """The download of a button, or else any."""
    return min(downloads, key=lambda d: not d.button, default=None)


def sums(downloads: Iterable[Download]) -> str:
    """SHA256SUMS: a line for each file whose SHA-256 is recorded, by name."""
    known = sorted((d.name, d.sha256) for d in downloads if d.sha256)
    return "".join(f"{digest}  {name}\n" for name, digest in known)

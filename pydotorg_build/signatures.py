"""Who signed a downloaded file, by Sigstore and OpenPGP, without asking anybody.

The libraries are the extra `verify`.  Nobody is trusted but whom the content names: a signature by
another key is as bad as none.  What was downloaded may be forged, so whatever a library says while
it reads that means that it does not hold.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from pydotorg_build.content.release_files import Download
from pydotorg_build.content.verifying import Signer
from pydotorg_build.problems import Problem, Problems, Source

if TYPE_CHECKING:
    from pysequoia import Cert
    from sigstore.verify import Verifier

SIGSTORE, OPENPGP = "Sigstore", "OpenPGP"
NO_EXTRA = "install pydotorg[verify]"
# Two files with one such digest can be made by anybody who wants to.
BROKEN = ("MD5", "SHA1")


class Finding(msgspec.Struct, frozen=True):
    """The outcome of one check: `good`, `bad` or `not checked`, and why."""

    check: str
    outcome: str
    words: str


class Proofs(msgspec.Struct, frozen=True, kw_only=True):
    """Where somebody put what proves a file, if not beside it under its usual name.

    `trust_root` is Sigstore's, where a newer or another one is wanted than its library brings.
    """

    bundle: Path | None = None
    signature: Path | None = None
    keys: tuple[Path, ...] = ()
    trust_root: Path | None = None


BESIDE = Proofs()


def sigstore(
    file: Path,
    known: Download,
    signers: tuple[Signer, ...],
    proofs: Proofs = BESIDE,
) -> Finding:
    """Check the bundle of a file against the identities of who may have signed it."""
    bundle = _given_or_beside(proofs.bundle, file, ".sigstore")
    trusted = [signer for signer in signers if signer.identity]
    if obstacle := _obstacle(bundle, known.sigstore_url, trusted, signers):
        if known.sigstore_certificate_url and bundle is None:
            obstacle = "its signature and certificate lie apart, which needs the network"
        return Finding(SIGSTORE, "not checked", obstacle)
    assert bundle is not None
    try:
        verifier = _verifier(proofs.trust_root)
    except ModuleNotFoundError:
        return Finding(SIGSTORE, "not checked", NO_EXTRA)
    except OSError as error:  # it keeps its root of trust below the home folder
        return Finding(SIGSTORE, "not checked", f"no root of trust: {error}")
    return _by_any(verifier, file, bundle, trusted)


def _verifier(trust_root: Path | None) -> Verifier:
    """Trust what the given file says, else what the library brought or last fetched."""
    from sigstore.models import TrustedRoot
    from sigstore.verify import Verifier

    # It would warn that it asks nobody, which is what is wanted.
    logging.getLogger("sigstore").addHandler(logging.NullHandler())
    if trust_root is None:
        return Verifier.production(offline=True)
    try:
        return Verifier(trusted_root=TrustedRoot.from_file(str(trust_root)))
    except Exception as error:  # noqa: BLE001  it has no one error for a file that is none of its own
        hint = "give the `trusted_root.json` of a Sigstore instance"
        raise _wrong(trust_root, f"is no root of trust: {_first_line(error)}", hint) from None


def _by_any(verifier: Verifier, file: Path, bundle: Path, signers: list[Signer]) -> Finding:
    from sigstore.hashes import Hashed
    from sigstore.models import Bundle
    from sigstore.verify.policy import Identity
    from sigstore_models.common.v1 import HashAlgorithm

    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").digest()
    hashed = Hashed(algorithm=HashAlgorithm.SHA2_256, digest=digest)
    reasons = []
    for signer in signers:
        policy = Identity(identity=signer.identity, issuer=signer.issuer)
        try:
            verifier.verify_artifact(hashed, Bundle.from_json(bundle.read_bytes()), policy)
        except Exception as error:  # noqa: BLE001  see above: it does not hold
            reasons.append(f"not signed by {signer.identity}: {_first_line(error)}")
        else:
            return Finding(SIGSTORE, "good", f"signed by {signer.name} ({signer.identity})")
    return Finding(SIGSTORE, "bad", "; ".join(reasons))


def openpgp(
    file: Path,
    known: Download,
    signers: tuple[Signer, ...],
    proofs: Proofs = BESIDE,
) -> Finding:
    """Check the detached signature of a file by the keys given, if they are who may have signed."""
    signature = _given_or_beside(proofs.signature, file, ".asc")
    trusted = {key.replace(" ", ""): s for s in signers for key in s.fingerprints}
    if obstacle := _obstacle(signature, known.gpg_url, trusted, signers):
        return Finding(OPENPGP, "not checked", obstacle)
    assert signature is not None
    if not proofs.keys:
        return Finding(OPENPGP, "not checked", f"give the key {' or '.join(trusted)} with --key")
    try:
        certs = [cert for path in proofs.keys for cert in _keys(path)]
    except ModuleNotFoundError:
        return Finding(OPENPGP, "not checked", NO_EXTRA)
    ours = [cert for cert in certs if cert.fingerprint.upper() in trusted]
    if not ours:
        names = " or ".join(dict.fromkeys(signer.name for signer in trusted.values()))
        others = ", ".join(cert.fingerprint.upper() for cert in certs)
        return Finding(OPENPGP, "bad", f"the key given is not that of {names}: {others}")
    return _by_keys(file, signature, ours, trusted)


def _keys(path: Path) -> list[Cert]:
    from pysequoia import Cert

    hint = "give a file with an OpenPGP public key, as `gpg --export --armor` writes it"
    try:
        found = Cert.split_bytes(path.read_bytes())
    except OSError as error:
        raise _wrong(path, f"cannot be read: {error.strerror}", hint) from None
    except RuntimeError as error:
        raise _wrong(path, f"is no key: {_first_line(error)}", hint) from None
    if not found:
        raise _wrong(path, "has no key", hint)
    return list(found)


def _by_keys(file: Path, signature: Path, certs: list[Cert], owners: dict[str, Signer]) -> Finding:
    import pysequoia

    try:
        made = pysequoia.Sig.from_bytes(signature.read_bytes())
        algorithm = str(made.hash_algorithm).rpartition(".")[2]
        if algorithm in BROKEN:
            return Finding(OPENPGP, "not checked", f"a signature of {algorithm} proves nothing")
        found = pysequoia.verify(file=str(file), store=lambda _: certs, signature=made)
        key = found.valid_sigs[0].certificate.upper()
    except Exception as error:  # noqa: BLE001  see above: it does not hold
        return Finding(OPENPGP, "bad", _first_line(error))
    return Finding(OPENPGP, "good", f"signed by {owners[key].name} ({key})")


def _given_or_beside(given: Path | None, file: Path, suffix: str) -> Path | None:
    beside = file.with_name(file.name + suffix)
    if given is not None and not given.is_file():
        raise _wrong(given, "there is no such file")
    return given or (beside if beside.is_file() else None)


def _obstacle(
    proof: Path | None, url: str, trusted: Collection[object], signers: tuple[Signer, ...]
) -> str:
    """Why a signature cannot be checked; empty when it can."""
    if proof is None and not url:
        return "no signature is recorded for this file"
    if not trusted:
        names = " or ".join(signer.name for signer in signers) or "a release manager"
        return f"no key known of {names}"
    return "" if proof else f"its signature is not here, get it at {url}"


def _first_line(error: Exception) -> str:
    """What a library says went wrong, without its stack."""
    return str(error).partition("\n")[0].rstrip(".") or type(error).__name__


def _wrong(path: Path, message: str, hint: str = "") -> Problems:
    return Problems([Problem(Source(str(path)), message, hint)])

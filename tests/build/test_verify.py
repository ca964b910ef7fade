"""A downloaded file against the release data and its signatures, with the network out of reach."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from types import SimpleNamespace

import pysequoia
import pytest

from pydotorg_build.problems import Problems
from pydotorg_build.signatures import Finding, Proofs
from pydotorg_build.verify import is_genuine, verify
from tests.build.sigstore_instance import Instance

DATA = b"a tarball"
NAME = "Python-3.14.0.tar.xz"
SHA256 = hashlib.sha256(DATA).hexdigest()
RELEASE = f"""
-- content/releases/3.14/3.14.0.md --
---
version: 3.14.0
date: 2025-10-07
proofs: [sigstore, gpg]
files:
- {{name: {NAME}, size: 9, sha256: {SHA256}}}
- {{name: Python-3.14.0.tgz}}
---
-- content/series/3.14.md --
---
version: "3.14"
status: bugfix
first_release: 2025-10-07
release_managers: [Ada Lovelace]
---
"""
WHERE = f"https://www.python.org/ftp/python/3.14.0/{NAME}"
ADA, ISSUER = "ada@example.org", "https://id.example"
# Ends the process at the first attempt to reach anybody.
OFFLINE = """
import sys

def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto", "socket.gethostbyname"):
        raise SystemExit(f"the network was asked: {event} {arguments}")

sys.addaudithook(refuse)
for name in filter(None, sys.argv.pop(1).split(",")):
    sys.modules[name] = None
from pydotorg_build.cli import main
main()
"""


@pytest.fixture(scope="module")
def signers():
    """A release manager and somebody else, each with an OpenPGP key, and a Sigstore instance."""
    ada, eve = (pysequoia.Tsk.generate(user_id=name) for name in ("Ada", "Eve"))
    return SimpleNamespace(ada=ada, eve=eve, sigstore=Instance())


@pytest.fixture
def download(project, signers):
    """The published file, downloaded beside the content; Ada's key and identity are known."""
    fingerprint = signers.ada.extract_certificate().fingerprint.upper()
    project.write(
        f"{RELEASE}-- content/managers/managers.yaml --\n"
        f"- title: Ada Lovelace\n  evidence: https://www.python.org/\n"
        f"  sigstore_identity: {ADA}\n  sigstore_issuer: {ISSUER}\n"
        f"  openpgp: [{fingerprint}]\n"
    )
    file = project.root / NAME
    file.write_bytes(DATA)
    return file


def sign(file, key, data: bytes = DATA) -> None:
    """Put a detached signature beside a file."""
    made = pysequoia.sign(key.signer(), data, mode=pysequoia.SignatureMode.DETACHED)
    file.with_name(f"{file.name}.asc").write_bytes(made)


def key_file(project, name: str, key):
    path = project.root / name
    path.write_text(str(key.extract_certificate()))
    return path


def bundle(file, instance, identity: str = ADA, issuer: str = ISSUER, data: bytes = DATA):
    """Put a bundle beside a file and give the root of trust that goes with it."""
    file.with_name(f"{file.name}.sigstore").write_text(instance.bundle(data, identity, issuer))
    root = file.with_name("trusted_root.json")
    instance.write_trust_root(root)
    return root


def outcome(project, file, check: str, **proofs) -> Finding:
    findings = verify(file, project.root / "content", Proofs(**proofs))
    return next(finding for finding in findings if finding.check == check)


def run(project, *words: str, without: str = "") -> subprocess.CompletedProcess[str]:
    """Run `pydotorg verify` where the network, and the named libraries, are out of reach."""
    home = {"HOME": str(project.root / "home"), "XDG_CACHE_HOME": "", "XDG_DATA_HOME": ""}
    return subprocess.run(
        [sys.executable, "-c", OFFLINE, without, "verify", *words],
        cwd=project.root, capture_output=True, text=True, check=False, env={**os.environ, **home},
    )  # fmt: skip


# -- size and checksum


def test_a_file_as_it_was_published_is_good_and_its_signatures_are_not_claimed(project, download):
    found = verify(download, project.root / "content")

    assert found == [
        Finding("size", "good", "9 bytes"),
        Finding("sha256", "good", SHA256),
        Finding(
            "Sigstore", "not checked", f"its signature is not here, get it at {WHERE}.sigstore"
        ),
        Finding("OpenPGP", "not checked", f"its signature is not here, get it at {WHERE}.asc"),
    ]
    assert is_genuine(found)


def test_a_file_of_the_same_size_with_other_bytes_is_bad(project, download):
    download.write_bytes(b"a Tarball")

    found = verify(download, project.root / "content")

    assert [finding.outcome for finding in found[:2]] == ["good", "bad"]
    assert not is_genuine(found)


def test_a_file_without_a_checksum_is_not_called_genuine(project, download):
    file = download.with_name("Python-3.14.0.tgz")
    file.write_bytes(DATA)

    found = verify(file, project.root / "content")

    assert found[0] == Finding("checksum", "not checked", "none is recorded for this file")
    assert not is_genuine(found)


def test_an_unknown_file_is_told_with_the_nearest_names(project, download):
    file = download.with_name("Python-3.14.0.tga")
    file.write_bytes(DATA)

    with pytest.raises(Problems, match=r"did you mean `Python-3.14.0.tgz`"):
        verify(file, project.root / "content")


def test_a_release_that_cannot_be_read_is_told_and_not_left_out(project, download):
    path = project.root / "content" / "releases" / "3.14" / "3.14.0.md"
    path.write_text(path.read_text().replace("version: 3.14.0", "version: three"))

    with pytest.raises(Problems, match=r"3\.14\.0\.md: .*`version`"):
        verify(download, project.root / "content")


# -- OpenPGP


def test_a_signature_by_the_release_managers_key_is_good(project, download, signers):
    sign(download, signers.ada)

    found = outcome(project, download, "OpenPGP", keys=(key_file(project, "ada", signers.ada),))

    fingerprint = signers.ada.extract_certificate().fingerprint.upper()
    assert found == Finding("OpenPGP", "good", f"signed by Ada Lovelace ({fingerprint})")


def test_a_signature_of_other_bytes_is_bad(project, download, signers):
    sign(download, signers.ada, b"a Tarball")

    found = outcome(project, download, "OpenPGP", keys=(key_file(project, "ada", signers.ada),))

    words = "Signature verification failed: no valid signatures found"
    assert found == Finding("OpenPGP", "bad", words)


def test_a_signature_by_another_key_is_bad(project, download, signers):
    sign(download, signers.eve)

    found = outcome(project, download, "OpenPGP", keys=(key_file(project, "ada", signers.ada),))

    assert found.outcome == "bad"


def test_a_key_that_is_not_the_release_managers_is_bad_whatever_it_signed(
    project, download, signers
):
    sign(download, signers.eve)

    found = outcome(project, download, "OpenPGP", keys=(key_file(project, "eve", signers.eve),))

    fingerprint = signers.eve.extract_certificate().fingerprint.upper()
    words = f"the key given is not that of Ada Lovelace: {fingerprint}"
    assert found == Finding("OpenPGP", "bad", words)


def test_a_signature_without_a_key_asks_for_the_key_by_its_fingerprint(project, download, signers):
    sign(download, signers.ada)

    found = outcome(project, download, "OpenPGP")

    fingerprint = signers.ada.extract_certificate().fingerprint.upper()
    assert found == Finding("OpenPGP", "not checked", f"give the key {fingerprint} with --key")


def test_a_file_that_is_no_signature_is_bad(project, download, signers):
    download.with_name(f"{NAME}.asc").write_text("<title>Not found</title>")

    found = outcome(project, download, "OpenPGP", keys=(key_file(project, "ada", signers.ada),))

    assert found.outcome == "bad"


def test_a_file_that_is_no_key_is_told(project, download, signers):
    sign(download, signers.ada)
    (project.root / "key").write_text("not a key")

    with pytest.raises(Problems, match="gpg --export --armor"):
        outcome(project, download, "OpenPGP", keys=(project.root / "key",))


@pytest.mark.skipif(not shutil.which("gpg"), reason="only gpg makes such old signatures")
def test_gpg_made_signatures_are_read_and_those_of_a_broken_digest_prove_nothing(
    project, download, tmp_path_factory
):
    home = tmp_path_factory.mktemp("gpg")
    gpg = ["gpg", "--homedir", str(home), "--batch", "--quiet", "--passphrase", ""]

    def do(*words: str) -> bytes:
        return subprocess.run([*gpg, *words], capture_output=True, check=True).stdout

    do("--quick-generate-key", "Ada <ada@example.org>", "rsa2048", "sign")
    (project.root / "key").write_bytes(do("--export", "--armor"))
    listed = do("--list-keys", "--with-colons").decode().splitlines()
    fingerprint = next(line for line in listed if line.startswith("fpr")).split(":")[9]
    project.write(
        "-- content/managers/managers.yaml --\n- title: Ada Lovelace\n"
        f"  evidence: https://www.python.org/\n  openpgp: [{fingerprint}]\n"
    )
    keys = (project.root / "key",)

    do("--detach-sign", "--armor", str(download))
    good = outcome(project, download, "OpenPGP", keys=keys)
    do("--yes", "--digest-algo", "SHA1", "--detach-sign", "--armor", str(download))
    weak = outcome(project, download, "OpenPGP", keys=keys)

    assert good == Finding("OpenPGP", "good", f"signed by Ada Lovelace ({fingerprint})")
    assert weak == Finding("OpenPGP", "not checked", "a signature of SHA1 proves nothing")


# -- Sigstore


def test_a_bundle_of_the_release_managers_identity_is_good(project, download, signers):
    root = bundle(download, signers.sigstore)

    found = outcome(project, download, "Sigstore", trust_root=root)

    assert found == Finding("Sigstore", "good", f"signed by Ada Lovelace ({ADA})")


def test_a_bundle_may_lie_anywhere(project, download, signers):
    root = bundle(download, signers.sigstore)
    elsewhere = project.root / "elsewhere.json"
    download.with_name(f"{NAME}.sigstore").rename(elsewhere)

    found = outcome(project, download, "Sigstore", trust_root=root, bundle=elsewhere)

    assert found.outcome == "good"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"data": b"a Tarball"}, "Bundle message digest mismatch"),
        ({"identity": "eve@example.org"}, "Certificate's SANs do not match"),
        ({"issuer": "https://other.example"}, "Certificate's OIDCIssuer does not match"),
    ],
)
def test_a_bundle_of_other_bytes_another_person_or_issuer_is_bad(
    project, download, signers, change, words
):
    root = bundle(download, signers.sigstore, **change)

    found = outcome(project, download, "Sigstore", trust_root=root)

    assert found.outcome == "bad"
    assert found.words.startswith(f"not signed by {ADA}: {words}")


def test_a_bundle_of_another_instance_is_bad(project, download, signers):
    bundle(download, signers.sigstore)
    Instance().write_trust_root(project.root / "other.json")

    found = outcome(project, download, "Sigstore", trust_root=project.root / "other.json")

    assert found.outcome == "bad"


@pytest.mark.parametrize("text", ["", "<title>Not found</title>", "{}", '{"mediaType": 1}'])
def test_a_file_that_is_no_bundle_is_bad(project, download, signers, text):
    root = bundle(download, signers.sigstore)
    download.with_name(f"{NAME}.sigstore").write_text(text)

    assert outcome(project, download, "Sigstore", trust_root=root).outcome == "bad"


def test_a_file_that_is_no_root_of_trust_is_told(project, download, signers):
    root = bundle(download, signers.sigstore)
    root.write_text("{}")

    with pytest.raises(Problems, match=r"trusted_root\.json"):
        outcome(project, download, "Sigstore", trust_root=root)


@pytest.mark.parametrize("check", ["Sigstore", "OpenPGP"])
def test_nobody_is_trusted_whom_the_content_does_not_name(project, download, signers, check):
    project.write("-- content/managers/managers.yaml --\n- title: Ada Lovelace\n")
    sign(download, signers.eve)
    root = bundle(download, signers.sigstore, identity="eve@example.org")

    keys = (key_file(project, "eve", signers.eve),)
    found = outcome(project, download, check, trust_root=root, keys=keys)

    assert found == Finding(check, "not checked", "no key known of Ada Lovelace")


# -- the command, with the network out of reach


@pytest.mark.row("S084")
def test_the_command_checks_everything_without_the_network(project, download, signers):
    root = bundle(download, signers.sigstore)
    sign(download, signers.ada)
    key_file(project, "ada.asc", signers.ada)

    done = run(project, NAME, "--key", "ada.asc", "--trust-root", root.name)

    fingerprint = signers.ada.extract_certificate().fingerprint.upper()
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        f"{NAME}: size: good: 9 bytes",
        f"{NAME}: sha256: good: {SHA256}",
        f"{NAME}: Sigstore: good: signed by Ada Lovelace ({ADA})",
        f"{NAME}: OpenPGP: good: signed by Ada Lovelace ({fingerprint})",
    ]


def test_the_command_has_a_root_of_trust_of_its_own_and_says_what_to_do(project, download, signers):
    bundle(download, signers.sigstore)

    done = run(project, NAME)

    assert done.returncode == 1
    assert f"{NAME}: Sigstore: bad: not signed by {ADA}: " in done.stdout
    assert "certificate chain" in done.stdout
    assert done.stderr == f"{NAME}: do not run it: it is not shown to be genuine\n"


def test_without_the_extra_the_checksum_is_checked_and_the_extra_named(project, download, signers):
    bundle(download, signers.sigstore)
    sign(download, signers.ada)
    key_file(project, "ada.asc", signers.ada)

    done = run(project, NAME, "--key", "ada.asc", without="sigstore,pysequoia")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[2:] == [
        f"{NAME}: Sigstore: not checked: install pydotorg[verify]",
        f"{NAME}: OpenPGP: not checked: install pydotorg[verify]",
    ]


@pytest.mark.parametrize(
    "words",
    [
        ["nothing.tgz"],
        ["build.toml"],
        [NAME, NAME, "--bundle", "build.toml"],
        [NAME, "--bundle", "nothing"],
        [NAME, "--key", "nothing"],
    ],
)
def test_an_unknown_file_and_wrong_use_end_with_2(project, download, signers, words):
    sign(download, signers.ada)

    done = run(project, *words)

    assert done.returncode == 2
    assert "Traceback" not in done.stderr

"""A Sigstore instance in a test: its authority, its logs, and bundles that they vouch for.

Nothing of Sigstore is replaced: certificates, promises and proofs are real ones, by keys made here.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import struct
from base64 import b64encode
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NOW = datetime.datetime(2026, 11, 25, 12, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)
ISSUER = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.1")
PROMISES = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")
SHA256 = ec.ECDSA(hashes.SHA256())
DER, PEM = serialization.Encoding.DER, serialization.Encoding.PEM
SPKI = serialization.PublicFormat.SubjectPublicKeyInfo


def text(data: bytes) -> str:
    return b64encode(data).decode()


def key_id(key: ec.EllipticCurvePrivateKey) -> bytes:
    return hashlib.sha256(key.public_key().public_bytes(DER, SPKI)).digest()


class Instance:
    """An authority for certificates, a log of them, and a log of signatures."""

    def __init__(self) -> None:
        self.authority, self.certificates, self.signatures = (
            ec.generate_private_key(ec.SECP256R1()) for _ in range(3)
        )
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority")])
        signing = x509.KeyUsage(
            digital_signature=False, content_commitment=False, key_encipherment=False,
            data_encipherment=False, key_agreement=False, key_cert_sign=True, crl_sign=True,
            encipher_only=False, decipher_only=False,
        )  # fmt: skip
        key = self.authority.public_key()
        self.root = (
            self._certificate(key, self.name, 24 * HOUR)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(signing, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .sign(self.authority, hashes.SHA256())
        )

    def _certificate(self, key, name: x509.Name, life: datetime.timedelta):
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self.name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW - life)
            .not_valid_after(NOW + life)
        )

    def write_trust_root(self, path: Path) -> None:
        """Write what somebody must have to believe this instance and nobody else."""
        since = {"start": "2026-01-01T00:00:00Z"}

        def log(key):
            public = {
                "rawBytes": text(key.public_key().public_bytes(DER, SPKI)),
                "keyDetails": "PKIX_ECDSA_P256_SHA_256",
                "validFor": since,
            }
            return {
                "baseUrl": "https://log.example",
                "hashAlgorithm": "SHA2_256",
                "publicKey": public,
                "logId": {"keyId": text(key_id(key))},
            }

        authority = {
            "subject": {"organization": "example", "commonName": "authority"},
            "uri": "https://authority.example",
            "certChain": {"certificates": [{"rawBytes": text(self.root.public_bytes(DER))}]},
            "validFor": since,
        }
        trusted = {
            "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
            "tlogs": [log(self.signatures)],
            "certificateAuthorities": [authority],
            "ctlogs": [log(self.certificates)],
            "timestampAuthorities": [],
        }
        path.write_text(json.dumps(trusted))

    def bundle(self, data: bytes, identity: str, issuer: str) -> str:
        """Sign some data as somebody whom `issuer` vouches for."""
        key = ec.generate_private_key(ec.SECP256R1())
        leaf = self._leaf(key, identity, issuer)
        signature = key.sign(data, SHA256)
        entry = self._entry(leaf, signature, hashlib.sha256(data).hexdigest())
        material = {
            "certificate": {"rawBytes": text(leaf.public_bytes(DER))},
            "tlogEntries": [entry],
        }
        signed = {
            "messageDigest": {
                "algorithm": "SHA2_256",
                "digest": text(hashlib.sha256(data).digest()),
            },
            "signature": text(signature),
        }
        kind = "application/vnd.dev.sigstore.bundle.v0.3+json"
        return json.dumps(
            {"mediaType": kind, "verificationMaterial": material, "messageSignature": signed}
        )

    def _leaf(self, key, identity: str, issuer: str) -> x509.Certificate:
        """A certificate with the promise of the log of certificates inside."""
        usage = x509.KeyUsage(
            digital_signature=True, content_commitment=False, key_encipherment=False,
            data_encipherment=False, key_agreement=False, key_cert_sign=False, crl_sign=False,
            encipher_only=False, decipher_only=False,
        )  # fmt: skip
        authority = self.authority.public_key()
        draft = (
            self._certificate(key.public_key(), x509.Name([]), HOUR)
            .add_extension(x509.SubjectAlternativeName([x509.RFC822Name(identity)]), critical=True)
            .add_extension(x509.UnrecognizedExtension(ISSUER, issuer.encode()), critical=False)
            .add_extension(usage, critical=True)
            .add_extension(
                x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=False
            )
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(authority), critical=False
            )
        )
        told = draft.sign(self.authority, hashes.SHA256()).tbs_certificate_bytes
        promise = x509.UnrecognizedExtension(PROMISES, self._promise(told))
        return draft.add_extension(promise, critical=False).sign(self.authority, hashes.SHA256())

    def _promise(self, told: bytes) -> bytes:
        """A signed certificate timestamp, as RFC 6962 lays it out."""
        moment = int(NOW.timestamp() * 1000)
        length = len(told).to_bytes(3, "big")
        entry = key_id(self.authority) + length + told
        signed = self.certificates.sign(
            struct.pack("!BBQH", 0, 0, moment, 1) + entry + b"\0\0", SHA256
        )
        one = struct.pack("!B32sQHBBH", 0, key_id(self.certificates), moment, 0, 4, 3, len(signed))
        one += signed
        listed = struct.pack("!HH", len(one) + 2, len(one)) + one
        return bytes((0x04, len(listed))) + listed  # an octet string, always below 128 bytes

    def _entry(self, leaf: x509.Certificate, signature: bytes, digest: str) -> dict:
        """The line of the log of signatures, which has only this one, and its proofs."""
        public = {"content": text(leaf.public_bytes(PEM))}
        spec = {
            "data": {"hash": {"algorithm": "sha256", "value": digest}},
            "signature": {"content": text(signature), "publicKey": public},
        }
        line = {"apiVersion": "0.0.1", "kind": "hashedrekord", "spec": spec}
        body = json.dumps(line, separators=(",", ":"), sort_keys=True).encode()
        log, moment = key_id(self.signatures), int(NOW.timestamp())
        root = hashlib.sha256(b"\0" + body).digest()
        note = f"log.example\n1\n{text(root)}\n"
        seal = log[:4] + self.signatures.sign(note.encode(), SHA256)
        promised = {"body": text(body), "integratedTime": moment, "logID": log.hex(), "logIndex": 0}
        promise = json.dumps(promised, separators=(",", ":"), sort_keys=True).encode()
        return {
            "logIndex": "0",
            "logId": {"keyId": text(log)},
            "kindVersion": {"kind": "hashedrekord", "version": "0.0.1"},
            "integratedTime": str(moment),
            "inclusionPromise": {
                "signedEntryTimestamp": text(self.signatures.sign(promise, SHA256))
            },
            "inclusionProof": {
                "logIndex": "0",
                "rootHash": text(root),
                "treeSize": "1",
                "hashes": [],
                "checkpoint": {"envelope": f"{note}\n\u2014 log.example {text(seal)}\n"},
            },
            "canonicalizedBody": text(body),
        }

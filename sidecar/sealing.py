"""Texts that only the sidecar can read or make: sealed with keys derived from the settings' secret.

Each key is for one purpose, and each text is bound to what it belongs to: the sealed secret of one
account opens for no other.  Whoever has the database, or a backup of it, but not the secret, has
nothing.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from enum import StrEnum
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE = 12
# Hexadecimal digits: 128 bits.
MARK = 32


class Use(StrEnum):
    """What a key is for; another word is another key."""

    FACTORS = "second factors"
    ENROLMENT = "enrolment of a second factor"
    CHALLENGES = "challenges of passkeys"
    FORMS = "tokens of forms"
    API_TOKENS = "tokens of programs"
    PICTURES = "looking at pictures that nobody has approved"
    POSTERS = "looking at posters of what nobody has approved"
    UNSUBSCRIBING = "links that end letters to many"
    STAMPS = "work that a browser does for a form"
    DRAFTS = "going on with a form that is kept"
    SENT = "mending an address that nobody has confirmed"
    PROVIDERS = "the way to another site and back"


class Unreadable(Exception):
    """What was given was sealed with another secret, for something else, or was changed."""


@cache
def key_for(secret: str, use: Use) -> bytes:
    """A key of its own, derived from the secret of the settings."""
    return HKDF(SHA256(), length=32, salt=None, info=use.value.encode()).derive(secret.encode())


def seal(secret: str, use: Use, belongs_to: str, text: str) -> str:
    """Seal a text so that it opens for `belongs_to` alone."""
    nonce = secrets.token_bytes(NONCE)
    sealed = AESGCM(key_for(secret, use)).encrypt(nonce, text.encode(), belongs_to.encode())
    return base64.urlsafe_b64encode(nonce + sealed).decode()


def unseal(secret: str, use: Use, belongs_to: str, sealed: str) -> str:
    """Open what was sealed, or raise `Unreadable`."""
    try:
        raw = base64.urlsafe_b64decode(sealed)
        box = AESGCM(key_for(secret, use))
        return box.decrypt(raw[:NONCE], raw[NONCE:], belongs_to.encode()).decode()
    except (ValueError, InvalidTag) as error:
        raise Unreadable from error


def digest(secret: str, use: Use, text: str) -> str:
    """What is kept of a text that need only be recognised."""
    return hmac.new(key_for(secret, use), text.encode(), hashlib.sha256).hexdigest()


def sign(secret: str, use: Use, words: str) -> str:
    """Words that anybody can read, and that only we can have written for this use."""
    return f"{words}.{digest(secret, use, words)[:MARK]}"


def signed_words(secret: str, use: Use, signed: str) -> str:
    """The words that were signed for a use; empty where they were not."""
    words = signed.rpartition(".")[0]
    # Not every text that a stranger sends can be written as bytes.
    is_ours = hmac.compare_digest(
        sign(secret, use, words.encode("utf-8", "replace").decode()).encode(),
        signed.encode("utf-8", "replace"),
    )
    return words if is_ours else ""

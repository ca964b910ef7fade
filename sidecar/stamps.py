"""Stamps: a second of work that a browser does for a form, so that many forms cost many seconds.

The page gives a text of ours, static/js/stamp.js looks for a number that goes with it, and a stamp
counts once.  A form without one is taken too: from one network so many an hour.
"""

from __future__ import annotations

import datetime
import hashlib
import secrets

from litestar.exceptions import TooManyRequestsException

from sidecar.clock import DAY, HOUR, now
from sidecar.database import Database
from sidecar.limits import count
from sidecar.sealing import Use, sign, signed_words
from sidecar.settings import Settings

BITS = 16  # 65,000 tries, which take a browser about a second
LASTS = datetime.timedelta(days=1)
WITHOUT = 20


def challenge(settings: Settings) -> str:
    """A text for one form."""
    words = f"{int(now().timestamp())}.{secrets.token_urlsafe(9)}"
    return sign(settings.secret, Use.STAMPS, words)


def is_good(settings: Settings, stamp: str) -> bool:
    """Was the work done, for a text of ours that is not too old?"""
    words = signed_words(settings.secret, Use.STAMPS, stamp.rpartition(".")[0])
    if not words:
        return False
    began = datetime.datetime.fromtimestamp(int(words.partition(".")[0]), datetime.UTC)
    return now() - began < LASTS and zeros(stamp) >= BITS


def zeros(stamp: str) -> int:
    """How many zeros the digest of a stamp begins with, in bits.

    >>> zeros("python.22")
    3
    """
    whole = hashlib.sha256(stamp.encode("utf-8", "replace")).digest()
    return 256 - int.from_bytes(whole, "big").bit_length()


async def ask_for(db: Database, settings: Settings, stamp: str, network: str) -> None:
    """Take a stamp; without a new one, raise 429 where a network sent too many forms."""
    if is_good(settings, stamp):
        try:
            await count(db, f"stamp {stamp.rpartition('.')[0]}", most=1, seconds=DAY)
        except TooManyRequestsException:
            pass  # it was used, as by a second click
        else:
            return
    await count(db, f"without stamp {network}", most=WITHOUT, seconds=HOUR)

"""The rule by which downloads are counted, in the memory of one process.

The first request for a file from an address counts, and no other within the minute after it, if it
is a GET that a person or a program made to have the file:

- not HEAD, and not the continuation of a download (a Range that does not begin at 0);
- not a browser's guess at what will be wanted (prefetch, preview);
- not a robot by what it calls itself, nor what does not say what it is.

An address is never kept.  What is remembered for the minute is an HMAC of file and address, with a
key that is made by chance, known to this process alone, and another every day.  One household or
server of IPv6 has a whole network, and counts as one.
"""

from __future__ import annotations

import hmac
import re
import secrets
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from typing import NamedTuple

from sidecar.clients import household
from sidecar.clock import DAY

AGAIN = 60  # seconds
# More are never remembered; then the one that was counted first may count again too soon.
MOST = 1_000_000
# CUBOT makes telephones.
ROBOT = re.compile(
    r"(?<!cu)bot\b|bot[/_;-]|crawl|spider|slurp|scrap|preview|headless|monitor|uptime|pingdom"
    r"|validator|link.?check|externalhit|archive\.org|lighthouse|embedly",
    re.IGNORECASE,
)
GUESSES = (b"purpose", b"sec-purpose", b"x-purpose", b"x-moz")
GUESSED = (b"prefetch", b"preview", b"prerender")


class Counted(NamedTuple):
    """What a number is of: the day since 1970, the file, and the country if it is known."""

    day: int
    path: str
    country: str


def qualifies(method: str, headers: Mapping[bytes, bytes]) -> bool:
    """Is a request one that counts, but for what was counted before?"""
    if method != "GET":
        return False
    if not headers.get(b"range", b"bytes=0-").replace(b" ", b"").startswith(b"bytes=0-"):
        return False
    agent = headers.get(b"user-agent", b"").decode("latin-1")
    if not agent or ROBOT.search(agent):
        return False
    return not any(word in headers.get(name, b"").lower() for name in GUESSES for word in GUESSED)


class Tally:
    """What one process counted, until it is written down."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, today: Callable[[], float] = time.time
    ) -> None:
        self._clock, self._today = clock, today
        self._seen: OrderedDict[bytes, float] = OrderedDict()
        self._counts: Counter[Counted] = Counter()
        self._day, self._key = 0, b""

    def count(self, path: str, address: str, country: str = "") -> bool:
        """Count a request that qualifies, unless its like was counted within the minute before."""
        now, day = self._clock(), int(self._today() // DAY)
        if day != self._day:
            self._day, self._key = day, secrets.token_bytes(32)
            self._seen.clear()
        self._forget(now)
        text = f"{path}\0{household(address)}".encode()
        mark = hmac.digest(self._key, text, "sha256")[:12]
        if mark in self._seen:
            return False
        self._seen[mark] = now
        self._counts[Counted(day, path, country)] += 1
        return True

    def _forget(self, now: float) -> None:
        """Forget what was counted over a minute ago; it stands in the order of counting."""
        seen = self._seen
        while seen and (len(seen) >= MOST or now - next(iter(seen.values())) >= AGAIN):
            seen.popitem(last=False)

    def take(self) -> Counter[Counted]:
        """What was counted since the last time; it is the taker's to keep."""
        taken, self._counts = self._counts, Counter()
        return taken

    def give_back(self, counts: Counter[Counted]) -> None:
        """What could not be written down is counted with what comes."""
        self._counts.update(counts)

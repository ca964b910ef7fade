"""How often somebody may ask: a number a minute for each kind of address, more for whoever is known.

Counted in the memory of each process, so that reading costs no write.  What must hold over all
processes (sign-in, mail, what is handed in) is counted in the database besides, by limits.py.

A span of a minute begins with the first question, so at most twice the number fits into any minute.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from litestar.connection import ASGIConnection
from litestar.exceptions import TooManyRequestsException
from litestar.handlers import BaseRouteHandler

from sidecar.clients import SAFE, asking, household
from sidecar.permissions import Actor, Permission, actor_of

MINUTE = 60
# More are never remembered; the one that was quiet for longest is forgotten first.
MOST_COUNTS = 50_000
KNOWN, STAFF = 4, 20


class Rate(Enum):
    """The kinds of addresses: how often a minute somebody unknown may ask."""

    SIGN_IN = 5
    SUBMIT = 20
    API = 60
    READ = 120


@dataclass(slots=True)
class Count:
    """How often somebody asked since a moment."""

    began: float
    asked: int = 0


@dataclass(frozen=True)
class Standing:
    """What is left to somebody: of how many, how many more, and in how many seconds all again."""

    limit: int
    left: int
    seconds: int
    is_over: bool

    @property
    def headers(self) -> dict[str, str]:
        """For the answer; a program reads there when to slow down."""
        found = {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.left),
            "RateLimit-Reset": str(self.seconds),
        }
        return found | ({"Retry-After": str(self.seconds)} if self.is_over else {})


class Rates:
    """The counts of one process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._counts: OrderedDict[tuple[str, str], Count] = OrderedDict()

    def ask(self, kind: str, who: str, limit: int) -> Standing:
        """Count one question; what is over the limit is not counted, so it costs nothing."""
        now = self._clock()
        count = self._counts.setdefault((kind, who), Count(now))
        self._counts.move_to_end((kind, who))
        if now - count.began >= MINUTE:
            count.began, count.asked = now, 0
        is_over = count.asked >= limit
        count.asked += not is_over
        if len(self._counts) > MOST_COUNTS:
            self._counts.popitem(last=False)
        left = math.ceil(count.began + MINUTE - now)
        return Standing(limit, limit - count.asked, max(1, left), is_over)


async def enforce_rate(
    connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
) -> None:
    """A guard of the whole application; `rate=None` at a route leaves it out."""
    method = str(connection.scope.get("method", "GET"))
    rate = handler.opt.get("rate", usual(method, connection.scope["path"]))
    if rate is None:
        return
    actor = actor_of(connection)
    who = f"user {actor.user}" if actor.is_known else household(asking(connection))
    standing = connection.app.state.rates.ask(rate.name, who, rate.value * factor(actor))
    connection.scope["state"]["standing"] = standing
    if standing.is_over:
        seconds = standing.seconds
        raise TooManyRequestsException(
            f"You asked too often. Try again in {seconds} second{'s' * (seconds != 1)}.",
            headers=standing.headers,
        )


def usual(method: str, path: str) -> Rate:
    """The kind of an address that names none."""
    if path.startswith("/api/"):
        return Rate.API
    return Rate.READ if method in SAFE else Rate.SUBMIT


def factor(actor: Actor) -> int:
    """How many times more than somebody unknown."""
    if actor.may(Permission.ADMIN):
        return STAFF
    return KNOWN if actor.is_known else 1

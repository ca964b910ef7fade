"""What staff open and close while the sidecar runs: the whole for writing, or one part of it.

A closed part still shows its pages; what would change something is answered with 503, the words
that staff left, and when to come back.  A switch is read from the database at each such request,
so it counts in all processes at once.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from litestar.connection import ASGIConnection
from litestar.exceptions import ServiceUnavailableException
from litestar.handlers import BaseRouteHandler
from sqlalchemy import Connection, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from sidecar.audit import note
from sidecar.clients import SAFE
from sidecar.clock import now
from sidecar.permissions import Actor
from sidecar.tables.work import Flag

# How long to wait, in seconds, where staff did not say until when.
WAIT = 600


@dataclass(frozen=True)
class Switch:
    """A part that can be closed: the addresses it has, and those below them that stay open."""

    name: str
    title: str
    about: str
    words: str
    below: tuple[str, ...]
    but: tuple[str, ...] = ()


SWITCHES = (
    Switch(
        "maintenance", "Maintenance",
        "Nothing can be changed anywhere. Pages can be read, and staff can sign in and end it here.",
        "The site is being worked on, and nothing can be changed for the moment. What you typed is "
        "still in your browser: go back, and send it again later.",
        ("/",), ("/account/sign-in", "/account/sign-out", "/account/step-up", "/admin/settings/"),
    ),
    Switch(
        "registration", "New accounts", "Nobody can register. Those who have an account sign in.",
        "New accounts cannot be made at the moment.", ("/account/register",),
    ),
    Switch(
        "submissions", "Handing in", "Nothing can be handed in or corrected, with or without an account.",
        "Nothing can be handed in at the moment. What you typed is still in your browser: go back, "
        "and send it again later.",
        ("/submit/", "/nominate/"),
    ),
    Switch(
        "api", "Changes by programs", "The API only reads.",
        "The API only reads at the moment.", ("/api/",),
    ),
)  # fmt: skip
BY_NAME = {switch.name: switch for switch in SWITCHES}
# Made once, and without a list that is filled in each time, since every request that changes something asks so.
ROWS = select(Flag.name, Flag.value).where(or_(*(Flag.name == name for name in BY_NAME)))


class Closed(NamedTuple):
    """A switch that is closed: what is said, and until when, if that is known."""

    switch: Switch
    words: str
    until: datetime.datetime | None

    @property
    def said(self) -> str:
        """What whoever sends something is told, and when to come back, if that is known."""
        if self.until is None:
            return self.words
        end = "" if self.words.endswith((".", "!", "?")) else "."
        return f"{self.words}{end} It opens again on {self.until:%-d %B %Y at %H:%M} UTC."

    @property
    def seconds(self) -> int:
        left = (self.until - now()).total_seconds() if self.until else WAIT
        return max(1, math.ceil(left))


def closed(db: Connection) -> dict[str, Closed]:
    """The switches that are closed now, by name.  One whose time is over is open again."""
    found = (closed_of(name, value) for name, value in db.execute(ROWS))
    return {one.switch.name: one for one in found if one}


def look_along(connection: ASGIConnection[Any, Any, Any, Any], db: Connection) -> None:
    """Read what is closed, along with who asks, where that will be asked for."""
    if connection.scope.get("method") not in SAFE:
        connection.scope["state"]["closed"] = closed(db)


def closed_of(name: str, value: Mapping[str, Any]) -> Closed | None:
    """What a row says, if it closes something."""
    switch = BY_NAME[name]
    until = datetime.datetime.fromisoformat(value["until"]) if value.get("until") else None
    if not value.get("closed") or (until and until <= now()):
        return None
    return Closed(switch, value.get("words") or switch.words, until)


def what_stops(method: str, path: str, shut: Iterable[Closed]) -> Closed | None:
    """Which of the closed switches stops a request; reading is never stopped."""
    if method in SAFE:
        return None
    return next((one for one in shut if is_in(path, one.switch)), None)


def is_in(path: str, switch: Switch) -> bool:
    """Does an address belong to what a switch closes?"""
    return path.startswith(switch.below) and not path.startswith(switch.but)


async def enforce_open(
    connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
) -> None:
    """A guard of the whole application."""
    method = str(connection.scope.get("method", "GET"))
    if method in SAFE:
        return
    shut = connection.scope["state"].get("closed")
    if shut is None:  # nobody was looked up
        shut = await connection.app.state.db.look(closed)
    if one := what_stops(method, str(connection.scope["path"]), shut.values()):
        raise ServiceUnavailableException(one.said, headers={"Retry-After": str(one.seconds)})


async def turn(
    tx: AsyncSession, actor: Actor, name: str, *, close: bool, words: str = "",
    until: datetime.datetime | None = None,
) -> None:  # fmt: skip
    """Close or open a switch, and write down who did."""
    row = await tx.get(Flag, name)
    before = closed_of(name, row.value) if row else None
    row = row or Flag(name=name, value={})
    tx.add(row)
    row.changed_by = actor.user
    row.value = {
        "closed": close, "words": words.strip(), "until": until.isoformat() if until else "",
    }  # fmt: skip
    changes = {"closed": (bool(before), close), "until": (before.until if before else None, until)}
    await note(tx, actor, f"{name} {'closed' if close else 'opened'}", f"flags/{name}", changes)

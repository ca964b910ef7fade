"""Elections as the sidecar knows them: from a file of the built site, with the builder's own states.

    election = find(settings.site, "2027-board")
    refuse_outside(election, now())            # Refused, with the dates

An editor changes a date in content/; the next build writes the file, and the sidecar follows.
"""

from __future__ import annotations

import datetime
from pathlib import Path

import msgspec

from pydotorg_build.content import elections
from pydotorg_build.content.elections import OPEN, ElectionCard, State
from pydotorg_build.site import seconds
from sidecar.workflow import Refused


class File(msgspec.Struct, frozen=True):
    """What the built site tells of its elections."""

    elections: tuple[ElectionCard, ...] = ()


def known(site: str) -> tuple[ElectionCard, ...]:
    """All elections of the site that is served; none where there is no site."""
    path = Path(site) / elections.FILE.removeprefix("/")
    try:
        return msgspec.json.decode(path.read_bytes(), type=File).elections
    except (OSError, msgspec.DecodeError):
        return ()


def find(site: str, name: str) -> ElectionCard | None:
    """One election."""
    return next((one for one in known(site) if one.id == name), None)


def state_of(election: ElectionCard, at: datetime.datetime) -> State:
    """How far an election is at a moment."""
    return elections.state_of(election, lambda moment: seconds(moment) <= at.timestamp())


def is_open(election: ElectionCard, at: datetime.datetime) -> bool:
    """May one be nominated, and answer?"""
    return state_of(election, at) is OPEN


def refuse_outside(election: ElectionCard, at: datetime.datetime) -> None:
    """Raise Refused, which tells the dates, unless nominations are open."""
    if not is_open(election, at):
        raise Refused(window_of(election, at))


def window_of(election: ElectionCard, at: datetime.datetime) -> str:
    """When nominations are open, or were by a moment, as a sentence.

    >>> day = datetime.datetime(2027, 6, 1, tzinfo=datetime.UTC)
    >>> window_of(ElectionCard(id="b", title="Board", url="/", year=2027, kind="board",
    ...                        nominations_open=day, nominations_close=day.replace(day=15)), day)
    'Nominations are open from 1 June 2027, 00:00 UTC until 15 June 2027, 00:00 UTC.'
    """
    begin, end = election.nominations_open, election.nominations_close
    if begin is None or end is None:
        return "It is not known yet when nominations are open."
    word = "are" if at < end else "were"
    return f"Nominations {word} open from {moment(begin)} until {moment(end)}."


def moment(at: datetime.datetime) -> str:
    """A moment as a person reads it."""
    at = at.astimezone(datetime.UTC)
    return f"{at.day} {at:%B %Y, %H:%M} UTC"

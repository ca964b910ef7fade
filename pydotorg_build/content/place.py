"""Where a job or an event is, as lists and pages say it."""

from __future__ import annotations

import msgspec


def said_once(*parts: str) -> tuple[str, ...]:
    """The parts of a place without those that only repeat how the one before ends.

    >>> said_once("Rathaus, Köln", "", "Köln", "Germany"), said_once("Singapore", "Singapore")
    (('Rathaus, Köln', 'Germany'), ('Singapore',))
    >>> said_once("Rathaus, Köln, Germany", "Köln", "Germany")
    ('Rathaus, Köln, Germany',)
    """
    rest = [part for part in parts if part]
    kept = rest[:1]
    rest = rest[1:]
    while rest:
        said = _pieces(", ".join(kept))
        ends = (n for n in range(len(rest), 0, -1) if _ends(said, _pieces(", ".join(rest[:n]))))
        repeated = next(ends, 0)
        kept += [] if repeated else rest[:1]
        rest = rest[repeated or 1 :]
    return tuple(kept)


def _pieces(text: str) -> list[str]:
    return [piece.strip().casefold() for piece in text.split(",")]


def _ends(said: list[str], pieces: list[str]) -> bool:
    return said[-len(pieces) :] == pieces


class Place(msgspec.Struct, frozen=True):
    """A place from the small to the large; `beside` goes on in our own words.

    Templates keep the parts apart (`macros/places.html`): two names that are written from right to
    left would else be read as one, the second first.

    >>> str(Place(("Lisboa", "Portugal"), " or remote")), str(Place((), "Online"))
    ('Lisboa, Portugal or remote', 'Online')
    """

    parts: tuple[str, ...] = ()
    beside: str = ""

    def __str__(self) -> str:
        return ", ".join(self.parts) + self.beside

    def __bool__(self) -> bool:
        return bool(self.parts or self.beside)

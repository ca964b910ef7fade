"""Where a job or an event is, as lists and pages say it."""

from __future__ import annotations

import re

import msgspec

POSTAL_CODE = re.compile(r"([a-z]{1,2}-)?\d[\d -]*")


def said_once(*parts: str) -> tuple[str, ...]:
    """The parts of a place without those that only repeat how the one before ends.

    >>> said_once("Rathaus, Köln", "", "Köln", "Germany"), said_once("Singapore", "Singapore")
    (('Rathaus, Köln', 'Germany'), ('Singapore',))
    >>> said_once("Rathaus, Köln, Germany", "Köln", "Germany")
    ('Rathaus, Köln, Germany',)
    >>> said_once("Mill, D-50667 Köln, Germany", "Köln", "Germany"), said_once("Hall 1", "Hall")
    (('Mill, D-50667 Köln, Germany',), ('Hall 1', 'Hall'))
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
    last = said[-len(pieces) :]
    return len(last) == len(pieces) and all(map(_repeats, last, pieces))


def _repeats(said: str, piece: str) -> bool:
    """Is it the same, or the same after a postal code?"""
    return said == piece or (
        said.endswith(f" {piece}") and bool(POSTAL_CODE.fullmatch(said.removesuffix(piece).strip()))
    )


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

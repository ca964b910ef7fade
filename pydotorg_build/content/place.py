"""Where a job or an event is, as lists and pages say it."""

from __future__ import annotations

import msgspec


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

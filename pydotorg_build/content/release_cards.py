"""What lists know of releases, and which of them is the newest."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

import msgspec

from pydotorg_build.content.base import Card
from pydotorg_build.content.versions import Version


class Button(msgspec.Struct, frozen=True):
    """The one download that is offered for a system."""

    os: str
    label: str
    url: str
    name: str


class ReleaseCard(Card, frozen=True, kw_only=True):
    """What lists know of a release."""

    version: str
    product: str
    series: str
    prerelease: bool
    moment: datetime.datetime
    notes_url: str = ""
    note: str = ""
    doubt: str = ""
    misdated: bool = False
    systems: tuple[str, ...] = ()
    buttons: tuple[Button, ...] = ()

    @property
    def number(self) -> Version:
        """The version, to compare with."""
        return Version.parse(self.version)


def newest_first(card: ReleaseCard) -> tuple[bool, tuple[int, ...]]:
    """Sort releases of Python before those of the install manager, and the newest first."""
    return (card.product != "python", card.number.newest_first)


def newest_final(cards: Iterable[ReleaseCard]) -> ReleaseCard | None:
    """The newest version that is final; of an odd one out, nobody is certain that it exists."""
    finals = (card for card in cards if not card.prerelease and not card.doubt)
    return max(finals, key=lambda card: card.number, default=None)


def newest_prerelease(cards: Iterable[ReleaseCard]) -> ReleaseCard | None:
    """The newest version that is not final."""
    early = (card for card in cards if card.prerelease and not card.doubt)
    return max(early, key=lambda card: card.number, default=None)


def newest(cards: Iterable[ReleaseCard]) -> ReleaseCard | None:
    """The newest final version, or where there is none yet, the newest pre-release."""
    cards = tuple(cards)
    return newest_final(cards) or newest_prerelease(cards)


def superseding(card: ReleaseCard, others: Iterable[ReleaseCard]) -> ReleaseCard | None:
    """What to take instead: a newer one of its series, but never a pre-release for a final."""
    best = newest(others)
    return best if best and best.number > card.number else None

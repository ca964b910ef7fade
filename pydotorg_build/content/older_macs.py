"""Which Python an older Mac can take: the last installers that say they run there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from pydotorg_build.content.release_cards import ReleaseCard, newest
from pydotorg_build.content.versions import Version

if TYPE_CHECKING:
    from pydotorg_build.site import Site

# By what the installers are described with: "for macOS 10.13 and later".
LAST = (
    ("macOS 10.13 or 10.14", "3.13"),
    ("macOS 10.9 to 10.12", "3.12.5"),
    ("Mac OS X 10.6 to 10.8", "3.7.6"),
)


class OlderMac(msgspec.Struct, frozen=True):
    """Systems, and the newest release that has an installer for them."""

    systems: str
    release: ReleaseCard


def older_macs(site: Site) -> Iterator[OlderMac]:
    """What there is for older systems, the least old first."""
    for systems, version in LAST:
        series = Version.parse(version).series
        cards = [
            card
            for card in site.cards("releases", f"series:{series}")
            if isinstance(card, ReleaseCard)
            and "macos" in card.systems
            and version in (series, card.version)
        ]
        if best := newest(cards):
            yield OlderMac(systems, best)

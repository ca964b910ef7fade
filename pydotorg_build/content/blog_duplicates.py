"""Which entries of blogs are one, and which of them is shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from pydotorg_build.content.blog_entries import BlogCard


def each_once(cards: Sequence[BlogCard], official: frozenset[str]) -> tuple[BlogCard, ...]:
    """The cards without duplicates, in their order.

    Two are one when a feed names them alike, or when they lead to one address.  The one of an
    official blog stays, then the one that says more, then what editors feature.
    """
    best = sorted(
        cards,
        key=lambda card: (card.feed not in official, not card.description, not card.featured),
    )
    seen: set[str] = set()
    kept: set[str] = set()
    for card in best:
        names = {_name(card), _address(card.url)} - {""}
        if names.isdisjoint(seen):
            kept.add(card.id)
        seen |= names
    featured = {_address(card.url) for card in cards if card.featured}
    return tuple(_featured(card, featured) for card in cards if card.id in kept)


def _featured(card: BlogCard, featured: set[str]) -> BlogCard:
    """What editors feature stays featured where the fetched entry says more."""
    if card.featured or _address(card.url) not in featured:
        return card
    return msgspec.structs.replace(card, featured=True)


def _name(card: BlogCard) -> str:
    """The id of an entry; one like `42` means something in its own feed only."""
    if not card.guid:
        return ""
    return f"id {card.guid}" if ":" in card.guid else f"id {card.feed} {card.guid}"


def _address(url: str) -> str:
    """An address to compare: with or without TLS, `www.`, slash and mark, it is one.

    >>> _address("http://www.a.example/b/#c") == _address("https://a.example/b")
    True
    """
    rest = url.partition("://")[2].partition("#")[0].rstrip("/")
    host, slash, path = rest.partition("/")
    return f"{host.lower().removeprefix('www.')}{slash}{path}"

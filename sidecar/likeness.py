"""How much two texts have in common: the share of runs of three words that are in both.  No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sidecar.language import words_of

Runs = frozenset[tuple[str, ...]]
SAID = ("title", "company", "city", "text")


def runs_of(payload: Mapping[str, Any]) -> Runs:
    """The runs of three words of what a submission says; of fewer words, the words."""
    words = words_of("\n".join(str(payload.get(name, "")) for name in SAID))
    if len(words) < 3:
        return frozenset((word,) for word in words)
    return frozenset(zip(words, words[1:], words[2:], strict=False))


def likeness(one: Runs, other: Runs) -> int:
    """The share of what either has that both have, in percent.

    >>> one = runs_of({"text": "We bake bytes in Lisbon"})
    >>> likeness(one, one), likeness(one, runs_of({"text": "We bake bytes in Porto"}))
    (100, 50)
    >>> likeness(one, frozenset())
    0
    """
    both = len(one & other)
    return round(100 * both / (len(one) + len(other) - both)) if both else 0


def scores_of(one: Mapping[str, Any], others: Iterable[Mapping[str, Any]]) -> list[int]:
    """How much each of the others is like one submission."""
    runs = runs_of(one)
    return [likeness(runs, runs_of(other)) for other in others]

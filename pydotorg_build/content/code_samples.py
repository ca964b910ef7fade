"""Samples of Python for the home page, in content/code_samples/<name>.md.

The body is a block of code and, below it, what it prints; a test runs each.
"""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta as Limits

from pydotorg_build.content.base import Card, ContentType, Entry
from pydotorg_build.content.fields import Title

# How many the home page has room for.
SHOWN = 5


class SampleCard(Card, frozen=True, kw_only=True):
    """A sample in a list."""

    order: int = 0


class CodeSample(Entry, frozen=True, kw_only=True):
    """One sample.  The first by `order` is the one that is seen without a script."""

    title: Title
    order: Annotated[int, Limits(ge=0)] = 0

    @property
    def url(self) -> str:
        return "/"

    def card(self) -> SampleCard:
        return SampleCard(id=self.id, title=self.title, url=self.url, order=self.order)


def in_order(card: SampleCard) -> Any:
    """Sort by order, then by name."""
    return (card.order, card.id)


CODE_SAMPLES = ContentType(
    "code_samples", CodeSample, files="code_samples/*.md", card=SampleCard, order=in_order
)

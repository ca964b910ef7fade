"""The levels of sponsorship, in content/sponsor_levels.yaml: what each costs, and what it brings.

They are listed with their sponsors; they have no page of their own.
"""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta as Limits

from pydotorg_build.content.base import Card, ContentType, Entry
from pydotorg_build.content.fields import Line, Slug, Title


class LevelCard(Card, frozen=True, kw_only=True):
    """A level in a list; `amount` is what it cost a year in US dollars, in the year `year`."""

    order: int
    amount: int = 0
    year: int = 0
    advertised: bool = True
    logo_width: int = 175


class SponsorLevel(Entry, frozen=True, kw_only=True):
    """One level.  The one of the lowest `order` stands first.

    One that is not advertised is agreed on otherwise, and offered to nobody in a list.
    """

    title: Title
    slug: Slug
    order: Annotated[int, Limits(ge=0)]
    amount: Annotated[int, Limits(ge=0)] = 0
    year: Annotated[int, Limits(ge=2000, le=2100)]
    advertised: bool = True
    logo_width: Annotated[int, Limits(ge=50, le=400)] = 175
    benefits: tuple[Line, ...] = ()

    @property
    def id(self) -> str:
        return self.slug

    @property
    def url(self) -> str:
        return f"/psf/sponsors/#level-{self.slug}"

    def card(self) -> LevelCard:
        return LevelCard(
            id=self.slug,
            title=self.title,
            url=self.url,
            order=self.order,
            amount=self.amount,
            year=self.year,
            advertised=self.advertised,
            logo_width=self.logo_width,
        )


def highest_first(card: LevelCard) -> Any:
    """Sort by order."""
    return (card.order, card.id)


SPONSOR_LEVELS = ContentType(
    "sponsor_levels", SponsorLevel, files="sponsor_levels.yaml", card=LevelCard, order=highest_first
)

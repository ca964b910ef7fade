"""The levels of sponsorship, in content/sponsor_levels.yaml: what each costs, and what it brings.

They are listed with their sponsors; they have no page of their own.  What somebody who wants to be a
sponsor may choose, and what a contract then says, is told to the sidecar in one file.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from msgspec import Meta as Limits

from pydotorg_build.artifacts import Data
from pydotorg_build.content.base import Card, ContentType, Entry, Published, in_order
from pydotorg_build.content.fields import Line, Slug, Title
from pydotorg_build.problems import Source

if TYPE_CHECKING:
    from pydotorg_build.site import Site

TERMS = "/psf/sponsors/terms.json"
Place = Literal["sponsors", "home", "downloads", "jobs"]


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a sponsor is asked for once it is approved, and within how many days."""

    slug: Slug
    title: Title
    kind: Literal["text", "picture", "yes or no"] = "text"
    days: Annotated[int, Limits(ge=1, le=365)] = 30
    hint: Line = ""


class LevelCard(Card, frozen=True, kw_only=True):
    """A level in a list; `amount` is what it cost a year in US dollars, in the year `year`."""

    order: int
    amount: int = 0
    year: int = 0
    advertised: bool = True
    logo_width: int = 175
    places: tuple[str, ...] = ()


class SponsorLevel(Entry, frozen=True, kw_only=True):
    """One level.  The one of the lowest `order` stands first.

    One that is not advertised is agreed on otherwise, and offered to nobody in a list.  `places` is
    where a sponsor's logo stands, `needs` what it is asked for.
    """

    title: Title
    slug: Slug
    order: Annotated[int, Limits(ge=0)]
    amount: Annotated[int, Limits(ge=0)] = 0
    year: Annotated[int, Limits(ge=2000, le=2100)]
    advertised: bool = True
    logo_width: Annotated[int, Limits(ge=50, le=400)] = 175
    benefits: tuple[Line, ...] = ()
    places: tuple[Place, ...] = ("sponsors",)
    needs: tuple[Asked, ...] = ()

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
            places=self.places,
        )


def of_all(site: Site) -> Published:
    """What may be chosen and what a contract says, for the sidecar."""
    content = {
        "levels": [*map(_plain, site.all("sponsor_levels"))],
        "addons": [*map(_plain, site.all("sponsor_addons"))],
        "clauses": [*map(_plain, site.all("contract_clauses"))],
    }
    yield Data(url=TERMS, content=content, source=Source("content/sponsor_levels.yaml"))


def _plain(entry: Entry) -> dict[str, Any]:
    """The fields of an entry that are its own."""
    return dict(_fields(entry)) | {"slug": entry.id}


def _fields(entry: Entry) -> Iterator[tuple[str, Any]]:
    for name in entry.__struct_fields__:
        if name not in Entry.__struct_fields__ or name == "title":
            yield name, msgspec.to_builtins(getattr(entry, name))


SPONSOR_LEVELS = ContentType(
    "sponsor_levels",
    SponsorLevel,
    files="sponsor_levels.yaml",
    card=LevelCard,
    order=in_order,
    of_all=of_all,
)

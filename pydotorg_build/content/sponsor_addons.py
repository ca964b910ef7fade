"""What a sponsor may choose besides a level, in content/sponsor_addons.yaml.

The form of the sidecar offers them; they have no page of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta as Limits

from pydotorg_build.content.base import Card, ContentType, Entry, Fault
from pydotorg_build.content.fields import Line, Slug, Title
from pydotorg_build.content.sponsor_levels import Asked


class SponsorAddon(Entry, frozen=True, kw_only=True):
    """Something that can be chosen and paid for besides a level.

    It goes with the levels of `levels`, or with all where there are none; one that is `standalone`
    also without a level.  It excludes those of `conflicts`, and there are `capacity` of it a year.
    """

    title: Title
    slug: Slug
    amount: Annotated[int, Limits(ge=0)]
    text: Line = ""
    levels: tuple[Slug, ...] = ()
    standalone: bool = False
    conflicts: tuple[Slug, ...] = ()
    capacity: Annotated[int, Limits(ge=1)] | None = None
    needs: tuple[Asked, ...] = ()

    @property
    def id(self) -> str:
        return self.slug

    @property
    def url(self) -> str:
        return f"/psf/sponsors/#addon-{self.slug}"

    def card(self) -> Card:
        return Card(id=self.slug, title=self.title, url=self.url)


def check(addon: SponsorAddon) -> Iterator[Fault]:
    """Tell what excludes itself."""
    if addon.slug in addon.conflicts:
        yield Fault("conflicts", "`conflicts` names this one itself")


SPONSOR_ADDONS = ContentType(
    "sponsor_addons", SponsorAddon, files="sponsor_addons.yaml", check=check
)

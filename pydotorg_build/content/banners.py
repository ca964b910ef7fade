"""Announcements at the top of every page, each between two moments.

An editor writes one as content/banners/<name>.yaml.  They have no page of their own: the frame
shows them, so that one that begins, ends or changes makes every page anew.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec

from pydotorg_build.content.base import Card, ContentType, Draftable, Fault
from pydotorg_build.content.fields import Title
from pydotorg_build.digests import digest_texts

if TYPE_CHECKING:
    from pydotorg_build.site import Site

Link = Annotated[
    str, msgspec.Meta(pattern=r"^((https?:/)?/[^\s<>\"]+)?$", examples=["/psf/donations/"])
]
Message = Annotated[str, msgspec.Meta(max_length=300)]


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """An announcement as the frame has it.

    By its `key` a browser remembers that somebody has read it; other words have another key.
    """

    key: str
    title: str
    message: str
    link: str
    kind: str

    @property
    def stop(self) -> str:
        """What stands between title and message, where the title does not end a sentence itself."""
        return "" if self.title.endswith((".", ":", "!", "?", "…")) else "."


class Banner(Draftable, frozen=True, kw_only=True):
    """An announcement: `title` leads to `link`, `message` says more in a sentence.

    It is shown from `start` until before `end`; a day begins at 00:00 UTC.
    """

    title: Title
    message: Message = ""
    link: Link = ""
    kind: Literal["info", "success", "warning"] = "info"
    start: datetime.datetime
    end: datetime.datetime

    @property
    def id(self) -> str:
        return self.source.path.rpartition("/")[2].removesuffix(".yaml")

    @property
    def shown(self) -> tuple[datetime.datetime | None, datetime.datetime | None]:
        return self.start, self.end

    def card(self) -> Card:
        return Card(id=self.id, title=self.title, url=self.link, date=self.start.date())

    def as_shown(self) -> Shown:
        """The announcement as templates see it."""
        key = digest_texts(self.id, self.title, self.message, self.link)[:12]
        return Shown(
            key=key, title=self.title, message=self.message, link=self.link, kind=self.kind
        )


def check(banner: Banner) -> Iterator[Fault]:
    """Tell what would never be shown."""
    if banner.end <= banner.start:
        yield Fault("end", "`end` must come after `start`")


def newest_first(card: Card) -> Any:
    """The one that began last stands first."""
    return (-card.date.toordinal() if card.date else 0, card.id)


def shown_now(site: Site) -> tuple[Shown, ...]:
    """The announcements of this moment."""
    return tuple(banner.as_shown() for banner in site.all("banners"))


BANNERS = ContentType(
    "banners", Banner, files="banners/*.yaml", rows=True, check=check, order=newest_first
)

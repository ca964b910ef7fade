"""The series of Python, as 3.14: how long each is supported, and what is planned."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
from msgspec import Meta as Limits

from pydotorg_build.content.base import Card, Entry, Fault
from pydotorg_build.content.release_cards import ReleaseCard, newest_final
from pydotorg_build.content.versions import PATTERN, Version

if TYPE_CHECKING:
    from pydotorg_build.site import Site

Status = Literal["feature", "prerelease", "bugfix", "security", "end-of-life"]
STATUS_WORDS = {
    "feature": "in development",
    "prerelease": "pre-release",
    "bugfix": "bugfix",
    "security": "security",
    "end-of-life": "end-of-life",
}
STATUS_MEANING = {
    "feature": "New features are still being added.",
    "prerelease": "For trying out before the final release, not for production.",
    "bugfix": "Bugs and security holes are fixed, and there are new installers.",
    "security": "Only security holes are fixed, and only the source is released.",
    "end-of-life": "Nothing is fixed any more, not even security holes.",
}
# What is fixed, and what is to be; anything else is at its end.
SUPPORTED = frozenset({"bugfix", "security"})
COMING = frozenset({"feature", "prerelease"})
DATES = ("start", "feature_freeze", "first_release", "end_of_bugfix", "end_of_life")


class Planned(msgspec.Struct, frozen=True, kw_only=True):
    """A release that is planned, and its day."""

    version: Annotated[str, Limits(pattern=PATTERN, examples=["3.14.0rc1"])]
    date: datetime.date


class Series(Entry, frozen=True, kw_only=True):
    """A series.  Its status follows from the dates and from what has been released.

    `status` is written only where the dates are not known; `updated` is the day on which somebody
    last compared the dates with the PEP.
    """

    title: str = ""
    version: Annotated[str, Limits(pattern=r"^[0-9]+\.[0-9]+$", examples=["3.14"])]
    status: Status | None = None
    pep: int | None = None
    branch: str = ""
    release_managers: tuple[str, ...] = ()
    start: datetime.date | None = None
    feature_freeze: datetime.date | None = None
    first_release: datetime.date | None = None
    end_of_bugfix: datetime.date | None = None
    end_of_life: datetime.date | None = None
    updated: datetime.date | None = None
    note: str = ""
    schedule: tuple[Planned, ...] = ()

    @property
    def id(self) -> str:
        return self.version

    @property
    def name(self) -> str:
        """What it is called: Python 3.14."""
        return self.title or f"Python {self.version}"

    @property
    def url(self) -> str:
        return f"/downloads/series/{self.version}/"

    @property
    def number(self) -> Version:
        """The version, to compare with."""
        return Version.parse(self.version)

    @property
    def pep_url(self) -> str:
        """The PEP with its schedule."""
        return f"https://peps.python.org/pep-{self.pep:04d}/" if self.pep else ""

    def card(self) -> Card:
        return Card(
            id=self.version,
            title=self.name,
            url=self.url,
            date=self.first_release,
            tags=self.release_managers,
        )


def check(series: Series) -> Iterator[Fault]:
    """Tell what the types cannot: dates that cannot follow each other, versions of elsewhere."""
    dated = [(name, day) for name in DATES if (day := getattr(series, name)) is not None]
    for (earlier, day), (later, next_day) in pairwise(dated):
        if next_day < day:
            yield Fault(later, f"`{later}` ({next_day}) is before `{earlier}` ({day})")
    first = {
        planned.date for planned in series.schedule if planned.version == f"{series.version}.0"
    }
    if first and series.first_release and series.first_release not in first:
        yield Fault(
            "first_release",
            f"`first_release` ({series.first_release}) is another day than that of `schedule`",
            "give both the same day",
        )
    if series.end_of_life is None and series.status is None:
        yield Fault("end_of_life", "`end_of_life` is missing: until when is it supported?")
    if series.end_of_life and series.status:
        hint = "take it out, or `end_of_life`"
        yield Fault("status", "`status` stands beside the dates that it follows from", hint)
    for place, planned in enumerate(series.schedule):
        if Version.parse(planned.version).series != series.version:
            message = f"{planned.version} is not a release of {series.version}"
            yield Fault(f"schedule[{place}].version", message)


def status_of(series: Series, site: Site) -> Status:
    """What is done for a series now.

    It is a final release that ends the pre-releases, not the day that was planned for it.
    """
    if series.status is not None:
        return series.status
    if series.end_of_life and site.reached(series.end_of_life):
        return "end-of-life"
    if newest_final(releases_of(series.version, site)) is None:
        frozen = series.feature_freeze and site.reached(series.feature_freeze)
        return "prerelease" if frozen else "feature"
    if series.end_of_bugfix and site.reached(series.end_of_bugfix):
        return "security"
    return "bugfix"


def releases_of(version: str, site: Site) -> tuple[ReleaseCard, ...]:
    """The releases of a series, the newest first."""
    return tuple(
        card
        for card in site.cards("releases", f"series:{version}")
        if isinstance(card, ReleaseCard)
    )


def month(day: datetime.date | None) -> str:
    """A month, as the plans of a series give it.

    >>> month(datetime.date(2030, 10, 1))
    '2030-10'
    """
    return f"{day:%Y-%m}" if day else ""


def newest_first(card: Card) -> tuple[int, ...]:
    """Sort 3.10 before 3.9."""
    return Version.parse(card.id).newest_first


def planned_of(series: Series, cards: Iterable[ReleaseCard]) -> tuple[Planned, ...]:
    """What is planned and has not been released."""
    out = {card.version for card in cards}
    return tuple(planned for planned in series.schedule if planned.version not in out)

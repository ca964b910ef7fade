"""The sponsors of the PSF: a list by level, a page each, and data for other sites.

Who signed a contract is a row of the snapshot; editors may write one as content/sponsors/<name>.md.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from pydotorg_build.artifacts import Beside, Data, Page, Redirect
from pydotorg_build.content import snippets
from pydotorg_build.content.api_v3_records import (
    LevelRecord,
    SponsorRecord,
    Sponsors,
    schema_url,
)
from pydotorg_build.content.base import (
    HOME,
    Card,
    ContentType,
    Crumb,
    Draftable,
    Fault,
    Meta,
    Published,
)
from pydotorg_build.content.fields import Slug, Title, WebAddress
from pydotorg_build.content.sponsor_levels import LevelCard, Place
from pydotorg_build.problems import Problem, Source, meant

if TYPE_CHECKING:
    from pydotorg_build.site import Site

URL = "/psf/sponsors/"
DATA = "/api/v3/sponsors.json"
CRUMBS = (HOME, Crumb("PSF", "/psf/"), Crumb("Sponsors", URL))
# In the list a sponsor is anchored by its name, beside what the page has of its own.
RESERVED = frozenset({"levels", "main", "menu", "page", "search-title"})
DAY = datetime.timedelta(days=1)


class SponsorCard(Card, frozen=True, kw_only=True):
    """A sponsor in a list; it stands there until the day after `end`."""

    level: str
    website: str
    start: datetime.date
    end: datetime.date
    logo: Beside | None = None
    sample: bool = False


class Sponsor(Draftable, frozen=True, kw_only=True):
    """A sponsor: its body says who it is.  It is one from `start` to `end`, that day included.

    `logo` is a picture beside the file; without one its name stands for it.  It is shown from the day
    on which it was `released`, if that is later than its first.
    """

    title: Title
    level: Slug
    website: WebAddress = ""
    logo: str = ""
    start: datetime.date
    end: datetime.date
    released: datetime.date | None = None
    sample: bool = False

    @property
    def url(self) -> str:
        return f"{URL}{self.id}/"

    @property
    def shown(self) -> tuple[datetime.datetime | None, datetime.datetime | None]:
        since = max(self.start, self.released or self.start)
        return datetime.datetime.combine(since, datetime.time(), datetime.UTC), None

    def card(self) -> SponsorCard:
        return SponsorCard(
            id=self.id,
            title=self.title,
            url=self.url,
            level=self.level,
            website=self.website,
            start=self.start,
            end=self.end,
            logo=Beside(self.logo, Source(self.source.path)) if self.logo else None,
            groups=(f"level:{self.level}",),
            sample=self.sample,
        )


class LevelList(msgspec.Struct, frozen=True):
    """A level and its sponsors of today."""

    level: LevelCard
    sponsors: tuple[SponsorCard, ...]


def check(sponsor: Sponsor) -> Iterator[Fault]:
    """Tell what the types cannot."""
    is_file = sponsor.source.path.endswith(".md")
    if sponsor.id in RESERVED or sponsor.id.startswith("level-"):
        yield Fault("", f"the name {sponsor.id!r} is used by the list", "rename the file")
    if is_file and sponsor.id.isdecimal():
        hint = "give the file a name of words"
        yield Fault("", "numbers are for sponsors whose contract was signed", hint)
    if sponsor.end < sponsor.start:
        yield Fault("end", "`end` must not come before `start`")


def has_ended(sponsor: Sponsor | SponsorCard, site: Site) -> bool:
    """Is its last day over?"""
    return site.reached(sponsor.end + DAY)


def of_one(sponsor: Sponsor, site: Site) -> Published:
    """The page of a sponsor; the address of one that has ended leads to the list."""
    if has_ended(sponsor, site):
        yield Redirect(url=sponsor.url, target=URL, status=302, source=sponsor.source)
        return
    level = site.entry("sponsor_levels", sponsor.level)
    if level is None:
        known = [card.id for card in site.cards("sponsor_levels")]
        hint = meant(sponsor.level, known, f"known: {', '.join(known) or 'none'}")
        where = site.place(sponsor.source, "level")
        yield Problem(where, f"`{sponsor.level}` is no level of sponsorship", hint)
        return
    meta = Meta(
        title=sponsor.title,
        url=sponsor.url,
        description=f"{sponsor.title} sponsors the Python Software Foundation: {level.title}.",
        crumbs=(*CRUMBS, Crumb(sponsor.title, sponsor.url)),
        edit=sponsor.source.path if sponsor.source.path.endswith(".md") else "",
    )
    yield Page(
        url=sponsor.url,
        template="sponsors/sponsor.html",
        data={"meta": meta, "sponsor": sponsor, "level": level},
        bodies={"body": sponsor.body},
        pictures={"logo": Beside(sponsor.logo, sponsor.source)} if sponsor.logo else {},
        source=sponsor.source,
        bundle="psf",
        updated=sponsor.start,
    )


def by_level(site: Site) -> Iterator[LevelList]:
    """The levels in their order, each with its sponsors of today."""
    levels: tuple[Any, ...] = site.cards("sponsor_levels")
    for level in levels:
        cards: tuple[Any, ...] = site.cards("sponsors", f"level:{level.id}")
        yield LevelList(level, tuple(card for card in cards if not has_ended(card, site)))


def placed(place: Place, site: Site) -> tuple[SponsorCard, ...]:
    """The sponsors whose level brings them to a place, the highest level first."""
    return tuple(
        card for row in by_level(site) if place in row.level.places for card in row.sponsors
    )


def logos(cards: Iterable[SponsorCard]) -> dict[str, Beside]:
    """Their logos, as a page takes its pictures."""
    return {card.id: card.logo for card in cards if card.logo}


def of_all(site: Site) -> Published:
    """The list, its data, and the shorter address."""
    lead = snippets.filled("sponsors", site)
    if isinstance(lead, Problem):
        yield lead
        return
    levels = tuple(by_level(site))
    source = Source("(sponsors)")
    meta = Meta(
        title="Sponsors of the PSF",
        url=URL,
        description="The organizations that pay for Python's foundation, by level.",
        crumbs=CRUMBS,
    )
    yield Page(
        url=URL,
        template="sponsors/index.html",
        data={
            "meta": meta,
            "levels": tuple(
                row for row in levels if row.sponsors and "sponsors" in row.level.places
            ),
            "offered": tuple(level.level for level in levels if level.level.advertised),
        },
        bodies={"lead": lead},
        pictures=logos(placed("sponsors", site)),
        source=source,
        bundle="psf",
    )
    content = Sponsors(schema_url=schema_url(site.settings.url), levels=tuple(_data(levels, site)))
    real = (card for row in levels for card in row.sponsors if not card.sample)
    yield Data(url=DATA, content=content, pictures=logos(real), source=source)
    yield Redirect(url="/sponsors/", target=URL, source=source)


def _data(levels: tuple[LevelList, ...], site: Site) -> Iterator[LevelRecord]:
    """What other sites may show: the levels that have sponsors; what is invented is left out."""
    for row in levels:
        real = tuple(_record(card, site) for card in row.sponsors if not card.sample)
        if real:
            yield LevelRecord(
                name=row.level.title, slug=row.level.id, places=row.level.places, sponsors=real
            )


def _record(card: SponsorCard, site: Site) -> SponsorRecord:
    return SponsorRecord(
        name=card.title,
        slug=card.id,
        url=site.settings.url + card.url,
        website=card.website,
        start=card.start,
        end=card.end,
    )


SPONSORS = ContentType(
    "sponsors",
    Sponsor,
    files="sponsors/*.md",
    rows=True,
    card=SponsorCard,
    check=check,
    of_one=of_one,
    of_all=of_all,
)

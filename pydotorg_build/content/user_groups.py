"""User groups: a finder by country and by part of the world, and all of them for programs.

Groups stand in content/user_groups/<part>.yaml; those that were handed in are rows of the snapshot.
One that is not approved is shown nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Literal

from msgspec import Meta as Limits

from pydotorg_build.artifacts import Data, Page, Redirect
from pydotorg_build.content import countries
from pydotorg_build.content.api_v3_records import GroupRecord, UserGroups, schema_url
from pydotorg_build.content.base import HOME, Card, ContentType, Crumb, Entry, Meta, Published
from pydotorg_build.content.fields import Line, Title
from pydotorg_build.content.lists import by_heading, list_pages, slug
from pydotorg_build.problems import Source

if TYPE_CHECKING:
    from pydotorg_build.site import Site

URL = "/community/user-groups/"
# Where the form leads: no page, since a host lets a file win over a rule.
FIND = f"{URL}find/"
DATA = "/api/v3/user-groups.json"
NAME = "User groups"
CRUMBS = (HOME, Crumb("Community", "/community/"), Crumb(NAME, URL))
SIZE = 150
# Parts of the world by the last part of their address; PyLadies have a list of their own.
AREAS = {"africa": "Africa", "asia-pacific": "Asia and the Pacific", "europe": "Europe",
         "latin-america": "Latin America", "usa": "the United States, by state",
         "pyladies": "PyLadies"}  # fmt: skip
NAMES = {"usa": "United States, by state", "pyladies": "PyLadies chapters"}
HEADINGS = {"area": "Part of the world", "country": "Country"}


class GroupCard(Card, frozen=True, kw_only=True):
    """A group in a list; its address is that of its own site."""

    area: str
    country: str
    place: str = ""
    sample: bool = False


class UserGroup(Entry, frozen=True, kw_only=True):
    """A user group: `place` is its town or state, `about` says in a few words who it is."""

    title: Title
    area: Literal["africa", "asia-pacific", "europe", "latin-america", "usa", "pyladies"]
    country: Annotated[str, Limits(min_length=1, max_length=100)]
    place: Line = ""
    about: Line = ""
    website: Annotated[
        str, Limits(pattern=r"^https?://[^\s<>\"]+$", examples=["https://pug.example/"])
    ]
    approved: bool = True
    sample: bool = False

    @property
    def id(self) -> str:
        if self.source.path.endswith(".yaml"):
            return slug(f"{self.country} {self.place} {self.title} {self.website}")
        return self.source.path.rpartition("/")[2]

    @property
    def url(self) -> str:
        return self.website

    @property
    def is_draft(self) -> bool:
        return not self.approved

    def card(self) -> GroupCard:
        return GroupCard(
            id=self.id,
            title=self.title,
            url=self.website,
            description=self.about,
            area=self.area,
            country=self.country,
            place=self.place,
            sample=self.sample,
            groups=(f"area:{self.area}", f"country:{slug(self.country)}"),
        )


def by_place(card: Any) -> Any:
    """Sort by country, then by state or town, then by name."""
    return (card.country.casefold(), card.place.casefold() if card.area == "usa" else "",
            card.title.casefold(), card.id)  # fmt: skip


def of_group(group: str, site: Site) -> Published:
    """The list of a part of the world or of a country."""
    of, _, name = group.partition(":")
    if of not in ("area", "country") or not (cards := site.cards("user_groups", group)):
        return
    where = AREAS.get(name, "")
    source = Source(f"(user groups, {group})")
    if of == "country":
        yield from countries.unknown(site, "user_groups", cards, "country")
        if not (found := countries.list_of(site, "user_groups", group)):
            return
        name, where = found.id, countries.within(site, found.title)
        cards = tuple(card for one in found.groups for card in site.cards("user_groups", one))
        yield from countries.other_addresses(site, URL, name, source, AREAS)
    title = NAMES[name] if name == "pyladies" else f"User groups in {where}"
    url = f"{URL}{name}/"
    meta = Meta(
        title=title,
        url=url,
        description=f"Python user groups: {where}, with links to their sites.",
        crumbs=(*CRUMBS, Crumb(title, url)),
    )
    data = {"total": len(cards), "filters": by_heading(tuple(choices(site)), HEADINGS), "of": of}
    yield from list_pages(meta, "user_groups/list.html", cards, SIZE, data,
                          source=source, bundle="community")  # fmt: skip


def choices(site: Site) -> Iterator[Card]:
    """The lists there are, with the number of their groups."""
    counts = site.counts("user_groups", "area:")
    for area, name in AREAS.items():
        if count := counts.get(f"area:{area}"):
            yield _choice("area", area, NAMES.get(area, name), count)
    counts = site.counts("user_groups", "country:")
    for one in countries.lists(site, "user_groups"):
        count = sum(counts[group] for group in one.groups)
        yield _choice("country", one.id, one.title, count)


def _choice(of: str, id: str, title: str, count: int) -> Card:
    return Card(id=id, title=f"{title} ({count})", url=f"{URL}{id}/", groups=(of,))


def of_all(site: Site) -> Published:
    """The finder, where its form leads, and the groups for programs."""
    source = Source("(user groups)")
    found = tuple(choices(site))
    cards: tuple[Any, ...] = site.cards("user_groups")
    meta = Meta(
        title=NAME,
        url=URL,
        description="Find a Python user group near you, by country, and how to begin a group.",
        crumbs=CRUMBS,
    )
    data = {
        "meta": meta,
        "filters": by_heading(found, HEADINGS),
        "total": len(cards),
        "data": DATA,
    }
    yield Page(url=URL, template="user_groups/index.html", data=data, source=source,
               bundle="community")  # fmt: skip
    yield Redirect(url=FIND, target=URL, status=302, source=source)
    for choice in found:
        yield Redirect(url=FIND, target=choice.url, query={"show": choice.id}, status=302,
                       source=source)  # fmt: skip
    groups = tuple(record_of(card) for card in cards if not card.sample)
    content = UserGroups(schema_url=schema_url(site.settings.url), user_groups=groups)
    yield Data(url=DATA, content=content, source=source)


def record_of(card: GroupCard) -> GroupRecord:
    """A group as programs get it."""
    return GroupRecord(
        name=card.title,
        area=card.area,
        country=card.country,
        place=card.place,
        about=card.description,
        website=card.url,
    )


USER_GROUPS = ContentType(
    "user_groups",
    UserGroup,
    files="user_groups/*.yaml",
    rows=True,
    card=GroupCard,
    order=by_place,
    of_group=of_group,
    of_all=of_all,
)

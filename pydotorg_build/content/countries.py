"""What countries are called: content/countries.yaml, so that each has one list of what is there.

A country has no page of its own.  What editors write must be in the list as it stands there; what
people hand in need not, and falls under the country that has it as a name.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from msgspec import Meta as Limits

from pydotorg_build.artifacts import Redirect
from pydotorg_build.content.base import Card, ContentType, Entry, Published
from pydotorg_build.content.fields import Line, Title
from pydotorg_build.content.lists import slug
from pydotorg_build.problems import Problem, Source

if TYPE_CHECKING:
    from pydotorg_build.site import Site

LIST = "content/countries.yaml"


class CountryCard(Card, frozen=True, kw_only=True):
    """A country, and what else it is called."""

    also: tuple[str, ...] = ()
    article: bool = False


class Country(Entry, frozen=True, kw_only=True):
    """A country: `code` is that of ISO 3166, `also` are other names of it."""

    title: Title
    code: Annotated[str, Limits(pattern=r"^[A-Z]{2}$", examples=["CZ"])]
    also: tuple[Line, ...] = ()
    article: bool = False

    @property
    def id(self) -> str:
        return slug(self.title)

    @property
    def url(self) -> str:
        return ""

    def card(self) -> CountryCard:
        return CountryCard(
            id=self.id, title=self.title, url="", also=self.also, article=self.article
        )


class CountryList(NamedTuple):
    """The list of a country: the end of its address, its title, and the groups that are in it."""

    id: str
    title: str
    groups: tuple[str, ...]


def known(site: Site, name: str) -> CountryCard | None:
    """The country that has this name, or another that only an address does not tell from it."""
    return site.made_of(_by_name, "countries").get(slug(name))


def within(site: Site, *place: str) -> str:
    """A place as it stands after «in»: the Netherlands, but Utrecht, Netherlands."""
    country: Any = site.card("countries", slug(place[0])) if len(place) == 1 else None
    return ("the " if country and country.article else "") + ", ".join(place)


def _by_name(_: Site, cards: tuple[CountryCard, ...]) -> Mapping[str, CountryCard]:
    others = {slug(name): card for card in cards for name in card.also}
    return others | {card.id: card for card in cards}


def list_of(site: Site, kind: str, group: str) -> CountryList | None:
    """The list that a group of cards begins; None where it stands in that of a group before it.

    What was handed in by another name of a country is a group of its own.
    """
    name = group.partition(":")[2]
    card = known(site, name)
    if card is None:
        found: tuple[Any, ...] = site.cards(kind, group)
        return CountryList(name, found[0].country, (group,))
    names = dict.fromkeys((card.id, *map(slug, card.also)))
    there = site.groups(kind, "country:")
    groups = tuple(f"country:{name}" for name in names if f"country:{name}" in there)
    return CountryList(card.id, card.title, groups) if groups[0] == group else None


def lists(site: Site, kind: str) -> Iterator[CountryList]:
    """The lists of all countries that have cards of a kind."""
    for group in site.groups(kind, "country:"):
        if found := list_of(site, kind, group):
            yield found


def unknown(site: Site, kind: str, cards: Iterable[Any], field: str) -> Iterator[Problem]:
    """Tell each country of some cards that editors wrote otherwise than the list has it.

    A site without a list knows none, and takes any.
    """
    cards = tuple(cards)
    for name in dict.fromkeys(card.country for card in cards if card.country):
        known = site.card("countries", slug(name))
        if (known and known.title == name) or not site.cards("countries"):
            continue
        for card in cards:
            entry = site.entry(kind, card.id) if card.country == name else None
            if entry and entry.is_file:
                place = site.place(entry.source, field)
                yield Problem(place, f"there is no country `{name}`", _meant(name, site))


def _meant(name: str, site: Site) -> str:
    """What to say of a name that is no country's."""
    cards: tuple[Any, ...] = site.cards("countries")
    found = meant(name, {other: card.title for card in cards for other in (card.title, *card.also)})
    return f"did you mean `{found}`?" if found else f"{LIST} has all of them"


def meant(name: str, titles: Mapping[str, str]) -> str:
    """The title of the country that is called so, or nearly; `titles` has it by all its names.

    >>> [meant(name, {"Germany": "Germany", "UK": "United Kingdom"}) for name in ("Germny", "UK", "Oz")]
    ['Germany', 'United Kingdom', '']
    """
    near = [name] if name in titles else get_close_matches(name, titles, 1)
    return titles[near[0]] if near else ""


def terms(site: Site) -> dict[str, list[dict[str, str]]]:
    """What countries are called, for the forms of the sidecar: their titles, and their other names."""
    cards: tuple[Any, ...] = site.cards("countries")
    return {
        "country": [{"slug": card.id, "title": card.title} for card in cards],
        "country_also": [
            {"slug": slug(name), "name": name, "title": card.title}
            for card in cards for name in card.also
        ],
    }  # fmt: skip


def other_addresses(
    site: Site, url: str, name: str, source: Source, taken: Container[str] = ()
) -> Published:
    """What leads to the list of a country from the addresses that its other names would have.

    `url` is what all lists of countries lie under, `taken` what other lists there are called.
    """
    card = known(site, name)
    for other in {slug(also): None for also in card.also} if card else ():
        if card and other != card.id and other not in taken:
            yield Redirect(url=f"{url}{other}/", target=f"{url}{card.id}/", source=source)


def of_all(site: Site) -> Iterator[Problem]:
    """Tell each name that two countries have."""
    every: tuple[Country, ...] = site.all("countries")
    titles = {country.id: country for country in every}
    others: dict[str, Country] = {}
    for country in every:
        for number, name in enumerate(country.also):
            first = titles.get(slug(name)) or others.setdefault(slug(name), country)
            if first is not country:
                place = site.place(country.source, f"also[{number}]")
                message = f"`{name}` is a name of {first.title} already"
                yield Problem(place, message, "take it out of one of them")


COUNTRIES = ContentType(
    "countries", Country, files="countries.yaml", card=CountryCard, of_all=of_all
)

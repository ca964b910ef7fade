"""What countries are called: content/countries.yaml, so that each has one list of what is there.

A country has no page of its own; what editors write must be in the list, what people hand in need not.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any

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


class Country(Entry, frozen=True, kw_only=True):
    """A country: `code` is that of ISO 3166, `also` are other names of it."""

    title: Title
    code: Annotated[str, Limits(pattern=r"^[A-Z]{2}$", examples=["CZ"])]
    also: tuple[Line, ...] = ()

    @property
    def id(self) -> str:
        return slug(self.title)

    @property
    def url(self) -> str:
        return ""

    def card(self) -> CountryCard:
        return CountryCard(id=self.id, title=self.title, url="", also=self.also)


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
    """The country that is called so, or nearly."""
    cards: tuple[Any, ...] = site.cards("countries")
    called = {other: card.title for card in cards for other in (card.title, *card.also)}
    near = [name] if name in called else get_close_matches(name, called, 1)
    return f"did you mean `{called[near[0]]}`?" if near else f"{LIST} has all of them"


def other_addresses(
    site: Site, kind: str, url: str, name: str, source: Source, taken: Container[str] = ()
) -> Published:
    """What leads to the list of a country from the addresses that its other names would have.

    `url` is what all lists of countries lie under, `taken` what other lists there are called.  What people handed in by another name has a
    list of its own.
    """
    card: Any = site.card("countries", slug(name))
    for other in {slug(also): None for also in card.also} if card else ():
        if other != card.id and other not in taken and not site.cards(kind, f"country:{other}"):
            yield Redirect(url=f"{url}{other}/", target=f"{url}{card.id}/", source=source)


COUNTRIES = ContentType("countries", Country, files="countries.yaml", card=CountryCard)

"""The country that somebody typed: by its own title, where the site knows it by that or another name."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from pydotorg_build.content import countries
from pydotorg_build.content.lists import slug
from sidecar.kinds.base import Handed, Terms

T = TypeVar("T", bound=Handed)


def titles(terms: Terms) -> dict[str, str]:
    """The title of each country by each of its names; nothing where the site has no list of them."""
    also = {one["name"]: one["title"] for one in terms.get("country_also", [])}
    return also | {one["title"]: one["title"] for one in terms.get("country", [])}


def known(terms: Terms, name: str) -> str:
    """The title of the country with this name; empty where there is none."""
    return {slug(other): title for other, title in titles(terms).items()}.get(slug(name), "")


def meant(terms: Terms, name: str) -> str:
    """The title of the country that is called nearly so; empty where none is."""
    return countries.meant(name, titles(terms))


def by_title(terms: Terms, value: T) -> T:
    """A form with the title of the country that it names otherwise."""
    found = known(terms, getattr(value, "country", ""))
    return msgspec.structs.replace(value, country=found) if found else value

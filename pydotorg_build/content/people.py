"""The fellows of the PSF, in content/people.yaml: one list, by their names."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Annotated, Any, Literal

from msgspec import Meta as Limits

from pydotorg_build.artifacts import Redirect
from pydotorg_build.content import snippets
from pydotorg_build.content.base import HOME, Card, ContentType, Crumb, Entry, Meta, Published
from pydotorg_build.content.fields import Line, Title
from pydotorg_build.content.lists import list_pages
from pydotorg_build.problems import Problem, Source

if TYPE_CHECKING:
    from pydotorg_build.site import Site

URL = "/psf/fellows/"
SIZE = 150


class PersonCard(Card, frozen=True, kw_only=True):
    """A fellow in the list."""

    year: int
    status: str
    sort: str


class Person(Entry, frozen=True, kw_only=True):
    """A fellow, elected in `year`.

    `sort` is the part of the name that the list goes by, where that is not the last word.
    """

    title: Title
    year: Annotated[int, Limits(ge=2001, le=2100)]
    status: Literal["active", "emeritus", "deceased"] = "active"
    sort: Line = ""

    @property
    def id(self) -> str:
        return f"{self.source.line:06}"

    @property
    def url(self) -> str:
        return URL

    def card(self) -> PersonCard:
        return PersonCard(
            id=self.id,
            title=self.title,
            url=self.url,
            year=self.year,
            status=self.status,
            sort=plain(self.sort or self.title.split()[-1]),
        )


def plain(name: str) -> str:
    """A name without signs above its letters, to sort by.

    >>> plain("Łukasz Šedivý")
    'lukasz sedivy'
    """
    text = unicodedata.normalize("NFKD", name.replace("Ł", "L").replace("ł", "l"))
    return "".join(letter for letter in text if not unicodedata.combining(letter)).casefold()


def by_name(card: PersonCard) -> Any:
    """Sort by family name, then by the whole."""
    return (card.sort, plain(card.title), card.id)


def of_all(site: Site) -> Published:
    """The list, with its introduction, and the addresses it had."""
    introduction = snippets.filled("fellows", site)
    if isinstance(introduction, Problem):
        yield introduction
        return
    cards = site.cards("people")
    meta = Meta(
        title="Fellows",
        url=URL,
        description="Who the fellows of the Python Software Foundation are, and how to nominate.",
        crumbs=(HOME, Crumb("PSF", "/psf/"), Crumb("Fellows", URL)),
        edit=f"{site.settings.content}/snippets/fellows.md",
    )
    source = Source("(people)")
    data = {"total": len(cards)}
    yield from list_pages(
        meta, "people/index.html", cards, SIZE, data, source=source, body=introduction, bundle="psf"
    )
    for old in ("/psf/members/", "/psf/fellows-roster/"):
        yield Redirect(url=old, target=URL, source=source)


PEOPLE = ContentType(
    "people", Person, files="people.yaml", card=PersonCard, order=by_name, of_all=of_all
)

"""Who stands in an election: a page each, once nominations are closed.

Those who were nominated and accepted are rows of the snapshot; editors may write one as
content/nominees/<name>.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

from msgspec import Meta as Limits

from pydotorg_build.artifacts import Page
from pydotorg_build.content import elections
from pydotorg_build.content.base import (
    Card,
    ContentType,
    Crumb,
    Entry,
    Fault,
    Meta,
    Published,
    poster,
)
from pydotorg_build.content.fields import Line, Slug, Title
from pydotorg_build.problems import Problem, meant

if TYPE_CHECKING:
    from pydotorg_build.site import Site


class NomineeCard(Card, frozen=True, kw_only=True):
    """A nominee in the list of an election."""

    election: str
    employer: str = ""
    sample: bool = False


class Nominee(Entry, frozen=True, kw_only=True):
    """One nominee: the body is what he or she says of it.

    Who has not accepted is shown nowhere.  `previous_service` is said as one line: "2019, 2021".
    """

    title: Title
    election: Slug
    accepted: bool = False
    employer: Line = ""
    affiliations: Annotated[str, Limits(max_length=1000)] = ""
    previous_service: Line = ""
    nominated_by: tuple[Line, ...] = ()
    sample: bool = False

    @property
    def url(self) -> str:
        return f"{elections.URL}{self.election}/nominees/{self.id}/"

    def card(self) -> NomineeCard:
        return NomineeCard(
            id=self.id,
            title=self.title,
            url=self.url,
            election=self.election,
            employer=self.employer,
            sample=self.sample,
            groups=(f"accepted:{self.election}",) if self.accepted else (),
        )


def check(nominee: Nominee) -> Iterator[Fault]:
    """Tell a name that is for others."""
    if nominee.source.path.endswith(".md") and nominee.id.isdecimal():
        hint = "give the file a name of words"
        yield Fault("", "numbers are for nominees that were handed in", hint)


def of_one(nominee: Nominee, site: Site) -> Published:
    """The page of a nominee who accepted, once nominations are closed."""
    election: Any = site.card("elections", nominee.election)
    if election is None:
        known = (card.id for card in site.cards("elections"))
        hint = meant(nominee.election, known, "its name is that of its file in content/elections/")
        yield Problem(
            site.place(nominee.source, "election"),
            f"there is no election `{nominee.election}`",
            hint,
        )
        return
    if not nominee.accepted or not elections.shows_nominees(
        elections.state_of(election, site.reached)
    ):
        return
    previous, following = site.beside("nominees", f"accepted:{nominee.election}", nominee.id)
    meta = Meta(
        title=f"{nominee.title}, {election.title}",
        url=nominee.url,
        description=f"{nominee.title} stands in the {election.title}.",
        type="article",
        poster=poster(site, "Nominee", nominee.title, election.title),
        crumbs=(
            *elections.CRUMBS, Crumb(election.title, election.url),
            Crumb(nominee.title, nominee.url),
        ),
        edit=nominee.source.path if nominee.source.path.endswith(".md") else "",
    )  # fmt: skip
    yield Page(
        url=nominee.url,
        template="nominees/nominee.html",
        data={
            "meta": meta,
            "nominee": nominee,
            "election": election,
            "previous": previous,
            "next": following,
        },
        bodies={"body": nominee.body},
        source=nominee.source,
        bundle="psf",
    )


NOMINEES = ContentType(
    "nominees",
    Nominee,
    files="nominees/*.md",
    rows=True,
    card=NomineeCard,
    check=check,
    of_one=of_one,
)

"""Elections: their dates, who stands, and those of the past.

An editor writes one as content/elections/<name>.md; those of the sidecar are rows of the snapshot.
In which state one is follows from its dates alone, and is worked out in `state_of`, for the builder
and for the sidecar, which reads the elections there are from FILE.  Voting itself is elsewhere.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from msgspec import Meta as Limits

from pydotorg_build.artifacts import Data, Page, Redirect
from pydotorg_build.content import snippets
from pydotorg_build.content.base import (
    HOME,
    Card,
    ContentType,
    Crumb,
    Entry,
    Fault,
    Meta,
    Published,
    poster,
)
from pydotorg_build.content.fields import Line, Title, WebAddress
from pydotorg_build.content.lists import list_pages
from pydotorg_build.problems import Problem, Source

if TYPE_CHECKING:
    from pydotorg_build.site import Site

URL = "/nominations/elections/"
CRUMBS = (HOME, Crumb("PSF", "/psf/"), Crumb("Elections", URL))
SIZE = 25
FILE = f"{URL}all.json"
NOMINATE = "/nominate/"
RESERVED = frozenset({"page", "all.json", "open"})
DAY = datetime.timedelta(days=1)
Moment = datetime.date | datetime.datetime
KINDS = {
    "board": "PSF Board of Directors",
    "steering-council": "Python Steering Council",
    "packaging-council": "Python Packaging Council",
}


class State(msgspec.Struct, frozen=True):
    """How far an election is: a word for it, and the badge that goes with it."""

    name: str
    word: str
    badge: str


ANNOUNCED = State("announced", "Announced", "feature")
SOON = State("soon", "Nominations not open yet", "feature")
OPEN = State("open", "Nominations open", "stable")
CLOSED = State("closed", "Nominations closed", "prerelease")
OVER = State("over", "Over", "past")


class ElectionCard(Card, frozen=True, kw_only=True):
    """An election in a list."""

    year: int
    kind: str
    nominations_open: datetime.datetime | None = None
    nominations_close: datetime.datetime | None = None
    is_decided: bool = False
    state: State = ANNOUNCED
    sample: bool = False


class Election(Entry, frozen=True, kw_only=True):
    """One election: its body says what is elected, and how.

    `date` is the last day of the vote.  `candidates` are names of whom nothing else is recorded;
    who has a page is a nominee.  `elected` are the names of those who were.
    """

    title: Title
    kind: Literal["board", "steering-council", "packaging-council"]
    year: Annotated[int, Limits(ge=2001, le=2100)]
    date: datetime.date | None = None
    nominations_open: datetime.datetime | None = None
    nominations_close: datetime.datetime | None = None
    candidates: tuple[Line, ...] = ()
    elected: tuple[Line, ...] = ()
    results: WebAddress = ""
    sample: bool = False

    @property
    def url(self) -> str:
        return f"{URL}{self.id}/"

    def card(self) -> ElectionCard:
        return ElectionCard(
            id=self.id,
            title=self.title,
            url=self.url,
            date=self.date,
            year=self.year,
            kind=self.kind,
            nominations_open=self.nominations_open,
            nominations_close=self.nominations_close,
            is_decided=bool(self.elected),
            sample=self.sample,
        )


def check(election: Election) -> Iterator[Fault]:
    """Tell dates that do not fit together."""
    begin, end, day = election.nominations_open, election.nominations_close, election.date
    if election.id in RESERVED:
        yield Fault("", f"the name {election.id!r} is used by the list", "rename the file")
    if (begin is None) != (end is None):
        missing = "nominations_open" if begin is None else "nominations_close"
        yield Fault("", f"`{missing}` is missing", "give both dates, or none")
    elif begin and end and end <= begin:
        yield Fault("nominations_close", "`nominations_close` must come after `nominations_open`")
    if end and day and day < end.date():
        yield Fault("date", "`date` must not come before `nominations_close`")


def state_of(card: ElectionCard, reached: Callable[[Moment], bool]) -> State:
    """How far an election is, by its dates; one of which only the year is known ends with it."""
    last = card.date or datetime.date(card.year, 12, 31)
    if card.is_decided or reached(last + DAY):
        return OVER
    if card.nominations_close and reached(card.nominations_close):
        return CLOSED
    if card.nominations_open:
        return OPEN if reached(card.nominations_open) else SOON
    return ANNOUNCED


def shows_nominees(state: State) -> bool:
    """Are those who stand told?  Not before nominations are closed."""
    return state in (CLOSED, OVER)


def newest_first(card: ElectionCard) -> Any:
    """Sort by year and day, the newest first."""
    return (-card.year, -card.date.toordinal() if card.date else 0, card.title.casefold(), card.id)


def of_one(election: Election, site: Site) -> Published:
    """The page of an election, and today's addresses of it and of its nominees."""
    state = state_of(election.card(), site.reached)
    nominees = site.cards("nominees", f"accepted:{election.id}")
    meta = Meta(
        title=election.title,
        url=election.url,
        description=f"{election.title}: dates, nominations and nominees.",
        crumbs=(*CRUMBS, Crumb(election.title, election.url)),
        poster=poster(site, "Election", election.title, KINDS[election.kind]),
        edit=election.source.path if election.source.path.endswith(".md") else "",
    )
    yield Page(
        url=election.url,
        template="elections/election.html",
        data={
            "meta": meta,
            "election": election,
            "body_of": KINDS[election.kind],
            "state": state,
            "nominees": nominees if shows_nominees(state) else (),
            "nominate": f"{NOMINATE}{election.id}" if state is OPEN else "",
        },
        bodies={"body": election.body},
        source=election.source,
        bundle="psf",
        updated=election.date,
    )
    source = Source(election.source.path)
    for old in (f"/nominations/election/{election.id}/", f"{election.url}nominees/"):
        yield Redirect(url=old, target=election.url, source=source)
    if election.nominations_open:
        form = f"/nominations/{election.id}/create/"
        yield Redirect(url=form, target=f"{NOMINATE}{election.id}", source=source)


def of_all(site: Site) -> Published:
    """The list, past ones included."""
    lead = snippets.filled("elections", site)
    if isinstance(lead, Problem):
        yield lead
        return
    cards: tuple[Any, ...] = site.cards("elections")
    meta = Meta(
        title="Elections",
        url=URL,
        description="Elections of the PSF's board and of Python's councils, now and in the past.",
        crumbs=CRUMBS,
    )
    rows = [msgspec.structs.replace(card, state=state_of(card, site.reached)) for card in cards]
    data = {"kinds": KINDS}
    source = Source("(elections)")
    yield from list_pages(
        meta, "elections/index.html", rows, SIZE, data, source=source, body=lead, bundle="psf"
    )
    # Without their states, which change by the clock: whoever reads it works them out.
    yield Data(url=FILE, content={"elections": cards}, source=source)


ELECTIONS = ContentType(
    "elections",
    Election,
    files="elections/*.md",
    rows=True,
    card=ElectionCard,
    check=check,
    order=newest_first,
    of_one=of_one,
    of_all=of_all,
)

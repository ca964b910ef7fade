"""What a content type is: an entry, where its entries are found, and what they publish."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

import msgspec

from pydotorg_build.artifacts import GENERATED, Artifact, Body, Poster
from pydotorg_build.digests import digest_texts
from pydotorg_build.problems import Problem, Source, meant

if TYPE_CHECKING:
    from pydotorg_build.site import Site

E = TypeVar("E", bound="Entry")
Published = Iterator[Artifact | Problem]


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """What lists know of an entry: enough for a line, a card or a link, and never the body.

    `id` is unique within its kind; `groups` are the lists it stands in (`section:/about/`,
    `tag:web`, `series:3.14`).  A kind whose lists show more has a card of its own.
    """

    id: str
    title: str
    url: str
    date: datetime.date | None = None
    description: str = ""
    tags: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


class Unchecked(msgspec.Struct, frozen=True, kw_only=True):
    """A check of `pydotorg check` that a page need not pass, and why."""

    check: Literal["alt", "code", "headings", "html", "links", "review"]
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=300)]


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What every piece of content has.

    `body` and `source` are set by the loader, never by an author; `source` is left out of the
    digest of an entry, so that a line more in its front matter changes nothing else.
    """

    title: str
    body: Body = Body()
    source: Source = GENERATED
    unchecked: tuple[Unchecked, ...] = ()

    @property
    def id(self) -> str:
        """What identifies this entry within its kind: the name of its file, or the key of its row."""
        return self.source.path.rpartition("/")[2].removesuffix(".md")

    @property
    def is_file(self) -> bool:
        """Do editors write it?  Else somebody handed it in, and it is a row of a snapshot."""
        return self.source.path.endswith((".md", ".yaml"))

    @property
    def url(self) -> str:
        """The address of the entry's own page."""
        raise NotImplementedError

    @property
    def shown(self) -> tuple[datetime.datetime | None, datetime.datetime | None]:
        """From when until when the entry is on the site; None is without limit."""
        return (None, None)

    @property
    def is_draft(self) -> bool:
        """Is it on the site only where drafts are wanted?"""
        return False

    def card(self) -> Card:
        """What lists show of this entry."""
        return Card(id=self.id, title=self.title, url=self.url)


class Draftable(Entry, frozen=True, kw_only=True):
    """What begins as a draft: it is on the site once the line that says so is taken out."""

    draft: bool = False

    @property
    def is_draft(self) -> bool:
        return self.draft


class Fault(msgspec.Struct, frozen=True):
    """What is wrong with one field of an entry; `name` is the field, or empty for the whole."""

    name: str
    message: str
    hint: str = ""


def nothing(*_: Any) -> Published:
    """Publish nothing."""
    return iter(())


def no_faults(_: Any) -> Iterator[Fault]:
    """Find nothing wrong."""
    return iter(())


def by_title(card: Card) -> Any:
    """Sort by title."""
    return (card.title.casefold(), card.id)


def in_order(card: Any) -> Any:
    """Sort by the `order` that editors gave, then by name."""
    return (card.order, card.id)


def newest_first(card: Card) -> Any:
    """Sort by day, the newest first."""
    return (-card.date.toordinal() if card.date else 0, card.title.casefold(), card.id)


@dataclass(frozen=True)
class ContentType:
    """One kind of content: the row that ties an entry to its files and to what it publishes.

    `files` is a glob below content/; with `rows`, entries come from snapshots too.  `check` tells
    what the types cannot.  `order` sorts cards wherever they are listed.  What a kind publishes is
    told in three functions, so that an edit plans its own pages and the lists it is in, not the
    whole kind:

    - `of_one(entry, site)`: the pages of one entry;
    - `of_group(group, site)`: those of one list of cards (a section, a tag, a series);
    - `of_all(site)`: what all entries publish together.

    Each yields artifacts, and problems where entries do not fit together.  They ask `site` for
    everything else, so that what they asked for is known.
    """

    name: str
    entry: type[Entry]
    files: str = ""
    rows: bool = False
    card: type[Card] = Card
    check: Callable[[Any], Iterator[Fault]] = no_faults
    order: Callable[[Any], Any] = by_title
    of_one: Callable[[Any, Site], Published] = nothing
    of_group: Callable[[str, Site], Published] = nothing
    of_all: Callable[[Site], Published] = nothing


class Crumb(msgspec.Struct, frozen=True):
    """One step of the way from the home page to here."""

    title: str
    url: str


# Every way begins here.
HOME = Crumb("Home", "/")


class FeedLink(msgspec.Struct, frozen=True):
    """A feed that a page announces in its head."""

    title: str
    url: str
    type: str


class Meta(msgspec.Struct, frozen=True, kw_only=True):
    """What base.html asks of every page: it stands in the page's data under `meta`.

    `image` is a picture of the static folder, `poster` one that the build draws (`poster(…)`): what
    other sites show of a link; without either, that of its section.  `edit` is the path of the
    source file in the repository, empty where there is none; `changed` the day of the last commit
    to it.
    `json_ld` are structured data, one object a block; `crumbs` begin with HOME.  `record` is the
    digest of the row that the page shows: by it is seen that the page has come.
    """

    title: str
    url: str
    description: str = ""
    type: str = "website"
    image: str = ""
    poster: Poster | None = None
    noindex: bool = False
    crumbs: tuple[Crumb, ...] = ()
    feeds: tuple[FeedLink, ...] = ()
    edit: str = ""
    changed: datetime.date | None = None
    owner: str = ""
    review_by: datetime.date | None = None
    json_ld: tuple[dict[str, Any], ...] = ()
    record: str = ""


def last_day_of(ends: datetime.datetime) -> datetime.date:
    """The last day on which something is shown that leaves at a moment.

    >>> leaves = datetime.datetime(2027, 1, 26)
    >>> [str(last_day_of(leaves + n * datetime.timedelta(hours=1))) for n in (0, 1)]
    ['2027-01-25', '2027-01-26']
    """
    return (ends - datetime.timedelta.resolution).date()


def row_digest(entry: Entry, site: Site) -> str:
    """The digest of the row that an entry is; empty for a file."""
    return "" if entry.is_file else site.file(entry.source.path)


def unlisted(
    entry: Entry, site: Site, what: str, kind: str, field: str, of: str = ""
) -> Iterator[Problem]:
    """Tell what a field of editors names that no list has; `of` is what ids there begin with.

    What was handed in stays when the list loses what it names.
    """
    named = getattr(entry, field) if entry.is_file else ()
    for number, name in enumerate([named] if isinstance(named, str) else named):
        if site.card(kind, of + name) is None:
            ids = (card.id for card in site.cards(kind))
            known = [id.removeprefix(of) for id in ids if id.startswith(of)]
            hint = meant(name, known, f"known: {', '.join(known) or 'none'}")
            way = field if isinstance(named, str) else f"{field}[{number}]"
            place = site.place(entry.source, way)
            yield Problem(place, f"there is no {what} `{name}`", hint)


# Goes up when posters are drawn otherwise: one address never stands for two pictures.
LOOK = "1"
WORD = re.compile(r"[a-z0-9]+")


def poster(site: Site, kind: str, title: str, line: str | datetime.date | None = "") -> Poster:
    """The poster of a page, for its Meta: that is all, and it is published with the page.

    `Meta(…, poster=poster(site, "Release", release.name, release.date))`
    """
    return named_poster(site.settings.name, title, kind, line)


def named_poster(
    name: str, title: str, kind: str = "", line: str | datetime.date | None = ""
) -> Poster:
    """A poster of the site of this name."""
    text = f"{line.day} {line:%B %Y}" if isinstance(line, datetime.date) else line or ""
    words = "-".join(WORD.findall(title.casefold()))[:60].strip("-") or "poster"
    url = f"/assets/og/{words}.{digest_texts(LOOK, name, kind, title, text)[:10]}.jpg"
    return Poster(url=url, title=title, kind=kind, line=text, site=name)

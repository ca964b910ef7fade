"""The things a site consists of: each has an address, and a renderer in render.py.

An address is a path from the root of the site: `/about/` is written to `about/index.html`, and one
without a slash at its end (`/downloads/feed.rss`) to a file of that name.
"""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from pydotorg_build.problems import Source

GENERATED = Source("(the program)")


class Body(msgspec.Struct, frozen=True):
    """A Markdown text, by the digest of it; the text itself stays in the build cache.

    `path` and `line` say where it begins: pictures beside it are looked up from there.
    """

    digest: str = ""
    path: str = ""
    line: int = 1

    def __bool__(self) -> bool:
        return bool(self.digest)


class Beside(msgspec.Struct, frozen=True):
    """A file that an entry names: a path from the entry's own file, or from the static folder."""

    ref: str
    source: Source


class Artifact(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """What every artifact has: where it is published and what it came from."""

    url: str
    source: Source = GENERATED


class Page(Artifact, frozen=True, kw_only=True, tag=True):
    """HTML: a template, the names it may use, and the Markdown bodies it shows.

    Each of `bodies` is given to the template under its name, as a `Prose`: `{{ body.html }}`.
    `pictures` are pictures beside an entry, by what the template calls them in `pictures`.
    `bundle` is the search bundle the page is indexed in; without one it is not found by search.
    `updated` is the newest change in its data, for the sitemap; `listed` is false where search
    engines are asked to keep out.
    """

    template: str
    data: Mapping[str, Any] = {}
    bodies: Mapping[str, Body] = {}
    pictures: Mapping[str, Beside] = {}
    bundle: str = ""
    updated: datetime.date | None = None
    listed: bool = True


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of a feed.  `url` is absolute or from the root; `body` is shown in full."""

    title: str
    url: str
    updated: datetime.datetime
    summary: str = ""
    body: Body = Body()
    author: str = ""
    tags: tuple[str, ...] = ()


class Feed(Artifact, frozen=True, kw_only=True, tag=True):
    """A feed, in the format that its address ends with: `.rss` (RSS 2.0), `.atom`, `.json`.

    `home` is the page that says the same to people.  Items come newest first; `updated` of the
    feed is that of its newest item.
    """

    title: str
    home: str
    items: Sequence[Item]
    description: str = ""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of a calendar.  `start` and `end` are days (the end excluded) or moments with zone.

    `stamp` is the newest change in the data, for DTSTAMP; `rrule` as RFC 5545 writes it.  `rdates`
    are further dates and `exdates` dates of the rule that are left out, each of the kind of `start`.
    """

    uid: str
    title: str
    start: datetime.date | datetime.datetime
    end: datetime.date | datetime.datetime | None = None
    stamp: datetime.datetime
    description: str = ""
    location: str = ""
    url: str = ""
    rrule: str = ""
    rdates: Sequence[datetime.date | datetime.datetime] = ()
    exdates: Sequence[datetime.date | datetime.datetime] = ()
    cancelled: bool = False


class Calendar(Artifact, frozen=True, kw_only=True, tag=True):
    """An iCalendar file (`.ics`)."""

    title: str
    events: Sequence[Event]


class Data(Artifact, frozen=True, kw_only=True, tag=True):
    """A file for programs: JSON of `content`, or the text itself where `content` is one.

    `pictures` are pictures beside entries; `content` gets the addresses of each in its `pictures`.
    """

    content: Any
    pictures: Mapping[str, Beside] = {}
    updated: datetime.date | None = None


class Redirect(Artifact, frozen=True, kw_only=True, tag=True):
    """A line of `_redirects`.  `url` may end with `*`, `target` then with `:splat`.

    A `:name` in `url` is one part of the path, and the same in `target`.

    `query` are parameters that must be there (`{"release": ":release"}`); a status of 200 answers
    with the file `target`, and 410 says that what was here is gone for good.
    """

    target: str
    status: int = 301
    query: Mapping[str, str] = {}


class Poster(Artifact, frozen=True, kw_only=True, tag=True):
    """The picture that other sites show of a link to a page: a JPEG of these texts.

    `kind` stands above the title, `line` (a day, a place) below it, the site's name at the foot.
    """

    title: str
    kind: str = ""
    line: str = ""
    site: str = ""


class Asset(Artifact, frozen=True, kw_only=True, tag=True):
    """A file taken over as it is: where it lies, and the digest of its bytes.

    `file` is a path from the root of the project, or `memo:` and a key of the build cache.
    """

    file: str
    digest: str

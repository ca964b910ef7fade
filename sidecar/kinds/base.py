"""What any kind that can be handed in has: its form, the entry that it becomes, who decides."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Annotated, Any, NamedTuple

import msgspec
from msgspec import Meta

from pydotorg_build.artifacts import Item, Poster
from pydotorg_build.content.base import Card, ContentType, Entry, Fault
from pydotorg_build.content.read import read
from sidecar.overtaken import Opened
from sidecar.people import EmailAddress
from sidecar.permissions import Permission
from sidecar.workflow import STEPS

Short = Annotated[str, Meta(max_length=200)]
Needed = Annotated[str, Meta(min_length=1, max_length=200)]
Text = Annotated[str, Meta(min_length=1, max_length=20_000)]
# The name of a picture that was sent, as `attachments.py` gives it.
PictureName = Annotated[
    str,
    Meta(pattern=r"^([0-9a-f]{64}\.(png|jpg|webp|avif))?$", extra={"is_picture": True}),
]
Terms = Mapping[str, list[dict[str, str]]]


class Handed(msgspec.Struct, frozen=True, kw_only=True):
    """What every form of a submission has: who hands it in, and what only machines fill in.

    `opened` is what stood in a change when it was opened, `draft` the token of the draft that it was,
    `stamp` the work that its browser did for it.
    """

    sender: EmailAddress
    opened: Opened = ""
    draft: Annotated[str, Meta(max_length=100)] = ""
    homepage: Annotated[str, Meta(max_length=500)] = ""
    stamp: Annotated[str, Meta(max_length=100)] = ""


# The same form sent twice within this time is one.
SAME_WITHIN = datetime.timedelta(minutes=10)
# What nobody keeps of a form beside who sent it.
NOT_KEPT = frozenset({"sender", "homepage", "opened", "draft", "stamp"})
# What a form has for us, and no entry.
OWN = frozenset({"sender", "homepage", "days", "text"})


def as_typed(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of an entry that are named as those of its form."""
    return {name: value for name, value in payload.items() if name not in OWN}


def no_faults(_payload: Mapping[str, Any], _terms: Terms, _at: datetime.datetime) -> list[Fault]:
    """The types of the form say it all."""
    return []


def never(_payload: Mapping[str, Any], _at: datetime.datetime) -> datetime.datetime | None:
    """It is at no moment of its own."""
    return None


def nothing(_given: Mapping[str, Any]) -> dict[str, Any]:
    """The form is all that its template needs."""
    return {}


class Look(NamedTuple):
    """How something looks where only a line of it stands: in a list, in a feed, in other sites.

    `card` is what the list's template is given, with the `terms` that it names; `poster` is none
    where the site makes none.
    """

    card: Any
    item: Item
    poster: Poster | None
    terms: Mapping[str, Card] = MappingProxyType({})


# Where a card leads that has no page yet: to the top of the page that it stands on.
HERE = "#"
ENDS = MappingProxyType({"ends": "days"})


class Kind(NamedTuple):
    """One kind: its form, the entry that it becomes, who decides, and what it is called.

    `template` is that of the form; `preview` is the site's template of its page and `shown` what
    that is given; `terms` is the file of the built site that says what it is sorted by, and `place`
    where the site shows it, with the names of fields in braces; `fields` makes what was typed into
    the fields of the entry.  `check` tells what the types of the form do not say, `names` at which
    field of the form a fault of the entry is told, `begins` when it is, if it is at a moment, and
    `beside` what the template of the form is given besides.  `settled` is the word by which its
    author says that it has served its end and leaves.  `look` is how an entry looks elsewhere on the
    site of a name, and `looks` the template of `preview` with that around it.
    """

    name: str
    form: type[Handed]
    content: ContentType
    moderator: Permission
    title: str
    lead: str
    template: str
    preview: str
    shown: Callable[[Any, Terms], dict[str, Any]]
    terms: str
    place: str
    fields: Callable[[Mapping[str, Any]], dict[str, Any]] = as_typed
    check: Callable[[Mapping[str, Any], Terms, datetime.datetime], Iterable[Fault]] = no_faults
    begins: Callable[[Mapping[str, Any], datetime.datetime], datetime.datetime | None] = never
    beside: Callable[[Mapping[str, Any]], dict[str, Any]] = nothing
    names: Mapping[str, str] = ENDS
    settled: str = ""
    look: Callable[[Any, Terms, str], Look] | None = None
    looks: str = ""

    @property
    def one(self) -> str:
        """One of it, with the article: an event."""
        return f"{'an' if self.title[0] in 'aeiou' else 'a'} {self.title}"

    @property
    def url(self) -> str:
        return f"/submit/{self.name}"

    @property
    def ends(self) -> bool:
        """Whether it leaves by itself after the days that its author chose."""
        return "days" in self.form.__struct_fields__

    def past(self, step: str) -> str:
        """What a step did, as people say it."""
        return f"said to be {self.settled}" if step == "settle" else STEPS[step].past

    def address(self, public_id: str, payload: Mapping[str, Any]) -> str:
        """Where the site shows one."""
        return f"{self.place.format_map(payload)}{public_id}/"


def payload_of(value: Handed) -> dict[str, Any]:
    """What is kept of a form: all that was filled in, but not who it was."""
    given = msgspec.json.decode(msgspec.json.encode(value))  # lists, as they are read back
    return {name: field for name, field in given.items() if name not in NOT_KEPT}


def filled_in(payload: Mapping[str, Any]) -> dict[str, Any]:
    """What a payload says: what is empty in one is missing in another that is older than its field.

    >>> filled_in({"title": "Meetup", "until": "", "count": 0, "online": False})
    {'title': 'Meetup'}
    """
    return {name: value for name, value in payload.items() if value}


def entry_of(
    kind: Kind, payload: Mapping[str, Any], at: datetime.datetime
) -> tuple[Entry | None, list[Fault]]:
    """The entry that a payload becomes when it is published at a moment, or what is wrong."""
    entry, faults = read(kind.content.entry, data_of(kind, payload, at))
    return (entry, list(kind.content.check(entry))) if entry else (None, faults)


def data_of(kind: Kind, payload: Mapping[str, Any], at: datetime.datetime) -> dict[str, Any]:
    """The fields of the entry of a payload that is published at a moment; empty ones are left out."""
    filled = {
        name: value for name, value in kind.fields(payload).items() if value not in ("", None, [])
    }
    return {**filled, **dated(kind, payload, at)}


def dated(kind: Kind, payload: Mapping[str, Any], at: datetime.datetime) -> dict[str, Any]:
    """The day of a publication, and the moment that it ends by itself, where the kind has one."""
    known = kind.content.entry.__struct_fields__
    day: dict[str, Any] = {
        name: at.date().isoformat() for name in ("date", "updated") if name in known
    }
    return {**day, "ends": ends_of(payload, at).isoformat()} if kind.ends else day


def ends_of(payload: Mapping[str, Any], at: datetime.datetime) -> datetime.datetime:
    """When what is published at a moment leaves by itself: as the day after its last one begins."""
    day = at.date() + datetime.timedelta(days=int(payload["days"]))
    return datetime.datetime.combine(day, datetime.time(), datetime.UTC)

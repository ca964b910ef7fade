"""What can be handed in.  A new kind is a struct, a line in KINDS and a template for its fields.

    class JobForm(Handed): ...                  # what is asked, with the rules of each field
    KINDS["job"] = Kind("job", JobForm, JOBS, …)

The form, the confirmation, the queue, the decisions, the mails and the publishing follow.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
from msgspec import Meta

from pydotorg_build.content.base import Card, ContentType, Entry, Fault
from pydotorg_build.content.fields import WebAddress
from pydotorg_build.content.jobs import JOBS, Job
from pydotorg_build.content.read import read
from pydotorg_build.content.stories import STORIES, Story
from sidecar.people import EmailAddress
from sidecar.permissions import Permission

Short = Annotated[str, Meta(max_length=200)]
Needed = Annotated[str, Meta(min_length=1, max_length=200)]
Text = Annotated[str, Meta(min_length=1, max_length=20_000)]
# How many days something is shown; the form offers these.
DAYS = ("30", "60", "90")
Terms = Mapping[str, list[dict[str, str]]]


class Handed(msgspec.Struct, frozen=True, kw_only=True):
    """What every form of a submission has: who hands it in, and what only machines fill in."""

    sender: EmailAddress
    homepage: Annotated[str, Meta(max_length=500)] = ""


class JobForm(Handed, frozen=True, kw_only=True):
    """A job, as it is asked for."""

    title: Needed
    company: Needed
    company_text: Annotated[str, Meta(max_length=2000)] = ""
    company_url: WebAddress = ""
    category: Needed
    types: tuple[str, ...] = ()
    city: Short = ""
    country: Short = ""
    remote: bool = False
    remote_from: Short = ""
    pay_from: Annotated[int, Meta(ge=0, le=10**9)] = 0
    pay_to: Annotated[int, Meta(ge=0, le=10**9)] = 0
    currency: Annotated[str, Meta(pattern=r"^([A-Z]{3})?$", examples=["EUR"])] = ""
    per: Literal["hour", "day", "month", "year"] = "year"
    text: Text
    email: Annotated[str, Meta(max_length=254)] = ""
    apply_url: WebAddress = ""
    contact: Short = ""
    days: Literal["30", "60", "90"] = "60"


class StoryForm(Handed, frozen=True, kw_only=True):
    """A success story, as it is asked for."""

    title: Needed
    description: Needed
    category: Needed
    company: Needed
    company_url: WebAddress = ""
    author: Needed
    text: Text
    quote: Annotated[str, Meta(max_length=600)] = ""
    quote_by: Short = ""
    original: WebAddress = ""


class Kind(NamedTuple):
    """One kind: its form, the entry that it becomes, who decides, and what it is called.

    `template` is that of the form; `preview` is the site's template of its page and `shown` what that is given; `terms` is the file
    of the built site that says what it is sorted by, and `place` where the site shows it.
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

    @property
    def url(self) -> str:
        return f"/submit/{self.name}"

    @property
    def ends(self) -> bool:
        """Whether it leaves by itself after the days that its author chose."""
        return "days" in self.form.__struct_fields__

    def address(self, public_id: str) -> str:
        """Where the site shows one."""
        return f"{self.place}{public_id}/"


OWN = frozenset({"sender", "homepage", "days"})


def payload_of(value: Handed) -> dict[str, Any]:
    """What is kept of a form: all that was filled in, but not who it was."""
    given = msgspec.to_builtins(value)
    return {name: field for name, field in given.items() if name not in ("sender", "homepage")}


def entry_of(
    kind: Kind, payload: Mapping[str, Any], at: datetime.datetime
) -> tuple[Entry | None, list[Fault]]:
    """The entry that a payload becomes when it is published at a moment, or what is wrong."""
    data = {name: value for name, value in payload.items() if name not in (*OWN, "text")}
    data = {name: value for name, value in data.items() if value not in ("", None)}
    data |= dated(kind, payload, at)
    entry, faults = read(kind.content.entry, data)
    if entry is None:
        return None, faults
    return entry, list(_checked(kind, entry))


def dated(kind: Kind, payload: Mapping[str, Any], at: datetime.datetime) -> dict[str, Any]:
    """The day of a publication, and the moment that it ends by itself, where the kind has one."""
    day = {"date": at.date().isoformat()}
    return {**day, "ends": ends_of(payload, at).isoformat()} if kind.ends else day


def ends_of(payload: Mapping[str, Any], at: datetime.datetime) -> datetime.datetime:
    """When what is published at a moment leaves by itself: at the end of its last day."""
    day = at.date() + datetime.timedelta(days=int(payload["days"]))
    return datetime.datetime.combine(day, datetime.time(), datetime.UTC)


def _checked(kind: Kind, entry: Entry) -> Iterator[Fault]:
    yield from kind.content.check(entry)


def shown_job(job: Job, terms: Terms) -> dict[str, Any]:
    """What the template of a job is given, for a preview."""
    titles = {term["slug"]: term["title"] for found in terms.values() for term in found}

    def term(slug: str) -> Card:
        return Card(id=slug, title=titles.get(slug, slug), url="")

    return {
        "job": job, "place": job.place, "pay": job.pay, "category": term(job.category),
        "types": tuple(map(term, job.types)), "newer": None, "older": None,
    }  # fmt: skip


def shown_story(story: Story, terms: Terms) -> dict[str, Any]:
    """What the template of a success story is given, for a preview."""
    titles = {term["slug"]: term["title"] for term in terms.get("category", [])}
    category = Card(id=story.category, title=titles.get(story.category, story.category), url="")
    return {"story": story, "category": category, "newer": None, "older": None}


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("job", JobForm, JOBS, Permission.JOBS_MODERATE, "job",
             "Jobs are free of charge, and a person of the team reads each. You need no account.",
             "sidecar/submit/job.html", "jobs/job.html", shown_job, "jobs/terms.json",
             "/jobs/"),
        Kind("story", StoryForm, STORIES, Permission.STORIES_MODERATE, "success story",
             "Tell how Python is used for something that matters. A person of the team reads it.",
             "sidecar/submit/story.html", "stories/story.html", shown_story,
             "success-stories/terms.json", "/success-stories/"),
    )
}  # fmt: skip

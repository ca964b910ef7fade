"""What jobs are sorted by: the categories and the types of employment in content/job_terms.yaml.

One that is not active is offered to nobody any more; jobs that have it keep it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from pydotorg_build.artifacts import Data
from pydotorg_build.content import countries, job_lists
from pydotorg_build.content.base import Card, ContentType, Entry, Fault, Published
from pydotorg_build.content.fields import Slug
from pydotorg_build.problems import Source

if TYPE_CHECKING:
    from pydotorg_build.site import Site

TAKEN = frozenset({"page", "telecommute"})


class JobTerm(Entry, frozen=True, kw_only=True):
    """One category or type."""

    of: Literal["category", "type"]
    slug: Slug
    description: str = ""
    active: bool = True

    @property
    def id(self) -> str:
        return f"{self.of}:{self.slug}"

    @property
    def url(self) -> str:
        return f"/jobs/{self.of}/{self.slug}/"

    def card(self) -> Card:
        return Card(
            id=self.id,
            title=self.title,
            url=self.url,
            description=self.description,
            groups=(f"of:{self.of}", *([f"active:{self.of}"] if self.active else [])),
        )


def check(term: JobTerm) -> Iterator[Fault]:
    """Tell an address that lists use."""
    if term.slug in TAKEN:
        yield Fault("slug", f"the slug `{term.slug}` is used by lists", "choose another")


def of_one(term: JobTerm, site: Site) -> Published:
    """The list of its jobs, also while there is none: an address that people keep stays."""
    yield from job_lists.list_of(
        site,
        url=term.url,
        title=f"{term.title} jobs",
        group=term.id,
        description=term.description or f"Python jobs: {term.title}.",
        source=term.source,
    )


def of_all(site: Site) -> Published:
    """What a new job may be sorted by, and where it may be, for the form of the sidecar."""
    content = {
        of: [
            {"slug": card.id.partition(":")[2], "title": card.title}
            for card in site.cards("job_terms", f"active:{of}")
        ]
        for of in ("category", "type")
    }
    content |= countries.terms(site)
    yield Data(url="/jobs/terms.json", content=content, source=Source("content/job_terms.yaml"))


JOB_TERMS = ContentType(
    "job_terms", JobTerm, files="job_terms.yaml", check=check, of_one=of_one, of_all=of_all
)

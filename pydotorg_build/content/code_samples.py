"""Samples of Python, in content/code_samples/<name>.md: a page each, and the first on the home page.

The body is a block of code and, below it, what it prints; a test runs each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from msgspec import Meta as Limits

from pydotorg_build.artifacts import Page
from pydotorg_build.content.base import (
    HOME,
    Card,
    ContentType,
    Crumb,
    Entry,
    Meta,
    Published,
    in_order,
)
from pydotorg_build.content.fields import Line, Title
from pydotorg_build.problems import Source

if TYPE_CHECKING:
    from pydotorg_build.site import Site

URL = "/about/samples/"
NAME = "Samples of Python"
CRUMBS = (HOME, Crumb("About", "/about/"), Crumb(NAME, URL))

# How many the home page has room for.
SHOWN = 5


class SampleCard(Card, frozen=True, kw_only=True):
    """A sample in a list."""

    order: int = 0


class CodeSample(Entry, frozen=True, kw_only=True):
    """One sample.  The first by `order` is the one that is seen without a script.

    `description` says in a sentence what there is to see in it.
    """

    title: Title
    description: Line = ""
    order: Annotated[int, Limits(ge=0)] = 0

    @property
    def url(self) -> str:
        return f"{URL}{self.id}/"

    def card(self) -> SampleCard:
        return SampleCard(
            id=self.id,
            title=self.title,
            url=self.url,
            description=self.description,
            order=self.order,
        )


def of_one(sample: CodeSample, site: Site) -> Published:
    """The page of a sample."""
    previous, following = site.beside("code_samples", "", sample.id)
    meta = Meta(
        title=sample.title,
        url=sample.url,
        description=sample.description
        or f"{sample.title}: a few lines of Python, and what they print.",
        crumbs=(*CRUMBS, Crumb(sample.title, sample.url)),
        edit=sample.source.path,
    )
    data = {"meta": meta, "sample": sample, "previous": previous, "next": following}
    yield Page(url=sample.url, template="code_samples/sample.html", data=data,
               bodies={"body": sample.body}, source=sample.source, bundle="pages")  # fmt: skip


def of_all(site: Site) -> Published:
    """The list of all samples."""
    meta = Meta(
        title=NAME, url=URL, crumbs=CRUMBS, description="Small programs that you can read and try."
    )
    data = {"meta": meta, "cards": site.cards("code_samples")}
    yield Page(url=URL, template="code_samples/index.html", data=data,
               source=Source("(samples of code)"), bundle="pages")  # fmt: skip


CODE_SAMPLES = ContentType(
    "code_samples",
    CodeSample,
    files="code_samples/*.md",
    card=SampleCard,
    order=in_order,
    of_one=of_one,
    of_all=of_all,
)

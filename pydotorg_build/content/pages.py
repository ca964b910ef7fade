"""Pages: any tree of Markdown becomes sections, lists, tags, feeds, breadcrumbs and navigation.

`about/index.md` is the section /about/, `about/apps.md` the page /about/apps/ in it.  A folder
without an index is a section too, named after the folder.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec

from pydotorg_build.artifacts import Page, Redirect
from pydotorg_build.content.base import Card, ContentType, Crumb, Draftable, Fault, Published
from pydotorg_build.content.lists import TAKEN, slug
from pydotorg_build.content.redirects import ADDRESS, wrong_address
from pydotorg_build.problems import Source

if TYPE_CHECKING:
    from pydotorg_build.site import Site

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._~-]*")
TEXT = Annotated[str, msgspec.Meta(min_length=1, max_length=300)]


class PageCard(Card, frozen=True, kw_only=True):
    """A page in a list.  `section` is the address of the section it stands in."""

    section: str = ""
    is_section: bool = False
    order: int = 0
    sort: str = ""


class PageEntry(Draftable, frozen=True, kw_only=True):
    """A page of the site.

    `date` is the day it is about or was written; it is on the site from `publish` until before
    `expires`.  `updated` is the day it last said something new.  `sort` and `list` are for
    sections: how their pages are sorted, and whether the page of a section lists them.
    """

    title: TEXT
    description: str = ""
    keywords: str = ""
    date: datetime.date | None = None
    updated: datetime.date | None = None
    publish: datetime.datetime | None = None
    expires: datetime.datetime | None = None
    published: bool = True
    tags: tuple[TEXT, ...] = ()
    aliases: tuple[str, ...] = ()
    owner: str = ""
    review_by: datetime.date | None = None
    order: int = 0
    toc: bool = False
    list: bool = True
    sort: Literal["title", "date", "order"] = "order"
    template: Literal["page", "wide"] = "page"
    image: str = ""
    noindex: bool = False
    search: bool = True

    @property
    def id(self) -> str:
        return self.url

    @property
    def url(self) -> str:
        path = self.source.path.partition("/pages/")[2].removesuffix(".md")
        return f"/{path.removesuffix('index')}" if self.is_section else f"/{path}/"

    @property
    def is_section(self) -> bool:
        return self.source.path.rpartition("/")[2] == "index.md"

    @property
    def section(self) -> str:
        """The address of the section this page stands in; empty for the home page."""
        above = self.url.rstrip("/").rpartition("/")[0]
        return "" if self.url == "/" else f"{above}/"

    @property
    def shown(self) -> tuple[datetime.datetime | None, datetime.datetime | None]:
        return self.publish, self.expires

    @property
    def is_draft(self) -> bool:
        return self.draft or not self.published

    @property
    def changed(self) -> datetime.date | None:
        """The newest change that the page itself tells of."""
        return max(filter(None, (self.updated, self.date)), default=None)

    def card(self) -> PageCard:
        groups = [f"section:{self.section}", *(f"tag:{tag}" for tag in self.tags)]
        if self.is_section:
            groups += [f"sections:{self.section}", f"index:{self.url}"]
        return PageCard(
            id=self.id,
            title=self.title,
            url=self.url,
            date=self.date,
            description=self.description,
            tags=self.tags,
            groups=(*groups, *_ancestors(self.url)),
            section=self.section,
            is_section=self.is_section,
            order=self.order,
            sort=self.sort if self.is_section else "",
        )


def _ancestors(url: str) -> Iterator[str]:
    """The groups by which a folder without an index knows that something is in it."""
    parts = url.strip("/").split("/")[:-1]
    yield from (f"below:/{'/'.join(parts[:n])}/" for n in range(1, len(parts) + 1))


def check(page: PageEntry) -> Iterator[Fault]:
    """Tell what cannot be published."""
    names = page.source.path.partition("/pages/")[2].removesuffix(".md").split("/")
    for name in names:
        if not NAME.fullmatch(name):
            hint = "use letters, digits, `-` and `_` in names of files and folders"
            yield Fault("", f"the name {name!r} cannot be part of an address", hint)
    for folder in names[:-1]:
        if folder.lower().endswith(".md"):
            message = f"{folder!r} is the name of a folder, and reads as that of a file"
            yield Fault("", message, f"call the folder {folder.rpartition('.')[0]}")
    if names[-1] in TAKEN:
        yield Fault("", f"the name {names[-1]!r} is used by lists and feeds", "rename the file")
    yield from _check_aliases(page)
    yield from _check_tags(page)
    if page.publish and page.expires and page.publish >= page.expires:
        yield Fault("expires", "`expires` must come after `publish`")


def _check_aliases(page: PageEntry) -> Iterator[Fault]:
    known: set[str] = set()
    for number, alias in enumerate(page.aliases):
        if wrong := wrong_address(alias) or ("may not hold '*'" if "*" in alias else ""):
            yield Fault(f"aliases[{number}]", f"the alias {alias!r} {wrong}", ADDRESS)
        elif alias == page.url:
            yield Fault(f"aliases[{number}]", f"{alias} is the page itself", "remove it")
        elif alias in known:
            yield Fault(f"aliases[{number}]", f"{alias} stands here twice", "remove one")
        known.add(alias)


def _check_tags(page: PageEntry) -> Iterator[Fault]:
    known: dict[str, str] = {}
    for number, tag in enumerate(page.tags):
        first = known.get(slug(tag))
        known.setdefault(slug(tag), tag)
        if first == tag:
            yield Fault(f"tags[{number}]", f"the tag `{tag}` stands here twice", "remove one")
        elif first is not None:
            message = f"the tags `{first}` and `{tag}` have the same address"
            yield Fault(f"tags[{number}]", message, "write it in one way")


def in_order(card: PageCard) -> Any:
    """Sections' lists are sorted by `order`, then newest first, then by title."""
    newest = -card.date.toordinal() if card.date else 0
    return (card.order, newest, card.title.casefold(), card.id)


# -- what is published: a build that finds nothing to do imports none of it


def of_one(page: PageEntry, site: Site) -> Published:
    """The page itself and what leads to it; a section's page is made with its list."""
    from pydotorg_build.content.page_tree import meta_of, navigation

    for alias in page.aliases:
        yield Redirect(url=alias, target=page.url, source=Source(page.source.path))
    if page.is_section:
        return
    group = f"section:{page.section}"
    previous, following = site.beside("pages", group, page.id)
    dated = page.date is not None
    yield Page(
        url=page.url,
        template=f"pages/{page.template}.html",
        data={
            "meta": meta_of(page, site),
            "page": page,
            "nav": navigation(page.section, site),
            "previous": previous if dated else None,
            "next": following if dated else None,
            "tag_links": tuple(Crumb(tag, f"/tags/{slug(tag)}/") for tag in page.tags),
        },
        bodies={"body": page.body},
        source=page.source,
        bundle="pages" if page.search and not page.noindex else "",
        updated=page.changed,
        listed=not page.noindex,
    )


def of_group(group: str, site: Site) -> Published:
    """A section's list and feeds, or a tag's list."""
    from pydotorg_build.content import page_sections, page_tags

    kind, _, name = group.partition(":")
    publish = {
        "index": page_sections.with_index,
        "section": page_sections.without_index,
        "below": page_sections.of_folders,
        "tag": page_tags.of_tag,
    }
    if kind in publish:
        yield from publish[kind](name, site)


def of_all(site: Site) -> Published:
    """The list of tags."""
    from pydotorg_build.content import page_tags

    yield from page_tags.of_all(site)


PAGES = ContentType(
    "pages",
    PageEntry,
    files="pages/**/*.md",
    card=PageCard,
    check=check,
    order=in_order,
    of_one=of_one,
    of_group=of_group,
    of_all=of_all,
)

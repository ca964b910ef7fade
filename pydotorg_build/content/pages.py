"""Pages: any tree of Markdown becomes sections, lists, tags, feeds, breadcrumbs and navigation.

`about/index.md` is the section /about/, `about/apps.md` the page /about/apps/ in it.  A folder
without an index is a section too, named after the folder.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec

from pydotorg_build.artifacts import Body, Item, Page, Redirect
from pydotorg_build.content.base import (
    HOME,
    Card,
    ContentType,
    Crumb,
    Entry,
    Fault,
    FeedLink,
    Meta,
    Published,
)
from pydotorg_build.content.lists import TAKEN, feed_links, feeds, list_pages, slug
from pydotorg_build.content.redirects import ADDRESS, wrong_address
from pydotorg_build.problems import Problem, Source

if TYPE_CHECKING:
    from pydotorg_build.site import Site

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._~-]*")
NAVIGATION = 40
TEXT = Annotated[str, msgspec.Meta(min_length=1, max_length=300)]


class PageCard(Card, frozen=True, kw_only=True):
    """A page in a list.  `section` is the address of the section it stands in."""

    section: str = ""
    is_section: bool = False
    order: int = 0
    sort: str = ""


class PageEntry(Entry, frozen=True, kw_only=True):
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
    draft: bool = False
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


class TagCount(msgspec.Struct, frozen=True):
    """A tag and how many pages bear it."""

    title: str
    url: str
    count: int


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


def of_one(page: PageEntry, site: Site) -> Published:
    """The page itself and what leads to it; a section's page is made with its list."""
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
    kind, _, name = group.partition(":")
    publish = {"index": _section, "section": _plain_section, "below": _folder, "tag": _tag}
    if kind in publish:
        yield from publish[kind](name, site)


def _section(url: str, site: Site) -> Published:
    """A section with an index: its page is that, and its list."""
    if (entry := site.entry("pages", url)) is not None:
        cards = _sorted(site.cards("pages", f"section:{url}"), entry.sort)
        yield from _lists(url, entry, cards, site)


def _plain_section(url: str, site: Site) -> Published:
    """A section without an index: only a list; the home page may be a kind of its own."""
    is_made_elsewhere = not url or (url == "/" and "home" in site.settings.nouns)
    if is_made_elsewhere or site.card("pages", url) is not None:
        return
    if cards := site.cards("pages", f"section:{url}"):
        yield from _lists(url, None, _sorted(cards, "order"), site)


def _folder(url: str, site: Site) -> Published:
    """A folder that holds only folders has no list of its own unless it has an index."""
    if site.card("pages", url) is None and not site.cards("pages", f"section:{url}"):
        cards = tuple(
            Card(id=below, title=_named(below), url=below)
            for group in site.groups("pages", f"below:{url}")
            if (below := group.removeprefix("below:")) != url
            and below.rstrip("/").rpartition("/")[0] + "/" == url
        )
        yield from _lists(url, None, cards, site)


def _lists(url: str, entry: PageEntry | None, cards: Sequence[Any], site: Site) -> Published:
    title = entry.title if entry else _named(url)
    shown = cards if entry is None or entry.list else ()
    source = entry.source if entry else Source(f"{site.settings.content}/pages{url}")
    links = feed_links(url, title) if any(card.date for card in cards) else ()
    yield from list_pages(
        _section_meta(url, title, entry, site, links),
        "pages/section.html",
        shown,
        site.settings.page_size,
        {
            "section": Card(id=url, title=title, url=url,
                            description=entry.description if entry else ""),
            "nav": navigation(url, site) if entry else (),
        },
        source=source,
        body=entry.body if entry else Body(),
        bundle="pages" if entry and entry.search else "",
        updated=entry.changed if entry else None,
    )  # fmt: skip
    if links:
        yield from _feeds(url, title, entry, cards, source)


def _feeds(
    url: str, title: str, entry: PageEntry | None, cards: Sequence[Any], source: Source
) -> Published:
    newest = sorted((c for c in cards if c.date), key=lambda c: (c.date, c.id), reverse=True)
    items = tuple(
        Item(
            title=card.title,
            url=card.url,
            updated=datetime.datetime.combine(card.date, datetime.time(), datetime.UTC),
            summary=card.description,
            tags=card.tags,
        )
        for card in newest
    )
    description = entry.description if entry else ""
    yield from feeds(url, title, items, description, source)


def _tag(name: str, site: Site) -> Published:
    cards = _sorted(site.cards("pages", f"tag:{name}"), "date")
    if not cards:
        return
    source = Source(f"(tag {name})")
    url = f"/tags/{slug(name)}/"
    meta = Meta(
        title=f"Tagged “{name}”",
        url=url,
        description=f"Pages tagged “{name}”.",
        crumbs=(HOME, Crumb("Tags", "/tags/"), Crumb(name, url)),
    )
    size = site.settings.page_size
    yield from list_pages(meta, "pages/tag.html", cards, size, {"tag": name}, source=source)


def of_all(site: Site) -> Published:
    """The list of tags."""
    counts = site.counts("pages", "tag:")
    yield from _same_address([group.removeprefix("tag:") for group in counts], site)
    if counts:
        names = ((group.removeprefix("tag:"), count) for group, count in counts.items())
        tags = tuple(TagCount(name, f"/tags/{slug(name)}/", count) for name, count in names)
        meta = Meta(
            title="Tags",
            url="/tags/",
            description="Every tag, and how many pages bear it.",
            crumbs=(HOME, Crumb("Tags", "/tags/")),
        )
        source = Source("(tags)")
        yield Page(url="/tags/", template="pages/tags.html", data={"meta": meta, "tags": tags},
                   source=source)  # fmt: skip


def _same_address(tags: Sequence[str], site: Site) -> Iterator[Problem]:
    """Tags that differ only in what an address does not show."""
    known: dict[str, str] = {}
    for tag in sorted(tags):
        first = known.setdefault(slug(tag), tag)
        if first != tag:
            page, other = (_first_with(name, site) for name in (tag, first))
            message = f"the tag `{tag}` has the same address as `{first}` of {other}"
            yield Problem(page, message, "write it in one way")


def _first_with(tag: str, site: Site) -> Source:
    """Where the first page stands that bears a tag."""
    card = min(site.cards("pages", f"tag:{tag}"), key=lambda card: card.id)
    entry = site.entry("pages", card.id)
    return entry.source if entry else Source(f"(tag {tag})")


def _sorted(cards: Sequence[Any], how: str) -> tuple[Any, ...]:
    keys = {
        "order": in_order,
        "title": lambda c: (c.title.casefold(), c.id),
        "date": lambda c: (-(c.date.toordinal() if c.date else 0), c.title.casefold(), c.id),
    }
    return tuple(sorted(cards, key=keys[how]))


def _named(url: str) -> str:
    """What a folder without an index is called."""
    return url.rstrip("/").rpartition("/")[2].replace("-", " ").replace("_", " ").capitalize()


def navigation(section: str, site: Site) -> tuple[Card, ...]:
    """What stands beside a page: its section's pages, or only its sections when they are many."""
    count = site.size("pages", f"section:{section}")
    if count > NAVIGATION:
        return site.cards("pages", f"sections:{section}")
    return site.cards("pages", f"section:{section}")


def crumbs(url: str, title: str, site: Site) -> tuple[Crumb, ...]:
    """The way from the home page to an address."""
    found = [HOME]
    parts = url.strip("/").split("/")
    for count in range(1, len(parts)):
        above = "/" + "/".join(parts[:count]) + "/"
        card = site.card("pages", above)
        found.append(Crumb(card.title if card else _named(above), above))
    return (*found, Crumb(title, url))


def meta_of(page: PageEntry, site: Site) -> Meta:
    """What base.html shows of a page."""
    return Meta(
        title=page.title,
        url=page.url,
        description=page.description,
        type="article" if page.date else "website",
        image=page.image,
        noindex=page.noindex,
        crumbs=crumbs(page.url, page.title, site) if page.url != "/" else (),
        edit=page.source.path,
        changed=site.changed(page.source.path),
        owner=page.owner,
        review_by=page.review_by,
    )


def _section_meta(
    url: str, title: str, entry: PageEntry | None, site: Site, links: tuple[FeedLink, ...]
) -> Meta:
    if entry is None:
        return Meta(title=title, url=url, crumbs=crumbs(url, title, site), feeds=links)
    return msgspec.structs.replace(meta_of(entry, site), title=title, feeds=links)


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

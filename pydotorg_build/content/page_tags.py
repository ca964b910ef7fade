"""Tags of pages: the list of each, and the list of all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from pydotorg_build.artifacts import Page
from pydotorg_build.content.base import HOME, Crumb, Meta, Published
from pydotorg_build.content.lists import list_pages, slug
from pydotorg_build.content.page_tree import sorted_by
from pydotorg_build.problems import Problem, Source

if TYPE_CHECKING:
    from pydotorg_build.site import Site


class TagCount(msgspec.Struct, frozen=True):
    """A tag and how many pages bear it."""

    title: str
    url: str
    count: int


def of_tag(name: str, site: Site) -> Published:
    cards = sorted_by("date", site.cards("pages", f"tag:{name}"))
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
        every = tuple(TagCount(name, f"/tags/{slug(name)}/", count) for name, count in names)
        meta = Meta(
            title="Tags",
            url="/tags/",
            description="Every tag, and how many pages bear it.",
            crumbs=(HOME, Crumb("Tags", "/tags/")),
        )
        source = Source("(tags)")
        yield Page(url="/tags/", template="pages/tags.html", data={"meta": meta, "tags": every},
                   source=source)  # fmt: skip


def _same_address(names: Sequence[str], site: Site) -> Iterator[Problem]:
    """Tags that differ only in what an address does not show."""
    known: dict[str, str] = {}
    for tag in sorted(names):
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

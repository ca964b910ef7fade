"""Where a page stands: the way to it, what stands beside it, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pydotorg_build.content.base import HOME, Card, Crumb, Meta
from pydotorg_build.content.pages import PageEntry, in_order

if TYPE_CHECKING:
    from pydotorg_build.site import Site

NAVIGATION = 40


def sorted_by(how: str, cards: Sequence[Any]) -> tuple[Any, ...]:
    """The cards of a list, sorted as its section or tag says."""
    keys = {
        "order": in_order,
        "title": lambda c: (c.title.casefold(), c.id),
        "date": lambda c: (-(c.date.toordinal() if c.date else 0), c.title.casefold(), c.id),
    }
    return tuple(sorted(cards, key=keys[how]))


def named(url: str) -> str:
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
        found.append(Crumb(card.title if card else named(above), above))
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

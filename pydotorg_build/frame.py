"""What every template is given besides its own data: settings, menu, announcements, assets."""

from __future__ import annotations

import re

import msgspec

from pydotorg_build.artifacts import Poster
from pydotorg_build.assets import AssetRef
from pydotorg_build.content.banners import Shown, shown_now
from pydotorg_build.content.base import named_poster
from pydotorg_build.content.menu import MenuItem
from pydotorg_build.content.switches import places_of
from pydotorg_build.settings import Settings
from pydotorg_build.site import Site

SECTION = re.compile(r"/[^/]+/")


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """The frame of all pages.  It is published as /frame.json too, for pages made elsewhere.

    `posters` are for pages that have none of their own, by the section's name; that of the site is
    under no name.  `off` is where addresses of what is switched off would begin.
    `counts` says that links to downloads are counted.
    """

    name: str
    url: str
    description: str
    language: str
    package_index: str
    repository: str
    branch: str
    menu: tuple[MenuItem, ...]
    banners: tuple[Shown, ...] = ()
    assets: dict[str, AssetRef]
    posters: dict[str, Poster] = {}
    off: tuple[str, ...] = ()
    counts: bool = False
    noindex: bool = False
    dev: bool = False


def make_frame(site: Site, settings: Settings, assets: dict[str, AssetRef]) -> Frame:
    """Put the frame together."""
    entries = site.all("menu") if "menu" in settings.nouns else ()
    off = places_of(settings.off)
    menu = _without(tuple(item.as_item() for item in entries), off)
    return Frame(
        name=settings.name,
        url=settings.url,
        description=settings.description,
        language=settings.language,
        package_index=settings.package_index,
        repository=settings.repository,
        branch=settings.branch,
        menu=menu,
        banners=shown_now(site) if "banners" in settings.nouns else (),
        posters=_posters(menu, settings),
        assets=assets,
        off=off,
        counts=settings.counts,
        noindex=settings.noindex,
        dev=settings.dev,
    )


def _without(menu: tuple[MenuItem, ...], off: tuple[str, ...]) -> tuple[MenuItem, ...]:
    """The menu without what is switched off."""
    if not off:
        return menu
    return tuple(
        msgspec.structs.replace(item, children=_without(item.children, off))
        for item in menu
        if not item.url.startswith(off)
    )


def _posters(menu: tuple[MenuItem, ...], settings: Settings) -> dict[str, Poster]:
    """The poster of the site, and of each section that the menu names at any depth."""
    site = {"": named_poster(settings.name, settings.description or settings.name)}
    items = [*menu, *(item for above in menu for item in above.children)]
    sections = [item for item in items if SECTION.fullmatch(item.url)]
    return site | {item.url[1:-1]: named_poster(settings.name, item.title) for item in sections}

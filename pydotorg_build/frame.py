"""What every template is given besides its own data: settings, menu, announcements, assets."""

from __future__ import annotations

import msgspec

from pydotorg_build.assets import AssetRef
from pydotorg_build.content.banners import Shown, shown_now
from pydotorg_build.content.menu import MenuItem
from pydotorg_build.settings import Settings
from pydotorg_build.site import Site


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """The frame of all pages.  It is published as /frame.json too, for pages made elsewhere."""

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
    noindex: bool = False
    dev: bool = False


def make_frame(site: Site, settings: Settings, assets: dict[str, AssetRef]) -> Frame:
    """Put the frame together."""
    menu = site.all("menu") if "menu" in settings.nouns else ()
    return Frame(
        name=settings.name,
        url=settings.url,
        description=settings.description,
        language=settings.language,
        package_index=settings.package_index,
        repository=settings.repository,
        branch=settings.branch,
        menu=tuple(item.as_item() for item in menu),
        banners=shown_now(site) if "banners" in settings.nouns else (),
        assets=assets,
        noindex=settings.noindex,
        dev=settings.dev,
    )

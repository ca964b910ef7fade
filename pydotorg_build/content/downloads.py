"""What all releases publish together for people: the downloads pages, latest, and the feeds."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import msgspec

from pydotorg_build.artifacts import Feed, Item, Page, Redirect
from pydotorg_build.content import sponsors, support
from pydotorg_build.content.base import HOME, Card, Crumb, Meta, Published
from pydotorg_build.content.cycle import COMING, SUPPORTED
from pydotorg_build.content.older_macs import older_macs
from pydotorg_build.content.release import Release
from pydotorg_build.content.release_cards import (
    ReleaseCard,
    newest,
    newest_final,
    newest_prerelease,
)
from pydotorg_build.content.release_files import COUNTED, FTP, Download
from pydotorg_build.content.release_page import (
    FEEDS,
    MANAGER_URL,
    manager_first,
    newest_install_manager,
    windows_note,
)

if TYPE_CHECKING:
    from pydotorg_build.site import Site

URL = "/downloads/"
LATEST = "/downloads/latest/"
FEED_SIZE = 10
# The order of the buttons, and what each system's page is called.
PAGES = {
    "windows": ("Windows", "Python releases for Windows"),
    "macos": ("macOS", "Python releases for macOS"),
    "source": ("Linux and source code", "Python source releases"),
    "android": ("Android", "Python releases for Android"),
    "ios": ("iOS", "Python releases for iOS"),
}


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """What /downloads/ offers for a system: one button, and beside it everything else."""

    os: str
    name: str
    url: str
    button: Download | None
    others: tuple[Download, ...]

    @property
    def downloads(self) -> tuple[Download, ...]:
        return (self.button, *self.others) if self.button else self.others


class Shelf(msgspec.Struct, frozen=True, kw_only=True):
    """What a system's page has of a series: the newest release in full, the others as links."""

    series: str
    url: str
    word: str
    status: str
    release: ReleaseCard
    note: str
    downloads: tuple[Download, ...]
    others: tuple[ReleaseCard, ...]


def cards_of(site: Site, group: str = "") -> tuple[ReleaseCard, ...]:
    """The cards of releases, in their order."""
    return tuple(c for c in site.cards("releases", group) if isinstance(c, ReleaseCard))


def of_all(site: Site) -> Published:
    """Publish everything but the pages of single releases."""
    if not site.cards("releases"):
        return
    table = support.rows(site)
    yield _downloads_page(site, table)
    yield _systems_page(site)
    for os in PAGES:
        yield _system_page(os, table, site)
    yield _releases_page(site, table)
    yield from latest(site)
    yield from _feeds(cards_of(site))
    # The sidecar counts what is asked here; wherever it does not answer, this rule does.
    yield Redirect(url=f"{COUNTED}*", target=f"{FTP}:splat", status=302)
    yield Redirect(url="/getit/*", target="/downloads/:splat")
    yield Redirect(url="/getit/", target=URL)


def _meta(title: str, url: str, description: str) -> Meta:
    above = (Crumb("Downloads", URL),) if url != URL else ()
    return Meta(
        title=title,
        url=url,
        description=description,
        crumbs=(HOME, *above, Crumb(title, url)),
        feeds=FEEDS,
    )


def _downloads_page(site: Site, table: tuple[support.Row, ...]) -> Page:
    card = newest_final(cards_of(site, "python:3"))
    release = site.entry("releases", card.id) if card else None
    choices = tuple(_choices(release)) if release else ()
    manager = newest_install_manager(site)
    coming = newest_prerelease(cards_of(site, "python:3"))
    thanked = sponsors.placed("downloads", site)
    data = {
        "meta": _meta(
            "Download Python", URL, "The newest Python for Windows, macOS, Linux and more."
        ),
        "latest": card,
        "series": card.series if card else "",
        "note": windows_note(card.number) if card else "",
        "choices": choices,
        "has_unchecked": _has_guessed(choices),
        "install_manager": manager,
        "manager_first": manager_first(manager),
        "manager_url": MANAGER_URL,
        "manager_files": _files(manager, site),
        "supported": support.supported(table),
        "coming": support.coming(table),
        "ended": support.ended_last(table),
        "all_series": table,
        "statistics": next((c.url for c in site.cards("download_numbers")), ""),
        "prerelease": coming if coming and not (card and coming.number < card.number) else None,
        "sponsors": thanked,
    }
    return Page(
        url=URL,
        template="releases/downloads.html",
        data=data,
        pictures=sponsors.logos(thanked),
        bundle="pages",
        updated=support.newest_change(site).date(),
    )


def _files(card: ReleaseCard | None, site: Site) -> tuple[Download, ...]:
    release = site.entry("releases", card.id) if card else None
    return release.downloads() if release else ()


def _choices(release: Release) -> Iterator[Choice]:
    downloads = [d for d in release.downloads() if not d.for_tools]
    for os, (name, _) in PAGES.items():
        mine = [d for d in downloads if d.os == os]
        button = _button(mine)
        others = tuple(d for d in mine if d is not button)
        yield Choice(os=os, name=name, url=f"{URL}{os}/", button=button, others=others)


def _button(downloads: Iterable[Download], os: str = "") -> Download | None:
    """The one download that is offered, of all or for a system."""
    return next((d for d in downloads if d.button and os in ("", d.os)), None)


def _has_guessed(lists: Iterable[Choice | Shelf]) -> bool:
    """Is anything offered of which nothing tells its bytes?"""
    return any(one.is_guessed for each in lists for one in each.downloads)


def _systems_page(site: Site) -> Page:
    url = f"{URL}operating-systems/"
    data = {
        "meta": _meta(
            "Downloads by operating system", url, "Python downloads by operating system."
        ),
        "systems": tuple(_system_card(os, site) for os in PAGES),
    }
    return Page(url=url, template="releases/systems.html", data=data, bundle="releases")


def _system_card(os: str, site: Site) -> Card:
    mine = [card for card in cards_of(site, "python:3") if os in card.systems]
    best = newest_final(mine)
    said = f"The newest is {best.title}." if best else ""
    return Card(id=os, title=PAGES[os][0], url=f"{URL}{os}/", description=said)


def _system_page(os: str, table: Iterable[support.Row], site: Site) -> Page:
    name, title = PAGES[os]
    url = f"{URL}{os}/"
    shelves = tuple(shelf for row in table if (shelf := _shelf(os, row, site)))
    stable = tuple(s for s in shelves if s.status in SUPPORTED)
    coming = tuple(s for s in shelves if s.status in COMING)
    latest = newest_final(cards_of(site, "python:3"))
    manager = newest_install_manager(site) if os == "windows" else None
    data = {
        "meta": _meta(title, url, f"Every release of Python that can be downloaded for {name}."),
        "os": os,
        "name": name,
        "latest": latest,
        "button": _button(_files(latest, site), os),
        "install_manager": manager,
        "manager_first": manager_first(manager),
        "manager_url": MANAGER_URL,
        "older": tuple(older_macs(site)) if os == "macos" else (),
        "stable": stable,
        "coming": coming,
        "has_unchecked": _has_guessed(stable + coming),
        "ended": tuple(s for s in shelves if s.status == "end-of-life"),
    }
    updated = max((s.release.date for s in shelves if s.release.date), default=None)
    return Page(
        url=url, template="releases/system.html", data=data, bundle="releases", updated=updated
    )


def _shelf(os: str, row: support.Row, site: Site) -> Shelf | None:
    cards = [card for card in cards_of(site, f"series:{row.version}") if os in card.systems]
    best = newest(cards)
    if best is None:
        return None
    is_ended = row.status == "end-of-life"
    files = () if is_ended else _files(best, site)
    return Shelf(
        series=row.version,
        url=row.url,
        word=row.word,
        status=row.status,
        release=best,
        note=windows_note(best.number) if os == "windows" else "",
        downloads=tuple(d for d in files if d.os == os and not d.for_tools),
        others=() if is_ended else tuple(card for card in cards if card is not best),
    )


def _releases_page(site: Site, table: tuple[support.Row, ...]) -> Page:
    url = f"{URL}releases/"
    counts = site.counts("releases", "series:")
    data = {
        "meta": _meta("All Python releases", url, "All releases of Python since 1994, by series."),
        "rows": table,
        "counts": {row.version: counts.get(f"series:{row.version}", 0) for row in table},
        "total": len(cards_of(site, "product:python")),
        "managers": cards_of(site, "product:pymanager"),
    }
    return Page(
        url=url,
        template="releases/index.html",
        data=data,
        bundle="releases",
        updated=support.newest_change(site).date(),
    )


def latest(site: Site) -> Iterator[Redirect]:
    """Lead /downloads/latest/… to what it is now; where there is nothing, to /downloads/."""
    three, two = cards_of(site, "python:3"), cards_of(site, "python:2")
    found = {
        "": newest_final(three),
        "python3/": newest_final(three),
        "python2/": newest_final(two),
        "prerelease/": newest_prerelease(three),
        "pymanager/": newest_install_manager(site),
    }
    for series in site.all("series"):
        found[f"python{series.version}/"] = newest(cards_of(site, f"series:{series.version}"))
    for name, card in found.items():
        target = card.url if card else URL
        yield Redirect(url=f"{LATEST}{name}", target=target, status=302)
        yield Redirect(url=f"{LATEST}{name}".removesuffix("/"), target=target, status=302)


def _feeds(cards: Iterable[ReleaseCard]) -> Iterator[Feed]:
    certain = [card for card in cards if not card.doubt]
    recent = sorted(certain, key=lambda card: (card.moment, card.number), reverse=True)[:FEED_SIZE]
    items = tuple(
        Item(
            title=card.title,
            url=card.url,
            updated=card.moment,
            summary=f"Release date: {_day(card.moment.date())}",
        )
        for card in recent
    )
    for ending in ("rss", "atom", "json"):
        yield Feed(
            url=f"{URL}feed.{ending}",
            title="Python Releases",
            home=URL,
            items=items,
            description="New releases of Python, pre-releases and the install manager included.",
        )


def _day(day: datetime.date) -> str:
    return f"{day.day} {day:%B %Y}"

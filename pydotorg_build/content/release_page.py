"""The page of one release: what it is, whether to use it, its files and how to check them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from pydotorg_build.artifacts import Data, Page, Redirect
from pydotorg_build.content.base import HOME, Crumb, FeedLink, Meta, Published, poster
from pydotorg_build.content.cycle import (
    STATUS_MEANING,
    STATUS_WORDS,
    Series,
    releases_of,
    status_of,
)
from pydotorg_build.content.release import SYSTEMS, Release
from pydotorg_build.content.release_cards import ReleaseCard, newest, newest_final, superseding
from pydotorg_build.content.release_files import Download
from pydotorg_build.content.verifying import (
    Signer,
    checksum_commands,
    gpg_commands,
    signature_notes,
    signer_of,
    sigstore_commands,
    sums,
    sums_commands,
)
from pydotorg_build.content.versions import Version
from pydotorg_build.problems import Problem

if TYPE_CHECKING:
    from pydotorg_build.site import Site

FEEDS = (
    FeedLink("Python releases (RSS)", "/downloads/feed.rss", "application/rss+xml"),
    FeedLink("Python releases (Atom)", "/downloads/feed.atom", "application/atom+xml"),
    FeedLink("Python releases (JSON Feed)", "/downloads/feed.json", "application/feed+json"),
)
MANAGER_URL = "/downloads/latest/pymanager/"
LICENCE = "https://docs.python.org/3/license.html"
# What the oldest Windows is that a version runs on.
WINDOWS_LIMITS = ((Version(3, 9), "Windows 7"), (Version(3, 5), "Windows XP"))


class Badge(msgspec.Struct, frozen=True):
    """A word on how far a release can be relied on, and what it means."""

    status: str
    word: str
    meaning: str


def of_one(release: Release, site: Site) -> Published:
    """Publish the page, the checksums as a file, and where the page was before."""
    series = site.entry("series", release.series) if release.series else None
    yield from _misfits(release, series, site)
    downloads = release.downloads()
    if text := sums(downloads):
        yield Data(
            url=f"{release.url}SHA256SUMS",
            content=text,
            updated=release.date,
            source=release.source,
        )
    yield _page(release, series, downloads, site)
    for old in dict.fromkeys((release.version, release.file_version or release.version)):
        url = f"/download/releases/{old}/"
        if release.product == "python" and site.card("pages", url) is None:
            yield Redirect(url=url, target=release.url, source=release.source)


def _misfits(release: Release, series: Series | None, site: Site) -> Iterator[Problem]:
    """What does not fit with the other entries."""
    if release.series and series is None:
        hint = f"write content/series/{release.series}.md"
        where = site.place(release.source, "version")
        yield Problem(where, f"there is no series `{release.series}`", hint)
    yield from unknown_managers(release, site)
    _, earlier = site.beside("releases", f"series:{release.series}", release.id)
    if isinstance(earlier, ReleaseCard) and _out_of_order(release, earlier):
        message = f"{release.version} is dated {release.date}, before {earlier.version}"
        hint = f"{earlier.version} is of {earlier.date}: correct one of the two dates"
        yield Problem(site.place(release.source, "date"), message, hint)


def unknown_managers(entry: Release | Series, site: Site) -> Iterator[Problem]:
    """Who is said to make releases, and stands in no file of managers."""
    for number, name in enumerate(entry.release_managers):
        if site.card("managers", name) is None:
            place = site.place(entry.source, f"release_managers[{number}]")
            hint = "write the name into content/managers/"
            yield Problem(place, f"nobody called `{name}` is a release manager", hint)


def _out_of_order(release: Release, earlier: ReleaseCard) -> bool:
    if "order" in release.legacy or earlier.misdated:
        return False
    return bool(release.date and earlier.date and release.date < earlier.date)


def _page(
    release: Release, series: Series | None, downloads: tuple[Download, ...], site: Site
) -> Page:
    siblings = releases_of(release.series, site) if series else ()
    status = status_of(series, site) if series else ""
    signers = signers_of(release, series, site)
    buttons = tuple(d for d in downloads if d.button and not d.for_tools)
    manager = install_manager_for(release, site)
    data = {
        "meta": _meta(release, downloads, site),
        "release": release,
        "series": series,
        "ended": status == "end-of-life",
        "badges": badges_of(release.number, status),
        "superseded_by": superseding(release.card(), siblings),
        "last": newest_final(siblings),
        "buttons": buttons,
        "arm": next((d for d in downloads if _is_for_arm(d)), None),
        "has_unchecked": any(d.is_guessed for d in buttons),
        "install_manager": manager,
        "manager_first": manager_first(manager),
        "manager_url": MANAGER_URL,
        "windows_note": windows_note(release.number) if release.series else "",
        "systems": SYSTEMS,
        "downloads": tuple(d for d in downloads if not d.for_tools),
        "for_tools": tuple(d for d in downloads if d.for_tools),
        "sums_url": f"{release.url}SHA256SUMS" if any(d.sha256 for d in downloads) else "",
        "digests": {d.name: d.sha256 for d in downloads},
        "signers": signers,
        **_commands(release, downloads, signers, site),
    }
    return Page(
        url=release.url,
        source=release.source,
        template="releases/detail.html",
        data=data,
        bodies={"body": release.body},
        bundle="releases-old" if status == "end-of-life" else "releases",
        updated=release.date,
    )


def _is_for_arm(download: Download) -> bool:
    what = (download.os, download.kind, download.arch)
    return what == ("windows", "installer", "arm64") and not download.for_tools


def _commands(
    release: Release, downloads: tuple[Download, ...], signers: tuple[Signer, ...], site: Site
) -> dict[str, Any]:
    has_sums = any(d.sha256 for d in downloads)
    url = f"{site.settings.url}{release.url}SHA256SUMS"
    sigstore = tuple(sigstore_commands(downloads, signers))
    gpg = tuple(gpg_commands(downloads, signers))
    return {
        "checksum_commands": tuple(checksum_commands(downloads)),
        "sums_commands": tuple(sums_commands(url)) if has_sums else (),
        "sigstore_commands": sigstore,
        "gpg_commands": gpg,
        "signature_notes": tuple(signature_notes(downloads, sigstore, gpg)),
    }


def badges_of(number: Version, status: str) -> tuple[Badge, ...]:
    """The marks of a release in a series of this status.

    >>> [badge.word for badge in badges_of(Version.parse("3.14.0rc1"), "bugfix")]
    ['pre-release']
    """
    marks = ["prerelease"] if number.prerelease else []
    if status == "end-of-life" or (status and not number.prerelease):
        marks.append(status)
    return tuple(Badge(m, STATUS_WORDS[m], STATUS_MEANING[m]) for m in marks)


def windows_note(number: Version) -> str:
    """On which Windows a version does not run.

    >>> windows_note(Version(3, 9))
    'Cannot be used on Windows 7 or earlier.'
    """
    limit = next((name for since, name in WINDOWS_LIMITS if number >= since), "")
    return limit and f"Cannot be used on {limit} or earlier."


def install_manager_for(release: Release, site: Site) -> ReleaseCard | None:
    """The install manager, for a release that it can install."""
    if release.product != "python" or release.number < Version(3, 5):
        return None
    return newest_install_manager(site)


def manager_first(card: ReleaseCard | None) -> bool:
    """Whether the install manager is what a Windows visitor is offered first: never a pre-release."""
    return bool(card and not card.prerelease)


def newest_install_manager(site: Site) -> ReleaseCard | None:
    """The newest install manager that is final; where none is yet, the newest pre-release."""
    return newest(
        c for c in site.cards("releases", "product:pymanager") if isinstance(c, ReleaseCard)
    )


def signers_of(release: Release, series: Series | None, site: Site) -> tuple[Signer, ...]:
    """Who signed a release: its own release managers, else those of its series."""
    names = release.release_managers or (series.release_managers if series else ())
    managers = ((name, site.entry("managers", name)) for name in names)
    return tuple(signer_of(entry) if entry else Signer(name) for name, entry in managers)


def _meta(release: Release, downloads: Iterable[Download], site: Site) -> Meta:
    systems = [SYSTEMS[os] for os in SYSTEMS if any(d.os == os for d in downloads)]
    what = "pre-release" if release.number.prerelease else "release"
    return Meta(
        title=release.name,
        url=release.url,
        description=f"{release.name}, {what}: downloads, checksums, signatures and notes.",
        type="article",
        poster=poster(site, what.capitalize(), release.name, release.date),
        crumbs=_crumbs(release),
        feeds=FEEDS,
        edit=release.source.path,
        changed=site.changed(release.source.path),
        json_ld=(_json_ld(release, systems, site.settings.url),),
    )


def _crumbs(release: Release) -> tuple[Crumb, ...]:
    middle = (
        (Crumb(f"Python {release.series}", f"/downloads/series/{release.series}/"),)
        if release.series
        else ()
    )
    return (HOME, Crumb("Downloads", "/downloads/"), *middle, Crumb(release.name, release.url))


def _json_ld(release: Release, systems: Iterable[str], base: str) -> dict[str, Any]:
    facts = {
        "@context": "https://schema.org",
        "@type": "SoftwareApplication",
        "name": release.name,
        "softwareVersion": release.version,
        "applicationCategory": "DeveloperApplication",
        "operatingSystem": ", ".join(name for name in systems if name != "Source"),
        "datePublished": release.date.isoformat() if release.date else "",
        "url": f"{base}{release.url}",
        "downloadUrl": f"{base}{release.url}",
        "releaseNotes": release.notes_url,
        "license": LICENCE,
        "isAccessibleForFree": True,
        "offers": {"@type": "Offer", "price": "0", "priceCurrency": "USD"},
    }
    return {name: fact for name, fact in facts.items() if fact}

"""The releases of Python: what one publishes, and what all publish together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydotorg_build.content import api_v3, downloads, downloads_api, release_page
from pydotorg_build.content.base import ContentType, Published
from pydotorg_build.content.release import Release, check
from pydotorg_build.content.release_cards import ReleaseCard, newest_first
from pydotorg_build.problems import Problem

if TYPE_CHECKING:
    from pydotorg_build.site import Site


def of_one(release: Release, site: Site) -> Published:
    """Publish the page of a release, and its files for programs."""
    yield from release_page.of_one(release, site)
    yield from downloads_api.of_one(release, site)


def of_all(site: Site) -> Published:
    """Publish the downloads pages, the feeds and the interfaces for programs."""
    yield from _same_ids(site)
    yield from downloads.of_all(site)
    yield from downloads_api.of_all(site)
    yield from api_v3.of_all(site)


def _same_ids(site: Site) -> Published:
    """Programs know releases and files by their ids, so no two may share one."""
    seen: dict[tuple[str, int], str] = {}
    for release in reversed(site.all("releases")):
        ids = [("release", release.api_number, release.name)]
        ids += [("file", d.api_id, f"{d.name} of {release.name}") for d in release.downloads()]
        for kind, number, name in ids:
            first = seen.setdefault((kind, number), name)
            if first != name:
                message = f"{name} has the {kind} id {number}, which is that of {first}"
                place = site.place(release.source, "api_id")
                yield Problem(place, message, "write another `api_id`, or leave it out")


RELEASES = ContentType(
    name="releases",
    entry=Release,
    files="releases/**/*.md",
    card=ReleaseCard,
    check=check,
    order=newest_first,
    of_one=of_one,
    of_all=of_all,
)

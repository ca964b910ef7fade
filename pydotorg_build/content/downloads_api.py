"""The addresses of /api/v1/downloads/ and /api/v2/downloads/, answered by files.

Shapes, ids and filters are those that programs have read for years; what a filter would choose is
a file of its own, and a rule of the host leads a query to it.  A filter without a rule is ignored.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from pydotorg_build.artifacts import Data, Redirect
from pydotorg_build.content.api_queries import BOOLEANS, release_queries
from pydotorg_build.content.base import Published
from pydotorg_build.content.release import Release
from pydotorg_build.content.release_cards import ReleaseCard, newest, newest_final
from pydotorg_build.content.release_files import Download

if TYPE_CHECKING:
    from pydotorg_build.site import Site

OS_IDS = {"windows": 1, "macos": 2, "source": 3, "android": 4, "ios": 5}
OS_NAMES = {
    "windows": "Windows",
    "macos": "macOS",
    "source": "Source release",
    "android": "Android",
    "ios": "iOS",
}
# What `version` means there: the major version, and a number of its own for the install manager.
INSTALL_MANAGER = 100
SLUG_LENGTH = 40

Object = dict[str, Any]


class Dialect(NamedTuple):
    """What the two differ in; `host` begins the addresses of v2, and those of v1 have none."""

    name: str
    host: str

    @property
    def base(self) -> str:
        """Where its addresses begin."""
        return f"/api/{self.name}/downloads/"

    def uri(self, resource: str, number: int) -> str:
        """The address of one object."""
        return f"{self.host}{self.base}{resource}/{number}/"

    def moment(self, release: Release) -> str:
        """When it was released: v1 leaves the zone out."""
        text = f"{release.moment:%Y-%m-%dT%H:%M:%S}"
        return text if self.name == "v1" else f"{text}Z"

    def one(self, values: Object) -> Object:
        """One object as it is written: v1 sorts its keys."""
        return dict(sorted(values.items())) if self.name == "v1" else values

    def many(self, objects: Iterable[Object]) -> Any:
        """A list as it is written: v1 puts it in an envelope, here always of one page."""
        found = [self.one(values) for values in objects]
        if self.name == "v2":
            return found
        return {"meta": page_of(len(found)), "objects": found}


def page_of(count: int, offset: int = 0) -> Object:
    """What v1 says of a page: this one holds everything."""
    return {"limit": count, "next": None, "offset": offset, "previous": None, "total_count": count}


def dialects(site: Site) -> tuple[Dialect, Dialect]:
    """Both, for one site."""
    return (Dialect("v1", ""), Dialect("v2", site.settings.url))


def os_object(dialect: Dialect, slug: str) -> Object:
    """One operating system."""
    uri = dialect.uri("os", OS_IDS[slug])
    return {"name": OS_NAMES[slug], "slug": slug, "resource_uri": uri}


def release_object(dialect: Dialect, release: Release, latest: set[str]) -> Object:
    """One release; `latest` are the ids of those that are the newest of their kind."""
    return {
        "name": release.name,
        "slug": release.id,
        "version": version_of(release),
        "is_published": True,
        "is_latest": release.id in latest,
        "release_date": dialect.moment(release),
        "pre_release": release.number.prerelease,
        "release_page": None,
        "release_notes_url": release.notes_url,
        "show_on_download_page": release.on_downloads_page,
        "resource_uri": dialect.uri("release", release.api_number),
    }


def version_of(release: Release) -> int:
    """What these interfaces call the version."""
    return INSTALL_MANAGER if release.product == "pymanager" else release.number.major


def file_object(dialect: Dialect, release: Release, download: Download) -> Object:
    """One file, with its address as it was first published."""
    return {
        "name": download.label,
        "slug": file_slug(release, download),
        "os": dialect.uri("os", OS_IDS[download.os]),
        "release": dialect.uri("release", release.api_number),
        "description": download.description,
        "is_source": download.os == "source",
        "url": download.recorded_url,
        "gpg_signature_file": download.gpg_url,
        "md5_sum": download.md5,
        "sha256_sum": download.sha256,
        "filesize": download.size or 0,
        "download_button": download.button,
        "resource_uri": dialect.uri("release_file", download.api_id),
        "sigstore_signature_file": download.sigstore_signature_url,
        "sigstore_cert_file": download.sigstore_certificate_url,
        "sigstore_bundle_file": download.sigstore_url,
        "sbom_spdx2_file": download.sbom_url,
    }


def file_slug(release: Release, download: Download) -> str:
    """The slug of a file, as the release managers' tools make it, where it is not written.

    >>> file = Download(api_id=1, name="", label="Windows installer (64-bit)", description="",
    ...     os="", arch="", kind="", free_threaded=False, url="", recorded_url="", size=None,
    ...     sha256="", md5="")
    >>> file_slug(Release(version="3.14.0rc1"), file)
    '3140-rc1-Windows-installer-64-bit'
    """
    if download.slug:
        return download.slug
    base, stage = re.fullmatch(r"([0-9.]+)(.*)", release.version).groups()  # type: ignore[union-attr]
    label = re.sub(r"[^A-Za-z0-9_-]", "", download.label.replace(" ", "-"))[:SLUG_LENGTH]
    return "-".join(part for part in (base.replace(".", ""), stage, label) if part)


def of_one(release: Release, site: Site) -> Published:
    """Publish the files of one release: each, all, and those for one system."""
    if release.doubt:
        return
    downloads = sorted(release.downloads(), key=lambda d: (OS_NAMES[d.os], d.label, d.api_id))
    for dialect in dialects(site):
        base, number = f"{dialect.base}release_file/", release.api_number
        written = [(d, file_object(dialect, release, d)) for d in downloads]
        yield _data(f"{base}by-release/{number}", dialect.many(o for _, o in written), release)
        for download, values in written:
            yield _data(f"{base}{download.api_id}", dialect.one(values), release)
        for os, id in OS_IDS.items() if dialect.name == "v2" else ():
            if mine := [values for download, values in written if download.os == os]:
                url = f"{base}by-os/{id}/release/{number}"
                yield _data(url, dialect.many(mine), release)
        by_slug = f"{dialect.base}release/by-slug/{release.id}.json"
        query = {"name": release.name.replace(" ", "%20")}
        yield _answer(f"{dialect.base}release/", query, by_slug)


def _data(url: str, content: Any, release: Release | None = None) -> Data:
    if release is None:
        return Data(url=f"{url}.json", content=content)
    return Data(url=f"{url}.json", content=content, source=release.source, updated=release.date)


def _answer(url: str, query: Mapping[str, str], target: str) -> Redirect:
    """Answer a query with a file, without the address changing."""
    return Redirect(url=url, query=query, target=target, status=200)


def of_all(site: Site) -> Published:
    """Publish the lists of all releases and files, each release, and the rules."""
    every = sorted((r for r in site.all("releases") if not r.doubt), key=lambda r: r.name)
    latest = latest_ids(site)
    for dialect in dialects(site):
        yield from _systems(dialect)
        yield from _releases(dialect, every, latest)
        yield from _files(dialect, every)
        yield from _rules(dialect)


def latest_ids(site: Site) -> set[str]:
    """The newest of each line: never a pre-release, but of an install manager not yet final."""
    cards = [c for c in site.cards("releases") if isinstance(c, ReleaseCard)]
    python = [
        [c for c in cards if c.product == "python" and c.number.major == n] for n in (1, 2, 3)
    ]
    manager = newest(c for c in cards if c.product == "pymanager")
    return {card.id for card in (*map(newest_final, python), manager) if card}


def _systems(dialect: Dialect) -> Iterator[Data]:
    slugs = sorted(OS_NAMES, key=OS_NAMES.__getitem__)
    yield _data(f"{dialect.base}os", dialect.many(os_object(dialect, slug) for slug in slugs))
    for slug in slugs:
        values = os_object(dialect, slug)
        yield _data(f"{dialect.base}os/{OS_IDS[slug]}", dialect.one(values))
        yield _data(f"{dialect.base}os/by-slug/{slug}", dialect.many([values]))


def _releases(dialect: Dialect, every: list[Release], latest: set[str]) -> Iterator[Data]:
    base = f"{dialect.base}release"
    written = [(release, release_object(dialect, release, latest)) for release in every]
    yield _data(base, dialect.many(values for _, values in written))
    yield _data(f"{base}/none", dialect.many([]))
    for release, values in written:
        yield _data(f"{base}/{release.api_number}", dialect.one(values), release)
        yield _data(f"{base}/by-slug/{release.id}", dialect.many([values]), release)
    for word, early in BOOLEANS.items():
        chosen = [values for _, values in written if values["pre_release"] == early]
        yield _data(f"{base}/by-pre-release/{word}", dialect.many(chosen))
    for version in sorted({version_of(release) for release in every}):
        mine = [values for _, values in written if values["version"] == version]
        yield _data(f"{base}/by-version/{version}", dialect.many(mine))
        for word, early in BOOLEANS.items():
            chosen = [values for values in mine if values["pre_release"] == early]
            yield _data(f"{base}/by-version/{version}/pre-release/{word}", dialect.many(chosen))


def _files(dialect: Dialect, every: list[Release]) -> Iterator[Data]:
    base = f"{dialect.base}release_file"
    written = [
        (download.os, file_object(dialect, release, download))
        for release in every
        for download in sorted(
            release.downloads(), key=lambda d: (OS_NAMES[d.os], d.label, d.api_id)
        )
    ]
    yield _data(base, dialect.many(values for _, values in written))
    for os, id in OS_IDS.items():
        yield _data(f"{base}/by-os/{id}", dialect.many(v for system, v in written if system == os))


def _rules(dialect: Dialect) -> Iterator[Redirect | Data]:
    base = dialect.base
    for resource in ("os", "release", "release_file"):
        yield _answer(f"{base}{resource}/", {}, f"{base}{resource}.json")
        yield _answer(f"{base}{resource}/:id", {}, f"{base}{resource}/:id.json")
        if dialect.name == "v1":
            yield from _paging(f"{base}{resource}")
    if dialect.name == "v1":
        yield _answer("/api/v1/releases/", {}, f"{base}release.json")
        yield _answer("/api/v1/releases/:slug", {}, f"{base}release/by-slug/:slug.json")
    yield _answer(f"{base}os/", {"slug": ":slug"}, f"{base}os/by-slug/:slug.json")
    yield _answer(f"{base}release/", {"slug": ":slug"}, f"{base}release/by-slug/:slug.json")
    for query, target in release_queries():
        yield _answer(f"{base}release/", query, f"{base}release{target}.json")
    files = f"{base}release_file/"
    yield _answer(files, {"os": ":os"}, f"{files}by-os/:os.json")
    yield _answer(files, {"release": ":release"}, f"{files}by-release/:release.json")
    if dialect.name == "v2":
        both = {"os": ":os", "release": ":release"}
        yield _answer(files, both, f"{files}by-os/:os/release/:release.json")
    resources = ("os", "release", "release_file")
    yield Data(url=f"/api/{dialect.name}/index.json", content=_root(dialect, resources))
    yield _answer(f"/api/{dialect.name}/", {}, f"/api/{dialect.name}/index.json")


def _root(dialect: Dialect, resources: Iterable[str]) -> Object:
    if dialect.name == "v2":
        return {f"downloads/{name}": f"{dialect.host}{dialect.base}{name}/" for name in resources}
    return {f"downloads/{name}": {"list_endpoint": f"{dialect.base}{name}/"} for name in resources}


def _paging(base: str) -> Iterator[Redirect | Data]:
    """Pages of v1: the first holds everything, and whoever asks for more is told that it is all."""
    rest = f"{base}/past-the-end.json"
    yield Data(url=rest, content={"meta": page_of(0), "objects": []})
    for limit in ({}, {"limit": ":limit"}):
        yield _answer(f"{base}/", {**limit, "offset": ":offset"}, rest)
        yield _answer(f"{base}/", {**limit, "offset": "0"}, f"{base}.json")
    yield _answer(f"{base}/", {"limit": ":limit"}, f"{base}.json")

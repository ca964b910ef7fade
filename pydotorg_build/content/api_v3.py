"""/api/v3/: releases, files and support life as files with a schema, for programs.

`generated_at` is the newest change in the data, so equal data give equal bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

from pydotorg_build.artifacts import Data, Redirect
from pydotorg_build.content import support
from pydotorg_build.content.api_v3_records import (
    ANSWERS,
    BASE,
    VERSION,
    Envelope,
    FileRecord,
    Files,
    FileWithRelease,
    FullRelease,
    Index,
    Latest,
    OneRelease,
    OneSeries,
    PlannedRecord,
    ReleaseRecord,
    Releases,
    SeriesRecord,
    Support,
    schema_url,
)
from pydotorg_build.content.base import Published
from pydotorg_build.content.cycle import Series, planned_of, releases_of, status_of
from pydotorg_build.content.release import Release
from pydotorg_build.content.release_cards import (
    ReleaseCard,
    newest,
    newest_final,
    newest_prerelease,
)
from pydotorg_build.content.release_files import Download

if TYPE_CHECKING:
    from pydotorg_build.site import Site

PLACES = {
    "releases": "releases.json",
    "release": "releases/{version}.json",
    "latest": "latest.json",
    "series": "series/{series}.json",
    "support": "support.json",
    "files": "files.json",
    "schema": "schema.json",
}
# What other kinds of content publish there.
ALSO = {
    "pages": ("around", "pages.json"),
    "sponsors": ("sponsors", "sponsors.json"),
    "user_groups": ("user_groups", "user-groups.json"),
}


class Writer:
    """Makes records of the entries of one site."""

    def __init__(self, site: Site) -> None:
        self._site, self._base = site, site.settings.url
        cards = [c for c in site.cards("releases") if isinstance(c, ReleaseCard)]
        self.python = {n: [c for c in cards if c.number.major == n and c.series] for n in (1, 2, 3)}
        self.managers = [c for c in cards if not c.series]
        lines = (*(newest_final(found) for found in self.python.values()), newest(self.managers))
        self._latest = {card.id for card in lines if card}
        self._status = {s.version: status_of(s, site) for s in site.all("series")}
        self._changed = support.newest_change(site)
        self._full: dict[str, FullRelease] = {}

    def answer(self, kind: type[Envelope], url: str, **content: Any) -> Data:
        """One file."""
        record = kind(
            schema_version=VERSION,
            schema_url=schema_url(self._base),
            generated_at=self._changed,
            **content,
        )
        return Data(url=BASE + url, content=record, updated=self._changed.date())

    def release(self, release: Release) -> ReleaseRecord:
        """The record of a release."""
        return ReleaseRecord(**self._facts(release))

    def full(self, release: Release) -> FullRelease:
        """The record of a release with its files."""
        if release.id not in self._full:
            files = tuple(file_record(download) for download in release.downloads())
            self._full[release.id] = FullRelease(**self._facts(release), files=files)
        return self._full[release.id]

    def _facts(self, release: Release) -> dict[str, Any]:
        sums = any(file.sha256 for file in release.files)
        return {
            "id": release.api_number,
            "name": release.name,
            "version": release.version,
            "product": release.product,
            "series": release.series,
            "slug": release.id,
            "date": release.date,
            "published_at": release.moment,
            "prerelease": release.number.prerelease,
            "latest": release.id in self._latest,
            "status": self._status.get(release.series),
            "url": f"{self._base}{release.url}",
            "notes_url": release.notes_url,
            "data_url": f"{self._base}{BASE}{place_of(release)}",
            "sha256sums_url": f"{self._base}{release.url}SHA256SUMS" if sums else "",
            "note": release.note,
            "doubt": release.doubt,
        }

    def series(self, series: Series) -> SeriesRecord:
        """The record of a series."""
        cards = releases_of(series.version, self._site)
        best = newest(cards)
        return SeriesRecord(
            version=series.version,
            name=series.name,
            status=self._status[series.version],
            pep=series.pep,
            branch=series.branch,
            release_managers=series.release_managers,
            start=series.start,
            feature_freeze=series.feature_freeze,
            first_release=series.first_release,
            end_of_bugfix=series.end_of_bugfix,
            end_of_life=series.end_of_life,
            latest=best.version if best else None,
            url=f"{self._base}{series.url}",
            data_url=f"{self._base}{BASE}series/{series.version}.json",
            planned=tuple(
                PlannedRecord(version=planned.version, date=planned.date)
                for planned in planned_of(series, cards)
            ),
        )


def place_of(release: Release) -> str:
    """Where the record of a release is."""
    name = release.version if release.product == "python" else release.id
    return f"releases/{name}.json"


def file_record(download: Download) -> FileRecord:
    """The record of a file."""
    return FileRecord(**_file_facts(download))


def _file_facts(download: Download) -> dict[str, Any]:
    facts = {name: getattr(download, name) for name in FileRecord.__struct_fields__ if name != "id"}
    return {"id": download.api_id, **facts}


def of_all(site: Site) -> Published:
    """Publish all of it."""
    every: tuple[Release, ...] = site.all("releases")
    writer = Writer(site)
    yield writer.answer(Releases, "releases.json", releases=tuple(map(writer.release, every)))
    for release in every:
        yield writer.answer(OneRelease, place_of(release), release=writer.full(release))
    yield from _series(every, writer, site)
    yield _latest(every, writer, site)
    files = tuple(_files(every))
    yield writer.answer(Files, "files.json", files=files)
    yield Data(url=f"{BASE}schema.json", content=schema(site.settings.url))
    yield Redirect(url=BASE, target=f"{BASE}index.json", status=200)
    also = {name: place for name, (noun, place) in ALSO.items() if noun in site.settings.nouns}
    places = {name: f"{site.settings.url}{BASE}{at}" for name, at in (PLACES | also).items()}
    index = Index(schema_url=schema_url(site.settings.url), places=places)
    yield Data(url=f"{BASE}index.json", content=index)


def _series(every: Iterable[Release], writer: Writer, site: Site) -> Iterator[Data]:
    records = [(series, writer.series(series)) for series in site.all("series")]
    yield writer.answer(Support, "support.json", series=tuple(record for _, record in records))
    for series, record in records:
        releases = tuple(writer.full(r) for r in every if r.series == series.version)
        url = f"series/{series.version}.json"
        yield writer.answer(OneSeries, url, series=record, releases=releases)


def _latest(every: Iterable[Release], writer: Writer, site: Site) -> Data:
    by_id = {release.id: release for release in every}

    def full(card: ReleaseCard | None) -> FullRelease | None:
        return writer.full(by_id[card.id]) if card else None

    series = {s.version: full(newest(releases_of(s.version, site))) for s in site.all("series")}
    return writer.answer(
        Latest,
        "latest.json",
        python3=full(newest_final(writer.python[3])),
        python2=full(newest_final(writer.python[2])),
        prerelease=full(newest_prerelease(writer.python[3])),
        pymanager=full(newest(writer.managers)),
        series={version: record for version, record in series.items() if record},
    )


def _files(every: Iterable[Release]) -> Iterator[FileWithRelease]:
    for release in every:
        for download in release.downloads():
            yield FileWithRelease(**_file_facts(download), release=release.version)


@cache
def schema(base: str) -> dict[str, Any]:
    """The JSON Schema of every answer, each under its name in `$defs`; for each build the same."""
    _, components = msgspec.json.schema_components(ANSWERS, ref_template="#/$defs/{name}")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": schema_url(base),
        "title": "Data of python.org",
        "anyOf": [{"$ref": f"#/$defs/{answer.__name__}"} for answer in ANSWERS],
        "$defs": components,
    }

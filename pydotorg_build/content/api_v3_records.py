"""What the answers of /api/v3/ consist of; the JSON Schema is made of these."""

from __future__ import annotations

import datetime

import msgspec

from pydotorg_build.content.cycle import Status
from pydotorg_build.pictures import PictureFile

BASE = "/api/v3/"
VERSION = "3.0"


class FileRecord(msgspec.Struct, kw_only=True):
    """A file that can be downloaded; empty texts and null are what is not known."""

    id: int
    name: str
    label: str
    description: str
    os: str
    arch: str
    kind: str
    free_threaded: bool
    url: str
    size: int | None
    sha256: str
    md5: str
    gpg_url: str
    sigstore_url: str
    sigstore_signature_url: str
    sigstore_certificate_url: str
    sbom_url: str
    by_rule: tuple[str, ...]
    button: bool


class ReleaseRecord(msgspec.Struct, kw_only=True):
    """A release.  `status` is that of its series; `doubt` says why it may not exist."""

    id: int
    name: str
    version: str
    product: str
    series: str
    slug: str
    date: datetime.date | None
    published_at: datetime.datetime
    prerelease: bool
    latest: bool
    status: Status | None
    url: str
    notes_url: str
    data_url: str
    sha256sums_url: str
    note: str
    doubt: str


class FullRelease(ReleaseRecord, kw_only=True):
    """A release with its files."""

    files: tuple[FileRecord, ...]


class PlannedRecord(msgspec.Struct, kw_only=True):
    """A release to come."""

    version: str
    date: datetime.date


class SeriesRecord(msgspec.Struct, kw_only=True):
    """A series and its support life; days that lie ahead are plans."""

    version: str
    name: str
    status: Status
    pep: int | None
    branch: str
    release_managers: tuple[str, ...]
    start: datetime.date | None
    feature_freeze: datetime.date | None
    first_release: datetime.date | None
    end_of_bugfix: datetime.date | None
    end_of_life: datetime.date | None
    latest: str | None
    url: str
    data_url: str
    planned: tuple[PlannedRecord, ...]


class Envelope(msgspec.Struct, kw_only=True):
    """What every answer begins with."""

    schema_version: str
    schema_url: str
    generated_at: datetime.datetime


class Releases(Envelope, kw_only=True):
    """/api/v3/releases.json: every release, the newest version first."""

    releases: tuple[ReleaseRecord, ...]


class OneRelease(Envelope, kw_only=True):
    """/api/v3/releases/VERSION.json: one release with its files."""

    release: FullRelease


class Support(Envelope, kw_only=True):
    """/api/v3/support.json: every series and how long it is supported."""

    series: tuple[SeriesRecord, ...]


class OneSeries(Envelope, kw_only=True):
    """/api/v3/series/SERIES.json: one series with its releases and their files."""

    series: SeriesRecord
    releases: tuple[FullRelease, ...]


class Latest(Envelope, kw_only=True):
    """/api/v3/latest.json: the newest of each line, null where there is none."""

    python3: FullRelease | None
    python2: FullRelease | None
    prerelease: FullRelease | None
    pymanager: FullRelease | None
    series: dict[str, FullRelease]


class FileWithRelease(FileRecord, kw_only=True):
    """A file, and the release that it is part of."""

    release: str


class Files(Envelope, kw_only=True):
    """/api/v3/files.json: every file of every release."""

    files: tuple[FileWithRelease, ...]


class Undated(msgspec.Struct, kw_only=True):
    """What an answer begins with whose data know no day on which they changed."""

    schema_version: str = VERSION
    schema_url: str


class Index(Undated, kw_only=True):
    """/api/v3/index.json: where each answer is; of some, with a name in braces to put in."""

    places: dict[str, str]


class PageRecord(msgspec.Struct, kw_only=True):
    """A page; its text is the page itself."""

    title: str
    url: str
    description: str
    date: datetime.date | None
    tags: tuple[str, ...]


class Pages(Undated, kw_only=True):
    """/api/v3/pages.json: every page, by its address."""

    pages: tuple[PageRecord, ...]


class SponsorRecord(msgspec.Struct, kw_only=True):
    """A sponsor, from its first day to its last."""

    name: str
    slug: str
    url: str
    website: str
    start: datetime.date
    end: datetime.date


class LevelRecord(msgspec.Struct, kw_only=True):
    """A level with its sponsors of today, and where their logos may stand."""

    name: str
    slug: str
    places: tuple[str, ...]
    sponsors: tuple[SponsorRecord, ...]


class Sponsors(Undated, kw_only=True):
    """/api/v3/sponsors.json: the sponsors of the PSF, by level, the highest first.

    `pictures` are the logos, by the slug of the sponsor, each in all its formats and sizes.
    """

    levels: tuple[LevelRecord, ...]
    pictures: dict[str, tuple[PictureFile, ...]] = {}


class GroupRecord(msgspec.Struct, kw_only=True):
    """A user group."""

    name: str
    area: str
    country: str
    place: str
    about: str
    website: str


class UserGroups(Undated, kw_only=True):
    """/api/v3/user-groups.json: the user groups, by country."""

    user_groups: tuple[GroupRecord, ...]


def schema_url(base: str) -> str:
    """Where the schema of all answers is."""
    return f"{base}{BASE}schema.json"


ANSWERS = (
    Index, Releases, OneRelease, Support, OneSeries, Latest, Files, Pages, Sponsors, UserGroups,
)  # fmt: skip

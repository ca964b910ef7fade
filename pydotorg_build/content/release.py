"""A release of Python or of its install manager, as a release manager writes it."""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Annotated, Literal

from msgspec import Meta as Limits

from pydotorg_build.content.base import Draftable, Fault
from pydotorg_build.content.file_names import label_of
from pydotorg_build.content.release_cards import Button, ReleaseCard
from pydotorg_build.content.release_files import (
    FTP,
    OLD_HOST,
    Download,
    Guess,
    Proof,
    ReleaseFile,
    button_rank,
    file_faults,
    proof_urls,
)
from pydotorg_build.content.versions import PATTERN, Version

PRODUCTS = {"python": "Python", "pymanager": "Python install manager"}
SYSTEMS = {
    "source": "Source",
    "android": "Android",
    "ios": "iOS",
    "macos": "macOS",
    "windows": "Windows",
}
KINDS = (
    *("source", "install-manager", "installer", "web-installer", "help-file"),
    *("embeddable-package", "install-manager-index", "debug-symbols"),
    *("install-manager-package", "test-package"),
)
ARCHES = ("x86-64", "x86", "arm64")
FIRST_WITH_CHANGELOG = Version(3, 3)
# Of older ones some have no files any more.
FIRST_WITH_ALL = Version(2, 0)
# Since then there are bills of materials: /download/sbom/ says so.
FIRST_SBOMS = (Version.parse("3.12.2"), Version.parse("3.13.0a4"))
MIDNIGHT = datetime.time(tzinfo=datetime.UTC)


class Release(Draftable, frozen=True, kw_only=True):
    """A release and its files; most of what is shown follows from the version.

    `file_version` is the version as its file names have it, where that differs (2.7 for 2.7.0).
    `proofs` and `by_rule` stand for every file that does not say otherwise.  `legacy` names the
    rules of today that an old release breaks: `http` addresses, `order` of dates.
    """

    title: str = ""
    version: Annotated[str, Limits(pattern=PATTERN, examples=["3.14.0rc1"])]
    product: Literal["python", "pymanager"] = "python"
    date: datetime.date | None = None
    published_at: datetime.datetime | None = None
    api_id: int = 0
    notes: str | None = None
    note: str = ""
    doubt: str = ""
    listed: bool | None = None
    release_managers: tuple[str, ...] = ()
    file_version: str = ""
    legacy: tuple[Literal["http", "order"], ...] = ()
    proofs: tuple[Proof, ...] = ()
    by_rule: tuple[Guess, ...] = ()
    files: tuple[ReleaseFile, ...] = ()

    @property
    def id(self) -> str:
        name = self.product if self.product == "pymanager" else "python"
        return f"{name}-{self.version.replace('.', '')}"

    @property
    def url(self) -> str:
        return f"/downloads/release/{self.id}/"

    @property
    def name(self) -> str:
        """What it is called: Python 3.14.0."""
        return self.title or f"{PRODUCTS[self.product]} {self.version}"

    @property
    def number(self) -> Version:
        """The version, to compare with."""
        return Version.parse(self.version)

    @property
    def series(self) -> str:
        """The series it belongs to; the install manager has none."""
        return self.number.series if self.product == "python" else ""

    @property
    def moment(self) -> datetime.datetime:
        """When it was published; the beginning of the day where no more is known."""
        day = self.date or datetime.date(1970, 1, 1)
        return self.published_at or datetime.datetime.combine(day, MIDNIGHT)

    @property
    def shown(self) -> tuple[datetime.datetime | None, datetime.datetime | None]:
        """A release is not on the site before its day."""
        return (datetime.datetime.combine(self.date, MIDNIGHT) if self.date else None, None)

    @property
    def notes_url(self) -> str:
        """The release notes: as written, else the changelog or What's New of the documentation."""
        if self.notes is not None or self.product != "python":
            return self.notes or ""
        number = self.number
        if number < FIRST_WITH_CHANGELOG:
            return ""
        docs = "https://docs.python.org"
        if number.prerelease:
            return f"{docs}/{number.series}/whatsnew/{number.series}.html"
        return f"{docs}/release/{self.version}/whatsnew/changelog.html"

    @property
    def whats_new_url(self) -> str:
        """What's New in its series, which the documentation of every 3.x series has."""
        number = self.number
        if self.product != "python" or number < Version(3, 0):
            return ""
        return f"https://docs.python.org/{number.series}/whatsnew/{number.series}.html"

    @property
    def api_number(self) -> int:
        """Its id in the interfaces for programs; one that is not written follows from the version.

        >>> Release(version="3.14.0").api_number
        3140099
        """
        number = self.number
        stage = 99 if not number.prerelease else 30 * number.stage + number.serial
        series = number.major * 100 + number.minor
        return self.api_id or series * 10_000 + number.micro * 100 + stage

    @property
    def on_downloads_page(self) -> bool:
        """Whether /downloads/ lists it, which pre-releases are not unless it says so."""
        return not self.number.prerelease if self.listed is None else self.listed

    def downloads(self) -> tuple[Download, ...]:
        """Work out its files, in the order in which people are shown them."""
        buttons = buttons_of(self.files)
        found = [
            self._download(place, file, button=file.name in buttons)
            for place, file in enumerate(self.files, 1)
        ]
        return tuple(sorted(found, key=_reading_order))

    def _download(self, place: int, file: ReleaseFile, *, button: bool) -> Download:
        os, arch, kind = file.facts
        recorded = file.url or self.folder + file.name
        proofs = self.proofs if file.proofs is None else file.proofs
        by_rule = self.by_rule if file.by_rule is None else file.by_rule
        return Download(
            api_id=file.api_id or self.api_number * 100 + place,
            name=file.name,
            label=file.label or label_of(file.name, self.date or datetime.date.max),
            slug=file.slug,
            description=file.description,
            os=os,
            arch=arch,
            kind=kind,
            free_threaded=bool(re.search(r"\dt-", file.name)),
            url=recorded.replace(OLD_HOST, "https://www.python.org/", 1),
            recorded_url=recorded,
            size=file.size,
            sha256=file.sha256,
            md5=file.md5,
            by_rule=by_rule,
            button=button,
            **proof_urls(recorded, proofs, file.gpg),
        )

    @property
    def folder(self) -> str:
        """Where its files lie."""
        if self.product == "pymanager":
            return f"{FTP}pymanager/"
        digits = re.match(r"[0-9.]+", self.file_version or self.version)
        return f"{FTP}{digits[0] if digits else self.version}/"

    def card(self) -> ReleaseCard:
        downloads = self.downloads()
        number = self.number
        groups = [f"os:{os}" for os in SYSTEMS if any(d.os == os for d in downloads)]
        if self.product == "python":
            groups += [f"series:{self.series}", f"python:{number.major}"]
        return ReleaseCard(
            id=self.id,
            title=self.name,
            url=self.url,
            date=self.date,
            groups=(f"product:{self.product}", *groups),
            version=self.version,
            product=self.product,
            series=self.series,
            prerelease=number.prerelease,
            moment=self.moment,
            notes_url=self.notes_url,
            note=self.note,
            doubt=self.doubt,
            misdated="order" in self.legacy,
            systems=tuple(os for os in SYSTEMS if any(d.os == os for d in downloads)),
            buttons=tuple(Button(d.os, d.label, d.url, d.name) for d in downloads if d.button),
        )


def _reading_order(download: Download) -> tuple[int, int, int, str, str]:
    arch = ARCHES.index(download.arch) if download.arch in ARCHES else len(ARCHES)
    kind = KINDS.index(download.kind) if download.kind in KINDS else len(KINDS)
    return (list(SYSTEMS).index(download.os), kind, arch, download.label, download.name)


def buttons_of(files: Iterable[ReleaseFile]) -> set[str]:
    """Choose one file for each system: the one that says so, else the most usual installer.

    >>> buttons_of([ReleaseFile(name="Python-3.9.0.tgz"), ReleaseFile(name="Python-3.9.0.tar.xz")])
    {'Python-3.9.0.tar.xz'}
    """
    asked: dict[str, str] = {}
    best: dict[str, tuple[int, str]] = {}
    for file in files:
        os, arch, kind = file.facts
        rank = button_rank(os, arch, kind, file.name)
        if file.button:
            asked[os] = file.name
        elif rank is not None and file.button is None:
            best[os] = min(best.get(os, (rank, file.name)), (rank, file.name))
    return set(({os: name for os, (_, name) in best.items()} | asked).values())


def check(release: Release) -> Iterator[Fault]:
    """Tell what the types cannot."""
    if release.product == "python" and release.version.count(".") != 2:
        yield Fault("version", f"`version` needs three numbers, as {release.version}.0")
    if release.date is None and not release.doubt:
        hint = "or say in `doubt` why it is not known"
        yield Fault("date", "`date` is missing: on which day was it published?", hint)
    if release.product == "pymanager" and not release.api_id:
        yield Fault("api_id", "`api_id` is missing: the install manager's is not worked out")
    if not (release.files or release.by_rule or release.draft) and release.number >= FIRST_WITH_ALL:
        hint = "list them, or write `draft: true` until they are there"
        yield Fault("files", "the release has no files", hint)
    for place, file in enumerate(release.files):
        yield from file_faults(file, f"files[{place}]", release.legacy)
        if "sbom" in (release.proofs if file.proofs is None else file.proofs):
            yield from _sbom_faults(release, f"files[{place}].proofs")
    yield from _doubles(release)


def _sbom_faults(release: Release, way: str) -> Iterator[Fault]:
    first, first_of_next = FIRST_SBOMS
    is_before = release.number < first or Version(3, 13, 0, 0) <= release.number < first_of_next
    if release.product == "python" and is_before:
        message = f"no bill of materials was made for {release.version}"
        yield Fault(way, message, f"take `sbom` out: they begin with {first} and {first_of_next}")


def _doubles(release: Release) -> Iterator[Fault]:
    names = Counter(file.name for file in release.files)
    for name in (name for name, count in names.items() if count > 1):
        yield Fault("files", f"{name} stands here {names[name]} times", "keep one of the lines")
    systems: Counter[str] = Counter()
    for file in release.files:
        systems[file.facts[0]] += bool(file.button)
    for os in (os for os, count in systems.items() if count > 1):
        message = f"{SYSTEMS.get(os, os)} has {systems[os]} download buttons, and may have one"
        yield Fault("files", message, "keep `button: true` in one line")

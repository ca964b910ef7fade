"""Releases and their files.  What follows from a version or a file's name is not written.

A release is the same if the interfaces for programs would say the same of it: so what release
managers wrote in fewer words stands, and what is written here says all that was imported.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from pydotorg_build.content.downloads_api import OS_IDS, Dialect, file_object, release_object
from pydotorg_build.content.file_names import naming
from pydotorg_build.content.read import read
from pydotorg_build.content.release import Release, check
from pydotorg_build.content.release_files import OLD_HOST, ReleaseFile, proof_urls
from pydotorg_build.front_matter import Mistake, decode, read_markdown
from pydotorg_build.importing.pages import body_of
from pydotorg_build.importing.rows import Row
from pydotorg_build.importing.writing import Wanted, markdown
from pydotorg_build.problems import Problem

NAME = re.compile(r"Python (install manager )?(\d+\.\d+(?:\.\d+)?) ?((?:a|b|rc|alpha |beta )\d+)?")
STAGES = {"alpha ": "a", "beta ": "b"}
V2 = Dialect("v2", "")
OWN = ("name", "release_date", "release_notes_url", "show_on_download_page")
PLAIN = {
    "size": "filesize", "sha256": "sha256_sum", "md5": "md5_sum", "description": "description",
}  # fmt: skip
# Fields of the API, and what proves a file where they hold what follows from its address.
PROOFS = {
    "gpg": {"gpg_signature_file": "gpg_url"},
    "sigstore": {"sigstore_bundle_file": "sigstore_url"},
    "sigstore-pair": {
        "sigstore_signature_file": "sigstore_signature_url",
        "sigstore_cert_file": "sigstore_certificate_url",
    },
    "sbom": {"sbom_spdx2_file": "sbom_url"},
}
Data = dict[str, Any]


def wanted(content: Path, rows: list[Row], problems: list[Problem]) -> Iterator[Wanted]:
    """A file for each release that is published."""
    systems = {row.number: row.text_of("slug") for row in rows if row.kind == "os"}
    systems = {number: slug for slug, number in OS_IDS.items()} | systems
    files: dict[int, list[Row]] = {}
    for row in rows:
        if row.kind == "release_file":
            files.setdefault(row.refers("release"), []).append(row)
    releases = [row for row in rows if row.kind == "release"]
    there = known(content / "releases") if releases else {}
    for row in releases:
        if row.fields.get("is_published", True):
            yield from _one(content, row, files.pop(row.number, []), systems, there, problems)
        else:
            files.pop(row.number, None)
    for number, left in files.items():
        message = f"its release {number} is not among what is imported"
        hint = "give the file with the releases as well"
        problems.append(Problem(left[0].source("release"), message, hint))


def known(folder: Path) -> dict[tuple[str, str], tuple[Path, Release]]:
    """The releases there are, by product and version."""
    found: dict[tuple[str, str], tuple[Path, Release]] = {}
    for path in sorted(folder.rglob("*.md")):
        try:
            entry, _ = read(Release, read_markdown(decode(path.read_bytes())).data)
        except Mistake:
            continue
        if entry:
            found[entry.product, entry.version] = (path, entry)
    return found


def _one(
    content: Path, row: Row, files: list[Row], systems: dict[int, str],
    there: dict[tuple[str, str], tuple[Path, Release]], problems: list[Problem],
) -> Iterator[Wanted]:  # fmt: skip
    begun = _release(row, problems)
    if begun is None:
        return
    data = {**begun, "files": [one for f in files if (one := _file(f, begun, systems, problems))]}
    _settle(data, files)
    entry, faults = read(Release, data)
    faults = faults or list(check(entry) if entry else ())
    if entry is None or faults:
        problems.extend(Problem(row.source(), fault.message, fault.hint) for fault in faults)
        return
    series = "pymanager" if entry.product == "pymanager" else entry.series
    new = content / "releases" / series / f"{entry.version}.md"
    path, known = there.get((entry.product, entry.version), (new, None))
    is_same = known is not None and said(known) == said(entry)
    yield Wanted(path, markdown(data, body_of(row)), row.source(), is_same=is_same)


def _release(row: Row, problems: list[Problem]) -> Data | None:
    """The fields of a release but for its files."""
    name = NAME.fullmatch(row.text_of("name"))
    if not name:
        message = f"`name` {row.text_of('name')!r} is not that of a release, as Python 3.14.0"
        problems.append(Problem(row.source("name"), message))
        return None
    try:
        moment = datetime.datetime.fromisoformat(row.text_of("release_date"))
    except ValueError:
        message = f"`release_date` must be a moment, not {row.text_of('release_date')!r}"
        problems.append(Problem(row.source("release_date"), message))
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)
    return _facts(row, name, moment.astimezone(datetime.UTC))


def _facts(row: Row, name: re.Match[str], moment: datetime.datetime) -> Data:
    number, stage = name[2], name[3] or ""
    for words, short in STAGES.items():
        stage = stage.replace(words, short)
    whole = number if number.count(".") == 2 or name[1] else f"{number}.0"
    data: Data = {"version": whole + stage}
    if name[1]:
        data["product"] = "pymanager"
    if whole != number:
        data["file_version"] = number + stage
    if msgspec.convert(data, Release).name != row.text_of("name"):
        data["title"] = row.text_of("name")
    data |= {"date": moment.date().isoformat(), "api_id": row.number}
    if moment.time() != datetime.time():
        data["published_at"] = f"{moment:%Y-%m-%dT%H:%M:%SZ}"
    bare = msgspec.convert(data, Release, strict=False)
    if row.text_of("release_notes_url") != bare.notes_url:
        data["notes"] = row.text_of("release_notes_url")
    listed = bool(row.fields.get("show_on_download_page"))
    return data if listed == bare.on_downloads_page else {**data, "listed": listed}


def _file(row: Row, begun: Data, systems: dict[int, str], problems: list[Problem]) -> Data | None:
    """One line of a release; what its name says already is left out."""
    url = row.text_of("url")
    name = url.rpartition("/")[2]
    if not name or naming(name) is None:
        message = f"`url` {url!r}: no naming rule says what this file is: it was left out"
        problems.append(Problem(row.source("url"), message, "write it into the release by hand"))
        return None
    given = {field: row.fields.get(today) for field, today in PLAIN.items()}
    data: Data = {"name": name, **{field: value for field, value in given.items() if value}}
    data["api_id"] = row.number
    for fault in read(ReleaseFile, data)[1]:
        problems.append(Problem(row.source(PLAIN[fault.name]), fault.message, fault.hint))
        del data[fault.name]
    bare = msgspec.convert({**begun, "files": [data]}, Release, strict=False).downloads()[0]
    system = systems.get(row.refers("os"), "")
    data |= {"url": url} if bare.recorded_url != url else {}
    data |= {"label": row.text_of("name")} if bare.label != row.text_of("name") else {}
    data |= {"os": system} if system and bare.os != system else {}
    return data | _proofs(row, url, problems)


def _proofs(row: Row, url: str, problems: list[Problem]) -> Data:
    """What proves a file, by the rule or as written; what is neither is told."""
    proofs, data = [], {}
    for proof, fields in PROOFS.items():
        by_rule = proof_urls(url, (proof,))
        wrong = {name: row.text_of(name) for name, key in fields.items()
                 if row.text_of(name) not in ("", by_rule[key])}  # fmt: skip
        if all(row.text_of(name) for name in fields) and not wrong:
            proofs.append(proof)
        elif proof == "gpg" and wrong:
            data["gpg"] = wrong["gpg_signature_file"]
        elif any(row.text_of(name) for name in fields):
            name = next(iter(wrong or fields))
            message = f"`{name}` does not follow from the address of the file: it was left out"
            problems.append(Problem(row.source(name), message))
    return {**data, "proofs": proofs} if proofs else data


def _settle(data: Data, files: list[Row]) -> None:
    """What only all files together tell: old addresses, slugs, and buttons."""
    addresses = [row.text_of("url") for row in files]
    if any(address.startswith(OLD_HOST) for address in addresses):
        data["legacy"] = ["http"]
    rows = {row.number: row for row in files}
    # Where one file has no button another may get it, so it is looked at again.
    while _corrected(data, rows):
        pass
    if not data["files"]:
        del data["files"]


def _corrected(data: Data, rows: dict[int, Row]) -> bool:
    """Write out slugs and buttons that would be others; say whether there were any."""
    release = msgspec.convert(data, Release, strict=False)
    shown = {d.api_id: file_object(V2, release, d) for d in release.downloads()}
    found = False
    for line in data["files"]:
        row, now = rows[line["api_id"]], shown[line["api_id"]]
        slug, button = row.text_of("slug"), bool(row.fields.get("download_button"))
        if slug and now["slug"] != slug:
            line["slug"], found = slug, True
        if now["download_button"] != button and "button" not in line:
            line["button"], found = button, True
    return found


def said(release: Release) -> Any:
    """All that the interfaces for programs say of a release and its files."""
    own = release_object(V2, release, set())
    files = [file_object(V2, release, download) for download in release.downloads()]
    by_number = sorted(files, key=lambda one: str(one["resource_uri"]))
    return {name: own[name] for name in (*OWN, "resource_uri")}, by_number

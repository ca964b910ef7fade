"""`pydotorg import`: today's data becomes content, once, and never at the cost of an editor's words."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from pydotorg_build.cli import main
from pydotorg_build.content.downloads_api import file_object, release_object
from pydotorg_build.importing.releases import V2, known, said
from tests.conftest import ROOT

RELEASE = {
    "name": "Python 3.99.0rc1", "slug": "python-3990-rc1", "version": 3, "is_published": True,
    "is_latest": False, "release_date": "2026-07-22T00:00:00Z", "pre_release": True,
    "release_page": None, "show_on_download_page": False,
    "release_notes_url": "https://docs.python.org/3.99/whatsnew/3.99.html",
    "resource_uri": "https://www.python.org/api/v2/downloads/release/901/",
}  # fmt: skip
URL = "https://www.python.org/ftp/python/3.99.0/Python-3.99.0rc1.tar.xz"
FILE = {
    "name": "XZ compressed source tarball", "slug": "3990-rc1-XZ-compressed-source-tarball",
    "os": "https://www.python.org/api/v2/downloads/os/3/",
    "release": "https://www.python.org/api/v2/downloads/release/901/",
    "description": "", "is_source": True, "url": URL, "gpg_signature_file": "",
    "md5_sum": "", "sha256_sum": "ab" * 32, "filesize": 23000000, "download_button": True,
    "resource_uri": "https://www.python.org/api/v2/downloads/release_file/9001/",
    "sigstore_signature_file": "", "sigstore_cert_file": "",
    "sigstore_bundle_file": f"{URL}.sigstore", "sbom_spdx2_file": f"{URL}.spdx.json",
}  # fmt: skip
PAGE = {"title": "About us", "path": "about/us", "keywords": "python", "description": "We.",
        "content": "We are **many**.", "content_markup_type": "markdown", "is_published": True}  # fmt: skip
WRITTEN = f"""---
version: 3.99.0rc1
date: 2026-07-22
api_id: 901
files:
- {{name: Python-3.99.0rc1.tar.xz, size: 23000000, sha256: {"ab" * 32}, api_id: 9001, proofs: [sigstore, sbom]}}
---
"""


def of_fixture(model, number, fields):
    """A row as `dumpdata` writes it: other rows by their numbers."""
    numbers = {"os": 3, "release": 901} if model.endswith("releasefile") else {}
    return {"model": model, "pk": number, "fields": {**fields, **numbers}}


API = [RELEASE, FILE]
CALENDAR = """BEGIN:VCALENDAR
BEGIN:VEVENT
UID:1@a.example
DTSTAMP:20260101T000000Z
SUMMARY:PyDay Testland
DTSTART;TZID=Europe/Berlin:20270514T090000
DTEND;TZID=Europe/Berlin:20270514T170000
LOCATION:Town hall\\, Testville\\, Testland
URL:https://pyday.example/
DESCRIPTION:We talk about **Python**.
END:VEVENT
BEGIN:VEVENT
UID:2@a.example
DTSTAMP:20260101T000000Z
SUMMARY:Meetup
DTSTART;VALUE=DATE:20270105
RRULE:FREQ=MONTHLY;BYDAY=1TU
EXDATE;VALUE=DATE:20270504
LOCATION:Online
END:VEVENT
BEGIN:VEVENT
SUMMARY:Nowhen
END:VEVENT
END:VCALENDAR
"""
FIXTURE = [
    of_fixture("downloads.os", 3, {"name": "Source release", "slug": "source"}),
    of_fixture("downloads.release", 901, RELEASE),
    of_fixture("downloads.releasefile", 9001, FILE),
    of_fixture("pages.page", 1, PAGE),
    of_fixture("redirects.redirect", 1, {"old_path": "/old/", "new_path": "/about/us/"}),
    of_fixture("redirects.redirect", 2, {"old_path": "/gone/", "new_path": ""}),
]


@pytest.fixture
def take(project):
    """Import rows into an empty project; give the answer of the command."""
    project.write("-- build.toml --\n[site]\nname = 'Test'\nurl = 'https://test.example'\n")

    def run(rows, *options, name="today.json"):
        file = project.root / name
        file.write_text(rows if isinstance(rows, str) else json.dumps(rows, indent=1))
        config = ["--config", str(project.root / "build.toml")]
        return CliRunner().invoke(main, ["import", str(file), *config, *options])

    return run


def files(project):
    return {
        path.relative_to(project.root).as_posix(): path.read_text()
        for path in sorted((project.root / "content").rglob("*.*"))
        if path.is_file()
    }


@pytest.mark.row("S410")
@pytest.mark.parametrize("rows", [API, FIXTURE], ids=["api", "fixture"])
def test_a_release_becomes_a_file_with_what_does_not_follow_from_its_name(take, project, rows):
    answer = take(rows)

    assert answer.exit_code == 0, answer.output
    assert files(project)["content/releases/3.99/3.99.0rc1.md"] == WRITTEN


def test_pages_and_redirects_become_content(take, project):
    take(FIXTURE)

    found = files(project)
    assert found["content/pages/about/us.md"] == (
        "---\ntitle: About us\ndescription: We.\nkeywords: python\n---\nWe are **many**.\n"
    )
    assert found["content/redirects.yaml"] == (
        "- {from: /old/, to: /about/us/}\n- {from: /gone/, status: 410}\n"
    )


@pytest.mark.row("S410", "C19")
def test_a_second_time_changes_nothing(take, project):
    first, before = take(FIXTURE), files(project)

    second = take(FIXTURE)

    assert first.output.count("new: ") == 3
    assert (second.exit_code, second.output, files(project)) == (0, "", before)


@pytest.mark.row("C19")
def test_a_dry_run_shows_the_difference_and_writes_nothing(take, project):
    answer = take(API, "--dry-run")

    assert "--- /dev/null\n+++ content/releases/3.99/3.99.0rc1.md\n" in answer.output
    assert "+version: 3.99.0rc1\n" in answer.output
    assert not (project.root / "content").exists()
    assert not (project.root / "imported.json").exists()


def test_what_changed_there_is_changed_here(take, project):
    take(API)

    answer = take([RELEASE, {**FILE, "filesize": 7}])

    assert answer.output == "changed: content/releases/3.99/3.99.0rc1.md\n"
    assert "size: 7," in files(project)["content/releases/3.99/3.99.0rc1.md"]


@pytest.mark.parametrize("is_imported", [True, False], ids=["changed-since", "by-hand"])
def test_what_an_editor_wrote_is_told_and_left(take, project, is_imported):
    if is_imported:
        take(FIXTURE)
    path = "content/pages/about/us.md"
    project.write(f"-- {path} --\n---\ntitle: Mine\n---\nMy words.\n")

    answer = take(FIXTURE)

    assert answer.exit_code == 1
    assert "today.json:50: us.md says something else, and was written by hand: it was left" in (
        answer.output
    )
    assert "My words." in files(project)[path]
    take(FIXTURE, "--overwrite")
    assert "We are **many**." in files(project)[path]


def test_what_release_managers_wrote_in_other_words_is_the_same(take, project):
    lines = WRITTEN.replace("files:", "# The last one.\nproofs: [sigstore, sbom]\nfiles:")
    lines = lines.replace(", proofs: [sigstore, sbom]}", "}")
    project.write(f"-- content/releases/3.99/3.99.0rc1.md --\n{lines}")

    answer = take(API)

    assert (answer.exit_code, answer.output) == (0, "")


@pytest.mark.row("C19")
def test_events_of_a_calendar_become_files_once(take, project):
    first, before = take(CALENDAR, "--calendar", "user-groups", name="today.ics"), files(project)

    second = take(CALENDAR.replace("20260101", "20260202"), "--calendar", "user-groups",
                  name="today.ics")  # fmt: skip

    assert before == {
        "content/events/pyday-testland-2027.md": """---
title: PyDay Testland
calendar: user-groups
kind: other
venue: {name: Town hall, city: Testville, country: Testland}
start: "2027-05-14 09:00"
end: "2027-05-14 17:00"
zone: Europe/Berlin
website: "https://pyday.example/"
uid: 1@a.example
updated: 2026-01-01
---
We talk about **Python**.
""",
        "content/events/meetup.md": """---
title: Meetup
calendar: user-groups
kind: other
online: true
start: 2027-01-05
rule: FREQ=MONTHLY;BYDAY=1TU
without: [2027-05-04]
uid: 2@a.example
updated: 2026-01-01
---
""",
    }
    assert "today.ics:21: this event cannot be read" in first.output
    assert files(project) == before
    assert "new: " not in second.output + "".join(files(project).keys() - before.keys())


@pytest.mark.row("S410")
def test_all_real_releases_come_back_from_the_api_as_they_are(take, project):
    """What the interfaces say of the content of this repository, taken into an empty project."""
    real = known(ROOT / "content/releases")
    asked = [release for _, release in real.values() if not release.doubt]
    rows = [one for release in asked for one in rows_of(release)]

    answer = take(rows)

    came = {key: release for key, (_, release) in known(project.root / "content/releases").items()}
    told = {(r.product, r.version): said(r) for r in asked}
    differs = [key for key in told if key not in came or said(came[key]) != told[key]]
    assert (answer.output.count("new: "), differs) == (len(asked), [])


def rows_of(release):
    """A release and its files, as the API has them."""
    yield release_object(V2, release, set())
    for download in release.downloads():
        yield file_object(V2, release, download)


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("{", "today.json:1: is not JSON"),
        ([{"a": 1}], "today.json:2: a row has neither `model` nor a `resource_uri`"),
        ([of_fixture("jobs.job", 1, {})], "today.json:1: has nothing that can be imported"),
        ([{**RELEASE, "name": "Jython"}], "today.json:3: `name` 'Jython' is not that of a release"),
        ([{**RELEASE, "release_date": "soon"}],
         "today.json:8: `release_date` must be a moment, not 'soon'"),
        ([RELEASE, {**FILE, "url": "https://www.python.org/ftp/odd.zip"}],
         "no naming rule says what this file is: it was left out"),
        ([RELEASE, {**FILE, "filesize": "big", "sha256_sum": "no"}],
         "today.json:25: `sha256` must be written like 64 digits"),
        ([FILE], "today.json:6: its release 901 is not among what is imported"),
        ([RELEASE, {**FILE, "sbom_spdx2_file": "https://x.example/a"}],
         "`sbom_spdx2_file` does not follow from the address of the file: it was left out"),
        ([of_fixture("pages.page", 1, {**PAGE, "path": "../../etc"})],
         "today.json:7: `path` '../../etc' is not the address of a page"),
        ([of_fixture("redirects.redirect", 1, {"old_path": "old", "new_path": "/"})],
         "today.json:6: `from` must begin with `/`\n  hint: write it as /path/"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_told_with_its_place_and_the_rest_is_taken(take, rows, told):
    answer = take(rows)

    assert answer.exit_code == 1
    assert "Traceback" not in answer.output
    assert told in answer.output

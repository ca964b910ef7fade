"""Releases: what is newest, what supersedes what, and what their pages say."""

import datetime
from pathlib import Path

import pytest

from pydotorg_build.artifacts import Redirect
from pydotorg_build.content.cycle import Series
from pydotorg_build.content.managers import Manager
from pydotorg_build.content.read import read
from pydotorg_build.content.release import Release, check
from pydotorg_build.content.release_cards import newest, newest_final, superseding
from pydotorg_build.content.release_files import ReleaseFile
from pydotorg_build.content.releases import RELEASES
from pydotorg_build.front_matter import read_markdown
from pydotorg_build.problems import Problem
from tests.content.entries import published, release, site_of

DAY = datetime.date.fromisoformat
DIGEST = "2299dae542d395ce3883aca00d3c910307cd68e0b2f7336098c8e7b7eee9f3e9"
SERIES = (
    Series(version="3.15", end_of_life=DAY("2031-10-01"), first_release=DAY("2026-10-09")),
    Series(version="3.14", end_of_life=DAY("2030-10-01"), end_of_bugfix=DAY("2027-10-07")),
    Series(version="3.9", end_of_life=DAY("2025-10-31")),
    Series(version="2.7", end_of_life=DAY("2020-01-01")),
)
FILES = (
    ReleaseFile(name="Python-3.14.0.tar.xz", sha256=DIGEST, size=23595844),
    ReleaseFile(name="python-3.14.0-amd64.exe", sha256=DIGEST[::-1]),
    ReleaseFile(name="python-3.14.0-macos11.pkg"),
)
EVERY = (
    release("3.15.0rc1", "2026-08-01"),
    release("3.14.0", "2025-10-07", files=FILES, proofs=("sigstore",)),
    release("3.14.0rc1", "2025-07-22"),
    release("3.9.25", "2025-10-31"),
    release("3.9.24", "2025-10-09"),
    release("2.7.18", "2020-04-20"),
)
PYMANAGER = Release(product="pymanager", version="25.0b9", date=DAY("2025-05-26"), api_id=1012)


def page_of(id, *more, now=None):
    things = published(RELEASES, *SERIES, *EVERY, *more, **({"now": now} if now else {}))
    return things[f"/downloads/release/{id}/"].data


def problems_of(*entries):
    return [str(p) for p in published(RELEASES, *entries).values() if isinstance(p, Problem)]


def latest(*entries):
    """Where /downloads/latest/… leads."""
    things = published(RELEASES, *entries).values()
    found = [thing for thing in things if isinstance(thing, Redirect) and "latest" in thing.url]
    assert {redirect.status for redirect in found} == {302}
    return {redirect.url.removeprefix("/downloads/latest"): redirect.target for redirect in found}


@pytest.mark.row("S079")
def test_latest_is_the_newest_final_release_and_never_a_pre_release():
    found = latest(*SERIES, *EVERY, PYMANAGER)

    assert found["/"] == found[""] == "/downloads/release/python-3140/"
    assert found["/python3/"] == found["/python3"] == "/downloads/release/python-3140/"
    assert found["/python2/"] == "/downloads/release/python-2718/"
    assert found["/python3.9/"] == "/downloads/release/python-3925/"
    assert found["/prerelease/"] == "/downloads/release/python-3150rc1/"
    assert found["/pymanager/"] == "/downloads/release/pymanager-250b9/"


def test_latest_of_a_series_without_a_final_release_is_its_newest_pre_release():
    assert latest(*SERIES, *EVERY)["/python3.15/"] == "/downloads/release/python-3150rc1/"


def test_latest_leads_to_the_downloads_page_where_there_is_nothing():
    found = latest(SERIES[0], EVERY[0])

    assert found["/python2/"] == found["/pymanager/"] == found["/python3/"] == "/downloads/"


def test_a_release_that_may_not_exist_is_never_the_newest():
    cards = [
        release("3.7.0rc1", "2018-06-12").card(),
        Release(version="3.7.0rc2", doubt="only a list of checksums names it").card(),
    ]

    assert newest(cards).version == "3.7.0rc1"


@pytest.mark.row("S077")
def test_ten_is_newer_than_nine():
    cards = [release(v, "2021-01-01").card() for v in ("3.9.1", "3.10.0", "3.9.10")]

    assert newest_final(cards).version == "3.10.0"


def test_a_final_release_is_not_superseded_by_a_pre_release():
    cards = [release(v, "2026-05-01").card() for v in ("3.14.4", "3.14.5rc1")]

    assert superseding(cards[0], cards) is None
    assert superseding(cards[1], cards) is None


def test_a_pre_release_is_superseded_by_its_final_release():
    cards = [release(v, "2025-10-07").card() for v in ("3.14.0rc1", "3.14.0")]

    assert superseding(cards[0], cards).version == "3.14.0"


@pytest.mark.row("S085")
@pytest.mark.parametrize(
    ("id", "words"),
    [
        ("python-3140", ["bugfix"]),
        ("python-3140rc1", ["pre-release"]),
        ("python-3150rc1", ["pre-release"]),
        ("python-3925", ["end-of-life"]),
    ],
)
def test_the_page_of_a_release_says_how_far_it_can_be_relied_on(id, words):
    assert [badge.word for badge in page_of(id)["badges"]] == words


@pytest.mark.row("S085")
def test_the_status_changes_with_the_clock_and_nothing_else():
    data = page_of("python-3140", now=DAY("2027-10-07"))

    assert [badge.word for badge in data["badges"]] == ["security"]


def test_an_ended_release_tells_of_the_last_one_of_its_series():
    data = page_of("python-3924")

    assert data["ended"]
    assert data["last"].version == "3.9.25"


@pytest.mark.row("S084")
def test_a_release_has_its_checksums_as_a_file():
    things = published(RELEASES, *SERIES, *EVERY)

    assert things["/downloads/release/python-3140/SHA256SUMS"].content == (
        f"{DIGEST}  Python-3.14.0.tar.xz\n{DIGEST[::-1]}  python-3.14.0-amd64.exe\n"
    )
    assert "/downloads/release/python-3925/SHA256SUMS" not in things


@pytest.mark.row("S084")
def test_commands_have_the_file_and_its_digest_filled_in():
    commands = {(c.system, c.tool): c.text for c in page_of("python-3140")["checksum_commands"]}

    assert commands["Linux", "sha256sum"] == (
        f'echo "{DIGEST}  Python-3.14.0.tar.xz" | sha256sum --check'
    )
    assert commands["Windows", "PowerShell"] == (
        f"(Get-FileHash -Algorithm SHA256 .\\python-3.14.0-amd64.exe).Hash -eq '{DIGEST[::-1]}'"
    )


def test_a_file_without_a_checksum_has_no_command():
    texts = [c.text for c in page_of("python-3140")["checksum_commands"]]

    assert not any("macos11.pkg" in text for text in texts)


def test_there_is_no_command_for_a_signer_who_is_not_known():
    data = page_of("python-3140")

    assert (data["sigstore_commands"], data["gpg_commands"]) == ((), ())


def test_a_known_identity_is_filled_in():
    signer = Manager(
        title="Ada",
        sigstore_identity="ada@example.org",
        sigstore_issuer="https://issuer.example",
        evidence="https://www.python.org/downloads/signing/",
    )
    entry = release("3.8.0", "2019-10-14", files=FILES, proofs=("sigstore",))
    entry = Release(**{f: getattr(entry, f) for f in ("version", "date", "files", "proofs")},
                    release_managers=("Ada",))  # fmt: skip
    series = Series(version="3.8", end_of_life=DAY("2024-10-07"))

    page = published(RELEASES, series, signer, entry)["/downloads/release/python-380/"]

    (command,) = page.data["sigstore_commands"]
    assert "--cert-identity ada@example.org" in command.text
    assert "--cert-oidc-issuer https://issuer.example" in command.text


def test_windows_is_offered_the_install_manager_first():
    assert page_of("python-3140", PYMANAGER)["install_manager"].version == "25.0b9"
    assert page_of("python-2718", PYMANAGER)["install_manager"] is None


def test_old_addresses_lead_to_the_page_of_the_release():
    things = published(RELEASES, *SERIES, *EVERY)

    redirect = things["/download/releases/3.14.0/"]
    assert (redirect.target, redirect.status) == ("/downloads/release/python-3140/", 301)


def test_the_mirror_addresses_lead_to_downloads():
    redirect = published(RELEASES, *SERIES, *EVERY)["/getit/*"]

    assert redirect.target == "/downloads/:splat"


def test_the_feed_has_the_ten_newest_with_pre_releases_and_the_install_manager():
    many = [release(f"3.14.{n}", f"2026-01-{n:02}") for n in range(1, 9)]

    feed = published(RELEASES, *SERIES, *EVERY, *many, PYMANAGER)["/downloads/feed.rss"]

    assert [item.title for item in feed.items] == [
        "Python 3.15.0rc1",
        *(f"Python 3.14.{n}" for n in range(8, 0, -1)),
        "Python 3.9.25",
    ]
    assert feed.items[0].summary == "Release date: 1 August 2026"


def test_every_release_of_the_site_can_be_read():
    root = Path(__file__).parents[2] / "content" / "releases"
    numbers, files = set(), 0

    for path in root.rglob("*.md"):
        data = read_markdown(path.read_text(encoding="utf-8")).data
        entry, faults = read(Release, data)
        assert not faults
        assert list(check(entry)) == []
        numbers.add(entry.api_number)
        files += len(entry.files)

    assert len(numbers) >= 653
    assert files >= 4499


def test_the_release_of_the_guide_can_be_read():
    guide = Path(__file__).parents[2] / "docs" / "releases.md"
    _, _, rest = guide.read_text(encoding="utf-8").partition("```\n")
    document = read_markdown(rest.partition("```")[0])

    entry, faults = read(Release, document.data)

    assert faults == []
    assert list(check(entry)) == []
    assert [download.button for download in entry.downloads()] == [True, True]


@pytest.mark.row("S081")
@pytest.mark.row("S174")
def test_there_is_a_page_for_every_system():
    things = published(RELEASES, *SERIES, *EVERY)

    names = ("", "source/", "windows/", "macos/", "android/", "ios/", "operating-systems/")
    assert [name for name in names if f"/downloads/{name}" not in things] == []


def test_who_has_an_older_mac_is_led_to_the_last_installer_for_it():
    entries = [
        release(version, day, files=(ReleaseFile(name=f"python-{version}-macos11.pkg"),))
        for version, day in {
            "3.14.0": "2025-10-07",
            "3.13.1": "2024-12-03",
            "3.13.0": "2024-10-07",
            "3.12.5": "2024-08-06",
            "3.12.4": "2024-06-06",
        }.items()
    ]
    series = [Series(version=v, end_of_life=DAY("2030-10-01")) for v in ("3.12", "3.13", "3.14")]

    older = published(RELEASES, *series, *entries)["/downloads/macos/"].data["older"]

    assert [(one.systems, one.release.version) for one in older] == [
        ("macOS 10.13 or 10.14", "3.13.1"),
        ("macOS 10.9 to 10.12", "3.12.5"),
    ]


def test_a_release_is_not_on_the_site_before_its_day():
    site = site_of(release("3.14.1", "2026-12-01"), now=DAY("2026-11-30"))

    assert site.cards("releases") == ()


def test_a_release_without_a_series_is_refused():
    (problem,) = problems_of(release("3.17.0", "2026-01-01"))

    assert "there is no series `3.17`" in problem
    assert "hint: write content/series/3.17.md" in problem


def test_a_release_dated_before_the_one_before_it_is_refused():
    entries = (*SERIES, release("3.14.1", "2025-10-06"), EVERY[1])

    (problem,) = problems_of(*entries)

    assert "3.14.1 is dated 2025-10-06, before 3.14.0" in problem


def test_an_old_release_out_of_order_is_marked_and_not_passed_silently():
    entries = (*SERIES, release("3.14.1", "2025-10-06", legacy=("order",)), EVERY[1])

    assert problems_of(*entries) == []


def test_two_files_cannot_have_one_id():
    files = (ReleaseFile(name="Python-3.14.1.tgz", api_id=5),)
    more = (ReleaseFile(name="Python-3.14.2.tgz", api_id=5),)
    entries = (
        release("3.14.1", "2025-12-02", files=files),
        release("3.14.2", "2025-12-05", files=more),
    )

    (problem,) = problems_of(*SERIES, *entries)

    assert "has the file id 5, which is that of Python-3.14.1.tgz of Python 3.14.1" in problem


def test_ids_that_are_not_written_are_never_shared():
    versions = ("3.14.0a1", "3.14.0b1", "3.14.0rc1", "3.14.0", "3.14.1", "3.1.40", "31.4.0")

    numbers = {Release(version=version).api_number for version in versions}

    assert len(numbers) == len(versions)


def test_a_date_is_wanted_unless_nobody_knows_it():
    one = ReleaseFile(name="Python-3.7.0rc2.tgz")

    assert [fault.name for fault in check(Release(version="3.7.0rc2", files=(one,)))] == ["date"]
    assert list(check(Release(version="3.7.0rc2", files=(one,), doubt="nobody knows"))) == []


def test_a_version_of_python_has_three_numbers():
    entry = release("3.14", "2025-10-07", files=(ReleaseFile(name="Python-3.14.tgz"),))

    assert [fault.message for fault in check(entry)] == ["`version` needs three numbers, as 3.14.0"]

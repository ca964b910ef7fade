"""The interfaces for programs: today's shapes, ids and queries, and the new version."""

import datetime
import json
import re

import msgspec
import pytest

from pydotorg_build.artifacts import Data, Redirect
from pydotorg_build.content import api_v3_records as api_v3
from pydotorg_build.content.cycle import Series
from pydotorg_build.content.release import Release
from pydotorg_build.content.release_files import ReleaseFile
from pydotorg_build.content.releases import RELEASES
from tests.content.entries import published, release, site_of

DAY = datetime.date.fromisoformat
SERIES = (
    Series(version="3.14", end_of_life=DAY("2030-10-01")),
    Series(version="2.0", end_of_life=DAY("2001-06-22")),
)
TWO = release(
    "2.0.1",
    "2001-06-22",
    api_id=146,
    notes="http://hg.python.org/cpython/raw-file/v2.0.1/Misc/NEWS",
    files=(
        ReleaseFile(
            name="Python-2.0.1.tgz",
            size=17571840,
            md5="eba86a416f8e8ab682544aade7d0cc27",
            api_id=764,
            slug="python-201-Gzipped-source-tarball",
            button=False,
        ),
        ReleaseFile(name="Python-2.0.1.exe", api_id=765),
    ),
)
THREE = release("3.14.0", "2025-10-07", files=(ReleaseFile(name="Python-3.14.0.tar.xz"),))
EARLY = release("3.14.0rc1", "2025-07-22")
MANAGER = Release(product="pymanager", version="25.0b9", date=DAY("2025-05-26"), api_id=1012)
EVERY = (*SERIES, TWO, THREE, EARLY, MANAGER)


def all_of(*entries):
    """Data by address, and redirects as they are told to a host."""
    site = site_of(*entries)
    things = [thing for entry in site.all("releases") for thing in RELEASES.of_one(entry, site)]
    things += RELEASES.of_all(site)
    data = {
        thing.url: msgspec.to_builtins(thing.content) for thing in things if isinstance(thing, Data)
    }
    rules = {
        (thing.url, *sorted(thing.query.items())): thing.target
        for thing in things
        if isinstance(thing, Redirect) and thing.url.startswith("/api/")
    }
    return data, rules


def answer(path, **query):
    """What a host answers: the first rule for these parameters, its placeholders filled in."""
    data, rules = all_of(*EVERY)
    exact_first = sorted(rules.items(), key=lambda rule: str(rule[0]).count("':"))
    for (url, *wanted), target in exact_first:
        fits = all(value.startswith(":") or value == query.get(name) for name, value in wanted)
        if url == path and fits and {name for name, _ in wanted} == query.keys():
            return data.get(re.sub(r":(\w+)", lambda name: query[name[1]], target))
    return None


@pytest.mark.row("S193")
def test_v2_has_the_keys_in_their_order_and_absolute_addresses():
    data, _ = all_of(*EVERY)

    assert list(data["/api/v2/downloads/release/146.json"].items()) == [
        ("name", "Python 2.0.1"),
        ("slug", "python-201"),
        ("version", 2),
        ("is_published", True),
        ("is_latest", True),
        ("release_date", "2001-06-22T00:00:00Z"),
        ("pre_release", False),
        ("release_page", None),
        ("release_notes_url", "http://hg.python.org/cpython/raw-file/v2.0.1/Misc/NEWS"),
        ("show_on_download_page", True),
        ("resource_uri", "https://www.python.org/api/v2/downloads/release/146/"),
    ]


@pytest.mark.row("S193")
def test_v2_tells_of_a_file_as_before():
    data, _ = all_of(*EVERY)

    assert list(data["/api/v2/downloads/release_file/764.json"].items()) == [
        ("name", "Gzipped source tarball"),
        ("slug", "python-201-Gzipped-source-tarball"),
        ("os", "https://www.python.org/api/v2/downloads/os/3/"),
        ("release", "https://www.python.org/api/v2/downloads/release/146/"),
        ("description", ""),
        ("is_source", True),
        ("url", "https://www.python.org/ftp/python/2.0.1/Python-2.0.1.tgz"),
        ("gpg_signature_file", ""),
        ("md5_sum", "eba86a416f8e8ab682544aade7d0cc27"),
        ("sha256_sum", ""),
        ("filesize", 17571840),
        ("download_button", False),
        ("resource_uri", "https://www.python.org/api/v2/downloads/release_file/764/"),
        ("sigstore_signature_file", ""),
        ("sigstore_cert_file", ""),
        ("sigstore_bundle_file", ""),
        ("sbom_spdx2_file", ""),
    ]


@pytest.mark.row("S083")
def test_v1_has_an_envelope_sorted_keys_paths_and_no_zone():
    data, _ = all_of(*EVERY)

    answer = data["/api/v1/downloads/release.json"]

    assert answer["meta"] == {
        "limit": 4,
        "next": None,
        "offset": 0,
        "previous": None,
        "total_count": 4,
    }
    two = answer["objects"][0]
    assert list(two) == sorted(two)
    assert two["release_date"] == "2001-06-22T00:00:00"
    assert two["resource_uri"] == "/api/v1/downloads/release/146/"


def test_lists_are_sorted_by_name():
    data, _ = all_of(*EVERY)

    assert [o["name"] for o in data["/api/v2/downloads/release.json"]] == [
        *("Python 2.0.1", "Python 3.14.0", "Python 3.14.0rc1", "Python install manager 25.0b9")
    ]
    assert [o["name"] for o in data["/api/v2/downloads/os.json"]] == [
        *("Android", "Source release", "Windows", "iOS", "macOS")
    ]


@pytest.mark.row("S193")
@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"version": "2"}, ["Python 2.0.1"]),
        ({"version": "3"}, ["Python 3.14.0", "Python 3.14.0rc1"]),
        ({"version": "100"}, ["Python install manager 25.0b9"]),
        ({"slug": "python-3140"}, ["Python 3.14.0"]),
        ({"name": "Python%203.14.0"}, ["Python 3.14.0"]),
        ({"pre_release": "true"}, ["Python 3.14.0rc1", "Python install manager 25.0b9"]),
        ({"pre_release": "false"}, ["Python 2.0.1", "Python 3.14.0"]),
        ({"is_published": "false"}, []),
        ({"version": "3", "is_published": "true"}, ["Python 3.14.0", "Python 3.14.0rc1"]),
        ({"version": "3", "pre_release": "false"}, ["Python 3.14.0"]),
        ({"is_published": "true", "pre_release": "false"}, ["Python 2.0.1", "Python 3.14.0"]),
        ({"version": "3", "pre_release": "false", "is_published": "true"}, ["Python 3.14.0"]),
        ({"version": "3", "is_published": "false"}, []),
        ({"is_published": "True", "pre_release": "False"}, ["Python 2.0.1", "Python 3.14.0"]),
        ({"version": "3", "pre_release": "True"}, ["Python 3.14.0rc1"]),
        ({"is_published": "False"}, []),
    ],
    ids=str,
)
def test_a_query_for_releases_is_answered_by_a_file(query, names):
    found = answer("/api/v2/downloads/release/", **query)

    assert [values["name"] for values in found] == names


@pytest.mark.row("S193")
@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ({"release": "146"}, ["764", "765"]),
        ({"os": "1"}, ["765"]),
        ({"os": "3", "release": "146"}, ["764"]),
    ],
    ids=str,
)
def test_a_query_for_files_is_answered_by_a_file(query, ids):
    found = answer("/api/v2/downloads/release_file/", **query)

    assert [values["resource_uri"].split("/")[-2] for values in found] == ids


def test_v1_pages_end_after_the_first():
    first = answer("/api/v1/downloads/release/", limit="20", offset="0")
    second = answer("/api/v1/downloads/release/", limit="20", offset="20")

    assert len(first["objects"]) == 4
    assert second["objects"] == []


@pytest.mark.row("S083")
def test_releases_have_a_short_address_with_the_same_fields():
    data, rules = all_of(*EVERY)

    (one,) = data[rules[("/api/v1/releases/:slug",)].replace(":slug", "python-201")]["objects"]

    assert data[rules[("/api/v1/releases/",)]] == data["/api/v1/downloads/release.json"]
    assert one == data["/api/v1/downloads/release/146.json"]


def test_every_rule_without_a_placeholder_leads_to_a_file():
    data, rules = all_of(*EVERY)

    targets = {target for target in rules.values() if ":" not in target}
    assert targets - data.keys() == set()


def test_exactly_one_release_of_each_version_is_the_latest():
    data, _ = all_of(*EVERY)

    latest = [o["name"] for o in data["/api/v2/downloads/release.json"] if o["is_latest"]]

    assert latest == ["Python 2.0.1", "Python 3.14.0", "Python install manager 25.0b9"]


def test_a_release_that_may_not_exist_is_told_of_by_v3_only():
    doubtful = Release(version="3.14.0rc2", doubt="nobody knows")
    data, _ = all_of(*EVERY, doubtful)

    names = [o["version"] for o in data["/api/v3/releases.json"]["releases"]]
    assert "3.14.0rc2" in names
    assert len(data["/api/v2/downloads/release.json"]) == len(EVERY) - len(SERIES)


@pytest.mark.row("S193")
@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("releases.json", api_v3.Releases),
        ("releases/3.14.0.json", api_v3.OneRelease),
        ("releases/pymanager-250b9.json", api_v3.OneRelease),
        ("series/3.14.json", api_v3.OneSeries),
        ("support.json", api_v3.Support),
        ("latest.json", api_v3.Latest),
        ("files.json", api_v3.Files),
    ],
)
def test_v3_answers_as_its_schema_says(url, kind):
    data, _ = all_of(*EVERY)

    read = msgspec.convert(data[f"/api/v3/{url}"], kind)

    assert read.generated_at == datetime.datetime(2025, 10, 7, tzinfo=datetime.UTC)


def test_the_schema_holds_every_answer():
    data, _ = all_of(*EVERY)

    schema = json.loads(json.dumps(data["/api/v3/schema.json"]))

    assert {kind.__name__ for kind in api_v3.ANSWERS} <= schema["$defs"].keys()
    assert "sha256" in schema["$defs"]["FileRecord"]["properties"]


def test_v3_is_the_same_on_another_day():
    before = published(RELEASES, *EVERY, now=DAY("2026-11-23"))["/api/v3/releases.json"]
    after = published(RELEASES, *EVERY, now=DAY("2026-11-24"))["/api/v3/releases.json"]

    assert before.content == after.content


def test_v3_links_with_https_and_names_what_was_not_recorded():
    file = ReleaseFile(name="Python-3.14.1.tgz", url="http://www.python.org/Python-3.14.1.tgz")
    entry = release("3.14.1", "2025-12-02", files=(file,), legacy=("http",), by_rule=("url",))
    data, _ = all_of(*EVERY, entry)

    (record,) = data["/api/v3/releases/3.14.1.json"]["release"]["files"]

    assert record["url"] == "https://www.python.org/Python-3.14.1.tgz"
    assert record["by_rule"] == ("url",)

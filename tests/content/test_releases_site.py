"""Releases on a built site: what a visitor meets, and what the build refuses."""

import datetime
import json
import re

import pytest

from pydotorg_build import rules, serve
from pydotorg_build.problems import Problems

NOUNS = ("managers", "series", "releases")
DIGEST = "2299dae542d395ce3883aca00d3c910307cd68e0b2f7336098c8e7b7eee9f3e9"
BASE = "https://www.python.org/ftp/python/3.14.0/"
SITE = f"""
-- content/managers/managers.yaml --
- title: Ada
-- content/series/3.14.md --
---
version: 3.14
pep: 745
release_managers: [Ada]
end_of_bugfix: 2027-10-07
end_of_life: 2030-10-01
---
-- content/series/3.9.md --
---
version: 3.9
end_of_life: 2025-10-31
---
-- content/releases/3.9/3.9.25.md --
---
version: 3.9.25
date: 2025-10-31
files: [{{name: Python-3.9.25.tgz}}]
---
-- content/releases/3.14/3.14.0.md --
---
version: 3.14.0
date: 2025-10-07
proofs: [sigstore, sbom]
files:
- {{name: Python-3.14.0.tar.xz, size: 23595844, sha256: {DIGEST}}}
- {{name: python-3.14.0-amd64.exe, by_rule: [url]}}
---
Thanks to *all*.
"""


def refused(built, text):
    with pytest.raises(Problems) as caught:
        built(text, nouns=NOUNS)
    return str(caught.value).splitlines()


@pytest.mark.row("S080")
@pytest.mark.row("S081")
@pytest.mark.row("S084")
def test_a_release_shows_its_files_with_size_checksum_and_proofs(built):
    page = built(SITE, nouns=NOUNS)["/downloads/release/python-3140/"]

    assert f'href="{BASE}Python-3.14.0.tar.xz"' in page
    assert f'href="{BASE}Python-3.14.0.tar.xz.sigstore"' in page
    assert f'href="{BASE}Python-3.14.0.tar.xz.spdx.json"' in page
    assert "22.5 MiB" in page
    assert DIGEST in page
    assert "Thanks to <em>all</em>." in page


def test_an_address_by_rule_says_so(built):
    page = built(SITE, nouns=NOUNS)["/downloads/release/python-3140/"]

    assert "address by naming rule, no checksum recorded" in page


def test_a_list_of_downloads_explains_once_what_is_unchecked_and_only_where_something_is(built):
    pages = built(SITE, nouns=NOUNS)

    explained = "Unchecked: where the file is follows from how Python names its files; its checksum is not recorded here."
    assert pages["/downloads/windows/"].count(explained) == 1
    assert "Windows installer (64-bit)</a> <small>unchecked</small>" in pages["/downloads/windows/"]
    assert explained not in pages["/downloads/source/"]


def test_a_signature_that_nobody_can_check_says_so(built):
    page = built(SITE, nouns=NOUNS)["/downloads/release/python-3140/"]

    assert "Sigstore: not checked, because no identity of the release manager is recorded." in page


@pytest.mark.row("S085")
def test_an_ended_release_says_since_when_and_what_to_do(built):
    page = built(SITE, nouns=NOUNS)["/downloads/release/python-3925/"]

    assert "Python 3.9 is end-of-life since" in page
    assert '<time datetime="2025-10-31">31 October 2025</time>' in page
    assert 'href="/downloads/support/"' in page


@pytest.mark.row("S168")
def test_every_series_is_one_click_from_the_downloads_page(built):
    site = built(SITE, nouns=NOUNS)

    assert 'href="/downloads/series/3.14/"' in site["/downloads/"]
    assert 'href="/downloads/series/3.9/"' in site["/downloads/"]
    assert 'href="/downloads/release/python-3925/"' in site["/downloads/series/3.9/"]


@pytest.mark.row("S168")
def test_the_downloads_page_offers_each_system_its_button(built):
    page = built(SITE, nouns=NOUNS)["/downloads/"]

    assert f'href="{BASE}python-3.14.0-amd64.exe"' in page
    assert f'href="{BASE}Python-3.14.0.tar.xz"' in page


MANAGER = """
-- content/releases/pymanager/{version}.md --
---
product: pymanager
version: {version}
title: Python install manager {version}
api_id: {api_id}
date: 2025-05-26
files: [{{name: python-manager-{version}.msix, size: 45715833}}]
---
"""
MANAGER_URL = "/downloads/latest/pymanager/"
INSTALLER = f"{BASE}python-3.14.0-amd64.exe"


def primary(page):
    """Where the buttons lead that stand out, in this part of a page."""
    return re.findall(r'class="button button-primary" href="([^"]+)"', page)


def for_windows(page):
    return page.partition('data-os="windows"')[2].partition("</section>")[0]


def test_where_the_install_manager_is_a_beta_windows_is_offered_the_installer_first(built):
    pages = built(SITE + MANAGER.format(version="25.0b9", api_id=1), nouns=NOUNS)

    windows = for_windows(pages["/downloads/"])
    assert primary(windows) == primary(pages["/downloads/windows/"]) == [INSTALLER]
    assert (
        f'<a href="{INSTALLER}" title="Windows installer (64-bit)" data-os="windows">' in pages["/"]
    )
    for part in (windows, pages["/downloads/windows/"]):
        assert (
            f'<a class="button" href="{MANAGER_URL}">Get Python install manager 25.0b9</a>' in part
        )
        assert "It is a pre-release, and not for work that matters." in part
    release = pages["/downloads/release/python-3140/"]
    assert "Download Python install manager 25.0b9</a> <small>for Windows, a pre-release" in release


def test_a_final_install_manager_is_offered_first_though_a_beta_is_newer(built):
    final, beta = (MANAGER.format(version=v, api_id=n) for n, v in enumerate(("25.0", "26.0b1"), 1))
    pages = built(SITE + final + beta, nouns=NOUNS)

    windows = for_windows(pages["/downloads/"])
    assert primary(windows) == primary(pages["/downloads/windows/"]) == [MANAGER_URL]
    assert "python-manager-25.0.msix" in windows
    assert "26.0b1" not in windows
    home = f'<a href="{MANAGER_URL}" title="Python install manager 25.0" data-os="windows">'
    assert home in pages["/"]


def test_the_buttons_of_a_release_are_equal_and_say_which_file_is_unchecked(built):
    page = built(SITE, nouns=NOUNS)["/downloads/release/python-3140/"]

    buttons = page.partition("data-download-buttons")[2].partition("</ul>")[0]
    assert re.findall(r'<li data-os="(\w+)">', buttons) == ["source", "windows"]
    assert primary(page) == []
    assert "<span data-about>Windows installer (64-bit), unchecked</span>" in buttons
    assert (
        page.count(
            "Unchecked: where the file is follows from how Python names its files; its checksum is not recorded here."
        )
        == 1
    )


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("embeddable-amd64",), "1 file that tools fetch by themselves"),
        (("embeddable-amd64", "embeddable-arm64"), "2 files that tools fetch by themselves"),
    ],
)
def test_one_file_for_tools_is_not_called_files(built, names, words):
    files = "".join(f"\n- {{name: python-3.14.0-{name}.zip}}" for name in names)
    page = built(SITE.replace("\n---\nThanks", f"{files}\n---\nThanks"), nouns=NOUNS)

    assert f"<summary>{words}</summary>" in page["/downloads/release/python-3140/"]


def test_without_any_signature_that_is_said(built):
    page = built(SITE, nouns=NOUNS)["/downloads/release/python-3925/"]

    assert "<p>No signature is recorded.</p>" in page


@pytest.mark.row("S083")
@pytest.mark.row("S193")
def test_programs_read_the_same_facts(built):
    site = built(SITE, nouns=NOUNS)

    latest = json.loads(site["/api/v3/latest.json"])["python3"]
    assert latest["version"] == "3.14.0"
    assert latest["files"][0]["sha256"] == DIGEST
    assert json.loads(site["/api/v2/downloads/release/by-version/3.json"])[0]["is_latest"] is True


def test_queries_are_rules_of_the_host(built):
    rules = built(SITE, nouns=NOUNS)["/_redirects"].splitlines()

    base = "/api/v2/downloads"
    assert (
        f"{base}/release_file/ release=:release {base}/release_file/by-release/:release.json 200"
        in rules
    )
    assert f"{base}/release/ version=:version {base}/release/by-version/:version.json 200" in rules


def test_a_malformed_checksum_is_refused(built):
    lines = refused(built, SITE.replace(DIGEST, "2299"))

    assert lines[0] == (
        "content/releases/3.14/3.14.0.md:6:48: `files[0].sha256` must be written like "
        "64 digits of 0-9 and a-f, not '2299'"
    )


def test_a_misspelt_field_is_refused_with_a_proposal(built):
    lines = refused(built, SITE.replace("size: 23595844", "siz: 23595844"))

    assert lines[0].startswith("content/releases/3.14/3.14.0.md:6:")
    assert lines[1] == "  hint: did you mean `size`?"


def test_a_file_elsewhere_is_refused(built):
    text = SITE.replace("by_rule: [url]", "url: https://python.example/python.exe")

    (line, hint) = refused(built, text)

    assert "must begin with https://www.python.org/" in line
    assert hint == "  hint: leave it out: it follows from the name"


def test_checksums_and_feeds_say_to_programs_what_they_are(built, project):
    built(SITE, nouns=NOUNS)

    sums, feed = (
        rules.headers(project.output, url)["content-type"]
        for url in ("/downloads/release/python-3140/SHA256SUMS", "/downloads/feed.json")
    )

    assert (sums, feed) == ("text/plain; charset=utf-8", "application/feed+json")


@pytest.mark.row("S083")
@pytest.mark.parametrize(
    "url",
    [
        "/api/v2/downloads/release/3140099/",
        "/api/v2/downloads/release/3140099",
        "/api/v2/downloads/os/1/",
        "/api/v1/downloads/release/3140099/",
        "/api/v1/releases/python-3140/",
    ],
)
def test_an_object_of_the_old_interfaces_is_where_it_has_always_been(built, project, url):
    built(SITE, nouns=NOUNS)

    found = serve.answer(project.output, {"path": url})

    assert found.status == 200
    assert json.loads(found.body)


def test_every_way_here_begins_at_home_for_readers_and_for_machines(built):
    pages = built(f"{SITE}-- content/pages/about/apps.md --\n---\ntitle: Apps\ntags: [web]\n---\nHi.\n",
                  nouns=("pages", *NOUNS))  # fmt: skip
    html = {url: text for url, text in pages.items() if url.endswith("/") and url != "/"}

    first, told = {}, {}
    for url, text in html.items():
        shown = re.search(r'<nav class="crumbs.*?<a href="(.*?)">(.*?)</a>', text, re.DOTALL)
        first[url] = shown and shown.groups()
        lists = re.findall(r'<script type="application/ld\+json">(.*?)</script>', text)
        steps = next(json.loads(one) for one in lists if "BreadcrumbList" in one)["itemListElement"]
        told[url] = (steps[0]["item"], steps[0]["name"])

    assert {"/downloads/", "/downloads/release/python-3140/", "/about/apps/", "/tags/"} <= set(html)
    assert set(first.values()) == {("/", "Home")}
    assert set(told.values()) == {("https://test.example/", "Home")}


SUPPORT_LIFE = ("/", "/downloads/", "/downloads/support/")
ENDING = """
-- build.toml --
[site]
name = "Test"
url = "https://test.example"
[build]
nouns = ["managers", "series", "releases", "home", "around"]
git_dates = false
[search]
enabled = false
[sidecar]
prefixes = ["/about/", "/community/", "/dev/", "/doc/", "/download/", "/psf/", "/submit/"]
-- content/home.md --
---
title: Welcome
description: A test.
---
-- content/series/3.15.md --
---
version: 3.15
feature_freeze: 2026-05-07
end_of_life: 2031-10-01
---
-- content/series/3.14.md --
---
version: 3.14
end_of_life: 2030-10-01
---
-- content/series/3.10.md --
---
version: 3.10
end_of_bugfix: 2023-04-05
end_of_life: 2026-10-01
---
-- content/releases/3.14/3.14.0.md --
---
version: 3.14.0
date: 2025-10-07
files: [{name: Python-3.14.0.tgz}]
---
-- content/releases/3.10/3.10.22.md --
---
version: 3.10.22
date: 2026-09-01
files: [{name: Python-3.10.22.tgz}]
---
"""


def heading_and_rows(page):
    """The versions in the tables of /downloads/, below the heading that each stands under."""
    found = {}
    for section in page.split("<h2 ")[1:]:
        title = section.split(">", 1)[1].split("</h2>")[0]
        if versions := re.findall(r'<a href="/downloads/series/([^/"]+)/">\1</a>', section):
            found[title] = versions
    return found


@pytest.mark.row("S085")
def test_on_its_last_day_a_series_leaves_what_is_supported_everywhere(project):
    def status_of(pages):
        answers = (pages["/api/v3/support.json"], pages["/api/v3/releases/3.10.22.json"])
        support, release = map(json.loads, answers)
        return (
            support["series"][-1]["status"],
            release["release"]["status"],
            "3.10" in pages["/"].split('id="supported"')[1].split("</section>")[0],
            heading_and_rows(pages["/downloads/"]),
            "3.10.22" in pages["/downloads/source/"].split('id="ended"')[0],
            'data-series="3.10" data-status="end-of-life"' in pages["/downloads/support/"],
            "Python 3.10 is end-of-life" in pages["/downloads/release/python-31022/"],
        )

    project.write(ENDING)
    day = datetime.datetime(2026, 9, 30, 23, 59, tzinfo=datetime.UTC)
    project.build(day)
    before = status_of(project.pages())
    report = project.build(day + datetime.timedelta(minutes=1))
    after = status_of(project.pages())

    both, one = ["3.14", "3.10"], ["3.14"]
    coming = {"Coming versions": ["3.15"]}
    assert before == (
        *("security", "security", True),
        *({"Supported versions": both} | coming, True, False, False),
    )
    assert after == (
        *("end-of-life", "end-of-life", False),
        *({"Supported versions": one} | coming, False, True, True),
    )
    since = 'since <time datetime="2026-10-01">1 October 2026</time>'
    assert since in project.pages()["/downloads/"]
    assert report.changed


def test_days_and_months_are_told_in_words(project):
    project.write(ENDING)
    project.build(datetime.datetime(2026, 11, 25, tzinfo=datetime.UTC))
    pages = project.pages()

    month = '<time datetime="2030-10">October 2030</time>'
    shown = [re.sub(r"<[^>]*>|<script.*?</script>", " ", pages[url]) for url in SUPPORT_LIFE]
    assert [month in pages[url] for url in SUPPORT_LIFE] == [True] * 3
    assert [re.findall(r"\b\d{4}-\d\d(?:-\d\d)?\b", text) for text in shown] == [[]] * 3

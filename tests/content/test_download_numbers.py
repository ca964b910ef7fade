"""The numbers of downloads that a snapshot brings: a page and a file, or nothing."""

from __future__ import annotations

import json

import pytest

from pydotorg_build.snapshot import Row

NOUNS = ("pages", "series", "releases", "managers", "download_numbers")
RELEASE = """
-- content/series/3.14.md --
---
title: Python 3.14
version: "3.14"
start: 2024-05-08
feature_freeze: 2025-05-06
first_release: 2025-10-07
end_of_bugfix: 2027-10-01
end_of_life: 2030-10-01
branch: "3.14"
---
-- content/releases/3.14/3.14.0.md --
---
version: 3.14.0
date: 2025-10-07
files:
  - name: Python-3.14.0.tgz
    size: 1
---
"""
NUMBERS = {
    "title": "Downloads", "since": "2026-10-30", "through": "2026-11-25", "total": 1000,
    "days": [{"name": "24 Nov 2026", "count": 10}, {"name": "25 Nov 2026", "count": 30}],
    "months": [{"name": "Oct 2026", "count": 100}, {"name": "Nov 2026", "count": 900}],
    "systems": [{"name": "windows", "count": 700}, {"name": "source", "count": 300}],
    "releases": [{"name": "3.14.0", "count": 1000}], "series": [{"name": "3.14", "count": 1000}],
}  # fmt: skip


@pytest.mark.row("C22")
def test_the_numbers_of_the_snapshot_stand_on_the_site_with_their_day(built):
    site = built(RELEASE, Row("download_numbers", "all", NUMBERS), nouns=NOUNS)

    page = site["/downloads/statistics/"]
    assert '<time datetime="2026-11-25">25 November 2026</time>' in page
    assert "<strong>1,000</strong> downloads" in page
    assert '<th scope="row">Windows</th>\n<td class="number">700</td>\n' in page
    assert "Downloads by day: 24 Nov 2026 to 25 Nov 2026, at most 30 (25 Nov 2026)" in page
    assert '<a href="/downloads/statistics/">' in site["/downloads/"]
    told = json.loads(site["/downloads/statistics.json"])
    assert (told["total"], told["through"]) == (1000, "2026-11-25")
    assert sum(one["count"] for one in told["systems"]) == 1000


@pytest.mark.row("C22")
def test_where_there_are_no_numbers_there_is_no_page_and_no_link(built):
    site = built(RELEASE, nouns=NOUNS)

    assert "/downloads/statistics/" not in site
    assert "/downloads/statistics.json" not in site
    assert "/downloads/statistics/" not in site["/downloads/"]


PAGE = "/downloads/release/python-3140/"
LINK = 'href="/d/3.14.0/Python-3.14.0.tgz"'


def test_links_lead_to_the_files_unless_the_site_says_that_they_are_counted(built):
    site = built(RELEASE, nouns=NOUNS)

    assert LINK not in site[PAGE] + site["/downloads/"]


def test_links_lead_through_the_sidecar_where_the_site_says_so(built, project):
    built(RELEASE, nouns=NOUNS)
    config = project.root / "build.toml"
    prefixes = 'counts = true\nprefixes = ["/d/", '
    config.write_text(config.read_text().replace("prefixes = [", prefixes))

    project.build()

    site = project.pages()
    assert LINK in site[PAGE]
    assert LINK in site["/downloads/"]
    assert "/d/" not in site["/api/v3/releases/3.14.0.json"]
    rules = (project.root / "dist/_redirects").read_text()
    assert "/d/* https://www.python.org/ftp/python/:splat 302\n" in rules


def test_the_sidecar_stands_above_the_rule_that_stands_in_for_it(built, project):
    built(RELEASE, nouns=NOUNS)
    config = project.root / "build.toml"
    sidecar = 'url = "https://sidecar.example"\nprefixes = ["/d/", '
    config.write_text(config.read_text().replace("prefixes = [", sidecar))

    project.build()

    rules = (project.root / "dist/_redirects").read_text().splitlines()
    assert [rule for rule in rules if rule.startswith("/d/")] == [
        "/d/* https://sidecar.example/d/:splat 200",
        "/d/* https://www.python.org/ftp/python/:splat 302",
    ]

"""Sponsors of the PSF, by level."""

from __future__ import annotations

import datetime
import json
import re

import pytest
from PIL import Image

from pydotorg_build.problems import Problems
from pydotorg_build.snapshot import Row

LEVELS = """
-- content/sponsor_levels.yaml --
- {title: Partner, slug: partner, order: 5, amount: 10000, year: 2022, benefits: [A mention]}
- {title: Visionary, slug: visionary, order: 0, amount: 150000, year: 2022, logo_width: 350}
- {title: Hidden, slug: hidden, order: 9, year: 2022, advertised: false}
"""
LEAD = """
-- content/snippets/sponsors.md --
---
title: Lead
---
In short.
"""
SPONSOR = """
-- content/sponsors/ada.md --
---
title: Ada & Sons
level: partner
website: https://ada.example/
start: 2026-01-01
end: 2026-12-31
---
They **bake**.
"""
NOUNS = ("snippets", "sponsor_levels", "sponsors")
OWL = {"title": "Owl", "level": "visionary", "start": "2026-03-01", "end": "2027-02-28"}


@pytest.fixture
def listed(built):
    """Build the site of a sponsor from a file and some rows; give address and text."""

    def build(*rows, now=datetime.datetime(2026, 11, 25, tzinfo=datetime.UTC)):
        return built(LEVELS + LEAD + SPONSOR, *rows, nouns=NOUNS, now=now)

    return build


def anchors(page):
    return re.findall(r'<(?:h2|li) id="([^"]+)"', page.partition("<main")[2].partition("</main")[0])


@pytest.mark.row("S109")
def test_sponsors_stand_below_their_level_and_the_highest_level_first(listed):
    pages = listed(Row("sponsors", "owl", OWL))

    assert anchors(pages["/psf/sponsors/"]) == [
        "level-visionary", "owl", "level-partner", "ada", "levels"
    ]  # fmt: skip
    assert "/sponsors/ /psf/sponsors/ 301" in pages["/_redirects"]


@pytest.mark.row("S109")
def test_one_is_listed_on_its_last_day_and_gone_when_that_is_over(listed, project):
    last = listed(now=datetime.datetime(2026, 12, 31, 23, 59, tzinfo=datetime.UTC))

    project.build(datetime.datetime(2027, 1, 1, tzinfo=datetime.UTC))

    after = project.pages()
    assert "Ada" in last["/psf/sponsors/"]
    assert [url for url, text in after.items() if "Ada" in text] == []
    assert "/psf/sponsors/ada/ /psf/sponsors/ 302" in after["/_redirects"]


def test_one_that_has_not_begun_is_nowhere(listed):
    pages = listed(now=datetime.datetime(2025, 12, 31, tzinfo=datetime.UTC))

    assert [url for url, text in pages.items() if "Ada" in text] == []


@pytest.mark.row("S107")
def test_the_page_of_a_sponsor_lists_what_its_level_brings(listed):
    page = listed(Row("sponsors", "owl", OWL))

    assert "<li>A mention</li>" in page["/psf/sponsors/ada/"]
    assert "A mention" not in page["/psf/sponsors/owl/"]


def test_without_sponsors_the_list_says_how_to_become_one(built):
    page = built(LEVELS + LEAD, nouns=NOUNS)["/psf/sponsors/"]

    assert "No sponsor is recorded here at the moment." in page
    assert 'href="mailto:sponsors@python.org"' in page
    assert "150,000" in page
    assert "Hidden" not in page


def test_a_logo_stands_in_the_list_as_wide_as_its_level_and_a_name_without_one(project, listed):
    (project.root / "content/sponsors").mkdir(parents=True)
    Image.new("RGB", (700, 100)).save(project.root / "content/sponsors/owl.png")
    listed()
    owl = "\n".join(f"{name}: {value}" for name, value in OWL.items())
    project.write(f"-- content/sponsors/owl.md --\n---\n{owl}\nlogo: owl.png\n---\n")

    project.build()

    page = project.pages()["/psf/sponsors/"]
    assert re.findall(r'<img [^>]*alt="([^"]*)"', page) == ["Owl"]
    assert 'width="350"' in page
    assert '<a href="/psf/sponsors/ada/">Ada &amp; Sons</a>' in page


PLACES = LEVELS.replace("logo_width: 350", "logo_width: 350, places: [home, downloads, jobs]")
AROUND = """
-- content/job_terms.yaml --
- {of: category, slug: web, title: Web}
-- content/series/3.9.md --
---
version: 3.9
end_of_life: 2025-10-31
---
-- content/releases/3.9/3.9.25.md --
---
version: 3.9.25
date: 2025-10-31
files: [{name: Python-3.9.25.tgz}]
---
"""


@pytest.mark.row("S110")
@pytest.mark.parametrize(
    ("page", "shown"),
    [("/", ["Owl"]), ("/jobs/", ["Owl"]), ("/downloads/", ["Owl"]), ("/psf/sponsors/", ["Ada"])],
)
def test_a_sponsor_stands_in_the_places_of_its_level_from_the_day_it_is_released(
    built, project, page, shown
):
    owl = Row("sponsors", "owl", {**OWL, "released": "2026-11-26"})
    nouns = ("job_terms", "jobs", "managers", "series", "releases", *NOUNS)
    before = built(PLACES + LEAD + SPONSOR + AROUND, owl, nouns=nouns)[page]

    project.build(datetime.datetime(2026, 11, 26, tzinfo=datetime.UTC))

    after = project.pages()[page]
    names = re.compile(r'<a href="/psf/sponsors/(?:ada|owl)/">(Ada|Owl)')
    assert [name for name in names.findall(before) if name == "Owl"] == []
    assert names.findall(after) == shown


def test_other_sites_get_the_logos_in_all_their_forms(project, listed):
    (project.root / "content/sponsors").mkdir(parents=True)
    Image.new("RGB", (700, 100)).save(project.root / "content/sponsors/owl.png")
    owl = "\n".join(f"{name}: {value}" for name, value in OWL.items())
    project.write(f"-- content/sponsors/owl.md --\n---\n{owl}\nlogo: owl.png\n---\n")

    pages = listed()

    pictures = json.loads(pages["/api/v3/sponsors.json"])["pictures"]
    assert list(pictures) == ["owl"]
    assert {"format": "png", "width": 700, "height": 100} in [
        {name: value for name, value in form.items() if name != "url"} for form in pictures["owl"]
    ]
    for form in pictures["owl"]:
        assert form["url"].removeprefix("https://test.example") in pages


def test_other_sites_are_told_who_sponsors_and_nothing_invented(listed):
    pages = listed(Row("sponsors", "owl", {**OWL, "sample": True}))

    assert json.loads(pages["/api/v3/sponsors.json"])["levels"] == [
        {"name": "Partner", "slug": "partner", "places": ["sponsors"], "sponsors": [
            {"name": "Ada & Sons", "slug": "ada", "website": "https://ada.example/",
             "url": "https://test.example/psf/sponsors/ada/",
             "start": "2026-01-01", "end": "2026-12-31"}]}
    ]  # fmt: skip
    assert "(an example)" in pages["/psf/sponsors/"]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("end: 2026-12-31", "end: 2025-12-31",
         "content/sponsors/ada.md:6:1: `end` must not come before `start`"),
        ("level: partner", "level: gold",
         "content/sponsors/ada.md:3:1: `gold` is no level of sponsorship\n"
         "  hint: known: visionary, partner, hidden"),
        ("sponsors/ada.md", "sponsors/level-ada.md",
         "content/sponsors/level-ada.md:1:1: the name 'level-ada' is used by the list\n"
         "  hint: rename the file"),
        ("sponsors/ada.md", "sponsors/12.md",
         "content/sponsors/12.md:1:1: numbers are for sponsors whose contract was signed\n"
         "  hint: give the file a name of words"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line(built, old, new, expected):
    with pytest.raises(Problems) as caught:
        built(LEVELS + LEAD + SPONSOR.replace(old, new), nouns=NOUNS)

    assert str(caught.value) == expected


def test_a_row_of_an_unknown_level_stops_nothing_and_is_left_out(listed):
    pages = listed(Row("sponsors", "owl", {**OWL, "level": "gold"}))

    assert "/psf/sponsors/owl/" not in pages
    assert "Ada" in pages["/psf/sponsors/"]

"""The job board: open jobs, their lists and feeds, and jobs that have ended."""

from __future__ import annotations

import datetime
import json
import re

import feedparser
import pytest

from pydotorg_build.problems import Problems
from pydotorg_build.snapshot import Row
from tests.conftest import NOW

TERMS = """
-- content/job_terms.yaml --
- {of: category, slug: web, title: Web development}
- {of: category, slug: data, title: Data science}
- {of: type, slug: full-time, title: Full time}
"""
JOB = """
-- content/jobs/bakery.md --
---
title: Baker of bytes
company: Ada & Sons
category: web
types: [full-time]
city: Lisbon
country: Portugal
pay_from: 50000
pay_to: 60000
currency: EUR
email: jobs@ada.example
date: 2026-11-20
ends: 2026-12-20
---
You write **Python** all day.
"""
NOUNS = ("job_terms", "jobs")
REMOTE = {"title": "Night watch", "company": "Owl", "category": "data", "remote": True,
          "apply_url": "https://owl.example/", "date": "2026-11-24", "ends": "2026-12-24",
          "body": "Watch."}  # fmt: skip


@pytest.fixture
def board(built):
    """Build the board of a file and some rows of a snapshot; give address and text."""

    def build(*rows: Row, now=NOW):
        return built(TERMS + JOB, *rows, nouns=NOUNS, now=now)

    return build


def handed_in(key="12", **fields):
    return Row("jobs", key, {**REMOTE, **fields})


def links(page):
    return re.findall(r'<h2 class="row-title"><a href="([^"]+)"', page)


def test_below_the_featured_ones_a_heading_says_that_all_follow(board):
    featured = board(handed_in(featured=True))["/jobs/"]
    plain = board(handed_in())["/jobs/"]

    headings = re.findall(r"<h(\d)[^>]*>(?:<a[^>]*>)?([^<]+)", featured.partition("<main")[2])
    assert headings[:6] == [
        ("1", "Python jobs"), ("2", "Featured"), ("3", "Night watch"),
        ("2", "All, the newest first"), ("3", "Night watch"), ("3", "Baker of bytes"),
    ]  # fmt: skip
    assert "All, the newest first" not in plain


def test_where_no_job_is_open_the_list_of_all_says_so_and_leads_not_to_itself(built):
    page = built(TERMS, nouns=NOUNS)["/jobs/"]

    assert "No open jobs at the moment." in page
    assert "See all open jobs" not in page


@pytest.mark.row("S095")
def test_a_job_stands_in_the_lists_of_its_category_type_and_place(board):
    pages = board()

    for url in ("/jobs/", "/jobs/category/web/", "/jobs/type/full-time/",
                "/jobs/location/lisbon-portugal/"):  # fmt: skip
        assert links(pages[url]) == ["/jobs/bakery/"], url
    assert links(pages["/jobs/category/data/"]) == []
    assert "No open jobs at the moment." in pages["/jobs/category/data/"]
    assert '<a href="/jobs/">See all open jobs</a>' in pages["/jobs/category/data/"]


def test_a_job_that_was_handed_in_is_like_one_from_a_file(board):
    pages = board(handed_in())

    assert links(pages["/jobs/"]) == ["/jobs/12/", "/jobs/bakery/"]
    assert links(pages["/jobs/location/telecommute/"]) == ["/jobs/12/"]
    assert "<p>Watch.</p>" in pages["/jobs/12/"]


@pytest.mark.row("S095")
def test_a_list_without_an_open_job_is_not_offered_but_can_be_followed(board):
    pages = board()

    offered, _, quiet = pages["/jobs/categories/"].partition("Without a job at the moment")
    assert '<a href="/jobs/category/web/">Web development (1)</a>' in offered
    assert "/jobs/category/data/" not in offered
    assert '<a href="/jobs/category/data/">Data science</a>' in quiet
    assert "Without a job" not in pages["/jobs/types/"]


@pytest.mark.row("S096")
def test_a_job_past_its_date_is_in_no_page_feed_or_list(board):
    pages = board(handed_in(), now=datetime.datetime(2026, 12, 20, tzinfo=datetime.UTC))

    assert "/jobs/bakery/" not in pages
    assert not [url for url, text in pages.items() if "Baker" in text]
    assert "/jobs/bakery/ /jobs/ended/ 410" in pages["/_redirects"]


def test_a_job_that_ends_is_gone_when_its_moment_comes_and_nothing_else_changed(board, project):
    board()

    report = project.build(datetime.datetime(2026, 12, 21, tzinfo=datetime.UTC))

    assert "jobs/bakery/index.html" in report.removed
    assert links(project.pages()["/jobs/"]) == []


@pytest.mark.row("S095")
def test_a_form_without_script_leads_to_the_list_that_was_chosen(board):
    pages = board()

    for value in re.findall(r'<option value="([^"]+)"', pages["/jobs/"]):
        (target,) = re.findall(
            rf"^/jobs/find/ show={re.escape(value)} (\S+) 302$", pages["/_redirects"], re.MULTILINE
        )
        assert target in pages


def test_feeds_have_the_newest_jobs_first(board):
    pages = board(handed_in())

    feed = feedparser.parse(pages["/jobs/feed.rss"])
    titles = [entry.title for entry in feed.entries]

    assert titles == ["Night watch, Owl", "Baker of bytes, Ada & Sons"]
    assert feed.entries[1].summary == "Lisbon, Portugal. EUR 50,000 to 60,000 a year"


def test_search_engines_are_told_what_the_job_is(board):
    pages = board()

    blocks = re.findall(
        r'<script type="application/ld\+json">(.*?)</script>', pages["/jobs/bakery/"]
    )
    posting = next(
        found for block in blocks if (found := json.loads(block))["@type"] == "JobPosting"
    )
    assert posting["validThrough"] == "2026-12-20T00:00:00+00:00"
    assert posting["baseSalary"]["value"] == {
        "@type": "QuantitativeValue", "unitText": "YEAR", "minValue": 50000, "maxValue": 60000,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("email: jobs@ada.example\n", "",
         "content/jobs/bakery.md:1:1: it is not said how to apply\n"
         "  hint: give `email` or `apply_url`"),
        ("city: Lisbon\ncountry: Portugal\n", "",
         "content/jobs/bakery.md:1:1: it is not said where the job is\n"
         "  hint: give `city` and `country`, or `remote: true`"),
        ("pay_to: 60000", "pay_to: 6", "content/jobs/bakery.md:9:1: `pay_to` is less than"
         " what is paid at least"),
        ("ends: 2026-12-20", "ends: 2026-11-01",
         "content/jobs/bakery.md:13:1: `ends` must come after `date`"),
        ("category: web\ntypes: [full-time]", "category: wed\ntypes: [full-tim, data]",
         "content/jobs/bakery.md:4:1: there is no category `wed`\n  hint: did you mean `web`?\n"
         "content/jobs/bakery.md:5:9: there is no type `full-tim`\n"
         "  hint: did you mean `full-time`?\n"
         "content/jobs/bakery.md:5:19: there is no type `data`\n  hint: known: full-time"),
        ("currency: EUR\n", "", "content/jobs/bakery.md:1:1: `currency` is missing\n"
         "  hint: write it as EUR or USD"),
    ],
)  # fmt: skip
def test_a_job_that_helps_nobody_is_refused(built, old, new, expected):
    with pytest.raises(Problems) as problems:
        built(TERMS + JOB.replace(old, new), nouns=NOUNS)

    assert str(problems.value) == expected


def test_names_from_right_to_left_stand_each_for_itself(board):
    places = {"city": "תל אביב", "country": "ישראל", "company": "אופה", "remote": False}
    pages = board(handed_in(**places), handed_in("13", **places | {"remote": True}))

    line = "<bdi>תל אביב</bdi>, <bdi>ישראל</bdi>"
    assert f'<p class="lead"><bdi>אופה</bdi> · {line}</p>' in pages["/jobs/12/"]
    assert f"<dd>{line} or remote</dd>" in pages["/jobs/13/"]
    assert f"<li>{line}</li>" in pages["/jobs/"]
    assert f"<bdi>אופה</bdi>, {line}" in pages["/"]
    assert ": Night watch, <bdi>אופה</bdi></a>" in pages["/jobs/12/"]
    places = {job["url"]: job["place"] for job in json.loads(pages["/jobs/open.json"])["jobs"]}
    assert places["/jobs/13/"] == "תל אביב, ישראל or remote"


@pytest.mark.row("S447")
@pytest.mark.parametrize(
    ("rows", "flags"),
    [
        ((), ""),
        ((handed_in(remote=False, city="Porto", pay_from=1, currency="EUR"),), ""),
        ((handed_in(),), "remote pay"),
        ((handed_in(pay_from=1, currency="EUR"),), "remote"),
    ],
)
def test_a_box_is_offered_only_where_some_jobs_have_it_and_some_have_not(board, rows, flags):
    assert f'data-kind="jobs" data-flags="{flags}"' in board(*rows)["/jobs/"]


def test_whoever_misses_a_job_finds_that_it_has_ended(board):
    assert '<a href="/jobs/ended/">' in board()["/jobs/"]

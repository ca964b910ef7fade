"""What is new on the home page."""

from __future__ import annotations

import re

import pytest

from pydotorg_build.content.blog_entries import row_key
from pydotorg_build.snapshot import Row

TEXT = """
-- content/job_terms.yaml --
- {of: category, slug: web, title: Web}
-- content/calendars.yaml --
- {title: Conferences, slug: python-events, description: All.}
-- content/sponsor_levels.yaml --
- {title: Visionary, slug: visionary, order: 0, year: 2026, places: [sponsors, home]}
- {title: Partner, slug: partner, order: 5, year: 2026}
- {title: Associate, slug: associate, order: 7, year: 2026}
-- content/snippets/sponsors.md --
---
title: Sponsors
---
They pay.
-- content/blog_feeds.yaml --
- {title: Insider, slug: insider, feed: "https://i.example/f", official: true}
- {title: Ada, slug: ada, feed: "https://ada.example/f"}
"""
NOUNS = ("job_terms", "jobs", "calendars", "event_categories", "events", "snippets",
         "sponsor_levels", "sponsors", "blog_feeds", "blog_entries")  # fmt: skip
JOB = {"company": "Owl", "category": "web", "remote": True, "apply_url": "https://owl.example/",
       "date": "2026-11-20", "ends": "2026-12-20"}  # fmt: skip
EVENT = {"calendar": "python-events", "online": True, "updated": "2026-11-01"}
SPONSOR = {"start": "2026-01-01", "end": "2026-12-31"}


def post(title, feed, day):
    url = f"https://{feed}.example/{day}/"
    data = {"title": title, "feed": feed, "url": url, "published": f"2026-11-{day}T00:00:00Z"}
    return Row("blog_entries", row_key(feed, url), data)


def links(page, section):
    (part,) = re.findall(
        rf'<section [^>]*aria-labelledby="{section}">.*?</section>', page, re.DOTALL
    )
    return re.findall(r'<li(?: id="\w+")?><a href="[^"]*">([^<]+)</a>', part)


@pytest.fixture
def home(built):
    rows = [
        post("Official", "insider", "10"),
        post("Newer, of somebody", "ada", "20"),
        Row("jobs", "1", {**JOB, "title": "Baker"}),
        Row("jobs", "2", {**JOB, "title": "Star", "date": "2026-11-01", "featured": True}),
        Row("events", "1", {**EVENT, "title": "Later", "start": "2027-02-01"}),
        Row("events", "2", {**EVENT, "title": "Sooner", "start": "2026-12-01"}),
        Row("events", "3", {**EVENT, "title": "Off", "start": "2026-12-02", "cancelled": True}),
        Row("events", "4", {**EVENT, "title": "Over", "start": "2026-10-02"}),
        Row("sponsors", "1", {**SPONSOR, "title": "Small", "level": "associate"}),
        Row("sponsors", "2", {**SPONSOR, "title": "Big", "level": "visionary"}),
    ]
    return built(TEXT, *rows, nouns=NOUNS)["/"]


@pytest.mark.row("S155", "S428")
def test_news_are_of_the_official_blogs(home):
    assert links(home, "news") == ["Official"]


@pytest.mark.row("S155")
def test_conferences_that_are_held_stand_the_soonest_first(home):
    assert links(home, "events") == ["Sooner 2026", "Later 2027"]


def test_featured_jobs_stand_before_newer_ones(home):
    assert links(home, "jobs") == ["Star", "Baker"]


@pytest.mark.row("S155")
def test_sponsors_whose_level_brings_them_here_are_thanked(home):
    assert links(home, "sponsors") == ["Big"]


def test_what_there_is_nothing_of_has_no_heading(built):
    page = built("")["/"]

    assert re.findall(r'id="(news|events|jobs|stories|sponsors)"', page) == []

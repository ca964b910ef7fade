"""Announcements at the top of every page."""

from __future__ import annotations

import datetime
import re

import pytest

from pydotorg_build.problems import Problems
from pydotorg_build.snapshot import Row

PAGE = "-- content/pages/about/index.md --\n---\ntitle: About\n---\nText.\n"
BANNER = """
-- content/banners/survey.yaml --
title: The survey is open
message: Tell how you use Python.
link: /about/
kind: warning
start: 2026-11-20
end: 2026-12-01
"""
NOUNS = ("pages", "banners")
END = datetime.datetime(2026, 12, 1, tzinfo=datetime.UTC)


def shown(page):
    return re.findall(r'<div class="banner banner-(\w+)" data-banner="(\w+)">', page)


@pytest.mark.row("S119")
def test_it_stands_on_every_page_between_its_dates_and_on_none_before_and_after(built):
    second = datetime.timedelta(seconds=1)
    days = (datetime.datetime(2026, 11, 20, tzinfo=datetime.UTC) - second, END - second, END)

    before, between, after = (built(PAGE + BANNER, nouns=NOUNS, now=day) for day in days)

    pages = ("/", "/about/", "/404.html")
    assert [len(shown(before[url])) for url in pages] == [0, 0, 0]
    assert [len(shown(between[url])) for url in pages] == [1, 1, 1]
    assert [len(shown(after[url])) for url in pages] == [0, 0, 0]


@pytest.mark.row("S452")
def test_it_goes_from_every_page_when_its_end_comes_and_nothing_else_changed(built, project):
    built(PAGE + BANNER, nouns=NOUNS)

    project.build(END)

    assert shown(project.pages()["/about/"]) == []
    assert "js/banners" not in project.pages()["/about/"]


def test_it_says_what_it_is_about_and_leads_there(built):
    page = built(PAGE + BANNER, nouns=NOUNS)["/about/"]

    assert '<a href="/about/">The survey is open</a>. Tell how you use Python.</p>' in page
    assert shown(page)[0][0] == "warning"


def test_other_words_are_shown_also_to_those_who_dismissed_the_old_ones(built):
    first = built(PAGE + BANNER, nouns=NOUNS)["/"]
    later = built(PAGE + BANNER.replace("Tell", "Say"), nouns=NOUNS)["/"]

    assert shown(first) != shown(later)


def test_one_that_was_handed_in_is_like_one_from_a_file_and_the_newest_stands_first(built):
    row = Row("banners", "maintenance", {"title": "We move", "start": "2026-11-24T10:00:00Z",
                                         "end": "2026-11-26T00:00:00Z"})  # fmt: skip

    page = built(PAGE + BANNER, row, nouns=NOUNS)["/"]

    assert [kind for kind, _ in shown(page)] == ["info", "warning"]
    assert "<strong>We move</strong>" in page


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("end: 2026-12-01", "end: 2026-11-20",
         "content/banners/survey.yaml:6:1: `end` must come after `start`"),
        ("link: /about/", "link: /gone/", "the link to /gone/ leads nowhere"),
        ("link: /about/", "link: 'javascript:alert(1)'", "content/banners/survey.yaml:3:1: "),
    ],
)  # fmt: skip
def test_what_cannot_be_shown_is_told(built, old, new, expected):
    with pytest.raises(Problems) as caught:
        built(PAGE + BANNER.replace(old, new), nouns=NOUNS)

    assert expected in str(caught.value)

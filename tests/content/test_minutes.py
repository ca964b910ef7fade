"""Minutes of the board: by year, each a page, drafts nowhere."""

from __future__ import annotations

import re

import feedparser
import pytest

from pydotorg_build.problems import Problems

MEETING = """
-- content/minutes/{day}{more}.md --
---
title: Minutes of {day}{more}
date: {day}
{draft}---
They spoke about **{day}{more}**.
"""
URL = "/psf/records/board/minutes/"


def meeting(day, more="", *, draft=False):
    return MEETING.format(day=day, more=more, draft="draft: true\n" if draft else "")


@pytest.fixture
def records(built):
    """Build the minutes of some meetings; give address and text."""

    def build(*meetings):
        return built("".join(meetings), nouns=("minutes",))

    return build


@pytest.mark.row("S118", "S180")
def test_meetings_are_listed_by_year_and_each_has_a_page(records):
    pages = records(meeting("2025-03-12"), meeting("2026-01-14"), meeting("2025-08-13"))

    found = re.findall(r'<h2 id="y(\d+)">|<li><a href="([^"]+)">Minutes', pages[URL])
    assert [year or url.removeprefix(URL) for year, url in found] == [
        "2026", "2026-01-14/", "2025", "2025-08-13/", "2025-03-12/",
    ]  # fmt: skip
    assert "They spoke about <strong>2025-03-12</strong>." in pages[f"{URL}2025-03-12/"]


@pytest.mark.row("S118")
def test_minutes_are_what_search_finds(records):
    page = records(meeting("2025-03-12"))[f"{URL}2025-03-12/"]

    assert page.count("data-pagefind-body") == 1
    assert 'data-pagefind-filter="kind:minutes"' in page


def test_the_list_says_where_only_a_note_stands_in_place_of_the_text(records):
    page = records(
        meeting("2025-03-12"), meeting("2025-08-13").replace("date:", "note: true\ndate:")
    )[URL]

    assert re.findall(r"Minutes of ([\d-]+)</a>[^(\n]*(\(.*?\))?", page) == [
        ("2025-08-13", "(the text is not here yet)"), ("2025-03-12", ""),
    ]  # fmt: skip


def test_a_draft_is_in_no_list_feed_or_page(records):
    pages = records(meeting("2025-03-12"), meeting("2025-08-13", draft=True))

    assert [url for url, text in pages.items() if "2025-08-13" in url + text] == []


def test_two_meetings_on_one_day_have_a_page_each(records):
    pages = records(meeting("2025-03-12"), meeting("2025-03-12", "-members"))

    assert "about <strong>2025-03-12</strong>" in pages[f"{URL}2025-03-12/"]
    assert "about <strong>2025-03-12-members</strong>" in pages[f"{URL}2025-03-12-members/"]


def test_beside_a_meeting_stand_those_of_its_year_where_there_are_others(records):
    pages = records(meeting("2009-12-14"), meeting("2025-03-12"), meeting("2025-08-13"))

    beside = {day: f"Meetings of {day[:4]}" in pages[f"{URL}{day}/"]
              for day in ("2009-12-14", "2025-03-12", "2025-08-13")}  # fmt: skip
    assert beside == {"2009-12-14": False, "2025-03-12": True, "2025-08-13": True}


def test_the_feed_has_the_whole_text_and_the_newest_twenty(records):
    pages = records(*(meeting(f"2025-03-{day:02}") for day in range(1, 23)))

    feed = feedparser.parse(pages[f"{URL}feed.rss"])

    assert len(feed.entries) == 20
    assert feed.entries[0].title == "Minutes of 2025-03-22"
    assert "They spoke about <strong>2025-03-22</strong>." in str(feed.entries[0])
    assert f"{URL}feed/ {URL}feed.rss 301" in pages["/_redirects"]


def test_the_addresses_of_the_site_before_lead_to_the_meeting(records):
    redirects = records(meeting("2009-12-14"))["/_redirects"]

    assert "/psf/records/board/minutes-2009-12-14/ /psf/records/board/minutes/2009-12-14/ 301" in (
        redirects
    )


def test_without_minutes_the_list_says_so(records):
    assert "No minutes are published here yet." in records()[URL]


def test_a_file_called_after_another_day_is_refused(records):
    with pytest.raises(Problems) as problems:
        records(meeting("2025-03-12").replace("date: 2025-03-12", "date: 2025-03-13"))

    assert str(problems.value) == (
        "content/minutes/2025-03-12.md:3:1: the file is called 2025-03-12, and the meeting was on"
        " 2025-03-13\n  hint: call it 2025-03-13.md"
    )

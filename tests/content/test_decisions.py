"""The public log of decisions that a snapshot brings: a page and a file, or nothing."""

from __future__ import annotations

import json
import re

import pytest

from pydotorg_build.snapshot import Row

NOUNS = ("pages", "decisions", "job_terms", "jobs")
PAGES = """
-- content/pages/about/index.md --
---
title: About
---
"""


def decided(day, kind, outcome, count, reason=""):
    return {"day": day, "kind": kind, "outcome": outcome, "count": count, "reason": reason}


LOG = {
    "title": "Decisions", "since": "2026-05-02", "through": "2026-11-25",
    "decided": [
        decided("2026-11-25", "job", "approved", 3),
        decided("2026-11-25", "job", "rejected", 2, "Not Python"),
        decided("2026-11-24", "event", "approved", 1200),
        decided("2026-05-02", "job", "approved", 4),
    ],
}  # fmt: skip


def rows_of(page, caption):
    """The rows of a table: the texts of their cells."""
    table = page.partition(f">{caption}</caption>")[2].partition("</table>")[0]
    return [
        [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<t[hd][^>]*>.*?</t[hd]>", row)]
        for row in re.split("<tr[^>]*>", table)[1:]
    ]


@pytest.fixture
def site(built):
    return built(PAGES, Row("decisions", "all", LOG), nouns=NOUNS)


@pytest.mark.parametrize(
    ("since", "says"),
    [
        ("2026-11-24", "from 24 November 2026 through 25 November 2026"),
        ("2026-11-25", "on 25 November 2026"),
    ],
)
def test_the_days_of_decisions_are_told_as_people_say_it(built, since, says):
    site = built(PAGES, Row("decisions", "all", {**LOG, "since": since}), nouns=NOUNS)

    words = re.sub("<[^>]+>", "", site["/about/decisions/"])
    assert f"about nominations, {says}, without anybody" in words


def test_decisions_are_counted_by_kind_month_and_reason(site):
    page = site["/about/decisions/"]

    assert rows_of(page, "Decisions by kind") == [
        ["Kind", "Approved", "Rejected"], ["Job", "7", "2"], ["Event", "1,200", "0"],
    ]  # fmt: skip
    assert rows_of(page, "Decisions by month") == [
        ["Month", "Approved", "Rejected"], ["November 2026", "1,203", "2"],
        ["May 2026", "4", "0"],
    ]  # fmt: skip
    assert rows_of(page, "Decisions by reason")[1:] == [["Not Python", "0", "2"]]


def test_the_page_tells_each_of_the_newest_days_and_the_file_all(site):
    assert rows_of(site["/about/decisions/"], "The newest 30 days")[1:] == [
        ["25 November 2026", "Job", "Approved", "–", "3"],
        ["25 November 2026", "Job", "Rejected", "Not Python", "2"],
        ["24 November 2026", "Event", "Approved", "–", "1,200"],
    ]
    told = json.loads(site["/about/decisions.json"])
    assert (told["since"], told["through"]) == ("2026-05-02", "2026-11-25")
    assert told["decided"] == LOG["decided"]


def test_the_job_board_leads_there_where_something_was_decided(site):
    assert '<a href="/about/decisions/">What was decided lately</a>' in site["/jobs/"]


def test_where_nothing_was_decided_there_is_no_page_and_no_link(built):
    site = built(PAGES, nouns=NOUNS)

    assert "/about/decisions/" not in site
    assert "/about/decisions.json" not in site
    assert "/about/decisions" not in site["/jobs/"]

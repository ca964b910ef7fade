"""Elections: their dates, how far they are, and who stands."""

from __future__ import annotations

import datetime
import json
import re

import pytest

from pydotorg_build.content.elections import FILE
from pydotorg_build.problems import Problems
from pydotorg_build.snapshot import Row

LEAD = """
-- content/snippets/elections.md --
---
title: Lead
---
In short.
"""
ELECTION = f"""{LEAD}-- content/elections/2027-board.md --
---
title: 2027 board election
kind: board
year: 2027
nominations_open: 2027-06-01T00:00:00Z
nominations_close: 2027-06-15T12:00:00Z
date: 2027-07-01
---
Four seats.
"""
PAST = """
-- content/elections/2025-steering.md --
---
title: 2025 council election
kind: steering-council
year: 2025
elected: [Ada Lovelace]
---
-- content/elections/2026-board.md --
---
title: 2026 board election
kind: board
year: 2026
candidates: [Grace Hopper]
---
"""
NOUNS = ("snippets", "elections", "nominees")
PAGE = "/nominations/elections/2027-board/"
ADA = {"title": "Ada Lovelace", "election": "2027-board", "accepted": True, "body": "I **count**."}


def at(text):
    return datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.UTC)


def state(page):
    return re.findall(r'<span class="badge [^"]*">([^<]+)<', page)


@pytest.mark.row("S116")
@pytest.mark.parametrize(
    ("now", "word"),
    [
        ("2027-05-31T23:59:59", "Nominations not open yet"),
        ("2027-06-01T00:00:00", "Nominations open"),
        ("2027-06-15T12:00:00", "Nominations closed"),
        ("2027-07-01T23:59:59", "Nominations closed"),
        ("2027-07-02T00:00:00", "Over"),
    ],
)
@pytest.mark.row("S184")
def test_its_page_and_the_list_say_its_dates_and_how_far_it_is_when_built(built, now, word):
    pages = built(ELECTION, nouns=NOUNS, now=at(now))

    assert state(pages[PAGE]) == [word]
    assert state(pages["/nominations/elections/"]) == [word]
    assert re.findall(r'<time datetime="([^"]+)"', pages[PAGE]) == [
        "2027-06-01", "2027-06-15", "2027-07-01"
    ]  # fmt: skip


def test_its_state_changes_by_the_clock_alone(built, project):
    built(ELECTION, nouns=NOUNS, now=at("2027-05-01"))

    project.build(at("2027-06-02"))

    assert state(project.pages()[PAGE]) == ["Nominations open"]


@pytest.mark.row("S116")
def test_past_elections_stay_listed_and_the_newest_year_stands_first(built):
    pages = built(ELECTION + PAST, nouns=NOUNS, now=at("2027-01-01"))

    page = pages["/nominations/elections/"]
    assert re.findall(r'row-title"><a href="/nominations/elections/([^/]+)/', page) == [
        "2027-board", "2026-board", "2025-steering"
    ]  # fmt: skip
    assert state(page) == ["Nominations not open yet", "Over", "Over"]
    assert "<li><bdi>Grace Hopper</bdi></li>" in pages["/nominations/elections/2026-board/"]
    assert "<li><bdi>Ada Lovelace</bdi></li>" in pages["/nominations/elections/2025-steering/"]


def test_one_without_dates_is_announced_until_its_year_is_over(built):
    text = re.sub(r"(nominations_\w+|date): .*\n", "", ELECTION)

    first = built(text, nouns=NOUNS, now=at("2027-12-31T23:59:59"))[PAGE]
    then = built(text, nouns=NOUNS, now=at("2028-01-01"))[PAGE]

    assert [state(first), state(then)] == [["Announced"], ["Over"]]


@pytest.mark.row("S116")
def test_nominees_who_accepted_are_shown_once_nominations_are_closed(built):
    rows = (Row("nominees", "7", ADA), Row("nominees", "8", {**ADA, "accepted": False}))

    early = built(ELECTION, *rows, nouns=NOUNS, now=at("2027-06-15T11:59:59"))
    late = built(ELECTION, *rows, nouns=NOUNS, now=at("2027-06-15T12:00:00"))

    assert [url for url, text in early.items() if "Ada" in text] == []
    assert "are listed here once nominations are closed" in early[PAGE]
    assert f'<a href="{PAGE}nominees/7/"><bdi>Ada Lovelace</bdi></a>' in late[PAGE]
    assert "I <strong>count</strong>." in late[f"{PAGE}nominees/7/"]
    assert f"{PAGE}nominees/8/" not in late


def test_one_is_led_to_nominating_while_nominations_are_open(built):
    link = 'href="/nominate/2027-board"'

    shown = [
        link in built(ELECTION, nouns=NOUNS, now=at(now))[PAGE]
        for now in ("2027-05-31T23:59:59", "2027-06-01T00:00:00", "2027-06-15T12:00:00")
    ]

    assert shown == [False, True, False]


def test_the_sidecar_is_told_of_all_elections_the_same_whatever_the_time(built):
    early = built(ELECTION + PAST, nouns=NOUNS, now=at("2027-01-01"))[FILE]
    late = built(ELECTION + PAST, nouns=NOUNS, now=at("2028-01-01"))[FILE]

    told = {one["id"]: one for one in json.loads(early)["elections"]}
    assert early == late
    assert list(told) == ["2027-board", "2026-board", "2025-steering"]
    assert told["2027-board"]["nominations_close"] == "2027-06-15T12:00:00Z"


def test_todays_addresses_lead_to_the_page(built):
    redirects = built(ELECTION, nouns=NOUNS)["/_redirects"]

    assert "/nominations/2027-board/create/ /nominate/2027-board 301" in redirects

    assert f"/nominations/election/2027-board/ {PAGE} 301" in redirects
    assert f"{PAGE}nominees/ {PAGE} 301" in redirects


def test_an_empty_list_says_so(built):
    assert (
        "No election is recorded here yet." in built(LEAD, nouns=NOUNS)["/nominations/elections/"]
    )


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("nominations_open: 2027-06-01T00:00:00Z\n", "",
         "content/elections/2027-board.md:1:1: `nominations_open` is missing\n"
         "  hint: give both dates, or none"),
        ("nominations_close: 2027-06-15T12:00:00Z", "nominations_close: 2027-05-15T12:00:00Z",
         "content/elections/2027-board.md:6:1: `nominations_close` must come after"
         " `nominations_open`"),
        ("date: 2027-07-01", "date: 2027-06-14",
         "content/elections/2027-board.md:7:1: `date` must not come before `nominations_close`"),
        ("elections/2027-board.md", "elections/page.md",
         "content/elections/page.md:1:1: the name 'page' is used by the list\n"
         "  hint: rename the file"),
    ],
)  # fmt: skip
def test_dates_that_do_not_fit_are_told(built, old, new, expected):
    with pytest.raises(Problems) as caught:
        built(ELECTION.replace(old, new), nouns=NOUNS)

    assert str(caught.value) == expected

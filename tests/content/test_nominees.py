"""Nominees: who may be shown, and where."""

from __future__ import annotations

import re

import pytest

from pydotorg_build.problems import Problems
from pydotorg_build.snapshot import Row

ELECTION = """
-- content/snippets/elections.md --
---
title: Lead
---
In short.
-- content/elections/2025-board.md --
---
title: 2025 board election
kind: board
year: 2025
---
"""
NOMINEE = """
-- content/nominees/grace.md --
---
title: Grace Hopper
election: 2025-board
accepted: true
---
I sail.
"""
NOUNS = ("snippets", "elections", "nominees")
ADA = {"title": "Ada Lovelace", "election": "2025-board", "accepted": True}


@pytest.mark.row("S184")
def test_nominees_of_an_election_stand_in_the_order_of_their_names_and_lead_to_each_other(built):
    pages = built(ELECTION + NOMINEE, Row("nominees", "7", ADA), nouns=NOUNS)

    base = "/nominations/elections/2025-board/nominees/"
    assert re.findall(rf'<li><a href="{base}([^/]+)/', pages["/nominations/elections/2025-board/"]) == [
        "7", "grace"
    ]  # fmt: skip
    assert f'<a rel="next" href="{base}grace/">Next: Grace Hopper</a>' in pages[f"{base}7/"]


def test_one_that_is_invented_says_so(built):
    pages = built(ELECTION, Row("nominees", "7", {**ADA, "sample": True}), nouns=NOUNS)

    page = pages["/nominations/elections/2025-board/nominees/7/"]
    assert "This nominee is invented" in page


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("election: 2025-board", "election: 1900",
         "content/nominees/grace.md:3:1: there is no election `1900`\n"
         "  hint: its name is that of its file in content/elections/"),
        ("nominees/grace.md", "nominees/12.md",
         "content/nominees/12.md:1:1: numbers are for nominees that were handed in\n"
         "  hint: give the file a name of words"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line(built, old, new, expected):
    with pytest.raises(Problems) as caught:
        built(ELECTION + NOMINEE.replace(old, new), nouns=NOUNS)

    assert str(caught.value) == expected

"""Levels of sponsorship."""

from __future__ import annotations

from pydotorg_build.content.read import read
from pydotorg_build.content.sponsor_levels import SponsorLevel


def test_a_level_says_its_place_and_of_which_year_its_price_is():
    _, faults = read(SponsorLevel, {"title": "Partner", "slug": "partner", "amount": 10})

    assert sorted(fault.message for fault in faults) == [
        "`order` is missing", "`year` is missing"
    ]  # fmt: skip

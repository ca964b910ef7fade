"""Levels of sponsorship."""

from __future__ import annotations

import pytest
import yaml

from pydotorg_build.content.read import read
from pydotorg_build.content.sponsor_levels import SponsorLevel
from tests.conftest import ROOT


def test_a_level_says_its_place_and_of_which_year_its_price_is():
    _, faults = read(SponsorLevel, {"title": "Partner", "slug": "partner", "amount": 10})

    assert sorted(fault.message for fault in faults) == [
        "`order` is missing", "`year` is missing"
    ]  # fmt: skip


@pytest.mark.row("S107")
def test_every_level_that_there_is_says_what_it_brings_and_a_logo_stands_where_it_says():
    file = ROOT / "content/sponsor_levels.yaml"
    levels = [read(SponsorLevel, each)[0] for each in yaml.safe_load(file.read_text("utf-8"))]
    words = {
        "sponsors": "list of sponsors",
        "home": "home page",
        "downloads": "/downloads/",
        "jobs": "job board",
    }

    for level in levels:
        told = "\n".join(level.benefits)
        assert {place for place, word in words.items() if word in told} == set(level.places)

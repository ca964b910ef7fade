"""What a sponsor may choose, and what it costs."""

from __future__ import annotations

import msgspec
import pytest

from sidecar.sponsors.offer import Terms, agreed, bill, faults_of, needs_of, price_of
from tests.sidecar.sponsoring import ADDONS, CLAUSES, LEVELS

TERMS = msgspec.convert({"levels": LEVELS, "addons": ADDONS, "clauses": CLAUSES}, Terms)


@pytest.mark.parametrize(
    ("level", "addons", "taken", "told"),
    [
        ("visionary", ("lunch",), {}, []),
        ("", ("index",), {}, []),
        ("", (), {}, ["Choose a level, or something that stands alone."]),
        ("none", (), {}, ["This level is not offered. Choose another."]),
        ("quiet", (), {}, ["This level is not offered. Choose another."]),
        ("partner", ("gone",), {}, ["There is no “gone” to choose any more."]),
        ("partner", ("lunch", "sprint"), {}, ["“Lunch” and “Sprint” exclude each other."]),
        ("partner", ("grants",), {}, ["“Grants” does not go with this level."]),
        ("", ("sprint",), {}, ["“Sprint” goes with a level only."]),
        ("partner", ("lunch",), {"lunch": 1}, ["“Lunch” is taken for this year."]),
    ],
)
def test_a_choice_that_cannot_be_says_why(level, addons, taken, told):
    assert [fault.message for fault in faults_of(TERMS, level, addons, taken)] == told


def test_staff_may_give_a_level_that_nobody_is_offered():
    assert list(faults_of(TERMS, "quiet", (), {}, by_staff=True)) == []


def test_a_price_is_the_level_and_what_is_chosen_besides():
    assert bill(TERMS, "visionary", ("lunch",)) == [("Visionary", 150_000), ("Lunch", 4_000)]
    assert price_of(TERMS, "visionary", ("lunch",)) == 154_000


def test_what_is_agreed_has_only_the_clauses_of_the_choice():
    with_lunch = agreed(TERMS, "partner", ("lunch",))
    without = agreed(TERMS, "partner", ())

    assert [clause["slug"] for clause in with_lunch["clauses"]] == ["who", "lunch"]
    assert [clause["slug"] for clause in without["clauses"]] == ["who"]


def test_what_is_asked_for_comes_of_the_choice():
    assert [need.slug for need in needs_of(agreed(TERMS, "visionary", ()))] == ["post", "white"]
    assert needs_of(agreed(TERMS, "", ("index",))) == []

"""What may be chosen besides a level of sponsorship."""

from __future__ import annotations

import json

import pytest

from pydotorg_build.problems import Problems

LEVELS = """
-- content/sponsor_levels.yaml --
- title: Partner
  slug: partner
  order: 5
  amount: 10000
  year: 2026
  needs: [{slug: post, title: A text, days: 60}]
"""
ADDONS = """
-- content/sponsor_addons.yaml --
- {title: Lunch, slug: lunch, amount: 4000, conflicts: [sprint], capacity: 2}
"""
NOUNS = ("sponsor_levels", "sponsor_addons")


def test_the_sidecar_is_told_what_may_be_chosen(built):
    pages = built(LEVELS + ADDONS, nouns=NOUNS)

    terms = json.loads(pages["/psf/sponsors/terms.json"])
    assert terms["levels"][0]["needs"] == [
        {"slug": "post", "title": "A text", "kind": "text", "days": 60, "hint": ""}
    ]
    assert terms["addons"] == [
        {"title": "Lunch", "slug": "lunch", "amount": 4000, "text": "", "levels": [],
         "standalone": False, "conflicts": ["sprint"], "capacity": 2, "needs": []}
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("conflicts: [sprint]", "conflicts: [lunch]", "`conflicts` names this one itself"),
        ("capacity: 2", "capacity: 0", "must be a larger number: at least 1"),
        ("amount: 4000, ", "", "`amount` is missing"),
    ],
)
def test_an_addon_that_cannot_be_is_refused(built, old, new, told):
    with pytest.raises(Problems) as problems:
        built(LEVELS + ADDONS.replace(old, new), nouns=NOUNS)

    assert told in str(problems.value)

"""The clauses of contracts with sponsors."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pydotorg_build.problems import Problems

ROOT = Path(__file__).parents[2]
LEVELS = """
-- content/sponsor_levels.yaml --
- {title: Partner, slug: partner, order: 5, amount: 10000, year: 2026}
"""
CLAUSES = """
-- content/contract_clauses/end.yaml --
title: The end
order: 90
text: It **ends**.
-- content/contract_clauses/who.yaml --
title: Who agrees
order: 10
text: Both.
"""
NOUNS = ("sponsor_levels", "contract_clauses")


def test_clauses_are_told_to_the_sidecar_in_their_order(built):
    pages = built(LEVELS + CLAUSES, nouns=NOUNS)

    terms = json.loads(pages["/psf/sponsors/terms.json"])
    assert [clause["slug"] for clause in terms["clauses"]] == ["who", "end"]
    assert terms["clauses"][1]["text"] == "It **ends**."


def test_no_clause_of_every_contract_speaks_of_a_list_that_some_do_not_have():
    files = (ROOT / "content/contract_clauses").glob("*.yaml")
    clauses = [text for text in (file.read_text() for file in files) if "\naddons:" not in text]

    assert "agreement that lists none gives none" in " ".join(clauses)
    assert [text for text in clauses if "listed above" in text] == []


def test_a_clause_says_something(built):
    with pytest.raises(Problems, match="`text` must not be empty"):
        built(LEVELS + CLAUSES.replace("text: Both.", 'text: ""'), nouns=NOUNS)

"""What must hold of the whole site, as editors declare it; tests/build/test_check.py looks at it."""

from __future__ import annotations

import pytest

from pydotorg_build.problems import Problems


def test_an_invariant_publishes_nothing(built):
    line = "- {title: Search finds pip, check: search, word: pip}\n"

    with_it = built(f"-- content/invariants.yaml --\n{line}", nouns=("pages", "invariants"))

    assert [url for url, text in with_it.items() if "Search finds pip" in text] == []


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("check: search", "`search` needs `word`"),
        ("check: records", "`records` needs `of`"),
        ("{check: records, of: /a.json}", "`records` needs `least`, `ascending` or `descending`"),
        ("{check: records, of: /a/, least: 1}", "`of` must be a JSON file of this site"),
        ("{check: kept, percent: 101}", "`percent` must be a smaller number: at most 100"),
        ("check: spelling", "`check` must be one of records, kept, search, feeds"),
    ],
)
def test_one_that_says_nothing_is_refused(built, line, told):
    fields = line.strip("{}")
    entry = f"- {{title: It holds, {fields}}}\n"

    with pytest.raises(Problems) as caught:
        built(f"-- content/invariants.yaml --\n{entry}", nouns=("pages", "invariants"))

    assert str(caught.value).startswith("content/invariants.yaml:1:")
    assert told in str(caught.value)

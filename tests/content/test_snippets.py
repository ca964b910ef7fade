"""Texts that fill a slot of a template."""

from __future__ import annotations

import pytest

from pydotorg_build.problems import Problems

SNIPPET = """
-- content/snippets/sponsors.md --
---
title: At the top
---
They **pay**.
"""
NOUNS = ("snippets", "sponsors")


@pytest.mark.row("S065")
def test_a_snippet_fills_the_slot_of_its_name(built):
    page = built(SNIPPET, nouns=NOUNS)["/psf/sponsors/"]

    assert "They <strong>pay</strong>." in page


def test_other_words_are_shown_by_the_next_build(built, project):
    built(SNIPPET, nouns=NOUNS)
    project.write(SNIPPET.replace("pay", "give"))

    project.build()

    assert "They <strong>give</strong>." in project.pages()["/psf/sponsors/"]


@pytest.mark.row("S065")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "content/snippets/sponsors.md: the snippet `sponsors` is missing\n"
         "  hint: /psf/sponsors/ shows it"),
        (SNIPPET.replace("sponsors.md", "sponsor.md"),
         "content/snippets/sponsor.md:1:1: no template has a slot 'sponsor'\n"
         "  hint: known: elections, fellows, sponsors"),
        (SNIPPET.replace("They **pay**.\n", ""),
         "content/snippets/sponsors.md:1:1: the snippet has no text\n"
         "  hint: write it below the second `---`"),
    ],
)  # fmt: skip
def test_a_missing_unknown_or_empty_one_fails_the_build_by_name(built, text, expected):
    with pytest.raises(Problems) as caught:
        built(text, nouns=NOUNS)

    assert str(caught.value) == expected

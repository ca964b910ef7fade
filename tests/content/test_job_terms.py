"""The categories and types that jobs are sorted by."""

from __future__ import annotations

import pytest

from pydotorg_build.problems import Problems

TERM = """
-- content/job_terms.yaml --
- {of: category, slug: web, title: Web development}
"""
NOUNS = ("job_terms", "jobs")


@pytest.mark.row("S092")
def test_a_term_that_is_added_has_a_list(built):
    pages = built(TERM, nouns=NOUNS)

    assert ">Web development jobs</h1>" in pages["/jobs/category/web/"]
    assert "/jobs/category/web/feed.rss" in pages


@pytest.mark.row("S092")
def test_a_term_without_a_job_is_no_choice_and_yet_leads_to_its_feed(built):
    page = built(TERM, nouns=NOUNS)["/jobs/categories/"]

    assert "choices-list" not in page
    assert "Web development (0)" not in page
    assert 'the next: <a href="/jobs/category/web/">Web development</a>.' in page


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("slug: web", "slug: Web!",
         "content/job_terms.yaml:1:18: `slug` must be written like web-development, not 'Web!'"),
        ("slug: web", "slug: page",
         "content/job_terms.yaml:1:18: the slug `page` is used by lists\n  hint: choose another"),
        ("of: category", "of: colour",
         "content/job_terms.yaml:1:4: `of` must be one of category, type, not 'colour'"),
    ],
)  # fmt: skip
def test_a_term_that_cannot_be_an_address_is_refused(built, old, new, expected):
    with pytest.raises(Problems) as problems:
        built(TERM.replace(old, new), nouns=NOUNS)

    assert str(problems.value) == expected

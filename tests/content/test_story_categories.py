"""Categories of success stories: each has a list that stays."""

from __future__ import annotations

import pytest


@pytest.mark.row("S114", "S179")
def test_a_category_without_stories_has_a_list_that_leads_on(built):
    pages = built(
        "-- content/story_categories.yaml --\n- {slug: arts, title: Arts}\n",
        nouns=("story_categories", "stories"),
    )

    page = pages["/success-stories/category/arts/"]
    assert "<h1>Success stories: Arts</h1>" in page
    assert 'There is no story in this category yet. <a href="/success-stories/">' in page

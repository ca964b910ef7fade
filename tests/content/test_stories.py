"""Success stories: lists, pages, what the home page features, and today's addresses."""

from __future__ import annotations

import re

import feedparser
import pytest

from pydotorg_build.problems import Problems
from pydotorg_build.snapshot import Row

CATEGORIES = """
-- content/story_categories.yaml --
- {slug: arts, title: Arts}
- {slug: education, title: Education}
"""
STORY = """
-- content/stories/films.md --
---
title: Films run on Python
description: How films are made.
company: Ada Pictures
company_url: https://ada.example/
author: Ada L.
category: arts
date: 2026-11-20
featured: true
quote: It just works.
quote_by: Ada, director
image: film.png
image_text: A reel of film
aliases: [/about/success/films/]
---
We make **films**.
"""
NOUNS = ("story_categories", "stories")
URL = "/success-stories/"


def handed_in(key="12", **fields):
    data = {"title": "Music from code", "description": "How music is made.", "category": "arts",
            "date": "2026-11-24", "body": "We *play*.", **fields}  # fmt: skip
    return Row("stories", key, data)


def links(page):
    return re.findall(r'<h[23] class="row-title"><a href="([^"]+)"', page)


@pytest.fixture
def told(built, project):
    """Build the stories of a file and some rows of a snapshot; give address and text."""
    from PIL import Image

    path = project.root / "content/stories/film.png"
    path.parent.mkdir(parents=True)
    Image.new("RGB", (40, 30), "red").save(path)

    def build(*rows, story=STORY):
        return built(CATEGORIES + story, *rows, nouns=NOUNS)

    return build


@pytest.mark.row("S114", "S179")
def test_a_story_stands_on_the_first_page_and_in_its_category(told):
    pages = told(handed_in())

    newest_first = [f"{URL}12/", f"{URL}films/"]
    assert links(pages[URL]) == newest_first
    assert links(pages[f"{URL}category/arts/"]) == newest_first
    assert "There is no story in this category yet." in pages[f"{URL}category/education/"]


@pytest.mark.row("S114", "S179")
def test_a_page_tells_the_whole_story(told):
    page = told()[f"{URL}films/"]

    assert "<p>We make <strong>films</strong>.</p>" in page
    assert '<dd><a href="https://ada.example/" rel="nofollow">Ada Pictures</a></dd>' in page
    assert "<blockquote><p>It just works.</p><footer>Ada, director</footer></blockquote>" in page
    assert 'alt="A reel of film"' in page
    assert 'data-pagefind-filter="kind:story"' in page


@pytest.mark.row("S114")
def test_the_home_page_shows_the_featured_stories_and_no_others(told):
    page = told(handed_in())["/"]

    assert f'class="card-title" href="{URL}films/"' in page
    assert f"{URL}12/" not in page


@pytest.mark.row("S114")
def test_without_featured_stories_the_home_page_has_no_place_for_them(told):
    assert URL not in told(story=STORY.replace("featured: true\n", ""))["/"]


def test_a_category_shows_its_newest_five_on_the_first_page_and_says_how_many_it_has(told):
    pages = told(*(handed_in(str(n), date=f"2026-11-{n:02}") for n in range(1, 7)), story="")

    assert links(pages[URL]) == [f"{URL}{n}/" for n in (6, 5, 4, 3, 2)]
    assert f'<a href="{URL}category/arts/">All 6 stories: Arts</a>' in pages[URL]


def test_a_category_that_there_is_not_stops_the_build_with_what_was_meant(told):
    with pytest.raises(Problems) as caught:
        told(story=STORY.replace("category: arts", "category: artz"))

    assert str(caught.value) == (
        "content/stories/films.md:7:1: there is no category `artz`\n  hint: did you mean `arts`?"
    )


def test_a_story_that_was_handed_in_outlives_its_category(told):
    pages = told(handed_in(category="old-crafts"))

    assert "old crafts" in pages[f"{URL}12/"]


def test_a_draft_is_nowhere(told):
    pages = told(handed_in(draft=True))

    assert [url for url, text in pages.items() if "Music from code" in text] == []


def test_what_is_only_our_note_says_so_and_leads_to_the_story(told):
    page = told(handed_in(note=True, original="https://ada.example/story"))[f"{URL}12/"]

    assert "Only a note about the story" in page
    assert '<a href="https://ada.example/story">Look for the story itself</a>' in page


def test_an_invented_story_says_so(told):
    assert "This story is invented" in told(handed_in(sample=True))[f"{URL}12/"]


def test_feeds_have_the_newest_stories_first(told):
    pages = told(handed_in())

    titles = [
        [entry.title for entry in feedparser.parse(pages[f"{url}feed.rss"]).entries]
        for url in (URL, f"{URL}category/arts/", f"{URL}category/education/")
    ]

    both = ["Music from code", "Films run on Python (Ada Pictures)"]
    assert titles == [both, both, []]


def test_today_s_addresses_lead_on(told):
    redirects = told()["/_redirects"]

    assert f"/about/success/films/ {URL}films/ 301" in redirects
    assert f"{URL}create/ /community/submit-success-story/ 302" in redirects


def test_without_stories_the_first_page_says_so(told):
    assert "No story is published here yet." in told(story="")[URL]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("stories/films.md", "stories/create.md",
         "content/stories/create.md:1:1: the name 'create' is used by lists of stories\n"
         "  hint: rename the file"),
        ("stories/films.md", "stories/12.md",
         "content/stories/12.md:1:1: numbers are for stories that were handed in\n"
         "  hint: give the file a name of words"),
        ("image_text: A reel of film\n", "",
         "content/stories/films.md:12:1: it is not said what the picture shows\n"
         "  hint: give `image_text`"),
        ("quote: It just works.\n", "",
         "content/stories/films.md:10:1: there is no `quote` that somebody said"),
    ],
)  # fmt: skip
def test_a_story_that_cannot_be_shown_is_refused(told, old, new, expected):
    with pytest.raises(Problems) as problems:
        told(story=STORY.replace(old, new))

    assert str(problems.value) == expected


def test_the_title_of_a_neighbour_is_read_in_its_own_direction(told):
    pages = told(handed_in(title="!שלום"))

    link = f'<a rel="prev" href="{URL}12/">Before: <bdi>!שלום</bdi></a>'
    assert link in pages[f"{URL}films/"]

"""What search engines are told of pages that are articles."""

from __future__ import annotations

import datetime
import json
import re

import pytest

from pydotorg_build.content.articles import as_article
from pydotorg_build.content.base import Meta
from tests.content.entries import site_of

NOUNS = ("story_categories", "stories", "posts", "minutes")
SITE = """
-- content/story_categories.yaml --
- {slug: arts, title: Arts}
-- content/stories/films.md --
---
title: Films run on Python
description: How films are made.
company: Ada Pictures
author: Ada L.
category: arts
date: 2026-11-20
---
We make films.
-- content/posts/sprint.md --
---
title: A sprint
description: We met.
date: 2026-11-21
author: Bo
---
It was good.
-- content/minutes/2026-11-18.md --
---
title: Minutes of November
date: 2026-11-18
---
They met.
"""
STORY = "/success-stories/films/"
POST = "/community/posts/sprint/"
MINUTES = "/psf/records/board/minutes/2026-11-18/"
PSF = {
    "@type": "Organization",
    "name": "Python Software Foundation",
    "url": "https://www.python.org/psf/",
}


def blocks(page):
    found = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    return {block["@type"]: block for block in map(json.loads, found)}


def test_a_story_is_an_article_beside_its_place_on_the_site(built):
    page = built(SITE, nouns=NOUNS)[STORY]

    card = re.search(r'property="og:image" content="([^"]+)"', page)[1]
    assert set(blocks(page)) == {"Article", "BreadcrumbList"}
    assert blocks(page)["Article"] == {
        "@context": "https://schema.org",
        "@type": "Article",
        "headline": "Films run on Python",
        "description": "How films are made.",
        "url": f"https://test.example{STORY}",
        "mainEntityOfPage": f"https://test.example{STORY}",
        "datePublished": "2026-11-20",
        "author": {"@type": "Person", "name": "Ada L."},
        "publisher": PSF,
        "image": card,
    }


def test_who_wrote_an_article_is_the_person_else_the_company_else_the_publisher(built):
    pages = built(SITE.replace("author: Ada L.\n", ""), nouns=NOUNS)

    authors = {url: blocks(pages[url])["Article"]["author"] for url in (STORY, POST, MINUTES)}
    assert authors == {
        STORY: {"@type": "Organization", "name": "Ada Pictures"},
        POST: {"@type": "Person", "name": "Bo"},
        MINUTES: PSF,
    }


def test_our_note_about_a_story_is_no_work_of_who_wrote_the_story(built):
    page = built(SITE.replace("category: arts", "category: arts\nnote: true"), nouns=NOUNS)[STORY]

    assert blocks(page)["Article"]["author"] == PSF


@pytest.mark.parametrize(
    ("url", "old", "new"),
    [
        (STORY, "category: arts", "category: arts\nsample: true"),
        (POST, "author: Bo", "sample: true"),
        (POST, "author: Bo", "kind: link\nlink: https://ada.example/"),
        (MINUTES, "date: 2026-11-18\n", "date: 2026-11-18\nnote: true\n"),
    ],
)
def test_what_is_invented_or_has_no_text_is_no_article(built, url, old, new):
    page = built(SITE.replace(old, new), nouns=NOUNS)[url]

    assert "Article" not in blocks(page)


@pytest.mark.parametrize(
    ("changed", "told"),
    [("2026-11-24", {"dateModified": "2026-11-24"}), ("2026-11-19", {})],
)
def test_an_article_says_when_it_was_changed_after_it_was_published(changed, told):
    meta = Meta(title="A", url="/a/", changed=datetime.date.fromisoformat(changed))

    (found,) = as_article(meta, site_of(), datetime.date(2026, 11, 20)).json_ld

    assert {name: day for name, day in found.items() if name == "dateModified"} == told

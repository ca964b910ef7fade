"""The pictures that show where a page is shared."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from pydotorg_build.artifacts import SocialImage
from pydotorg_build.social import MARGIN, SIZE, draw

JOB = """
-- content/job_terms.yaml --
- {of: category, slug: web, title: Web development}
-- content/jobs/baker.md --
---
title: Baker of bytes
company: Ada & Sons
category: web
remote: true
email: jobs@ada.example
date: 2026-11-20
ends: 2026-12-20
---
Text.
"""
NOUNS = ("job_terms", "jobs")


def picture(title="Python 3.14.8", above="Release", below="30 September 2026"):
    return draw(SocialImage(url="/x/og.jpg", title=title, above=above, below=below))


@pytest.mark.parametrize("title", ["A", "Python 3.14.8", "word " * 60, "x" * 300])
def test_a_picture_has_the_size_that_is_wanted_and_is_light(title):
    data = picture(title)

    image = Image.open(BytesIO(data))
    assert (image.format, image.size) == ("JPEG", SIZE)
    assert len(data) <= 45 * 1024


@pytest.mark.parametrize("title", ["word " * 60, "x" * 300])
def test_a_long_title_stays_within_the_picture(title):
    image = Image.open(BytesIO(picture(title, below="y" * 300))).convert("L")

    right = image.crop((SIZE[0] - MARGIN + 8, 20, *SIZE))
    assert right.getextrema()[1] < 60


def test_the_same_texts_give_the_same_bytes_and_others_others():
    assert picture() == picture()
    assert picture() != picture(title="Python 3.14.9")


def test_a_page_names_its_picture_and_what_it_shows(built):
    pages = built(JOB, nouns=NOUNS)

    page = pages["/jobs/baker/"]
    assert "/jobs/baker/og.jpg" in pages
    assert '<meta property="og:image" content="https://test.example/jobs/baker/og.jpg">' in page
    shown = "Job. Baker of bytes. Ada &amp; Sons · Remote"
    assert f'<meta property="og:image:alt" content="{shown}">' in page


def test_a_title_whose_letters_are_not_there_has_the_picture_of_the_site(built):
    pages = built(JOB.replace("Baker of bytes", "Bäcker"), nouns=NOUNS)

    assert "/jobs/baker/og.jpg" not in pages
    assert (
        'property="og:image" content="https://test.example/assets/img/og-default.'
        in (pages["/jobs/baker/"])
    )


def test_a_picture_is_drawn_anew_only_when_its_texts_change(built, project):
    built(JOB, nouns=NOUNS)

    project.write(JOB.replace("Text.", "More text."))
    body = project.build().written
    project.write(JOB.replace("Baker", "Taker"))
    title = project.build().written

    assert "jobs/baker/og.jpg" not in body
    assert "jobs/baker/og.jpg" in title

"""Posts of the community: texts, photos, videos and links."""

from __future__ import annotations

import re

import feedparser
import pytest

from pydotorg_build.problems import Problems
from pydotorg_build.snapshot import Row

POST = """
-- content/posts/sprint.md --
---
title: A sprint
description: We met.
kind: photo
date: 2026-11-20
author: Ada
image: sprint.png
image_text: People at a table
caption: The last evening
---
It was **good**.
"""
URL = "/community/posts/"


def handed_in(key="12", **fields):
    data = {"title": "A talk", "description": "Somebody spoke.", "date": "2026-11-24", **fields}
    return Row("posts", key, data)


@pytest.fixture
def posted(built, project):
    """Build the posts of a file and some rows of a snapshot; give address and text."""
    from PIL import Image

    for path in ("content/posts/sprint.png", "static/root/media/talk.webm"):
        (project.root / path).parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (40, 30), "red").save(project.root / "content/posts/sprint.png")
    (project.root / "static/root/media/talk.webm").write_bytes(b"a film")

    def build(*rows, post=POST):
        return built(post, *rows, nouns=("posts",))

    return build


def links(page):
    return re.findall(r'<h2 class="row-title"><a href="([^"]+)"', page)


@pytest.mark.row("S112", "S178", "S450")
def test_posts_are_listed_newest_first_twenty_a_page(posted):
    pages = posted(*(handed_in(str(n), date=f"2026-10-{n:02}") for n in range(1, 21)))

    assert links(pages[URL]) == [f"{URL}sprint/", *(f"{URL}{n}/" for n in range(20, 1, -1))]
    assert links(pages[f"{URL}page/2/"]) == [f"{URL}1/"]


@pytest.mark.row("S112", "S178")
def test_a_photo_is_shown_with_what_it_shows(posted):
    page = posted()[f"{URL}sprint/"]

    assert 'alt="People at a table"' in page
    assert "<figcaption>The last evening</figcaption>" in page
    assert "<p>It was <strong>good</strong>.</p>" in page


@pytest.mark.row("S112")
def test_a_video_is_played_from_this_site(posted):
    pages = posted(handed_in(kind="video", video="/media/talk.webm"))

    assert '<video controls preload="metadata" src="/media/talk.webm">' in pages[f"{URL}12/"]
    assert pages["/media/talk.webm"] == "a film"


@pytest.mark.row("S112")
def test_a_link_leads_to_where_it_is(posted):
    page = posted(handed_in(kind="link", link="https://talk.example/"))[f"{URL}12/"]

    assert '<a href="https://talk.example/" rel="nofollow ugc">https://talk.example/</a>' in page


def test_today_s_address_of_a_post_leads_to_it(posted):
    assert f"/community/12/ {URL}12/ 301" in posted(handed_in())["/_redirects"]


def test_a_draft_is_nowhere(posted):
    pages = posted(handed_in(draft=True))

    assert [url for url, text in pages.items() if "A talk" in text] == []


def test_the_feed_has_the_newest_first(posted):
    feed = feedparser.parse(posted(handed_in())[f"{URL}feed.rss"])

    assert [entry.title for entry in feed.entries] == ["A talk", "A sprint"]


@pytest.mark.row("S450")
def test_a_post_in_the_list_has_title_day_words_and_picture(posted):
    page = posted()[URL]

    row = page.partition('<li class="row row-pictured">')[2]
    row = row[: row.index("</div>\n</li>")]
    assert links(row) == [f"{URL}sprint/"]
    assert re.search(r'<time datetime="[-0-9]+">', row)
    assert re.search(r"<p>[^<]+</p>", row)
    assert "<img" in row


@pytest.mark.row("S450")
def test_without_posts_the_list_says_so(posted):
    assert "Nothing has been posted here yet." in posted(post="")[URL]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("image: sprint.png\n", "", "content/posts/sprint.md:4:1: a photo needs `image`"),
        ("image_text: People at a table\n", "",
         "content/posts/sprint.md:7:1: it is not said what the picture shows\n"
         "  hint: give `image_text`"),
        ("kind: photo", "kind: link", "content/posts/sprint.md:4:1: a link needs `link`"),
        ("posts/sprint.md", "posts/12.md",
         "content/posts/12.md:1:1: numbers are for posts that were handed in\n"
         "  hint: give the file a name of words"),
        ("caption:", "video: /media/none.webm\ncaption:",
         "content/posts/sprint.md:9:1: there is no video /media/none.webm\n"
         "  hint: put it at static/root/media/none.webm"),
    ],
)  # fmt: skip
def test_a_post_that_cannot_be_shown_is_refused(posted, old, new, expected):
    with pytest.raises(Problems) as problems:
        posted(post=POST.replace(old, new))

    assert str(problems.value) == expected


def test_the_title_of_a_neighbour_is_read_in_its_own_direction(posted):
    pages = posted(handed_in(title="!שלום"), handed_in("13", date="2026-11-25"))

    link = '<a rel="{}" href="{}12/">{}: <bdi>!שלום</bdi></a>'
    assert link.format("prev", URL, "Newer") in pages[f"{URL}sprint/"]
    assert link.format("next", URL, "Older") in pages[f"{URL}13/"]

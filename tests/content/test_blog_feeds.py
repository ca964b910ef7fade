"""The blogs that are followed: what their file may say, and where they are listed."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from pydotorg_build.problems import Problems

FEEDS = """
-- content/blog_feeds.yaml --
- {title: Zebra & Co, slug: zebra, feed: "https://zebra.example/rss?a=1&b=2", language: pt-BR}
- title: The official one
  slug: official
  feed: https://official.example/atom.xml
  site: https://official.example/
  official: true
- {title: Ended, slug: ended, feed: "https://ended.example/rss", active: false}
"""
NOUNS = ("blog_feeds", "blog_entries")


def test_subscriptions_are_the_active_blogs_the_official_ones_first(built):
    page = built(FEEDS, nouns=NOUNS)["/blogs/feeds/"]

    assert "2 blogs" in page
    assert page.index("The official one") < page.index("Zebra &amp; Co")
    assert 'href="/blogs/feeds.opml"' in page


def test_a_blog_that_is_followed_no_more_is_named_below_the_others(built):
    page = built(FEEDS, nouns=NOUNS)["/blogs/feeds/"]

    _, ended = page.split("No longer followed")
    assert '<a href="/blogs/feed/ended/">Ended</a>' in ended
    assert "Zebra" not in ended


def test_feed_readers_take_the_subscriptions_as_opml(built):
    opml = ET.fromstring(built(FEEDS, nouns=NOUNS)["/blogs/feeds.opml"])

    assert [outline.attrib for outline in opml.iter("outline")] == [
        {"text": "The official one", "title": "The official one", "type": "rss",
         "xmlUrl": "https://official.example/atom.xml", "htmlUrl": "https://official.example/"},
        {"text": "Zebra & Co", "title": "Zebra & Co", "type": "rss",
         "xmlUrl": "https://zebra.example/rss?a=1&b=2", "language": "pt-BR"},
    ]  # fmt: skip


def test_a_blog_has_its_address_also_while_nothing_of_it_is_known(built):
    pages = built(FEEDS, nouns=NOUNS)

    assert "No entry of this blog is known here yet" in pages["/blogs/feed/zebra/"]
    assert 'content="noindex' in pages["/blogs/feed/zebra/"]
    assert "/blogs/feed/zebra/" not in pages["/sitemap.xml"]
    assert "We follow this blog no more" in pages["/blogs/feed/ended/"]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("slug: zebra", "slug: Zebra",
         "content/blog_feeds.yaml:1:23: `slug` must be written like web-development, not 'Zebra'"),
        ('"https://zebra.example/rss?a=1&b=2"', '"ftp://zebra.example/"',
         "content/blog_feeds.yaml:1:36: `feed` must be written like https://blog.example/feed.xml,"
         " not 'ftp://zebra.example/'"),
        ('"https://zebra.example/rss?a=1&b=2"', '"https://me:secret@zebra.example/"',
         "content/blog_feeds.yaml:1:36: `feed` must name a host, and neither user nor password"),
        ("site: https://official.example/", "site: 'https://[::1/'",
         "content/blog_feeds.yaml:5:3: `site` must name a host, and neither user nor password"),
        ("slug: ended", "slug: zebra",
         "content/blog_feeds.yaml:7:3: zebra is already taken by content/blog_feeds.yaml:1:3\n"
         "  hint: rename or change one of them"),
        ("language: pt-BR", "language: Portuguese",
         "content/blog_feeds.yaml:1:79: `language` must be written like en,"
         " not 'Portuguese'"),
    ],
)  # fmt: skip
def test_a_blog_that_cannot_be_followed_is_refused(built, old, new, expected):
    with pytest.raises(Problems) as problems:
        built(FEEDS.replace(old, new), nouns=NOUNS)

    assert str(problems.value) == expected

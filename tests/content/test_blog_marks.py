"""What staff said of blogs: the site leaves out what is off, and shows what is featured."""

from __future__ import annotations

import pytest

from pydotorg_build.content.blog_entries import row_key
from pydotorg_build.snapshot import Row

NOUNS = ("pages", "blog_feeds", "blog_marks", "blog_entries")
FEEDS = """
-- content/blog_feeds.yaml --
- title: Core blog
  slug: core
  feed: https://core.example/feed
- title: Owls
  slug: owls
  feed: https://owls.example/feed
"""


def entry(feed, number):
    return Row("blog_entries", row_key(feed, f"{number}"), {
        "title": f"Post {number} of {feed}", "feed": feed, "url": f"https://{feed}.example/{number}",
        "guid": f"{number}", "published": "2026-11-20T00:00:00Z",
    })  # fmt: skip


def mark(name, of):
    return Row("blog_marks", f"{name}.{of}", {"mark": name, "of": of})


@pytest.mark.row("S335")
def test_a_blog_that_is_off_stands_in_its_own_list_only(built):
    site = built(FEEDS, entry("core", 1), entry("owls", 1), mark("off", "owls"), nouns=NOUNS)

    assert "Post 1 of owls" not in site["/blogs/"]
    assert "Post 1 of owls" not in site["/blogs/feed.rss"]
    assert "Post 1 of core" in site["/blogs/"]
    assert "Post 1 of owls" in site["/blogs/feed/owls/"]


@pytest.mark.row("S446")
def test_an_entry_that_staff_featured_stands_above_the_others(built):
    featured = mark("featured", row_key("core", "1"))
    plain = built(FEEDS, entry("core", 1), entry("owls", 1), nouns=NOUNS)
    site = built(FEEDS, entry("core", 1), entry("owls", 1), featured, nouns=NOUNS)

    assert plain["/blogs/"].count("Post 1 of core") == 1
    assert site["/blogs/"].count("Post 1 of core") == 2
    assert site["/blogs/"].count("Post 1 of owls") == 1

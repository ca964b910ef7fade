"""What blogs wrote: merged, each once, and always a link to the original."""

from __future__ import annotations

import datetime
import gzip
import json
import re

import feedparser
import pytest

from pydotorg_build.content.blog_entries import row_key
from pydotorg_build.problems import Problems
from pydotorg_build.snapshot import Row
from tests.conftest import BUILD_TOML, HOME, NOW

FEEDS = """
-- content/blog_feeds.yaml --
- {title: Insider, slug: insider, feed: "https://insider.example/rss", official: true}
- {title: Ada's blog, slug: ada, feed: "https://ada.example/rss"}
- {title: Ended, slug: ended, feed: "https://ended.example/rss", active: false}
"""
POSTS = """
-- content/blog_entries/2026.yaml --
- title: Python 4 is not planned
  feed: insider
  url: https://insider.example/4/
  published: 2026-11-20
  author: Guido
"""
NOUNS = ("blog_feeds", "blog_entries")


@pytest.fixture
def blogs(built):
    """Build the blogs of a file and some rows of a snapshot; give address and text."""

    def build(*rows: Row, text=FEEDS + POSTS, now=NOW):
        return built(text, *rows, nouns=NOUNS, now=now)

    return build


def fetched(name="a", feed="ada", **fields):
    data = {"title": f"Post {name}", "feed": feed, "url": f"https://{feed}.example/{name}/",
            "published": "2026-11-22T10:00:00Z", "guid": f"https://{feed}.example/{name}/",
            **fields}  # fmt: skip
    return Row("blog_entries", row_key(feed, data["guid"] or data["url"]), data)


def posts(page):
    """Titles of the list of a page, in order."""
    return re.findall(r'<h\d id="post-[^"]+"><a href="[^"]+" rel="nofollow">([^<]+)</a>', page)


@pytest.mark.row("S086")
def test_an_entry_shows_title_source_day_and_summary_and_leads_to_the_original(blogs):
    page = blogs(fetched(summary="Fish & chips.", author="Ada"))["/blogs/"]

    entry = re.search(r'<li class="post">.*?</li>', page, re.DOTALL)[0]
    assert re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", entry)).strip() == (
        "Post a Ada&#39;s blog, 22 November 2026, by Ada Fish &amp; chips."
    )
    assert 'href="https://ada.example/a/"' in entry
    assert 'href="/blogs/feed/ada/"' in entry
    assert '<time datetime="2026-11-22">' in entry


@pytest.mark.row("S088")
def test_all_active_blogs_are_merged_the_newest_first(blogs):
    rows = [
        fetched("old", published="2026-11-01T00:00:00Z"),
        fetched("new", published="2026-11-24T00:00:00Z"),
        fetched("gone", feed="ended"),
    ]
    pages = blogs(*rows)

    assert posts(pages["/blogs/"]) == ["Post new", "Python 4 is not planned", "Post old"]
    assert posts(pages["/blogs/feed/ended/"]) == ["Post gone"]


@pytest.mark.row("S427", "S438")
def test_the_page_of_a_blog_has_what_it_wrote_and_nothing_of_another(blogs):
    pages = blogs(fetched("a"))

    assert posts(pages["/blogs/feed/ada/"]) == ["Post a"]
    assert posts(pages["/blogs/feed/insider/"]) == ["Python 4 is not planned"]
    assert "No entry of this blog" not in pages["/blogs/feed/ada/"]


@pytest.mark.row("S088")
def test_an_entry_that_two_blogs_carry_is_there_once_as_the_official_one(blogs):
    again = fetched("4", title="Copied", url="http://www.insider.example/4", guid="",
                    published="2026-11-24T00:00:00Z")  # fmt: skip
    pages = blogs(again)

    assert posts(pages["/blogs/"]) == ["Python 4 is not planned"]
    assert posts(pages["/blogs/feed/ada/"]) == ["Copied"]


@pytest.mark.row("S088")
def test_one_id_is_one_entry_wherever_it_leads(blogs):
    guid = "tag:example.org,2026:1"
    pages = blogs(
        fetched("a", guid=guid),
        fetched("b", feed="insider", guid=guid),
        text=FEEDS,
    )

    assert posts(pages["/blogs/"]) == ["Post b"]


def test_an_id_that_is_a_mere_number_means_something_in_its_own_feed_only(blogs):
    pages = blogs(fetched("a", guid="42"), fetched("b", feed="insider", guid="42"), text=FEEDS)

    assert sorted(posts(pages["/blogs/"])) == ["Post a", "Post b"]


def test_a_fetched_copy_that_says_more_takes_the_place_of_an_editors_line(blogs):
    pages = blogs(fetched("4", feed="insider", summary="In full words."))

    assert posts(pages["/blogs/"]) == ["Post 4"]
    assert "In full words." in pages["/blogs/"]


@pytest.mark.row("S089", "S176")
def test_lists_have_the_newest_25_entries_and_what_is_older_by_month_or_year(blogs):
    rows = [fetched(f"{n:02}", published=f"2026-10-{n:02}T00:00:00Z") for n in range(1, 27)]
    pages = blogs(*rows)

    assert posts(pages["/blogs/"])[:2] == ["Python 4 is not planned", "Post 26"]
    assert len(posts(pages["/blogs/"])) == 25
    assert posts(pages["/blogs/2026/10/"])[-2:] == ["Post 02", "Post 01"]
    assert posts(pages["/blogs/feed/ada/2026/"])[-1] == "Post 01"
    assert posts(pages["/blogs/official/2026/"]) == ["Python 4 is not planned"]
    assert posts(pages["/blogs/feed/insider/"]) == ["Python 4 is not planned"]
    assert 'href="/blogs/2026/10/">October 2026<' in pages["/blogs/"]
    assert 'href="/blogs/2026/10/">October 2026<' in pages["/blogs/archive/"]
    assert "/blogs/page/* /blogs/archive/ 301" in pages["/_redirects"]
    assert "/blogs/2026/ /blogs/archive/ 301" in pages["/_redirects"]


def test_a_new_entry_changes_the_pages_of_its_own_time_alone(blogs, project):
    def at(n, day=1, year=2026):
        return fetched(f"{year}-{n}-{day}", published=f"{year}-{n:02}-{day:02}T00:00:00Z")

    rows = [at(n, day) for n in range(1, 11) for day in range(1, 29)]
    rows += [at(n, year=2025) for n in range(1, 13)]
    blogs(*rows)

    project.take_snapshot(*rows, at(11, 20))
    report = project.build()

    pages = [path for path in report.written if path.endswith(".html")]
    assert sorted(pages) == [
        "blogs/2026/11/index.html",
        "blogs/feed/ada/2026/index.html",
        "blogs/feed/ada/2026/page/2/index.html",
        "blogs/feed/ada/2026/page/3/index.html",
        "blogs/feed/ada/index.html",
        "blogs/index.html",
    ]


def test_the_official_ones_stand_above_in_a_block_and_have_a_list(blogs):
    pages = blogs(fetched())

    block = re.search(r'<section aria-labelledby="official">.*?</section>', pages["/blogs/"],
                      re.DOTALL)[0]  # fmt: skip
    assert re.findall(r'class="card-title" href="([^"]+)"', block) == ["https://insider.example/4/"]
    assert posts(pages["/blogs/official/"]) == ["Python 4 is not planned"]


@pytest.mark.row("S457")
def test_what_editors_feature_has_a_block_also_when_the_entry_was_fetched(blogs):
    text = FEEDS + POSTS.replace("author: Guido", "featured: true")
    page = blogs(fetched("4", feed="insider", summary="In full words."), text=text)["/blogs/"]

    block = re.search(r'<section aria-labelledby="featured">.*?</section>', page, re.DOTALL)[0]
    assert "In full words." in block


@pytest.mark.row("S457")
def test_what_nobody_features_is_in_no_such_block(blogs):
    assert 'aria-labelledby="featured"' not in blogs(fetched())["/blogs/"]


def test_feeds_lead_to_the_originals(blogs):
    pages = blogs(fetched(author="Ada"))

    every = feedparser.parse(pages["/blogs/feed.atom"])
    official = feedparser.parse(pages["/blogs/official/feed.rss"])
    assert [(e.title, e.link, e.author) for e in every.entries] == [
        ("Post a", "https://ada.example/a/", "Ada (Ada's blog)"),
        ("Python 4 is not planned", "https://insider.example/4/", "Guido (Insider)"),
    ]
    assert [entry.link for entry in official.entries] == ["https://insider.example/4/"]
    assert len(json.loads(pages["/blogs/feed.json"])["items"]) == 2


def test_an_entry_from_tomorrow_is_shown_tomorrow(blogs, project):
    row = fetched(published="2026-11-26T08:00:00Z")
    pages = blogs(row)
    project.build(datetime.datetime(2026, 11, 26, 9, tzinfo=datetime.UTC))

    assert posts(pages["/blogs/"]) == ["Python 4 is not planned"]
    assert posts(project.pages()["/blogs/"]) == ["Post a", "Python 4 is not planned"]


def test_hostile_words_stay_words(blogs):
    page = blogs(fetched(title="<script>alert(1)</script>", summary="<img src=x onerror=y>"))

    assert "<script>alert" not in page["/blogs/"]
    assert "&lt;img src=x onerror=y&gt;" in page["/blogs/"]


def test_without_entries_one_is_told_where_to_read(blogs):
    pages = blogs(text=FEEDS)

    assert "No entry of a blog is known here yet" in pages["/blogs/"]
    assert "No entry of an official blog is known here yet" in pages["/blogs/official/"]


def test_an_entry_that_is_invented_says_so(blogs):
    assert "(an invented example)" in blogs(fetched(sample=True))["/blogs/"]


@pytest.mark.row("S091")
def test_the_title_of_a_post_is_indexed_for_search(project):
    nouns = ", ".join(f'"{noun}"' for noun in ("pages", *NOUNS, "home", "around"))
    settings = BUILD_TOML.replace('nouns = ["pages"]', f"nouns = [{nouns}]")
    project.write(HOME)
    project.write(f"-- build.toml --{settings.replace('enabled = false', 'enabled = true')}")
    project.write(FEEDS + POSTS)
    project.build()

    found = [
        json.loads(gzip.decompress(path.read_bytes()).removeprefix(b"pagefind_dcd"))
        for path in project.output.rglob("*.pf_fragment")
    ]
    blogs = {one["url"]: one for one in found if one["filters"]["kind"] == ["blog"]}
    assert {url: one["meta"]["title"] for url, one in blogs.items()} == {
        "/blogs/": "Python blogs",
        "/blogs/feed/insider/": "Insider",
    }
    assert "Python 4 is not planned" in blogs["/blogs/feed/insider/"]["content"]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("feed: insider", "feed: outsider",
         "content/blog_entries/2026.yaml:2:3: there is no blog `outsider`\n"
         "  hint: did you mean `insider`?"),
        ("https://insider.example/4/", "/4/",
         "content/blog_entries/2026.yaml:3:3: `url` must be written like"
         " https://blog.example/2026/a-post/, not '/4/'"),
        ("2026-11-20", "some day",
         "content/blog_entries/2026.yaml:4:3: `published` must be a day, as 2026-05-14, or a"
         " moment, as 2026-05-14T10:00:00Z, not 'some day'"),
    ],
)  # fmt: skip
def test_an_entry_that_leads_nowhere_is_refused(blogs, old, new, expected):
    with pytest.raises(Problems) as problems:
        blogs(text=FEEDS + POSTS.replace(old, new))

    assert str(problems.value) == expected


def test_an_address_that_stands_in_two_lines_is_refused(blogs):
    text = FEEDS + POSTS + "".join(POSTS.splitlines(keepends=True)[2:])

    with pytest.raises(Problems) as problems:
        blogs(text=text)

    assert str(problems.value) == (
        "content/blog_entries/2026.yaml:6:3: https://insider.example/4/ is already taken by"
        " content/blog_entries/2026.yaml:1:3\n  hint: rename or change one of them"
    )


def test_a_blog_cannot_feature_itself(blogs, project):
    pages = blogs(fetched(featured=True))
    said = project.build().left_out

    assert posts(pages["/blogs/"]) == ["Python 4 is not planned"]
    assert [line.partition(": ")[2] for line in map(str, said)] == [
        "only an entry of content/blog_entries/ may be featured"
    ]

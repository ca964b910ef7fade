"""Feeds: read back by feedparser, by the XML parser and as JSON."""

from __future__ import annotations

import datetime
import json
from xml.etree import ElementTree

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pydotorg_build.artifacts import Body, Feed, Item
from pydotorg_build.feeds import render_feed

BASE = "https://www.python.org"
DAY = datetime.datetime(2026, 11, 25, 8, 30, tzinfo=datetime.UTC)
SUMMER = datetime.datetime(2026, 7, 1, tzinfo=datetime.timezone(datetime.timedelta(hours=2)))
FORMATS = ("rss", "atom", "xml", "json")
HTML = '<p><a href="/about/?a=1&amp;b=2">About</a> <img src="dot.png" alt="a > b"></p>'


def no_html(body: Body) -> str:
    return ""


def feed(*items: Item, ending: str = "rss", **fields: str) -> Feed:
    names = {"title": "News", "home": "/news/", "description": "What is new"} | fields
    return Feed(url=f"/news/feed.{ending}", items=items, **names)


def item(**fields: object) -> Item:
    return Item(**({"title": "One", "url": "/news/one/", "updated": DAY} | fields))


def read(ending: str, *items: Item, html: str = "") -> feedparser.FeedParserDict:
    """What a feed reader makes of a feed."""
    return feedparser.parse(render_feed(feed(*items, ending=ending), BASE, lambda _: html))


def texts(ending: str, data: bytes) -> list[str]:
    """The titles in a feed, as a strict parser reads them."""
    if ending == "json":
        return [entry["title"] for entry in json.loads(data)["items"]]
    root = ElementTree.fromstring(data)
    name = "item" if ending == "rss" else "{http://www.w3.org/2005/Atom}entry"
    return [element[0].text or "" for element in root.iter(name)]


def html_in(ending: str, data: bytes) -> str | None:
    """The whole text of the only item in a feed."""
    if ending == "json":
        return json.loads(data)["items"][0]["content_html"]
    content = "http://purl.org/rss/1.0/modules/content/"
    name = f"{{{content}}}encoded" if ending == "rss" else "{http://www.w3.org/2005/Atom}content"
    return next(ElementTree.fromstring(data).iter(name)).text


@pytest.mark.parametrize(("ending", "version"), [("rss", "rss20"), ("atom", "atom10")])
def test_the_address_says_which_format_a_feed_has(ending, version):
    parsed = read(ending, item())

    assert (parsed.version, parsed.bozo) == (version, False)


def test_an_address_that_ends_in_xml_is_atom():
    assert read("xml", item()).version == "atom10"


@pytest.mark.parametrize("ending", ["rss", "atom"])
def test_a_feed_says_what_it_is_where_it_is_and_what_shows_the_same(ending):
    parsed = read(ending, item()).feed

    assert (parsed.title, parsed.subtitle) == ("News", "What is new")
    assert parsed.link == f"{BASE}/news/"
    links = {link.rel: link.href for link in parsed.links}
    assert links["self"] == f"{BASE}/news/feed.{ending}"


@pytest.mark.parametrize(("ending", "summary"), [("rss", "a &lt; b"), ("atom", "a < b")])
def test_an_entry_has_all_that_its_item_has(ending, summary):
    body = Body(digest="1")
    whole = item(summary="a < b", author="Ada", tags=("C API", "x&y"), body=body)

    entry = read(ending, whole, html="<p>Text</p>").entries[0]

    assert (entry.title, entry.author) == ("One", "Ada")
    assert (entry.id, entry.link) == (f"{BASE}/news/one/", f"{BASE}/news/one/")
    assert [tag.term for tag in entry.tags] == ["C API", "x&y"]
    assert entry.summary == summary
    assert entry.content[0].value == "<p>Text</p>"
    assert entry.published_parsed[:6] == (2026, 11, 25, 8, 30, 0)


def test_a_json_feed_has_all_that_its_items_have():
    whole = item(summary="a < b", author="Ada", tags=("C API",), body=Body(digest="1"))

    data = render_feed(feed(whole, ending="json"), BASE, lambda _: "<p>Text</p>")

    assert json.loads(data) == {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "News",
        "home_page_url": f"{BASE}/news/",
        "feed_url": f"{BASE}/news/feed.json",
        "description": "What is new",
        "items": [
            {
                "id": f"{BASE}/news/one/",
                "url": f"{BASE}/news/one/",
                "title": "One",
                "content_html": "<p>Text</p>",
                "summary": "a < b",
                "date_published": "2026-11-25T08:30:00Z",
                "authors": [{"name": "Ada"}],
                "tags": ["C API"],
            }
        ],
    }


def test_an_item_without_a_text_is_its_summary_in_a_json_feed():
    data = render_feed(feed(item(summary="Short"), ending="json"), BASE, no_html)

    entry = json.loads(data)["items"][0]
    assert (entry["content_text"], "content_html" in entry) == ("Short", False)


@pytest.mark.parametrize("ending", FORMATS)
def test_links_and_pictures_of_a_text_work_wherever_it_is_read(ending):
    data = render_feed(feed(item(body=Body(digest="1")), ending=ending), BASE, lambda _: HTML)

    assert html_in(ending, data) == (
        f'<p><a href="{BASE}/about/?a=1&amp;b=2">About</a> '
        f'<img src="{BASE}/news/one/dot.png" alt="a > b"></p>'
    )


def test_each_picture_of_a_srcset_gets_its_whole_address():
    html = '<img srcset="/a.png 1x, /b.png 2x" src="/a.png">'

    data = render_feed(feed(item(body=Body(digest="1")), ending="json"), BASE, lambda _: html)

    assert json.loads(data)["items"][0]["content_html"] == (
        f'<img srcset="{BASE}/a.png 1x, {BASE}/b.png 2x" src="{BASE}/a.png">'
    )


def test_what_only_looks_like_a_link_stays_as_it_is():
    html = '<code>&lt;a href="/x"&gt;</code><p title="an href=\'/y\' is">src="/z"</p>'

    data = render_feed(feed(item(body=Body(digest="1")), ending="json"), BASE, lambda _: html)

    assert json.loads(data)["items"][0]["content_html"] == html


def test_a_link_out_of_the_site_stays_as_it_is():
    entry = read("rss", item(url="https://blog.example/one?a=1&b=2")).entries[0]

    assert entry.id == "https://blog.example/one?a=1&b=2"


def test_an_address_with_other_letters_is_written_in_ascii():
    assert read("atom", item(url="/news/é b/")).entries[0].link == f"{BASE}/news/%C3%A9%20b/"


def test_moments_are_written_as_rss_wants_them():
    data = render_feed(feed(item(updated=SUMMER)), BASE, no_html).decode()

    assert "<pubDate>Tue, 30 Jun 2026 22:00:00 GMT</pubDate>" in data


def test_moments_are_written_as_atom_wants_them():
    data = render_feed(feed(item(updated=SUMMER), ending="atom"), BASE, no_html).decode()

    assert "<updated>2026-06-30T22:00:00Z</updated>" in data


@pytest.mark.parametrize("ending", ["rss", "atom"])
def test_a_feed_is_as_old_as_its_newest_item(ending):
    parsed = read(ending, item(updated=SUMMER), item(url="/b/", updated=DAY))

    assert parsed.feed.updated_parsed[:5] == (2026, 11, 25, 8, 30)


@pytest.mark.parametrize("ending", ["rss", "atom"])
def test_an_empty_feed_is_a_feed(ending):
    parsed = read(ending)

    assert (parsed.bozo, parsed.feed.title, parsed.entries) == (False, "News", [])


def test_an_empty_json_feed_is_a_feed():
    assert json.loads(render_feed(feed(ending="json"), BASE, no_html))["items"] == []


@pytest.mark.parametrize("ending", FORMATS)
def test_the_same_feed_is_written_with_the_same_bytes_and_ends_a_line(ending):
    first = render_feed(feed(item(), ending=ending), BASE, no_html)
    second = render_feed(feed(item(), ending=ending), BASE, no_html)

    assert (first == second, first[-1:]) == (True, b"\n")


@settings(deadline=None)
@given(st.text(), st.text(), st.text(), st.sampled_from(FORMATS))
def test_no_text_breaks_a_feed(title, summary, author, ending):
    hostile = item(title=title, summary=summary, author=author, tags=(title,), url=f"/{author}")

    data = render_feed(feed(hostile, ending=ending, title=title), BASE, lambda _: summary)

    assert len(texts(ending, data)) == 1


@settings(deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1))
def test_what_xml_can_write_is_read_as_it_was_written(title):
    written = {texts(end, render_feed(feed(item(title=title), ending=end), BASE, no_html))[0]
               for end in FORMATS}  # fmt: skip

    assert written == {title.replace("\ufffe", "").replace("\uffff", "")}


@pytest.mark.parametrize("title", ["]]>", "<![CDATA[", "&#0;", "\x00\x0b\ufffe", "</title>", "\"'"])
@pytest.mark.parametrize("ending", FORMATS)
def test_a_title_made_to_break_out_stays_a_title(title, ending):
    data = render_feed(feed(item(title=title), ending=ending), BASE, no_html)

    shown = title if title.isprintable() else f"{BASE}/news/one/"
    assert texts(ending, data) == [shown]

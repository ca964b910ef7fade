"""Pages: sections, lists, tags, feeds, drafts and dates, from Markdown to the built site."""

from __future__ import annotations

import datetime

import pytest

from pydotorg_build.problems import Problems
from tests.conftest import BUILD_TOML, HOME, NOW

ABOUT = """
-- content/pages/about/index.md --
---
title: About Python
description: What it is.
---
## Us
"""
APPS = """
-- content/pages/about/apps.md --
---
title: Applications
tags: [web]
---
It is *used*.
"""


def news(count: int, more: str = "") -> str:
    return "".join(
        f"-- content/pages/news/n{n:02}.md --\n"
        f"---\ntitle: News {n}\ndate: {datetime.date(2026, 1, 1) + datetime.timedelta(n)}\n"
        f"{more}---\nText.\n"
        for n in range(1, count + 1)
    )


@pytest.mark.row("S074", "S075", "S069")
def test_a_file_is_a_page_at_its_path_with_its_markdown_rendered(built):
    site = built(ABOUT + APPS)

    assert "<p>It is <em>used</em>.</p>" in site["/about/apps/"]
    assert "*used*" not in site["/about/apps/"]


@pytest.mark.row("S073", "S149")
def test_a_page_has_breadcrumbs_and_its_section_lists_it(built):
    site = built(ABOUT + APPS)

    assert 'href="/about/">About Python</a>' in site["/about/apps/"]
    assert 'href="/about/apps/"' in site["/about/"]


@pytest.mark.parametrize("url", ["/about/", "/about/apps/"])
def test_search_is_told_the_keywords_of_a_page_and_of_a_section(built, url):
    site = built((ABOUT + APPS).replace("title: A", 'keywords: uses, "what for"\ntitle: A'))

    told = ' data-pagefind-meta="keywords[data-keywords]" data-keywords="uses, &#34;what for&#34;"'
    assert told in site[url].partition("data-pagefind-body")[2].partition("<h1>")[0]


@pytest.mark.row("S442", "S165")
def test_a_long_list_is_cut_into_pages_with_first_and_last(built):
    site = built(news(45))

    middle = site["/news/page/2/"]
    assert [url for url in site if url.startswith("/news/page/")] == [
        "/news/page/2/",
        "/news/page/3/",
    ]
    assert middle.count('href="/news/n') == 20
    assert 'rel="prev"' in middle
    assert 'rel="next"' in middle
    assert 'href="/news/page/3/"' in middle


def test_a_section_of_dated_pages_has_feeds_newest_first(built):
    site = built(news(3))

    titles = [f"News {n}" for n in (3, 2, 1)]
    places = [site["/news/feed.rss"].index(title) for title in titles]
    assert places == sorted(places)
    assert {"/news/feed.atom", "/news/feed.json"} <= site.keys()


def test_a_tag_lists_its_pages(built):
    site = built(ABOUT + APPS)

    assert 'href="/about/apps/"' in site["/tags/web/"]
    assert 'href="/tags/web/"' in site["/tags/"]


@pytest.mark.row("S070")
@pytest.mark.parametrize("line", ["published: false", "draft: true", "publish: 2026-12-24"])
def test_what_is_not_published_is_nowhere(built, line):
    site = built(ABOUT + APPS.replace("tags", f"{line}\ntags"))

    assert "/about/apps/" not in site
    # The home page of every site links there by itself.
    assert [url for url, text in site.items() if "/about/apps/" in text and url != "/"] == []


def test_a_page_comes_and_goes_at_its_days(built, project):
    dates = "publish: 2026-11-20\nexpires: 2026-12-24\ntags"
    site = built(ABOUT + APPS.replace("tags", dates))
    after = NOW + datetime.timedelta(days=40)

    project.build(after)

    assert "/about/apps/" in site
    assert "/about/apps/" not in project.pages()
    project.build(NOW)
    assert project.pages() == site


def test_an_alias_leads_to_its_page(built):
    site = built(ABOUT + APPS.replace("tags", "aliases: [/apps/]\ntags"))

    assert "/apps/ /about/apps/ 301" in site["/_redirects"].splitlines()


def test_an_address_cannot_be_taken_twice(built):
    with pytest.raises(Problems) as caught:
        built(ABOUT + APPS.replace("tags", "aliases: [/about/]\ntags"))

    told = "/about/ is already taken by content/pages/about/apps.md:3:11"
    assert str(caught.value).splitlines() == [
        f"content/pages/about/index.md:1:1: {told}",
        "  hint: change the name, slug or alias of one",
    ]


@pytest.mark.row("S068")
def test_a_page_needs_a_title(built):
    with pytest.raises(Problems, match=r"content/pages/about/index.md:1:1: `title` is missing"):
        built(ABOUT.replace("title: About Python\n", ""))


def test_each_page_leads_to_its_file_and_a_list_to_its_template(project):
    settings = BUILD_TOML.replace('nouns = ["pages"]', 'nouns = ["pages", "home", "around"]')
    where = 'repository = "https://code.example/site"\n[build]'
    project.write(f"-- build.toml --{settings.replace('[build]', where)}{HOME}")
    project.write("-- content/pages/notes/a.md --\n---\ntitle: A\ntags: [ideas]\n---\nText.\n")

    project.build()

    pages, edit = project.pages(), 'href="https://code.example/site/edit/main/'
    assert f'{edit}content/pages/notes/a.md"' in pages["/notes/a/"]
    assert f'{edit}content/home.md"' in pages["/"]
    assert f'{edit}templates/search/index.html"' in pages["/search/"]
    assert edit not in pages["/404.html"]

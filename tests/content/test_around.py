"""What every site has around its pages."""

from __future__ import annotations

import json

import pytest

PAGE = "-- content/pages/about/index.md --\n---\ntitle: About\nupdated: 2026-05-01\n---\nText.\n"


@pytest.mark.row("C08")
def test_the_sitemap_has_the_pages_and_when_they_said_something_new(built):
    site = built(PAGE)

    line = "<url><loc>https://test.example/about/</loc><lastmod>2026-05-01</lastmod></url>"
    assert line in site["/sitemap.xml"]
    assert "404" not in site["/sitemap.xml"]
    assert "Sitemap: https://test.example/sitemap.xml" in site["/robots.txt"]


@pytest.mark.row("S192")
def test_programs_find_every_page_in_one_file(built):
    site = built(PAGE)

    (page,) = json.loads(site["/api/v3/pages.json"])["pages"]
    assert page["url"] == "https://test.example/about/"


def test_browsers_can_search_the_site(built):
    site = built(PAGE)

    assert 'template="https://test.example/search/?q={searchTerms}"' in site["/opensearch.xml"]


@pytest.mark.row("S158")
def test_a_page_that_is_not_there_offers_a_search(built):
    site = built(PAGE)

    assert 'action="/search/"' in site["/404.html"]


def test_the_style_guide_is_for_those_who_work_on_the_site(built):
    assert "/styleguide/" not in built(PAGE)

"""The menu, on every page."""

from __future__ import annotations

import pytest

from pydotorg_build.problems import Problems

PAGE = "-- content/pages/about/index.md --\n---\ntitle: About\n---\nText.\n"
MENU = (
    "-- content/menu.yaml --\n- {title: Us, url: /about/, children: [{title: Top, url: /about/}]}\n"
)


def test_the_menu_stands_on_every_page_in_the_order_of_its_file(built):
    site = built(PAGE + MENU, nouns=("pages", "menu"))

    assert site["/about/"].index(">Us<") < site["/about/"].index(">Top<")
    assert ">Us<" in site["/404.html"]


def test_a_menu_that_leads_nowhere_stops_the_build(built):
    with pytest.raises(Problems, match="the link to /gone/ leads nowhere"):
        built(PAGE + MENU.replace("/about/", "/gone/"), nouns=("pages", "menu"))

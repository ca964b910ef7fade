"""What a script does better has a way without one, or is not shown.

The menu is tried in test_frame, the filters in test_narrow, an announcement in test_banners, the
search of the documentation in test_docs_search.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.test_frame import DARK, GROUND, LIGHT, toggle

RELEASE = "/downloads/release/python-3140/"


@pytest.fixture
def plain(visit):
    """Open a page in a browser that runs no script."""
    return lambda path, **options: visit(path, java_script_enabled=False, **options)


@pytest.mark.parametrize("path", ["/", "/nothing-is-here/"])
def test_search_says_what_it_needs_and_where_else_one_can_look(plain, path):
    page = plain(path)

    page.get_by_role("banner").get_by_role("button", name="Search").click()

    page.wait_for_url(re.compile(r"/search/\??$"))
    expect(page.locator("noscript .alert")).to_be_visible()
    expect(page.get_by_role("searchbox")).to_be_hidden()
    for name in ("the documentation", "packages", "PEPs", "discussions"):
        expect(page.get_by_role("main").get_by_role("link", name=name)).to_be_visible()


@pytest.mark.parametrize(("system", "ground"), [("light", LIGHT), ("dark", DARK)])
def test_the_theme_is_that_of_the_system_and_no_button_pretends(plain, system, ground):
    page = plain("/", color_scheme=system)

    assert page.evaluate(GROUND) == ground
    expect(toggle(page)).to_have_count(0)


def test_code_stands_there_without_a_button_that_copies(plain):
    page = plain("/about/wide/")

    expect(page.locator(".code", has_text="20 + 3")).to_be_visible()
    expect(page.get_by_role("button", name="Copy")).to_have_count(0)


def test_a_download_is_checked_by_the_commands(plain):
    page = plain(RELEASE)

    expect(page.locator("[data-check-download]")).to_be_hidden()
    commands = page.locator("section", has=page.get_by_role("heading", name="Check your download"))
    expect(
        commands.get_by_text(re.compile(r'echo "[0-9a-f]{64}  Python-3\.14\.0')).first
    ).to_be_visible()
    expect(commands.get_by_role("link", name="SHA256SUMS")).to_be_visible()


def test_support_life_is_read_in_the_table(plain):
    page = plain("/downloads/support/")

    expect(page.locator("[data-support-check]")).to_be_hidden()
    expect(page.get_by_role("row", name=re.compile("^3.14 "))).to_be_visible()

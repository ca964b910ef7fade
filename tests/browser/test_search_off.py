"""The search page of a site without a search index, in a real browser."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import served


def test_it_says_that_there_is_none_and_where_to_go_on(built, project, browser):
    built("-- content/pages/about/index.md --\n---\ntitle: About\n---\nHello.\n")

    with served(project.output) as address:
        page = browser.new_page()
        page.goto(f"{address}/search/?q=hello")

        expect(page.locator("main .search-status")).to_have_text(
            "This copy of the site has no search index. "
            "The map at the foot of the page leads everywhere."
        )
        page.close()

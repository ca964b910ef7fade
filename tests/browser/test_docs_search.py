"""The box on /doc/versions/, which searches docs.python.org."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect


@pytest.mark.row("S169")
@pytest.mark.parametrize(
    ("version", "address"),
    [
        ("", "https://docs.python.org/3/search.html?q=json%20%26%20more"),
        ("3.13", "https://docs.python.org/3.13/search.html?q=json%20%26%20more"),
    ],
)
def test_the_words_are_looked_for_in_the_documentation_of_that_version(visit, version, address):
    first = visit("/doc/versions/")
    # A page that may lead to another host, which `visit` takes for a fault.
    page = first.context.new_page()
    page.goto(first.url)
    asked = []
    page.route(
        "https://docs.python.org/**",
        lambda route: (asked.append(route.request.url), route.fulfill(body="found"))[1],
    )

    if version:
        page.get_by_label("Version").select_option(version)
    page.get_by_label("Words").fill("json & more")
    page.get_by_role("search", name="Documentation").get_by_role("button").click()

    expect(page.locator("body")).to_have_text("found")
    assert asked == [address]


@pytest.mark.row("S169")
def test_every_version_that_gets_fixes_leads_to_its_documentation_and_can_be_searched(visit):
    page = visit("/doc/versions/")

    offered = page.locator("#docs-version option").all_inner_texts()
    assert offered == ["Newest", "3.15", "3.14", "3.13", "3.12", "3.11"]
    for version in offered[1:]:
        link = page.get_by_role("link", name=f"Newest documentation of Python {version}")
        expect(link).to_have_attribute("href", f"https://docs.python.org/{version}/")


def test_without_javascript_a_link_leads_to_the_search_of_the_documentation(visit):
    page = visit("/doc/versions/", java_script_enabled=False)

    expect(page.locator("[data-docs-search]")).to_be_hidden()
    link = page.get_by_role("main").get_by_role("link", name="docs.python.org", exact=True).last
    expect(link).to_have_attribute("href", "https://docs.python.org/3/search.html")

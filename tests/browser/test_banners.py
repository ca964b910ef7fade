"""Announcements in a real browser: dismissed once, gone on every page, and nothing jumps."""

from __future__ import annotations

import pytest

from tests.browser.conftest import copy_of_repository, served
from tests.conftest import BUILD_TOML, HOME, Project, first_in

BANNER = """
-- content/banners/survey.yaml --
title: The survey is open
message: Tell how you use Python.
start: 2026-11-20
end: 2026-12-01
"""


@pytest.fixture(scope="module")
def announced(shared):
    """The address of a small site with an announcement."""
    project = Project(shared / "browser-banners")
    with first_in(project.root) as is_first:
        if is_first:
            copy_of_repository(project)
            nouns = BUILD_TOML.replace('"pages"', '"home", "around", "banners"')
            project.write(f"-- build.toml --{nouns}\n{HOME}{BANNER}")
            project.build()
    with served(project.output) as address:
        yield address


@pytest.mark.row("S452")
def test_a_dismissal_by_keyboard_is_remembered_and_the_next_page_does_not_jump(visit, announced):
    page = visit(announced + "/")
    button = page.get_by_role("button", name="Dismiss “The survey is open”")
    button.focus()
    page.keyboard.press("Enter")
    hidden_here = not button.is_visible()
    page.add_init_script(
        "self.jumps = [];"
        "new PerformanceObserver((list) => jumps.push(...list.getEntries().map((e) => e.value)))"
        ".observe({type: 'layout-shift', buffered: true});"
    )

    page.reload()
    page.wait_for_timeout(300)

    assert hidden_here
    assert page.get_by_text("The survey is open").count() == 2
    assert not page.get_by_role("link", name="The survey is open").is_visible()
    assert not page.locator(".banner").is_visible()
    assert page.evaluate("jumps") == []


def test_without_script_it_is_read_and_has_no_button(visit, announced):
    page = visit(announced + "/", java_script_enabled=False)

    assert page.get_by_text("Tell how you use Python.").is_visible()
    assert not page.locator("[data-dismiss]").is_visible()

"""The samples of code on the home page change by themselves, until somebody stops them."""

from __future__ import annotations

import pytest


def here(page):
    return page.evaluate(
        "[...document.querySelectorAll('.samples-bar [aria-label]')]"
        ".findIndex((dot) => dot.hasAttribute('aria-current'))"
    )


def opened(visit, **options):
    page = visit("about:blank", **options)
    page.clock.install()
    return page


@pytest.mark.row("S117")
def test_the_next_one_comes_after_a_while_and_none_after_a_pause(visit, site):
    page = opened(visit)
    page.goto(f"{site}/")
    page.clock.run_for(8100)
    page.wait_for_timeout(100)
    second = here(page)

    page.get_by_role("button", name="Pause").click()
    page.mouse.move(0, 0)
    page.locator("h1").click()
    page.clock.run_for(20000)

    assert second == 1
    assert here(page) == 1
    assert page.get_by_role("button", name="Play").is_visible()


def test_nothing_moves_for_those_who_want_less_motion(visit, site):
    page = opened(visit, reduced_motion="reduce")
    page.goto(f"{site}/")

    page.clock.run_for(20000)

    assert here(page) == 0

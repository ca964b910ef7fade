"""What stands around every page: the theme, the menu."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
GROUND = "getComputedStyle(document.body).backgroundColor"
LIGHT, DARK = "rgb(255, 255, 255)", "rgb(13, 21, 30)"
# Which theme is asked for when the body begins to exist, so before anything is painted.
FIRST = """new MutationObserver((all, observer) => {
  if (document.body) {
    window.first = document.documentElement.dataset.theme;
    observer.disconnect();
  }
}).observe(document, { childList: true, subtree: true })"""


def toggle(page):
    return page.get_by_role("button", name="Dark theme")


@pytest.mark.row("S153")
@pytest.mark.parametrize(
    ("system", "other", "ground"), [("light", "dark", DARK), ("dark", "light", LIGHT)]
)
def test_the_chosen_theme_stays_on_every_page_and_after_a_reload_without_a_flash(
    visit, system, other, ground
):
    page = visit("/", color_scheme=system)
    page.add_init_script(FIRST)
    toggle(page).click()
    assert page.evaluate(GROUND) == ground

    for act in (page.reload, lambda: page.goto(page.url + "about/")):
        act()
        assert page.evaluate(GROUND) == ground
        assert page.evaluate("first") == other
        expect(toggle(page)).to_have_attribute("aria-pressed", str(other == "dark").lower())


@pytest.mark.row("S153")
def test_without_a_choice_the_theme_is_the_systems_also_when_that_changes(visit):
    page = visit("/about/", color_scheme="light")
    assert page.evaluate(GROUND) == LIGHT

    page.emulate_media(color_scheme="dark")

    assert page.evaluate(GROUND) == DARK
    expect(toggle(page)).to_have_attribute("aria-pressed", "true")


@pytest.mark.row("S153")
def test_whoever_chooses_what_the_system_says_follows_it_again(visit):
    page = visit("/about/", color_scheme="light")
    toggle(page).click()
    toggle(page).click()

    page.emulate_media(color_scheme="dark")

    assert page.evaluate(GROUND) == DARK


ENDS = """() => {
  const foot = document.querySelector(".site-footer .wrap");
  const end = foot.getBoundingClientRect().right - parseFloat(getComputedStyle(foot).paddingRight);
  return [document.querySelector(".donate").getBoundingClientRect().right, end];
}"""


@pytest.mark.parametrize("width", [1216, 1311, 1312, 1440])
def test_the_header_is_one_line_that_ends_where_the_content_ends(visit, width):
    page = visit("/about/", viewport={"width": width, "height": 740})

    donate, content = page.evaluate(ENDS)

    assert donate == pytest.approx(content, abs=1)
    assert page.locator(".site-bar").bounding_box()["height"] == 64


def menu(page):
    return page.get_by_role("navigation", name="Main")


@pytest.mark.row("S147")
def test_the_menu_works_by_keyboard(visit):
    page = visit("/about/")
    about = menu(page).locator("summary", has_text="About")
    about.focus()
    page.keyboard.press("Enter")
    expect(menu(page).get_by_role("link", name="Getting started")).to_be_visible()

    page.keyboard.press("Escape")
    expect(menu(page).get_by_role("link", name="Getting started")).to_be_hidden()
    expect(about).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    page.wait_for_url("**/about/gettingstarted/")


@pytest.mark.row("S147")
def test_one_part_of_the_menu_is_open_at_a_time_and_none_after_one_has_left_it(visit):
    page = visit("/")
    parts = menu(page).locator("details[open]")
    menu(page).locator("summary", has_text="About").click()
    menu(page).locator("summary", has_text="Downloads").click()
    expect(parts).to_have_count(1)

    page.mouse.click(5, 600)

    expect(parts).to_have_count(0)


@pytest.mark.row("S147")
def test_the_menu_works_by_touch_on_a_phone(visit):
    page = visit("/", **PHONE)
    button = page.get_by_role("button", name="Menu")
    expect(menu(page)).to_be_hidden()

    button.tap()
    expect(button).to_have_attribute("aria-expanded", "true")
    menu(page).locator("summary", has_text="Downloads").tap()
    menu(page).get_by_role("link", name="Windows").tap()

    page.wait_for_url("**/downloads/windows/")


@pytest.mark.row("S147")
def test_escape_closes_a_part_of_the_menu_on_a_phone_and_then_the_menu(visit):
    page = visit("/", **PHONE)
    button = page.get_by_role("button", name="Menu")
    button.tap()
    menu(page).locator("summary", has_text="Downloads").tap()

    page.keyboard.press("Escape")
    expect(menu(page).locator("details[open]")).to_have_count(0)
    expect(button).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Escape")

    expect(menu(page)).to_be_hidden()
    expect(button).to_have_attribute("aria-expanded", "false")
    expect(button).to_be_focused()


@pytest.mark.row("S147")
def test_a_tap_beside_the_menu_closes_it_on_a_phone(visit):
    page = visit("/about/", **PHONE)
    button = page.get_by_role("button", name="Menu")
    button.tap()
    below = menu(page).bounding_box()

    page.touchscreen.tap(2, below["y"] + below["height"] + 20)

    expect(menu(page)).to_be_hidden()
    expect(button).to_have_attribute("aria-expanded", "false")
    expect(button).to_be_focused()


@pytest.mark.row("S147")
@pytest.mark.parametrize("options", [{}, PHONE], ids=["desk", "phone"])
def test_the_menu_works_without_javascript(visit, options):
    page = visit("/", java_script_enabled=False, **options)
    menu(page).locator("summary", has_text="Downloads").click()

    menu(page).get_by_role("link", name="Windows").click()

    page.wait_for_url("**/downloads/windows/")


@pytest.mark.row("S147")
@pytest.mark.parametrize("path", ["/downloads/windows/", "/downloads/release/python-3140/"])
def test_the_menu_marks_where_one_is(visit, path):
    page = visit(path)

    expect(menu(page).locator(".is-here")).to_have_text("Downloads")
    pages = {"/downloads/windows/": ["Windows"]}.get(path, [])
    assert menu(page).locator("a[aria-current=page]").all_text_contents() == pages


@pytest.mark.row("S163")
def test_a_dialog_opens_closes_by_every_way_and_gives_the_focus_back(visit, guide):
    page = visit(guide)
    opener = page.get_by_role("button", name="Open a dialog")
    dialog = page.get_by_role("dialog", name="A dialog")
    page.wait_for_load_state("networkidle")
    asked = []
    page.on("request", lambda request: asked.append(request.url))

    ways = (
        lambda: page.keyboard.press("Escape"),
        lambda: dialog.get_by_role("button", name="Close").click(),
        lambda: page.mouse.click(5, 5),
    )
    for close in ways:
        opener.click()
        expect(dialog).to_be_visible()
        close()
        expect(dialog).to_be_hidden()
        expect(opener).to_be_focused()
    assert [url for url in asked if "__reload__" not in url] == []

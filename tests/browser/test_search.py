"""What a person finds by the site's search, and how."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import new_page


@pytest.fixture(scope="module")
def tab(browser):
    """Where one searches again and again: the index comes once."""
    page = new_page(browser)
    yield page
    page.context.close()


def status(page):
    return page.locator(".search-status")


def results(page):
    return page.locator(".results > li")


@pytest.mark.row("S258")
def test_a_shared_address_shows_results_with_what_was_searched_for_marked(visit):
    page = visit("/search/?q=pip")

    expect(status(page)).to_have_text(re.compile(r"^\d+ results for “pip”$"))
    marked = results(page).locator("mark").filter(has_text=re.compile(r"^pip\W*$"))
    expect(marked.first).to_be_visible()
    expect(page.get_by_role("searchbox")).to_have_value("pip")
    places = page.locator(".result-place").all_inner_texts()
    assert "/about/gettingstarted/" in places


@pytest.mark.parametrize(
    ("words", "title", "place"),
    [
        ("3.14.0", "Python 3.14.0", "/downloads/release/python-3140/"),
        ("python 3.9.1", "Python 3.9.1", "/downloads/release/python-391/"),
        ("end of life", "Support life of Python versions", "/downloads/support/"),
        ("PyCon", "Conferences and workshops", "/community/workshops/"),
        ("psf", "Python Software Foundation", "/psf/"),
        ("python", "Getting started with Python", "/about/gettingstarted/"),
        ("install python", "Getting started with Python", "/about/gettingstarted/"),
        ("learn python", "Getting started with Python", "/about/gettingstarted/"),
        ("beginners", "Getting started with Python", "/about/gettingstarted/"),
        ("docs", "Documentation", "/doc/"),
        ("tutorial", "Documentation", "/doc/"),
        ("pep 8", "Documentation", "/doc/"),
        ("what's new", "Documentation", "/doc/"),
        ("wheel", "Installing packages with pip", "/about/pip/"),
        ("django", "Applications of Python", "/about/apps/"),
        ("report bug", "Contributing to Python", "/dev/"),
        ("gpg", "Checking a release with Sigstore", "/download/sigstore/"),
        ("release schedule", "Support life of Python versions", "/downloads/support/"),
        ("careers", "Python jobs", "/jobs/"),
        ("blog", "Python blogs", "/blogs/"),
        ("trademark", "Trademarks", "/psf/trademarks/"),
        ("donate", "Donations", "/psf/donations/"),
        ("events in germany", "Python events in Germany", "/events/country/germany/"),
        ("EOL", "Support life of Python versions", "/downloads/support/"),
        ("security", "Report a security issue", "/news/security/"),
        ("sponsors", "Sponsors of the PSF", "/psf/sponsors/"),
        ("windows", "Python releases for Windows", "/downloads/windows/"),
        ("jobs", "Python jobs", "/jobs/"),
        ("events", "Python events", "/events/"),
        ("pip", "Installing packages with pip", "/about/pip/"),
        ("report security", "Report a security issue", "/news/security/"),
        ("3.13", "Python 3.13 releases", "/downloads/series/3.13/"),
        ("3.13&version=3.13", "Python 3.13 releases", "/downloads/series/3.13/"),
        ("python 3.13", "Python 3.13 releases", "/downloads/series/3.13/"),
        ("2.7", "Python 2.7 releases", "/downloads/series/2.7/"),
        ("download windows", "Python releases for Windows", "/downloads/windows/"),
        ("download", "Download Python", "/downloads/"),
        ("pycon us", "PyCon US 2027", "/events/python-events/pycon-us-2027/"),
        ("remote job", "Remote Python jobs", "/jobs/location/telecommute/"),
    ],
)
@pytest.mark.row("S010")
def test_the_thing_itself_is_the_first_result(visit, tab, words, title, place):
    page = visit(f"/search/?q={words}", tab)

    expect(results(page).first.locator("a")).to_have_text(title)
    expect(results(page).first.locator("a")).to_have_attribute("href", place)
    expect(results(page).first.locator("p").last).not_to_be_empty()


def places(page):
    expect(status(page)).to_have_text(re.compile("results"))
    return page.locator(".result-place").all_inner_texts()


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("3.13", ["/downloads/series/3.13/", "/downloads/release/python-31316/"]),
        ("python 3.13", ["/downloads/series/3.13/", "/downloads/release/python-31316/"]),
        ("install", ["/about/gettingstarted/", "/downloads/"]),
    ],
)
def test_what_is_current_comes_before_what_it_supersedes_and_pre_releases(visit, words, wanted):
    page = visit(f"/search/?q={words}")

    assert places(page)[: len(wanted)] == wanted


def test_a_version_is_not_another_with_the_same_digits(visit):
    page = visit("/search/?q=3.13")

    assert not [place for place in places(page) if place.endswith(("python-313/", "-313rc1/"))]


@pytest.mark.parametrize("words", ["pycon us", "pycon de", "pycon germany", "conference germany"])
def test_coming_events_come_before_past_ones_and_the_soonest_first(visit, words):
    page = visit(f"/search/?q={words}")

    years = [
        int(place[-5:-1])
        for place in places(page)
        if re.match(r"/events/python-events/.*-20\d\d/$", place)
    ]
    coming = [year for year in years if year >= 2027]
    past = [year for year in years if year < 2027]
    assert len(coming) == len(set(coming)) > 0
    assert years == sorted(coming) + sorted(past, reverse=True)
    assert places(page)[0].endswith(f"-{coming[0]}/")


def test_cancelled_events_come_after_those_that_took_place(visit):
    page = visit("/search/?q=pycon germany berlin")

    found = [place for place in places(page) if "/pycon-germany-pydata-berlin-" in place]
    assert [place[-5:-1] for place in found] == ["2022", "2019", "2021"]


def test_what_has_only_the_beginning_of_a_word_comes_after_what_has_all_of_it(visit):
    page = visit("/search/?q=pip")
    expect(status(page)).to_have_text(re.compile("results"))

    places = page.locator(".result-place").all_inner_texts()
    elections = [n for n, place in enumerate(places) if place.startswith("/nominations/")]
    ours = [n for n, place in enumerate(places) if place.startswith(("/about/", "/download/"))]
    assert len(ours) >= 3
    assert max(ours) < min(elections, default=len(places))


@pytest.mark.row("S259")
def test_results_are_narrowed_to_a_kind_and_a_version(visit):
    page = visit("/search/?q=release")
    page.get_by_label("Releases").check()
    page.get_by_role("combobox").select_option("3.13")

    expect(page).to_have_url(re.compile(r"\?q=release&kind=release&version=3\.13$"))
    expect(results(page).locator("a")).to_have_text([re.compile(r"^Python 3\.13")] * 10)


def test_an_address_with_kind_and_version_shows_what_it_says(visit):
    page = visit("/search/?q=release&kind=release&version=3.12")

    expect(results(page).locator("a")).to_have_text([re.compile(r"^Python 3\.12")] * 10)
    expect(page.get_by_label("Releases")).to_be_checked()
    expect(page.get_by_role("combobox")).to_have_value("3.12")


def test_the_address_follows_the_typing_and_back_leads_to_the_search_before(visit):
    page = visit("/search/")
    field = page.get_by_role("searchbox")
    field.press_sequentially("pip")
    field.press("Enter")
    expect(page).to_have_url(re.compile(r"\?q=pip$"))
    field.fill("windows")
    expect(page).to_have_url(re.compile(r"\?q=windows$"))
    expect(status(page)).to_have_text(re.compile("windows"))

    page.go_back()

    expect(page).to_have_url(re.compile(r"\?q=pip$"))
    expect(status(page)).to_have_text(re.compile("pip"))
    expect(field).to_have_value("pip")


def test_back_from_a_result_shows_the_results_again(visit):
    page = visit("/search/?q=pip")
    results(page).first.locator("a").click()
    page.wait_for_url(re.compile(r"^(?!.*/search/)"))

    page.go_back()

    expect(status(page)).to_have_text(re.compile(r"results for “pip”$"))


@pytest.mark.row("S258")
def test_search_needs_the_keyboard_only(visit):
    page = visit("/about/")
    page.keyboard.press("Control+k")
    page.keyboard.type("pip")
    expect(page.get_by_role("dialog").locator(".results > li").nth(1)).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    place = page.evaluate("document.activeElement.getAttribute('href')")

    page.keyboard.press("Enter")

    page.wait_for_url(f"**{place}")


@pytest.mark.parametrize("key", ["Control+k", "/"])
@pytest.mark.parametrize("path", ["/", "/downloads/", "/nothing-is-here/"])
def test_a_key_opens_search_anywhere(visit, key, path):
    page = visit(path)
    page.locator("h1").first.click()

    page.keyboard.press(key)

    expect(page.get_by_role("dialog").get_by_role("searchbox")).to_be_focused()
    expect(page.get_by_role("dialog").get_by_role("searchbox")).to_have_value("")


def test_a_slash_in_a_field_is_a_slash(visit):
    page = visit("/search/")

    page.get_by_role("searchbox").press_sequentially("a/b")

    expect(page.get_by_role("searchbox")).to_have_value("a/b")


@pytest.mark.row("S163")
@pytest.mark.parametrize("way", ["Escape", "button", "beside"])
def test_the_dialog_closes_asks_for_nothing_then_and_the_focus_returns(visit, way):
    page = visit("/about/")
    opener = page.get_by_role("button", name="Search")
    opener.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("searchbox")).to_be_focused()
    page.wait_for_load_state("networkidle")
    asked = []
    page.on("request", lambda request: asked.append(request.url))

    close(page, dialog, way)

    expect(dialog).to_have_count(0)
    expect(opener).to_be_focused()
    assert asked == []


def close(page, dialog, way):
    if way == "Escape":
        page.keyboard.press("Escape")
    elif way == "button":
        dialog.get_by_role("button", name="Close").click()
    else:
        page.mouse.click(5, 400)


def test_a_click_on_the_edge_of_the_dialog_leaves_it_open(visit):
    page = visit("/about/")
    page.keyboard.press("Control+k")
    dialog = page.get_by_role("dialog")
    box = dialog.bounding_box()

    page.mouse.click(box["x"] + 6, box["y"] + 6)

    expect(dialog).to_be_visible()


def test_the_page_of_the_search_brings_the_index_once_somebody_begins(visit):
    page = visit("/about/")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(page.url.replace("/about/", "/search/"))
    page.wait_for_load_state("networkidle")
    before = [url for url in asked if "/pagefind/" in url]

    page.get_by_role("searchbox").focus()

    expect(page.locator(".search-version select")).to_be_visible()
    assert before == []


def test_without_a_query_it_says_what_to_type_and_where_else_to_look(visit):
    page = visit("/search/?q=pip")
    expect(results(page).first).to_be_visible()

    page.get_by_role("searchbox").fill("")

    expect(status(page)).to_have_text("Type a word, or a version such as 3.14.")
    expect(results(page)).to_have_count(0)
    expect(page.get_by_role("link", name="the documentation")).to_have_attribute(
        "href", "https://docs.python.org/3/search.html"
    )


@pytest.mark.parametrize(
    ("query", "wider"),
    [("zyzzyvaq", "Try fewer or other words"), ("zyzzyvaq&kind=page", "Show everything, or try")],
)
def test_without_a_result_it_says_what_to_do_and_where_else_to_look(visit, query, wider):
    page = visit(f"/search/?q={query}")

    expect(status(page)).to_contain_text("Nothing found for “zyzzyvaq”")
    expect(status(page)).to_contain_text(wider)
    elsewhere = page.locator(".search-elsewhere")
    expect(elsewhere.get_by_role("link")).to_have_text(
        ["the documentation", "packages", "PEPs", "discussions"]
    )
    expect(elsewhere.get_by_role("link").first).to_have_attribute(
        "href", "https://docs.python.org/3/search.html?q=zyzzyvaq"
    )


@pytest.mark.parametrize(("word", "meant"), [("donwload", "download"), ("pyhton", "python")])
def test_a_word_that_no_page_has_is_named_and_a_slip_of_letters_mended(visit, word, meant):
    page = visit(f"/search/?q={word}+release")

    expect(status(page)).to_have_text(
        re.compile(
            rf"^No page has “{word}”\. \d+ results? for words that begin like it\. "
            rf"Did you mean {meant} release\?$"
        )
    )
    expect(results(page).first).to_be_visible()

    status(page).get_by_role("link").click()

    expect(page.get_by_role("searchbox")).to_have_value(f"{meant} release")
    expect(status(page)).to_have_text(re.compile(rf"^\d+ results for “{meant} release”$"))


def test_a_word_that_is_no_slip_of_another_leads_to_no_proposal(visit):
    page = visit("/search/?q=pyxyzzy")

    expect(status(page)).to_have_text(re.compile(r"^No page has “pyxyzzy”\. .* begin like it$"))


@pytest.mark.parametrize("words", ["downloads", "installed pip", "end of life", "instal"])
def test_inflected_words_and_beginnings_are_no_others(visit, words):
    page = visit(f"/search/?q={words}")

    expect(status(page)).to_have_text(re.compile(rf"^\d+ results for “{words}”$"))


@pytest.mark.parametrize(
    ("word", "meant"), [("isntall python", "install python"), ("wnidows", "windows")]
)
def test_two_letters_that_changed_places_are_put_back_whatever_was_found(visit, word, meant):
    page = visit(f"/search/?q={word}")

    expect(status(page)).to_have_text(re.compile(rf"[^.]\. Did you mean {meant}\?$"))


@pytest.mark.parametrize("word", ["gpg", "careers"])
def test_a_word_that_is_a_keyword_of_a_page_is_none_that_no_page_has(visit, word):
    page = visit(f"/search/?q={word}")

    expect(status(page)).to_have_text(re.compile(rf"^\d+ results? for “{word}”$"))


@pytest.mark.row("S164")
def test_markup_in_a_query_is_shown_as_text(visit):
    page = visit("/search/?q=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E")

    expect(status(page)).to_contain_text("“<img”, “src=x”, “onerror=alert(1)>”")
    expect(page.locator(".search img")).to_have_count(0)


def test_more_results_come_by_a_button_and_the_focus_goes_to_the_first_of_them(visit):
    page = visit("/search/?q=python")
    expect(results(page)).to_have_count(10)

    page.get_by_role("button", name="More results").click()

    expect(results(page)).to_have_count(20)
    expect(results(page).nth(10).locator("a")).to_be_focused()


def test_results_that_come_late_leave_in_sight_what_the_keyboard_is_at(visit):
    page = visit("/about/", viewport={"width": 320, "height": 900})
    held = []

    def hold(route):
        held.append(route)

    page.route("**/pagefind/bundles.json", hold)
    with page.expect_request("**/pagefind/bundles.json"):
        page.goto(page.url.replace("/about/", "/search/?q=python"))
    link = page.locator("footer").get_by_role("link", name="Success stories")
    link.focus()

    held[0].continue_()

    expect(results(page)).to_have_count(10)
    expect(page.locator(".search-more")).to_be_visible()
    expect(link).to_be_in_viewport()

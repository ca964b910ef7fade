"""A page of each template: on small screens, in both themes, enlarged, spaced out, printed."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.measures import MEASURES, NOTHING_CUT, measured
from tests.conftest import ROOT

BRAND = {
    "blue": "#306998",
    "blue-light": "#4b8bbe",
    "yellow": "#ffd43b",
    "yellow-light": "#ffe873",
}
PAGES = {
    "blog_entries/archive.html": "/blogs/2026/11/",
    "blog_entries/months.html": "/blogs/archive/",
    "blog_entries/feed.html": "/blogs/feed/python-insider/",
    "blog_entries/index.html": "/blogs/",
    "blog_entries/official.html": "/blogs/official/",
    "blog_feeds/index.html": "/blogs/feeds/",
    "code_samples/index.html": "/about/samples/",
    "code_samples/sample.html": "/about/samples/words/",
    "download_numbers/index.html": "/downloads/statistics/",
    "decisions/index.html": "/about/decisions/",
    "elections/election.html": "/nominations/elections/2018-board/",
    "elections/index.html": "/nominations/elections/",
    "errors/404.html": "/nothing-is-here/",
    "events/calendars.html": "/events/calendars/",
    "events/cfp.html": "/events/cfp/",
    "events/countries.html": "/events/country/",
    "events/event.html": "/events/python-user-group/1/",
    "events/list.html": "/events/",
    "events/month.html": "/events/2026/12/",
    "events/past.html": "/events/past/",
    "events/submit.html": "/events/submit/",
    "events/year.html": "/events/past/2024/",
    "home/index.html": "/",
    "jobs/choices.html": "/jobs/categories/",
    "jobs/ended.html": "/jobs/ended/",
    "jobs/job.html": "/jobs/1/",
    "jobs/list.html": "/jobs/",
    "managers/index.html": "/downloads/signing/",
    "minutes/index.html": "/psf/records/board/minutes/",
    "minutes/minutes.html": "/psf/records/board/minutes/2014-01-06/",
    "nominees/nominee.html": "/nominations/elections/2018-board/nominees/1/",
    "pages/page.html": "/about/wide/",
    "pages/section.html": "/about/",
    "pages/tag.html": "/tags/wide/",
    "pages/tags.html": "/tags/",
    "pages/wide.html": "/about/wider/",
    "people/index.html": "/psf/fellows/",
    "posts/index.html": "/community/posts/",
    "posts/post.html": "/community/posts/1/",
    "releases/detail.html": "/downloads/release/python-3140/",
    "releases/downloads.html": "/downloads/",
    "releases/index.html": "/downloads/releases/",
    "releases/system.html": "/downloads/windows/",
    "releases/systems.html": "/downloads/operating-systems/",
    "search/index.html": "/search/?q=python",
    "series/detail.html": "/downloads/series/3.13/",
    "series/documentation.html": "/doc/versions/",
    "series/support.html": "/downloads/support/",
    "sponsors/index.html": "/psf/sponsors/",
    "sponsors/sponsor.html": "/psf/sponsors/longest/",
    "stories/category.html": "/success-stories/category/arts/",
    "stories/index.html": "/success-stories/",
    "stories/story.html": "/success-stories/1/",
    "styleguide/index.html": "styleguide",
    "user_groups/index.html": "/community/user-groups/",
    "user_groups/list.html": "/community/user-groups/africa/",
    "workgroups/index.html": "/psf/workgroups/",
    "workgroups/workgroup.html": "/psf/workgroups/grants/",
}

# Those that have a layout, a table or code of their own.
PRINTED = (
    "home/index.html",
    "jobs/job.html",
    "pages/page.html",
    "pages/wide.html",
    "releases/detail.html",
    "releases/downloads.html",
    "series/support.html",
)
# Where the numbers of the columns of a table end.
ENDS = """table => [...table.querySelectorAll('.number')].map(cell => {
  const range = document.createRange();
  range.selectNodeContents(cell);
  return [cell.cellIndex, range.getBoundingClientRect().right];
})"""
# Words that begin on one line and end on another.
BROKEN = r"""table => {
  const words = [];
  const texts = document.createTreeWalker(table, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    for (const found of texts.currentNode.data.matchAll(/\w+/g)) {
      const range = document.createRange();
      range.setStart(texts.currentNode, found.index);
      range.setEnd(texts.currentNode, found.index + found[0].length);
      if (new Set([...range.getClientRects()].map(({ top }) => top)).size > 1) {
        words.push(found[0]);
      }
    }
  }
  return words;
}"""


@pytest.fixture(params=sorted(PAGES))
def address(request, guide):
    """The address of a page of one template."""
    page = PAGES[request.param]
    return page if page.startswith("/") else guide


def test_a_page_of_every_template_is_looked_at():
    templates = ROOT / "templates"
    found = {
        path.relative_to(templates).as_posix()
        for path in templates.rglob("*.html")
        if "{% extends " in path.read_text(encoding="utf-8")
        and "sidecar" not in path.parts  # no files of the site
    }

    assert found == set(PAGES)


# The home page begins with more than a title.
LARGER = {"home/index.html", "styleguide/index.html"}


@pytest.mark.row("S459")
def test_every_page_has_one_h1_and_all_are_of_one_size(turn_to):
    sizes = {}
    for template, path in PAGES.items():
        if template not in LARGER:
            sizes[template] = turn_to(path).evaluate(
                "[...document.querySelectorAll('h1')].map(h1 => getComputedStyle(h1).fontSize)"
            )

    assert set(map(tuple, sizes.values())) == {(sizes["jobs/list.html"][0],)}


@pytest.fixture
def look(turn_to):
    """Open a page and what measures it."""

    def open_page(address, **options):
        page = turn_to(address, **options)
        if "?q=" in address:
            page.locator(".results > li").first.wait_for()
        page.evaluate(MEASURES)
        return page

    return open_page


@pytest.mark.row("S152")
def test_nothing_scrolls_sideways_on_a_phone_or_enlarged_four_times_or_spaced_out(look, address):
    page = look(address, viewport={"width": 360, "height": 740})
    assert measured(page, *NOTHING_CUT, "small") == NOTHING_CUT | {"small": []}

    # 1280 pixels enlarged by 400 % are 320.
    page.set_viewport_size({"width": 320, "height": 256})
    assert measured(page, *NOTHING_CUT) == NOTHING_CUT

    page.evaluate("measures.spaceOut()")
    assert measured(page, *NOTHING_CUT) == NOTHING_CUT


@pytest.mark.row("S162")
def test_a_wide_table_scrolls_inside_itself_also_by_keyboard(visit):
    page = visit("/about/wide/", viewport={"width": 360, "height": 740}, reduced_motion="reduce")
    table = page.locator("main [tabindex='0']", has=page.locator("table"))
    table.focus()

    for _ in range(20):
        page.keyboard.press("ArrowRight")

    expect(table).to_be_focused()
    assert table.evaluate("table => table.scrollLeft") > 0
    assert page.evaluate("scrollX") == 0


@pytest.mark.row("S151")
def test_the_colours_are_those_of_python(visit):
    page = visit("/about/")

    style = "getComputedStyle(document.documentElement).getPropertyValue('--%s')"
    found = {name: page.evaluate(style % name) for name in BRAND}
    assert found == BRAND


@pytest.mark.row("S151")
def test_every_text_can_be_read_before_its_ground_in_both_themes_and_printed(look, address):
    page = look(address, color_scheme="light")
    light = measured(page, "pale")

    page.emulate_media(color_scheme="dark")
    dark = measured(page, "pale")
    page.emulate_media(color_scheme="dark", media="print")
    printed = measured(page, "pale")

    assert [light, dark, printed] == [{"pale": []}] * 3


# The style guide is of samples, which do nothing.
@pytest.mark.parametrize("address", sorted(PAGES.keys() - {"styleguide/index.html"}), indirect=True)
def test_every_page_can_be_used_without_javascript(turn_to, address):
    page = turn_to(address, has_script=False, viewport={"width": 360, "height": 740})

    expect(page.locator("h1").first).to_be_visible()
    expect(page.get_by_role("navigation", name="Main").locator("summary").first).to_be_visible()
    for button in page.get_by_role("button").all():
        if button.evaluate("one => one.tagName !== 'SUMMARY'") and button.is_visible():
            assert button.evaluate("one => one.type") == "submit", button.inner_text()
            assert button.evaluate("one => one.form.getAttribute('action')"), button.inner_text()


@pytest.mark.parametrize("template", PRINTED)
def test_a_printed_page_is_its_words_on_white_and_nothing_is_cut(look, template):
    page = look(PAGES[template], color_scheme="dark", viewport={"width": 700, "height": 1000})
    page.emulate_media(media="print", color_scheme="dark")

    for hidden in (".site-header", ".site-map", ".page-foot"):
        expect(page.locator(hidden)).to_be_hidden()
    expect(page.locator("h1").first).to_be_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert measured(page, *NOTHING_CUT) == NOTHING_CUT


def test_on_paper_all_files_of_a_release_stand_and_no_button_is_pale(visit):
    page = visit(PAGES["releases/detail.html"])
    tools = page.locator("details .files")
    expect(tools).to_be_hidden()

    page.emulate_media(media="print")

    # What is folded away has no height of its own.
    assert (
        page.locator("details:has(.files)").evaluate(
            "one => getComputedStyle(one, '::details-content').contentVisibility"
        )
        == "visible"
    )
    buttons = page.locator(".button").evaluate_all(
        "all => all.map(one => getComputedStyle(one)).map(one => [one.color, one.backgroundColor])"
    )
    black = page.evaluate("getComputedStyle(document.querySelector('h1')).color")
    assert {tuple(one) for one in buttons} == {(black, "rgba(0, 0, 0, 0)")}


def test_colours_that_mean_something_stay_where_colours_are_forced(visit):
    page = visit(PAGES["series/support.html"], forced_colors="active")
    ground = "all => all.map(one => getComputedStyle(one, '::before').backgroundColor)"
    assert len(set(page.locator(".timeline-key").evaluate_all(ground))) == 4

    page.goto(page.url.replace(PAGES["series/support.html"], "/"))

    dots = page.locator(".samples-bar button:not(.samples-pause)")
    expect(dots.first).to_have_attribute("aria-current", "true")
    shown, *others = dots.evaluate_all(ground)
    assert shown not in others


@pytest.mark.parametrize("path", ["/", "/downloads/", "/jobs/", "/psf/sponsors/", "/search/"])
def test_nothing_scrolls_sideways_on_a_phone_with_letters_twice_as_large(visit, path):
    page = visit(path, viewport={"width": 360, "height": 740})

    page.evaluate("document.documentElement.style.fontSize = '200%'")

    assert page.evaluate("document.documentElement.scrollWidth") == 360


@pytest.mark.parametrize("path", ["/", "/downloads/", "/about/wide/"])
def test_who_wants_less_motion_gets_none(visit, path):
    page = visit(path, reduced_motion="reduce")

    assert page.evaluate("document.getAnimations().length") == 0
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
    styles = "[...document.querySelectorAll('*')].map(one => getComputedStyle(one))"
    moving = f"{styles}.filter(one => /[1-9]/.test(one.transitionDuration)).length"
    assert page.evaluate(moving) == 0


def test_the_way_to_a_page_with_a_long_name_stays_on_a_phone(visit):
    page = visit("/about/samples/words/", viewport={"width": 360, "height": 740})

    page.locator(".pager a").first.evaluate("(link) => link.textContent = 'word'.repeat(30)")

    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_no_word_of_the_address_of_a_work_group_is_broken_on_a_phone(visit):
    page = visit("/psf/workgroups/sponsorship-bundle/", viewport={"width": 360, "height": 740})

    assert page.locator("dl.facts-table").evaluate(BROKEN) == []


def test_the_first_stop_of_the_keyboard_leads_past_the_menu(visit):
    page = visit("/about/")

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    expect(page.get_by_role("link", name="Skip to content")).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")

    assert page.evaluate("document.activeElement.closest('main') !== null")


FOCUS = """() => {
  const one = document.activeElement;
  const { x, y, width, height } = one.getBoundingClientRect();
  const shown = [one, one.closest(".card")].some((it) => it && getComputedStyle(it).outlineStyle !== "none");
  const inside = width > 0 && y + height > 0 && y < innerHeight && x + width > 0 && x < innerWidth;
  return [shown && inside, one.outerHTML.slice(0, 80)];
}"""


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("path", ["/", "/downloads/", "/search/?q=pip"])
def test_whoever_tabs_through_a_page_sees_where_they_are(visit, path, width):
    page = visit(path, viewport={"width": width, "height": 740}, reduced_motion="reduce")
    if "?q=" in path:  # what is found moves what is below it
        page.locator(".results > li").first.wait_for()
    unseen = []
    for _ in range(25):
        page.keyboard.press("Tab")
        seen, what = page.evaluate(FOCUS)
        if not seen:
            unseen.append(what)

    assert unseen == []


@pytest.mark.row("S157")
def test_the_copy_button_copies_the_code(visit):
    page = visit("/about/wide/", permissions=["clipboard-read", "clipboard-write"])
    code = page.locator(".code", has_text="print")
    code.hover()

    code.get_by_role("button", name="Copy").click()

    expect(code.get_by_role("button")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == code.locator("code").inner_text().strip()


@pytest.mark.row("S157")
def test_of_a_session_what_was_typed_is_copied(visit):
    page = visit("/about/wide/", permissions=["clipboard-read", "clipboard-write"])
    code = page.locator(".code", has_text=">>>")
    code.hover()

    code.get_by_role("button", name="Copy").click()

    expect(code.get_by_role("button")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == "20 + 3"


@pytest.mark.parametrize(
    ("lost", "meant"),
    [
        ("/about/gettingstartet/", "/about/gettingstarted/"),
        ("/download/windows.html", "/downloads/windows/"),
        ("/downloads/release/python-31400/", "/downloads/release/python-3140/"),
        ("/comunity/forum", "/community/forums/"),
    ],
)
def test_a_page_that_is_not_there_proposes_the_nearest(visit, lost, meant):
    page = visit(lost)

    near = page.get_by_role("region", name="Did you mean")
    expect(near.get_by_role("link").first).to_have_attribute("href", meant)
    expect(page.get_by_role("heading", level=1)).to_have_text("There is no page at this address")


def test_what_is_proposed_has_the_title_it_has_in_the_menu_where_it_is_no_page(visit):
    page = visit("/download/pyhton/")

    near = page.get_by_role("region", name="Did you mean")
    expect(near.locator("a[href='/downloads/']")).to_have_text("Downloads")
    expect(near).to_contain_text("Downloads /downloads/")


def test_the_search_of_the_page_that_is_not_there_asks_for_the_words_of_the_address(visit):
    page = visit("/lost/pip.html")

    page.get_by_role("main").get_by_role("button", name="Search").click()

    page.wait_for_url(re.compile(r"/search/\?q=lost\+pip"))
    expect(page.get_by_role("searchbox")).to_have_value("lost pip")


@pytest.mark.parametrize(
    ("address", "title"),
    [
        ("/downloads/releases/", "Date"),
        ("/downloads/release/python-3140/", "Checksum"),
        ("/downloads/series/3.13/", "Date"),
        ("/downloads/support/", "End of support"),
        ("/downloads/signing/", "OpenPGP fingerprint"),
        ("/community/user-groups/africa/", "About"),
        ("/about/decisions/", "Rejected as spam"),
        ("/", "Until"),
    ],
)
def test_a_list_in_a_table_is_told_row_by_row_on_a_phone(visit, address, title):
    page = visit(address, viewport={"width": 360, "height": 780})

    table = page.locator("main .table-wrap").first
    assert table.evaluate("it => it.scrollWidth - it.clientWidth") == 0
    assert page.locator("main table [role]").count() == 0  # HTML forbids them in a table
    cell = table.get_by_role("cell").and_(page.locator(f"[data-label='{title}']")).first
    expect(cell).to_be_visible()
    assert cell.evaluate("it => getComputedStyle(it, '::before').content") == f'"{title}"'


@pytest.mark.parametrize(
    "address", ["/downloads/releases/", "/downloads/series/3.13/", "/downloads/support/"]
)
def test_no_word_of_a_printed_list_is_broken(visit, address):
    page = visit(address, viewport={"width": 690, "height": 980})  # A4
    page.emulate_media(media="print")

    table = page.locator("main .stacked table").first
    assert table.evaluate(BROKEN) == []
    assert table.bounding_box()["width"] <= page.locator("main").bounding_box()["width"]


@pytest.mark.parametrize("address", ["/downloads/releases/", "/about/decisions/", "/psf/sponsors/"])
def test_the_numbers_of_a_column_end_below_each_other(visit, address):
    page = visit(address, viewport={"width": 1280, "height": 800})

    ends = page.locator("main table").first.evaluate(ENDS)
    for column in {column for column, _ in ends}:
        assert len({round(end) for one, end in ends if one == column}) == 1, column
    assert ends

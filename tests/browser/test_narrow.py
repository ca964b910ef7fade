"""The forms on /jobs/ and /events/, which narrow the list by several choices at once."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import LONG


@pytest.mark.row("S095", "S447")
def test_jobs_are_narrowed_by_several_choices_and_the_address_keeps_them(visit):
    page = visit("/jobs/")
    titles = page.locator(".row-title a:visible")
    expect(titles).to_have_count(3)

    page.get_by_label("Category").select_option("Data science and analytics")
    page.get_by_label("Remote", exact=True).check()

    expect(titles).to_have_text(["Night watch"])
    expect(page.get_by_role("status")).to_have_text("1 of 3 open jobs fits.")
    assert page.url.endswith("/jobs/?category=data-science&remote=yes")
    page.reload()
    expect(titles).to_have_text(["Night watch"])
    expect(page.get_by_label("Category")).to_have_value("data-science")
    expect(page.get_by_label("Remote", exact=True)).to_be_checked()


@pytest.mark.row("S095")
@pytest.mark.parametrize(
    ("label", "option", "left"),
    [
        ("Type", "Contract", ["Night watch"]),
        ("Category", "Web development", [f"Baker of {LONG}"] * 2),
        ("Place", f"{LONG}, Portugal", [f"Baker of {LONG}"] * 2),
    ],
)
def test_each_choice_leaves_what_fits_it(visit, label, option, left):
    page = visit("/jobs/")

    page.get_by_label(label, exact=True).select_option(option)

    expect(page.locator(".row-title a:visible")).to_have_text(left)


@pytest.mark.row("S432")
def test_the_panel_stands_there_once_after_any_number_of_clicks(visit):
    page = visit("/jobs/")

    for choice in ("contract", "full-time", "", "contract"):
        page.get_by_label("Type").select_option(choice)
        page.get_by_label("Pay is told").click()

    expect(page.locator("form.chooser")).to_have_count(1)
    expect(page.locator("[name=type]")).to_have_count(1)
    expect(page.get_by_role("status")).to_have_count(1)
    expect(page.locator(".narrowed")).to_have_count(1)


@pytest.mark.parametrize("address", ["/jobs/?type=full-time", "/events/?kind=meetup"])
def test_a_long_name_among_what_fits_stays_on_a_phone(visit, address):
    page = visit(address, viewport={"width": 360, "height": 740})

    page.get_by_role("link", name=LONG).first.wait_for()

    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_a_choice_that_nothing_fits_says_so_and_can_be_taken_back(visit):
    page = visit("/jobs/?category=data-science&type=full-time")
    expect(page.get_by_role("status")).to_have_text(
        "None of 3 open jobs fits. Choose “Any” somewhere."
    )

    page.get_by_role("button", name="Show all").click()

    expect(page.locator(".row-title a:visible")).to_have_count(3)
    expect(page.get_by_label("Category")).to_be_focused()
    assert page.url.endswith("/jobs/")


def test_a_choice_that_is_no_more_counts_as_none(visit):
    page = visit("/jobs/?category=no-such-thing&type=contract")

    expect(page.locator(".row-title a:visible")).to_have_text(["Night watch"])
    expect(page.get_by_label("Category")).to_have_value("")


def test_the_keyboard_is_enough(visit):
    page = visit("/jobs/")

    page.get_by_label("Category").focus()
    page.keyboard.type("Data")
    page.keyboard.press("Tab")

    expect(page.locator(".row-title a:visible")).to_have_text(["Night watch"])


@pytest.mark.row("S433")
def test_events_are_narrowed_by_kind_country_and_month(visit):
    page = visit("/events/", timezone_id="Asia/Tokyo")

    page.get_by_label("Kind").select_option("Meetups")
    page.get_by_label("Country").select_option("Portugal")
    page.get_by_label("Month", exact=True).select_option("February 2027")

    expect(page.locator(".event-line h3:visible a")).to_have_text([f"Meeting of {LONG}"])
    assert page.url.endswith("/events/?kind=meetup&country=portugal&month=2027-02")
    expect(page.locator(".narrowed .event-own")).to_contain_text("(Asia/Tokyo)")
    # The line has the next date of the series.
    expect(page.locator(".narrowed .event-facts")).to_contain_text(", also in February 2027")


@pytest.mark.row("S433")
def test_one_choice_leads_to_its_own_page_with_a_calendar_and_several_lead_nowhere(visit):
    page = visit("/events/")
    own = page.get_by_role("link", name="Follow this choice")
    expect(own).to_be_hidden()

    page.get_by_label("Country").select_option("Portugal")
    page.get_by_label("Kind").select_option("Meetups")
    expect(page.get_by_role("status")).to_contain_text("fit")
    expect(own).to_be_hidden()
    page.get_by_label("Kind").select_option("Any")
    own.click()

    expect(page).to_have_url(re.compile("/events/country/portugal/$"))
    calendar = page.get_by_role("link", name="calendar (.ics)")
    expect(calendar).to_have_attribute("href", "/events/country/portugal/calendar.ics")


@pytest.mark.row("S095", "S447", "S433")
@pytest.mark.parametrize(
    ("path", "choice", "leads_to"),
    [
        ("/jobs/", "type.contract", "/jobs/type/contract/"),
        ("/jobs/", "location.telecommute", "/jobs/location/telecommute/"),
        ("/events/", "country.portugal", "/events/country/portugal/"),
        ("/events/", "month.2027-02", "/events/2027/02/"),
        ("/jobs/type/contract/", "", "/jobs/"),
        ("/community/user-groups/", "portugal", "/community/user-groups/portugal/"),
        ("/community/user-groups/portugal/", "", "/community/user-groups/"),
    ],
)
def test_without_a_script_each_choice_is_a_page(visit, path, choice, leads_to):
    page = visit(path, java_script_enabled=False)

    page.locator("form.chooser select").select_option(choice)
    page.get_by_role("button", name="Show", exact=True).click()

    assert urlsplit(page.url).path == leads_to
    expect(page.locator("form.chooser option[selected]")).to_have_count(
        1 if choice and path != "/events/" else 0
    )


def test_where_the_list_cannot_be_loaded_it_says_so_and_stays_whole(visit):
    page = visit("/jobs/")
    page.route("**/open.json", lambda route: route.fulfill(status=200, body="<html>"))

    page.get_by_label("Type").select_option("contract")

    expect(page.get_by_role("status")).to_contain_text("could not be loaded")
    expect(page.locator(".row-title a:visible")).to_have_count(3)


def test_a_narrowed_list_keeps_the_names_of_a_place_apart_as_the_page_does(visit):
    page = visit("/jobs/")
    facts = page.locator(".row .facts:visible").filter(has_text="Portugal").locator("li").first
    told = facts.inner_html()

    page.get_by_label("Type", exact=True).select_option("Full time")

    expect(page.get_by_role("status")).to_have_text("2 of 3 open jobs fit.")
    assert facts.inner_html() == told == f"<bdi>{LONG}</bdi>, Portugal"


def test_a_box_that_would_leave_all_or_nothing_is_not_there(visit):
    page = visit("/events/")
    records = page.evaluate("fetch('/events/open.json').then((answer) => answer.json())")["events"]
    online = {event["online"] for event in records}

    expect(page.get_by_label("Kind", exact=True)).to_be_visible()
    assert page.get_by_label("Online", exact=True).count() == (len(online) == 2)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/events/?kind=meetups", "There is no choice “meetups” here. Choose, and the list narrows."),
        ("/jobs/find/?show=zzz", "There is no choice “zzz” here. Choose, and the list narrows."),
        ("/jobs/?type=contract&category=x",
         "There is no choice “x” here. 1 of 3 open jobs fits."),
    ],
)  # fmt: skip
def test_a_choice_of_the_address_that_is_not_there_is_told(visit, path, words):
    page = visit("/about/")

    page.goto(page.url.replace("/about/", path))

    expect(page.get_by_role("status")).to_have_text(words)


def test_that_a_choice_is_not_there_is_told_until_another_is_made(visit):
    page = visit("/jobs/?category=x")

    page.get_by_label("Type").select_option("contract")

    expect(page.get_by_role("status")).to_have_text("1 of 3 open jobs fits.")


NEEDS = "one => [one.offsetWidth, (one.style.width = 'max-content', one.offsetWidth)]"


@pytest.mark.parametrize("width", [360, 768, 1024, 1280])
def test_the_name_of_a_month_has_room_in_its_field(visit, width):
    page = visit("/events/", viewport={"width": width, "height": 800})
    field = page.get_by_label("Month", exact=True)
    field.evaluate("one => one.add(new Option('September 2027', '2027-09'))")

    has, needs = field.evaluate(NEEDS)

    assert has >= needs


@pytest.mark.parametrize("width", [360, 768, 1024, 1280])
@pytest.mark.parametrize("path", ["/events/", "/jobs/"])
def test_the_form_takes_the_room_that_was_kept_for_it(visit, path, width):
    page = visit(path, viewport={"width": width, "height": 800})
    form = page.locator("form.chooser")
    expect(form).to_have_class("chooser chooser-wide")

    kept, taken = form.evaluate(
        "one => [parseFloat(getComputedStyle(one).minHeight),"
        " one.lastElementChild.getBoundingClientRect().bottom - one.getBoundingClientRect().top]"
    )

    assert taken <= kept


@pytest.fixture
def altered(visit):
    """Open /jobs/ as it would be with some of its text otherwise."""

    def open_page(query, pattern, put):
        page = visit("/about/")

        def answer(route):
            found = route.fetch()
            text, count = re.subn(pattern, put, found.text(), flags=re.DOTALL)
            assert count
            route.fulfill(response=found, body=text)

        page.route(lambda url: url.partition("?")[0].endswith("/jobs/"), answer)
        page.goto(page.url.replace("/about/", f"/jobs/{query}"))
        return page

    return open_page


def test_a_box_of_the_address_that_is_not_there_is_told(altered):
    page = altered("?remote=yes&type=contract", 'data-flags="[^"]*"', 'data-flags="pay"')

    expect(page.get_by_role("status")).to_have_text(
        "There is no choice “Remote” here. 1 of 3 open jobs fits."
    )
    expect(page.get_by_label("Pay is told")).to_be_visible()


ONE_CATEGORY = (r'<option value="category\.web-development"[^>]*>[^<]*</option>', "")


def test_what_has_one_choice_only_is_no_field_unless_the_address_asks_for_it(altered):
    without = altered("", *ONE_CATEGORY)
    expect(without.get_by_label("Type", exact=True)).to_be_visible()
    expect(without.get_by_label("Category")).to_have_count(0)

    asked = altered("?category=data-science", *ONE_CATEGORY)

    expect(asked.get_by_label("Category")).to_have_value("data-science")
    expect(asked.get_by_role("status")).to_have_text("1 of 3 open jobs fits.")


def test_of_one_type_there_is_no_field_and_each_job_still_says_its_name(altered):
    page = altered("?pay=yes", r'<option value="type\.full-time"[^>]*>[^<]*</option>', "")

    expect(page.locator(".row-title a:visible")).to_have_text(["Night watch"])
    expect(page.get_by_label("Type", exact=True)).to_have_count(0)
    expect(page.locator(".row .facts:visible")).to_contain_text("Contract")


@pytest.mark.parametrize(("width", "is_beside"), [(1440, True), (768, False)])
@pytest.mark.parametrize("url", ["/jobs/", "/events/"])
def test_what_else_leads_to_the_entries_stands_beside_the_list_where_there_is_room(
    visit, url, width, is_beside
):
    page = visit(url, viewport={"width": width, "height": 900})

    found = page.locator("[data-list]").bounding_box()
    ways = page.get_by_role("complementary", name="Other ways").bounding_box()

    assert (ways["x"] >= found["x"] + found["width"]) is is_beside
    assert (ways["y"] >= found["y"] + found["height"]) is not is_beside

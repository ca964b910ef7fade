"""The staff desk in a browser: by keyboard, on a phone, without JavaScript, in both themes."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import expect

from sidecar import announcements, flags, people, sessions
from sidecar.clock import now
from sidecar.database import open_database
from sidecar.lent import settings_at
from sidecar.permissions import NOBODY, Role
from sidecar.schema import prepare
from sidecar.tables.work import Announcement, Failure
from tests.browser.conftest import LONG, new_page, wait_for
from tests.browser.measures import MEASURES, NOTHING_CUT, measured
from tests.conftest import ROOT, free_port

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
# Site and sidecar at one address, as `pydotorg serve` has them.
SERVER = """
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from pydotorg_build.beside import Place, beside
from pydotorg_build.serve import make_app, run
root, site, port = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
place = Place(root, site, "127.0.0.1", port)
run(make_app(lambda: site, beside=beside(place, ("/admin/", "/account/"))), "127.0.0.1", port)
"""
# The page is another by the time that a test could look.
NOTE_THAT_IT_WAITS = """
button => new MutationObserver(() => sessionStorage.setItem("waited", button.disabled))
  .observe(button, { attributes: true })
"""
# How many have less room than they want.
TOO_NARROW = """
all => all.filter((one) => {
  const has = one.offsetWidth;
  one.style = "width: max-content; max-width: none";
  return one.offsetWidth > has;
}).length
"""
PAGES = (
    "/admin/", "/admin/users", "/admin/users?q=nobody&state=wrong", "/admin/users/2",
    "/admin/users/2/disable", "/admin/announcements", "/admin/announcements/new",
    "/admin/announcements/1", "/admin/settings", "/admin/audit", "/admin/failures", "/admin/db",
    "/admin/mail", "/admin/mail/letters", "/admin/mail/letters/test", "/admin/mail/news",
    "/admin/mail/suppressed", "/admin/cases", "/admin/db/users", "/admin/db/users/record?id=2", "/admin/db/audit/record?id=1",
)  # fmt: skip


async def fill(settings):
    """A superuser, whose session's token is returned, and something to look at."""
    db = open_database(settings)
    async with db.write() as tx:
        ada = await people.add(tx, NOBODY, "ada", "ada@a.example", roles=[Role.SUPERUSER])
        await people.add(tx, NOBODY, "bea", f"bea@{LONG}.example", roles=[Role.STAFF])
        for number in range(60):
            await people.add(tx, NOBODY, f"member{number}", f"m{number}@a.example")
        tx.add(Announcement(title=LONG, start=now(), end=now()))
        tx.add(Failure(key="1", kind="ValueError", place=f"GET /{LONG}", trace=f"{LONG}.py:1 in b"))
        await flags.turn(tx, NOBODY, "api", close=True, words=LONG)
        assert list(await announcements.rows(tx)) == []
        token = await sessions.start(tx, ada.id, "a browser of the tests", has_factor=True)
    await db.close()
    return {"name": sessions.cookie_name(settings, "session"), "value": token}


@pytest.fixture(scope="module")
def desk(folder, tmp_path_factory):
    """The address of site and sidecar, and the cookie of a superuser."""
    from pydotorg_build.beside import Place

    root = tmp_path_factory.mktemp("desk")
    port = free_port()
    settings = settings_at(Place(root, folder, "127.0.0.1", port), {})
    prepare(settings.database_url)
    with ThreadPoolExecutor(1) as thread:  # here a loop of Playwright's runs already
        cookie = thread.submit(asyncio.run, fill(settings)).result()
    process = subprocess.Popen(
        [sys.executable, "-uc", SERVER, str(root), str(folder), str(port)],
        stdout=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip
    process.stdout.readline()
    address = f"http://127.0.0.1:{port}"
    wait_for(f"{address}/account/sign-in")  # it begins with that
    yield address, cookie | {"url": address}
    process.terminate()
    process.communicate()


@pytest.fixture
def visit_desk(desk, visit):
    """Open a page of the desk as a superuser who signed in a moment ago."""
    address, cookie = desk

    def open_page(path, **options):
        page = visit(address + path, **options)
        page.context.add_cookies([cookie])
        page.goto(address + path)
        page.evaluate(MEASURES)
        return page

    return open_page


@pytest.fixture(scope="module")
def superuser(browser, desk):
    """A page on a phone of a superuser, to go on with."""
    page = new_page(browser, viewport={"width": 360, "height": 740})
    page.context.add_cookies([desk[1]])
    yield page
    page.context.close()


@pytest.mark.row("S152", "S162", "S332")
@pytest.mark.parametrize("path", PAGES)
def test_nothing_scrolls_sideways_on_a_phone_and_all_can_be_read_in_both_themes(
    visit, superuser, desk, path
):
    page = visit(desk[0] + path, within=superuser)
    page.evaluate(MEASURES)
    assert measured(page, *NOTHING_CUT, "small") == NOTHING_CUT | {"small": []}

    page.emulate_media(color_scheme="light")
    light = measured(page, "pale")
    page.emulate_media(color_scheme="dark")

    assert [light, measured(page, "pale")] == [{"pale": []}] * 2


@pytest.mark.row("S152")
@pytest.mark.parametrize("width", [360, 768, 1440])
def test_a_day_that_a_list_is_filtered_by_is_shown_with_its_year(visit_desk, width):
    page = visit_desk("/admin/downloads", viewport={"width": width, "height": 900})

    for path in ("/admin/downloads", "/admin/audit", "/admin/mail", "/admin/cases", "/admin/users"):
        page.goto(page.url.partition("/admin/")[0] + path)
        days = page.locator(".filter input[type=date]")
        assert days.count() > 0
        assert days.evaluate_all(TOO_NARROW) == 0, path


@pytest.mark.row("S152")
def test_on_a_phone_each_row_of_a_list_is_told_with_the_titles_of_its_columns(visit_desk):
    page = visit_desk("/admin/users", viewport={"width": 360, "height": 740})

    table = page.get_by_role("table")
    wrap = page.locator(".table-wrap").first
    assert wrap.evaluate("one => one.scrollWidth <= one.clientWidth")
    cell = table.locator("tbody tr").first.locator("td").nth(1)
    assert cell.evaluate("one => getComputedStyle(one, '::before').content") == '"Roles"'
    assert table.get_by_role("columnheader").count() > 4
    assert table.get_by_role("row").count() == 1 + table.locator("tbody tr").count()
    page.get_by_role("link", name="Address").click()
    assert page.url.endswith("sort=email")


@pytest.mark.row("S349", "S304")
def test_a_double_click_sends_a_form_once_and_its_button_waits(visit_desk):
    page = visit_desk("/admin/mail/letters/test")
    sent = []
    page.on("request", lambda one: one.method == "POST" and sent.append(one.url))
    page.get_by_label("To", exact=True).fill("me@work.example")
    button = page.get_by_role("button", name="Send the test")
    button.evaluate(NOTE_THAT_IT_WAITS)

    button.dblclick()

    expect(page.get_by_role("status")).to_contain_text("The test is in the queue")
    assert page.evaluate("sessionStorage.getItem('waited')") == "true"
    assert [url.rpartition("/admin/")[2] for url in sent] == ["mail/letters/test/test"]


@pytest.mark.row("S344")
def test_a_letter_is_shown_as_it_looks_in_a_frame_that_can_do_nothing(visit_desk):
    page = visit_desk("/admin/mail/letters/test")

    letter = page.frame_locator("iframe.mail-frame")
    link = letter.get_by_role("link", name="https://www.python.org/")
    expect(link).to_be_visible()
    look = link.evaluate("link => getComputedStyle(link).backgroundColor")
    assert look == "rgb(48, 105, 152)"
    assert page.locator("iframe.mail-frame").get_attribute("sandbox") == ""


@pytest.mark.row("S268")
def test_by_keyboard_alone_somebody_is_found_and_given_a_role(visit_desk):
    page = visit_desk("/admin/")
    keys = page.keyboard

    page.get_by_role("link", name="Accounts", exact=True).focus()
    keys.press("Enter")
    page.get_by_label("Name or address").focus()
    keys.type("member7")
    keys.press("Enter")
    page.get_by_role("link", name="member7", exact=True).focus()
    keys.press("Enter")
    page.get_by_label("Another role").focus()
    keys.type("Stories")
    keys.press("Tab")
    keys.press("Enter")

    expect(page.get_by_role("status")).to_have_text("The role stories team is given.")
    expect(page.get_by_text("Stories team").first).to_be_visible()


@pytest.mark.row("S268")
def test_on_a_wide_screen_the_menu_is_open_and_the_tab_key_goes_through_it(visit_desk):
    page = visit_desk("/admin/", viewport={"width": 1440, "height": 900})
    menu = page.get_by_role("navigation", name="Staff desk")

    expect(menu.get_by_role("link", name="Accounts")).to_be_visible()
    menu.get_by_role("link", name="Overview").focus()
    page.keyboard.press("Tab")

    expect(menu.get_by_role("link", name="Handed in")).to_be_focused()


@pytest.mark.row("S268")
def test_on_a_phone_the_menu_opens_by_keyboard_and_leads_on(visit_desk):
    page = visit_desk("/admin/", **PHONE)
    menu = page.get_by_role("navigation", name="Staff desk")
    expect(menu).to_be_hidden()

    page.get_by_text("Staff desk: Overview").focus()
    page.keyboard.press("Enter")
    menu.get_by_role("link", name="Audit log").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Audit log")


@pytest.mark.row("S327")
def test_without_javascript_an_account_is_shut_out_after_being_asked_once(desk, visit):
    address, cookie = desk
    page = visit(f"{address}/admin/", java_script_enabled=False, **PHONE)
    page.context.add_cookies([cookie])
    page.goto(f"{address}/admin/users/9")

    page.get_by_role("link", name="Disable the account").click()
    page.get_by_role("button", name="Disable").click()

    expect(page.get_by_role("status")).to_have_text("The account is disabled.")
    expect(page.get_by_role("link", name="Enable the account")).to_be_visible()


@pytest.mark.row("S418", "S421", "S437")
def test_going_back_from_a_question_sends_nothing(visit_desk):
    page = visit_desk("/admin/users/12/disable")
    sent = []
    page.on("request", lambda one: sent.append(one.method) if one.method != "GET" else None)

    page.get_by_role("link", name="No, go back").click()

    expect(page.get_by_role("link", name="Disable the account")).to_be_visible()
    assert sent == []


@pytest.mark.row("S266")
def test_who_is_not_signed_in_is_led_to_it_and_back(desk, visit):
    address, _ = desk

    page = visit(f"{address}/admin/users?q=ada")

    assert page.url == f"{address}/account/sign-in?then=/admin/users%3Fq%3Dada"


@pytest.mark.row("S445")
def test_the_button_of_a_filter_stands_beside_its_fields(visit_desk):
    page = visit_desk("/admin/failures", viewport={"width": 1280, "height": 800})

    field = page.get_by_label("From").bounding_box()
    button = page.get_by_role("button", name="Show").bounding_box()

    assert button["y"] < field["y"] + field["height"]

"""The form of an event in a browser, filled in by keyboard alone, on either database.

Once on a phone without JavaScript, once on a wide screen with it.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
from playwright.sync_api import expect
from sqlalchemy import create_engine, select

from sidecar.clock import now
from sidecar.schema import sync_url
from sidecar.tables.cases import Submission
from tests.browser import test_account_journey
from tests.browser.conftest import wait_for
from tests.browser.measures import MEASURES, NOTHING_CUT, measured
from tests.browser.test_desk import PHONE, SERVER
from tests.conftest import ROOT, free_port
from tests.sidecar.conftest import emptied, postgres  # noqa: F401 (a fixture)

YEAR = now().year + 1
open_browser = test_account_journey.open_browser
WAYS = [
    pytest.param({**PHONE, "java_script_enabled": False}, False, id="phone without JavaScript"),
    pytest.param({"viewport": {"width": 1280, "height": 800}}, True, id="wide"),
]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def form(request, guide_folder, tmp_path_factory):
    """The address of the form, and the database behind it."""
    root = tmp_path_factory.mktemp("events")
    database = f"sqlite:///{root}/data/events.sqlite"
    if request.param == "postgresql":
        database = emptied(request.getfixturevalue("postgres"))
    port = free_port()
    code = SERVER.replace('("/admin/", "/account/")', '("/submit/",)')
    process = subprocess.Popen(
        [sys.executable, "-uc", code, str(root), str(guide_folder), str(port)],
        stdout=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ, "DATABASE_URL": database},
    )  # fmt: skip
    engine = create_engine(sync_url(database))
    try:
        wait_for(f"http://localhost:{port}/submit/event")
        yield f"http://localhost:{port}/submit/event", engine
    finally:
        engine.dispose()
        process.terminate()
        process.communicate()


def type_into(page, label: str, text: str) -> None:
    """Go to a field and type, as who has no mouse."""
    page.get_by_label(label).first.focus()
    page.keyboard.type(text)


def press(page, button: str) -> None:
    page.get_by_role("button", name=button).last.focus()
    page.keyboard.press("Enter")


@pytest.mark.parametrize(("way", "has_script"), WAYS)
def test_an_event_is_typed_mended_looked_at_and_handed_in_by_keyboard(
    form, open_browser, way, has_script
):
    address, engine = form
    title = f"Meetup of {'all' if has_script else 'some'}"
    page = open_browser(**way, locale="en-US")
    page.goto(address)

    page.get_by_label("Title").focus()
    page.keyboard.type(title)
    page.keyboard.press("Tab")
    page.keyboard.type("Meetup")
    page.keyboard.press("Tab")
    page.keyboard.type("user-groups")
    page.keyboard.press("Tab")
    page.keyboard.type("We talk about **Python**.")
    type_into(page, "Day", f"0514{YEAR}")
    left_out = page.get_by_label("Dates it does not take place")
    expect(left_out).to_be_visible(visible=not has_script)
    type_into(page, "Repeats", "Every week")
    expect(left_out).to_be_visible()
    type_into(page, "Dates it does not take place", f"{YEAR}-05-28")
    if has_script:
        expect(page.locator(".next-dates li")).to_have_count(6)
        expect(page.locator(".next-dates li").first).to_have_text(f"14 May {YEAR}")
        expect(page.locator(".next-dates li").nth(2)).to_have_text(f"4 June {YEAR}")
    type_into(page, "Website", "a" * 80)
    type_into(page, "Your e-mail address", "ada@ada.example")
    page.keyboard.press("Enter")

    expect(page.get_by_role("alert").first).to_contain_text("City: say where it is")
    expect(page.get_by_role("alert").first).to_be_focused()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_label("Website").fill("")
    expect(page.locator("#city-error")).to_contain_text("Say where it is")
    expect(page.locator(".next-dates li")).to_have_count(6)
    page.get_by_role("alert").first.get_by_role("link").first.focus()
    page.keyboard.press("Enter")
    if has_script:
        expect(page.get_by_label("City")).to_be_focused()
    type_into(page, "City", "Testville")
    with page.context.expect_page() as opened:
        press(page, "See how it will look")
    look = opened.value
    expect(look.get_by_role("heading", level=1)).to_have_text(title)
    expect(look.get_by_text("Python", exact=True).first).to_be_visible()
    expect(look.get_by_text(f"21 May {YEAR}").first).to_be_attached()
    look.close()
    page.bring_to_front()

    expect(page.get_by_label("Title")).to_have_value(title)
    press(page, "Hand it in")

    expect(page.get_by_role("heading", level=1)).to_have_text("One step is left")
    with engine.connect() as connection:
        asked = select(Submission.public_id, Submission.state).where(Submission.title == title)
        ((reference, state),) = connection.execute(asked).all()
    expect(page.get_by_text(reference)).to_be_visible()
    assert state == "unconfirmed"


def test_whoever_leaves_a_form_and_comes_back_finds_what_was_typed(form, open_browser):
    address, _ = form
    page = open_browser(viewport={"width": 1280, "height": 800})
    typed = {
        "Title": "Meetup", "Tell of it": "We talk.", "Day": f"{YEAR}-05-14", "City": "Testville",
        "Website": "https://ada.example", "Your e-mail address": "ada@ada.example",
    }  # fmt: skip

    kept = page.goto(address).headers["cache-control"]
    for label, text in typed.items():
        page.get_by_label(label).first.fill(text)
    page.goto(address.replace("event", "job"))
    page.go_back()

    found = {label: page.get_by_label(label).first.input_value() for label in typed}
    assert found == typed
    assert kept == "private, no-cache"  # Firefox gives nothing back of a page with no-store


def test_whoever_sends_a_form_without_a_network_and_goes_back_finds_what_was_typed(
    form, open_browser
):
    address, _ = form
    page = open_browser(**PHONE)
    page.goto(address)
    page.get_by_label("Title").fill("Meetup of Testville")

    page.context.set_offline(True)
    press(page, "Hand it in")
    expect(page).to_have_url(re.compile("^chrome-error:"))
    page.context.set_offline(False)
    page.go_back()

    expect(page).to_have_url(address)
    expect(page.get_by_label("Title")).to_have_value("Meetup of Testville")


def test_on_a_phone_all_of_the_form_can_be_read_in_both_themes_also_with_its_errors(
    form, open_browser
):
    address, _ = form
    page = open_browser(viewport={"width": 360, "height": 740})
    page.goto(address)
    page.get_by_text("Fill this in from a calendar").click()
    page.get_by_label("Repeats", exact=True).select_option("weekly")
    page.get_by_label("Dates it does not take place").fill("the third of May, where we rest")
    seen = {}

    for step, wrong in (("empty", "calendar_address"), ("with errors", "title")):
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            page.evaluate(MEASURES)
            seen[step, theme] = measured(page, *NOTHING_CUT, "small", "pale")
        press(page, "Fill it in" if step == "empty" else "Hand it in")
        expect(page.locator(f"#{wrong}-error")).to_be_visible()

    cut = {key: found for key, found in seen.items()
             if found != NOTHING_CUT | {"small": [], "pale": []}}  # fmt: skip
    assert cut == {}

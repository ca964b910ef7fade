"""The style guide has one of everything, and everything in it works as it should."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.conftest import ROOT

STYLES = (ROOT / "static/css/components.css").read_text(encoding="utf-8")


@pytest.mark.row("S159", "S160")
@pytest.mark.parametrize("thing", ["button", "card", "badge"])
def test_every_variant_is_shown(visit, guide, thing):
    page = visit(guide)
    variants = set(re.findall(rf"\.({thing}(?:-[a-z]+)*)\b", STYLES))

    shown = {
        name for name in variants if page.locator(f"main .{name}").filter(visible=True).count()
    }

    assert variants >= {thing}
    assert variants - shown == set()


def test_it_opens_at_its_top(visit, guide):
    assert visit(guide).evaluate("document.activeElement === document.body && scrollY === 0")


@pytest.mark.row("S161")
def test_label_hint_and_error_of_a_field_are_told_with_it(visit, guide):
    page = visit(guide)
    form = page.locator(".form")

    for field in form.locator("input, select, textarea").all():
        expect(field).to_have_accessible_name(re.compile("."))
    expect(form.get_by_label("Title")).to_have_accessible_description(
        "As people would search for it."
    )
    place = form.get_by_label("Place")
    expect(place).to_have_accessible_description(
        re.compile("Say where the job is, or that it is remote.")
    )
    expect(place).to_have_attribute("aria-invalid", "true")
    expect(form.get_by_role("group", name="Pay")).to_have_accessible_description(
        "Listings that show it are read more."
    )


@pytest.mark.row("S161")
def test_an_error_in_the_summary_leads_to_its_field(visit, guide):
    page = visit(guide)

    page.get_by_role("alert").get_by_role("link", name="Say where the job is").click()

    expect(page.get_by_label("Place")).to_be_focused()


def test_a_choice_is_opened_by_keyboard_and_closes_the_others(visit, guide):
    page = visit(guide)
    panels = page.locator(".choice-panels > details")
    panels.filter(has_text="macOS").locator("summary").focus()

    page.keyboard.press("Enter")

    expect(page.get_by_text("What one does on macOS.")).to_be_visible()
    expect(page.get_by_text("What one does on Windows.")).to_be_hidden()


def test_a_box_with_a_long_label_is_as_large_on_a_phone_as_any_other(visit, guide):
    page = visit(guide, viewport={"width": 360, "height": 740})
    box = page.get_by_label("I have read the rules")
    size = box.bounding_box()

    page.locator("label[for=sample-agree]").evaluate(
        "one => { one.append(' and agree'.repeat(20)) }"
    )

    long = box.bounding_box()
    assert (long["width"], long["height"]) == (size["width"], size["height"])

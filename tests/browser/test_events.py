"""What the clock of the visitor shows beside the times of events."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

MEETING = "/events/python-user-group/1/"


def test_a_visitor_elsewhere_reads_what_the_own_clock_shows_then(visit):
    page = visit(MEETING, timezone_id="Asia/Tokyo")

    own = page.locator(".event-own").first
    expect(own).to_have_text("Your time: Fri 11 December at 04:00 – 06:00 (Asia/Tokyo)")
    assert "04:00\xa0– " in own.inner_text()


def test_a_visitor_whose_clock_shows_the_same_reads_nothing_more(visit):
    page = visit(MEETING, timezone_id="Europe/Lisbon")

    expect(page.locator("h1")).to_be_visible()
    expect(page.locator(".event-own")).to_have_count(0)


def test_without_a_script_the_time_and_its_clock_stand_there(visit):
    page = visit(MEETING, java_script_enabled=False)

    lead = page.locator(".lead")
    expect(lead).to_contain_text("10 December 2026, 19:00–21:00 Europe/Lisbon (UTC)")


@pytest.mark.parametrize("scripts", [True, False])
def test_on_a_phone_a_month_is_a_calendar_whose_days_lead_down_to_what_is_on(visit, scripts):
    options = {"viewport": {"width": 320, "height": 640}, "java_script_enabled": scripts}
    page = visit("/events/2027/02/", **options)
    days = page.locator(".month time a")
    boxes = [day.bounding_box() for day in days.all()]

    assert min(min(box["width"], box["height"]) for box in boxes) >= 24
    days.first.click()

    heading = page.locator(":target")
    expect(heading).to_be_in_viewport()
    expect(heading).to_contain_text(f"{days.first.inner_text()} February 2027")

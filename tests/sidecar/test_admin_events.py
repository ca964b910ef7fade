"""Events on the staff desk: the list of all, and each calendar with its events."""

from __future__ import annotations

import datetime
import re

import pytest
from sqlalchemy import select, update

from sidecar.clock import now
from sidecar.tables.cases import Submission
from sidecar.tables.work import Audit
from tests.sidecar.test_cases import only, published, work
from tests.sidecar.test_events import NEXT, handed_in, seen, site

assert site  # a fixture
URL = "/admin/events"
FILED = f"""
-- content/events/pycon-testland-{NEXT}.md --
---
title: PyCon Testland
calendar: python-events
venue: {{city: Testville, country: Testland}}
start: {NEXT}-06-01
updated: 2026-11-26
---
"""


def titles(page):
    """The events of the list, from top to bottom."""
    return re.findall(r'<th scope="row"[^>]*><a href="/admin/cases/\d+">([^<]+)</a>', page.text)


def two_events(service):
    """One handed in long ago, one now."""
    handed_in(service, title="Older", sender="zoe@a.example")
    long_ago = now() - datetime.timedelta(days=30)
    service.write(lambda tx: tx.execute(
        update(Submission).values(handed_in=long_ago, updated=long_ago)
    ))  # fmt: skip
    handed_in(service, title="Newer", sender="amy@a.example", calendar="python-events")


@pytest.mark.row("S422")
def test_the_newest_event_stands_first_unless_something_else_is_asked_for(service, site):
    two_events(service)
    team = service.signed_in(role="events team")

    assert titles(team.get(URL)) == ["Newer", "Older"]
    assert titles(team.get(f"{URL}?sort=added")) == ["Older", "Newer"]


@pytest.mark.row("S444")
def test_when_it_was_added_by_whom_when_modified_and_its_state_are_columns_to_sort_by(
    service, site
):
    two_events(service)
    team = service.signed_in(role="events team")

    page = team.get(URL)
    first = {sort: titles(team.get(f"{URL}?sort={sort}"))[0]
             for sort in ("added", "sender", "modified", "state", "title", "begins")}  # fmt: skip

    heads = seen(re.search(r"<thead.*?</thead>", page.text, re.DOTALL)[0])
    for head in ("Added", "Submitter", "Modified", "State"):
        assert head in heads
    assert "amy@a.example" in page.text
    assert first == first | {
        "added": "Older", "sender": "Newer", "modified": "Older", "title": "Newer",
    }  # fmt: skip


@pytest.mark.row("S420")
def test_each_calendar_leads_to_its_events_those_of_files_too(service, site):
    site.write(FILED)
    site.build(now())
    two_events(service)
    team = service.signed_in(role="events team")

    overview = team.get(f"{URL}/calendars").text
    links = re.findall(rf'href="({URL}/calendars/[\w-]+)"', overview)
    pages = {link.rpartition("/")[2]: team.get(link) for link in links}

    assert {slug: page.status_code for slug, page in pages.items()} == {
        "python-events": 200, "user-groups": 200,
    }  # fmt: skip
    assert titles(pages["user-groups"]) == ["Older"]
    assert titles(pages["python-events"]) == ["Newer"]
    assert "PyCon Testland" in pages["python-events"].text
    assert "PyCon Testland" not in pages["user-groups"].text
    assert "The site tells of no coming event" in pages["user-groups"].text


def test_what_is_approved_moves_into_the_calendar_of_the_site(service, site):
    handed_in(service)
    team = service.signed_in(role="events team")

    published(service, site, team)

    page = team.get(f"{URL}/calendars/user-groups").text
    assert f"/events/user-groups/{service.rows(select(Submission))[0].public_id}/" in page


def test_without_a_site_and_without_events_the_pages_say_so(service):
    team = service.signed_in(role="events team")

    assert "There is no calendar" in team.get(f"{URL}/calendars").text
    assert "No event was handed in yet" in team.get(URL).text
    assert team.get(f"{URL}/calendars/nowhere").status_code == 404


def test_other_teams_see_no_events(service):
    other = service.signed_in(role="jobs team")

    assert [other.get(path).status_code for path in (URL, f"{URL}/calendars")] == [403, 403]


@pytest.mark.row("S333")
@pytest.mark.parametrize("page", [URL, f"{URL}/calendars/user-groups"], ids=["list", "calendar"])
def test_from_the_list_and_from_a_calendar_an_event_is_featured_or_no_more_with_the_next_build(
    service, site, page
):
    handed_in(service)
    team = service.signed_in(role="events team")
    act = f"/admin/cases/{only(service).id}/feature"
    assert f'action="{act}"' not in team.get(page).text
    published(service, site, team)
    assert "event-featured" not in site.pages()["/events/"]

    answer = team.send(page, act)
    work(service)
    site.build(now())

    assert "with the next build" in team.get(answer.headers["location"]).text
    assert "event-featured" in site.pages()["/events/"]

    team.send(page, act)
    work(service)
    site.build(now())

    assert "event-featured" not in site.pages()["/events/"]
    actions = service.rows(select(Audit.action).order_by(Audit.id))
    assert actions[-2:] == ["event featured", "event featured no more"]

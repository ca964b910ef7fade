"""What a version says: in the words of its form, and beside the version that was decided about."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Literal, get_args, get_origin

import msgspec
import pytest
from litestar.datastructures import State

from sidecar.kinds import KINDS
from sidecar.kinds.base import NOT_KEPT
from sidecar.pages import Pages
from sidecar.previews import labels_of
from sidecar.sponsors import looks
from sidecar.sponsors.applications import Application
from tests.conftest import ROOT
from tests.sidecar import test_events, test_kinds
from tests.sidecar.tables import plain
from tests.sidecar.test_cases import GOOD, decide, handed_in, let_time_pass, only, published

TERMS = {
    "category": [{"slug": "web-development", "title": "Web development"}],
    "type": [{"slug": "full-time", "title": "Full time"}],
    "calendar": [{"slug": "python-user-groups", "title": "User groups of Python"}],
}
FORMS = {
    "job": {**GOOD, "category": "web-development", "pay_from": "10", "currency": "EUR",
            "remote": "on", "remote_from": "Europe", "company_url": "https://ada.example/"},
    "event": {**test_events.GOOD, "calendar": "python-user-groups", "categories": ["web-development"],
              "cfp_closes": f"{test_events.NEXT}-01-10", "cfp_url": "https://cfp.example/"},
    "story": {**test_kinds.STORY, "category": "web-development", "quote": "Bread.", "quote_by": "Bea",
              "company_url": "https://ada.example/"},
}  # fmt: skip
ROW = re.compile(r'<tr><th scope="row">([^<]*)</th>(.*?)</tr>')
CELL = re.compile(r"<td[^>]*>(.*?)</td>")
GONE = re.compile(r"<del>(.*?)</del>")


def rows(page, title):
    """The table below a heading: its rows by their titles."""
    below = plain(page).partition(f"<h2>{title}</h2>")[2].partition("</table>")[0]
    return {name: CELL.findall(cells) for name, cells in ROW.findall(below)}


@pytest.fixture
def terms(service):
    """The terms of a built site, for all kinds."""
    for kind in KINDS.values():
        path = Path(service.settings.site) / kind.terms
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(TERMS))


@pytest.fixture
def state(service):
    """The state of an application beside that site."""
    settings = service.settings
    pages = Pages(ROOT / "templates", Path(settings.site), settings.url)
    return State({"pages": pages, "settings": settings})


@pytest.mark.parametrize("name", sorted(KINDS))
def test_each_field_of_a_form_and_each_of_its_choices_has_words(state, terms, name):
    kind = KINDS[name]
    labels = labels_of(state, kind)

    fields = {f.name: f.type for f in msgspec.structs.fields(kind.form) if f.name not in NOT_KEPT}
    assert [name for name in fields if name not in labels.fields] == []
    words = {name: get_args(of) for name, of in fields.items() if get_origin(of) is Literal}
    assert [
        (name, word) for name, some in words.items() for word in some
        if word not in labels.choices[name]
    ] == []  # fmt: skip


def test_each_field_of_a_sponsors_application_has_words(state):
    labels = looks.labels_of(state)

    chosen = {"level", "addons"}  # told as they were offered
    fields = {f.name for f in msgspec.structs.fields(Application)} - NOT_KEPT - chosen
    assert sorted(fields - labels.fields.keys()) == []


@pytest.mark.parametrize("name", sorted(KINDS))
def test_neither_its_author_nor_the_desk_reads_the_name_of_a_field_or_the_slug_of_a_choice(
    service, terms, name
):
    author = test_kinds.confirmed(service, f"/submit/{name}", FORMS[name])
    desk = service.signed_in(role=f"{KINDS[name].content.name} team")

    for page in (author.get(author.page), desk.get(f"/admin/cases/{only(service).id}")):
        told = rows(page.text, "What it says")
        assert [title for title in told if "_" in title or not title[0].isupper()] == []
        values = [cell for cells in told.values() for cell in cells]
        slugs = {one["slug"] for some in TERMS.values() for one in some} | {"weekday", "year"}
        assert slugs.isdisjoint(values)
        assert "Web development" in values


def test_what_was_rejected_and_is_changed_stands_beside_what_was_decided_about(service):
    author, moderator = handed_in(service), service.signed_in(role="jobs team")
    decide(moderator, service, "reject", reason="Where is it?", at_once="on")
    author.send(f"{author.page}/change", **{**GOOD, "city": "Porto"})

    shown = moderator.get(f"/admin/cases/{only(service).id}").text

    assert rows(shown, "What is changed since the last decision") == {
        "City": ["<del>Lisbon</del>", "<ins>Porto</ins>"]
    }
    assert "Version 1 was decided last, on " in shown
    assert ": rejected. Its author was told: “Where is it?”</p>" in shown
    assert rows(shown, "What it says")["Company or group"] == ["Ada &amp; Sons"]
    told = " ".join(re.sub(r"<[^>]+>", "", author.get(author.page).text).split())
    assert "changed (version 2)" in told
    assert "rejected: Where is it? (version 1)" in told


def test_a_change_that_was_refused_stands_beside_that_and_beside_the_site(service, site):
    author, moderator = handed_in(service), service.signed_in(role="jobs team")
    published(service, site, moderator)
    author.send(f"{author.page}/change", **{**GOOD, "city": "Porto"})
    decide(moderator, service, "refuse", reason="Which one?", at_once="on")
    let_time_pass(service)
    author.send(f"{author.page}/change", **{**GOOD, "city": "Porto", "country": "Brazil"})

    shown = moderator.get(f"/admin/cases/{only(service).id}").text

    since = rows(shown, "What is changed since the last decision")
    assert since == {"Country": ["<del>Portugal</del>", "<ins>Brazil</ins>"]}
    site_too = rows(shown, "What is changed")
    assert {name: GONE.findall(old) for name, (old, _) in site_too.items()} == {
        "City": ["Lisbon"], "Country": ["Portugal"],
    }  # fmt: skip


def test_of_what_was_approved_or_is_not_changed_since_nothing_stands_beside_it(service, site):
    author, moderator = handed_in(service), service.signed_in(role="jobs team")
    page = f"/admin/cases/{only(service).id}"

    decide(moderator, service, "reject", reason="No.", at_once="on")
    rejected = moderator.get(page).text
    author.send(f"{author.page}/change", **{**GOOD, "city": "Porto"})
    decide(moderator, service, "approve", at_once="on")
    approved = moderator.get(page).text

    for shown in (rejected, approved):
        assert "since the last decision" not in shown
        assert "Company or group" in rows(shown, "What it says")


def test_a_job_that_is_filled_is_told_as_that(service, site):
    author, moderator = handed_in(service), service.signed_in(role="jobs team")
    published(service, site, moderator)
    author.send(author.page, f"{author.page}/settle")

    for page in (author.get(author.page), moderator.get(f"/admin/cases/{only(service).id}")):
        told = page.text.partition("What happened")[2]
        assert "said to be filled" in told
        assert "settled" not in told

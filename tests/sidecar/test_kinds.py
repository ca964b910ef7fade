"""Each kind that can be handed in, and that a new one is a struct, a row and a template."""

from __future__ import annotations

import re
import shutil

import jinja2
import pytest
from sqlalchemy import select

from pydotorg_build.content.stories import STORIES, Story
from sidecar.clock import now
from sidecar.kinds import KINDS
from sidecar.kinds.base import Handed, Kind, Needed, Text
from sidecar.kinds.stories import shown_story
from sidecar.permissions import Permission
from sidecar.tables.cases import Submission
from tests.conftest import BUILD_TOML, HOME, ROOT, Project
from tests.sidecar.test_cases import (
    link_in,
    mails,
    only,
    published,
    work,
)

STORY = {
    "title": "Python bakes bread", "description": "An oven is run by Python.", "author": "Ada",
    "category": "engineering", "company": "Ada & Sons", "text": "The oven is **hot**.",
    "sender": "ada@ada.example",
}  # fmt: skip
CATEGORIES = """
-- content/story_categories.yaml --
- {slug: engineering, title: Engineering}
"""


@pytest.fixture
def site(service, tmp_path):
    """The project of the site beside the sidecar, with success stories."""
    project = Project(tmp_path)
    for folder in ("templates", "static"):
        shutil.copytree(ROOT / folder, project.root / folder)
    nouns = '"pages", "home", "around", "story_categories", "stories"'
    settings = BUILD_TOML.replace('"pages"', nouns)
    project.write(f"-- build.toml --{settings}{HOME}{CATEGORIES}")
    return project


def confirmed(service, form, typed):
    """Hand something in and press the button of the mail; the browser of its author."""
    author = service.browser()
    author.send(form, **typed)
    link = link_in(mails(service)[-1])
    author.page = author.send(link, link.partition("?")[0]).headers["location"]
    return author


def test_a_success_story_goes_from_the_form_to_the_site(service, site):
    author = confirmed(service, "/submit/story", STORY)
    editor = service.signed_in(role="stories team")

    published(service, site, editor)

    address = f"/success-stories/{only(service).public_id}/"
    page = site.pages()[address]
    assert "The oven is <strong>hot</strong>." in page
    assert "ada@ada.example" not in page
    assert mails(service)[-1].template == "case-live"
    assert f"http://test.example{address}" in mails(service)[-1].text
    assert f'href="{address}"' in author.get(author.page).text


def test_a_success_story_stays_until_it_is_taken_back(service, site):
    author = confirmed(service, "/submit/story", STORY)
    published(service, site, service.signed_in(role="stories team"))
    address = f"/success-stories/{only(service).public_id}/"

    shown = author.get(author.page)
    token = re.search(r'name="form_token" value="([^"]+)"', shown.text)[1]
    refused = author.post(f"{author.page}/renew", {"days": "60", "form_token": token})

    assert "Shown until" not in shown.text
    assert refused.status_code == 409
    assert "nothing is to renew" in refused.text
    author.send(author.page, f"{author.page}/withdraw")
    work(service)
    site.build(now())
    assert address not in site.pages()


def test_the_categories_of_the_form_are_those_of_the_site(service, site):
    assert '<select id="category"' not in service.get("/submit/story").text

    site.build(now())

    assert '<option value="engineering">Engineering</option>' in service.get("/submit/story").text


@pytest.mark.parametrize("field", sorted(set(STORY) - {"sender"}))
def test_each_needed_field_of_a_story_is_asked_for_beside_it(service, site, field):
    answer = service.send("/submit/story", **{**STORY, field: ""})

    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert service.rows(select(Submission)) == []


@pytest.mark.parametrize("name", sorted(KINDS))
def test_no_form_asks_for_more_than_nine_things(service, name):
    page = service.get(f"/submit/{name}").text

    assert page.count(" required") <= 9


def test_the_team_of_jobs_does_not_see_a_story(service, site):
    confirmed(service, "/submit/story", STORY)
    moderator = service.signed_in(role="jobs team")

    assert moderator.get(f"/admin/cases/{only(service).id}").status_code == 404
    assert "Python bakes bread" not in moderator.get("/admin/cases").text


class ReviewForm(Handed, frozen=True, kw_only=True):
    """A new kind, as it is asked for."""

    title: Needed
    description: Needed
    category: Needed
    text: Text


TEMPLATE = """{# meta: Meta, form: Form[ReviewForm], form_token: str, kind: Kind, terms: Terms #}
{% extends "sidecar/submit/form.html" %}
{% import "sidecar/forms.html" as forms %}
{% block fields %}
{{ forms.input(form, "title", "Book") }}
{{ forms.input(form, "description", "In one sentence") }}
{{ forms.input(form, "category", "Category") }}
{{ forms.area(form, "text", "Your review") }}
{% endblock %}
"""
REVIEW = {
    "title": "A book", "description": "Good.", "category": "engineering", "text": "Read *it*.",
    "sender": "ada@ada.example",
}  # fmt: skip


def test_a_new_kind_is_a_struct_a_row_and_a_template(service, site, monkeypatch):
    kind = Kind(
        "review", ReviewForm, STORIES, Permission.STORIES_MODERATE, "review", "Which book?",
        "sidecar/submit/review.html", "stories/story.html", shown_story,
        "success-stories/terms.json", "/success-stories/",
    )  # fmt: skip
    monkeypatch.setitem(KINDS, "review", kind)
    templates = service.app.inner.state.pages._environment
    added = jinja2.DictLoader({"sidecar/submit/review.html": TEMPLATE})
    monkeypatch.setattr(templates, "loader", jinja2.ChoiceLoader([added, templates.loader]))

    assert "Which book?" in service.get("/submit/review").text
    confirmed(service, "/submit/review", REVIEW)
    published(service, site, service.signed_in(role="stories team"))

    page = site.pages()[f"/success-stories/{only(service).public_id}/"]
    assert "Read <em>it</em>." in page
    assert mails(service)[-1].template == "case-live"
    assert issubclass(kind.content.entry, Story)

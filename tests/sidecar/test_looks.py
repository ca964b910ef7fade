"""How a submission will look beside its own page, before it is handed in, and what is looked at in it."""

from __future__ import annotations

import re
import shutil
from html import unescape

import pytest
from sqlalchemy import select

from sidecar.clock import now
from sidecar.kinds import KINDS
from sidecar.tables.cases import Submission
from tests.conftest import BUILD_TOML, HOME, ROOT, Project
from tests.sidecar import conftest, test_cases, test_events, test_kinds
from tests.sidecar.test_cases import only, published

GOOD = {"job": test_cases.GOOD, "story": test_kinds.STORY, "event": test_events.GOOD}
LISTS = {
    "job": ("/jobs/", "/jobs/feed.rss"),
    "story": ("/success-stories/category/engineering/", "/success-stories/feed.rss"),
    "event": ("/events/", "/events/feed.rss"),
}
CARD = re.compile(r'<h2 id="elsewhere">.*?(<li .*?</li>)\s*</ul>\s*<h3>In the feed', re.DOTALL)
ITEM = re.compile(r"<dt>Title</dt>\s*<dd>(.*?)</dd>")
SUMMARY = re.compile(r"<dt>Summary</dt>\s*<dd>(.*?)</dd>")
POSTER = re.compile(r'src="(/submit/poster\?[^"]+)"')
LEVEL = re.compile(r"(</?)h[234]\b")


@pytest.fixture
def site(service, tmp_path):
    """The project of the site beside the sidecar, with all that is handed in; built once."""
    project = Project(tmp_path)
    for folder in ("templates", "static"):
        shutil.copytree(ROOT / folder, project.root / folder)
    nouns = (
        '"pages", "home", "around", "job_terms", "jobs", "story_categories", "stories", '
        '"calendars", "event_categories", "events"'
    )
    settings = BUILD_TOML.replace('"pages"', nouns)
    terms = f"{conftest.TERMS}{test_kinds.CATEGORIES}{test_events.TERMS}"
    project.write(f"-- build.toml --{settings}{HOME}{terms}")
    project.build(now())
    return project


def looked_at(service, kind, **typed):
    """The page that the button of the form opens."""
    shown = service.get(f"/submit/{kind}")
    token = re.search(r'name="form_token" value="([^"]+)"', shown.text)[1]
    given = {**GOOD[kind], **typed, "form_token": token}
    answer = service.post(f"/submit/{kind}/preview", given)
    assert answer.status_code == 200
    return answer.text


def told(html):
    """What was found by itself, as the page says it."""
    found = re.search(r'<ul class="plain-list">(.*?)</ul>', html, re.DOTALL)[1]
    return [
        " ".join(unescape(re.sub("<[^>]+>", "", one)).split()) for one in found.split("<li>")[1:]
    ]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_card_feed_item_and_poster_are_those_that_the_site_then_has(service, site, kind):
    look = looked_at(service, kind)
    drawn = service.get(unescape(POSTER.search(look)[1]))
    test_kinds.confirmed(service, f"/submit/{kind}", GOOD[kind])
    published(service, site, service.signed_in(role="superuser"))
    address = KINDS[kind].address(only(service).public_id, GOOD[kind])
    pages, (list_of, feed) = site.pages(), LISTS[kind]

    card = CARD.search(look)[1].replace('href="#"', f'href="{address}"')
    assert LEVEL.sub(r"\1h", card) in LEVEL.sub(r"\1h", pages[list_of])
    assert f"<title>{ITEM.search(look)[1]}</title>" in pages[feed]
    assert SUMMARY.search(look)[1] in pages[feed]
    picture = re.search(r'property="og:image" content="[^"]*?(/assets/og/[^"]+)"', pages[address])
    assert drawn.headers["content-type"] == "image/jpeg"
    assert drawn.content == (site.output / picture[1].strip("/")).read_bytes()


def test_its_sender_is_told_beforehand_what_those_who_decide_are_told(service, site):
    look = looked_at(service, "job", title="WRITE BREAD TODAY", text="All day.")

    assert told(look) == [
        "! Look: Python is not mentioned anywhere",
        "! Look: The pay is not said",
        "! Look: The title is written in capitals",
    ]
    assert service.rows(select(Submission)) == []


def test_beforehand_nobody_is_told_of_what_others_handed_in_until_it_is_on_the_site(service, site):
    test_kinds.confirmed(service, "/submit/job", GOOD["job"])
    waits = told(looked_at(service, "job"))
    published(service, site, service.signed_in(role="jobs team"))

    shown = told(looked_at(service, "job"))

    twin = f"! Look: The site shows another of this title: {only(service).public_id}"
    assert waits == ["✓ Good: Python is mentioned", "! Look: The pay is not said"]
    assert shown == [*waits, twin]


@pytest.mark.parametrize("part", ["title", "key"])
def test_only_what_we_show_is_drawn(service, site, part):
    address = unescape(POSTER.search(looked_at(service, "job"))[1])

    changed = re.sub(rf"\b{part}=[^&]+", f"{part}=Pills", address)

    assert service.get(changed).status_code == 404

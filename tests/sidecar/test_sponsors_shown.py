"""Sponsors on the site: from the day on which staff release them to their last one."""

from __future__ import annotations

import datetime
import io
import json
import re
import shutil

import pytest
from PIL import Image
from sqlalchemy import select, update

from sidecar.clock import now
from sidecar.tables.sponsors import Sponsorship
from sidecar.worker import Worker
from tests.conftest import BUILD_TOML, HOME, ROOT, Project
from tests.sidecar.sponsoring import FORM, GOOD, applied, approve, desk, newest, offer, opened, take
from tests.sidecar.test_sponsors import token_of

LEVELS = """
-- content/sponsor_levels.yaml --
- {title: Visionary, slug: visionary, order: 0, amount: 150000, year: 2026}
- {title: Partner, slug: partner, order: 5, amount: 10000, year: 2026}
-- content/snippets/sponsors.md --
---
title: Lead
---
In short.
"""
SHEETS = "/admin/sponsors"


@pytest.fixture
def site(service, tmp_path):
    """The project of the site beside the sidecar, with sponsors."""
    project = Project(tmp_path)
    for folder in ("templates", "static"):
        shutil.copytree(ROOT / folder, project.root / folder)
    nouns = '"pages", "home", "around", "snippets", "sponsor_levels", "sponsors"'
    project.write(f"-- build.toml --{settings(nouns)}{HOME}{LEVELS}")
    return project


def settings(nouns):
    return BUILD_TOML.replace('"pages"', nouns)


def year():
    today = now().date()
    return {"start": str(today - datetime.timedelta(days=9)),
            "end": str(today + datetime.timedelta(days=300))}  # fmt: skip


def built(service, site, at=None):
    service.run(Worker(service.db, service.settings).drain())
    site.build(at or now())
    return site.pages()


def named(pages):
    return sorted(url for url, text in pages.items() if "Ada &amp; Sons" in text)


@pytest.mark.row("S110")
def test_a_sponsor_is_on_the_site_from_the_day_that_staff_release_it(service, site):
    applied(service)
    staff = desk(service)
    approve(staff, service, **year())
    before = built(service, site)

    take(staff, service, "release")

    after = built(service, site)
    assert named(before) == []
    assert "/psf/sponsors/" in named(after)
    assert "They bake." in after[next(url for url in named(after) if url[14:-1].isdigit())]
    (level,) = json.loads(after["/api/v3/sponsors.json"])["levels"]
    assert [one["name"] for one in level["sponsors"]] == ["Ada & Sons"]


@pytest.mark.parametrize("way", ["sheet", "form"])
def test_what_is_changed_of_a_sponsor_that_is_shown_follows_by_itself(service, site, way):
    sponsor = applied(service)
    staff = desk(service)
    approve(staff, service, **year())
    take(staff, service, "release")
    before = built(service, site)

    if way == "sheet":
        sheet = staff.get(f"{SHEETS}/export.csv").text
        changed = sheet.replace("https://ada.example/", "https://ovens.example/")
        staff.send(f"{SHEETS}/sheet", sheet=changed, take="yes")
    else:
        take(staff, service, "unlock")
        typed = {**GOOD, "addons": [], "website": "https://ovens.example/"}
        sponsor.send(f"{sponsor.page}/change", **typed)

    after = built(service, site)
    assert newest(service).payload["website"] == "https://ovens.example/"
    assert [url for url, text in before.items() if "https://ovens.example/" in text] == []
    (page,) = [url for url in named(after) if url[14:-1].isdigit()]
    assert "https://ovens.example/" in after[page]


def test_nothing_that_is_between_us_and_a_sponsor_is_in_the_snapshot(service, site, tmp_path):
    applied(service)
    staff = desk(service)
    approve(staff, service, **year())
    take(staff, service, "release")

    built(service, site)

    held = (tmp_path / "data/snapshot.sqlite").read_bytes()
    secret = ("ada@ada.example", "bo@ada.example", "+351 1", "Rua 1", "Soon, please.", "154000")
    assert [one for one in secret if one.encode() in held] == []


def test_it_is_gone_when_its_last_day_is_over(service, site):
    applied(service)
    staff = desk(service)
    approve(staff, service, **year())
    take(staff, service, "release")
    built(service, site)

    after = built(service, site, now() + datetime.timedelta(days=301))

    assert named(after) == []


def test_staff_take_it_from_the_site(service, site):
    applied(service)
    staff = desk(service)
    approve(staff, service, **year())
    take(staff, service, "release")
    built(service, site)

    take(staff, service, "hide")

    assert named(built(service, site)) == []


@pytest.mark.row("S110")
def test_its_logo_goes_with_it(service, site):
    offer(service)
    sponsor = service.browser()
    picture = io.BytesIO()
    Image.new("RGB", (300, 100), "navy").save(picture, "PNG")
    files = {"logo_file": ("logo.png", picture.getvalue(), "image/png")}
    sponsor.ask("POST", FORM, data={**token_of(sponsor.get(FORM)), **GOOD}, files=files)
    opened(service, sponsor)
    staff = desk(service)
    approve(staff, service, **year())
    take(staff, service, "release")

    page = built(service, site)["/psf/sponsors/"]

    assert re.findall(r'<img [^>]*alt="([^"]*)"', page) == ["Ada &amp; Sons"]
    assert newest(service).logo


def test_one_without_a_level_is_shown_nowhere(service, site):
    applied(service, level="", addons=["index"])
    staff = desk(service)
    approve(staff, service)
    service.write(lambda tx: tx.execute(update(Sponsorship).values(level="")))

    answer = take(staff, service, "release")

    assert answer.status_code == 409
    assert "this one has none" in answer.text


MAIN = re.compile(r"<h1>.*?</header>.*?</div>", re.DOTALL)


def looked_at(service, **typed):
    """Press the button that shows how an application will look."""
    browser = service.browser()
    token = token_of(browser.get(FORM))
    return browser.post(f"{FORM}/preview", {**token, **GOOD, **typed})


def test_what_a_sponsor_sees_beforehand_is_the_page_that_the_site_shows(service, site):
    applied(service)
    staff = desk(service)

    before = looked_at(service).text
    desk_page = f"/admin/sponsors/{newest(service).id}"
    assert f'src="{desk_page}/page"' in staff.get(desk_page).text
    framed = staff.get(f"{desk_page}/page")
    assert framed.headers["x-frame-options"] == "SAMEORIGIN"
    at_the_desk = framed.text
    approve(staff, service, **year())
    take(staff, service, "release")
    pages = built(service, site)

    (address,) = (one for one in pages if re.fullmatch(r"/psf/sponsors/\d+/", one))
    page = MAIN.search(pages[address])[0]
    assert "They bake." in page
    since = re.compile(r"since <time.*?</time>")  # nobody knows the first day before it is agreed
    for shown in (before, at_the_desk):
        assert since.sub("", MAIN.search(shown)[0]) == since.sub("", page)
    assert '<a href="#">Ada &amp; Sons</a>' in before.partition('id="elsewhere"')[2]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"level": ""}, "Level: the site shows sponsors by it. Choose one to see that."),
        ({"company": ""}, "Company or organisation: fill this in"),
        ({"description": "[We](javascript:alert)"}, "What it does: line 1: addresses with"),
    ],
)
def test_what_has_no_page_yet_says_why_and_nothing_is_lost(service, typed, told):
    offer(service)

    answer = looked_at(service, **typed)

    assert answer.status_code == 422
    assert told in answer.text
    assert "Soon, please." in answer.text


def test_a_look_at_it_hands_nothing_in(service):
    offer(service)

    looked_at(service)

    assert service.rows(select(Sponsorship)) == []

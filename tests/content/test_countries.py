"""What countries are called, and that each has one list."""

from __future__ import annotations

import json
import re
from importlib.resources import files

import pytest

from pydotorg_build import front_matter
from pydotorg_build.content.lists import slug
from pydotorg_build.problems import Problems
from pydotorg_build.snapshot import Row
from tests.conftest import ROOT

NOUNS = ("countries", "calendars", "events", "user_groups", "job_terms", "jobs")
SITE = """
-- content/countries.yaml --
- {title: Czechia, code: CZ, also: [Czech Republic, Česko]}
- {title: Germany, code: DE}
- {title: United Kingdom, code: GB, also: [UK]}
-- content/calendars.yaml --
- {title: Groups, slug: groups}
-- content/job_terms.yaml --
- {title: Web, slug: web, of: category}
-- content/user_groups/europe.yaml --
- {title: Brno, area: europe, country: Czechia, website: "https://brno.example/"}
-- content/events/2024.yaml --
- title: Berlin users
  calendar: groups
  kind: meetup
  venue: {city: Berlin, country: Germany}
  start: 2024-05-01
"""
HANDED_IN = {
    "title": "Praha users", "calendar": "groups", "kind": "meetup", "updated": "2026-11-01",
    "venue": {"city": "Praha", "country": "Czech Republic"}, "start": "2026-12-01",
}  # fmt: skip

JOB = {
    "title": "Baker", "company": "Snake Ltd", "country": "United Kingdom", "remote": True,
    "remote_from": "Europe", "category": "web", "date": "2026-11-01",
    "ends": "2027-11-30T23:59:59+00:00", "apply_url": "https://a.example/", "body": "Baking.\n",
}  # fmt: skip


def test_another_name_of_a_country_leads_to_its_list(built):
    lines = built(SITE, nouns=NOUNS)["/_redirects"]

    assert re.findall(r"(\S+) /community/user-groups/czechia/ 301", lines) == [
        "/community/user-groups/cesko/", "/community/user-groups/czech-republic/",
    ]  # fmt: skip
    assert "/events/country/czech-republic/" not in lines  # nothing is there


def handed_in(key, country, title):
    venue = {"city": "Somewhere", "country": country}
    return Row("events", key, {**HANDED_IN, "title": title, "venue": venue})


def test_what_was_handed_in_by_another_name_stands_in_the_countrys_list(built):
    rows = [handed_in("1", "czech republic", "Praha"), handed_in("2", "Czechia", "Brno"),
            handed_in("3", "UK", "London"), handed_in("4", "germany", "Bonn"),
            handed_in("5", "Oz", "Wizards")]  # fmt: skip

    pages = built(SITE, *rows, nouns=NOUNS)

    lists = re.findall(r'<li><a href="(/events/country/[^"]+)">([^<]*)</a> <small>([^<]*)',
                       pages["/events/country/"])  # fmt: skip
    assert lists == [
        ("/events/country/czechia/", "Czechia", "2 coming, 2 in all"),
        ("/events/country/germany/", "Germany", "1 coming, 2 in all"),
        ("/events/country/oz/", "Oz", "1 coming, 1 in all"),
        ("/events/country/united-kingdom/", "United Kingdom", "1 coming, 1 in all"),
    ]
    titles = {url: re.findall(r"event-line.*\n<h3><a[^>]*>([^<]*)", pages[url])
              for url, _, _ in lists}  # fmt: skip
    assert titles == {
        "/events/country/czechia/": ["Brno", "Praha"],
        "/events/country/germany/": ["Bonn", "Berlin users"],
        "/events/country/oz/": ["Wizards"],
        "/events/country/united-kingdom/": ["London"],
    }
    assert ">Python events in Germany</h1>" in pages["/events/country/germany/"]
    assert (
        '<a href="/events/country/united-kingdom/">United Kingdom</a>'
        in (pages["/events/groups/3/"])
    )
    assert "/events/country/uk/ /events/country/united-kingdom/ 301" in pages["/_redirects"]
    found = {one["title"]: one["country_slug"] for one in
             json.loads(pages["/events/open.json"])["events"]}  # fmt: skip
    assert found == {"Praha": "czechia", "Brno": "czechia", "London": "united-kingdom",
                     "Bonn": "germany", "Wizards": "oz"}  # fmt: skip


def test_groups_that_were_handed_in_by_another_name_stand_in_the_countrys_list(built):
    def group(key, country, title):
        data = {"title": title, "area": "europe", "country": country}
        return Row("user_groups", key, {**data, "website": f"https://{key}.example/"})

    rows = [group("1", "CZECH REPUBLIC", "Praha"), group("2", "uk", "London")]

    pages = built(SITE, *rows, nouns=NOUNS)

    options = re.findall(r'<option value="([^"]*)"[^>]*>([^<]*)', pages["/community/user-groups/"])
    assert options == [
        ("", "All places"), ("europe", "Europe (3)"), ("czechia", "Czechia (2)"),
        ("united-kingdom", "United Kingdom (1)"),
    ]  # fmt: skip
    assert "Praha" in pages["/community/user-groups/czechia/"]
    assert "Brno" in pages["/community/user-groups/czechia/"]


@pytest.mark.parametrize(
    ("url", "title", "feed"),
    [
        ("/events/country/united-kingdom/", "Python events in the United Kingdom", "feed.rss"),
        ("/events/country/germany/", "Python events in Germany", "feed.rss"),
        ("/community/user-groups/united-kingdom/", "User groups in the United Kingdom", ""),
        ("/jobs/location/united-kingdom/", "Python jobs in the United Kingdom", "feed.rss"),
        ("/jobs/location/leeds-united-kingdom/", "Python jobs in Leeds, United Kingdom", ""),
    ],
)
def test_a_sentence_calls_a_country_by_its_article(built, url, title, feed):
    group = {"title": "Leeds", "area": "europe", "country": "UK", "website": "https://l.example/"}
    rows = [
        handed_in("1", "UK", "London"),
        handed_in("2", "Germany", "Bonn"),
        Row("user_groups", "1", group),
        *(Row("jobs", str(n), {**JOB, **of}) for n, of in enumerate(({}, {"city": "Leeds"}), 1)),
    ]

    pages = built(SITE.replace("code: GB", "code: GB, article: true"), *rows, nouns=NOUNS)

    assert f">{title}</h1>" in pages[url]
    assert f"<title>{title}" in pages[url + feed]
    description = 'name="description" content="Snake Ltd is looking for: Baker in {}.'
    assert description.format("the United Kingdom or remote (Europe)") in pages["/jobs/1/"]
    assert description.format("Leeds, United Kingdom or remote (Europe)") in pages["/jobs/2/"]


def test_a_countrys_first_event_by_its_own_name_takes_over_the_list(built, project):
    built(SITE, handed_in("1", "UK", "London"), nouns=NOUNS)
    project.take_snapshot(handed_in("1", "UK", "London"), handed_in("2", "United Kingdom", "Leeds"))
    project.build()

    page = project.pages()["/events/country/united-kingdom/"]

    assert re.findall(r"event-line.*\n<h3><a[^>]*>([^<]*)", page) == ["Leeds", "London"]


@pytest.mark.parametrize(
    ("also", "told"),
    [
        ("[Czech Republic]", "content/countries.yaml:2:37: `Czech Republic` is a name of Czechia"),
        ("[BRD, czechia]", "content/countries.yaml:2:42: `czechia` is a name of Czechia"),
    ],
)
def test_a_name_of_two_countries_is_told_where_it_stands(built, also, told):
    site = SITE.replace("code: DE", f"code: DE, also: {also}")

    with pytest.raises(Problems) as found:
        built(site, nouns=NOUNS)

    assert str(found.value) == f"{told} already\n  hint: take it out of one of them"


def test_the_forms_of_the_sidecar_offer_the_countries(built):
    pages = built(SITE, nouns=NOUNS)

    for url in ("/events/terms.json", "/jobs/terms.json"):
        terms = json.loads(pages[url])
        assert terms["country"][0] == {"slug": "czechia", "title": "Czechia"}
        assert terms["country_also"][0] == {
            "slug": "czech-republic", "name": "Czech Republic", "title": "Czechia",
        }  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("country: Germany", "country: Germny",
         "content/events/2024.yaml:4:25: there is no country `Germny`\n"
         "  hint: did you mean `Germany`?"),
        ("country: Czechia", "country: Czech Republic",
         "content/user_groups/europe.yaml:1:31: there is no country `Czech Republic`\n"
         "  hint: did you mean `Czechia`?"),
        ("country: Germany", "country: UK",
         "content/events/2024.yaml:4:25: there is no country `UK`\n"
         "  hint: did you mean `United Kingdom`?"),
        ("country: Germany", "country: Nowhere",
         "content/events/2024.yaml:4:25: there is no country `Nowhere`\n"
         "  hint: content/countries.yaml has all of them"),
    ],
)  # fmt: skip
def test_a_country_that_is_not_in_the_list_is_told_where_it_stands(built, old, new, told):
    with pytest.raises(Problems) as found:
        built(SITE.replace(old, new), nouns=NOUNS)

    assert str(found.value) == told


def test_a_job_of_editors_is_in_a_country_of_the_list(built):
    job = """
-- content/jobs/baker.md --
---
title: Baker
company: Owl
category: web
city: Brno
country: Cechia
email: owl@owl.example
date: 2026-11-01
ends: 2027-01-01
---
Bake.
"""

    with pytest.raises(Problems) as found:
        built(SITE + job, nouns=NOUNS)

    assert str(found.value) == (
        "content/jobs/baker.md:6:1: there is no country `Cechia`\n  hint: did you mean `Czechia`?"
    )


@pytest.fixture(scope="module")
def listed():
    """The countries of the site."""
    text = (ROOT / "content/countries.yaml").read_text(encoding="utf-8")
    return front_matter.read_yaml(text).data


def test_the_list_has_every_code_of_iso_3166_once_and_kosovo(listed):
    table = files("tzdata").joinpath("zoneinfo/iso3166.tab").read_text(encoding="utf-8")
    codes = [line[:2] for line in table.splitlines() if not line.startswith("#")]

    assert sorted(one["code"] for one in listed) == sorted([*codes, "XK"])


def test_no_two_countries_are_called_alike(listed):
    names = [slug(name) for one in listed for name in {slug(n): n for n in
             (one["title"], *one.get("also", ()))}]  # fmt: skip

    assert [name for name in names if names.count(name) > 1] == []

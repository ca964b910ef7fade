"""What countries are called, and that each has one list."""

from __future__ import annotations

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


def test_another_name_of_a_country_leads_to_its_list(built):
    lines = built(SITE, nouns=NOUNS)["/_redirects"]

    assert re.findall(r"(\S+) /community/user-groups/czechia/ 301", lines) == [
        "/community/user-groups/cesko/", "/community/user-groups/czech-republic/",
    ]  # fmt: skip
    assert "/events/country/czech-republic/" not in lines  # nothing is there


def test_what_was_handed_in_by_another_name_has_a_list_and_stops_nothing(built):
    pages = built(SITE, Row("events", "1", HANDED_IN), nouns=NOUNS)

    assert "Praha users" in pages["/events/country/czech-republic/"]


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

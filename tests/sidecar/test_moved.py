"""What is neither a file nor a route is answered as the `_redirects` of the built site say."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

RULES = """\
/old/ /about/ 301
/about/apps/gone/ /404.html 410
/events/find/ show=:show /events/by/:show/ 302
/events/find/ /events/ 302
/api/v2/things/ /api/v2/things.json 200
/account/elsewhere/ https://other.example/ 200
/getit/* /downloads/:splat 301
/api/* /api/404.json 404
"""


@pytest.fixture
def site(asked, settings):
    """Ask the application beside a built site."""
    folder = Path(settings.site)
    for name, text in {
        "_redirects": RULES, "404.html": "nothing here", "api/v2/things.json": "[]",
        "_headers": "/api/*\n  Content-Type: application/json\n  Access-Control-Allow-Origin: *\n",
    }.items():  # fmt: skip
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return asked


@pytest.mark.row("C07")
@pytest.mark.parametrize(
    ("path", "status", "location"),
    [
        ("/old/", 301, "/about/"),
        ("/old", 301, "/about/"),
        ("/old/?page=2", 301, "/about/?page=2"),
        ("/getit/windows/", 301, "/downloads/windows/"),
        ("/getit//evil.example/", 301, "/downloads//evil.example/"),
        ("/events/find/?show=country.canada", 302, "/events/by/country.canada/"),
        ("/events/find/", 302, "/events/"),
    ],
)
def test_an_old_address_leads_where_the_site_says(site, path, status, location):
    answer = site("GET", path)

    assert (answer.status_code, answer.headers["location"]) == (status, location)
    assert answer.headers["cache-control"].startswith("public, max-age=300,")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_an_old_interface_is_answered_by_its_file_with_the_headers_of_the_site(site):
    answer = site("GET", "/api/v2/things/")

    assert (answer.status_code, answer.text) == (200, "[]")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["access-control-allow-origin"] == "*"


def test_what_is_gone_for_good_says_so(site):
    answer = site("GET", "/about/apps/gone/")

    assert (answer.status_code, answer.text) == (410, "nothing here")


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/nothing/"), ("GET", "/api/v9/x"), ("POST", "/old/"), ("GET", "/account/elsewhere/")],
)
def test_where_no_rule_is_meant_there_is_nothing(site, method, path):
    answer = site(method, path)

    assert answer.status_code == 404
    assert "location" not in answer.headers


def test_a_route_wins_over_the_rules(site):
    assert site("GET", "/health").json() == {"status": "well"}


def test_the_rules_of_the_next_build_count_at_once(service):
    rules = Path(service.settings.site) / "_redirects"
    rules.parent.mkdir(parents=True, exist_ok=True)
    rules.write_text("/old/ /about/ 301\n")
    before = service.get("/old/").headers["location"]

    fresh = rules.with_suffix(".new")
    fresh.write_text("/old/ /news/ 301\n")
    os.replace(fresh, rules)

    assert (before, service.get("/old/").headers["location"]) == ("/about/", "/news/")

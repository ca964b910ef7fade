"""All cookies that a browser is given: their names, and what they are allowed."""

from __future__ import annotations

import re
from datetime import timedelta
from http.cookies import SimpleCookie

import msgspec
import pytest
from sqlalchemy import select

from sidecar.routes.submit_links import bearer_cookie
from sidecar.tables.cases import Submission
from sidecar.tables.work import Mail
from tests.conftest import ROOT
from tests.sidecar.conftest import PASSWORD, Service
from tests.sidecar.test_cases import FORM, GOOD
from tests.sidecar.test_factors import code
from tests.sidecar.test_sign_in import FACTOR, with_app

# How long each is kept; None: until the browser ends.
ALL = {
    "form": None,
    "notice": timedelta(minutes=1),
    "session": timedelta(days=90),
    "half-signed-in": timedelta(minutes=15),
    "journey": timedelta(minutes=10),
    "sent": timedelta(days=3),
    "case-ID": timedelta(days=1),
    "sponsor-ID": timedelta(days=1),
    "nominee-ID": timedelta(days=1),
}
LINK = re.compile(r"https://test\.example(/submit/\S+)")
MADE = re.compile(r"\bCookie\(|set_cookie\(")


@pytest.fixture
def secure(ready):
    """The application as the world sees it: by https, and with another's sign-in."""
    running = Service(
        msgspec.structs.replace(
            ready, url="https://test.example", github_id="our-id", github_secret="our-secret"
        )
    )
    yield running
    running.close()


def journey(service):
    """A browser goes wherever a cookie is given; the lines that give them."""
    lines = []

    async def note(answer):
        lines.extend(answer.headers.get_list("set-cookie"))

    browser = service.browser()
    browser.client.event_hooks["response"].append(note)
    with_app(service)
    browser.send("/account/sign-in", who="ada", password=PASSWORD)
    browser.send(FACTOR, code=code())
    browser.get("/account/with/github")
    browser.send(FORM, **GOOD)
    (mail,) = service.rows(select(Mail).where(Mail.template == "case-confirm"))
    link = LINK.search(mail.text)[1]
    browser.send(link, link.partition("?")[0])
    browser.get(f"/submit/job/{service.rows(select(Submission.public_id))[0]}")
    lines += [
        bearer_cookie(service.settings, what, "abc", "token").to_header(header="")
        for what in ("sponsor", "nominee")
    ]
    return lines


@pytest.mark.row("S043")
def test_each_cookie_is_of_this_host_alone_and_no_script_reads_it(secure):
    found = {}
    for line in journey(secure):
        ((name, cookie),) = SimpleCookie(line).items()

        assert name.startswith("__Host-")
        assert (cookie["path"], cookie["domain"]) == ("/", "")
        assert cookie["secure"]
        assert cookie["httponly"]
        assert cookie["samesite"] == "lax"
        if cookie.value:
            lasts = timedelta(seconds=int(cookie["max-age"])) if cookie["max-age"] else None
            known = re.sub(r"(case|sponsor|nominee)-\w+", r"\1-ID", name.removeprefix("__Host-"))
            found[known] = lasts

    assert found == ALL


def test_a_page_opened_by_a_link_is_open_beside_another(secure):
    browser = secure.browser()
    pages = []
    for title in ("One", "Two"):
        browser.send(FORM, **{**GOOD, "title": title})
        mail = secure.rows(select(Mail).where(Mail.template == "case-confirm").order_by(Mail.id))
        link = LINK.search(mail[-1].text)[1]
        pages.append(browser.send(link, link.partition("?")[0]).headers["location"])

    assert [browser.get(page).status_code for page in pages] == [200, 200]
    (other,) = {page.rpartition("/")[2] for page in pages[1:]}
    one = browser.client.cookies[f"__Host-case-{pages[0].rpartition('/')[2]}"]
    stranger = secure.browser()
    stranger.client.cookies.set(f"__Host-case-{other}", one)
    assert stranger.get(pages[1]).status_code == 404


def test_cookies_are_made_in_one_place():
    places = {
        path.name
        for path in (ROOT / "sidecar").rglob("*.py")
        if any(MADE.search(line) for line in path.read_text().splitlines() if "return" in line)
    }

    assert places == {"sessions.py"}

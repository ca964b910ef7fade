"""The first page of the desk: its numbers are those of the lists they lead to."""

from __future__ import annotations

import datetime
import re

import pytest

from sidecar.audit import note
from sidecar.clock import now
from sidecar.permissions import Actor
from sidecar.routes.admin import TILES
from sidecar.tables.cases import Submission, Submitter
from sidecar.tables.work import Failure
from tests.sidecar.tables import plain

TILE = re.compile(r'<strong>([\d,]+)</strong><a class="card-title" href="([^"]+)">([^<]+)<')
TOTAL = re.compile(r'<p class="list-count">\S+ of ([\d,]+)</p>')
LONG_AGO = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)


def tiles(page):
    return {title: (count, url.replace("&amp;", "&")) for count, url, title in TILE.findall(page)}


@pytest.mark.row("S265")
@pytest.mark.parametrize("is_full", [False, True])
def test_each_number_is_that_of_the_list_it_leads_to(service, is_full):
    root = service.signed_in(role="superuser")
    if is_full:
        for number in range(3):
            service.account(f"member{number}")
        service.account("old", created=LONG_AGO)

        async def fail(tx):
            ada = Submitter(email="a@a.example", email_key="a@a.example")
            tx.add(ada)
            await tx.flush()
            for number, state in enumerate(("pending", "changed", "published", "unconfirmed")):
                tx.add(Submission(kind="job", public_id=str(number), submitter_id=ada.id,
                                  state=state, digest="", handed_in=LONG_AGO if number else now()))  # fmt: skip
            tx.add(Failure(key="1", kind="ValueError", place="GET /", trace=""))
            tx.add(Failure(key="2", kind="ValueError", place="GET /", trace="", at=LONG_AGO))

        service.write(fail)

    found = tiles(root.get("/admin/").text)

    assert len(found) == len(TILES)
    for title, (count, url) in found.items():
        total = TOTAL.search(root.get(url).text)
        assert count == (total[1] if total else "0"), title


@pytest.mark.row("S265")
def test_what_was_done_lately_stands_there_the_newest_first(service):
    root = service.signed_in(role="superuser")

    async def act(tx):
        for number in range(12):
            await note(tx, Actor(user=root.user), f"act {number}", "flags/it")

    service.write(act)

    page = plain(root.get("/admin/").text)
    assert re.findall(r"<td>act (\d+)</td>", page) == [str(n) for n in range(11, 1, -1)]
    assert page.count("<td>superuser</td>") == 10


@pytest.mark.row("S265")
def test_a_number_is_shown_to_who_may_open_its_list(service):
    moderator = service.signed_in(role="jobs team")

    for _, url in tiles(moderator.get("/admin/").text).values():
        assert moderator.get(url).status_code == 200
    assert "New accounts" not in moderator.get("/admin/").text


@pytest.mark.row("S266", "S267")
@pytest.mark.parametrize(
    ("accept", "status", "words"),
    [
        ("text/html", 303, ""),
        ("application/json", 401, '{"error":{"status":401'),
    ],
)
def test_who_is_not_signed_in_is_led_to_it_and_a_program_is_told(service, accept, status, words):
    answer = service.get("/admin/audit?who=ada", headers={"accept": accept})

    assert answer.status_code == status
    assert words in answer.text
    if status == 303:
        assert answer.headers["location"] == "/account/sign-in?then=/admin/audit%3Fwho%3Dada"


@pytest.mark.row("S266", "S267")
def test_who_may_not_sees_why_on_a_page(service):
    member = service.signed_in()

    page = member.get("/admin/")
    data = member.get("/admin/", headers={"accept": "application/json"})

    assert (page.status_code, data.status_code) == (403, 403)
    assert "<h1>Not allowed</h1>" in page.text
    assert data.json()["error"]["status"] == 403


def test_what_somebody_searched_for_is_never_markup(service):
    root = service.signed_in(role="superuser")

    page = root.get("/admin/users", params={"q": '"><script>alert(1)</script>'}).text

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


@pytest.mark.parametrize(("role", "leads"), [("jobs team", True), ("", False)])
def test_an_account_leads_to_the_desk_whoever_may_see_it_and_the_desk_leads_back(
    service, role, leads
):
    browser = service.signed_in(role=role)

    assert ('<a href="/admin/">Staff desk</a>' in browser.get("/account/").text) == leads
    assert ('<a href="/account/">Your account</a>' in browser.get("/admin/").text) == leads

"""The link of the mail to the team: it shows what waits, for a while, and lets nobody act."""

from __future__ import annotations

import datetime
import re

import msgspec
import pytest
from sqlalchemy import select, update

from sidecar.clock import now
from sidecar.tables.cases import CaseLink, Decision, LinkFor, Submission
from sidecar.tables.work import Audit
from tests.sidecar.conftest import Service, project_beside
from tests.sidecar.test_cases import LINK, decide, handed_in, mails

TEAM = "jobs@python.example"


@pytest.fixture
def service(ready, tmp_path):
    """The sidecar of a team that wants to be told, beside a site."""
    project_beside(tmp_path)
    service = Service(msgspec.structs.replace(ready, jobs_mail=TEAM))
    yield service
    service.close()


def glance(service):
    """The link of the mail to the team about a job that was just handed in."""
    handed_in(service, sender="ada@ada.example")
    (mail,) = mails(service, TEAM)
    return LINK.search(mail.text)[1]


@pytest.mark.row("S253")
def test_whoever_has_the_link_sees_what_waits_and_its_page_but_not_who_sent_it(service):
    link = glance(service)

    shown = service.browser().get(link)
    its_page = re.search(r'href="(/submit/glance/page[^"]+)"', shown.text)[1]

    assert shown.status_code == 200
    assert "Baker of bytes" in shown.text
    assert "Python is mentioned" in shown.text
    assert "ada@ada.example" not in shown.text
    assert "<strong>Python</strong> all day" in service.browser().get(its_page).text
    assert shown.headers["referrer-policy"] == "same-origin"
    assert shown.headers["cache-control"] == "no-store"


def test_opening_it_changes_nothing_and_no_form_on_it_decides(service):
    link = glance(service)
    before = [service.rows(select(table)) for table in (Decision, CaseLink)]

    shown = service.browser().get(link)

    assert "/decide" not in shown.text
    assert 'href="/admin/cases/1"' in shown.text
    assert [len(rows) for rows in before] == [
        len(service.rows(select(table))) for table in (Decision, CaseLink)
    ]
    assert [one.state for one in service.rows(select(Submission))] == ["pending"]
    asked = service.browser().get("/admin/cases/1")
    assert asked.headers["location"] == "/account/sign-in?then=/admin/cases/1"


@pytest.mark.parametrize(
    ("role", "status", "where"),
    [("jobs team", 303, "/admin/cases/1"), ("events team", 200, None), ("", 200, None)],
)
def test_it_leads_whoever_may_decide_to_the_desk(service, role, status, where):
    link = glance(service)

    answer = service.signed_in(role=role).get(link)

    assert (answer.status_code, answer.headers.get("location")) == (status, where)


def test_once_it_is_decided_the_link_shows_nothing_any_more(service):
    link = glance(service)

    decide(service.signed_in(role="jobs team"), service, "approve")

    for address in (link, link.replace("/glance?", "/glance/page?")):
        answer = service.browser().get(address)
        assert (answer.status_code, "Baker of bytes" in answer.text) == (410, False)


def test_after_two_weeks_the_link_shows_nothing_any_more(service):
    link = glance(service)
    in_time, late = (now() + datetime.timedelta(days=14, seconds=n) for n in (-60, 60))
    (row,) = service.rows(select(CaseLink).where(CaseLink.purpose == LinkFor.GLANCE.value))
    assert in_time < row.expires < late

    service.write(lambda tx: tx.execute(update(CaseLink).values(expires=now())))

    assert service.browser().get(link).status_code == 410


@pytest.mark.row("S253")
def test_the_desk_ends_the_link_alone_and_its_author_ends_all_but_this_one(service):
    link = glance(service)
    (opens,) = [mail for mail in mails(service) if mail.template == "case-received"]
    author = service.browser()
    author.send(LINK.search(opens.text)[1], "/submit/open")
    moderator = service.signed_in(role="jobs team")
    page = "/admin/cases/1"

    moderator.send(page, f"{page}/end-glance")

    for address in (link, link.replace("/glance?", "/glance/page?")):
        assert service.browser().get(address).status_code == 410
    assert "/end-glance" not in moderator.get(page).text
    own = f"/submit/job/{service.rows(select(Submission))[0].public_id}"
    assert author.get(own).status_code == 200
    logged = service.rows(select(Audit.action).where(Audit.actor_id == moderator.user))
    assert logged == ["job glance ended"]


def test_its_author_who_ends_all_links_leaves_that_of_the_team(service):
    link = glance(service)
    (opens,) = [mail for mail in mails(service) if mail.template == "case-received"]
    author = service.browser()
    own = author.send(LINK.search(opens.text)[1], "/submit/open").headers["location"]

    author.send(own, f"{own}/end-links")

    assert author.get(own).status_code == 404
    assert service.browser().get(link).status_code == 200


@pytest.mark.row("S253")
def test_each_link_does_its_one_thing_and_no_other(service):
    token = glance(service).partition("=")[2]
    links = [LINK.search(mail.text)[1] for mail in mails(service)]
    others = [link.partition("=")[2] for link in links]

    answers = [
        service.browser().get(f"/submit/glance?token={one}") for one in ["", "1", "é", *others]
    ]
    elsewhere = [
        service.browser().get(f"/submit/{act}?token={token}") for act in ("open", "confirm")
    ]

    assert len(others) == 2
    assert {answer.status_code for answer in [*answers, *elsewhere]} == {410}
    assert [one for one in elsewhere if "Baker of bytes" in one.text] == []

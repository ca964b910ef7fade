"""Clear spam: ticked in the queue, rejected by one form, undone by one button."""

from __future__ import annotations

import datetime
import re

import pytest
from sqlalchemy import select, update

from sidecar.clock import now
from sidecar.tables.cases import Decision, Submission
from sidecar.tables.work import Audit, Mail
from sidecar.workflow import SPAM
from tests.sidecar.test_cases import FORM, GOOD, let_time_pass, link_in, mails, work

CASES, BULK = "/admin/cases", "/admin/cases/spam"


@pytest.fixture
def moderator(service):
    return service.signed_in(role="jobs team")


@pytest.fixture
def three(service):
    """Three jobs that wait; their boxes as the queue has them."""
    for title in ("First", "Second", "Third"):
        browser = service.browser()
        browser.send(FORM, **{**GOOD, "title": title})
        link = link_in(mails(service)[-1])
        browser.send(link, link.partition("?")[0])
    asked = select(Submission).order_by(Submission.id)
    return [f"{one.id}-{one.version}" for one in service.rows(asked)]


def states(service):
    return service.rows(select(Submission.state).order_by(Submission.id))


def test_what_is_ticked_is_rejected_as_spam_and_each_stands_in_the_audit_log(
    service, moderator, three
):
    sent = len(service.rows(select(Mail)))
    page = moderator.get(CASES).text
    assert [f'value="{tick}"' in page for tick in three] == [True] * 3

    answer = moderator.send(CASES, BULK, cases=three[:2], reason="Pills")

    assert "2 were rejected as spam" in moderator.get(answer.headers["location"]).text
    assert states(service) == ["rejected", "rejected", "pending"]
    decided = service.rows(select(Decision).where(Decision.step == SPAM))
    assert [one.reason for one in decided] == ["Pills", "Pills"]
    logged = service.rows(select(Audit).where(Audit.action == "job reject as spam"))
    assert [one.subject for one in logged] == ["submissions/1", "submissions/2"]
    assert {one.actor_id for one in logged} == {moderator.user}
    let_time_pass(service)
    work(service)
    assert len(service.rows(select(Mail))) == sent


def test_whoever_was_taken_for_a_spammer_reads_why_and_may_change_it(service, moderator):
    author = service.browser()
    author.send(FORM, **GOOD)
    link = link_in(mails(service)[-1])
    page = author.send(link, link.partition("?")[0]).headers["location"]
    (case,) = service.rows(select(Submission))
    moderator.send(CASES, BULK, cases=[f"{case.id}-{case.version}"], reason="Advertising")

    assert "Advertising" not in author.get(page).text
    let_time_pass(service)
    assert "Advertising" in author.get(page).text
    author.send(f"{page}/change", **{**GOOD, "title": "Another"})

    assert states(service) == ["pending"]


def test_one_that_somebody_else_decided_or_looks_at_is_left_and_named(service, moderator, three):
    other = service.signed_in(role="jobs team", name="grace")
    open_queue = moderator.get(CASES)
    other.send(f"{CASES}/1", f"{CASES}/1/decide", step="approve")
    other.send(f"{CASES}/2", f"{CASES}/2/claim")
    (held,) = service.rows(select(Submission).where(Submission.id == 2))

    answer = moderator.submit(
        open_queue, BULK, cases=[three[0], f"2-{held.version}", three[2]], reason="Pills"
    )

    said = moderator.get(answer.headers["location"]).text
    assert "1 was rejected as spam" in said
    assert "“First”: it was decided or changed meanwhile" in said
    assert "“Second”: somebody else is looking at it" in said
    assert states(service) == ["published", "pending", "rejected"]


def test_all_of_it_is_undone_by_one_button_within_half_a_minute(service, moderator, three):
    moderator.send(CASES, BULK, cases=three[:2], reason="Pills")
    other = service.signed_in(role="jobs team", name="grace")
    assert f"{BULK}/undo" not in other.get(CASES).text

    answer = moderator.send(CASES, f"{BULK}/undo")

    assert "Undone: 2 wait again" in moderator.get(answer.headers["location"]).text
    assert states(service) == ["pending"] * 3
    undone = service.rows(select(Audit).where(Audit.action == "job reject as spam undone"))
    assert len(undone) == 2


def test_after_half_a_minute_nothing_is_undone(service, moderator, three):
    moderator.send(CASES, BULK, cases=three[:1], reason="Pills")
    open_queue = moderator.get(CASES)
    a_second_ago = now() - datetime.timedelta(seconds=1)
    service.write(lambda tx: tx.execute(update(Decision).values(until=a_second_ago)))

    answer = moderator.submit(open_queue, f"{BULK}/undo")

    assert answer.status_code == 409
    assert "It is too late" in answer.text
    assert states(service)[0] == "rejected"


@pytest.mark.parametrize(
    ("typed", "status", "told"),
    [
        ({"cases": [], "reason": "Pills"}, 409, "Tick what is spam"),
        ({"cases": [f"{n}-1" for n in range(1, 52)], "reason": "Pills"}, 409, "up to 50"),
        ({"cases": ["1"], "reason": "Pills"}, 422, "cases"),
        ({"reason": ""}, 422, "Fill this in"),
    ],
)
def test_without_ticks_or_a_reason_nothing_happens_and_it_is_said(
    service, moderator, three, typed, status, told
):
    answer = moderator.send(CASES, BULK, **typed)

    assert answer.status_code == status
    assert told.lower() in answer.text.lower()
    assert states(service) == ["pending"] * 3


def test_of_kinds_that_one_does_not_decide_about_nothing_is_rejected(service, three):
    other = service.signed_in(role="stories team")
    page = other.get(CASES)
    assert BULK not in page.text
    token = re.search(r'name="form_token" value="([^"]+)"', other.get(f"{CASES}/replies").text)[1]

    answer = other.post(BULK, {"form_token": token, "cases": three, "reason": "Pills"})

    assert "Nothing was rejected" in other.get(answer.headers["location"]).text
    assert states(service) == ["pending"] * 3


def test_a_browser_gives_back_the_reason_to_whoever_comes_back_to_the_queue(moderator, three):
    (reason,) = re.findall(r'<input [^>]*name="reason"[^>]*>', moderator.get(CASES).text)

    assert "autocomplete" not in reason

"""One queue for all kinds: what sponsors apply for and who is nominated stands in it with the rest."""

from __future__ import annotations

import datetime
import re

import pytest
from sqlalchemy import select, update

from sidecar.clock import now
from sidecar.tables.cases import Submission
from sidecar.tables.elections import Nominee
from sidecar.tables.sponsors import SponsorAsset, Sponsorship, SponsorshipStep
from sidecar.tables.work import Audit, Mail, MailState, Task
from tests.sidecar import sponsoring
from tests.sidecar import test_nominations as nominating
from tests.sidecar.sponsoring import applied, approve, newest, page_of, take
from tests.sidecar.test_cases import LONG_AGO, handed_in, only, work

QUEUE = "/admin/cases"
HELD = {"at_once": ""}
LINE = re.compile(r'<th scope="row"[^>]*><a href="(/admin/[a-z]+/\d+)">')


@pytest.fixture
def staff(service):
    """Somebody who decides about jobs and about sponsors."""
    user = service.account("grace", "sponsors team", "jobs team")
    return service.signed_in(role="sponsors team", name="grace", user=user)


@pytest.fixture
def other(service):
    user = service.account("bea", "sponsors team", "jobs team")
    return service.signed_in(role="sponsors team", name="bea", user=user)


def undo(browser, page):
    return browser.send(page, f"{page}/undo")


def half_a_minute_later(service):
    """Let what is held be over, and the worker do what is due."""
    service.write(lambda tx: tx.execute(update(SponsorshipStep).values(until=LONG_AGO)))
    service.write(lambda tx: tx.execute(update(Task).values(not_before=LONG_AGO)))
    service.write(lambda tx: tx.execute(update(Mail).values(not_before=LONG_AGO)))
    work(service)


def told(service, state="sent"):
    return service.rows(
        select(Mail.template).where(Mail.state == state, Mail.recipient == "ada@ada.example")
        .where(Mail.template.not_in(["sponsor-received", "case-confirm", "case-received"]))
    )  # fmt: skip


def test_all_kinds_stand_in_one_queue_the_oldest_first_and_the_next_is_of_any_kind(service, staff):
    applied(service)
    handed_in(service)
    applied(service, company="Bo", sender="bo@bo.example", addons=[])
    first, third = service.rows(select(Sponsorship).order_by(Sponsorship.id))

    shown = staff.get(QUEUE).text

    job = f"{QUEUE}/{only(service).id}"
    assert LINE.findall(shown) == [page_of(first), job, page_of(third)]
    waiting = re.findall(r'kind=(\w+)">\w+</a></th><td[^>]*>(\d+)</td><td[^>]*>([\w ]+)', shown)
    assert waiting == [("job", "1", "a minute"), ("sponsor", "2", "a minute")]
    ways = [staff.get(page).text for page in (page_of(first), job, page_of(third))]
    nexts = [re.search(r'<a href="([^"]+)" rel="next" accesskey="n"', way)[1] for way in ways]
    assert nexts == [job, page_of(third), page_of(first)]


def test_a_line_of_the_queue_tells_how_long_it_waits_and_what_became_of_the_others_of_its_sender(
    service, staff
):
    applied(service)
    take(staff, service, "reject", reason="Not now.")
    applied(service, company="Ada again")
    handed_in(service)
    early = now() - datetime.timedelta(hours=5.5)
    service.write(lambda tx: tx.execute(update(Submission).values(handed_in=early)))

    shown = staff.get(QUEUE).text

    assert shown.count("ada@ada.example<br>0 shown, 1 refused") == 2
    assert re.findall("<div>waits ([^<]+)<", shown) == ["6 hours", "a minute"]


def test_who_decides_about_jobs_alone_sees_no_sponsor_in_the_queue(service):
    applied(service)
    handed_in(service)

    jobs, sponsors = (
        service.signed_in(role=role).get(QUEUE).text for role in ("jobs team", "sponsors team")
    )

    assert LINE.findall(jobs) == [f"{QUEUE}/{only(service).id}"]
    assert LINE.findall(sponsors) == [page_of(newest(service))]


def test_an_application_whose_address_nobody_proved_does_not_wait_yet(service, staff):
    sponsoring.offer(service)
    service.browser().send(sponsoring.FORM, **sponsoring.GOOD)

    assert LINE.findall(staff.get(QUEUE).text) == []


def test_of_two_who_look_at_an_application_the_second_is_told(service, staff, other):
    applied(service)
    page = page_of(newest(service))

    staff.send(page, f"{page}/claim")
    answer = other.send(page, f"{page}/claim")

    assert answer.status_code == 409
    assert "Somebody else is looking at it now." in answer.text
    assert ">grace</td>" in other.get(QUEUE).text


def test_what_is_known_of_the_applicant_stands_beside_the_application(service, staff):
    applied(service)
    take(staff, service, "reject", reason="Not now.")
    applied(service, company="Ada again", website="https://elsewhere.example/")

    page = staff.get(page_of(newest(service))).text

    assert "Of this sender, 0 others are agreed on and 1 were rejected" in page
    assert "ada@ada.example is not an address at elsewhere.example" in page


@pytest.mark.parametrize("step", ["approve", "reject", "reject as spam"])
def test_a_decision_about_a_sponsor_is_told_to_nobody_while_it_can_be_undone(service, staff, step):
    sponsor = applied(service)
    page = page_of(newest(service))
    before = sponsor.get(sponsor.page).text

    if step == "approve":
        approve(staff, service, **HELD)
    else:
        take(staff, service, step, reason="No place.", **HELD)
    work(service)

    assert newest(service).state == ("approved" if step == "approve" else "rejected")
    during = sponsor.get(sponsor.page).text
    assert without_tokens(during) == without_tokens(before)
    assert "Undo: " in staff.get(page).text
    assert undo(staff, page).status_code == 303
    row = newest(service)
    assert (row.state, row.locked, row.start, row.end, row.price) == (
        "applied", False, None, None, 154_000,
    )  # fmt: skip
    assert service.rows(select(SponsorAsset)) == []
    half_a_minute_later(service)
    assert told(service) == []
    assert "(undone)" in staff.get(page).text
    assert without_tokens(sponsor.get(sponsor.page).text) == without_tokens(before)
    logged = service.rows(select(Audit.action).order_by(Audit.id))
    assert logged[-1] == f"sponsorship {step} undone"


def without_tokens(page):
    return re.sub(r'name="form_token" value="[^"]+"', "", page)


def test_a_decision_about_a_sponsor_that_nobody_undoes_is_told_after_half_a_minute(service, staff):
    applied(service)
    approve(staff, service, **HELD)
    work(service)
    assert told(service) == []

    half_a_minute_later(service)

    assert told(service) == ["sponsor-approved"]
    page = page_of(newest(service))
    assert "Undo: " not in staff.get(page).text


def test_no_contract_is_sent_and_no_sponsor_changes_anything_while_a_decision_can_be_undone(
    service, staff, other
):
    sponsor = applied(service)
    opened = sponsor.get(f"{sponsor.page}/change")
    withdrawing = sponsor.get(sponsor.page)
    page = page_of(newest(service))
    approve(staff, service, **HELD)

    answers = [
        sponsor.submit(opened, f"{sponsor.page}/change", **{**sponsoring.GOOD, "city": "Porto"}),
        sponsor.submit(withdrawing, f"{sponsor.page}/withdraw"),
    ]

    assert [answer.status_code for answer in answers] == [422, 409]
    for answer in answers:
        assert "approved" not in answer.text
        assert "It is being decided at this moment." in answer.text
    assert newest(service).payload["city"] == "Lisbon"
    shown = other.get(page).text
    assert f'action="{page}/send"' not in shown
    assert "Undo: " not in shown
    half_a_minute_later(service)
    assert f'action="{page}/send"' in other.get(page).text


def test_only_who_decided_undoes_it_and_nobody_when_it_is_late(service, staff, other):
    applied(service)
    page = page_of(newest(service))
    approve(staff, service, **HELD)
    shown = staff.get(page)
    form = re.search(r'name="decision" value="(\d+)"', shown.text)[1]

    stranger = other.submit(shown, f"{page}/undo", decision=form)
    half_a_minute_later(service)
    late = staff.submit(shown, f"{page}/undo")

    assert (stranger.status_code in (403, 409), late.status_code) == (True, 409)
    assert newest(service).state == "approved"


def test_spam_of_any_kind_is_ticked_in_one_queue_and_undone_by_one_button(service, staff):
    applied(service)
    handed_in(service)
    boxes = re.findall(r'name="cases" value="([^"]+)"', staff.get(QUEUE).text)
    assert len(boxes) == 2

    staff.send(QUEUE, f"{QUEUE}/spam", cases=boxes, reason="Pills")

    assert (newest(service).state, only(service).state) == ("rejected", "rejected")
    staff.send(QUEUE, f"{QUEUE}/spam/undo")
    assert (newest(service).state, only(service).state) == ("applied", "pending")
    half_a_minute_later(service)
    assert told(service) == []


def test_a_sponsor_that_somebody_else_looks_at_is_left_out_of_the_spam(service, staff, other):
    applied(service)
    page = page_of(newest(service))
    other.send(page, f"{page}/claim")
    (box,) = re.findall(r'name="cases" value="([^"]+)"', staff.get(QUEUE).text)

    answer = staff.send(QUEUE, f"{QUEUE}/spam", cases=[box], reason="Pills")

    said = staff.get(answer.headers["location"]).text
    assert "“Ada &amp; Sons”: somebody else is looking at it" in said
    assert newest(service).state == "applied"


def test_nominations_are_found_in_the_list_of_all_and_nobody_has_to_decide_about_them(
    service, tmp_path
):
    nominating.Site(tmp_path).hold(-5, 9)
    nominating.nominated(service)
    staff = service.signed_in(role="staff")
    (nominee,) = service.rows(select(Nominee))

    page = f"/admin/nominations/{nominee.id}"
    assert LINE.findall(staff.get(QUEUE).text) == []
    assert LINE.findall(staff.get(f"{QUEUE}?state=all&kind=nomination").text) == [page]


def test_a_nominee_who_is_withdrawn_by_mistake_is_back_before_anybody_was_told(service, tmp_path):
    nominating.Site(tmp_path).hold(-5, 9)
    nominating.nominated(service)
    staff = service.signed_in(role="staff")
    (nominee,) = service.rows(select(Nominee))
    page = f"/admin/nominations/{nominee.id}"
    staff.send(page, f"{page}/withdraw", reason="A mistake.")
    work(service)

    shown = staff.send(page, f"{page}/restore")

    assert "nobody was told" in staff.get(shown.headers["location"]).text
    half_a_minute_later(service)
    letters = select(Mail.template, Mail.state).where(Mail.template.startswith("nomination-w"))
    found = service.write(lambda tx: tx.execute(letters))
    assert {state for _, state in found} == {MailState.HELD.value}
    assert service.rows(select(Mail.id).where(Mail.template == "nomination-restored")) == []


def test_once_a_nominee_is_withdrawn_for_half_a_minute_all_are_told_and_restoring_is_told_too(
    service, tmp_path
):
    nominating.Site(tmp_path).hold(-5, 9)
    nominating.nominated(service)
    staff = service.signed_in(role="staff")
    (nominee,) = service.rows(select(Nominee))
    page = f"/admin/nominations/{nominee.id}"
    staff.send(page, f"{page}/withdraw", reason="A reason.")
    before = now() - datetime.timedelta(minutes=1)
    service.write(lambda tx: tx.execute(update(Nominee).values(withdrawn_at=before)))

    staff.send(page, f"{page}/restore")

    half_a_minute_later(service)
    sent = service.rows(select(Mail.template).where(Mail.state == MailState.SENT.value))
    assert sent.count("nomination-withdrawn") == sent.count("nomination-restored") == 2

"""One queue for all kinds: what sponsors apply for and who is nominated stands in it with the rest."""

from __future__ import annotations

import datetime
import re

import pytest
from sqlalchemy import delete, select, update

from sidecar.clock import now
from sidecar.tables.accounts import Given
from sidecar.tables.cases import Submission
from sidecar.tables.elections import Nominee
from sidecar.tables.sponsors import SponsorAsset, Sponsorship, SponsorshipStep
from sidecar.tables.work import Audit, Mail, MailState, Task
from tests.sidecar import sponsoring
from tests.sidecar import test_nominations as nominating
from tests.sidecar.sponsoring import applied, approve, newest, page_of, take
from tests.sidecar.test_cases import GOOD, LONG_AGO, handed_in, only, work

QUEUE = "/admin/cases"
HELD = {"at_once": ""}
LOOKED_AT = re.compile(r"<dt>Looked at by</dt>\s*<dd>([^<]+)</dd>")
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


@pytest.fixture
def nomination(service, tmp_path):
    """Staff who look at a nomination, and its page at the desk."""
    nominating.Site(tmp_path).hold(-5, 9)
    nominating.nominated(service)
    (number,) = service.rows(select(Nominee.id))
    return service.signed_in(role="staff"), f"/admin/nominations/{number}"


@pytest.mark.parametrize(("url", "begins"), [(QUEUE, "waiting"), ("/admin/sponsors", "current")])
def test_a_list_begins_with_what_waits_and_leads_to_all_of_it(staff, url, begins):
    first = staff.get(url).text
    everything = staff.get(f"{url}?state=all").text

    assert f'<option value="{begins}" selected>' in first
    assert f'href="{url}?state=all">Show all</a>' in first
    assert "Show all" not in everything
    state = re.search(r'<select id="state".*?</select>', first, re.DOTALL)[0]
    assert state.count(">All</option>") == 1


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


def keys_of(page):
    """The keys that a page names, and those that do something on it."""
    named = re.findall("<kbd>([A-Z])</kbd>", page)
    return named, {key.upper() for key in re.findall('accesskey="(.)"', page)}


def test_a_page_names_the_keys_that_do_something_on_it(service, staff):
    applied(service)
    page = page_of(newest(service))
    alone = keys_of(staff.get(page).text)
    handed_in(service)
    job = f"{QUEUE}/{only(service).id}"

    with_others = keys_of(staff.get(page).text)
    of_job = keys_of(staff.get(job).text)
    approve(staff, service, **HELD)
    held = keys_of(staff.get(page).text)
    half_a_minute_later(service)
    approved = keys_of(staff.get(page).text)

    assert alone == (["A", "R", "C"], {"A", "R", "C"})
    assert with_others == of_job == (["N", "A", "R", "C"], {"N", "A", "R", "C"})
    assert held == (["N", "U"], {"N", "R", "U"})
    assert approved == (["N", "R"], {"N", "R"})


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
    pages = [staff.get(page).text for page in LINE.findall(shown)]
    said = "Else of this sender: 0 shown, 1 refused"
    assert [said in page for page in pages] == [True, True]
    (box,) = re.findall(r"<br>(0 shown, . refused)", staff.get(f"{QUEUE}?state=rejected").text)
    assert box == "0 shown, 0 refused"
    alone = service.signed_in(role="jobs team")
    assert "0 shown, 0 refused" in alone.get(QUEUE).text
    job = alone.get(f"{QUEUE}/{only(service).id}").text
    assert "Else of this sender: 0 shown, 0 refused" in job
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
    assert LOOKED_AT.search(other.get(page).text)[1] == "grace"
    an_hour_ago = now() - datetime.timedelta(hours=1)
    service.write(lambda tx: tx.execute(update(Sponsorship).values(claimed_at=an_hour_ago)))
    assert LOOKED_AT.search(other.get(page).text)[1] == "nobody"


def test_nobody_has_to_say_that_they_look_at_what_is_not_to_be_decided(service, staff):
    applied(service)
    page = page_of(newest(service))
    assert f'action="{page}/claim"' in staff.get(page).text

    approve(staff, service)

    assert f'action="{page}/claim"' not in staff.get(page).text


@pytest.mark.parametrize("kind", ["job", "sponsor"])
def test_who_has_a_page_open_decides_though_somebody_looks_at_it_since(service, staff, other, kind):
    (handed_in if kind == "job" else applied)(service)
    page = f"{QUEUE}/{only(service).id}" if kind == "job" else page_of(newest(service))
    act = f"{page}/decide" if kind == "job" else f"{page}/step"
    opened = other.get(page)

    staff.send(page, f"{page}/claim")
    answer = other.submit(opened, act, step="reject", reason="No place.")

    assert answer.status_code == 303
    assert (only(service) if kind == "job" else newest(service)).state == "rejected"


def test_a_change_stands_in_the_queue_where_it_was_written_and_so_does_what_was_led_back(
    service, staff
):
    """A job of a month ago that is changed, and an application that was led back, come last."""
    sponsor = applied(service)
    author = handed_in(service)
    applied(service, company="Bo", sender="bo@bo.example", addons=[])
    first, third = service.rows(select(Sponsorship).order_by(Sponsorship.id))
    month = now() - datetime.timedelta(days=30)
    service.write(lambda tx: tx.execute(update(Submission).values(handed_in=month)))
    old = {"created": month, "confirmed_at": month}
    service.write(lambda tx: tx.execute(update(Sponsorship).values(**old)))
    week = {"created": now() - datetime.timedelta(days=6, hours=23)}
    service.write(lambda tx: tx.execute(
        update(Sponsorship).where(Sponsorship.id == third.id).values(**week)
    ))  # fmt: skip
    job = f"{QUEUE}/{only(service).id}"
    staff.send(job, f"{job}/decide", step="reject", reason="Say more.", at_once="on")
    take(staff, service, "reject", first, reason="Not now.")

    author.send(f"{author.page}/change", **{**GOOD, "title": "Baker again"})
    take(staff, service, "roll back", first, reason="Say more.")

    shown = staff.get(QUEUE).text
    assert LINE.findall(shown) == [page_of(third), job, page_of(first)]
    assert re.findall("<div>waits ([^<]+)<", shown) == ["7 days", "a minute", "a minute"]
    waiting = re.findall(r'kind=(\w+)">\w+</a></th><td[^>]*>(\d+)</td><td[^>]*>([\w ]+)', shown)
    assert waiting == [("job", "1", "a minute"), ("sponsor", "2", "7 days")]
    coming = re.search(r'<a href="([^"]+)" rel="next"', staff.get(page_of(third)).text)[1]
    assert coming == job
    assert sponsor.get(sponsor.page).status_code == 200


def test_a_reply_that_is_kept_is_sent_to_a_sponsor_in_place_of_a_reason(service, staff):
    staff.send(f"{QUEUE}/replies", f"{QUEUE}/replies/0", title="Full", kind="sponsor",
               text="All places are taken.")  # fmt: skip
    staff.send(f"{QUEUE}/replies", f"{QUEUE}/replies/0", title="Jobs", kind="job", text="No.")
    applied(service)
    page = staff.get(page_of(newest(service))).text
    assert re.findall(r'<option value="(\d+)"[^>]*>([^<]+)', page) == [
        ("0", "No reply"), ("1", "Full"),
    ]  # fmt: skip

    take(staff, service, "reject", reply="1")

    assert service.rows(select(SponsorshipStep.reason))[-1] == "All places are taken."
    assert "All places are taken." in sponsoring.mails(service)[-1].text


def test_what_is_known_of_the_applicant_stands_beside_the_application(service, staff):
    applied(service)
    take(staff, service, "reject", reason="Not now.")
    applied(service, company="Ada again", website="https://elsewhere.example/")

    page = staff.get(page_of(newest(service))).text

    assert "Else of this sender: 0 shown, 1 refused" in page
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
    assert f'href="{page}/send"' not in shown
    assert "Undo: " not in shown
    half_a_minute_later(service)
    assert f'href="{page}/send"' in other.get(page).text


def test_only_who_decided_undoes_it_and_nobody_when_it_is_late(service, staff, other):
    applied(service)
    page = page_of(newest(service))
    approve(staff, service, **HELD)
    shown = staff.get(page)
    form = re.search(r'name="decision" value="(\d+)"', shown.text)[1]

    stranger = other.submit(shown, f"{page}/undo", decision=form)
    half_a_minute_later(service)
    late = staff.submit(shown, f"{page}/undo")

    assert (stranger.status_code, late.status_code) == (409, 409)
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


def test_undoing_spam_leaves_what_is_gone_or_is_not_ones_own_to_decide_and_does_the_rest(
    service, staff
):
    applied(service)
    handed_in(service)
    handed_in(service, title="Another")
    boxes = re.findall(r'name="cases" value="([^"]+)"', staff.get(QUEUE).text)
    staff.send(QUEUE, f"{QUEUE}/spam", cases=boxes, reason="Pills")
    opened = staff.get(QUEUE)
    assert "Undo: 3 rejected" in opened.text
    gone = delete(Given).where(Given.user_id == staff.user, Given.role == "sponsors team")
    service.write(lambda tx: tx.execute(gone))
    assert "Undo: 2 rejected" in staff.get(QUEUE).text

    answer = staff.submit(opened, f"{QUEUE}/spam/undo")

    assert "Undone: 2 wait again" in staff.get(answer.headers["location"]).text
    assert newest(service).state == "rejected"
    assert service.rows(select(Submission.state)) == ["pending", "pending"]


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
    service, nomination
):
    staff, page = nomination

    assert LINE.findall(staff.get(QUEUE).text) == []
    assert LINE.findall(staff.get(f"{QUEUE}?state=all&kind=nomination").text) == [page]


def test_a_nominee_who_is_withdrawn_by_mistake_is_back_before_anybody_was_told(service, nomination):
    staff, page = nomination
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
    service, nomination
):
    staff, page = nomination
    staff.send(page, f"{page}/withdraw", reason="A reason.")
    before = now() - datetime.timedelta(minutes=1)
    service.write(lambda tx: tx.execute(update(Nominee).values(withdrawn_at=before)))

    staff.send(page, f"{page}/restore")

    half_a_minute_later(service)
    sent = service.rows(select(Mail.template).where(Mail.state == MailState.SENT.value))
    assert sent.count("nomination-withdrawn") == sent.count("nomination-restored") == 2

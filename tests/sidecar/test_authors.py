"""What those who hand something in do afterwards: mend, correct, settle, repeat, and find it again."""

from __future__ import annotations

import datetime
import json
import sqlite3
from contextlib import closing
from html import unescape

import pytest
from sqlalchemy import select, update

from sidecar.authors import remind_due
from sidecar.clock import now
from sidecar.snapshots import snapshot_of
from sidecar.tables.cases import CaseLink, Decision, Submission, Submitter
from sidecar.tables.work import Mail
from tests.sidecar.conftest import HIDDEN
from tests.sidecar.tables import plain
from tests.sidecar.test_cases import (
    FORM,
    GOOD,
    LONG_AGO,
    decide,
    handed_in,
    let_time_pass,
    link_in,
    mails,
    only,
    published,
    work,
)

STALE_CITY = (
    '<tr><th scope="row">City</th><td class="whole-text"><mark>Porto</mark></td>'
    '<td class="whole-text"><mark>Lisbon</mark></td></tr>'
)
TEXT = "You write **Python** all day."


def shown(service, site):
    """A job that is on the site; its author, and a moderator."""
    author, moderator = handed_in(service), service.signed_in(role="jobs team")
    published(service, site, moderator)
    return author, moderator


def change(author, **typed):
    return author.send(f"{author.page}/change", **{**GOOD, **typed})


def look_at(author, **typed):
    """Open the form of a change, and press what shows how it will look."""
    page = author.get(f"{author.page}/change")
    assert f'formaction="{author.page}/preview"' in page.text
    hidden = {name: unescape(value) for name, value in HIDDEN.findall(page.text)}
    return author.post(f"{author.page}/preview", {**hidden, **GOOD, **typed})


def test_a_change_with_a_fault_that_is_looked_at_first_is_still_a_change(service, site):
    author, _ = shown(service, site)

    look = look_at(author, city="Porto", title="")
    answer = author.submit(look, f"{author.page}/change", **{**GOOD, "city": "Porto"})

    assert look.status_code == 422
    assert "Change your job" in look.text
    assert answer.headers["location"] == author.page
    assert only(service).latest == 2


def test_a_change_that_is_looked_at_is_not_taken_for_another_of_the_same_title(service, site):
    author, _ = shown(service, site)

    look = look_at(author, city="Porto")

    assert "Porto" in look.text
    assert "The site shows another of this title" not in look.text
    assert only(service).latest == 1


@pytest.mark.row("S461")
@pytest.mark.parametrize("name", ["job"])
def test_what_follows_a_form_is_its_reference_and_what_happens_next(service, site, name):
    answer = service.send(f"/submit/{name}", **GOOD)

    page = service.get(answer.headers["location"]).text
    assert only(service).public_id in page
    assert "What happens next" in page
    assert "ada@ada.example" in page


@pytest.mark.row("S471")
def test_one_request_hands_it_in_whole_and_a_failed_one_leaves_nothing(service, site):
    service.send(FORM, **{**GOOD, "title": ""})
    assert service.rows(select(Submission)) == []
    assert service.rows(select(Submitter)) == []

    service.send(FORM, **GOOD)

    assert (only(service).latest, len(mails(service))) == (1, 1)


def test_a_mistyped_address_is_mended_before_it_is_confirmed(service, site):
    sent = service.send(FORM, **{**GOOD, "sender": "ada@wrong.example"})
    old = link_in(mails(service, "ada@wrong.example")[0])

    answer = service.send(sent.headers["location"], email="ada@ada.example")

    assert answer.status_code == 303
    assert service.get(old).status_code == 410
    (mail,) = mails(service)
    assert service.get(link_in(mail)).status_code == 200


def test_only_the_browser_that_sent_it_mends_its_address(service, site):
    service.send(FORM, **GOOD)
    number = only(service).public_id
    other = service.browser()
    other.client.cookies.set("sent", f"{number}.{'0' * 32}")

    page = other.get("/submit/sent").text

    assert number not in page
    assert "ada@ada.example" not in page
    assert 'name="email"' not in page


def test_an_address_that_is_confirmed_is_mended_no_more(service, site):
    author = handed_in(service)

    page = author.get("/submit/sent").text

    assert 'name="email"' not in page


def test_a_slip_is_mended_at_once_and_is_on_the_site_with_the_next_build(service, site):
    author, _ = shown(service, site)

    answer = change(author, text="You write **Python** every day.")
    work(service)
    site.build(now())

    assert answer.status_code == 303
    page = site.pages()[f"/jobs/{only(service).public_id}/"]
    assert "every day." in page
    assert (only(service).state, only(service).live) == ("published", 2)
    assert [d.step for d in service.rows(select(Decision).order_by(Decision.id))] == [
        "confirm", "approve", "correct",
    ]  # fmt: skip


def test_one_in_four_slips_is_shown_to_moderators_afterwards(service, site):
    author, moderator = shown(service, site)

    for word in ("every", "each"):
        change(author, text=f"You write **Python** {word} day.")

    numbers = [d.id for d in service.rows(select(Decision)) if d.step == "correct"]
    assert numbers == [3, 4]
    queue = moderator.get("/admin/cases?state=corrected").text
    assert "Baker of bytes" in queue
    service.write(lambda tx: tx.execute(update(Decision).values(created=LONG_AGO)))
    assert "Baker of bytes" not in moderator.get("/admin/cases?state=corrected").text


@pytest.mark.parametrize(
    "typed",
    [{"text": f"{TEXT} Call 555."}, {"title": "Other"}, {"text": "We do not want this at all, ever."}],
)  # fmt: skip
def test_what_is_no_slip_waits_for_a_decision(service, site, typed):
    author, _ = shown(service, site)

    change(author, **typed)

    assert (only(service).state, only(service).live) == ("changed", 1)


def test_many_slips_do_not_make_another_text(service, site):
    author, _ = shown(service, site)

    change(author, text="We sell cheap **Python** all day.")
    change(author, text="We sell cheap pills quite all night.")

    assert (only(service).state, only(service).live) == ("changed", 2)


def test_the_fourth_slip_of_a_week_waits(service, site):
    author, _ = shown(service, site)

    for word in ("every", "each", "any", "one"):
        change(author, text=f"You write **Python** {word} day.")

    assert (only(service).state, only(service).live, only(service).latest) == ("changed", 4, 5)


def test_nothing_is_corrected_while_its_approval_can_be_undone(service, site):
    author, moderator = handed_in(service), service.signed_in(role="jobs team")
    decide(moderator, service, "approve")

    change(author, text="You write **Python** every day.")

    assert only(service).state == "changed"
    let_time_pass(service)


def test_a_filled_job_leaves_at_once(service, site):
    author, moderator = shown(service, site)
    assert "The job is filled" in author.get(author.page).text

    author.send(author.page, f"{author.page}/settle")
    work(service)
    site.build(now())

    pages, address = site.pages(), f"/jobs/{only(service).public_id}/"
    assert address not in pages
    assert f"{address} /jobs/ended/ 410" in pages["/_redirects"]
    assert '"quarantined":{}' in pages["/build.json"]
    assert only(service).state == "withdrawn"
    told = author.get(author.page).text
    assert "You said that it is filled." in told
    assert "Shown until" not in told
    desk = moderator.get(f"/admin/cases/{only(service).id}").text
    assert "withdrawn, since its author said that it is filled" in desk
    listed = moderator.get("/admin/cases?state=withdrawn").text
    assert (">filled</td>" in listed, ">withdrawn</td>" in listed) == (True, False)


def test_of_what_has_ended_the_snapshot_keeps_what_its_address_needs_and_no_more(service, site):
    typed = {
        "contact": "Bo Baker", "email": "bo@ovens.example", "apply_url": "https://ovens.example/",
        "company_url": "https://ada.example/", "company_text": "They bake.", "currency": "EUR",
        "pay_from": "60000", "types": "full-time",
    }  # fmt: skip
    author = handed_in(service, **typed)
    published(service, site, service.signed_in(role="jobs team"))
    author.send(author.page, f"{author.page}/settle")
    work(service)
    site.build(now())

    with closing(sqlite3.connect(snapshot_of(service.settings))) as snapshot:
        rows = snapshot.execute("SELECT data FROM rows WHERE kind = 'jobs'").fetchall()

    (kept,) = [json.loads(data) for (data,) in rows]
    assert set(kept) == {
        "title", "company", "category", "city", "country", "remote", "date", "ends", "apply_url",
        "body",
    }  # fmt: skip
    assert (kept["apply_url"], kept["body"]) == ("https://ended.invalid/", "")
    address = f"/jobs/{only(service).public_id}/"
    assert f"{address} /jobs/ended/ 410" in site.pages()["/_redirects"]
    assert '"quarantined":{}' in site.pages()["/build.json"]


def test_what_has_ended_is_handed_in_anew_from_its_filled_form(service, site):
    author, _ = shown(service, site)
    author.send(author.page, f"{author.page}/withdraw")

    page = author.get(f"{author.page}/again")
    author.submit(page, FORM, **GOOD)

    assert 'value="Baker of bytes"' in page.text
    assert 'value="ada@ada.example"' in page.text
    first, second = service.rows(select(Submission).order_by(Submission.id))
    assert (first.state, second.state) == ("withdrawn", "unconfirmed")
    assert first.public_id != second.public_id


def test_a_stale_form_with_another_fault_still_says_what_changed(service, site):
    author = handed_in(service)
    page = author.get(f"{author.page}/change")
    change(author, city="Porto")

    answer = author.submit(page, f"{author.page}/change", **{**GOOD, "title": ""})

    assert STALE_CITY in plain(answer.text)
    assert 'id="title-error"' in answer.text


@pytest.mark.row("S093")
@pytest.mark.parametrize("step", ["renew", "settle"])
def test_a_step_that_is_not_open_is_409_and_says_which_are(service, site, step):
    author, _ = shown(service, site)
    ends = now() + datetime.timedelta(days=3)
    service.write(lambda tx: tx.execute(update(Submission).values(ends=ends)))
    page = author.get(author.page)
    author.send(author.page, f"{author.page}/withdraw")

    answer = author.submit(
        page, f"{author.page}/{step}", **({"days": "60"} if step == "renew" else {})
    )

    assert answer.status_code == 409
    assert "This is withdrawn" in answer.text
    log = service.rows(select(Decision).order_by(Decision.id))
    assert [(d.step, bool(d.created)) for d in log] == [
        ("confirm", True), ("approve", True), ("withdraw", True),
    ]  # fmt: skip
    assert log[1].actor_id


def test_a_form_that_is_stale_says_what_changed_and_keeps_what_was_typed(service, site):
    author = handed_in(service)
    page = author.get(f"{author.page}/change")
    change(author, city="Porto")

    answer = author.submit(
        page, f"{author.page}/change", **{**GOOD, "title": "Baker of many bytes"}
    )

    assert answer.status_code == 422
    assert STALE_CITY in plain(answer.text)
    assert 'value="Baker of many bytes"' in answer.text
    assert only(service).latest == 2
    author.submit(answer, f"{author.page}/change", **{**GOOD, "title": "Baker of many bytes"})
    assert (only(service).latest, only(service).title) == (3, "Baker of many bytes")


def test_its_author_is_reminded_a_week_before_and_on_the_last_day(service, site):
    shown(service, site)
    counts = []

    def end_in(days):
        ends = now() + datetime.timedelta(days=days)
        service.write(lambda tx: tx.execute(update(Submission).values(ends=ends)))

    end_in(6)
    for _ in range(2):
        counts.append(service.write(lambda tx: remind_due(tx, service.settings)))
    # Five days and a half later.
    before = now() - datetime.timedelta(days=5.5)
    service.write(lambda tx: tx.execute(update(Submission).values(reminded_at=before)))
    end_in(0.5)
    for _ in range(2):
        counts.append(service.write(lambda tx: remind_due(tx, service.settings)))

    assert counts == [1, 0, 1, 0]


def test_links_are_sent_again_to_the_address_that_confirmed_and_to_no_other(service, site):
    handed_in(service)
    other = service.browser()
    answers = [
        other.send("/submit/links", email=to) for to in ("ADA@ada.example", "eve@evil.example")
    ]

    assert {a.headers["location"] for a in answers} == {"/submit/links"}
    assert mails(service, "eve@evil.example") == []
    mail = mails(service)[-1]
    assert mail.template == "case-links"
    link = link_in(mail)
    page = other.send(link, link.partition("?")[0]).headers["location"]
    assert "Baker of bytes" in other.get(page).text


def test_nothing_that_nobody_confirmed_is_mailed_as_a_link(service, site):
    service.send(FORM, **GOOD)

    service.send("/submit/links", email="ada@ada.example")

    assert [mail.template for mail in mails(service)] == ["case-confirm"]


def test_all_links_end_at_once(service, site):
    author = handed_in(service)
    link = link_in(mails(service)[-1])
    other = service.browser()
    other.send(link, link.partition("?")[0])
    assert other.get(author.page).status_code == 200

    answer = author.send(author.page, f"{author.page}/end-links")

    assert answer.headers["location"] == "/submit/links"
    assert [other.get(author.page).status_code, service.get(link).status_code] == [404, 410]
    assert all(one.revoked_at for one in service.rows(select(CaseLink)))


def test_an_account_gathers_what_was_handed_in_with_its_confirmed_address(service, site):
    handed_in(service)
    ada = service.signed_in(user=service.account("ada", email="ada@ada.example"), name="ada")
    number = only(service).id

    answer = ada.send("/account/submissions", f"/account/submissions/{number}")

    assert "Baker of bytes" in ada.get("/account/submissions").text
    assert "The job" in ada.get(f"{answer.headers['location']}/change").text
    (submitter,) = service.rows(select(Submitter))
    assert submitter.user_id == ada.user


@pytest.mark.parametrize("confirmed_at", [None, LONG_AGO])
def test_an_account_does_not_see_what_others_handed_in(service, site, confirmed_at):
    handed_in(service)
    email = "ada@ada.example" if confirmed_at is None else "eve@evil.example"
    user = service.account("eve", email=email, confirmed_at=confirmed_at)
    eve = service.signed_in(user=user, name="eve")

    page = eve.get("/account/submissions")
    token = (
        eve.get("/account/profile").text.partition('name="form_token" value="')[2].partition('"')[0]
    )
    answer = eve.post(f"/account/submissions/{only(service).id}", {"form_token": token})

    assert "Baker of bytes" not in page.text
    assert answer.status_code == 404


def test_an_address_with_a_token_is_told_to_no_other_site(service, site):
    service.send(FORM, **GOOD)

    answer = service.get(link_in(mails(service)[0]))

    assert answer.headers["referrer-policy"] == "same-origin"


def test_a_token_stands_in_no_log(service, site, capsys):
    service.send(FORM, **GOOD)
    link = link_in(mails(service)[0])

    service.send(link, link.partition("?")[0])

    told = "".join(capsys.readouterr())
    assert "/submit/confirm" in told
    assert link.partition("token=")[2] not in told
    assert len(service.rows(select(Mail))) == 2


def test_a_form_that_is_sent_unaltered_says_so_and_keeps_what_is_in_it(service, site):
    author, moderator = handed_in(service), service.signed_in(role="jobs team")
    decide(moderator, service, "reject", reason="Say more.", at_once="on")

    answer = change(author)

    assert answer.status_code == 422
    assert "Nothing was sent, since nothing is changed." in answer.text
    assert 'value="Baker of bytes"' in answer.text
    assert (only(service).state, only(service).latest) == ("rejected", 1)


def test_the_day_that_is_told_is_the_last_on_which_it_is_shown(service, site):
    author, _ = shown(service, site)
    ends = only(service).ends
    address = f"/jobs/{only(service).public_id}/"
    day = f"{ends - datetime.timedelta(days=1):%-d %B %Y}"
    ada = service.signed_in(user=service.account("ada", email="ada@ada.example"), name="ada")

    assert day in mails(service)[-1].text
    assert day in site.pages()[address].partition("Open until")[2][:200]
    assert day in author.get(author.page).text.partition("Shown until")[2][:200]
    assert day in ada.get("/account/submissions").text.partition("shown until")[2][:100]
    site.build(ends - datetime.timedelta(minutes=1))
    assert address in site.pages()
    site.build(ends)
    assert address not in site.pages()


def test_what_is_before_it_is_told_of_its_own_kind(service, site):
    handed_in(service)
    service.write(lambda tx: tx.execute(update(Submission).values(kind="story")))
    one, two = handed_in(service, title="One"), handed_in(service, title="Two")

    assert "before it" not in one.get(one.page).text
    assert "with 1 before it" in two.get(two.page).text


def test_what_was_changed_after_it_was_rejected_stands_at_the_end_of_the_queue(service, site):
    moderator = service.signed_in(role="jobs team")
    one = handed_in(service, title="One")
    decide(moderator, service, "reject", reason="Say more.", at_once="on")
    two = handed_in(service, title="Two")

    one.send(f"{one.page}/change", **{**GOOD, "title": "One", "text": "More."})

    assert "is in the queue, with 1 before it" in one.get(one.page).text
    assert "is in the queue. A person" in two.get(two.page).text
    queue = moderator.get("/admin/cases").text
    assert queue.index(">Two<") < queue.index(">One<")

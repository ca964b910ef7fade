"""While a decision can be undone nothing follows from it, whatever else happens to what it is about."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select, update

from sidecar import holds, publishing
from sidecar.clock import now
from sidecar.tables.cases import Decision
from sidecar.tables.work import Mail, MailState
from tests.sidecar.test_cases import (
    GOOD,
    LONG_AGO,
    decide,
    handed_in,
    let_time_pass,
    mails,
    only,
    published,
    work,
)

OTHER = {**GOOD, "title": "Baker of many bytes"}


@pytest.fixture
def moderator(service):
    return service.signed_in(role="jobs team")


def standing(service):
    return only(service).state, only(service).live


def undo(moderator, service, decision=None):
    """Press the button; or send the form of it once more, for a decision that was."""
    page = f"/admin/cases/{only(service).id}"
    typed = {"decision": str(decision)} if decision else {}
    return moderator.send(page, f"{page}/undo", **typed)


def taken(service, step):
    """The numbers of the decisions of a step."""
    here = select(Decision.id).where(Decision.step == step).order_by(Decision.id)
    return service.rows(here)


def built(service, site):
    """The pages once the worker has taken a snapshot, for whatever reason."""
    service.write(lambda tx: publishing.anew(tx, "something else"))
    work(service)
    site.build(now())
    return site.pages()


def test_what_its_author_changes_meanwhile_lets_no_approval_onto_the_site_early(
    service, site, moderator
):
    author = handed_in(service)
    decide(moderator, service, "approve")

    author.send(f"{author.page}/change", **OTHER)

    address = f"/jobs/{only(service).public_id}/"
    assert standing(service) == ("changed", 1)
    assert address not in built(service, site)
    assert undo(moderator, service).status_code == 303
    assert standing(service) == ("pending", 0)
    let_time_pass(service)
    assert address not in built(service, site)
    assert "case-live" not in [mail.template for mail in mails(service)]


def test_an_approval_that_stands_shows_its_own_version_and_not_the_change(service, site, moderator):
    author = handed_in(service)
    decide(moderator, service, "approve")
    author.send(f"{author.page}/change", **OTHER)

    let_time_pass(service)

    page = built(service, site)[f"/jobs/{only(service).public_id}/"]
    assert "<h1>Baker of bytes</h1>" in page


def test_what_is_being_decided_is_not_renewed(service, site, moderator):
    author = handed_in(service, days="30")
    published(service, site, moderator)
    shown = author.get(author.page)
    author.send(f"{author.page}/change", **OTHER)
    decide(moderator, service, "approve")

    answer = author.submit(shown, f"{author.page}/renew", days="60")

    assert answer.status_code == 409
    assert "It is being decided at this moment. Look again in a minute." in answer.text
    page = built(service, site)[f"/jobs/{only(service).public_id}/"]
    assert "<h1>Baker of bytes</h1>" in page
    undo(moderator, service)
    assert standing(service) == ("changed", 1)


def test_what_its_author_takes_back_leaves_at_once_though_a_decision_is_held(
    service, site, moderator
):
    author = handed_in(service)
    published(service, site, moderator)
    author.send(f"{author.page}/change", **OTHER)
    page = moderator.get(f"/admin/cases/{only(service).id}")
    moderator.submit(page, f"/admin/cases/{only(service).id}/decide", step="approve")
    held = moderator.get(f"/admin/cases/{only(service).id}")
    author.send(author.page, f"{author.page}/withdraw")

    assert f"/jobs/{only(service).public_id}/" not in built(service, site)
    answer = moderator.submit(held, f"/admin/cases/{only(service).id}/undo")
    assert answer.status_code == 409
    assert "Since then: taken back." in answer.text


def test_what_is_taken_down_stays_while_that_can_be_undone_though_it_is_changed(
    service, site, moderator
):
    author = handed_in(service)
    published(service, site, moderator)
    decide(moderator, service, "take down", reason="Look again.")
    author.send(f"{author.page}/change", **OTHER)

    assert f"/jobs/{only(service).public_id}/" in built(service, site)
    undo(moderator, service)

    assert standing(service) == ("changed", 1)


def test_a_decision_after_which_somebody_decided_again_cannot_be_undone(service, site, moderator):
    author = handed_in(service)
    decide(moderator, service, "approve")
    author.send(f"{author.page}/change", **OTHER)
    decide(moderator, service, "approve")
    first, second = taken(service, "approve")

    answer = undo(moderator, service, first)

    assert answer.status_code == 409
    assert "Since then: change handed in, approved." in answer.text
    assert standing(service) == ("published", 2)
    assert undo(moderator, service, second).status_code == 303
    assert standing(service) == ("changed", 1)
    assert undo(moderator, service, first).status_code == 303
    assert standing(service) == ("pending", 0)


@pytest.mark.parametrize("step", ["approve", "reject"])
def test_its_author_is_told_of_no_decision_while_it_can_be_undone(service, site, moderator, step):
    author = handed_in(service)
    before = author.get(author.page).text.partition("Your link")[0]

    decide(moderator, service, step, reason="Say more.")

    told = author.get(author.page).text.partition("Your link")[0]
    assert "is in the queue" in told
    assert "Say more." not in told
    assert 'href="/jobs/' not in told
    assert re.findall(r"<li>.*", told) == re.findall(r"<li>.*", before)
    let_time_pass(service)
    words = {"approve": "is approved; it will be on the site", "reject": "Say more."}
    told = author.get(author.page).text
    assert words[step] in told
    assert 'href="/jobs/' not in told.partition("<main")[2].partition("What happened")[0]


def test_what_is_approved_is_linked_once_it_was_seen_on_the_site(service, site, moderator):
    author = handed_in(service)

    published(service, site, moderator)

    told = author.get(author.page).text
    assert f'is shown: <a href="/jobs/{only(service).public_id}/">see it</a>' in told


def test_what_happened_is_one_list_by_time_and_says_of_what(service, site, moderator):
    author = handed_in(service)
    published(service, site, moderator)

    author.send(author.page, f"{author.page}/settle")

    told = author.get(author.page).text.partition("What happened")[2].partition("</ol>")[0]
    assert re.findall(r"UTC</time>: (.*)</li>", told) == [
        "queued (said to be filled)", "said to be filled (version 1)", "live (approved, version 1)",
        "built (approved, version 1)",
        "given to the builder, in the snapshot 1 (approved, version 1)",
        "queued (approved, version 1)", "approved (version 1)", "address confirmed (version 1)",
        "sent (version 1)",
    ]  # fmt: skip


def queued(service):
    """The letters that are still to be sent, or were."""
    alive = Mail.state.in_([MailState.QUEUED.value, MailState.SENT.value])
    return service.rows(select(Mail.template).where(alive).order_by(Mail.id))


@pytest.mark.parametrize("step", ["reject", "reject as spam"])
def test_a_rejection_does_not_stand_on_what_its_author_changed_and_whoever_rejected_it_is_told(
    service, moderator, step
):
    author = handed_in(service)
    decide(moderator, service, step, reason="Say what is paid.")

    answer = author.send(f"{author.page}/change", **OTHER)

    assert answer.headers["location"] == author.page
    assert standing(service) == ("pending", 0)
    let_time_pass(service)
    work(service)
    assert "case-rejected" not in queued(service)
    (told,) = mails(service, "jobs-team@example.org")
    assert told.template == "case-overtaken"
    assert f"/admin/cases/{only(service).id}" in told.text
    page = moderator.get(f"/admin/cases/{only(service).id}").text
    assert "(undone)" in page
    assert 'value="approve"' in page
    assert "Say what is paid." not in author.get(author.page).text


def test_a_change_that_is_refused_and_changed_again_meanwhile_waits_again(service, site, moderator):
    author = handed_in(service)
    published(service, site, moderator)
    author.send(f"{author.page}/change", **OTHER)
    decide(moderator, service, "refuse", reason="That is worse.")

    author.send(f"{author.page}/change", **{**OTHER, "title": "Baker of all bytes"})

    assert standing(service) == ("changed", 1)
    assert only(service).title == "Baker of all bytes"
    let_time_pass(service)
    work(service)
    assert "case-refused" not in queued(service)


def test_what_is_taken_down_leaves_though_its_author_changes_it_meanwhile(service, site, moderator):
    author = handed_in(service)
    published(service, site, moderator)
    decide(moderator, service, "take down", reason="It is a trick.")

    author.send(f"{author.page}/change", **OTHER)

    let_time_pass(service)
    assert f"/jobs/{only(service).public_id}/" not in built(service, site)
    assert standing(service) == ("pending", 0)
    assert "case-taken-down" in queued(service)


def test_a_rejection_that_was_told_stands_and_a_change_of_it_waits(service, moderator):
    author = handed_in(service)
    decide(moderator, service, "reject", reason="Say what is paid.", at_once="on")

    author.send(f"{author.page}/change", **OTHER)

    assert standing(service) == ("pending", 0)
    assert "case-rejected" in queued(service)
    assert mails(service, "jobs-team@example.org") == []


def test_in_the_last_second_a_rejection_stands_though_its_author_changes_what_it_is_of(
    service, moderator
):
    author = handed_in(service)
    decide(moderator, service, "reject", reason="Say what is paid.")
    soon = now() + holds.SAFELY / 2
    service.write(lambda tx: tx.execute(update(Decision).values(until=soon)))

    author.send(f"{author.page}/change", **OTHER)

    assert standing(service) == ("pending", 0)
    assert "case-rejected" in queued(service)
    assert mails(service, "jobs-team@example.org") == []


def test_a_decision_that_its_author_was_told_of_is_undone_no_more(service, moderator):
    handed_in(service)
    decide(moderator, service, "reject", reason="Say what is paid.")
    told = update(Mail).where(Mail.template == "case-rejected")
    service.write(lambda tx: tx.execute(told.values(state=MailState.SENT.value)))

    answer = undo(moderator, service)

    assert answer.status_code == 409
    assert "It is too late" in answer.text
    assert standing(service) == ("rejected", 0)


def test_the_mail_of_development_shows_none_that_is_held_or_was_undone(service, moderator):
    handed_in(service)
    decide(moderator, service, "reject", reason="Say what is paid.")
    told = "Your job was not taken"

    held = service.get("/mail/").text
    undo(moderator, service)
    let_time_pass(service)
    service.write(lambda tx: tx.execute(update(Mail).values(not_before=LONG_AGO)))
    undone = service.get("/mail/").text
    decide(moderator, service, "reject", reason="Say what is paid.", at_once="on")

    shown = [told in page for page in (held, undone, service.get("/mail/").text)]
    assert shown == [False, False, True]

"""From a form to the site: handed in, confirmed, decided, published, changed, renewed, taken back."""

from __future__ import annotations

import datetime
import re

import msgspec
import pytest
from sqlalchemy import select, update

from pydotorg_build.content.base import last_day_of
from pydotorg_build.snapshot import Row, add_rows, writing
from sidecar import cases, deciding
from sidecar.authors import remind_due
from sidecar.cases import end_due
from sidecar.clock import now
from sidecar.kinds.base import ends_of
from sidecar.permissions import Actor
from sidecar.queue import enqueue
from sidecar.tables.accounts import User
from sidecar.tables.cases import Decision, Publishing, Revision, Submission, Submitter
from sidecar.tables.work import Mail, Task
from sidecar.worker import Worker
from tests.sidecar.conftest import Service, project_beside
from tests.sidecar.tables import plain

FORM = "/submit/job"
GOOD = {
    "title": "Baker of bytes", "company": "Ada & Sons", "category": "web", "types": ["full-time"],
    "city": "Lisbon", "country": "Portugal", "text": "You write **Python** all day.",
    "email": "jobs@ada.example", "sender": "ada@ada.example", "days": "60",
}  # fmt: skip
LINK = re.compile(r"http://test\.example(/submit/\S+)")
LONG_AGO = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)


def mails(service, to="ada@ada.example"):
    return service.rows(select(Mail).where(Mail.recipient == to).order_by(Mail.id))


def link_in(mail) -> str:
    return LINK.search(mail.text)[1]


def only(service):
    (submission,) = service.rows(select(Submission))
    return submission


def handed_in(service, **typed):
    """Fill in the form and confirm it; the browser of its author, on its page."""
    author = service.browser()
    author.send(FORM, **{**GOOD, **typed})
    link = link_in(mails(service)[-1])
    answer = author.send(link, link.partition("?")[0])
    assert answer.status_code == 303
    author.page = answer.headers["location"]
    return author


def decide(browser, service, step, **typed):
    page = f"/admin/cases/{only(service).id}"
    return browser.send(page, f"{page}/decide", step=step, **typed)


def work(service):
    """Let the worker do what is due."""
    service.run(Worker(service.db, service.settings).drain())


def let_time_pass(service):
    """Let what waits for its time be due."""
    service.write(lambda tx: tx.execute(update(Task).values(not_before=LONG_AGO)))
    service.write(lambda tx: tx.execute(update(Publishing).values(due=LONG_AGO)))
    service.write(lambda tx: tx.execute(update(Decision).values(until=LONG_AGO)))


def published(service, site, moderator):
    """Approve what waits, and let it reach the site."""
    decide(moderator, service, "approve", at_once="on")
    work(service)
    site.build(now())
    let_time_pass(service)
    work(service)


@pytest.mark.row("S019")
def test_of_two_with_one_title_each_has_its_address_and_who_made_and_last_changed_it(service):
    ada, bea = service.signed_in(name="ada"), service.signed_in(name="bea")
    ada.send(FORM, **GOOD)
    link = link_in(mails(service)[-1])
    page = ada.send(link, link.partition("?")[0]).headers["location"]
    handed_in(service, text="You write Python all night.")

    link = link_in(mails(service)[1])
    bea.send(link, link.partition("?")[0])
    changed = bea.send(f"{page}/change", **{**GOOD, "text": "You write Python at noon."})

    assert changed.headers["location"] == page
    first, second = service.rows(select(Submission).order_by(Submission.id))
    assert first.title == second.title == "Baker of bytes"
    assert first.public_id != second.public_id
    authors = [
        (row.submission_id, row.n, row.author_id)
        for row in service.rows(select(Revision).order_by(Revision.id))
    ]
    assert authors == [(first.id, 1, ada.user), (second.id, 1, 0), (first.id, 2, bea.user)]


@pytest.mark.parametrize(
    ("typed", "said"), [({"agencies": "on"}, "Agencies may answer"), ({}, "No agencies, please")]
)
def test_whether_agencies_may_answer_is_what_its_author_said(service, site, typed, said):
    handed_in(service, **typed)

    published(service, site, service.signed_in(role="jobs team"))

    assert said in site.pages()[f"/jobs/{only(service).public_id}/"]


@pytest.mark.row("C10", "C11", "C13", "S244", "S324")
def test_a_job_goes_from_the_form_to_the_site_and_its_author_is_told(service, site):
    author = handed_in(service)
    moderator = service.signed_in(role="jobs team")
    assert "Baker of bytes" in moderator.get("/admin/cases").text

    published(service, site, moderator)

    address = f"/jobs/{only(service).public_id}/"
    page = site.pages()[address]
    assert "You write <strong>Python</strong> all day." in page
    assert "ada@ada.example" not in page
    assert [mail.template for mail in mails(service)] == [
        "case-confirm", "case-received", "case-live",
    ]  # fmt: skip
    assert f"http://test.example{address}" in mails(service)[-1].text
    assert "is shown" in author.get(author.page).text


@pytest.mark.row("S253")
@pytest.mark.parametrize("team", ["jobs@python.example", ""])
def test_the_team_is_told_of_what_waits_once_it_is_confirmed_where_it_wants_to_be(
    ready, tmp_path, team
):
    project_beside(tmp_path)
    service = Service(msgspec.structs.replace(ready, jobs_mail=team))
    try:
        handed_in(service)
        told = [(mail.template, mail.text) for mail in mails(service, team)]
        assert [name for name, _ in told] == (["case-waiting"] if team else [])
        moderator = service.signed_in(role="jobs team")
        for _, text in told:
            page = LINK.search(text)[1]
            assert "Baker of bytes" in moderator.get(page, follow=True).text
    finally:
        service.close()


@pytest.mark.row("S234")
def test_a_decision_whose_mail_cannot_be_written_is_not_made(service, site, monkeypatch):
    handed_in(service)
    moderator = Actor(user=service.account("mod", "jobs team"))

    async def fails(*_given, **_named):
        raise ZeroDivisionError

    async def reject(tx):
        case = await cases.load(tx, 1)
        await deciding.decide(tx, service.settings, case, moderator, "reject", "Say more.")

    monkeypatch.setattr(deciding, "post", fails)
    with pytest.raises(ZeroDivisionError):
        service.write(reject)

    assert only(service).state == "pending"
    assert [step.step for step in service.rows(select(Decision))] == ["confirm"]


def test_a_mail_that_asks_to_confirm_repeats_nothing_that_was_typed(service, site):
    service.send(FORM, **{**GOOD, "title": "Buy pills", "text": "Cheap Python pills."})

    (mail,) = mails(service)

    assert "pills" not in mail.text + mail.subject


def test_nothing_is_seen_by_those_who_decide_before_it_is_confirmed(service, site):
    service.send(FORM, **GOOD)
    moderator = service.signed_in(role="jobs team")

    assert "Baker of bytes" not in moderator.get("/admin/cases?state=all").text


def test_the_same_form_sent_twice_is_one_submission(service, site):
    service.send(FORM, **GOOD)
    service.browser().send(FORM, **GOOD)

    assert len(service.rows(select(Submission))) == 1
    assert len(mails(service)) == 1


def test_opening_the_link_of_a_mail_changes_nothing(service, site):
    service.send(FORM, **GOOD)

    service.get(link_in(mails(service)[0]))

    assert only(service).state == "unconfirmed"


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("title", "", "Fill this in"),
        ("sender", "ada", "Must be written like"),
        ("apply_url", "javascript:alert(1)", "Must be written like"),
        ("city", "", "it is not said where the job is"),
        ("pay_from", "much", "Must be a whole number"),
        ("text", "# A title of the page", "line 1"),
        ("title", "x" * 201, "Must be shorter"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_all_that_was_typed_is_kept(
    service, site, field, typed, told
):
    given = {**GOOD, field: typed}
    if field == "city":
        given["country"] = ""

    answer = service.send(FORM, **given)

    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert told.lower() in answer.text.lower()
    assert "Ada &amp; Sons" in answer.text
    assert service.rows(select(Submission)) == []


@pytest.mark.row("S171")
def test_the_look_of_it_is_the_real_page_and_nothing_is_kept(service, site):
    site.build(now())
    token = re.search(r'name="form_token" value="([^"]+)"', service.get(FORM).text)[1]

    answer = service.post(f"{FORM}/preview", {**GOOD, "title": "Other", "form_token": token})

    assert "<h1>Other</h1>" in answer.text
    assert "You write <strong>Python</strong> all day." in answer.text
    assert "Web development" in answer.text
    assert service.rows(select(Submission)) == []


def test_a_decision_can_be_undone_for_half_a_minute_and_no_mail_or_page_told_of_it(service, site):
    author = handed_in(service)
    moderator = service.signed_in(role="jobs team")
    decide(moderator, service, "reject", reason="Say more.")
    page = f"/admin/cases/{only(service).id}"
    told = author.get(author.page).text

    answer = moderator.send(page, f"{page}/undo")
    let_time_pass(service)
    work(service)

    assert answer.status_code == 303
    assert only(service).state == "pending"
    assert ("is in the queue" in told, "Say more." in told) == (True, False)
    assert [mail.state for mail in mails(service) if mail.template == "case-rejected"] == ["held"]


def test_a_decision_cannot_be_undone_once_it_was_told(service, site):
    handed_in(service)
    moderator = service.signed_in(role="jobs team")
    decide(moderator, service, "approve")
    page = moderator.get(f"/admin/cases/{only(service).id}")
    let_time_pass(service)

    answer = moderator.submit(page, f"/admin/cases/{only(service).id}/undo")

    assert answer.status_code == 409
    assert "It is too late" in answer.text
    assert only(service).state == "published"


@pytest.mark.row("S235", "S244", "S324")
def test_a_rejection_needs_a_reason_and_its_author_gets_it_with_the_filled_form(service, site):
    author = handed_in(service)
    moderator = service.signed_in(role="jobs team")
    assert "Say why" in decide(moderator, service, "reject").text
    assert only(service).state == "pending"

    decide(moderator, service, "reject", reason="Say what is done with Python.", at_once="on")

    mail = mails(service)[-1]
    assert (mail.template, "Say what is done with Python." in mail.text) == ("case-rejected", True)
    form = author.get(f"{author.page}/change").text
    assert 'value="Baker of bytes"' in form
    author.send(f"{author.page}/change", **{**GOOD, "text": "You write **Python** tools."})
    assert (only(service).state, only(service).latest) == ("pending", 2)


@pytest.mark.row("S003")
def test_of_two_who_decide_at_once_the_second_is_told(service, site):
    handed_in(service)
    first = service.signed_in(role="jobs team")
    second = service.signed_in(role="staff")
    page = second.get(f"/admin/cases/{only(service).id}")
    decide(first, service, "approve")

    answer = second.submit(
        page, f"/admin/cases/{only(service).id}/decide", step="reject", reason="No."
    )

    assert answer.status_code == 409
    assert "Somebody else decided a moment before you." in answer.text
    assert only(service).state == "published"


def test_nobody_decides_on_what_they_handed_in(service, site):
    handed_in(service)
    moderator = service.signed_in(role="jobs team")
    page = f"/admin/cases/{only(service).id}"
    before = moderator.get(page)
    service.write(lambda tx: tx.execute(update(Submitter).values(user_id=moderator.user)))

    shown = moderator.get(page)
    late = moderator.submit(before, f"{page}/decide", step="approve")

    assert ("You handed this in yourself" in shown.text, f"{page}/decide" in shown.text) == (
        True,
        False,
    )
    assert (late.status_code, "You handed this in yourself" in late.text) == (409, True)


@pytest.mark.parametrize("role", ["events team", "stories team"])
def test_other_teams_do_not_see_it(service, site, role):
    handed_in(service)
    browser = service.signed_in(role=role)

    assert browser.get(f"/admin/cases/{only(service).id}").status_code == 404
    assert "Baker" not in browser.get("/admin/cases").text


def test_what_others_handed_in_is_not_there(service, site):
    author = handed_in(service)

    for path in ("", "/change"):
        assert service.browser().get(author.page + path).status_code == 404


def test_a_change_of_what_is_shown_waits_and_the_old_text_stays(service, site):
    author = handed_in(service)
    moderator = service.signed_in(role="jobs team")
    published(service, site, moderator)

    author.send(f"{author.page}/change", **{**GOOD, "title": "Baker of many bytes"})

    address = f"/jobs/{only(service).public_id}/"
    assert only(service).state == "changed"
    shown = moderator.get(f"/admin/cases/{only(service).id}").text
    assert "Baker of <ins>many </ins>bytes" in shown
    site.build(now())
    assert "<h1>Baker of bytes</h1>" in site.pages()[address]
    published(service, site, moderator)
    assert "<h1>Baker of many bytes</h1>" in site.pages()[address]


def test_a_change_that_is_refused_leaves_what_is_shown(service, site):
    author = handed_in(service)
    moderator = service.signed_in(role="jobs team")
    published(service, site, moderator)
    author.send(f"{author.page}/change", **{**GOOD, "title": "Casino"})

    decide(moderator, service, "refuse", reason="That is another job.", at_once="on")

    assert (only(service).state, only(service).live, only(service).title) == (
        "published", 1, "Baker of bytes",
    )  # fmt: skip
    assert mails(service)[-1].template == "case-refused"


def test_a_refusal_that_is_undone_leaves_the_change_waiting_under_its_own_title(service, site):
    author = handed_in(service)
    moderator = service.signed_in(role="jobs team")
    published(service, site, moderator)
    author.send(f"{author.page}/change", **{**GOOD, "title": "Casino"})
    decide(moderator, service, "refuse", reason="That is another job.")
    page = f"/admin/cases/{only(service).id}"

    moderator.send(page, f"{page}/undo")

    assert (only(service).state, only(service).title) == ("changed", "Casino")


def test_what_its_author_takes_back_leaves_the_site(service, site):
    author = handed_in(service)
    moderator = service.signed_in(role="jobs team")
    published(service, site, moderator)
    address = f"/jobs/{only(service).public_id}/"

    author.send(author.page, f"{author.page}/withdraw")
    work(service)
    site.build(now())

    assert address not in site.pages()
    assert only(service).state == "withdrawn"


@pytest.mark.row("S244")
def test_what_is_taken_down_leaves_the_site_and_its_author_learns_why(service, site):
    handed_in(service)
    moderator = service.signed_in(role="jobs team")
    published(service, site, moderator)

    decide(moderator, service, "take down", reason="The link leads to malware.", at_once="on")
    work(service)
    site.build(now())

    assert f"/jobs/{only(service).public_id}/" not in site.pages()
    assert "The link leads to malware." in mails(service)[-1].text


def test_its_author_renews_it_from_today(service, site):
    author = handed_in(service)
    moderator = service.signed_in(role="jobs team")
    published(service, site, moderator)
    soon = now() + datetime.timedelta(days=1)
    service.write(lambda tx: tx.execute(update(Submission).values(ends=soon)))

    author.send(author.page, f"{author.page}/renew", days="60")

    assert only(service).ends - now() > datetime.timedelta(days=59)


def test_its_author_reads_on_its_page_what_was_written_last(service, site):
    author = handed_in(service)
    published(service, site, service.signed_in(role="jobs team"))
    author.send(f"{author.page}/change", **{**GOOD, "city": "Porto <b>"})

    shown = plain(author.get(author.page).text)

    assert '<th scope="row">City</th><td class="whole-text">Porto &lt;b&gt;</td>' in shown
    assert (
        '<th scope="row">E-mail for applications</th><td class="whole-text">jobs@ada.example</td>'
        in shown
    )


def test_renewing_shortens_nothing_and_is_offered_where_it_makes_longer(service, site):
    author = handed_in(service, days="90")
    published(service, site, service.signed_in(role="jobs team"))
    ends = only(service).ends

    shown = author.get(author.page).text
    token = re.search(r'name="form_token" value="([^"]+)"', shown)[1]
    refused = author.post(f"{author.page}/renew", {"days": "60", "form_token": token})

    assert f"{author.page}/renew" not in shown
    assert refused.status_code == 409
    assert f"It is shown until {last_day_of(ends):%-d %B %Y} already" in refused.text
    assert only(service).ends == ends
    soon = now() + datetime.timedelta(days=3)
    service.write(lambda tx: tx.execute(update(Submission).values(ends=soon)))
    until = f"{last_day_of(ends_of({'days': 60}, now())):%-d %B %Y}"
    assert f"Show it until {until}" in author.get(author.page).text


@pytest.mark.row("C12")
def test_many_decisions_become_one_snapshot(service, site):
    for number in range(3):
        handed_in(service, title=f"Job {number}")
    moderator = service.signed_in(role="jobs team")
    for submission in service.rows(select(Submission)):
        page = f"/admin/cases/{submission.id}"
        moderator.send(page, f"{page}/decide", step="approve", at_once="on")

    work(service)

    assert {way.number for way in service.rows(select(Publishing))} == {1}
    site.build(now())
    assert sum(path.startswith("/jobs/") and path[6:-1].isdigit() for path in site.pages()) == 3


def test_what_waits_is_not_lost_while_there_is_no_builder(service, site):
    handed_in(service)
    moderator = service.signed_in(role="jobs team")
    decide(moderator, service, "approve", at_once="on")

    for _ in range(3):
        work(service)
        let_time_pass(service)

    assert mails(service)[-1].template == "case-received"
    site.build(now())
    work(service)
    assert mails(service)[-1].template == "case-live"


@pytest.mark.row("C04")
def test_a_snapshot_holds_no_address_that_was_not_meant_to_be_public(service, site, tmp_path):
    handed_in(service)
    moderator = service.signed_in(role="jobs team")
    decide(moderator, service, "approve", at_once="on")

    work(service)

    assert b"ada@ada.example" not in (tmp_path / "data/snapshot.sqlite").read_bytes()
    assert len(service.rows(select(Revision))) == 1


@pytest.mark.row("S203")
def test_what_has_come_to_its_end_leaves_the_site_by_itself(service, site):
    handed_in(service)
    moderator = service.signed_in(role="jobs team")
    published(service, site, moderator)
    service.write(lambda tx: tx.execute(update(Submission).values(ends=now())))

    service.write(end_due)
    work(service)
    site.build(now())

    pages, address = site.pages(), f"/jobs/{only(service).public_id}/"
    assert only(service).state == "expired"
    assert address not in pages
    assert f"{address} /jobs/ended/ 410" in pages["/_redirects"]


def test_its_author_is_reminded_once_before_the_end_and_renews_by_the_link(service, site):
    handed_in(service)
    moderator = service.signed_in(role="jobs team")
    decide(moderator, service, "approve", at_once="on")
    soon = now() + datetime.timedelta(days=3)
    service.write(lambda tx: tx.execute(update(Submission).values(ends=soon)))

    for _ in range(2):
        service.write(lambda tx: remind_due(tx, service.settings))

    reminders = [mail for mail in mails(service) if mail.template == "case-ends"]
    assert len(reminders) == 1
    author = service.browser()
    link = link_in(reminders[0])
    page = author.send(link, link.partition("?")[0]).headers["location"]
    author.send(page, f"{page}/renew", days="60")
    assert only(service).ends - now() > datetime.timedelta(days=59)


def test_what_was_invented_stays_beside_what_is_real_until_it_is_removed(service, site):
    invented = {"title": "Invented", "company": "Nobody", "category": "web", "remote": True,
                "apply_url": "https://x.example/", "date": "2026-11-01", "ends": "2099-01-01",
                "sample": True}  # fmt: skip
    with writing(site.root / "data/snapshot.sqlite", is_sample="1") as db:
        add_rows(db, [Row("jobs", "7", invented)])
    author = handed_in(service)
    moderator = service.signed_in(role="jobs team")

    published(service, site, moderator)
    pages = site.pages()
    assert "/jobs/7/" in pages
    assert f"/jobs/{only(service).public_id}/" in pages

    author.send(author.page, f"{author.page}/withdraw")
    work(service)
    site.build(now())
    assert "/jobs/7/" in site.pages()
    assert f"/jobs/{only(service).public_id}/" not in site.pages()


def test_what_can_still_be_undone_is_in_no_snapshot(service, site):
    handed_in(service, title="Held")
    handed_in(service, title="At once")
    moderator = service.signed_in(role="jobs team")
    held, at_once = service.rows(select(Submission).order_by(Submission.id))
    moderator.send(f"/admin/cases/{held.id}", f"/admin/cases/{held.id}/decide", step="approve")
    moderator.send(
        f"/admin/cases/{at_once.id}", f"/admin/cases/{at_once.id}/decide", step="approve",
        at_once="on",
    )  # fmt: skip

    work(service)
    site.build(now())
    assert f"/jobs/{at_once.public_id}/" in site.pages()
    assert f"/jobs/{held.public_id}/" not in site.pages()

    let_time_pass(service)
    work(service)
    site.build(now())
    assert f"/jobs/{held.public_id}/" in site.pages()


def test_what_is_taken_down_is_shown_until_that_cannot_be_undone(service, site):
    handed_in(service)
    other = handed_in(service, title="Another")
    moderator = service.signed_in(role="jobs team")
    first, second = service.rows(select(Submission).order_by(Submission.id))
    for one in (first, second):
        page = f"/admin/cases/{one.id}"
        moderator.send(page, f"{page}/decide", step="approve", at_once="on")
    page = f"/admin/cases/{first.id}"
    moderator.send(page, f"{page}/decide", step="take down", reason="Look again.")

    other.send(other.page, f"{other.page}/withdraw")
    work(service)
    site.build(now())
    assert f"/jobs/{first.public_id}/" in site.pages()

    moderator.send(page, f"{page}/undo")
    (again,) = service.rows(select(Submission).where(Submission.id == first.id))
    assert (again.state, again.live, again.ends is not None) == ("published", 1, True)


def test_what_was_taken_down_and_is_approved_again_is_shown_for_its_whole_time(service, site):
    author = handed_in(service)
    moderator = service.signed_in(role="jobs team")
    decide(moderator, service, "approve", at_once="on")
    service.write(lambda tx: tx.execute(update(Submission).values(ends=LONG_AGO)))
    decide(moderator, service, "take down", reason="No.", at_once="on")
    author.send(f"{author.page}/change", **{**GOOD, "title": "Baker of new bytes"})

    decide(moderator, service, "approve", at_once="on")

    assert only(service).ends - now() > datetime.timedelta(days=58)


def test_what_nobody_confirmed_is_forgotten_with_its_address(service, site):
    service.send(FORM, **GOOD)
    service.account("nobody", confirmed_at=None, created=LONG_AGO)
    service.account("ada", created=LONG_AGO)
    for table in (Submission, Submitter):
        service.write(lambda tx, table=table: tx.execute(update(table).values(created=LONG_AGO)))
    service.write(lambda tx: enqueue(tx, "tidy", {}))

    work(service)

    assert service.rows(select(Submission)) == []
    assert service.rows(select(Submitter)) == []
    assert service.rows(select(User.name)) == ["ada"]

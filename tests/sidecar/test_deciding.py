"""What helps a team to decide: kept replies, blocked senders, words to the author, what links say."""

from __future__ import annotations

import re
import socket

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm.exc import StaleDataError

from pydotorg_build.visits import Visitor
from sidecar import deciding
from sidecar.clock import now
from sidecar.link_checks import AGENT, LIMITS, MOST, ask
from sidecar.tables.accounts import User
from sidecar.tables.cases import (
    Block,
    CannedReply,
    CaseCheck,
    CaseLink,
    Decision,
    Publishing,
    Revision,
    Submission,
)
from sidecar.tables.work import Audit
from tests.sidecar.conftest import project_beside
from tests.sidecar.tables import plain
from tests.sidecar.test_cases import (
    FORM,
    GOOD,
    decide,
    handed_in,
    let_time_pass,
    link_in,
    mails,
    only,
    published,
    work,
)

CASES = "/admin/cases"
REPLIES, BLOCKS = "/admin/cases/replies", "/admin/cases/blocks"


@pytest.fixture
def moderator(service):
    return service.signed_in(role="jobs team")


@pytest.mark.row("S443")
def test_what_is_featured_stands_above_the_others_after_the_next_build(
    service, moderator, tmp_path
):
    site = project_beside(tmp_path)
    handed_in(service)
    published(service, site, moderator)
    page = f"/admin/cases/{only(service).id}"
    assert site.pages()["/jobs/"].count("Baker of bytes") == 1
    assert "What is changed" not in moderator.get(page).text

    answer = moderator.send(page, f"{page}/feature")
    work(service)
    site.build(now())

    assert "with the next build" in moderator.get(answer.headers["location"]).text
    assert site.pages()["/jobs/"].count("Baker of bytes") == 2

    moderator.send(page, f"{page}/feature")
    work(service)
    site.build(now())

    assert site.pages()["/jobs/"].count("Baker of bytes") == 1
    actions = service.rows(select(Audit.action).order_by(Audit.id))
    assert actions[-2:] == ["job featured", "job featured no more"]


@pytest.mark.row("S247")
@pytest.mark.parametrize(
    ("name", "typed"),
    [("feature", {"featured": "on"}), ("undo", {"decision": "1"}), ("delete", {})],
)
def test_who_comes_a_moment_after_somebody_else_is_told_so_in_words(
    service, moderator, monkeypatch, name, typed
):
    async def comes_late(*_, **__):
        raise StaleDataError("UPDATE statement on table 'submissions'")

    handed_in(service)
    page = f"/admin/cases/{only(service).id}"
    token = re.search(r'name="form_token" value="([^"]+)"', moderator.get(page).text)[1]
    monkeypatch.setattr(deciding, name, comes_late)

    answer = moderator.post(f"{page}/{name}", {"form_token": token, **typed})

    assert answer.status_code == 409
    assert "Somebody else decided a moment before you." in answer.text
    assert "UPDATE" not in answer.text


def test_what_is_not_on_the_site_cannot_be_featured(service, moderator):
    handed_in(service)
    page = f"/admin/cases/{only(service).id}"
    shown = moderator.get(page)
    token = re.search(r'name="form_token" value="([^"]+)"', shown.text)[1]

    answer = moderator.post(f"{page}/feature", {"form_token": token, "featured": "on"})

    assert f'action="{page}/feature"' not in shown.text
    assert answer.status_code == 409
    assert "Only what the site shows can be featured" in answer.text


@pytest.mark.row("S270")
def test_the_page_of_one_leads_to_the_next_that_waits_the_oldest_first(service, moderator):
    for title in ("First", "Second", "Third"):
        browser = service.browser()
        browser.send(FORM, **{**GOOD, "title": title})
        link = link_in(mails(service)[-1])
        browser.send(link, link.partition("?")[0])
    queue = moderator.get("/admin/cases").text
    assert queue.index("First") < queue.index("Second") < queue.index("Third")

    def leads_to(number):
        return re.search(r'rel="next"[^>]*>Next: (\w+)', moderator.get(f"{CASES}/{number}").text)

    one, two, three = service.rows(select(Submission.id).order_by(Submission.id))
    assert [leads_to(number)[1] for number in (one, two, three)] == ["Second", "Third", "First"]
    moderator.send(f"{CASES}/{two}", f"{CASES}/{two}/decide", step="approve")
    assert leads_to(one)[1] == "Third"


def test_what_somebody_else_looks_at_is_not_the_next(service, moderator):
    for title in ("First", "Second"):
        browser = service.browser()
        browser.send(FORM, **{**GOOD, "title": title})
        link = link_in(mails(service)[-1])
        browser.send(link, link.partition("?")[0])
    one, two = service.rows(select(Submission.id).order_by(Submission.id))
    other = service.signed_in(role="jobs team", name="grace")

    other.send(f"{CASES}/{two}", f"{CASES}/{two}/claim")

    assert "Nothing else waits" in moderator.get(f"{CASES}/{one}").text
    assert "Next: Second" in other.get(f"{CASES}/{one}").text


def test_a_kept_reply_is_the_reason_where_none_is_typed(service, moderator):
    handed_in(service)
    moderator.send(
        REPLIES, f"{REPLIES}/0", title="Not Python", text="It is not about Python.", kind="job"
    )
    (reply,) = service.rows(select(CannedReply))
    assert "Not Python" in moderator.get(f"/admin/cases/{only(service).id}").text

    decide(moderator, service, "reject", reply=str(reply.id), at_once="on")

    assert "It is not about Python." in mails(service)[-1].text
    assert service.rows(select(Decision).where(Decision.step == "reject"))[0].code == "Not Python"


def test_a_kept_reply_is_changed_and_removed(service, moderator):
    moderator.send(REPLIES, f"{REPLIES}/0", title="Not Python", text="No.")
    (reply,) = service.rows(select(CannedReply))
    page = f"{REPLIES}/{reply.id}"

    moderator.send(page, title="Not Python", text="It is not about Python.")
    assert service.rows(select(CannedReply.text)) == ["It is not about Python."]
    assert "The reply is kept." in moderator.get(REPLIES).text

    moderator.send(page, title="Not Python", text="No.", choice="remove")
    assert service.rows(select(CannedReply)) == []
    assert "The reply is removed." in moderator.get(REPLIES).text


def test_whoever_looks_at_a_submission_blocks_its_sender_from_there(service, moderator):
    handed_in(service)
    page = moderator.get(f"{CASES}/{only(service).id}").text

    (way,) = re.findall(rf'href="({BLOCKS}[^"]+)">Block this sender', page)
    (typed,) = re.findall(r'name="value" value="([^"]+)"', moderator.get(way).text)
    moderator.send(way, BLOCKS, value=typed)

    assert service.rows(select(Block.value)) == [GOOD["sender"]]


@pytest.mark.parametrize("value", ["ADA@ada.example", "ada.example"])
def test_of_a_blocked_sender_nothing_is_taken_until_the_block_is_lifted(service, moderator, value):
    moderator.send(BLOCKS, value=value, reason="Spam")
    (block,) = service.rows(select(Block))

    answer = service.browser().send(FORM, **GOOD)

    assert answer.status_code == 422
    assert "Nothing is taken from this address" in answer.text
    assert "“Help and contact”, at the bottom of each page, says how" in answer.text
    assert service.rows(select(Submission)) == []
    moderator.send(BLOCKS, f"{BLOCKS}/{block.id}/remove")
    assert service.browser().send(FORM, **GOOD).status_code == 303
    assert {"sender blocked", "sender unblocked"} <= set(service.rows(select(Audit.action)))


@pytest.mark.parametrize("own", [{"employers": "Owl\nAda & Sons"}, {"email": "bea@ada.example"}])
def test_nobody_decides_about_their_own_company(service, moderator, own):
    handed_in(service)
    page = f"/admin/cases/{only(service).id}"
    opened = moderator.get(page)
    service.write(
        lambda tx: tx.execute(update(User).where(User.id == moderator.user).values(**own))
    )

    answer = moderator.submit(opened, f"{page}/decide", step="approve")

    assert answer.status_code == 409
    assert "This was not done" in answer.text
    for shown in (answer, moderator.get(page)):
        assert "somebody else decides" in shown.text
        assert f'action="{page}/decide"' not in shown.text
    assert only(service).state == "pending"


def test_what_was_left_empty_takes_no_line_of_the_desk(service, moderator):
    handed_in(service)

    shown = plain(moderator.get(f"/admin/cases/{only(service).id}").text)

    assert (
        '<th scope="row">Company or group</th><td class="whole-text">Ada &amp; Sons</td>' in shown
    )
    assert [
        name
        for name in ("About the company", "Who answers", "Logo of the company")
        if f'"row">{name}</th>' in shown
    ] == []


@pytest.mark.parametrize(
    ("step", "typed", "told"),
    [
        ("approve", {}, "Done: approved. You can undo it for half a minute."),
        ("reject", {"reason": "Say more.", "at_once": "on"}, "Done: rejected."),
    ],
)
def test_after_a_decision_one_is_told_which_it_was(service, moderator, step, typed, told):
    handed_in(service)

    answer = decide(moderator, service, step, **typed)

    shown = moderator.get(answer.headers["location"]).text
    assert f'role="status"><p>{told}</p>' in shown


def test_the_history_says_what_was_done(service, moderator):
    author = handed_in(service)

    decide(moderator, service, "approve", at_once="on")

    for shown in (author.get(author.page), moderator.get(f"/admin/cases/{only(service).id}")):
        told = shown.text.partition("What happened")[2]
        assert re.findall(r"UTC</time>: (approved|address confirmed)", told) == [
            "approved",
            "address confirmed",
        ]


@pytest.mark.row("S328", "S324")
def test_a_note_is_seen_by_its_author_where_it_is_marked_so(service, moderator):
    author = handed_in(service)
    page = f"/admin/cases/{only(service).id}"

    moderator.send(page, f"{page}/note", text="Looks odd to me.")
    moderator.send(page, f"{page}/note", text="Say where the office is.", is_shown="on")

    shown = author.get(author.page).text
    assert "Say where the office is." in shown
    assert "Looks odd" not in shown


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://127.0.0.1/", "its address is not on the public internet"),
        ("http://169.254.169.254/latest/meta-data/", "its address is not on the public internet"),
        ("http://[::ffff:10.0.0.1]/", "its address is not on the public internet"),
        ("http://[::1]/", "its address is not on the public internet"),
        ("http://[::127.0.0.1]/", "its address is not on the public internet"),
        ("http://localhost:80/", "its address is not on the public internet"),
        ("http://0/", "its address is not on the public internet"),
        ("http://127.1/", "its address is not on the public internet"),
        ("http://2130706433/", "its address is not on the public internet"),
        ("http://0177.0.0.1/", "its address is not on the public internet"),
        ("http://0x7f000001/", "its address is not on the public internet"),
        ("http://①②⑦.0.0.1/", "its address is not on the public internet"),
        ("http://93.184.215.14:8080/", "port"),
    ],
)
def test_addresses_nearby_and_other_ports_are_never_asked(url, why):
    is_good, says = ask(Visitor(AGENT, LIMITS), url)

    assert not is_good
    assert why in says


def test_a_name_that_is_soon_another_address_leads_nowhere_else(monkeypatch):
    """What was checked is what is connected to: a name is asked for once."""
    answers, reached = ["93.184.215.14", "127.0.0.1", "127.0.0.1"], []

    def find(host, port, **_):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answers.pop(0), port))]

    def connect(_, address):
        reached.append(address)
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr("socket.getaddrinfo", find)
    monkeypatch.setattr("socket.socket.connect", connect)
    is_good, says = ask(Visitor(AGENT, LIMITS), "http://rebinding.example/")

    assert (is_good, says) == (False, "it cannot be reached: Connection refused")
    assert reached == [("93.184.215.14", 80)]
    assert answers == ["127.0.0.1", "127.0.0.1"]


def test_the_desk_shows_what_the_addresses_of_a_submission_said(service, moderator):
    handed_in(service, apply_url="http://127.0.0.1/apply")

    work(service)

    (check,) = service.rows(select(CaseCheck))
    assert not check.is_good
    assert "http://127.0.0.1/apply: its address is not on the public internet" in (
        moderator.get(f"/admin/cases/{only(service).id}").text
    )


def test_addresses_within_texts_are_asked_too_each_once_and_not_without_end(service):
    spam = "".join(f" [p{n}](http://127.0.0.1/{n})," for n in range(30))
    text = f"Bake. See http://127.0.0.1/apply, <http://127.0.0.1/0>.{spam}"
    handed_in(service, apply_url="http://127.0.0.1/apply", text=text)

    work(service)

    asked = service.rows(select(CaseCheck).order_by(CaseCheck.id))
    assert [check.url for check in asked] == [
        "http://127.0.0.1/apply", *(f"http://127.0.0.1/{n}" for n in range(MOST - 1)),
    ]  # fmt: skip
    assert {check.says for check in asked} == {"its address is not on the public internet"}


@pytest.mark.row("S440")
def test_deleting_asks_once_works_for_good_and_is_logged(service, moderator):
    author = handed_in(service)
    page = f"{CASES}/{only(service).id}"
    assert f'href="{page}/delete"' in moderator.get(page).text

    asked = moderator.get(f"{page}/delete")
    assert "Delete “Baker of bytes”, a job that is pending?" in asked.text
    assert only(service).state == "pending"
    answer = moderator.submit(asked, f"{page}/delete")

    assert answer.status_code == 303
    assert "It is deleted." in moderator.get(answer.headers["location"]).text
    for table in (Submission, Revision, Decision, CaseLink, Publishing):
        assert service.rows(select(table)) == []
    logged = service.rows(select(Audit).order_by(Audit.id))[-1]
    assert (logged.action, logged.subject) == ("job deleted", "submissions/1")
    assert logged.actor_id == moderator.user
    for _ in range(2):
        assert moderator.get(f"{page}/delete").status_code == 404
    assert moderator.submit(asked, f"{page}/delete").status_code == 404
    assert author.get(author.page).status_code == 404


@pytest.mark.row("S440")
def test_what_the_site_shows_is_taken_down_before_it_is_deleted_and_is_gone_from_the_next_build(
    service, moderator, tmp_path
):
    site = project_beside(tmp_path)
    handed_in(service)
    published(service, site, moderator)
    page = f"{CASES}/{only(service).id}"
    assert f'href="{page}/delete"' not in moderator.get(page).text
    answer = moderator.send(f"{page}/delete")
    assert answer.status_code == 409
    assert "take it down first" in answer.text

    decide(moderator, service, "take down", reason="No.")
    answer = moderator.send(f"{page}/delete")
    assert answer.status_code == 409
    assert "wait for half a minute" in answer.text
    let_time_pass(service)
    assert moderator.send(f"{page}/delete").status_code == 303
    work(service)
    site.build(now())

    assert "Baker of bytes" not in site.pages()["/jobs/"]


def test_nobody_deletes_what_is_theirs_or_of_kinds_they_do_not_decide_about(service, moderator):
    handed_in(service)
    page = f"{CASES}/{only(service).id}"
    other = service.signed_in(role="stories team")
    assert other.get(f"{page}/delete").status_code == 404
    own = {"email": "bea@ada.example"}
    service.write(
        lambda tx: tx.execute(update(User).where(User.id == moderator.user).values(**own))
    )

    answer = moderator.send(f"{page}/delete")

    assert answer.status_code == 409
    assert "somebody else decides" in answer.text


def test_the_page_that_it_becomes_is_shown_beside_it_and_within_no_other_site(service):
    handed_in(service)
    staff = service.signed_in(role="jobs team")
    here = f"/admin/cases/{only(service).id}"

    record, page = staff.get(here), staff.get(f"{here}/page")

    assert f'<iframe class="becomes" src="{here}/page"' in record.text
    assert "frame-ancestors 'self'" in page.headers["content-security-policy"]
    assert page.headers["x-frame-options"] == "SAMEORIGIN"
    assert "frame-ancestors 'none'" in record.headers["content-security-policy"]
    assert record.headers["x-frame-options"] == "DENY"

"""Two clicks, two moderators, or a moderator and the worker at the same moment: one thing happens."""

from __future__ import annotations

import asyncio
import datetime
import random

import pyotp
import pytest
from sqlalchemy import select, text, update

from pydotorg_build.snapshot import Snapshots
from sidecar import holds, identities, people, publishing, sessions, tokens
from sidecar.clock import now
from sidecar.factors import keep_app, make_codes, replace_codes
from sidecar.passwords import Passwords
from sidecar.permissions import Actor
from sidecar.snapshots import snapshot_of
from sidecar.tables.accounts import Factor, Identity, Purpose, RecoveryCode, Session, User
from sidecar.tables.cases import Decision, Draft, Publishing, Submitter
from sidecar.tables.elections import Nomination
from sidecar.tables.sponsors import Sponsor, Sponsorship
from sidecar.tables.work import Mail, MailState, Task
from sidecar.worker import Worker
from tests.sidecar import sponsoring
from tests.sidecar import test_nominations as nominating
from tests.sidecar.conftest import FORM as FORMS
from tests.sidecar.conftest import HASH, HIDDEN, PASSWORD
from tests.sidecar.test_cases import (
    FORM,
    GOOD,
    LONG_AGO,
    handed_in,
    let_time_pass,
    link_in,
    mails,
    only,
    work,
)
from tests.sidecar.test_factors import SECRET, code
from tests.sidecar.test_security import APP, secret_of
from tests.sidecar.test_sponsor_assets import finalized, year

CLICKS = 5


def sender(browser, page, act, to="", **typed):
    """Open a page and fill in its form; what sends it, by a button that sends it elsewhere or not."""
    shown = browser.get(page)
    form = next(one for one in FORMS.findall(shown.text) if f'action="{act}"' in one)
    fields = dict(HIDDEN.findall(form)) | typed
    headers = {"accept": "text/html"}
    return lambda: browser.client.post(to or act, data=fields, headers=headers)


def all_at_once(service, *sends):
    async def story():
        return await asyncio.gather(*(send() for send in sends))

    return service.run(story())


def decisions(service):
    asked = select(Decision).where(Decision.actor_id > 0).order_by(Decision.id)
    return service.rows(asked)


def shown(service):
    """The keys of the jobs in the snapshot; nothing where none was taken."""
    path = snapshot_of(service.settings)
    reader = Snapshots(path.parent, [path.name])
    try:
        return [row.key for row in reader.rows(path.name, "jobs")]
    finally:
        reader.close()


@pytest.mark.row("S003")
def test_a_form_that_is_sent_by_many_clicks_at_once_is_one_submission_with_one_mail(service):
    send = sender(service.browser(), FORM, FORM, **GOOD)

    answers = all_at_once(service, *[send] * CLICKS)

    assert {answer.status_code for answer in answers} == {303}
    assert only(service).state == "unconfirmed"
    assert [mail.template for mail in mails(service)] == ["case-confirm"]


@pytest.mark.row("S003")
def test_a_link_that_is_confirmed_by_many_clicks_at_once_joins_the_queue_once(service):
    author = service.browser()
    author.send(FORM, **GOOD)
    link = link_in(mails(service)[0])
    send = sender(author, link, link.partition("?")[0])

    answers = all_at_once(service, *[send] * CLICKS)

    page = f"/submit/job/{only(service).public_id}"
    assert [answer.status_code for answer in answers] == [303] * CLICKS
    assert {answer.headers["location"] for answer in answers} == {page}
    assert "Thank you. It is in the queue now." in author.get(page).text
    assert only(service).state == "pending"
    assert [mail.template for mail in mails(service)] == ["case-confirm", "case-received"]
    assert [one.step for one in service.rows(select(Decision))] == ["confirm"]


@pytest.mark.row("S003")
@pytest.mark.parametrize("at_once", ["", "on"])
def test_of_many_who_decide_at_the_same_moment_one_does_and_the_others_are_told(service, at_once):
    handed_in(service)
    number = only(service).id
    act = f"/admin/cases/{number}/decide"
    sends = [
        sender(service.signed_in(role="jobs team", name=f"moe{n}"), f"/admin/cases/{number}", act,
               step=step, reason="Say what is paid.", at_once=at_once)
        for n, step in enumerate(["approve", "reject", "approve", "reject as spam"])
    ]  # fmt: skip
    random.shuffle(sends)

    answers = all_at_once(service, *sends)

    assert sorted(answer.status_code for answer in answers) == [303, 409, 409, 409]
    for answer in answers:
        if answer.status_code == 409:
            assert "Somebody else decided a moment before you." in answer.text
    (one,) = decisions(service)
    assert only(service).state == ("published" if one.step == "approve" else "rejected")
    wanted = service.rows(select(Publishing.decision_id))
    assert wanted == ([one.id] if one.step == "approve" else [])
    told = [mail.template for mail in mails(service)][2:]
    assert told == (["case-rejected"] if one.step == "reject" else [])


def decided(service, step="approve"):
    """A job that was decided about a moment ago, and what takes that back."""
    handed_in(service)
    moderator = service.signed_in(role="jobs team")
    page = f"/admin/cases/{only(service).id}"
    moderator.send(page, f"{page}/decide", step=step, reason="Say what is paid.")
    return sender(moderator, page, f"{page}/undo")


async def let_it_be_due(tx, at):
    """Let what follows from a decision begin at a moment."""
    await tx.execute(update(Decision).values(until=at))
    await tx.execute(update(Publishing).values(due=at))
    await tx.execute(update(Task).where(Task.not_before > now()).values(not_before=at))


@pytest.mark.row("S003")
def test_what_is_undone_while_a_snapshot_with_it_is_made_leaves_with_the_next(service, monkeypatch):
    undo = decided(service)
    written = asyncio.Event()
    found = publishing._found

    async def with_it(tx):
        """Read as the half minute is over; until all is written down, somebody undoes."""
        with monkeypatch.context() as patch:
            patch.setattr(holds, "held", nothing)
            rows = await found(tx)
        written.set()
        await undone.wait()
        return rows

    async def nothing(tx):
        return {}

    async def story():
        taking = asyncio.create_task(Worker(service.db, service.settings).drain())
        await written.wait()
        answer = await undo()
        undone.set()
        await taking
        return answer

    undone = asyncio.Event()
    monkeypatch.setattr(publishing, "_found", with_it)
    service.write(lambda tx: tx.execute(update(Publishing).values(due=LONG_AGO)))
    service.write(lambda tx: publishing.anew(tx, "something else"))

    answer = service.run(story())
    monkeypatch.setattr(publishing, "_found", found)
    work(service)

    assert answer.status_code == 303
    assert only(service).state == "pending"
    assert service.rows(select(Publishing)) == []
    assert shown(service) == []


@pytest.mark.row("S003")
def test_what_was_given_to_the_builder_is_undone_no_more(service, monkeypatch):
    undo = decided(service)

    async def taken(tx):
        for one in await tx.scalars(select(Publishing)):
            one.number = 1

    service.write(taken)

    (answer,) = all_at_once(service, undo)

    assert answer.status_code == 409
    assert "It is too late" in answer.text
    assert only(service).state == "published"


@pytest.mark.row("S003")
@pytest.mark.parametrize("step", ["approve", "reject"])
def test_undo_at_the_last_moment_either_undoes_all_or_nothing(service, step):
    """The worker runs while somebody undoes at some moment around the end of the hold."""
    undo = decided(service, step)
    soon = now() + holds.SAFELY + datetime.timedelta(seconds=0.4)
    service.write(lambda tx: let_it_be_due(tx, soon))
    worker = Worker(service.db, service.settings)

    async def story():
        working = asyncio.create_task(worker.run())
        await asyncio.sleep(random.random() * 1.2)
        answer = await undo()
        await asyncio.sleep(1)
        worker.stop()
        await working
        return answer

    answer = service.run(story())
    let_time_pass(service)
    work(service)

    is_undone = answer.status_code == 303
    assert is_undone or answer.status_code == 409
    after = "published" if step == "approve" else "rejected"
    assert only(service).state == ("pending" if is_undone else after)
    public_id = only(service).public_id
    assert shown(service) == ([public_id] if step == "approve" and not is_undone else [])
    told = service.rows(select(Mail.state).where(Mail.template == "case-rejected"))
    assert told == ([] if step == "approve" else ["held"] if is_undone else ["sent"])


@pytest.mark.row("S003")
def test_of_undoing_and_deciding_by_another_at_the_same_moment_one_happens_or_both_in_turn(service):
    undo = decided(service)
    number = only(service).id
    page = f"/admin/cases/{number}"
    take_down = sender(service.signed_in(role="staff"), page, f"{page}/decide",
                       step="take down", reason="Spam.")  # fmt: skip

    first, second = all_at_once(service, undo, take_down)

    assert sorted([first.status_code, second.status_code]) == [303, 409]
    is_undone = first.status_code == 303
    assert only(service).state == ("pending" if is_undone else "rejected")
    open_ways = len(service.rows(select(Publishing)))
    assert open_ways == (0 if is_undone else 2)


@pytest.mark.row("S003")
@pytest.mark.parametrize("is_known", [True, False], ids=["a known company", "a new company"])
def test_an_application_that_is_sent_by_many_clicks_at_once_is_one_with_one_mail(service, is_known):
    sponsoring.offer(service)
    if is_known:
        other = {"sender": "eve@ada.example", "city": "Porto"}
        service.browser().send(sponsoring.FORM, **{**sponsoring.GOOD, **other})
    send = sender(service.browser(), sponsoring.FORM, sponsoring.FORM, **sponsoring.GOOD)

    answers = all_at_once(service, *[send] * CLICKS)

    assert [answer.status_code for answer in answers] == [303] * CLICKS
    mine = select(Sponsorship).where(Sponsorship.email == sponsoring.GOOD["sender"])
    assert len(service.rows(mine)) == 1
    assert [one.name for one in service.rows(select(Sponsor))] == ["Ada & Sons"]
    assert [mail.template for mail in sponsoring.mails(service)] == ["sponsor-received"]


def test_two_who_apply_at_once_for_a_company_that_is_new_are_of_one_company(service):
    sponsoring.offer(service)
    sends = [
        sender(service.browser(), sponsoring.FORM, sponsoring.FORM,
               **{**sponsoring.GOOD, "sender": f"{name}@ada.example"})
        for name in ("ada", "bo", "cy")
    ]  # fmt: skip

    answers = all_at_once(service, *sends)

    assert [answer.status_code for answer in answers] == [303] * 3
    assert len(service.rows(select(Sponsorship))) == 3
    assert [one.name for one in service.rows(select(Sponsor))] == ["Ada & Sons"]


@pytest.mark.row("S003")
def test_a_nomination_that_is_sent_by_many_clicks_at_once_is_one_with_one_mail_to_each(
    service, tmp_path
):
    nominating.Site(tmp_path).hold(-5, 9)
    form = nominating.FORM
    send = sender(service.signed_in(), form, form, **nominating.OTHER)

    answers = all_at_once(service, *[send] * CLICKS)

    assert [answer.status_code for answer in answers] == [303] * CLICKS
    assert len(service.rows(select(Nomination))) == 1
    (asked,) = service.rows(select(Mail).where(Mail.recipient == nominating.OTHER["who"]))
    assert asked.template == "nomination-asked"
    told = select(Mail.template).where(Mail.recipient != nominating.OTHER["who"])
    assert service.rows(told) == ["nomination-received"]


@pytest.mark.row("S003")
@pytest.mark.parametrize("answer", ["accept", "decline"])
def test_a_nominee_who_answers_by_many_clicks_at_once_answers_once(service, tmp_path, answer):
    nominating.Site(tmp_path).hold(-5, 9)
    grace = nominating.nominated(service)
    page = nominating.page(service)
    typed = nominating.STANDING if answer == "accept" else {}
    send = sender(grace, page, f"{page}/{answer}", **typed)

    answers = all_at_once(service, *[send] * CLICKS)

    assert [one.status_code for one in answers] == [303] * CLICKS
    to_her = [mail.template for mail in nominating.mails(service, nominating.OTHER["who"])]
    word = "stands" if answer == "accept" else "declined"
    assert to_her == ["nomination-asked", f"nomination-{word}"]
    told = select(Mail.id).where(Mail.template == "nomination-answered")
    assert len(service.rows(told)) == 1


def test_whoever_nominates_oneself_by_many_clicks_at_once_stands_once(service, tmp_path):
    nominating.Site(tmp_path).hold(-5, 9)
    me = service.signed_in()
    send = sender(me, nominating.MYSELF, nominating.MYSELF, **nominating.STANDING)

    answers = all_at_once(service, *[send] * CLICKS)

    assert [one.status_code for one in answers] == [303] * CLICKS
    told = service.rows(select(Mail.template).where(Mail.template.startswith("nomination")))
    assert told == ["nomination-stands"]


@pytest.mark.row("S003")
def test_drafts_of_an_address_that_is_new_are_all_kept_when_they_come_at_once(service):
    sends = [
        sender(service.browser(), FORM, FORM, to=f"{FORM}/draft", title=f"Baker {n}",
               sender="new@ada.example")
        for n in range(CLICKS)
    ]  # fmt: skip

    answers = all_at_once(service, *sends)

    assert [answer.status_code for answer in answers] == [303] * CLICKS
    assert len(service.rows(select(Draft))) == CLICKS
    assert service.rows(select(Submitter.email)) == ["new@ada.example"]


@pytest.mark.row("S003")
def test_mending_and_keeping_with_one_new_address_at_once_is_one_submitter(service):
    author = service.browser()
    sent = author.send(FORM, **GOOD)
    page = sent.headers["location"]
    mend = sender(author, page, page, email="new@ada.example")
    others = [
        sender(service.browser(), FORM, FORM, to=f"{FORM}/draft", title=f"Baker {n}",
               sender="new@ada.example")
        for n in range(CLICKS - 1)
    ]  # fmt: skip

    answers = all_at_once(service, mend, *others)

    assert [answer.status_code for answer in answers] == [303] * CLICKS
    new = select(Submitter.id).where(Submitter.email == "new@ada.example")
    assert len(service.rows(new)) == 1


@pytest.mark.row("S003")
def test_of_rejecting_and_changing_at_the_same_moment_no_reason_is_sent_about_what_waits(service):
    author = handed_in(service)
    number = only(service).id
    page = f"/admin/cases/{number}"
    reject = sender(service.signed_in(role="jobs team"), page, f"{page}/decide", step="reject",
                    reason="Say what is paid.")  # fmt: skip
    act = f"{author.page}/change"
    change = sender(author, act, act, **{**GOOD, "title": "Baker of many bytes"})

    all_at_once(service, reject, change)

    alive = Mail.template == "case-rejected", Mail.state == MailState.QUEUED.value
    told = service.rows(select(Mail.id).where(*alive))
    assert len(told) == (only(service).state == "rejected")


@pytest.mark.row("S003")
def test_a_sponsorship_that_is_renewed_by_many_clicks_at_once_is_renewed_once(service):
    staff = sponsoring.desk(service)
    finalized(service, sponsoring.applied(service), staff, **year(60))
    page = sponsoring.page_of(sponsoring.newest(service))
    send = sender(staff, page, f"{page}/renew")

    answers = all_at_once(service, *[send] * CLICKS)

    assert sorted(answer.status_code for answer in answers) == [303, *[409] * (CLICKS - 1)]
    assert len(service.rows(select(Sponsorship))) == 2


async def overtaking(db, first, second):
    """Take a step, and another before the first is committed; what came of the other."""

    async def taken():
        async with db.write() as tx:
            return await second(tx)

    async with db.write() as tx:
        await first(tx)
        other = asyncio.create_task(taken())
        while not (db.is_sqlite or other.done() or await is_waited(db)):  # noqa: ASYNC110 (it tells nobody)
            await asyncio.sleep(0.01)
    return (await asyncio.gather(other, return_exceptions=True))[0]


async def is_waited(db):
    """Does somebody wait for another in PostgreSQL?"""
    async with db.read() as tx:
        return await tx.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted"))


def test_a_password_that_is_changed_while_it_is_checked_signs_nobody_in(service, monkeypatch):
    user = service.account()
    check = Passwords.checked

    async def checked(self, given, stored):
        found = await check(self, given, stored)
        async with service.db.write() as tx:
            kept = await tx.get_one(User, user)
            await people.set_password(tx, Actor(user=user), kept, HASH.replace("p=1", "p=2"))
        return found

    monkeypatch.setattr(Passwords, "checked", checked)

    answer = service.send("/account/sign-in", who="ada", password=PASSWORD)

    assert answer.status_code == 422
    assert service.rows(select(Session)) == []


def test_a_new_password_ends_a_session_that_is_begun_at_the_same_moment(service):
    user = service.account()
    half = service.write(lambda tx: tokens.make(tx, Purpose.SIGN_IN, user))

    async def finish(tx):
        assert await tokens.spend(tx, Purpose.SIGN_IN, half)
        await sessions.start(tx, user, "Firefox", has_factor=True)

    async def change(tx):
        await people.set_password(tx, Actor(user=user), await tx.get_one(User, user), HASH)

    assert service.run(overtaking(service.db, finish, change)) is None
    assert service.rows(select(Session)) == []


def test_of_the_two_last_ways_in_that_are_let_go_at_the_same_moment_one_stays(service):
    user = service.account(password="")
    for name in ("github", "google"):
        service.write(adding(Identity(user_id=user, provider=name, subject="7")))

    def without(name):
        async def step(tx):
            await identities.disconnect(tx, await tx.get_one(User, user), name)

        return step

    second = service.run(overtaking(service.db, without("github"), without("google")))

    assert isinstance(second, people.Impossible)
    assert service.rows(select(Identity.provider)) == ["google"]


def adding(row):
    async def step(tx):
        tx.add(row)

    return step


def test_with_the_two_last_factors_removed_at_the_same_moment_nothing_of_them_is_left(service):
    user = service.account()
    browser = service.signed_in(user=user)
    for name in ("Phone", "Tablet"):
        service.write(
            lambda tx, name=name: keep_app(tx, service.settings, user, SECRET, code(), name)
        )
    service.write(lambda tx: replace_codes(tx, user, make_codes()))
    sends = [
        sender(browser, f"/account/security/factors/{one}/remove", f"/account/security/factors/{one}/remove")
        for one in service.rows(select(Factor.id))
    ]  # fmt: skip

    answers = all_at_once(service, *sends)

    assert [answer.status_code for answer in answers] == [303, 303]
    assert service.rows(select(Factor)) == []
    assert service.rows(select(RecoveryCode)) == []


def test_an_app_that_is_set_up_by_many_clicks_at_once_is_one_factor(service):
    browser = service.signed_in()
    shown = browser.get(APP)
    fields = dict(HIDDEN.findall(shown.text)) | {"name": "Phone"}
    fields["code"] = pyotp.TOTP(secret_of(shown)).now()

    answers = all_at_once(service, *[lambda: browser.client.post(APP, data=fields)] * CLICKS)

    assert sorted(answer.status_code for answer in answers) == [200, *[303] * (CLICKS - 1)]
    assert [factor.name for factor in service.rows(select(Factor))] == ["Phone"]
    assert "This app is set up already." in browser.get("/account/security").text

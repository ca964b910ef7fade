"""What is kept about people: all of it can be taken away, and all of it can be deleted."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from sidecar.clock import now
from sidecar.factors import keep_app, make_codes, replace_codes
from sidecar.limits import count
from sidecar.mail import post
from sidecar.personal import IMPERSONAL, PARTS, erase
from sidecar.tables import Table
from sidecar.tables.accounts import (
    ApiKey,
    Given,
    Identity,
    Membership,
    Refresh,
    Session,
    Token,
    User,
)
from sidecar.tables.attachments import Attachment, AttachmentUse, DraftPicture
from sidecar.tables.cases import Block, Draft, Revision, Submission, Submitter
from sidecar.tables.elections import Nomination, Nominee
from sidecar.tables.sponsors import Contract, Sponsor, SponsorAsset, Sponsorship
from sidecar.tables.work import Audit, Mail, MailState, Suppression
from tests.sidecar import sponsoring
from tests.sidecar import test_nominations as nominating
from tests.sidecar.test_cases import decide, handed_in
from tests.sidecar.test_factors import SECRET, code
from tests.sidecar.test_sign_in import grow_stale

URL = "/account/data"
NAMED = {part.table.__tablename__: part for part in PARTS}


@pytest.mark.parametrize("table", sorted(Table.metadata.tables))
def test_of_every_table_it_is_said_what_it_holds_about_people(table):
    assert (table in NAMED) != (table in IMPERSONAL), "name it in sidecar/personal.py"


@pytest.mark.parametrize("table", sorted(Table.metadata.tables))
def test_a_table_that_names_an_account_or_an_address_is_personal(table):
    columns = Table.metadata.tables[table].columns
    refers = any(key.column.table.name == "users" for c in columns for key in c.foreign_keys)
    named = {"email", "recipient", "full_name", "legal_name"} & set(columns.keys())

    assert table in NAMED or not (refers or named)


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_what_is_held_back_is_a_column_there_is_and_no_secret_is_shown(part):
    columns = set(part.table.__table__.columns.keys())
    secret = {"password", "token", "secret", "code", "digest", "family", "credential"}

    assert part.held_back - {"id", "user_id"} <= columns
    assert not secret & (columns - part.held_back)


async def sponsor(tx, state="finalized"):
    """A sponsorship that was handed in with the address of ada."""
    tx.add(who := Sponsor(public_id="1", name="Looms", name_key="looms"))
    await tx.flush()
    tx.add(one := Sponsorship(
        public_id="1", sponsor_id=who.id, email="ada@example.org", email_key="ada@example.org",
        state=state, digest="d", payload={"company": "Looms"}, terms={}, price=1,
    ))  # fmt: skip
    await tx.flush()
    tx.add(Contract(sponsorship_id=one.id, revision=1, words={"sponsor": "Looms"}))
    tx.add(SponsorAsset(sponsorship_id=one.id, slug="a", title="A", kind="text", due=now().date()))


def full(service) -> int:
    """An account of which every table holds something."""
    user = service.account("ada", "staff", full_name="Ada Lovelace", bio="Countess", employers="Me")

    async def fill(tx):
        await keep_app(tx, service.settings, user, SECRET, code(), "Phone")
        await replace_codes(tx, user, make_codes())
        tx.add(Membership(user_id=user, legal_name="Augusta Ada King", city="London"))
        tx.add(Identity(user_id=user, provider="github", subject="42", email="ada@gh.example"))
        tx.add(key := ApiKey(user_id=user, name="ci", prefix="pyo_1", digest="d"))
        await tx.flush()
        tx.add(Refresh(digest="r", family="f", key_id=key.id, expires=now()))
        tx.add(Token(token="t", purpose="confirm", user_id=user, expires=now()))
        tx.add(Audit(actor_id=user, action="profile changed", subject=f"users/{user}"))
        await post(tx, "confirm", "ada@example.org", {"name": "ada", "link": "http://x.example"})
        tx.add(Suppression(email="ada@example.org", email_key="ada@example.org", reason="bounced"))
        tx.add(by := Submitter(email="ada@example.org", email_key="ada@example.org"))
        await tx.flush()
        tx.add(draft := Draft(public_id="1", kind="job", submitter_id=by.id,
                              given={"title": ["Loom"]}))  # fmt: skip
        tx.add(job := Submission(kind="job", public_id="1", submitter_id=by.id, digest="d"))
        await tx.flush()
        tx.add(
            stands := Nominee(
                election="e",
                public_id="2",
                name="Ada",
                user_id=user,
                email="ada@example.org",
                email_key="ada@example.org",
            )
        )
        await tx.flush()
        tx.add(Nomination(nominee_id=stands.id, nominator_id=user, why="Who else?"))
        tx.add(Revision(submission_id=job.id, n=1, payload={"title": "Countess wanted"}))
        tx.add(Attachment(name="a.png", format="png", width=1, height=1, size=1))
        await tx.flush()
        tx.add(AttachmentUse(submission_id=job.id, name="a.png"))
        tx.add(DraftPicture(draft_id=draft.id, name="a.png"))
        await sponsor(tx)
        tx.add(Block(value="ada@example.org", reason="Spam"))

    service.write(fill)
    service.run(count(service.db, "sign-in ada", most=9, seconds=60))
    return user


@pytest.mark.row("C20")
def test_one_file_has_everything_that_is_kept_and_no_secret(service):
    browser = service.signed_in(user=full(service))

    answer = browser.get(f"{URL}/export")

    data = answer.json()
    assert answer.headers["content-disposition"].startswith("attachment; filename=")
    assert [name for name in data if not data[name]] == []
    assert set(data) == {"taken_at", *(part.name for part in PARTS)}
    assert data["account"][0]["full_name"] == "Ada Lovelace"
    assert data["membership"][0]["legal_name"] == "Augusta Ada King"
    assert data["mails"][0]["subject"]
    assert data["tries"][0]["key"] == "sign-in ada"
    assert "argon2" not in answer.text


def test_the_file_has_nothing_of_anybody_else(service):
    full(service)
    browser = service.signed_in(name="eve")

    data = browser.get(f"{URL}/export").json()

    assert {name for name in data if data[name]} == {"taken_at", "account", "sessions"}
    assert "ada" not in str(data).lower()


def of_decisions(browser):
    """What the file says of all that staff decide about."""
    data = browser.get(f"{URL}/export").json()
    names = ("handed_in", "sponsorships", "given_by_sponsors", "nominated_for", "mails")
    return [{**row, "updated": ""} for name in names for row in data[name]]


@pytest.mark.row("C20", "S003")
def test_what_can_still_be_undone_is_not_told_by_the_file_either(service, tmp_path):
    nominating.Site(tmp_path).hold(-5, 9)
    nominating.nominated(service, "bo")
    theirs = {"email": "ada@ada.example", "email_key": "ada@ada.example"}
    service.write(lambda tx: tx.execute(update(Nominee).values(**theirs)))
    sponsoring.applied(service)
    handed_in(service)
    ada = service.signed_in(user=service.account("ada", email="ada@ada.example"))
    before = of_decisions(ada)
    grace = service.account("grace", "staff", "sponsors team", "jobs team")
    staff = service.signed_in(role="staff", user=grace)
    nominee = f"/admin/nominations/{service.rows(select(Nominee.id))[0]}"
    sponsor = sponsoring.page_of(sponsoring.newest(service))
    job = f"/admin/cases/{service.rows(select(Submission.id))[0]}"

    staff.send(nominee, f"{nominee}/withdraw", reason="A mistake.")
    sponsoring.approve(staff, service, at_once="")
    staff.send(job, f"{job}/decide", step="reject", reason="A mistake.")

    assert service.rows(select(Submission.state)) == ["rejected"]
    assert service.rows(select(Sponsorship.state)) == ["approved"]
    assert of_decisions(ada) == before
    for page, act in ((nominee, "restore"), (sponsor, "undo"), (job, "undo")):
        assert staff.send(page, f"{page}/{act}").status_code == 303
    assert service.rows(select(Submission.state)) == ["pending"]
    assert of_decisions(ada) == before


@pytest.mark.row("C20")
def test_what_was_decided_for_good_is_told_by_the_file(service):
    handed_in(service)
    ada = service.signed_in(user=service.account("ada", email="ada@ada.example"))
    decide(service.signed_in(role="jobs team"), service, "reject", reason="Why.", at_once="on")

    data = ada.get(f"{URL}/export").json()

    assert [one["state"] for one in data["handed_in"]] == ["rejected"]
    assert "case-rejected" in [one["template"] for one in data["mails"]]


@pytest.mark.row("C20")
def test_deleting_leaves_a_tombstone_and_nothing_that_says_who_it_was(service):
    user = full(service)
    service.write(lambda tx: tx.execute(Mail.__table__.update().values(state=MailState.SENT.value)))
    browser = service.signed_in(user=user)
    service.account("eve")

    wrong = browser.send(URL, f"{URL}/delete", name="eve")
    assert (wrong.status_code, len(service.rows(select(Membership)))) == (422, 1)
    gone = browser.send(URL, f"{URL}/delete", name="Ada")

    assert (gone.status_code, gone.headers["location"]) == (303, "/account/sign-in")
    assert "Your account is deleted." in browser.get("/account/sign-in").text
    assert browser.get("/account/").headers["location"].startswith("/account/sign-in")
    (kept,) = service.rows(select(User).where(User.id == user))
    assert (kept.name, kept.email, kept.full_name, kept.bio, kept.password) == (
        f"deleted-{user}", "", "", "", "",
    )  # fmt: skip
    assert kept.deleted_at is not None
    for table in (Given, Membership, Identity, ApiKey, Refresh, Session, Token):
        assert service.rows(select(table)) == []
    last, first = service.rows(select(Mail).order_by(Mail.id.desc()))
    assert (last.template, last.recipient, last.state) == ("deleted", "ada@example.org", "queued")
    assert (first.recipient, first.text) == ("", "")
    assert [a.action for a in service.rows(select(Audit))] == ["profile changed", "account deleted"]
    assert service.account("ada") > user


@pytest.mark.parametrize(("state", "left"), [("finalized", 1), ("rejected", 0)])
def test_a_sponsorship_is_kept_only_where_something_was_agreed(service, state, left):
    user = service.account("ada")
    service.write(lambda tx: sponsor(tx, state))

    async def gone(tx):
        return await (await tx.connection()).run_sync(erase, user)

    service.write(gone)

    assert len(service.rows(select(Sponsorship))) == left


def test_deleting_twice_changes_nothing(service):
    user = full(service)

    async def twice(tx):
        connection = await tx.connection()
        return [await connection.run_sync(erase, user) for _ in range(2)]

    assert service.write(twice) == [True, False]


def test_the_last_superuser_cannot_go(service):
    browser = service.signed_in("superuser", name="ada")

    refused = browser.send(URL, f"{URL}/delete", name="ada")

    assert refused.status_code == 422
    assert "Ada is the last superuser" in refused.text


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/export", 303), ("POST", "/delete", 403)]
)
def test_both_want_a_fresh_proof_of_who_it_is(service, method, path, status):
    browser = service.signed_in()
    grow_stale(service)

    assert browser.ask(method, f"{URL}{path}").status_code == status
    assert service.rows(select(User.deleted_at)) == [None]

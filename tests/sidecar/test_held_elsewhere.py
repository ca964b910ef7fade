"""Decisions about sponsors and nominees: while one can be undone, nobody outside learns of it."""

from __future__ import annotations

import datetime

import pytest
from sqlalchemy import select, update

from sidecar import publishing
from sidecar.clock import now
from sidecar.holds import BEING_DECIDED
from sidecar.sponsors.assets import remind_due
from sidecar.sponsors.rows import rows
from sidecar.tables.accounts import User
from sidecar.tables.elections import Nominee
from sidecar.tables.sponsors import SponsorAsset, SponsorshipStep
from sidecar.tables.work import Mail, MailState, Task
from tests.sidecar.sponsoring import applied, approve, newest, page_of, take
from tests.sidecar.test_cases import LONG_AGO, work
from tests.sidecar.test_inbox import HELD, half_a_minute_later, undo, without_tokens
from tests.sidecar.test_nominations import STANDING, Site, let_it_stand, nominated, only, page
from tests.sidecar.test_sponsor_assets import asset, year

LEADS_AWAY = ["reject", "roll back"]


@pytest.fixture
def staff(service):
    return service.signed_in(role="sponsors team", name="grace")


@pytest.fixture
def released(service, staff):
    """The browser of a sponsor that is approved, and on the site."""
    sponsor = applied(service)
    approve(staff, service, **year())
    take(staff, service, "release")
    work(service)
    return sponsor


def shown(service):
    """What a snapshot of this moment has of sponsors."""
    return [data["title"] for _, _, data in service.write(rows)]


def asked_for(service):
    """When the snapshots are due that were asked for and are not taken."""
    waits = Task.kind == publishing.TAKE, Task.state == "ready"
    return service.rows(select(Task.not_before).where(*waits))


@pytest.mark.parametrize("step", LEADS_AWAY)
def test_a_sponsor_stays_on_the_site_while_what_leads_it_away_can_be_undone_and_leaves_by_itself(
    service, staff, released, step
):
    take(staff, service, step, reason="A mistake.", **HELD)

    assert shown(service) == ["Ada & Sons"]
    (due,) = asked_for(service)
    (held,) = service.rows(select(SponsorshipStep).where(SponsorshipStep.until > now()))
    assert due == held.until
    half_a_minute_later(service)
    assert shown(service) == []
    assert asked_for(service) == []


@pytest.mark.parametrize("step", LEADS_AWAY)
def test_undoing_what_leads_a_sponsor_away_asks_for_the_site_as_it_was(
    service, staff, released, step
):
    take(staff, service, step, reason="A mistake.", **HELD)

    undo(staff, page_of(newest(service)))

    assert shown(service) == ["Ada & Sons"]
    assert min(asked_for(service)) <= now()


def test_a_sponsor_who_is_approved_again_is_not_on_the_site_before_that_stands(
    service, staff, released
):
    take(staff, service, "roll back", reason="Change it.")
    work(service)
    assert shown(service) == []

    approve(staff, service, **{**year(), **HELD})

    assert shown(service) == []
    half_a_minute_later(service)
    assert shown(service) == ["Ada & Sons"]


@pytest.mark.parametrize("step", LEADS_AWAY)
def test_an_approved_sponsor_sees_what_it_saw_while_a_decision_can_be_undone(
    service, staff, released, step
):
    before = without_tokens(released.get(released.page).text)
    assert "A text for our blog" in before

    take(staff, service, step, reason="No place.", **HELD)

    assert without_tokens(released.get(released.page).text) == before
    give = f"{released.page}/give/{asset(service, 'post').id}"
    assert released.send(give, text="We bake.").status_code == 303


def test_what_an_approval_asks_for_is_not_found_while_it_can_be_undone(service, staff):
    sponsor = applied(service)
    approve(staff, service, **{**year(), **HELD})

    answer = sponsor.get(f"{sponsor.page}/give/{asset(service, 'post').id}")

    assert answer.status_code == 404


def test_nobody_is_reminded_of_what_an_approval_asks_for_while_it_can_be_undone(service, staff):
    applied(service)
    approve(staff, service, **{**year(), **HELD})
    service.write(lambda tx: tx.execute(update(SponsorAsset).values(due=now().date())))

    held = service.write(lambda tx: remind_due(tx, service.settings))
    half_a_minute_later(service)

    assert held == 0
    assert service.write(lambda tx: remind_due(tx, service.settings)) == 1


def test_undoing_an_approval_takes_back_what_it_asked_for_and_nothing_of_an_earlier_one(
    service, staff
):
    applied(service)
    approve(staff, service, **year())
    take(staff, service, "roll back", reason="Change it.")
    service.write(
        lambda tx: tx.execute(update(SponsorAsset).values(slug=SponsorAsset.slug + "-old"))
    )
    old = service.rows(select(SponsorAsset.id))
    approve(staff, service, **{**year(), **HELD})
    assert len(service.rows(select(SponsorAsset.id))) == 2 * len(old)

    undo(staff, page_of(newest(service)))

    assert service.rows(select(SponsorAsset.id)) == old


def sent(service, letter):
    """Let a letter be with its reader though the half minute is not over, as by another clock."""
    gone = update(Mail).where(Mail.template == letter).values(state=MailState.SENT.value)
    service.write(lambda tx: tx.execute(gone))


def test_what_a_sponsor_was_told_of_is_undone_no_more(service, staff):
    applied(service)
    take(staff, service, "reject", reason="No place.", **HELD)
    sent(service, "sponsor-rejected")

    answer = undo(staff, page_of(newest(service)))

    assert answer.status_code == 409
    assert "It is too late: the sponsor is told." in answer.text
    assert newest(service).state == "rejected"


@pytest.fixture
def site(service, tmp_path):
    made = Site(tmp_path)
    made.hold(-5, 9)
    return made


@pytest.fixture
def desk(service):
    return service.signed_in(role="staff")


def withdraw(service, desk):
    at = f"/admin/nominations/{only(service).id}"
    desk.send(at, f"{at}/withdraw", reason="A secret reason.")
    return at


def test_a_nominee_sees_what_they_saw_while_a_withdrawal_can_be_undone(service, site, desk):
    service.signed_in().send("/nominate/2027-board", name="Grace", who="grace@example.org")
    ada, grace = service.browsers[-1], service.signed_in(name="grace")
    grace.send(page(service), f"{page(service)}/accept", **STANDING)
    places = [
        (who, path) for who in (ada, grace) for path in (page(service), "/account/nominations")
    ]
    for who, path in places:
        who.get(path)  # what is told once is told
    before = [without_tokens(who.get(path).text) for who, path in places]
    opened = grace.get(page(service))

    withdraw(service, desk)

    assert [without_tokens(who.get(path).text) for who, path in places] == before
    for act, typed in (("accept", {**STANDING, "statement": "I fly."}), ("decline", {})):
        answer = grace.submit(opened, f"{page(service)}/{act}", **typed)
        assert answer.status_code == 409
        assert BEING_DECIDED in answer.text
        assert "secret" not in answer.text
    let_it_stand(service)
    after = [who.get(path).text for who, path in places]
    assert ["withdrawn" in text for text in after] == [True] * 4
    assert "A secret reason." in after[2]


def test_who_was_told_of_a_withdrawal_hears_of_its_end_and_it_is_not_undone(service, site, desk):
    nominated(service)
    at = withdraw(service, desk)
    sent(service, "nomination-withdrawn")

    answer = desk.send(at, f"{at}/restore")

    assert answer.status_code == 409
    assert "It is too late: they are being told." in answer.text
    assert only(service).withdrawn_at


def test_undoing_a_withdrawal_holds_the_mail_to_an_address_that_is_another_by_now(
    service, site, desk
):
    nominated(service)
    at = withdraw(service, desk)
    other = {"email": "new@example.org", "email_key": "new@example.org"}
    service.write(lambda tx: tx.execute(update(User).where(User.name == "ada").values(**other)))

    desk.send(at, f"{at}/restore")

    states = service.rows(select(Mail.state).where(Mail.template == "nomination-withdrawn"))
    assert states == [MailState.HELD.value] * 2


def test_a_second_withdrawal_is_undone_though_the_first_was_told(service, site, desk):
    nominated(service)
    at = withdraw(service, desk)
    before = now() - datetime.timedelta(minutes=1)
    service.write(lambda tx: tx.execute(update(Nominee).values(withdrawn_at=before)))
    service.write(lambda tx: tx.execute(update(Mail).values(created=LONG_AGO)))
    sent(service, "nomination-withdrawn")
    desk.send(at, f"{at}/restore")
    withdraw(service, desk)

    answer = desk.send(at, f"{at}/restore")

    assert answer.status_code == 303
    assert only(service).withdrawn_at is None

"""What was decided while the machine's clock was ahead waits no longer than was meant."""

from __future__ import annotations

import datetime

import pytest
from sqlalchemy import select, update

from sidecar.ahead import set_right
from sidecar.clock import now
from sidecar.tables.accounts import Session
from sidecar.tables.cases import Decision, Publishing, Submission
from sidecar.tables.elections import Nominee
from sidecar.tables.sponsors import Sponsorship, SponsorshipStep
from sidecar.tables.work import Mail, Task
from tests.sidecar import sponsoring
from tests.sidecar import test_nominations as nominating
from tests.sidecar.test_cases import decide, handed_in, let_time_pass, mails, only, work

AHEAD = datetime.timedelta(days=1)
MOMENTS = {
    Task: ("created", "not_before"),
    Publishing: ("created", "due"),
    Decision: ("created", "until"),
    SponsorshipStep: ("created", "until"),
    Nominee: ("withdrawn_at",),
    Mail: ("created",),
    Submission: ("claimed_at",),
    Sponsorship: ("claimed_at",),
}


def shift(service, by):
    """Let all that waits have been written down at another time."""

    async def step(tx):
        for table, names in MOMENTS.items():
            for one in await tx.scalars(select(table)):
                for name in names:
                    if (moment := getattr(one, name)) is not None:
                        setattr(one, name, moment + by)

    service.write(step)


def is_ready(service, site):
    """Is the job on the site after the worker did what is due?"""
    work(service)
    site.build(now())
    return f"/jobs/{only(service).public_id}/" in site.pages()


@pytest.mark.row("S244")
@pytest.mark.parametrize("at_once", ["", "on"], ids=["held for half a minute", "at once"])
def test_what_was_approved_while_a_clock_was_ahead_is_published(service, site, at_once):
    handed_in(service)
    moderator = service.signed_in(role="jobs team")
    shift(service, -AHEAD)  # what came before was done at its time
    decide(moderator, service, "approve", **({"at_once": at_once} if at_once else {}))
    shift(service, AHEAD)
    assert not is_ready(service, site)

    service.run(set_right(service.db))

    assert is_ready(service, site) == bool(at_once)
    service.run(set_right(service.db))
    shift(service, datetime.timedelta(seconds=-40))
    assert is_ready(service, site)
    let_time_pass(service)
    work(service)
    assert [mail.template for mail in mails(service)].count("case-live") == 1


def test_what_was_rejected_while_a_clock_was_ahead_can_be_undone_as_long_as_ever(service):
    handed_in(service)
    moderator = service.signed_in(role="jobs team")
    decide(moderator, service, "reject", reason="It is about bread.")
    shift(service, AHEAD)

    service.run(set_right(service.db))

    until = max(one.until for one in service.rows(select(Decision)) if one.until)
    assert now() + datetime.timedelta(seconds=20) < until < now() + datetime.timedelta(seconds=40)


def test_what_was_decided_about_a_sponsor_while_a_clock_was_ahead_is_held_as_long_as_ever(service):
    sponsoring.applied(service)
    staff = sponsoring.desk(service)
    sponsoring.take(staff, service, "reject", reason="No place.", at_once="")
    shift(service, AHEAD)

    service.run(set_right(service.db))

    (until,) = [one.until for one in service.rows(select(SponsorshipStep)) if one.until]
    assert now() + datetime.timedelta(seconds=20) < until < now() + datetime.timedelta(seconds=40)


def test_a_nominee_withdrawn_while_a_clock_was_ahead_is_undone_for_half_a_minute_and_no_longer(
    service, tmp_path
):
    nominating.Site(tmp_path).hold(-5, 9)
    nominating.nominated(service)
    staff = service.signed_in(role="staff")
    page = f"/admin/nominations/{nominating.only(service).id}"
    staff.send(page, f"{page}/withdraw", reason="A reason.")
    shift(service, AHEAD)

    service.run(set_right(service.db))

    assert nominating.only(service).withdrawn_at <= now()
    answer = staff.send(page, f"{page}/restore")
    assert "nobody was told" in staff.get(answer.headers["location"]).text
    mails_to = nominating.mails(service, "grace@navy.example")
    assert [m.state for m in mails_to if m.template == "nomination-withdrawn"] == ["held"]


def test_whoever_looked_at_something_while_a_clock_was_ahead_has_it_for_half_an_hour(service):
    handed_in(service)
    sponsoring.applied(service)
    user = service.account("grace", "jobs team", "sponsors team")
    staff = service.signed_in(role="jobs team", name="grace", user=user)
    for page in (
        f"/admin/cases/{only(service).id}",
        sponsoring.page_of(sponsoring.newest(service)),
    ):
        staff.send(page, f"{page}/claim")
    shift(service, AHEAD)

    service.run(set_right(service.db))

    claims = [one.claimed_at for one in (only(service), sponsoring.newest(service))]
    assert [claimed <= now() for claimed in claims] == [True, True]


def test_whoever_proved_who_they_are_while_a_clock_was_ahead_has_done_so_now(service):
    service.signed_in()
    late = now() + AHEAD
    service.write(lambda tx: tx.execute(update(Session).values(seen=late, stepped_up_at=late)))

    service.run(set_right(service.db))

    (session,) = service.rows(select(Session))
    assert session.seen <= now()
    assert session.stepped_up_at <= now()

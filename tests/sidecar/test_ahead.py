"""What was decided while the machine's clock was ahead waits no longer than was meant."""

from __future__ import annotations

import datetime

import pytest
from sqlalchemy import select

from sidecar.ahead import set_right
from sidecar.clock import now
from sidecar.tables.cases import Decision, Publishing
from sidecar.tables.work import Task
from tests.sidecar.test_cases import decide, handed_in, let_time_pass, mails, only, work

AHEAD = datetime.timedelta(days=1)
MOMENTS = {
    Task: ("created", "not_before"),
    Publishing: ("created", "due"),
    Decision: ("created", "until"),
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

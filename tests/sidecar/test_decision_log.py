"""The public log of decisions, as a snapshot has it: counts of days that are over, and no names."""

from __future__ import annotations

import datetime
import json

import pytest
from sqlalchemy import select, update

from pydotorg_build.content.decisions import Decisions
from pydotorg_build.content.read import read
from pydotorg_build.snapshot import Snapshots
from sidecar import decision_log
from sidecar.clock import now
from sidecar.decision_log import OUTCOMES, rows
from sidecar.queue import enqueue
from sidecar.snapshots import snapshot_of
from sidecar.sponsors import steps as sponsors
from sidecar.tables.cases import CannedReply, Decision, Submission, Submitter
from sidecar.tables.work import Audit
from sidecar.workflow import STEPS, By
from tests.sidecar.test_cases import GOOD, decide, handed_in, let_time_pass, work

DAY = datetime.timedelta(days=1)
TODAY = now().replace(hour=0, minute=0, second=0, microsecond=0)


def decided(service, step, at, kind="job", **given):
    """A decision about something at a moment."""

    async def add(tx):
        if (who := await tx.scalar(select(Submitter))) is None:
            tx.add(who := Submitter(email="ada@ada.example", email_key="ada@ada.example"))
            await tx.flush()
        count = len(list(await tx.scalars(select(Submission.id))))
        tx.add(one := Submission(
            kind=kind, public_id=str(count), submitter_id=who.id, digest=str(count)
        ))  # fmt: skip
        await tx.flush()
        tx.add(Decision(submission_id=one.id, n=1, step=step, created=at,
                        **{"until": at, **given}))  # fmt: skip

    service.write(add)


def log_of(service):
    """What the log tells: day, kind, outcome, reason, count."""
    return [
        (one["day"], one["kind"], one["outcome"], one["reason"], one["count"])
        for _, _, data in service.write(rows)
        for one in data["decided"]
    ]


def test_every_step_of_a_moderator_has_a_word_in_the_log_and_no_other_step():
    assert set(OUTCOMES) == {name for name, step in STEPS.items() if step.by is By.MODERATOR}


def test_decisions_are_counted_by_day_kind_outcome_and_named_reason(service):
    noon, before = TODAY - DAY / 2, TODAY - 3 * DAY
    decided(service, "approve", noon)
    decided(service, "approve", noon)
    decided(service, "reject", noon, code="Not Python", reason="Ada, it is not about Python.")
    decided(service, "reject as spam", before, kind="story", reason="Pills of Ada")
    decided(service, "confirm", before)

    yesterday, day = str((TODAY - DAY).date()), str(before.date())
    assert sorted(log_of(service)) == [
        (day, "success story", "rejected as spam", "", 1),
        (yesterday, "job", "approved", "", 2),
        (yesterday, "job", "rejected", "Not Python", 1),
    ]


def test_what_was_undone_is_of_today_or_is_over_a_year_old_is_not_told(service):
    noon = TODAY - DAY / 2
    decided(service, "approve", noon, undone_at=now())
    decided(service, "approve", noon, until=now() + DAY)
    decided(service, "approve", TODAY)
    decided(service, "approve", TODAY - 366 * DAY)

    assert list(service.write(rows)) == []


def test_a_snapshot_tells_of_a_whole_decision_nothing_that_anybody_wrote_or_is_called(service):
    moderator = service.signed_in(role="jobs team", name="grace")
    handed_in(service)
    service.write(_reply)
    (reply,) = service.rows(select(CannedReply))
    decide(moderator, service, "reject", reply=str(reply.id), reason="Dear Ada, no casinos.")
    let_time_pass(service)
    noon = TODAY - DAY / 2
    service.write(lambda tx: tx.execute(update(Decision).values(created=noon)))
    service.write(lambda tx: enqueue(tx, "downloads.publish", {}))

    work(service)

    path = snapshot_of(service.settings)
    reader = Snapshots(path.parent, [path.name])
    (row,) = reader.rows(path.name, "decisions")
    reader.close()
    decisions, faults = read(Decisions, dict(row.data))
    assert faults == []
    (one,) = decisions.decided
    assert (one.kind, one.outcome, one.reason, one.count) == ("job", "rejected", "No casinos", 1)
    text = json.dumps(row.data)
    words = (GOOD["title"], GOOD["company"], "ada", "grace", "Dear", reply.text,
             service.rows(select(Submission.public_id))[0])  # fmt: skip
    assert [word for word in words if word.lower() in text.lower()] == []


@pytest.mark.parametrize(
    ("action", "told"),
    [
        ("sponsorship approve", ("sponsorship", "approved")),
        ("sponsorship nullify", ("sponsorship", "contract nullified")),
        ("nomination withdrawn", ("nomination", "withdrawn by the staff")),
        ("sponsorship note", None),
        ("nomination accepted", None),
        ("account changed", None),
    ],
)
def test_what_staff_decide_about_sponsors_and_nominees_is_counted_and_nothing_else(
    service, action, told
):
    for at in (TODAY - DAY / 2, TODAY, TODAY - 366 * DAY):
        service.write(lambda tx, at=at: _noted(tx, action, at))

    yesterday = str((TODAY - DAY).date())
    assert log_of(service) == ([(yesterday, *told, "", 1)] if told else [])


async def _noted(tx, action, at):
    tx.add(Audit(action=action, subject="sponsorships/1", at=at))


@pytest.mark.parametrize("action", ["sponsorship approve", "nomination withdrawn"])
def test_what_is_undone_after_midnight_or_can_still_be_is_counted_for_no_day(
    service, monkeypatch, action
):
    moment = TODAY + datetime.timedelta(seconds=10)
    monkeypatch.setattr(decision_log, "now", lambda: moment)
    before = TODAY - datetime.timedelta(seconds=10)
    service.write(lambda tx: _noted(tx, action, before))

    held = log_of(service)
    moment = TODAY + datetime.timedelta(seconds=40)
    stands = log_of(service)
    service.write(lambda tx: _noted(tx, f"{action} undone", TODAY))

    assert (held, len(stands), log_of(service)) == ([], 1, [])


def test_each_step_of_staff_that_leads_on_has_a_word_in_the_log_but_sending_does_not():
    leads_on = {step.name for step in sponsors.STEPS.values()
                if step.by == sponsors.STAFF and step.end}  # fmt: skip

    assert {name for name in leads_on if not sponsors.STEPS[name].outcome} == {"send"}


async def _reply(tx):
    tx.add(CannedReply(title="No casinos", text="We list no casinos, sorry."))

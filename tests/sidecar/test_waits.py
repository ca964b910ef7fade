"""How long what is handed in waits for a decision, as it is told in public."""

from __future__ import annotations

import datetime

from sidecar.clock import now
from sidecar.deciding import median_wait
from sidecar.kinds import KINDS
from sidecar.tables.cases import Decision, Submission, Submitter

HOUR = datetime.timedelta(hours=1)
JOB, STORY = KINDS["job"], KINDS["story"]


def decided(service, hours, step="approve", ago=HOUR, **given):
    """A job that waited for some hours until the step was taken."""
    at = now() - ago

    async def add(tx):
        key = f"{step} {hours} {ago}"
        submitter = Submitter(email=key, email_key=key)
        tx.add(submitter)
        await tx.flush()
        submission = Submission(
            kind="job", public_id=key, submitter_id=submitter.id, digest=key,
            handed_in=at - hours * HOUR,
        )  # fmt: skip
        tx.add(submission)
        await tx.flush()
        tx.add(Decision(submission_id=submission.id, n=1, step=step, created=at, **given))
        return submission.id

    return service.write(add)


def median_of(service, kind=JOB):
    return service.write(lambda tx: median_wait(tx, kind))


def test_the_wait_is_the_median_of_what_was_decided_lately(service):
    for hours in (1, 5, 100):
        decided(service, hours)

    assert median_of(service) == 5 * HOUR
    assert median_of(service, STORY) is None


def test_of_fewer_than_three_decisions_nothing_is_promised(service):
    decided(service, 1)
    decided(service, 2)

    assert median_of(service) is None


def test_what_was_undone_or_is_long_ago_or_is_no_first_decision_does_not_count(service):
    for hours in (1, 5, 100):
        decided(service, hours)
    decided(service, 7, undone_at=now())
    decided(service, 8, ago=40 * 24 * HOUR)
    number = decided(service, 5, ago=2 * HOUR)
    service.write(lambda tx: _another(tx, number))

    assert median_of(service) == 5 * HOUR


async def _another(tx, number):
    """A refused change, and another approval, do not make the wait longer."""
    for step in ("refuse", "approve"):
        tx.add(Decision(submission_id=number, n=2, step=step, created=now()))

"""How long what is handed in waits for a decision, as authors and those who decide are told."""

from __future__ import annotations

import datetime
import re

from sidecar.clock import now
from sidecar.inbox import SPONSOR
from sidecar.kinds import KINDS
from sidecar.tables.cases import Decision, Revision, Submission, Submitter
from sidecar.tables.sponsors import Sponsor, Sponsorship, SponsorshipStep
from sidecar.waits import median_wait, queues
from tests.sidecar import sponsoring

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
    return service.write(lambda tx: median_wait(tx, kind.name))


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


def waiting(service, hours, state="pending", written=None, kind="job"):
    """Something that was handed in some hours ago, and whose newest version is as old or younger."""

    async def add(tx):
        key = f"{kind} {state} {hours}"
        submitter = Submitter(email=key, email_key=key)
        tx.add(submitter)
        await tx.flush()
        submission = Submission(
            kind=kind, public_id=key, submitter_id=submitter.id, digest=key, state=state,
            handed_in=now() - hours * HOUR, latest=1,
        )  # fmt: skip
        tx.add(submission)
        await tx.flush()
        at = now() - (hours if written is None else written) * HOUR
        tx.add(Revision(submission_id=submission.id, n=1, payload={}, created=at))

    service.write(add)


def told(service, *kinds):
    found = service.write(lambda tx: queues(tx, [kind.name for kind in kinds]))
    return [(one.kind, one.waiting, one.oldest, one.usual) for one in found]


def test_the_desk_tells_of_each_kind_how_many_wait_and_how_long_the_oldest(service):
    waiting(service, 29.5)
    waiting(service, 3)
    waiting(service, 900, state="published")
    waiting(service, 60, kind="story")

    assert told(service, JOB, STORY) == [("job", 2, "30 hours", ""), ("story", 1, "3 days", "")]
    assert told(service, KINDS["event"]) == [("event", 0, "", "")]


def test_what_came_a_moment_ago_is_not_said_to_wait_for_an_hour(service):
    waiting(service, 2.5 / 60)

    assert told(service, JOB) == [("job", 1, "3 minutes", "")]


def test_a_change_of_what_is_shown_waits_since_it_was_written(service):
    waiting(service, 900, state="changed", written=4.5)

    assert told(service, JOB) == [("job", 1, "5 hours", "")]


def test_the_desk_tells_the_median_of_90_days(service):
    for hours in (1, 5, 100):
        decided(service, hours, ago=80 * 24 * HOUR)
    decided(service, 400, ago=91 * 24 * HOUR)
    decided(service, 6, step="reject as spam")
    decided(service, 7)

    assert told(service, JOB) == [("job", 0, "", "6 hours")]
    assert median_of(service) is None


def sponsors_decided(service, *waits):
    """Applications whose address was proven a week after they were sent, decided so long after."""

    async def add(tx):
        tx.add(sponsor := Sponsor(public_id="1", name="Ada", name_key="ada"))
        await tx.flush()
        for n, hours in enumerate(waits):
            decided_at = now() - HOUR
            joined = decided_at - hours * HOUR
            tx.add(row := Sponsorship(
                public_id=str(n), sponsor_id=sponsor.id, email="a@a.example",
                email_key="a@a.example", digest=str(n), payload={}, terms={}, price=1,
                created=joined - 7 * 24 * HOUR, confirmed_at=joined,
            ))  # fmt: skip
            await tx.flush()
            tx.add(SponsorshipStep(sponsorship_id=row.id, step="reject", state="rejected",
                                   created=decided_at))  # fmt: skip

    service.write(add)


def test_applications_of_sponsors_wait_since_their_address_is_proven(service):
    sponsors_decided(service, 2, 5, 100)

    (told_of,) = service.write(lambda tx: queues(tx, [SPONSOR]))

    assert told_of.usual == "5 hours"


def test_who_applies_is_told_the_real_wait_as_authors_are(service):
    sponsoring.offer(service)
    sponsors_decided(service, 2, 5, 100)
    sponsor = sponsoring.applied(service)

    pages = [sponsoring.FORM, f"{sponsoring.FORM}/sent", sponsor.page]

    assert [_promises(sponsor.get(page).text) for page in pages] == [["5 hours"]] * 3


def test_who_applies_is_promised_nothing_that_nobody_measured(service):
    sponsor = sponsoring.applied(service)

    pages = [sponsoring.FORM, f"{sponsoring.FORM}/sent", sponsor.page]
    texts = [sponsor.get(page).text for page in pages] + [sponsoring.mails(service)[0].text]

    assert [_promises(text) for text in texts] == [[]] * 4


def _promises(text):
    """What a page says of how long something takes."""
    return re.findall(r"within ([^.]*)", text)


def test_the_queue_shows_the_figures_of_the_kinds_that_one_decides_about(service):
    waiting(service, 29.5)
    waiting(service, 60, kind="story")

    page = service.signed_in(role="jobs team").get("/admin/cases").text

    assert "30 hours" in page
    assert "3 days" not in page

"""The queue: at least once, by one worker at a time, and never written down by one that is late."""

from __future__ import annotations

import asyncio
import datetime
import os
import subprocess
import sys

import pytest
from sqlalchemy import insert, select, update
from structlog.testing import capture_logs

from sidecar import queue
from sidecar.ahead import set_right
from sidecar.clock import now
from sidecar.letters import LETTERS
from sidecar.mail import post
from sidecar.queue import GiveUp, LostLease, Work, enqueue, lease, retry, task
from sidecar.schedules import SCHEDULES, coming, fire, latest, scheduled
from sidecar.tables.work import Firing, Mail, Probe, Task
from sidecar.worker import AT_ONCE, Worker, has_ended, machine

PAST = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)


@pytest.fixture
def kind():
    """A kind of work that a test says the way of."""
    yield lambda function, tries=3: task("test", tries=tries)(function)
    queue.TASKS.pop("test", None)


def put(service, payload=None, **given):
    return service.write(lambda tx: enqueue(tx, "test", payload or {}, **given))


def row(service):
    (found,) = service.rows(select(Task).where(Task.kind == "test"))
    return found


def work_all(service):
    return service.run(Worker(service.db, service.settings).drain())


def test_work_is_done_with_what_it_was_given(service, kind):
    seen = []

    async def do(work):
        seen.append(work.payload["number"])

    kind(do)
    put(service, {"number": 7})

    work_all(service)

    assert seen == [7]
    assert row(service).state == "done"


def test_work_that_fails_is_tried_again_and_then_dead(service, kind):
    async def fail(work):
        raise ValueError("no")

    kind(fail)
    put(service)

    for _ in range(3):
        service.write(lambda tx: tx.execute(update(Task).values(not_before=PAST)))
        work_all(service)

    assert (row(service).state, row(service).attempts) == ("dead", 3)
    assert row(service).error == "ValueError: no"


def test_of_work_that_fails_in_the_same_way_again_and_again_the_log_has_what_is_new(service, kind):
    reasons = iter(["no", "no", "never", "never", "never"])

    async def fail(work):
        raise ValueError(next(reasons))

    kind(fail, tries=5)
    put(service)

    with capture_logs() as logs:
        for _ in range(5):
            service.write(lambda tx: tx.execute(update(Task).values(not_before=PAST)))
            work_all(service)

    told = [one for one in logs if one["event"] == "work"]
    assert [one["attempt"] for one in told] == [1, 3, 5]
    assert {one["failure"] for one in told} == {"ValueError"}


def test_work_that_gives_up_is_dead_at_once_and_can_be_tried_again(service, kind):
    async def give_up(work):
        raise GiveUp("the address is gone")

    kind(give_up)
    number = put(service)
    work_all(service)
    assert (row(service).state, row(service).error) == ("dead", "the address is gone")

    assert service.write(lambda tx: retry(tx, number))
    assert row(service).state == "ready"
    assert not service.write(lambda tx: retry(tx, number))


def test_what_work_changes_and_that_it_is_done_are_one(service, kind):
    async def half(work):
        async with work.finishing() as tx:
            tx.add(Probe(id=77, at="half"))
            raise ValueError("in the middle")

    kind(half)
    put(service)

    work_all(service)

    assert service.rows(select(Probe).where(Probe.id == 77)) == []
    assert row(service).state == "ready"


def test_two_workers_never_have_the_same_work(service, kind):
    async def do(work):
        await asyncio.sleep(0)

    kind(do)
    for number in range(20):
        put(service, {"number": number})

    async def race():
        async def all_of(name):
            found = []
            while taken := await lease(service.db, name):
                found.append(taken.id)
            return found

        return await asyncio.gather(*(all_of(f"worker {n}") for n in range(4)))

    shares = service.run(race())
    taken = [number for share in shares for number in share]

    assert len(taken) == len(set(taken)) == 20


def test_a_worker_that_died_is_followed_and_what_it_did_late_does_not_count(service, kind):
    async def do(work):
        pass

    kind(do)
    put(service)
    late = service.run(lease(service.db, "late"))
    service.write(lambda tx: tx.execute(update(Task).values(leased_until=PAST)))

    work_all(service)

    assert row(service).attempts == 2
    work = Work(service.db, service.settings, late, queue.TASKS["test"])

    async def too_late():
        async with work.finishing() as tx:
            tx.add(Probe(id=78, at="late"))

    with pytest.raises(LostLease):
        service.run(too_late())
    assert service.rows(select(Probe).where(Probe.id == 78)) == []


@pytest.mark.row("C10")
def test_what_is_urgent_goes_before_all_that_waits_and_while_all_hands_are_full(service, kind):
    """A snapshot waits neither for the letters to many nor for a mail server that is slow."""
    done, told = [], asyncio.Event()

    async def slow(work):
        done.append("begun")
        await told.wait()

    async def urgent(work):
        done.append("urgent")
        told.set()

    kind(slow)
    for _ in range(AT_ONCE + 2):
        put(service)
    worker = Worker(service.db, service.settings)

    async def story():
        running = asyncio.create_task(worker.run())
        while len(done) < AT_ONCE:  # noqa: ASYNC110 - the work tells nobody
            await asyncio.sleep(0.01)
        async with service.db.write() as tx:
            await enqueue(tx, "urgent", {})
        await asyncio.wait_for(told.wait(), 20)
        worker.stop()
        await running

    task("urgent", is_urgent=True)(urgent)
    try:
        service.run(story())
    finally:
        queue.TASKS.pop("urgent")

    assert done[: AT_ONCE + 1] == ["begun"] * AT_ONCE + ["urgent"]


@pytest.mark.row("S002")
def test_what_a_killed_worker_of_this_machine_was_at_is_taken_up_without_waiting_for_its_lease(
    service, kind
):
    async def do(work):
        pass

    kind(do)
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    # One that was killed, one that runs, and one of another machine.
    names = [
        f"{machine()}-{gone.pid}-a1",
        f"{machine()}-{os.getpid()}-b2",
        f"elsewhere-{gone.pid}-c3",
    ]
    for name in names:
        put(service)
        service.run(lease(service.db, name))

    service.run(queue.let_go(service.db, has_ended))
    work_all(service)

    states = [task.state for task in service.rows(select(Task).order_by(Task.id))]
    assert states == ["done", "ready", "ready"]


def test_work_that_ends_every_worker_is_dead_after_its_last_try(service, kind):
    async def do(work):
        pytest.fail("this was tried often enough")

    kind(do)
    put(service)
    service.write(lambda tx: tx.execute(update(Task).values(attempts=3)))

    work_all(service)

    assert row(service).state == "dead"
    assert row(service).error == "each worker that took it up ended within it"


def test_a_schedule_fires_once_over_many_workers(service):
    scheduled("test", "* * * * *")(lambda work: None)
    try:

        async def all_at_once():
            return await asyncio.gather(*(fire(service.db) for _ in range(5)))

        names = [name for found in service.run(all_at_once()) for name in found]
        again = service.run(fire(service.db))
    finally:
        SCHEDULES.pop("test")
        queue.TASKS.pop("test")

    assert names.count("test") == 1
    # Between the two looks a minute may have begun.
    fired = service.rows(select(Firing).where(Firing.schedule == "test"))
    assert len(fired) == 1 + ("test" in again)
    assert len(service.rows(select(Task).where(Task.kind == "test"))) == 1 + ("test" in again)


def test_after_a_clock_was_ahead_its_schedules_fire_again_each_moment_once(service):
    scheduled("test", "* * * * *")(lambda work: None)
    ahead = now().replace(second=0, microsecond=0) + datetime.timedelta(days=1)
    service.write(lambda tx: tx.execute(insert(Firing).values(schedule="test", due=ahead)))
    try:
        names = [name for _ in range(3) for name in service.run(fire(service.db))]
    finally:
        SCHEDULES.pop("test")
        queue.TASKS.pop("test")

    moments = service.rows(select(Firing.due).where(Firing.schedule == "test"))
    assert "test" in names
    assert len(moments) == len(set(moments)) == 1 + names.count("test")


def test_a_lease_that_was_written_while_a_clock_was_ahead_is_over(service, kind):
    seen = []

    async def do(work):
        seen.append(work.task.attempts)

    kind(do)
    put(service)
    ahead = now() + datetime.timedelta(days=1)
    service.write(lambda tx: tx.execute(update(Task).values(lease="gone", leased_until=ahead)))

    work_all(service)

    assert seen == [1]
    assert row(service).state == "done"


AHEAD = datetime.timedelta(days=1)
HELD = datetime.timedelta(minutes=5)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        # What could be done at once, what is held a while, what failed (its pause is ten seconds).
        ({"created": AHEAD, "not_before": AHEAD}, datetime.timedelta(0)),
        ({"created": AHEAD, "not_before": AHEAD + HELD}, HELD),
        ({"not_before": AHEAD, "attempts": 1}, datetime.timedelta(seconds=10)),
        ({"not_before": AHEAD}, AHEAD),
        ({"not_before": HELD, "attempts": 1}, datetime.timedelta(seconds=10)),
        (
            {"not_before": datetime.timedelta(seconds=10), "attempts": 1},
            datetime.timedelta(seconds=10),
        ),
    ],
    ids=["at once", "held", "failed", "meant for then", "failed a little ahead", "failed just now"],
)
def test_what_was_written_while_a_clock_was_ahead_waits_as_long_as_was_meant(
    service, kind, written, meant
):
    kind(lambda work: None)
    put(service)
    at = now()
    values = {n: at + v if isinstance(v, datetime.timedelta) else v for n, v in written.items()}
    service.write(lambda tx: tx.execute(update(Task).values(values)))

    service.run(set_right(service.db))

    found = row(service)
    assert abs(found.not_before - at - meant) < datetime.timedelta(seconds=30)
    assert found.created <= now()


def test_a_worker_sends_mail_that_was_queued_while_a_clock_was_ahead(service):
    service.write(lambda tx: post(tx, "test", "ada@a.example", LETTERS["test"].sample))
    ahead = {"created": now() + AHEAD, "not_before": now() + AHEAD}
    service.write(lambda tx: tx.execute(update(Task).values(ahead)))

    async def story():
        worker = Worker(service.db, service.settings)
        working = asyncio.create_task(worker.run())
        for _ in range(600):
            async with service.db.read() as tx:
                if await tx.scalar(select(Mail.state)) == "sent":
                    break
            await asyncio.sleep(0.05)
        worker.stop()
        await working

    service.run(story())

    assert [mail.state for mail in service.rows(select(Mail))] == ["sent"]


def test_what_was_missed_is_made_up_for_once():
    at = datetime.datetime(2026, 11, 26, 12, 0, 30, tzinfo=datetime.UTC)

    assert latest(SCHEDULES["tidy"], at) == datetime.datetime(
        2026, 11, 26, 3, 17, tzinfo=datetime.UTC
    )
    assert coming(SCHEDULES["tidy"], at) == datetime.datetime(
        2026, 11, 27, 3, 17, tzinfo=datetime.UTC
    )


def test_the_worker_stops_when_told_and_ends_what_it_is_at(service, kind):
    seen = []

    async def slow(work):
        seen.append("begun")
        await asyncio.sleep(0.2)
        seen.append("ended")

    kind(slow)
    put(service)
    worker = Worker(service.db, service.settings)

    async def story():
        running = asyncio.create_task(worker.run())
        while not seen:  # noqa: ASYNC110 - the work tells nobody
            await asyncio.sleep(0.01)
        worker.stop()
        await asyncio.wait_for(running, 5)

    service.run(story())

    assert seen == ["begun", "ended"]
    assert row(service).state == "done"
    assert row(service).done_at <= now()

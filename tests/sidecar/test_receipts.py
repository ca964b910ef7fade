"""What is published has a receipt, and is told to be live only once the public address shows it."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import threading

import msgspec
import pytest
from sqlalchemy import select, update

from pydotorg_build.snapshot import Snapshots
from sidecar import publishing, receipts, store
from sidecar.clock import now
from sidecar.kinds import KINDS
from sidecar.queue import enqueue
from sidecar.tables.cases import Publishing, Revision, Submission
from sidecar.tables.work import Task
from sidecar.worker import Worker
from tests.browser.conftest import wait_for
from tests.conftest import free_port
from tests.sidecar.test_attachments import handed_in as handed_in_with_logo
from tests.sidecar.test_attachments import picture
from tests.sidecar.test_cases import (
    GOOD,
    decide,
    handed_in,
    let_time_pass,
    mails,
    only,
    published,
    work,
)


def ways(service):
    return service.rows(select(Publishing).order_by(Publishing.id))


def pages_of(site):
    return site.output / "jobs"


@pytest.fixture
def moderator(service):
    return service.signed_in(role="jobs team")


def test_a_receipt_has_the_time_of_each_part_of_the_way(service, site, moderator):
    author = handed_in(service)

    published(service, site, moderator)

    (way,) = ways(service)
    assert way.created <= way.taken_at <= way.built_at <= way.live_at
    for page in (author.get(author.page), moderator.get(f"/admin/cases/{only(service).id}")):
        told = " ".join(re.sub(r"<[^>]+>", "", page.text).split())
        for at, words in (
            (way.created, "queued"), (way.taken_at, "given to the builder, in the snapshot 1"),
            (way.built_at, "built"), (way.live_at, "live"),
        ):  # fmt: skip
            assert f"{at:%H:%M:%S} UTC: {words}" in told


def test_nothing_is_told_to_be_live_before_its_page_is_served(service, site, moderator):
    handed_in(service)
    decide(moderator, service, "approve", at_once="on")
    work(service)
    site.build(now())
    page = pages_of(site) / only(service).public_id / "index.html"
    built = page.read_text()
    page.write_text(built.replace('name="record"', 'name="other"'))

    let_time_pass(service)
    work(service)
    assert (ways(service)[0].built_at is not None, ways(service)[0].live_at) == (True, None)
    assert mails(service)[-1].template == "case-received"

    page.write_text(built)
    let_time_pass(service)
    work(service)
    assert mails(service)[-1].template == "case-live"


def test_what_is_taken_down_is_done_once_its_page_is_gone(service, site, moderator):
    handed_in(service)
    published(service, site, moderator)
    decide(moderator, service, "take down", reason="Spam.", at_once="on")
    work(service)

    assert ways(service)[-1].live_at is None
    site.build(now())
    let_time_pass(service)
    work(service)

    assert ways(service)[-1].live_at is not None


def spoil(service, **fields):
    """Let the newest version be one that only the builder refuses."""

    async def change(tx):
        revision = (await tx.scalars(select(Revision).order_by(Revision.id.desc()))).first()
        revision.payload = {**revision.payload, **fields}

    service.write(change)


@pytest.mark.row("C13")
def test_of_a_record_the_builder_cannot_take_the_last_page_stays_and_the_desk_says_why(
    service, site, moderator
):
    author = handed_in(service)
    published(service, site, moderator)
    author.send(f"{author.page}/change", **{**GOOD, "text": "You write **Python** tools."})
    spoil(service, apply_url="no address")

    published(service, site, moderator)

    address = f"/jobs/{only(service).public_id}/"
    assert "You write <strong>Python</strong> all day." in site.pages()[address]
    way = ways(service)[-1]
    assert (way.live_at, "`apply_url`" in way.error) == (None, True)
    shown = moderator.get(f"/admin/cases/{only(service).id}").text
    assert "The builder could not take it" in shown
    assert "`apply_url`" in shown
    assert "Records that the builder could not take" in (
        service.signed_in(role="superuser").get("/admin/settings").text
    )
    assert [mail.template for mail in mails(service)].count("case-live") == 1

    spoil(service, apply_url="https://ada.example/")
    service.write(lambda tx: publishing.anew(tx, "mended"))
    work(service)
    site.build(now())
    let_time_pass(service)
    work(service)
    assert (ways(service)[-1].error, ways(service)[-1].live_at is None) == ("", False)
    assert "tools" in site.pages()[address]


def test_a_decision_that_is_undone_takes_back_its_own_publishing_and_no_other(
    service, site, moderator
):
    handed_in(service)
    published(service, site, moderator)
    decide(moderator, service, "take down", reason="Look again.")
    waiting = ways(service)[-1]
    service.write(lambda tx: tx.execute(
        update(Publishing).where(Publishing.id == waiting.id).values(due=now())
    ))  # fmt: skip

    moderator.send(f"/admin/cases/{only(service).id}", f"/admin/cases/{only(service).id}/undo")

    assert [way.id for way in ways(service)] == [1]
    assert waiting.id == 2


def test_what_was_of_a_kind_that_is_gone_stops_nobody(service, site, moderator):
    handed_in(service)
    decide(moderator, service, "approve", at_once="on")
    work(service)
    site.build(now())
    service.write(lambda tx: tx.execute(update(Submission).values(kind="opera")))

    let_time_pass(service)
    work(service)
    service.write(lambda tx: publishing.anew(tx, "once more"))
    work(service)

    assert ways(service)[0].live_at is not None
    assert moderator.get("/admin/cases?state=all").status_code == 200
    assert moderator.get(f"/admin/cases/{only(service).id}").status_code == 404


@pytest.mark.parametrize("slow", [(publishing, "write"), (store, "get")], ids=["file", "pictures"])
def test_nobody_who_writes_waits_for_the_file_of_a_snapshot_or_for_its_pictures(
    service, site, moderator, monkeypatch, slow
):
    """One of them takes a while, as a bucket may; meanwhile somebody else writes to the database."""
    handed_in_with_logo(service, picture())
    decide(moderator, service, "approve", at_once="on")
    done, began, wrote = getattr(*slow), threading.Event(), threading.Event()

    def slowly(*given):
        began.set()
        assert wrote.wait(20)
        return done(*given)

    monkeypatch.setattr(*slow, slowly)

    async def both():
        taking = asyncio.create_task(Worker(service.db, service.settings).drain())
        await asyncio.to_thread(began.wait)
        async with service.db.write() as tx:
            await enqueue(tx, "nothing", {})
        wrote.set()
        await taking

    service.run(both())

    assert [way.number for way in ways(service)] == [1]


def test_a_snapshot_whose_worker_was_killed_is_taken_again_under_the_next_number(
    service, site, moderator, monkeypatch
):
    handed_in(service)
    decide(moderator, service, "approve", at_once="on")

    async def killed(*given):
        raise asyncio.CancelledError

    with monkeypatch.context() as patch:
        patch.setattr(publishing, "_mark", killed)
        with pytest.raises(asyncio.CancelledError):
            work(service)
    assert ways(service)[0].number is None
    service.write(lambda tx: tx.execute(update(Task).values(leased_until=None)))
    work(service)

    assert ways(service)[0].number == 2
    reader = Snapshots(site.root / "data", ["snapshot.sqlite"])
    assert reader.meta("snapshot.sqlite")["number"] == "2"
    reader.close()


def test_a_public_address_elsewhere_is_asked_itself(service, site, moderator):
    handed_in(service)
    decide(moderator, service, "approve", at_once="on")
    work(service)
    site.build(now())
    port = free_port()
    elsewhere = f"http://127.0.0.1:{port}"
    settings = msgspec.structs.replace(service.settings, probe_url=elsewhere)
    with pytest.raises(receipts.NotYetError, match="does not answer"):
        service.run(receipts.public(settings, "/build.json"))
    server = subprocess.Popen(
        [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "-d", site.output],
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(f"{elsewhere}/build.json")
        told = service.run(receipts.told_by(settings))
        address = KINDS["job"].address(only(service).public_id, {})
        page = service.run(receipts.public(settings, address))
        gone = service.run(receipts.public(settings, "/jobs/1/"))
    finally:
        server.kill()
        server.wait()

    assert told.snapshots["data/snapshot.sqlite"]["number"] == 1
    assert receipts.record_in(page) == ways(service)[0].digest
    assert gone == ""

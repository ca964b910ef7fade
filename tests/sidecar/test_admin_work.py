"""The desk's pages of the queue and the schedules."""

from __future__ import annotations

import datetime
import json
import os
import re
from pathlib import Path

import pytest
from sqlalchemy import select, update

from sidecar.mail import post
from sidecar.queue import enqueue
from sidecar.routine import tidy
from sidecar.schedules import moment_of
from sidecar.tables.work import Audit, Firing, Mail, Task
from sidecar.worker import Worker
from tests.sidecar.tables import plain

URL = "/admin/work"
DUE = datetime.datetime(2026, 11, 20, 3, 17, tzinfo=datetime.UTC)
LATER = datetime.datetime(2999, 1, 1, tzinfo=datetime.UTC)
GIVEN = {"name": "ada", "site": "https://www.python.org/"}


@pytest.fixture
def staff(service):
    return service.signed_in(role="staff")


def put(service, **values):
    """A piece of work that is as a test wants it."""

    async def add(tx):
        number = await enqueue(tx, "tidy", {}, dedupe=values.pop("dedupe", ""))
        if values:
            await tx.execute(update(Task).where(Task.id == number).values(**values))
        return number

    return service.write(add)


def fired(service, due, **values):
    """A moment of a schedule, and its work unless that is tidied away."""

    async def add(tx):
        tx.add(Firing(schedule="tidy", due=due))

    service.write(add)
    return put(service, dedupe=moment_of("tidy", due), **values) if values else 0


def listed(text):
    return {int(number) for number in re.findall(r'<td><a href="/admin/work/(\d+)">\d', text)}


@pytest.mark.row("S228", "S224")
@pytest.mark.parametrize(
    ("state", "found"),
    [("waiting", {1}), ("later", {2}), ("doing", {3}), ("done", {4}), ("dead", {5}), ("", {1, 2, 3, 4, 5})],
)  # fmt: skip
def test_the_queue_is_shown_by_state_and_the_number_above_is_that_of_the_list(
    service, staff, state, found
):
    put(service)
    put(service, not_before=LATER)
    put(service, leased_until=LATER)
    put(service, state="done")
    put(service, state="dead", error="ValueError: no")

    text = plain(staff.get(f"{URL}?state={state}").text)

    assert listed(text) == found
    if state:
        tile = f'<strong>1</strong><a class="card-title" href="{URL}?state={state}">'
        assert tile in text


@pytest.mark.row("S223", "S211")
def test_headings_sort_the_queue_and_the_menu_leads_to_it(service, staff):
    put(service, attempts=2)
    put(service, attempts=1)

    text = plain(staff.get(f"{URL}?sort=attempts").text)

    assert re.findall(r'<td><a href="/admin/work/(\d+)">\d', text) == ["2", "1"]
    assert 'aria-sort="ascending"' in text
    assert f'<a href="{URL}" aria-current="page">Work</a>' in staff.get(URL).text
    assert f'<a href="{URL}">Work</a>' in staff.get("/admin/").text


@pytest.mark.row("S225", "S462", "S413", "S218")
def test_schedules_are_listed_with_real_counts_their_last_moment_and_the_next(service, staff):
    fired(service, DUE)
    fired(service, DUE + datetime.timedelta(days=1), state="done")
    fired(service, DUE + datetime.timedelta(days=2), state="dead", error="OSError: disk")
    fired(service, DUE + datetime.timedelta(days=3), not_before=LATER)

    text = plain(staff.get(URL).text)

    row = text.partition('<a href="/admin/work/schedules/tidy">')[2].partition("</tr>")[0]
    assert "<code>17 3 * * *</code>" in row
    assert "23 November 2026, 03:17 UTC" in row or "2026-11-23T03:17" in row
    assert re.findall(r"<td>(\d+)</td>", row) == ["2", "1", "1"]


@pytest.mark.row("S413")
def test_tidying_up_resets_no_count(service, staff):
    old = datetime.datetime(2020, 1, 1, 3, 17, tzinfo=datetime.UTC)
    fired(service, old, state="done", done_at=old)
    put(service)

    service.run(Worker(service.db, service.settings).drain())

    assert tidy.__doc__
    assert service.rows(select(Task).where(Task.dedupe == moment_of("tidy", old))) == []
    row = staff.get(f"{URL}/schedules/tidy").text
    assert "<dt>Done</dt>\n<dd>1</dd>" in row


@pytest.mark.row("S463", "S226")
def test_a_schedule_has_its_history_with_what_came_of_each_moment(service, staff):
    fired(service, DUE)
    number = fired(service, DUE + datetime.timedelta(days=1), state="done",
                   result={"sessions": 3, "mails": 0})  # fmt: skip
    fired(service, DUE + datetime.timedelta(days=2), state="dead", error="OSError: disk")

    text = plain(staff.get(f"{URL}/schedules/tidy").text)

    rows = text.partition("<tbody>")[2].split("<tr>")[1:]
    assert len(rows) == 3
    assert "Given up</a>: OSError: disk" in rows[0]
    assert f'<a href="/admin/work/{number}">Done</a>' in rows[1]
    assert "sessions: 3, mails: 0" in rows[1]
    assert "<td>Done</td>" in rows[2]
    assert staff.get(f"{URL}/schedules/nothing").status_code == 404


@pytest.mark.row("S220", "S245")
def test_work_that_was_given_up_is_tried_again_after_being_asked_once(service, staff):
    number = put(service, state="dead", error="ValueError: no", attempts=3)

    assert "ValueError: no" in staff.get(f"{URL}/{number}/retry").text
    assert staff.send(f"{URL}/{number}/retry").headers["location"] == f"{URL}/{number}"
    service.run(Worker(service.db, service.settings).drain())

    assert "<dd>Done</dd>" in staff.get(f"{URL}/{number}").text
    assert service.rows(select(Audit.action)) == ["work tried again"]
    assert staff.send(f"{URL}/{number}/retry").status_code == 303
    assert service.rows(select(Audit.action)) == ["work tried again"]


def test_sending_that_was_given_up_is_tried_again_with_its_mail(service, staff):
    mail = service.write(lambda tx: post(tx, "test", "ada@a.example", GIVEN))
    service.write(lambda tx: tx.execute(update(Task).values(state="dead")))
    service.write(lambda tx: tx.execute(update(Mail).values(state="dead")))
    (number,) = service.rows(select(Task.id))

    staff.send(f"{URL}/{number}/retry")
    service.run(Worker(service.db, service.settings).drain())

    assert service.rows(select(Mail.state)) == ["sent"]
    assert f'<a href="/admin/mail/{mail}">' in staff.get(f"{URL}/{number}").text


@pytest.mark.row("S297")
def test_what_is_no_work_is_not_found(staff):
    assert staff.get(f"{URL}/999").status_code == 404
    assert staff.get(f"{URL}/{2**40}").status_code == 404


@pytest.mark.row("S210")
def test_the_page_of_work_tells_of_mail_the_last_build_and_the_last_fetch_of_each_blog(
    service, staff
):
    empty = staff.get(URL).text
    for number in range(3):
        service.write(lambda tx, to=f"a{number}@a.example": post(tx, "test", to, GIVEN))
    service.write(lambda tx: tx.execute(update(Mail).where(Mail.id == 3).values(state="dead")))
    settings = service.settings
    for folder in (settings.site, settings.data):
        Path(folder).mkdir(exist_ok=True)
    built = Path(settings.site) / "build.json"
    built.write_text("{}")
    os.utime(built, (1_795_687_200, 1_795_687_200))
    feeds = [
        {"slug": "core", "title": "Core blog", "feed": "https://core.example/", "asked": "2026-11-26T10:00:00Z",
         "good": "2026-11-26T10:00:00Z"},
        {"slug": "owls", "title": "Owls", "feed": "https://owls.example/", "asked": "2026-11-26T10:00:00Z",
         "why": "it answered 500"},
    ]  # fmt: skip
    (Path(settings.data) / "feeds.json").write_text(
        json.dumps({"at": "2026-11-26T10:00:01Z", "feeds": feeds})
    )

    text = plain(staff.get(URL).text)

    assert "No fetch has left its findings here yet" in empty
    assert '<strong>2</strong><a class="card-title" href="/admin/mail?state=queued">' in text
    assert '<strong>1</strong><a class="card-title" href="/admin/mail?state=dead">' in text
    assert re.search(r"<dt>Built</dt>\s*<dd>.*2026-11-26.*10:00", text)
    moment = "<td>2026-11-26, 10:00:00 UTC</td>"
    assert f'<th scope="row">Core blog</th>{moment}{moment}<td>–</td>' in text
    assert f'<th scope="row">Owls</th>{moment}<td>never</td><td>it answered 500</td>' in text

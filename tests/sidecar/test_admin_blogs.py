"""Blogs at the desk: what came of asking them, off and on, and entries that are featured."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from pydotorg_build.content.blog_marks import BlogMark
from pydotorg_build.content.read import read
from pydotorg_build.snapshot import Row, Snapshots, add_rows, writing
from sidecar.snapshots import snapshot_of
from sidecar.tables.work import Audit
from sidecar.worker import Worker
from tests.sidecar.tables import plain

URL = "/admin/blogs"
ENTRIES = f"{URL}/entries"
FEEDS = [
    {"slug": "core", "title": "Core blog", "feed": "https://core.example/feed", "official": True,
     "entries": 2, "asked": "2026-11-26T10:00:00Z", "good": "2026-11-26T10:00:00Z",
     "failures": 0, "why": ""},
    {"slug": "owls", "title": "Owls <b>", "feed": "https://owls.example/feed", "entries": 0,
     "asked": "2026-11-26T10:00:00Z", "good": "", "failures": 3, "why": "it answered 500"},
]  # fmt: skip


def entry(key, title):
    return Row("blog_entries", key, {"title": title, "feed": "core", "published": "2026-11-20T00:00:00Z",
                                     "url": f"https://core.example/{key}"})  # fmt: skip


@pytest.fixture
def staff(service):
    """Somebody of staff, where a fetch has left its findings."""
    data = Path(service.settings.data)
    data.mkdir(exist_ok=True)
    (data / "feeds.json").write_text(json.dumps({"at": "2026-11-26T10:00:00Z", "feeds": FEEDS}))
    with writing(data / "fetched.sqlite") as db:
        add_rows(db, [entry("core.1", "An owl"), entry("core.2", "Another owl")])
    return service.signed_in(role="staff")


def snapshot(service):
    """The marks that the builder would read."""
    service.run(Worker(service.db, service.settings).drain())
    path = snapshot_of(service.settings)
    reader = Snapshots(path.parent, [path.name])
    try:
        found = [read(BlogMark, dict(row.data)) for row in reader.rows(path.name, "blog_marks")]
    finally:
        reader.close()
    assert [faults for _, faults in found if faults] == []
    return [entry.id for entry, _ in found]


@pytest.mark.row("S335")
def test_staff_see_when_a_blog_was_asked_and_what_was_wrong(staff):
    page = plain(staff.get(URL).text)

    assert "it answered 500 (3 times in a row)" in page
    assert "<td>2026-11-26, 10:00:00 UTC</td>\n<td>never</td>" in page
    assert page.index("Owls &lt;b&gt;") < page.index(">Core blog<")


@pytest.mark.row("S335")
def test_a_blog_is_switched_off_and_on_and_the_snapshot_says_so(service, staff):
    answer = staff.send(URL, f"{URL}/owls/off")

    assert answer.headers["location"] == URL
    assert snapshot(service) == ["off.owls"]
    staff.send(URL, f"{URL}/owls/on")
    assert snapshot(service) == []
    actions = [row.action for row in service.rows(select(Audit).order_by(Audit.id))]
    assert actions == ["blog switched off", "blog switched on"]


@pytest.mark.row("S446")
def test_an_entry_is_featured_and_no_more(service, staff):
    staff.send(ENTRIES, f"{ENTRIES}/core.2/feature")

    assert snapshot(service) == ["featured.core.2"]
    page = staff.get(ENTRIES).text
    assert page.index("Another owl") < page.index(">Newest entries<") < page.index(">An owl<")
    staff.send(ENTRIES, f"{ENTRIES}/core.2/unfeature")
    assert snapshot(service) == []


def test_doing_it_twice_changes_and_notes_it_once(service, staff):
    shown = staff.get(URL)
    staff.submit(shown, f"{URL}/owls/off")
    staff.submit(shown, f"{URL}/owls/off")

    assert len(service.rows(select(Audit))) == 1


@pytest.mark.parametrize(
    "path",
    [
        f"{URL}/nobody/off",
        f"{URL}/owls/burn",
        f"{ENTRIES}/core.9/feature",
        f"{ENTRIES}/core.1/burn",
    ],
)
def test_what_there_is_not_cannot_be_switched(staff, path):
    assert staff.post(path).status_code == 404


def test_a_form_of_another_site_changes_nothing(service, staff):
    staff.post(f"{URL}/owls/off")

    assert service.rows(select(Audit)) == []


def test_where_nothing_was_fetched_it_says_so(service):
    staff = service.signed_in(role="staff")

    assert "No fetch has left its findings here yet" in staff.get(URL).text
    assert "No other entry was fetched" in staff.get(ENTRIES).text

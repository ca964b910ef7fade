"""Announcements that staff write: shown between two moments, and given to a snapshot."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from pydotorg_build.content.banners import Banner
from pydotorg_build.content.read import read
from pydotorg_build.snapshot import Snapshots
from sidecar import announcements
from sidecar.snapshots import snapshot_of
from sidecar.tables.work import Announcement, Audit
from sidecar.worker import Worker

URL = "/admin/announcements"
TYPED = {
    "title": "Python 3.16 is out", "message": "", "link": "/downloads/", "kind": "success",
    "start": "2026-11-01", "end": "2999-11-01T18:00:00Z",
}  # fmt: skip


@pytest.fixture
def root(service):
    return service.signed_in(role="superuser")


def add(root, **typed):
    return root.send(f"{URL}/new", **(TYPED | typed))


def rows(service):
    return service.rows(select(Announcement).order_by(Announcement.id))


@pytest.mark.row("S337")
def test_an_announcement_is_written_and_a_snapshot_takes_it(service, root):
    answer = add(root)

    assert answer.headers["location"] == URL
    ((kind, key, data),) = service.write(announcements.rows)
    assert (kind, key) == ("banners", f"desk-{rows(service)[0].id}")
    assert read(Banner, data)[1] == []
    assert data["end"] == "2999-11-01T18:00:00Z"
    assert ">Python 3.16 is out</a>" in root.get(URL).text


def test_one_that_is_over_is_not_in_the_snapshot(service, root):
    add(root, end="2026-11-02")

    assert list(service.write(announcements.rows)) == []
    assert ">Python 3.16 is out</a>" in root.get(f"{URL}?state=over").text


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"title": ""}, "title"),
        ({"start": "soon"}, "start"),
        ({"end": "2026-10-01"}, "end"),
        ({"link": "javascript:alert(1)"}, "link"),
        ({"kind": "loud"}, "kind"),
        ({"message": "x" * 301}, "message"),
        ({"title": "a\u202eb\x00"}, "title"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(
    service, root, typed, field
):
    answer = add(root, **{"message": "See what is new", **typed})

    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    if "message" not in typed:
        assert 'value="See what is new"' in answer.text
    assert rows(service) == []


def test_of_two_who_change_it_the_second_is_told_and_keeps_what_was_typed(service, root):
    add(root)
    one = f"{URL}/{rows(service)[0].id}"
    first, second = root.get(one), root.get(one)
    root.submit(first, one, **(TYPED | {"title": "First"}))

    answer = root.submit(second, one, **(TYPED | {"title": "Second"}))

    assert answer.status_code == 409
    assert 'value="Second"' in answer.text
    assert rows(service)[0].title == "First"
    assert root.submit(answer, one, **(TYPED | {"title": "Second"})).status_code == 303
    assert rows(service)[0].title == "Second"


def test_it_is_removed_after_being_asked_once(service, root):
    add(root)
    ask = f"{URL}/{rows(service)[0].id}/remove"

    assert "Remove “Python 3.16 is out”?" in root.get(ask).text
    assert len(rows(service)) == 1
    assert root.send(ask).headers["location"] == URL
    assert rows(service) == []
    actions = [row.action for row in service.rows(select(Audit).order_by(Audit.id))]
    assert actions == ["announcement written", "announcement removed"]


def banners(service):
    """The announcements that the builder would read."""
    service.run(Worker(service.db, service.settings).drain())
    path = snapshot_of(service.settings)
    reader = Snapshots(path.parent, [path.name])
    try:
        return [row.data["title"] for row in reader.rows(path.name, "banners")]
    finally:
        reader.close()


@pytest.mark.row("S337", "S452")
def test_each_change_of_an_announcement_takes_a_new_snapshot(service, root):
    add(root)
    assert banners(service) == ["Python 3.16 is out"]

    one = f"{URL}/{rows(service)[0].id}"
    root.submit(root.get(one), one, **(TYPED | {"title": "Python 3.17 is out"}))
    assert banners(service) == ["Python 3.17 is out"]

    root.send(f"{one}/remove")
    assert banners(service) == []

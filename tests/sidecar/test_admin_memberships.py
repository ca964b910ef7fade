"""Members of the Foundation, as staff look after them."""

from __future__ import annotations

from typing import get_args

import msgspec
import pytest
from sqlalchemy import select, update

from sidecar.clock import now
from sidecar.routes.admin_memberships import NewKind
from sidecar.tables.accounts import Membership, MembershipKind
from sidecar.tables.work import Audit

URL = "/admin/memberships"


@pytest.mark.row("S058")
def test_staff_see_all_members_and_find_them_by_name_and_kind(service):
    service.account("ada", is_member=True)
    service.account("bea", is_member=True)
    fellow = update(Membership).where(Membership.legal_name == "Bea")
    service.write(lambda tx: tx.execute(fellow.values(kind=MembershipKind.FELLOW.value)))
    staff = service.signed_in("staff", name="grace")

    def found(query):
        page = staff.get(f"{URL}?{query}").text
        return [name for name in ("Ada", "Bea") if f">{name}</a>" in page]

    assert found("") == ["Ada", "Bea"]
    assert found("q=AD") == ["Ada"]
    assert found("kind=5&q=") == ["Bea"]
    assert found("votes=yes") == []


@pytest.mark.row("S058")
def test_nobody_else_sees_them(service):
    service.account("ada", is_member=True)
    (number,) = service.rows(select(Membership.id))

    for browser in (service.signed_in(name="eve", is_member=True), service.signed_in("jobs team")):
        assert browser.get(URL).status_code == 403
        assert browser.get(f"{URL}/{number}").status_code == 403
        assert browser.post(f"{URL}/{number}/kind").status_code == 403


@pytest.mark.row("S058")
def test_a_superuser_makes_a_fellow_and_the_change_is_written_down(service):
    service.account("ada", is_member=True)
    (number,) = service.rows(select(Membership.id))
    browser = service.signed_in("superuser")

    answer = browser.send(f"{URL}/{number}", f"{URL}/{number}/kind", kind="5")

    assert answer.headers["location"] == f"{URL}/{number}"
    assert service.rows(select(Membership.kind)) == [5]
    (row,) = service.rows(select(Audit))
    assert (row.subject, row.changes) == (f"memberships/{number}", {"kind": [0, 5]})
    assert "Another kind" not in service.signed_in("staff").get(f"{URL}/{number}").text


def test_who_becomes_a_basic_member_votes_no_more(service):
    service.account("ada", is_member=True)
    fellow = {"kind": 5, "votes": True, "affirmed_at": now()}
    service.write(lambda tx: tx.execute(update(Membership).values(**fellow)))
    (number,) = service.rows(select(Membership.id))

    service.signed_in("superuser").send(f"{URL}/{number}", f"{URL}/{number}/kind", kind="0")

    (kept,) = service.rows(select(Membership))
    assert (kept.kind, kept.votes, kept.affirmed_at) == (0, False, None)


def test_each_kind_there_is_can_be_chosen():
    (field,) = msgspec.structs.fields(NewKind)

    assert get_args(field.type) == tuple(str(kind.value) for kind in MembershipKind)


@pytest.mark.parametrize("kind", ["3", "9", "-1", "x", ""])
def test_a_kind_there_is_not_changes_nothing(service, kind):
    service.account("ada", is_member=True)
    (number,) = service.rows(select(Membership.id))
    browser = service.signed_in("superuser")

    answer = browser.send(f"{URL}/{number}", f"{URL}/{number}/kind", kind=kind)

    assert answer.status_code == 422
    assert 'id="kind-error"' in answer.text
    assert service.rows(select(Membership.kind)) == [0]
    assert browser.get(f"{URL}/999").status_code == 404

"""Membership of the Foundation: begun by anybody, seen and changed by its owner alone."""

from __future__ import annotations

import datetime

import pytest
from sqlalchemy import select, update

from sidecar.clock import now
from sidecar.memberships import must_affirm
from sidecar.tables.accounts import Membership, MembershipKind
from sidecar.tables.work import Audit

URL = "/account/membership"
TYPED = {"legal_name": "Augusta Ada King", "email": "ada@psf.example", "city": "London",
         "code_of_conduct": "on", "announcements": "on"}  # fmt: skip
DAY = datetime.timedelta(days=1)


@pytest.mark.row("S058")
@pytest.mark.parametrize(
    ("kind", "votes", "ago", "must"),
    [
        (MembershipKind.BASIC, False, None, False),
        (MembershipKind.BASIC, True, 999, False),
        (MembershipKind.SUPPORTING, False, None, True),
        (MembershipKind.SUPPORTING, True, 364, False),
        (MembershipKind.SPONSOR, True, 366, True),
        (MembershipKind.CONTRIBUTING, True, None, True),
        (MembershipKind.FELLOW, False, 1, True),
        (MembershipKind.FELLOW, True, 1, False),
    ],
)
def test_whoever_may_vote_affirms_it_once_a_year(kind, votes, ago, must):
    affirmed = now() - ago * DAY if ago else None

    assert (
        must_affirm(Membership(kind=kind.value, votes=votes, affirmed_at=affirmed), now()) is must
    )


@pytest.mark.row("S058")
def test_anybody_becomes_a_basic_member_once(service):
    browser = service.signed_in(name="ada")
    shown = browser.get(URL)
    assert 'value="ada@example.org"' in shown.text

    first = browser.submit(shown, URL, **TYPED)
    again = browser.submit(shown, URL, **TYPED | {"legal_name": "Another"})

    assert first.headers["location"] == again.headers["location"] == URL
    (kept,) = service.rows(select(Membership))
    assert (kept.kind, kept.legal_name, kept.city) == (0, "Augusta Ada King", "London")
    assert (kept.announcements, kept.code_of_conduct, kept.votes) == (True, True, False)
    assert "You are a <strong>Basic member</strong>" in browser.get(URL).text


@pytest.mark.parametrize(
    ("change", "field"),
    [({"code_of_conduct": None}, "code_of_conduct"), ({"legal_name": " "}, "legal_name"),
     ({"email": "nowhere"}, "email"), ({"city": "x" * 101}, "city"),
     ({"legal_name": "a\0b"}, "legal_name")],
)  # fmt: skip
def test_what_cannot_be_is_told_beside_its_field(service, change, field):
    browser = service.signed_in(name="ada")
    typed = {name: value for name, value in (TYPED | change).items() if value is not None}

    shown = browser.send(URL, **typed)

    assert (shown.status_code, service.rows(select(Membership))) == (422, [])
    assert f'id="{field}-error"' in shown.text
    assert 'value="London"' in shown.text or field == "city"


@pytest.mark.row("S058")
def test_a_member_changes_only_their_own_record(service):
    eve = service.signed_in(name="eve", is_member=True)
    ada = service.signed_in(name="ada", is_member=True)

    answer = ada.send(URL, f"{URL}/change", legal_name="Ada", email="a@a.example", country="UK")

    assert answer.headers["location"] == URL
    assert service.rows(select(Membership.legal_name).order_by(Membership.id)) == ["Eve", "Ada"]
    assert 'value="UK"' in ada.get(URL).text
    assert "UK" not in eve.get(URL).text
    (row,) = service.rows(select(Audit))
    assert (row.action, "UK" in str(row.changes)) == ("membership changed", False)


@pytest.mark.row("S042")
@pytest.mark.parametrize("path", ["/change", "/affirm", "/end"])
def test_what_is_for_members_refuses_others(service, path):
    stranger = service.signed_in(name="eve")

    assert stranger.post(f"{URL}{path}").status_code == 403
    assert service.post(f"{URL}{path}").status_code == 401


@pytest.mark.row("S042")
def test_what_is_for_those_who_vote_refuses_a_basic_member(service):
    browser = service.signed_in(name="ada", is_member=True)
    assert browser.post(f"{URL}/affirm").status_code == 403
    assert "Do you want to vote?" not in browser.get(URL).text

    service.write(
        lambda tx: tx.execute(update(Membership).values(kind=MembershipKind.FELLOW.value))
    )
    assert "Do you want to vote?" in browser.get(URL).text
    browser.send(URL, f"{URL}/affirm")

    (kept,) = service.rows(select(Membership))
    assert (kept.votes, now() - kept.affirmed_at < DAY) == (True, True)
    assert "You vote in elections" in browser.get(URL).text


def test_a_membership_ends_after_one_was_asked(service):
    browser = service.signed_in(name="ada", is_member=True)

    asked = browser.get(f"{URL}/end")
    assert len(service.rows(select(Membership))) == 1
    browser.submit(asked, f"{URL}/end")

    assert service.rows(select(Membership)) == []
    assert "Become a member" in browser.get(URL).text

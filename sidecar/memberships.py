"""Membership of the Foundation: who signs up, what members may, and when a vote must be affirmed.

Everybody may be a basic member.  The other kinds are given by staff; they vote, once they have
affirmed that they want to, and affirm it again each year.
"""

from __future__ import annotations

import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from sidecar.people import EmailAddress
from sidecar.tables.accounts import Membership, MembershipKind

AFFIRMED_FOR = datetime.timedelta(days=365)
TITLES = {
    MembershipKind.BASIC: "Basic member",
    MembershipKind.SUPPORTING: "Supporting member",
    MembershipKind.SPONSOR: "Sponsor member",
    MembershipKind.CONTRIBUTING: "Contributing member",
    MembershipKind.FELLOW: "Fellow",
}
Text = Annotated[str, Meta(max_length=100)]


class Details(msgspec.Struct, frozen=True, kw_only=True):
    """What a member tells, and may change."""

    legal_name: Annotated[str, Meta(min_length=1, max_length=100)]
    preferred_name: Text = ""
    email: EmailAddress
    city: Text = ""
    region: Text = ""
    country: Text = ""
    postal_code: Annotated[str, Meta(max_length=20)] = ""
    announcements: bool = False


class SignUp(Details, frozen=True, kw_only=True):
    """What somebody tells who becomes a member."""

    code_of_conduct: bool = False


def keep(membership: Membership, details: Details) -> None:
    """Take over what somebody typed."""
    for name in Details.__struct_fields__:
        setattr(membership, name, getattr(details, name))


def title_of(membership: Membership) -> str:
    """What kind of member somebody is."""
    return TITLES[MembershipKind(membership.kind)]


def is_higher(kind: int | None) -> bool:
    """Is it a kind of membership that votes?"""
    return kind is not None and kind != MembershipKind.BASIC.value


def must_affirm(membership: Membership, at: datetime.datetime) -> bool:
    """Does somebody who may vote have to say (again) that they want to?"""
    if not is_higher(membership.kind):
        return False
    affirmed = membership.affirmed_at
    return not membership.votes or affirmed is None or at - affirmed > AFFIRMED_FOR

"""What the site shows of a nominee: the form that fills it, its look, and the rows of a snapshot.

Only who accepted and is not withdrawn is in a snapshot; the builder shows them once nominations are
closed.  A withdrawal is told to nobody outside, the site included, for half a minute.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any

import msgspec
from litestar.datastructures import State
from markupsafe import Markup
from msgspec import Meta
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from pydotorg_build.content.base import Fault
from pydotorg_build.content.elections import ElectionCard
from pydotorg_build.content.nominees import NOMINEES
from pydotorg_build.content.nominees import Nominee as Entry
from pydotorg_build.content.read import read
from pydotorg_build.render import Shown
from sidecar.clock import now
from sidecar.holds import HELD, UNDO
from sidecar.overtaken import Opened
from sidecar.previews import prose_of
from sidecar.tables.accounts import User
from sidecar.tables.elections import Answer, Nomination, Nominee

KIND = NOMINEES.name
Line = Annotated[str, Meta(max_length=200)]
AGREED = "Tick this to stand"


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What a nominee says about themselves, and agrees to."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    employer: Line = ""
    affiliations: Annotated[str, Meta(max_length=1000)] = ""
    previous_service: Line = ""
    statement: Annotated[str, Meta(max_length=20_000)] = ""
    agrees: bool = False
    opened: Opened = ""


OWN = ("name", "employer", "affiliations", "previous_service", "statement")


def typed_of(nominee: Nominee) -> dict[str, Any]:
    """A nominee as the form shows it."""
    kept = {name: getattr(nominee, name) for name in OWN}
    return {**kept, "agrees": nominee.answer == Answer.ACCEPTED.value}


def data_of(election: str, typed: Mapping[str, Any], by: Iterable[str]) -> dict[str, Any]:
    """The fields of the builder's entry; empty ones are left out."""
    given = {name: typed[name] for name in OWN[1:4] if typed[name]}
    named = {"nominated_by": list(by)} if by else {}
    return {"title": typed["name"], "election": election, "accepted": True, **given, **named}


def faults_of(election: str, value: Standing) -> Iterator[Fault]:
    """What is wrong with what was typed that its types do not say."""
    if not value.agrees:
        yield Fault("agrees", AGREED)
    _, faults = read(Entry, data_of(election, msgspec.structs.asdict(value), ()))
    for fault in faults:
        name = "name" if fault.name == "title" else fault.name
        yield Fault(name if name in OWN else "", fault.message, fault.hint)
    for flaw in prose_of(value.statement).flaws:
        yield Fault("statement", f"line {flaw.line}: {flaw.message}", flaw.hint)


def preview(
    state: State, election: ElectionCard, typed: Mapping[str, Any], by: Iterable[str]
) -> str:
    """The page of a nominee, by the site's own template."""
    entry, faults = read(Entry, data_of(election.id, typed, by))
    if entry is None:
        raise ValueError(f"no page of {faults}")
    prose = prose_of(typed["statement"])
    body = Shown(Markup(prose.html), prose.toc, prose.text) if typed["statement"] else None
    html: str = state.pages.render(
        "nominees/nominee.html", entry.title, nominee=entry, election=election, body=body,
        previous=None, next=None,
    )  # fmt: skip
    return html


def can_be_undone(nominee: Nominee) -> bool:
    """Was a nominee withdrawn a moment ago, and nobody told?"""
    return bool(nominee.withdrawn_at and now() < nominee.withdrawn_at + UNDO)


def is_told(nominee: Nominee) -> bool:
    """Is a nominee withdrawn, and those who have to do with it told of it?"""
    return bool(nominee.withdrawn_at and nominee.withdrawn_at + HELD <= now())


async def nominators(db: AsyncSession, nominee: int) -> list[str]:
    """The names of those who nominated somebody, as the site shows them."""
    rows = await db.execute(
        select(User.full_name, User.name)
        .join(Nomination, Nomination.nominator_id == User.id)
        .where(Nomination.nominee_id == nominee, User.deleted_at.is_(None))
        .order_by(Nomination.id)
    )
    return [full or name for full, name in rows]


async def rows(tx: AsyncSession) -> list[tuple[str, str, dict[str, Any]]]:
    """What a snapshot takes: kind, key and data of each who stands."""
    stands = or_(Nominee.withdrawn_at.is_(None), Nominee.withdrawn_at > now() - HELD)
    accepted = Nominee.answer == Answer.ACCEPTED.value
    found = await tx.scalars(select(Nominee).where(accepted, stands).order_by(Nominee.id))
    return [(KIND, one.public_id, await _row(tx, one)) for one in found]


async def _row(tx: AsyncSession, nominee: Nominee) -> dict[str, Any]:
    data = data_of(nominee.election, typed_of(nominee), await nominators(tx, nominee.id))
    return {**data, "body": nominee.statement}

"""What the team is asked to decide about, of all kinds, as one list: each in the same columns.

    select(LINES).where(LINES.c.kind.in_(kinds_for(actor)), waits())

What is handed in is kept as submissions, what sponsors apply for and who is nominated as tables of
their own, each with its own page at the desk.  Nobody has to decide about a nomination: it is in the
list of all, where whoever runs elections finds it.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy import (
    Integer,
    Row,
    Select,
    Text,
    case,
    cast,
    func,
    literal,
    null,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession

from sidecar.claims import held_by_others
from sidecar.kinds import KINDS
from sidecar.permissions import Actor, Permission
from sidecar.sponsors.steps import AGREED, At
from sidecar.tables.base import UtcDateTime
from sidecar.tables.cases import Submission, Submitter
from sidecar.tables.elections import Nominee
from sidecar.tables.sponsors import Sponsor, Sponsorship
from sidecar.workflow import ON_SITE, WAITING, State


class Other(NamedTuple):
    """A kind of what is decided about elsewhere than at `/admin/cases`: where, and by whom."""

    name: str
    url: str
    moderator: Permission


CASES = "/admin/cases"
SPONSOR, NOMINATION = "sponsor", "nomination"
OTHERS = {
    one.name: one
    for one in (
        Other(SPONSOR, "/admin/sponsors", Permission.SPONSORS_MODERATE),
        Other(NOMINATION, "/admin/nominations", Permission.ELECTIONS_RUN),
    )
}
NAMES = (*KINDS, *OTHERS)
SHOWN = [*(state.value for state in ON_SITE), *(state.value for state in AGREED)]
TO_DECIDE = [*(state.value for state in WAITING), At.APPLIED.value]


def url_of(line: Any) -> str:
    """The page at the desk of a line of the list."""
    base = OTHERS[line.kind].url if line.kind in OTHERS else CASES
    return f"{base}/{line.id}"


def tick_of(line: Any) -> str:
    """What a box of the queue stands for: one of a kind, and the version of it that was seen."""
    tick = f"{line.id}-{line.version}"
    return f"{line.kind}-{tick}" if line.kind in OTHERS else tick


def kinds_for(actor: Actor) -> list[str]:
    """The kinds that somebody decides about."""
    named = {name: kind.moderator for name, kind in KINDS.items()}
    named |= {name: other.moderator for name, other in OTHERS.items()}
    return [name for name, moderator in named.items() if actor.may(moderator)]


def _ref(kind: Any, number: Any) -> Any:
    """What no two lines share."""
    return (kind + "-" + cast(number, Text)).label("ref")


def _submissions() -> Select[*tuple[Any, ...]]:
    one = Submission
    return (
        select(
            one.id, one.kind, _ref(one.kind, one.id), one.title, one.state, one.handed_in,
            Submitter.email, Submitter.email_key, one.claimed_by, one.claimed_at, one.archived_at,
            one.version,
        )
        .join(Submitter, Submitter.id == one.submitter_id)
        .where(one.state != State.UNCONFIRMED.value)
    )  # fmt: skip


def _sponsorships() -> Select[*tuple[Any, ...]]:
    """Those whose address was proven; a renewal waits since it was made."""
    one, kind = Sponsorship, literal(SPONSOR, Text)
    since = case((one.confirmed_at > one.created, one.confirmed_at), else_=one.created)
    return (
        select(
            one.id, kind, _ref(kind, one.id), Sponsor.name, one.state, since, one.email,
            one.email_key, one.claimed_by, one.claimed_at, cast(null(), UtcDateTime), one.version,
        )
        .join(Sponsor, Sponsor.id == one.sponsor_id)
        .where(one.confirmed_at.is_not(None))
    )  # fmt: skip


def _nominees() -> Select[*tuple[Any, ...]]:
    one, kind = Nominee, literal(NOMINATION, Text)
    state = case((one.withdrawn_at.is_not(None), "withdrawn"), else_=one.answer)
    return select(
        one.id, kind, _ref(kind, one.id), one.name, state, one.created, one.email, one.email_key,
        cast(null(), Integer), cast(null(), UtcDateTime), cast(null(), UtcDateTime), one.version,
    )  # fmt: skip


LINES = union_all(_submissions(), _sponsorships(), _nominees()).subquery("lines")
L = LINES.c


def waiting(actor: Actor) -> Select[*tuple[Any, ...]]:
    """What waits for a decision that somebody may take."""
    mine = L.kind.in_(kinds_for(actor)), L.state.in_(TO_DECIDE)
    return select(LINES).where(*mine)


class Record(NamedTuple):
    """What became of all that came from an address."""

    shown: int
    refused: int


async def records(db: AsyncSession, keys: Collection[str]) -> dict[str, Record]:
    """The record of each of these addresses, over all kinds."""
    counts = [
        func.count().filter(L.state.in_(states)) for states in (SHOWN, [State.REJECTED.value])
    ]
    asked = select(L.email_key, *counts).where(L.email_key.in_(keys)).group_by(L.email_key)
    return {key: Record(shown, refused) for key, shown, refused in await db.execute(asked)}


async def next_waiting(
    tx: AsyncSession, actor: Actor, kind: str, number: int
) -> tuple[Row[Any] | None, int]:
    """What waits next for a decision, of whatever kind, and how many wait beside this one.

    The next younger one, and after the youngest the oldest; none that somebody else looks at.
    """
    ref = f"{kind}-{number}"
    since = await tx.scalar(select(L.handed_in).where(L.ref == ref))
    others = waiting(actor).where(L.ref != ref, ~held_by_others(L, actor))
    in_turn = others.order_by(L.handed_in, L.ref).limit(1)
    place = tuple_(L.handed_in, L.ref)
    found = (await tx.execute(in_turn.where(place > (since, ref)))).first() if since else None
    count = await tx.scalar(select(func.count()).select_from(others.subquery()))
    return found or (await tx.execute(in_turn)).first(), count or 0

"""What the team is asked to decide about, of all kinds, as one list: each in the same columns.

    select(LINES).where(LINES.c.kind.in_(kinds_for(actor)), waits())

What is handed in is kept as submissions, what sponsors apply for and who is nominated as tables of
their own, each with its own page at the desk.  Nobody has to decide about a nomination: it is in the
list of all, where whoever runs elections finds it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Integer,
    Row,
    Select,
    Text,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    or_,
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
from sidecar.tables.cases import Decision, Revision, Submission, Submitter
from sidecar.tables.elections import Nominee
from sidecar.tables.sponsors import Sponsor, Sponsorship, SponsorshipStep
from sidecar.workflow import ON_SITE, STEPS, WAITING, State


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
REFUSED = [State.REJECTED.value]
SHOWN = [*(state.value for state in ON_SITE), *(state.value for state in AGREED)]
TO_DECIDE = [*(state.value for state in WAITING), At.APPLIED.value]


def url_of(line: Any) -> str:
    """The page at the desk of a line of the list."""
    base = OTHERS[line.kind].url if line.kind in OTHERS else CASES
    return f"{base}/{line.id}"


def tick_of(kind: str, row: Any) -> str:
    """What a box of the queue stands for: one of a kind, and the version of it that was seen."""
    tick = f"{row.id}-{row.version}"
    return f"{kind}-{tick}" if kind in OTHERS else tick


def kinds_for(actor: Actor) -> list[str]:
    """The kinds that somebody decides about."""
    named = {name: kind.moderator for name, kind in KINDS.items()}
    named |= {name: other.moderator for name, other in OTHERS.items()}
    return [name for name, moderator in named.items() if actor.may(moderator)]


# When an application of a sponsor joined the queue; a renewal has had its address proven before.
JOINED = case(
    (Sponsorship.confirmed_at > Sponsorship.created, Sponsorship.confirmed_at),
    else_=Sponsorship.created,
)  # fmt: skip
REJECTING = [step.name for step in STEPS.values() if step.end is State.REJECTED]


def _ref(kind: Any, number: Any) -> Any:
    """What no two lines share."""
    return (kind + "-" + cast(number, Text)).label("ref")


def _submissions() -> Select[*tuple[Any, ...]]:
    """A change of what is shown, or of what was rejected, waits since it was written."""
    one = Submission
    written = select(Revision.created).where(
        Revision.submission_id == one.id, Revision.n == one.latest
    )
    decided = select(Decision.id).where(
        Decision.submission_id == one.id, Decision.step.in_(REJECTING),
        Decision.undone_at.is_(None),
    )  # fmt: skip
    is_new = or_(
        one.state == State.CHANGED.value,
        and_(one.state == State.PENDING.value, decided.exists()),
    )  # fmt: skip
    since = func.coalesce(case((is_new, written.scalar_subquery())), one.handed_in)
    return (
        select(
            one.id, one.kind, _ref(one.kind, one.id), one.title, one.state, since.label("since"),
            Submitter.email, Submitter.email_key, one.claimed_by, one.claimed_at, one.archived_at,
            one.version,
        )
        .join(Submitter, Submitter.id == one.submitter_id)
        .where(one.state != State.UNCONFIRMED.value)
    )  # fmt: skip


def _sponsorships() -> Select[*tuple[Any, ...]]:
    """Those whose address was proven.  What was led back to the application waits since then."""
    one, kind = Sponsorship, literal(SPONSOR, Text)
    led_back = (
        select(func.max(SponsorshipStep.created))
        .where(SponsorshipStep.sponsorship_id == one.id, SponsorshipStep.step == "roll back")
        .where(SponsorshipStep.undone_at.is_(None))
        .scalar_subquery()
    )
    since = case((led_back > JOINED, led_back), else_=JOINED)
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
    """What became of what came from an address."""

    shown: int
    refused: int


async def records(db: AsyncSession, actor: Actor, lines: Sequence[Any]) -> dict[str, Record]:
    """Of each line, what became of all others of its sender."""
    found = await _counted(db, actor, L.email_key.in_({line.email_key for line in lines}))
    return {
        line.ref: Record(shown - (line.state in SHOWN), refused - (line.state in REFUSED))
        for line in lines
        for shown, refused in [found[line.email_key]]
    }


async def record_of(db: AsyncSession, actor: Actor, kind: str, number: int, key: str) -> Record:
    """What became of all others of the sender of one."""
    others = L.email_key == key, L.ref != f"{kind}-{number}"
    return (await _counted(db, actor, *others)).get(key, Record(0, 0))


async def _counted(
    db: AsyncSession, actor: Actor, *which: ColumnElement[bool]
) -> dict[str, Record]:
    """By address, what became of what came from it, of the kinds that somebody decides about."""
    counts = [func.count().filter(L.state.in_(states)) for states in (SHOWN, REFUSED)]
    asked = select(L.email_key, *counts).where(L.kind.in_(kinds_for(actor)), *which)
    rows = await db.execute(asked.group_by(L.email_key))
    return {key: Record(shown, refused) for key, shown, refused in rows}


async def next_waiting(
    tx: AsyncSession, actor: Actor, kind: str, number: int
) -> tuple[Row[Any] | None, int]:
    """What waits next for a decision, of whatever kind, and how many wait beside this one.

    The next younger one, and after the youngest the oldest; none that somebody else looks at.
    """
    ref = f"{kind}-{number}"
    since = await tx.scalar(select(L.since).where(L.ref == ref))
    others = waiting(actor).where(L.ref != ref, ~held_by_others(L, actor))
    in_turn = others.order_by(L.since, L.ref).limit(1)
    place = tuple_(L.since, L.ref)
    found = (await tx.execute(in_turn.where(place > (since, ref)))).first() if since else None
    count = await tx.scalar(select(func.count()).select_from(others.subquery()))
    return found or (await tx.execute(in_turn)).first(), count or 0


async def before(db: AsyncSession, kind: str, number: int) -> int:
    """How many of its kind wait before one, in the order of the list."""
    one = LINES.alias("one")
    earlier = tuple_(L.since, L.ref) < tuple_(one.c.since, one.c.ref)
    found = await db.scalar(
        select(func.count()).select_from(LINES.join(one, earlier))
        .where(one.c.kind == kind, one.c.id == number)
        .where(L.kind == kind, L.state.in_(TO_DECIDE))
    )  # fmt: skip
    return found or 0

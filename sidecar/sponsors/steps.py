"""What may happen to a sponsorship: one table of steps, and `take`, which obeys it.  No I/O.

             approve           send            sign           execute
    applied ────────▶ approved ─────▶ sent ─────────▶ signed ────────▶ finalized
     ▲   │ reject       │    ▲         │                │
     │   ▼              │    └─────────┴── nullify ─────┘
     │  rejected        │ roll back
     └──────┴───────────┘

Whoever applied may change it while it is `applied`, or when staff have unlocked it; what a contract
names only until that is sent.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from enum import StrEnum
from typing import NamedTuple

from sidecar.workflow import SPAM, Refused


class At(StrEnum):
    """Where a sponsorship is."""

    APPLIED = "applied"
    APPROVED = "approved"
    SENT = "sent"
    SIGNED = "signed"
    FINALIZED = "finalized"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class By(StrEnum):
    """Who takes a step."""

    SPONSOR = "sponsor"
    STAFF = "staff"


class Step(NamedTuple):
    """One arrow: its name, the words on its button, from where, to where (None: it stays), by whom.

    `letter` is what the sponsor is sent after it, `told` what staff are; `locks` is whether the
    sponsor may change what was handed in from then on; `has_page` is whether more is asked than a
    reason, on a page or a form of its own; `outcome` is what the public log of decisions calls it,
    `past` what the history of a record does.  One that `holds` can be undone for half a minute, and
    is told after that.
    """

    name: str
    words: str
    start: frozenset[At]
    end: At | None
    by: AbstractSet[By]
    needs_reason: bool = False
    letter: str = ""
    told: str = ""
    locks: bool | None = None
    has_page: bool = False
    outcome: str = ""
    done: str = ""
    holds: bool = False

    @property
    def past(self) -> str:
        return self.done or self.outcome


def those(*states: At) -> frozenset[At]:
    return frozenset(states)


STAFF, SPONSOR, EITHER = frozenset({By.STAFF}), frozenset({By.SPONSOR}), frozenset(By)
# These take up capacity.
OPEN = those(At.APPLIED, At.APPROVED, At.SENT, At.SIGNED)
# No contract of these is on its way or executed.
UNSENT = those(At.APPLIED, At.APPROVED)
AGREED = those(At.APPROVED, At.SENT, At.SIGNED, At.FINALIZED)
STEPS: dict[str, Step] = {
    step.name: step
    for step in (
        Step("change", "Change it", OPEN | AGREED, None, EITHER, has_page=True,
             done="changed"),
        Step("approve", "Approve", those(At.APPLIED), At.APPROVED, STAFF,
             letter="sponsor-approved", locks=True, has_page=True, outcome="approved",
             holds=True),
        Step("reject", "Reject", those(At.APPLIED, At.APPROVED), At.REJECTED, STAFF,
             needs_reason=True, letter="sponsor-rejected", locks=True, outcome="rejected",
             holds=True),
        # No letter: whoever sends spam need not learn that somebody reads it.
        Step(SPAM, "Reject as spam", those(At.APPLIED), At.REJECTED, STAFF, locks=True,
             outcome="rejected as spam", holds=True),
        Step("roll back", "Back to the application", those(At.APPROVED, At.REJECTED), At.APPLIED,
             STAFF, needs_reason=True, letter="sponsor-rolled-back", locks=False,
             outcome="sent back", holds=True),
        Step("withdraw", "Take it back", those(At.APPLIED, At.APPROVED), At.WITHDRAWN, SPONSOR,
             told="sponsor-withdrawn", locks=True, done="taken back"),
        Step("send", "Send the contract", those(At.APPROVED), At.SENT, STAFF,
             letter="sponsor-contract", has_page=True, done="contract sent"),
        Step("sign", "Hand in the signed copy", those(At.SENT), At.SIGNED, EITHER,
             told="sponsor-signed", has_page=True, done="signed copy handed in"),
        Step("execute", "Execute: both have signed", those(At.SIGNED), At.FINALIZED, STAFF,
             letter="sponsor-finalized", has_page=True, outcome="finalized"),
        Step("nullify", "Nullify the contract", those(At.SENT, At.SIGNED), At.APPROVED, STAFF,
             needs_reason=True, letter="sponsor-nullified", outcome="contract nullified"),
        Step("lock", "Lock", OPEN | AGREED, None, STAFF, locks=True, done="locked"),
        Step("unlock", "Unlock", AGREED, None, STAFF, locks=False, done="unlocked"),
        Step("note", "Leave the note", frozenset(At), None, STAFF, needs_reason=True,
             has_page=True, done="note"),
        Step("release", "Show it on the site", AGREED, None, STAFF, has_page=True,
             outcome="shown on the site"),
        Step("hide", "Take it from the site", AGREED, None, STAFF, has_page=True,
             outcome="taken from the site"),
        Step("renew", "Renew it", those(At.FINALIZED), None, STAFF, has_page=True,
             done="renewed"),
        Step("remind", "Remind of what is missing", AGREED, None, STAFF, has_page=True,
             done="reminded"),
    )
}  # fmt: skip


def open_steps(state: At, by: By, *, locked: bool = False) -> dict[str, Step]:
    """The steps that may be taken now by one side.

    >>> sorted(name for name, s in open_steps(At.SENT, By.STAFF).items() if s.end)
    ['nullify', 'sign']
    """
    return {
        name: step for name, step in STEPS.items()
        if state in step.start and by in step.by and not _is_in_vain(step, by, locked=locked)
    }  # fmt: skip


def _is_in_vain(step: Step, by: By, *, locked: bool) -> bool:
    """Is it locked against the sponsor, or as locked already as the step would make it?"""
    if step.name == "change":
        return by is By.SPONSOR and locked
    return step.end is None and step.locks is locked


def take(state: At, by: By, name: str, reason: str = "", *, locked: bool = False) -> Step:
    """The step, if it may be taken; raises Refused, which names the steps that may."""
    found = open_steps(state, by, locked=locked)
    if name not in found:
        others = ", ".join(found) or "nothing"
        raise Refused(f"This is {state.value}, so you cannot {name} it. Open to you: {others}.")
    if found[name].needs_reason and not reason.strip():
        raise Refused("Say why.")
    return found[name]

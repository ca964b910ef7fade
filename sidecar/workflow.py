"""What may happen to a submission: one table of steps, and `take`, which obeys it.  No I/O.

                confirm            approve
    unconfirmed ───────▶ pending ─────────▶ published ──change──▶ changed ──approve──▶ published
                          ▲   │ reject        │   ▲                  │ refuse
                   change │   ▼               │   └──────────────────┘
                         rejected   expire or withdraw or take down

What is changed while it is published stays as it was on the site until somebody approves.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from enum import StrEnum
from typing import NamedTuple


class State(StrEnum):
    """Where a submission is."""

    UNCONFIRMED = "unconfirmed"
    PENDING = "pending"
    PUBLISHED = "published"
    CHANGED = "changed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class By(StrEnum):
    """Who takes a step."""

    AUTHOR = "author"
    MODERATOR = "moderator"
    CLOCK = "clock"


class Step(NamedTuple):
    """One arrow: its name and the words on its button, from where to where, and by whom.

    `shows` is whether the site shows something else after it, `letter` what the author is sent,
    `outcome` what the public log of decisions calls it, `past` what the history of a record does.
    """

    name: str
    words: str
    start: frozenset[State]
    end: State
    by: By
    needs_reason: bool = False
    shows: bool = False
    letter: str = ""
    outcome: str = ""
    done: str = ""

    @property
    def past(self) -> str:
        return self.done or self.outcome


S = State
ENDED = frozenset({S.EXPIRED, S.WITHDRAWN})
WAITING = frozenset({S.PENDING, S.CHANGED})
ON_SITE = frozenset({S.PUBLISHED, S.CHANGED})
SPAM = "reject as spam"
WHY = "Say why: the author is sent your reason."
STEPS: dict[str, Step] = {
    step.name: step
    for step in (
        Step("confirm", "Confirm and hand in", frozenset({S.UNCONFIRMED}), S.PENDING, By.AUTHOR,
             done="address confirmed"),
        Step("change", "Change", frozenset({S.PENDING, S.REJECTED}), S.PENDING, By.AUTHOR,
             done="changed"),
        Step("propose", "Change", ON_SITE, S.CHANGED, By.AUTHOR, done="change handed in"),
        Step("correct", "Correct a slip", frozenset({S.PUBLISHED}), S.PUBLISHED, By.AUTHOR,
             shows=True, done="slip corrected"),
        Step("approve", "Approve", WAITING, S.PUBLISHED, By.MODERATOR, shows=True, letter="live",
             outcome="approved"),
        Step("reject", "Reject", frozenset({S.PENDING}), S.REJECTED, By.MODERATOR,
             needs_reason=True, letter="rejected", outcome="rejected"),
        # No letter: whoever sends spam need not learn that somebody reads it.
        Step(SPAM, "Reject as spam", frozenset({S.PENDING}), S.REJECTED, By.MODERATOR,
             outcome="rejected as spam"),
        Step("refuse", "Refuse the change", frozenset({S.CHANGED}), S.PUBLISHED, By.MODERATOR,
             needs_reason=True, letter="refused", outcome="change refused"),
        Step("take down", "Take down", ON_SITE, S.REJECTED, By.MODERATOR, needs_reason=True,
             shows=True, letter="taken-down", outcome="taken down"),
        Step("withdraw", "Take it back", frozenset({S.UNCONFIRMED, S.PENDING, *ON_SITE}),
             S.WITHDRAWN, By.AUTHOR, shows=True, done="taken back"),
        Step("settle", "It is settled", ON_SITE, S.WITHDRAWN, By.AUTHOR, shows=True,
             done="settled"),
        Step("renew", "Renew", frozenset({S.PUBLISHED, S.EXPIRED}), S.PUBLISHED, By.AUTHOR,
             shows=True, done="renewed"),
        Step("expire", "End", ON_SITE, S.EXPIRED, By.CLOCK, shows=True, done="ended"),
    )
}  # fmt: skip


class Refused(Exception):
    """A step that may not be taken; its text is shown to the person who tried."""


def open_steps(state: State, roles: AbstractSet[By]) -> dict[str, Step]:
    """The steps that may be taken now by somebody of these roles.

    >>> sorted(open_steps(State.PENDING, {By.MODERATOR}))
    ['approve', 'reject', 'reject as spam']
    """
    return {name: step for name, step in STEPS.items() if state in step.start and step.by in roles}


def take(state: State, roles: AbstractSet[By], name: str, reason: str = "") -> Step:
    """The step, if it may be taken; raises Refused, which names the steps that may."""
    found = open_steps(state, roles)
    if name not in found:
        others = ", ".join(found) or "nothing"
        raise Refused(f"This is {state.value}, so you cannot {name} it. Open to you: {others}.")
    if found[name].needs_reason and not reason.strip():
        raise Refused(WHY)
    return found[name]

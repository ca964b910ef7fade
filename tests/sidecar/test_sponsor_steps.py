"""The table of steps of a sponsorship: each state, each side, each step."""

from __future__ import annotations

import pytest

from sidecar import workflow
from sidecar.sponsors.steps import STEPS, At, By, open_steps, take
from sidecar.workflow import Refused

MOVES = {
    (At.APPLIED, "approve"): At.APPROVED,
    (At.APPLIED, "reject"): At.REJECTED,
    (At.APPLIED, "reject as spam"): At.REJECTED,
    (At.APPLIED, "withdraw"): At.WITHDRAWN,
    (At.APPROVED, "reject"): At.REJECTED,
    (At.APPROVED, "roll back"): At.APPLIED,
    (At.APPROVED, "withdraw"): At.WITHDRAWN,
    (At.APPROVED, "send"): At.SENT,
    (At.REJECTED, "roll back"): At.APPLIED,
    (At.SENT, "sign"): At.SIGNED,
    (At.SENT, "nullify"): At.APPROVED,
    (At.SIGNED, "execute"): At.FINALIZED,
    (At.SIGNED, "nullify"): At.APPROVED,
}


@pytest.mark.row("S106", "S472")
@pytest.mark.parametrize("state", At)
def test_from_each_state_only_its_arrows_lead_on(state):
    found = {
        name: step.end for by in By for name, step in open_steps(state, by).items() if step.end
    }

    assert found == {name: end for (start, name), end in MOVES.items() if start is state}


def test_what_is_not_open_is_refused_with_what_is():
    with pytest.raises(Refused) as refused:
        take(At.REJECTED, By.STAFF, "approve")

    assert str(refused.value) == (
        "This is rejected, so you cannot approve it. Open to you: roll back, note."
    )


@pytest.mark.parametrize("name", ["reject", "roll back", "nullify", "note"])
def test_what_turns_something_down_needs_a_reason(name):
    state = next(iter(sorted(STEPS[name].start)))

    with pytest.raises(Refused, match="Say why"):
        take(state, By.STAFF, name, "  ")


def test_what_is_locked_is_changed_by_staff_alone():
    assert "change" not in open_steps(At.APPROVED, By.SPONSOR, locked=True)
    assert "change" in open_steps(At.APPROVED, By.SPONSOR, locked=False)
    assert "change" in open_steps(At.APPROVED, By.STAFF, locked=True)


@pytest.mark.parametrize("locked", [True, False])
def test_one_of_lock_and_unlock_is_open(locked):
    found = open_steps(At.APPROVED, By.STAFF, locked=locked)

    assert ("lock" in found, "unlock" in found) == (not locked, locked)


def test_no_step_of_staff_is_the_sponsors():
    assert set(open_steps(At.SIGNED, By.SPONSOR)) == {"change"}


@pytest.mark.parametrize("step", [*STEPS.values(), *workflow.STEPS.values()])
def test_the_history_of_a_record_calls_each_step_by_what_was_done(step):
    assert step.past
    assert step.past != step.name or step.name == "note"

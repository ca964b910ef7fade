"""The work that a browser does for a form: it counts once, and who does none is only slowed down."""

from __future__ import annotations

import re
from itertools import count

import pytest
from sqlalchemy import select

from sidecar import limits, stamps
from sidecar.stamps import BITS, challenge, is_good, zeros
from sidecar.tables.cases import Submission
from tests.sidecar.test_cases import FORM, GOOD

CHALLENGE = re.compile(r'data-stamp="([^"]+)"')


def worked(given):
    """A stamp, as static/js/stamp.js finds it."""
    return next(s for s in (f"{given}.{n}" for n in count()) if zeros(s) >= BITS)


def handed_in(service, number, stamp=""):
    """Hand a job in that is like no other."""
    typed = {**GOOD, "title": f"Baker {number}", "sender": f"ada@ada{number}.example"}
    return service.send(FORM, **typed, stamp=stamp)


def test_without_a_stamp_a_network_sends_few_forms_an_hour_and_loses_none_of_them(
    service, monkeypatch
):
    monkeypatch.setattr(stamps, "WITHOUT", 2)

    answers = [handed_in(service, number) for number in range(3)]

    assert [answer.status_code for answer in answers] == [303, 303, 422]
    assert 'value="Baker 2"' in answers[2].text
    assert len(service.rows(select(Submission))) == 2


def test_with_stamps_it_sends_more_and_each_counts_once(service, monkeypatch):
    monkeypatch.setattr(stamps, "WITHOUT", 0)
    first, second = (worked(CHALLENGE.search(service.get(FORM).text)[1]) for _ in range(2))

    answers = [handed_in(service, n, s) for n, s in enumerate([first, second, second])]

    assert [answer.status_code for answer in answers] == [303, 303, 422]


def test_whoever_hands_in_more_than_a_day_takes_is_shown_the_form_with_all_that_was_typed(
    service, monkeypatch
):
    monkeypatch.setattr(limits, "FORMS_OF", 2)

    answers = [
        service.send(FORM, **{**GOOD, "title": f"Baker {n}", "sender": f"ada+{n}@ada.example"})
        for n in range(3)
    ]

    assert [answer.status_code for answer in answers] == [303, 303, 422]
    assert 'value="Baker 2"' in answers[2].text
    assert "This was tried too often. Try again in" in answers[2].text


@pytest.mark.parametrize("forged", ["", "1.a.b.7", "..", "{given}", "{idle}", "x{good}"])
def test_what_was_not_worked_for_is_no_stamp(ready, forged):
    given = challenge(ready)
    good = worked(given)
    idle = next(s for s in (f"{given}.{n}" for n in count()) if zeros(s) < BITS)

    assert is_good(ready, good)
    assert not is_good(ready, forged.format(given=given, good=good, idle=idle))


def test_a_stamp_is_too_old_after_a_day(ready, monkeypatch):
    good = worked(challenge(ready))
    later = stamps.now() + stamps.LASTS
    monkeypatch.setattr(stamps, "now", lambda: later)

    assert not is_good(ready, good)

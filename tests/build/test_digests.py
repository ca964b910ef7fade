"""Digests: what must differ, and what must not."""

from __future__ import annotations

import datetime
import os
import subprocess
import sys
from zoneinfo import ZoneInfo

import msgspec
import pytest

from pydotorg_build.artifacts import Calendar, Event
from pydotorg_build.digests import digest

NOON = datetime.datetime(2026, 1, 15, 12, tzinfo=ZoneInfo("Europe/Berlin"))
PARIS = NOON.replace(tzinfo=ZoneInfo("Europe/Paris"))
UTC = NOON.astimezone(datetime.UTC)
OFFSET = NOON.astimezone(datetime.timezone(datetime.timedelta(hours=1)))


class Talk(msgspec.Struct):
    start: datetime.datetime


class Agenda(msgspec.Struct):
    title: str
    talks: tuple[Talk, ...] | None = None
    days: dict[str, datetime.datetime | str] = {}


class OfTheTypeChecker(msgspec.Struct):
    talk: NoNameThatIsHere  # noqa: F821


@pytest.mark.parametrize(
    "holding",
    [
        lambda moment: moment,
        lambda moment: [1, moment],
        lambda moment: {"meta": {"start": moment}},
        lambda moment: frozenset({moment}),
        lambda moment: (Talk(moment),),
        lambda moment: Agenda("A", talks=(Talk(moment),)),
        lambda moment: Agenda("A", days={"first": moment}),
        lambda moment: OfTheTypeChecker(Talk(moment)),
        lambda moment: Calendar(
            url="/a.ics",
            title="A",
            events=(Event(uid="1", title="A", start=moment, stamp=UTC),),
        ),
    ],
)
def test_one_moment_in_different_zones_is_not_the_same(holding):
    digests = {digest(holding(moment)) for moment in (NOON, PARIS, UTC, OFFSET)}

    assert NOON == PARIS == UTC == OFFSET
    assert len(digests) == 4


@pytest.mark.parametrize("container", [list, tuple, set, frozenset])
def test_which_of_two_moments_has_which_zone_counts(container):
    later = datetime.timedelta(hours=1)

    one, other = digest(container([NOON, PARIS + later])), digest(container([PARIS, NOON + later]))

    assert one != other


def test_equal_values_are_the_same_in_whatever_order_they_came():
    one = {"a": NOON, "b": PARIS, "c": {"x", "y"}}
    other = {"c": {"y", "x"}, "b": PARIS, "a": NOON}

    assert digest(one) == digest(other)


def test_a_digest_does_not_depend_on_the_process():
    program = (
        "import datetime, zoneinfo; from pydotorg_build.digests import digest\n"
        "zones = ('Europe/Berlin', 'Asia/Tokyo', 'America/Lima')\n"
        "noon = datetime.datetime(2026, 1, 15, 12)\n"
        "print(digest(frozenset(noon.replace(tzinfo=zoneinfo.ZoneInfo(z)) for z in zones)))"
    )

    told = {
        subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True,
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
        ).stdout
        for seed in range(3)
    }  # fmt: skip

    assert len(told) == 1

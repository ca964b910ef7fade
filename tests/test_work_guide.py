"""docs/work.md names all that is done by itself."""

from __future__ import annotations

import re

import pytest

from sidecar import publishing, routine, sending  # noqa: F401 - they say what work there is
from sidecar.queue import TASKS
from sidecar.schedules import SCHEDULES
from tests.conftest import ROOT

GUIDE = (ROOT / "docs/work.md").read_text(encoding="utf-8")


@pytest.mark.row("S212")
def test_each_kind_of_work_is_named():
    named = set(re.findall(r"`([a-z]+(?:\.[a-z]+)?)`", GUIDE))

    assert {name for name in TASKS if not name.startswith("test.")} <= named


@pytest.mark.row("S212")
def test_daily_work_is_named_with_its_hour():
    for schedule in SCHEDULES.values():
        minute, hour, *_ = schedule.cron.split()
        if hour.isdecimal():
            assert f"`{schedule.name}`, {int(hour):02}:{int(minute):02}" in GUIDE

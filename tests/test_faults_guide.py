"""docs/faults.md: each fault of an earlier rebuild is there, and is held by tests that there are."""

from __future__ import annotations

import re

import pytest

from tests.conftest import ROOT

FAULTS = dict(
    re.findall(
        r"^\| (P\d\d) \|[^|]+\|(.+)\|$",
        (ROOT / "docs/faults.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
)
NAMED = re.compile(r"`([\w/]+\.py)::(test_\w+)`")


def test_every_fault_has_its_line():
    assert list(FAULTS) == [f"P{number:02}" for number in range(1, 50)]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_held_by_tests_that_there_are(fault):
    held = NAMED.findall(FAULTS[fault])

    assert held
    assert [
        name
        for path, name in held
        if not re.search(rf"^def {name}\(", (ROOT / path).read_text(), re.MULTILINE)
    ] == []

"""docs/signing-in.md: its times, names and addresses are those of the program."""

from __future__ import annotations

import re

import pytest

from sidecar import jwt, keys, providers, sessions, tokens
from sidecar.app import ROUTES
from sidecar.matrix import lines
from sidecar.proofs import HALF
from sidecar.tables import Table
from sidecar.tables.accounts import Purpose
from tests.conftest import ROOT

GUIDE = (ROOT / "docs/signing-in.md").read_text()
UNITS = {"minute": 60, "hour": 3600, "day": 86400}
TIMES = {
    "session of a person, unused": sessions.IDLE,
    "session of staff, unused": sessions.STAFF_IDLE,
    "any session": sessions.LONGEST,
    "having confirmed that it is you": sessions.STEP_UP,
    "between password and second factor": tokens.LASTS[Purpose.SIGN_IN],
    "link that confirms an address": tokens.LASTS[Purpose.CONFIRM],
    "link to a new password": tokens.LASTS[Purpose.RESET],
    "way to GitHub or Google and back": providers.GOOD_FOR,
    "access token": jwt.ACCESS,
    "refresh token": jwt.REFRESH,
}


def written():
    """The seconds of each row of the table."""
    rows = re.findall(r"^\| ([^|]+) \| (\d+) (minute|hour|day)s?[^|]* \|", GUIDE, re.MULTILINE)
    return {what: int(number) * UNITS[unit] for what, number, unit in rows}


@pytest.mark.row("S309")
def test_each_time_is_that_of_the_program():
    wanted = {what: int(span.total_seconds()) for what, span in TIMES.items()}

    assert written() == wanted | {"API key": keys.DAYS * 86400}


@pytest.mark.row("S309")
def test_each_address_table_and_cookie_that_is_named_is_there():
    paths = {re.sub(r"\{name:str\}", "github", line.path) for line in lines(ROUTES)}
    named = set(re.findall(r"`(/[\w/-]+[a-z])`", GUIDE))

    assert named - paths == set()
    assert set(re.findall(r"`(\w+s)`", GUIDE)) <= set(Table.metadata.tables)
    assert f"`{HALF}`" in GUIDE
    assert f"`{keys.MARK}" in GUIDE.replace("Bearer ", "`")
    assert f"signed with {jwt.ALGORITHM}" in GUIDE

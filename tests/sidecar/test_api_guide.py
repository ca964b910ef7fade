"""docs/api.md: its commands and its client are run against a sidecar, as they stand there."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys

import pytest

from tests.conftest import ROOT
from tests.faults.conftest import Running

GUIDE = (ROOT / "docs/api.md").read_text()


def block(kind):
    """The one block of a kind."""
    (found,) = re.findall(rf"```{kind}\n(.*?)```", GUIDE, re.DOTALL)
    return found


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A sidecar with accounts that have a key, and one of those keys."""
    running = Running(tmp_path_factory.mktemp("guide"), scopes=("account:read", "keys:change"))
    running.start()
    yield running
    running.kill()


def run(served, command, text):
    """Run a block with the address of the sidecar in place of the real one."""
    here = f"http://localhost:{served.port}"
    done = subprocess.run(
        [*command, text.replace("https://www.python.org", here)], capture_output=True, text=True,
        env={"PATH": "/usr/bin:/bin", "KEY": served.keys[0]}, check=True, timeout=60,
    )  # fmt: skip
    return done.stdout


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
@pytest.mark.row("S311", "S467")
def test_the_commands_of_the_guide_do_what_it_says(served):
    said = run(served, ["sh", "-c"], block("sh"))

    account, keys, made = map(json.loads, said.replace("}{", "}\n{").splitlines())
    assert account["name"] == "u0"
    assert (keys["total"], keys["page_size"]) == (1, 10)
    assert made["secret"].startswith("pyk_")


@pytest.mark.slow
@pytest.mark.row("S313", "S311")
def test_the_client_of_the_guide_works_as_it_stands(served):
    said = run(served, [sys.executable, "-c"], block("python"))

    name, count = said.splitlines()
    assert name == "u0"
    assert re.fullmatch(r"\d+ of \d+ keys", count)


def test_what_the_guide_says_of_times_and_limits_is_what_holds():
    from sidecar import jwt, keys
    from sidecar.api import MOST
    from sidecar.rates import KNOWN, Rate

    assert (jwt.ACCESS.total_seconds(), jwt.REFRESH.days, keys.DAYS) == (300, 30, 365)
    assert "an access token of five minutes and a refresh token of 30 days" in GUIDE
    assert f"{MOST} are the most a page has" in GUIDE
    assert f"{Rate.API.value} requests a minute by address, four times" in GUIDE
    assert KNOWN == 4

"""Killed in the midst of writes: nothing that was acknowledged is lost, and it goes on by itself."""

from __future__ import annotations

import os
import signal
import time

import pytest

from tests.conftest import postgresql
from tests.faults.conftest import ROUNDS, Running

pytestmark = pytest.mark.slow


@pytest.fixture
def server():
    """A PostgreSQL server for one test."""
    with postgresql() as running:
        yield running


@pytest.mark.timeout(3600)
@pytest.mark.row("S002")
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_sidecar_that_is_killed_loses_no_acknowledged_write(tmp_path, running, request, kind):
    url = request.getfixturevalue("server").get_uri() if kind == "postgresql" else ""
    sidecar = Running(tmp_path, url)
    running.append(sidecar)

    for _ in range(ROUNDS):
        sidecar.start()
        sidecar.under_load(1, sidecar.kill)
        assert sidecar.lost() == set()

    assert len(sidecar.load.kept) > 5 * ROUNDS
    assert set(sidecar.load.statuses) <= {201, 429, 503}


@pytest.mark.timeout(3600)
@pytest.mark.row("S002", "S284")
@pytest.mark.parametrize("how", ["crashed", "stopped"])
def test_when_postgresql_is_gone_it_says_so_and_goes_on_as_soon_as_it_is_back(
    tmp_path, running, server, how
):
    sidecar = Running(tmp_path, server.get_uri())
    running.append(sidecar)
    sidecar.start()
    # Two signals to PostgreSQL: end at once as if by a crash, or after turning everybody out.
    number = signal.SIGQUIT if how == "crashed" else signal.SIGINT

    for _ in range(max(1, ROUNDS // 5)):
        before = len(sidecar.load.kept)
        sidecar.under_load(0.5, lambda: os.kill(server.get_pid(), number), after=0.5)
        down = sidecar.until(503, 5)
        while (server.pgdata / "postmaster.pid").exists():  # it turns everybody out first
            time.sleep(0.05)
        server.ensure_postgres_running()
        back = sidecar.until(200, 20)
        sidecar.under_load(0.5)

        assert sidecar.lost() == set()
        assert len(sidecar.load.kept) > before
        assert down < 5
        assert back < 20

    assert set(sidecar.load.statuses) <= {201, 429, 503}

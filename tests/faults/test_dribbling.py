"""Clients that send their body for ever: nobody else waits for them."""

from __future__ import annotations

import socket

import pytest

from tests.faults.conftest import WRITERS, Running

pytestmark = pytest.mark.slow
BEGUN = (
    b"POST /account/sign-in HTTP/1.1\r\nHost: test.example\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\nwho="
)


@pytest.mark.timeout(300)
@pytest.mark.row("S028")
def test_while_clients_dribble_their_bodies_all_others_are_written(tmp_path, running):
    sidecar = Running(tmp_path)
    running.append(sidecar)
    sidecar.start()
    dribbling = [socket.create_connection(("127.0.0.1", sidecar.port)) for _ in range(5)]
    for one in dribbling:
        one.sendall(BEGUN)

    sidecar.under_load(1, lambda: [one.sendall(b"a") for one in dribbling], after=1)
    for one in dribbling:
        one.close()

    assert set(sidecar.load.statuses) <= {201, 429}
    assert len(sidecar.load.kept) > WRITERS
    assert sidecar.lost() == set()
    assert "locked" not in (tmp_path / "log").read_text()

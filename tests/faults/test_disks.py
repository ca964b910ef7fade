"""A disk that is full, and one that can only be read: 503, no half write, and on again by itself."""

from __future__ import annotations

import resource
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from tests.faults.conftest import Running

pytestmark = pytest.mark.slow


@pytest.fixture
def disk(tmp_path):
    """A disk of eight megabytes; where none can be mounted, a visible skip."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(place)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"nothing can be mounted here: {done.stderr.strip()}")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill(place: Path) -> Path:
    """Take all room that is left."""
    filler = place / "filler"
    with filler.open("wb", buffering=0) as stream, suppress(OSError):
        while stream.write(b"0" * 4096):
            pass
    return filler


@pytest.mark.timeout(600)
@pytest.mark.row("S286")
def test_a_full_disk_is_503_and_once_there_is_room_it_goes_on(tmp_path, disk, running):
    sidecar = Running(tmp_path, data="disk/data")
    running.append(sidecar)
    sidecar.start()
    full = []

    sidecar.under_load(0.5, lambda: full.append(fill(disk)), after=1.5)
    refused, before = sidecar.load.statuses[503], len(sidecar.load.kept)
    full[0].unlink()
    sidecar.until(200)
    sidecar.under_load(0.5)

    assert refused > 0
    assert sidecar.lost() == set()
    assert len(sidecar.load.kept) > before
    assert set(sidecar.load.statuses) <= {201, 429, 503}


@pytest.mark.timeout(600)
@pytest.mark.row("S286")
def test_while_nothing_can_be_written_it_is_503_and_then_it_goes_on(tmp_path, running):
    """No disk is made read-only under files that are open, so the system refuses each write instead.

    SQLite tells the two alike: an I/O error in its log.
    """
    sidecar = Running(tmp_path)
    running.append(sidecar)
    sidecar.start()
    process = sidecar.process.pid
    usual = resource.prlimit(process, resource.RLIMIT_FSIZE)

    def turns_read_only():
        resource.prlimit(process, resource.RLIMIT_FSIZE, (0, usual[1]))
        sidecar.until(503)

    sidecar.under_load(0.5, turns_read_only, after=1)
    refused, before = sidecar.load.statuses[503], len(sidecar.load.kept)
    resource.prlimit(process, resource.RLIMIT_FSIZE, usual)
    sidecar.until(200)
    sidecar.under_load(0.5)

    assert refused > 0
    assert sidecar.lost() == set()
    assert len(sidecar.load.kept) > before > 0
    assert set(sidecar.load.statuses) <= {201, 429, 503}


@pytest.mark.timeout(600)
@pytest.mark.row("S286")
def test_on_a_disk_that_can_only_be_read_it_does_not_begin_and_says_why(tmp_path, disk, running):
    sidecar = Running(tmp_path, data="disk/data")
    running.append(sidecar)
    sidecar.start()
    sidecar.under_load(0.5)
    sidecar.kill()

    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    status, said = sidecar.ended()
    subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
    sidecar.start()

    assert status == 1
    assert "the database cannot be used" in said
    assert "Traceback" not in said
    assert sidecar.lost() == set()
    assert len(sidecar.load.kept) > 0

"""Running a command and measuring it: time on the wall, processor time, and memory of all processes.

Memory is sampled in a run of its own, because looking takes time from what is looked at.  The most
that one process ever had is known exactly from the system, so the peak is never told below that.
"""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median

EVERY = 0.02
RARELY = 10  # to look at gigabytes takes long; that much longer is then left between two looks


class Failed(Exception):
    """A command that did not end well, with what it said."""


@dataclass(frozen=True)
class Run:
    """One run of a command; processor time is that of it and all its children, in seconds."""

    wall: float
    cpu: float
    peak: int = 0


@dataclass(frozen=True)
class Spread:
    """The middle of several runs, and how far apart they were."""

    middle: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        return cls(median(values), min(values), max(values))


def run(command: Sequence[str], folder: Path, *, sampled: bool = False) -> Run:
    """Run a command to its end; with `sampled`, its memory is measured and its times are off."""
    os.sync()  # what an earlier run wrote must not be written in the time of this one
    with tempfile.TemporaryFile() as said:
        began = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, env=usual(), stdout=said, stderr=said)
        peak = _peak_until_it_ends(process.pid) if sampled else 0
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            text = said.read()[-3000:].decode(errors="replace")
            raise Failed(f"{' '.join(command)} ended with {process.returncode}:\n{text}")
    return Run(wall, used.ru_utime + used.ru_stime, max(peak, used.ru_maxrss * 1024))


def usual() -> dict[str, str]:
    """Our environment, in which Python keeps what it compiled, as it does unless told otherwise."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _peak_until_it_ends(pid: int) -> int:
    """The most memory that a process and its children had at once, in bytes."""
    peak = 0
    while os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        began = time.perf_counter()
        peak = max(peak, sum(map(proportional, tree(pid))))
        time.sleep(max(EVERY, RARELY * (time.perf_counter() - began)))
    return peak


def tree(pid: int) -> Iterator[int]:
    """A process and all below it."""
    yield pid
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from tree(int(child))


def proportional(pid: int) -> int:
    """The memory of a process in bytes; what several share counts for each in part (PSS)."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


def end(process: subprocess.Popen[str]) -> None:
    """End a process that we started and wait for it."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()

"""How many downloads a second the sidecar leads on, and whether it counts them exactly.

    python benchmarks/redirects.py --sidecars 2 --seconds 10

It starts sidecars with a database of SQLite in a folder of its own, and a client for each that
asks for files from ever new addresses, some of them twice.  Then the sidecars are told to stop, and
what stands in the database must be what the rule says.  Requests are sent in batches over
connections that stay, so that the client costs little; sidecars and clients share the cores.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from multiprocessing import Pool
from pathlib import Path

BATCH = 32
FTP = "https://www.python.org/ftp/python/"
FILES = [
    f"3.{minor}.{micro}/Python-3.{minor}.{micro}.tgz" for minor in range(15) for micro in range(20)
]
AGENT = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"


def site(folder: Path) -> None:
    """The list of files of a built site."""
    files = [
        {"url": FTP + path, "release": path.partition("/")[0], "os": "source"} for path in FILES
    ]
    place = folder / "dist/api/v3/files.json"
    place.parent.mkdir(parents=True)
    place.write_text(json.dumps({"files": files}))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def started(folder: Path, port: int) -> subprocess.Popen[bytes]:
    """A sidecar that answers."""
    environ = {
        **os.environ, "PYDOTORG_PORT": str(port), "PYDOTORG_URL": f"http://127.0.0.1:{port}",
        "PYDOTORG_PROXIES": "127.0.0.1", "PYDOTORG_LOG": "json",
    }  # fmt: skip
    command = [sys.executable, "-m", "pydotorg_build", "sidecar", "run", "--no-worker"]
    process = subprocess.Popen(command, cwd=folder, env=environ, stdout=subprocess.DEVNULL)
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return process
    raise SystemExit("a sidecar did not begin to answer")


def asked(port: int, number: int, path: str) -> bytes:
    """One request; the number is the address it comes from."""
    address = f"{10 + (number >> 24)}.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    return (
        f"GET /d/{path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUser-Agent: {AGENT}\r\n"
        f"X-Forwarded-For: {address}\r\n\r\n"
    ).encode()


def ask_on(port: int, seconds: float) -> tuple[int, int, list[float]]:
    """Ask for some seconds; how many requests, how many of them count, and how long batches took."""
    sent = counted = 0
    times = []
    with socket.create_connection(("127.0.0.1", port)) as connection:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            batch = []
            for place in range(BATCH):
                # Every eighth is the one before it, asked again, and does not count.
                again = place % 8 == 7
                counted += not again
                number = counted
                batch.append(asked(port, number, FILES[number % len(FILES)]))
            began = time.monotonic()
            connection.sendall(b"".join(batch))
            read_all(connection)
            times.append(time.monotonic() - began)
            sent += BATCH
    return sent, counted, times


def read_all(connection: socket.socket) -> None:
    """The answers to a batch, each of which must lead to a file."""
    data = b""
    while data.count(b"\r\n\r\n") < BATCH:
        part = connection.recv(1 << 18)
        if not part:
            raise SystemExit("a sidecar ended the connection")
        data += part
    if data.count(b"HTTP/1.1 302") != BATCH or data.count(FTP.encode()) != BATCH:
        raise SystemExit("an answer does not lead to a file")


def cpu_of(processes: list[subprocess.Popen[bytes]]) -> float:
    """The processor time that processes have used."""
    ticks = 0
    for process in processes:
        fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def measure(sidecars: int, seconds: float) -> bool:
    """Measure, print, and say whether the counts are exact."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        site(folder)
        ports = [free_port() for _ in range(sidecars)]
        # The first makes the database.
        processes = [started(folder, port) for port in ports]
        before, load = cpu_of(processes), os.getloadavg()[0]
        began = time.monotonic()
        with Pool(sidecars) as clients:
            found = clients.starmap(ask_on, [(port, seconds) for port in ports])
        took, used = time.monotonic() - began, cpu_of(processes) - before
        for process in processes:
            process.send_signal(signal.SIGTERM)
        for process in processes:
            process.wait(60)
        with sqlite3.connect(folder / "data/sidecar.sqlite") as db:
            (written,) = db.execute("SELECT coalesce(sum(count), 0) FROM download_days").fetchone()
    sent, wanted = sum(one[0] for one in found), sum(one[1] for one in found)
    times = sorted(t for one in found for t in one[2])
    print(f"{sidecars} sidecars, {os.cpu_count()} cores, load before {load:.1f}")
    print(f"{sent / took:,.0f} redirects a second ({sent:,} in {took:.1f} s)")
    print(f"{sent / used:,.0f} redirects for a second of processor time of the sidecars")
    print(f"a batch of {BATCH}: median {times[len(times) // 2] * 1000:.1f} ms, "
          f"p99 {times[len(times) * 99 // 100] * 1000:.1f} ms")  # fmt: skip
    print(f"counted {written:,} of {wanted:,}: {'exact' if written == wanted else 'WRONG'}")
    return bool(written == wanted)


def main() -> None:
    """Read what is asked for, and measure."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sidecars", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=10)
    given = parser.parse_args()
    sys.exit(0 if measure(given.sidecars, given.seconds) else 1)


if __name__ == "__main__":
    main()

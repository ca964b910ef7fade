"""Bringing the snapshot of a sidecar that runs elsewhere, for a host that only builds."""

from __future__ import annotations

import http.client
import os
from pathlib import Path
from urllib.parse import urlsplit

from pydotorg_build.problems import Problem, Problems, Source
from pydotorg_build.snapshot import Snapshots, version_of

ADDRESS = "/api/v1/staff/snapshot"
SECONDS = 60
CHUNK = 1 << 18
REFUSED = {
    401: "make a key at /account/keys that may read the snapshot, and set SNAPSHOT_KEY to it",
    403: "its owner must be of the staff, with a second factor, and the key may read the snapshot",
    404: "approve something first, or build without it",
    503: "try it again",
}
ELSEWHERE = "is this the address of the sidecar itself?"


def pull(file: Path, url: str, key: str) -> str:
    """Put the newest snapshot of the sidecar at `url` in the place of `file`; say which it is.

    Empty where `file` is that one.  Raises Problems, and then `file` is as it was.
    """
    connection, path = _connection(url)
    source = Source(f"{url}{ADDRESS}")
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        connection.request("GET", path, headers={
            "Authorization": f"Bearer {key}", "If-None-Match": f'"{_version_in(file)}"',
        })  # fmt: skip
        with connection.getresponse() as answer:
            if answer.status == 304:
                return ""
            if answer.status != 200:
                hint = REFUSED.get(answer.status, ELSEWHERE)
                raise Problems([Problem(source, f"answers with {answer.status}", hint)])
            _write(answer, new)
        if not (version := _version_in(new)):
            raise Problems([Problem(source, "answers with what is no snapshot", ELSEWHERE)])
        new.replace(file)
    except (OSError, UnicodeError, http.client.HTTPException) as error:
        hint = "nothing was changed: try it again"
        raise Problems([Problem(source, f"cannot be read: {error}", hint)]) from None
    finally:
        connection.close()
        new.unlink(missing_ok=True)
    return version


def _connection(url: str) -> tuple[http.client.HTTPConnection, str]:
    """What asks there, and the path of the snapshot."""
    try:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise ValueError
        is_safe = parts.scheme == "https"
        kind = http.client.HTTPSConnection if is_safe else http.client.HTTPConnection
        return kind(parts.netloc, timeout=SECONDS), f"{parts.path}{ADDRESS}"
    except (ValueError, http.client.InvalidURL):
        raise Problems([Problem(Source(url), "is no address", "write it as https://…")]) from None


def _write(answer: http.client.HTTPResponse, new: Path) -> None:
    missing = answer.length
    with new.open("wb") as out:
        while piece := answer.read(CHUNK):
            out.write(piece)
        out.flush()
        os.fsync(out.fileno())
        if missing is not None and out.tell() != missing:
            raise http.client.IncompleteRead(b"", missing - out.tell())


def _version_in(file: Path) -> str:
    """Which snapshot a file is; empty where it is none."""
    reader = Snapshots(file.parent, [file.name])
    try:
        return version_of(reader.meta(file.name))
    except Problems:
        return ""
    finally:
        reader.close()

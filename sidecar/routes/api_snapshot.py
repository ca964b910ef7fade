"""The snapshot as a file, for a builder on another machine: `pydotorg pull` asks for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import IO, Any

from litestar import Response, get
from litestar.datastructures import State
from litestar.exceptions import NotFoundException, ServiceUnavailableException
from litestar.response import Stream
from sqlalchemy import func, select

from pydotorg_build.problems import Problems
from pydotorg_build.snapshot import Snapshots, version_of
from sidecar.answers import Asked
from sidecar.api import STAFF
from sidecar.permissions import Permission
from sidecar.snapshots import snapshot_of
from sidecar.tables.cases import Publishing

CHUNK = 1 << 18


@get(f"{STAFF}/snapshot", permission=Permission.SNAPSHOT_READ)
async def snapshot(request: Asked, state: State) -> Response[Any]:
    """The newest snapshot that was taken; 304 for whoever has it.

    One that another machine took is not here, and an older one would take pages away.
    """
    path = snapshot_of(state.settings)
    try:
        meta = await asyncio.to_thread(_meta_of, path)
    except Problems:
        words = "The snapshot on this machine cannot be read: the next one takes its place."
        raise ServiceUnavailableException(words) from None
    async with state.db.read() as tx:
        taken = await tx.scalar(select(func.max(Publishing.number))) or 0
    if int(meta.get("number", 0)) < taken:
        words = f"The snapshot {taken} is not on this machine: ask the one whose worker takes them."
        raise ServiceUnavailableException(words)
    if not meta:
        raise NotFoundException("No snapshot was taken yet: the first follows what is approved.")
    version = f'"{version_of(meta)}"'
    if request.headers.get("if-none-match") == version:
        return Response(None, status_code=304, headers={"ETag": version})
    file = await asyncio.to_thread(path.open, "rb")
    size = await asyncio.to_thread(file.seek, 0, 2)
    return Stream(
        _pieces(file), media_type="application/vnd.sqlite3",
        headers={"ETag": version, "Content-Length": str(size)},
    )  # fmt: skip


def _meta_of(path: Path) -> dict[str, str]:
    reader = Snapshots(path.parent, [path.name])
    try:
        return reader.meta(path.name)
    finally:
        reader.close()


async def _pieces(file: IO[bytes]) -> AsyncIterator[bytes]:
    """What a file holds, as it was opened: another may be put in its place meanwhile."""
    with file:
        file.seek(0)
        while piece := await asyncio.to_thread(file.read, CHUNK):
            yield piece


ROUTES = (snapshot,)

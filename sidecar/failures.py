"""What nobody foresaw, kept for staff: which error, where in the code, how often, when last.

    await keep(db, "POST /submit/{kind}", error)

It never keeps what an exception says or an address held: both may be what somebody typed.
"""

from __future__ import annotations

import traceback
from pathlib import Path

import structlog
from sqlalchemy import delete, func, select
from sqlalchemy.exc import SQLAlchemyError

from pydotorg_build import __version__
from pydotorg_build.digests import digest_texts
from sidecar.clock import now
from sidecar.database import Database
from sidecar.logs import request_id
from sidecar.tables.work import Failure

MOST = 500
OURS = Path(__file__).parents[1]
log = structlog.get_logger()


async def keep(db: Database, place: str, error: BaseException) -> None:
    """Keep a failure in a transaction of its own; a database that is down must not hide it."""
    kind, trace = type(error).__name__, trace_of(error)
    key = digest_texts(place, kind, trace)[:64]
    try:
        async with db.write() as tx:
            found = await tx.scalar(select(Failure).where(Failure.key == key))
            if found is None:
                found = Failure(key=key, kind=kind, place=place, trace=trace, count=0)
                tx.add(found)
            found.count += 1
            found.at, found.request, found.version = now(), request_id.get(), __version__
            await tx.flush()
            newest = select(func.max(Failure.id)).scalar_subquery()
            await tx.execute(delete(Failure).where(Failure.id <= newest - MOST))
    except SQLAlchemyError as other:
        log.warning("a failure could not be kept", reason=type(other).__name__)


def trace_of(error: BaseException) -> str:
    """The places in the code that an error came through, ours and those of libraries, by line."""
    frames = traceback.extract_tb(error.__traceback__)
    return "\n".join(f"{path_of(frame.filename)}:{frame.lineno} in {frame.name}"
                     for frame in frames)  # fmt: skip


def path_of(file: str) -> str:
    """A file by its place in the project or among the libraries; not by where the machine has it.

    >>> path_of("/srv/lib/python3.11/site-packages/litestar/app.py")
    'litestar/app.py'
    """
    below = file.rpartition("site-packages/")[2]
    path = Path(below)
    return path.relative_to(OURS).as_posix() if path.is_relative_to(OURS) else below

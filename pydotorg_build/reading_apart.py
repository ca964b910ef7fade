"""Reading a feed in a process of its own: what is in one may keep a reader busy for hours.

The system ends such a process; nobody waits for it, and the other feeds are read meanwhile.
"""

from __future__ import annotations

import datetime
import multiprocessing
import resource
import signal
from multiprocessing.connection import Connection

from pydotorg_build.feed_reading import NoFeed, Reading, read_feed

TOO_DEAR = "reading it costs too much time or memory"
# Forks a process for each feed from one that has a single thread and the reader at hand.
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["feedparser", __name__])


def read_apart(
    work: int, body: bytes, feed: str, url: str, now: datetime.datetime, most: int, type: str
) -> Reading:
    """Read a feed as `read_feed` does, with so many seconds of work at most.  Raises NoFeed."""
    ours, theirs = CONTEXT.Pipe(duplex=False)
    reader = CONTEXT.Process(target=_read, args=(theirs, work, body, feed, url, now, most, type))
    reader.start()
    theirs.close()
    with ours:
        try:
            said: Reading | NoFeed | None = ours.recv()
        except EOFError:
            said = None
    reader.join()
    if said is None:
        was_ended = reader.exitcode == -signal.SIGKILL
        raise NoFeed(TOO_DEAR if was_ended else "its reader broke off")
    if isinstance(said, NoFeed):
        raise said
    return said


def _read(
    answer: Connection,
    work: int,
    body: bytes,
    feed: str,
    url: str,
    now: datetime.datetime,
    most: int,
    type: str,
) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (work, work))
    try:
        answer.send(read_feed(body, feed, url, now, most, type))
    except NoFeed as no_feed:
        answer.send(no_feed)
    except Exception as error:  # noqa: BLE001 (whatever is in it, it is told)
        answer.send(NoFeed(f"it cannot be read: {error.__class__.__name__}"))

"""Limits that hold over all processes: how often something may be tried in a span of time.

    await count(state.db, f"sign-in {key}", most=20, seconds=HOUR)

Each count is a transaction of its own, so that a refusal that undoes everything else is counted too.
Whether an account or an address is known makes no difference here: what was typed is counted.
"""

from __future__ import annotations

import datetime
import math

from litestar.exceptions import TooManyRequestsException
from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite

from sidecar.clients import household
from sidecar.clock import DAY, HOUR, now
from sidecar.database import Database
from sidecar.people import key_of
from sidecar.tables.work import Limit

LONGEST_KEY = 200
# Mails an hour that strangers can have us write: to one address, to all of one domain (large ones
# have millions of people), and from one network.
MAILS_TO, MAILS_TO_DOMAIN, MAILS_FROM = 5, 300, 30
# Forms a day that may be handed in with one address, each of which is answered by a mail to it.
FORMS_OF = 10
# One more, or the first: one statement, so no two are first at once.  Each database has words of its own.
MORE = [
    one.insert(Limit)
    .values(count=1)
    .on_conflict_do_update(index_elements=[Limit.key, Limit.began], set_={"count": Limit.count + 1})
    .returning(Limit.count)
    for one in (postgresql, sqlite)
]


async def count(db: Database, key: str, *, most: int, seconds: int) -> None:
    """Count one try; raise 429 where there were too many since the span began."""
    at = now()
    began = datetime.datetime.fromtimestamp(at.timestamp() // seconds * seconds, datetime.UTC)
    if await _counted(db, key[:LONGEST_KEY], began) > most:
        left = max(1, math.ceil((began - at).total_seconds() + seconds))
        raise TooManyRequestsException(
            f"This was tried too often. Try again in {_in_words(left)}.",
            headers={"Retry-After": str(left)},
        )


async def count_mail(db: Database, to: str, client: str) -> None:
    """Count a mail that somebody at `client` has us write to an address, whosever it is."""
    await _count_around(db, to, client)
    await count(db, f"mail {mailbox_of(key_of(to))}", most=MAILS_TO, seconds=HOUR)


async def count_handed_in(db: Database, sender: str, client: str) -> None:
    """Count a form and the mail to its sender: one may have more to hand in than to be sent again."""
    await _count_around(db, sender, client)
    await count(db, f"submit {mailbox_of(key_of(sender))}", most=FORMS_OF, seconds=DAY)


async def _count_around(db: Database, to: str, client: str) -> None:
    """Count a mail by who asks and by the domain, which may have few people and many addresses."""
    await count(db, f"mail from {household(client)}", most=MAILS_FROM, seconds=HOUR)
    domain = key_of(to).rpartition("@")[2]
    await count(db, f"mail to {domain}", most=MAILS_TO_DOMAIN, seconds=HOUR)


def mailbox_of(email_key: str) -> str:
    """Whose mailbox an address leads to: what follows a plus does not make it another's.

    >>> mailbox_of("ada+python@example.org")
    'ada@example.org'
    """
    name, _, domain = email_key.rpartition("@")
    return f"{name.partition('+')[0] or name}@{domain}"


async def _counted(db: Database, key: str, began: datetime.datetime) -> int:
    """How often it was tried, with this time."""
    return int(await db.put(MORE[db.is_sqlite], {"key": key, "began": began}))


async def forget(db: Database, key: str) -> None:
    """Begin anew, after a try that was right."""
    await db.put(delete(Limit).where(Limit.key == key[:LONGEST_KEY]))


def _in_words(seconds: int) -> str:
    """A span as people say it.

    >>> _in_words(59), _in_words(61), _in_words(86_000)
    ('59 seconds', '2 minutes', '24 hours')
    """
    for size, word in ((1, "second"), (60, "minute")):
        if seconds <= 60 * size:
            return _number(seconds, size, word)
    return _number(seconds, HOUR, "hour")


def _number(seconds: int, size: int, word: str) -> str:
    many = math.ceil(seconds / size)
    return f"{many} {word}{'s' * (many != 1)}"

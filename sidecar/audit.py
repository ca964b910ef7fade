"""The audit log: who did what to which record, when, and how it was before and after.

    async with db.write() as tx:
        user.is_active = False
        await note(tx, actor, "account deactivated", f"users/{user.id}", {"is_active": (True, False)})

A row is written in the transaction of what it tells, and never changed or taken away: triggers of
the database refuse it.  It holds numbers of accounts and names of fields.  Of a text the value is
kept only where the field stands in OPEN; what people wrote about themselves is not.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import object_session
from sqlalchemy.orm.attributes import get_history

from sidecar.logs import request_id
from sidecar.permissions import Actor
from sidecar.tables.base import Table
from sidecar.tables.work import Audit

# Fields whose texts are words of ours or are public anyway: never a name, an address, a reason.
OPEN = frozenset({
    "action", "answer", "dedupe", "flag", "key", "kind", "link", "message", "purpose", "role", "roles",
    "schedule", "schema", "scopes", "state", "step", "subject_kind", "template", "title", "version",
})  # fmt: skip
Changes = Mapping[str, tuple[Any, Any]]


async def note(
    tx: AsyncSession, actor: Actor, action: str, subject: str, changes: Changes | None = None
) -> None:
    """Write down, within the caller's transaction, what `actor` does to `subject` (`table/id`).

    `changes` are pairs of before and after, by the name of the field; (None, None) says only that
    it is another now.  What is the same is left out.
    """
    kept = {
        name: kept_of(name, *pair)
        for name, pair in (changes or {}).items()
        if pair[0] != pair[1] or pair == (None, None)
    }
    tx.add(Audit(actor_id=actor.user, action=action, subject=subject, changes=kept,
                 request=request_id.get()))  # fmt: skip
    await tx.flush()


def kept_of(name: str, before: Any, after: Any) -> list[Any]:
    """Of a change, what is kept: before and after, or nothing where that may be personal.

    >>> kept_of("is_active", True, False)
    [True, False]
    >>> kept_of("email", "ada@a.example", "ada@b.example")
    []
    """
    if before != after and all(is_open(name, value) for value in (before, after)):
        return [plain(before), plain(after)]
    return []


def is_open(name: str, value: Any) -> bool:
    """May the value be kept?  Numbers, moments and yes or no may; a text, where its field may."""
    if value is None or isinstance(value, bool | int | float | datetime.date):
        return True
    return name in OPEN and not isinstance(value, bytes)


def plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, list | tuple | set | frozenset):
        return sorted(map(str, value))
    return value if isinstance(value, bool | int | float | dict) or value is None else str(value)


def changes_of(record: Table) -> dict[str, tuple[Any, Any]]:
    """What was changed in a record of an open transaction, by field, before it is flushed."""
    return dict(_changes(record)) if object_session(record) else {}


def _changes(record: Table) -> Iterator[tuple[str, tuple[Any, Any]]]:
    for column in record.__mapper__.column_attrs:
        found = get_history(record, column.key)
        if found.has_changes():
            before = found.deleted[0] if found.deleted else None
            yield column.key, (before, found.added[0] if found.added else None)

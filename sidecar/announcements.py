"""Announcements that staff write: they stand at the top of every page between two moments.

The site is built with them as with those of content/banners/, of which they have the form: `rows`
are what a snapshot takes.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from pydotorg_build.content.banners import Banner
from sidecar.audit import changes_of, note
from sidecar.clock import now
from sidecar.permissions import Actor
from sidecar.tables.work import Announcement

FIELDS = ("title", "message", "link", "kind", "start", "end")
KIND = "banners"


def state_of(row: Announcement) -> str:
    """Is it shown, and if not, why?"""
    if row.end <= now():
        return "over"
    return "shown" if row.start <= now() else "coming"


async def write(tx: AsyncSession, actor: Actor, row: Announcement, banner: Banner) -> None:
    """Put what was typed into a row, and write down who did."""
    is_new = row.id is None
    for name in FIELDS:
        if getattr(row, name) != getattr(banner, name):
            setattr(row, name, getattr(banner, name))
    tx.add(row)
    changes = changes_of(row)
    await tx.flush()
    if changes:
        action = "announcement written" if is_new else "announcement changed"
        await note(tx, actor, action, f"announcements/{row.id}", changes)


async def remove(tx: AsyncSession, actor: Actor, row: Announcement) -> None:
    """Take an announcement away, whatever its time."""
    changes = {name: (getattr(row, name), None) for name in FIELDS}
    await tx.delete(row)
    await note(tx, actor, "announcement removed", f"announcements/{row.id}", changes)


async def rows(tx: AsyncSession) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """What a snapshot takes: kind, key and data of each that is shown or will be."""
    found = await tx.scalars(
        select(Announcement).where(Announcement.end > now()).order_by(Announcement.id)
    )
    return iter([(KIND, f"desk-{row.id}", data_of(row)) for row in found])


def data_of(row: Announcement) -> dict[str, Any]:
    """An announcement in the shape of its struct."""
    data = {name: getattr(row, name) for name in FIELDS}
    plain: dict[str, Any] = msgspec.to_builtins(data)
    return plain


def typed_of(row: Announcement) -> dict[str, str]:
    """An announcement as it stands in the form."""
    return {name: typed(getattr(row, name)) for name in FIELDS}


def typed(value: str | datetime.datetime) -> str:
    """A value as it stands in the form."""
    return f"{value:%Y-%m-%dT%H:%M:%SZ}" if isinstance(value, datetime.datetime) else value

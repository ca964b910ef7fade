"""Forms that are kept and not handed in yet: whoever has the link of the mail goes on with one.

Nobody who decides sees a draft.  One that nobody touched for 30 days is put away and its owner is
told; 90 days later it is gone, and the pictures with it that nothing else shows.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from sidecar import attachments
from sidecar.cases import submitter_of
from sidecar.clock import now
from sidecar.fairness import refuse_blocked
from sidecar.kinds import KINDS
from sidecar.kinds.base import NOT_KEPT, Handed, Kind
from sidecar.mail import post
from sidecar.sealing import Use, sign, signed_words
from sidecar.settings import Settings
from sidecar.sponsors.applications import Application
from sidecar.tables.attachments import DraftPicture
from sidecar.tables.cases import Draft, Submitter
from sidecar.tokens import new_token

URL = "/submit/draft"
DELETE = f"{URL}/delete"
UNTOUCHED = datetime.timedelta(days=30)
PUT_AWAY = datetime.timedelta(days=90)
Given = Mapping[str, tuple[str, ...]]


class Other(NamedTuple):
    """A form that is kept as those of KINDS are, though nobody decides about it in their queue."""

    name: str
    form: type[Handed]
    title: str
    one: str


OTHERS = {one.name: one for one in (Other("sponsor", Application, "sponsor", "a sponsor"),)}
Kept = Kind | Other


def kind_of(name: str) -> Kept:
    """What drafts of a name are of."""
    return OTHERS.get(name) or KINDS[name]


def worth_keeping(kind: Kept, given: Given) -> dict[str, list[str]]:
    """What of a form is kept: what was typed into its own fields, and the names of its pictures."""
    fields = set(kind.form.__struct_fields__) - NOT_KEPT
    return {name: list(texts) for name, texts in given.items() if name in fields and any(texts)}


def token_of(settings: Settings, draft: Draft) -> str:
    """What the link of a draft has: the database alone does not tell it."""
    return sign(settings.secret, Use.DRAFTS, draft.public_id)


def link_of(settings: Settings, draft: Draft, act: str = URL) -> str:
    """Where one goes on with it, or does something else with it."""
    return f"{act}?token={token_of(settings, draft)}"


def title_of(draft: Draft) -> str:
    """What its author calls it so far."""
    words = draft.given.get("title") or draft.given.get("company") or ["Without a title"]
    return str(words[-1])


async def of_token(db: AsyncSession, settings: Settings, token: str) -> Draft | None:
    """The draft that a link opens."""
    public_id = signed_words(settings.secret, Use.DRAFTS, token)
    if not public_id:
        return None
    found: Draft | None = await db.scalar(select(Draft).where(Draft.public_id == public_id))
    return found


async def keep(
    tx: AsyncSession, settings: Settings, kind: Kept, sender: str, given: Given, token: str
) -> Draft:
    """Keep a form: in place of the draft that it was opened as, or as a new one, of which is told."""
    await refuse_blocked(tx, sender)
    submitter = await submitter_of(tx, sender)
    known = await of_token(tx, settings, token)
    if known and (known.kind, known.submitter_id) == (kind.name, submitter.id):
        known.given, known.updated = worth_keeping(kind, given), now()
        known.archived_at = None
        await _hold_pictures(tx, known, kind)
        return known
    made = Draft(public_id=new_token(), kind=kind.name, submitter_id=submitter.id,
                 given=worth_keeping(kind, given))  # fmt: skip
    tx.add(made)
    await tx.flush()
    await _hold_pictures(tx, made, kind)
    await _write(tx, settings, "draft-kept", made, submitter)
    return made


async def _hold_pictures(tx: AsyncSession, draft: Draft, kind: Kept) -> None:
    """Keep the pictures that a draft has now, and no longer those that it had."""
    given = {name: texts[-1] for name, texts in draft.given.items()}
    names = attachments.names_of(kind.form, given).values()
    here = {"draft_id": draft.id}
    await attachments.hold(tx, DraftPicture, here, names)
    await tx.flush()
    held = delete(DraftPicture).filter_by(**here)
    await tx.execute(held.where(DraftPicture.name.not_in(names)))


async def forget(tx: AsyncSession, settings: Settings, token: str) -> None:
    """It was handed in: its draft has done its work."""
    if draft := await of_token(tx, settings, token):
        await tx.delete(draft)


async def archive_due(tx: AsyncSession, settings: Settings) -> int:
    """Put away what nobody touched for long, and tell its owner; return how many there were."""
    old = Draft.updated < now() - UNTOUCHED, Draft.archived_at.is_(None)
    found = list(await tx.scalars(select(Draft).where(*old)))
    for draft in found:
        draft.archived_at = now()
        submitter = await tx.get_one(Submitter, draft.submitter_id)
        await _write(tx, settings, "draft-archived", draft, submitter)
    return len(found)


async def _write(
    tx: AsyncSession, settings: Settings, letter: str, draft: Draft, submitter: Submitter
) -> None:
    kind = kind_of(draft.kind)
    data = {
        "kind": kind.title,
        "one": kind.one,
        "link": f"{settings.url}{link_of(settings, draft)}",
    }
    await post(tx, letter, submitter.email, data)


def filled(draft: Draft, sender: str, token: str) -> dict[str, Any]:
    """What stands in the form of a draft."""
    return {**{name: tuple(texts) for name, texts in draft.given.items()},
            "sender": (sender,), "draft": (token,)}  # fmt: skip

"""Contracts: drafted of what was agreed, sent, signed, executed or nullified.

What is sent is frozen: both files lie in the store under their SHA-256, and the next contract is a
row of its own with the next revision.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from sidecar import store
from sidecar.clock import now
from sidecar.permissions import Actor
from sidecar.settings import Settings
from sidecar.sponsors.agreements import Agreement, step
from sidecar.sponsors.paper import agreed_on, as_docx, as_pdf, benefits_of, words_of
from sidecar.sponsors.steps import By
from sidecar.tables.sponsors import Contract, Signing, Sponsorship
from sidecar.workflow import Refused

LARGEST = 10_000_000
FIELDS = {"pdf": "Contract.pdf", "docx": "Contract.docx", "signed": "Contract signed.pdf"}
TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


async def words_for(db: AsyncSession, agreement: Agreement) -> dict[str, Any]:
    """What the next contract says; Refused where the time was not agreed on."""
    row = agreement.row
    if row.start is None or row.end is None:
        raise Refused("Approve it first: a contract needs a first and a last day.")
    before = await db.get(Sponsorship, row.renews) if row.renews else None
    return words_of(
        company=agreement.sponsor.name, payload=row.payload, terms=row.terms, price=row.price,
        start=row.start, end=row.end, revision=await next_revision(db, row.id),
        reference=row.public_id, renews=before.start if before else None,
    )  # fmt: skip


async def next_revision(db: AsyncSession, sponsorship: int) -> int:
    """The number of the next contract."""
    here = Contract.sponsorship_id == sponsorship
    return (await db.scalar(select(func.max(Contract.revision)).where(here)) or 0) + 1


async def kept(settings: Settings, content: bytes, ending: str) -> str:
    """Put a file into the store, before anything refers to it; its name."""
    name = f"{hashlib.sha256(content).hexdigest()}.{ending}"
    await asyncio.to_thread(store.put, settings, name, content)
    return name


async def written(settings: Settings, words: Mapping[str, Any]) -> tuple[str, str]:
    """Both files of a contract, in the store: their names."""
    pdf = await as_pdf(words)
    docx = await asyncio.to_thread(as_docx, words)
    return await kept(settings, pdf, "pdf"), await kept(settings, docx, "docx")


async def send(
    tx: AsyncSession, settings: Settings, agreement: Agreement, actor: Actor,
    words: dict[str, Any], files: tuple[str, str],
) -> None:  # fmt: skip
    """Freeze and send the contract that was set of these words."""
    agreement.may(By.STAFF, "send")
    if words != await words_for(tx, agreement):
        raise Refused("Somebody changed this while the contract was made. Send it again.")
    revision = await next_revision(tx, agreement.row.id)
    tx.add(Contract(
        sponsorship_id=agreement.row.id, revision=revision, state=Signing.AWAITING.value,
        words=words, pdf=files[0], docx=files[1], sent_at=now(),
    ))  # fmt: skip
    await step(tx, settings, agreement, actor, By.STAFF, "send",
               changes={"revision": (None, revision)})  # fmt: skip


async def sign(
    tx: AsyncSession, settings: Settings, agreement: Agreement, actor: Actor, by: By, name: str
) -> None:
    """Keep the signed copy of the contract that waits for it."""
    agreement.may(by, "sign")
    contract = await waiting(tx, agreement)
    contract.signed, contract.signed_at = name, now()
    await step(tx, settings, agreement, actor, by, "sign")


async def execute(tx: AsyncSession, settings: Settings, agreement: Agreement, actor: Actor) -> None:
    """Both have signed: it is a sponsor, and takes over from what still runs on its first day."""
    contract, row = await to_execute(tx, agreement), agreement.row
    contract.state, contract.executed_at = Signing.EXECUTED.value, now()
    await step(tx, settings, agreement, actor, By.STAFF, "execute")
    await tx.execute(
        update(Sponsorship)
        .where(Sponsorship.sponsor_id == row.sponsor_id, Sponsorship.id != row.id)
        .where(Sponsorship.state == row.state, Sponsorship.start <= row.start)
        .where(Sponsorship.end >= row.start, Sponsorship.overlapped_by.is_(None))
        .values(overlapped_by=row.id)
    )


async def to_execute(db: AsyncSession, agreement: Agreement) -> Contract:
    """The contract that would be executed; Refused where the sponsorship is not what it says.

    What is shown, owed and renewed is the sponsorship; what was signed is the contract.
    """
    agreement.may(By.STAFF, "execute")
    contract = await waiting(db, agreement)
    if differences := "; ".join(differing(agreement, contract.words)):
        raise Refused(
            f"The sponsorship is not what the contract says. {differences}. Nullify the contract, "
            "put right what is wrong here, and send the next one."
        )
    return contract


def differing(agreement: Agreement, words: Mapping[str, Any]) -> Iterator[str]:
    """What a contract names and the sponsorship has otherwise, however that came about."""
    row, said = agreement.row, dict(words["facts"])
    stands = agreed_on(agreement.sponsor.name, row.terms, row.price, row.start, row.end)
    level = row.terms.get("level")
    if row.level != (level["slug"] if level else ""):
        stands["Level"] = row.level or "none"  # by this the site shows it
    said["Benefits"] = ", ".join(words["benefits"]) or "none"
    stands["Benefits"] = ", ".join(benefits_of(row.terms)) or "none"
    for name, now_here in stands.items():
        if now_here != said[name]:
            yield f"{name}: “{said[name]}” in the contract, “{now_here}” here"


async def nullify(
    tx: AsyncSession, settings: Settings, agreement: Agreement, actor: Actor, reason: str
) -> None:
    """It does not count any more; another may be sent."""
    agreement.may(By.STAFF, "nullify", reason)
    contract = await waiting(tx, agreement)
    contract.state, contract.nullified_at = Signing.NULLIFIED.value, now()
    await step(tx, settings, agreement, actor, By.STAFF, "nullify", reason)


async def waiting(db: AsyncSession, agreement: Agreement) -> Contract:
    """The contract that waits for signatures."""
    found = await db.scalar(
        select(Contract).where(Contract.sponsorship_id == agreement.row.id)
        .where(Contract.state == Signing.AWAITING.value).order_by(Contract.id.desc()).limit(1)
    )  # fmt: skip
    if found is None:
        raise Refused("No contract waits for a signature.")
    return found


async def contracts_of(db: AsyncSession, sponsorship: int) -> list[Contract]:
    """All contracts of a sponsorship, the newest first."""
    return list(await db.scalars(
        select(Contract).where(Contract.sponsorship_id == sponsorship)
        .order_by(Contract.revision.desc())
    ))  # fmt: skip


def why_no_copy(content: bytes) -> str:
    """Why a file is no signed copy that we take; empty where it is one."""
    if len(content) > LARGEST:
        return f"The file has more than {LARGEST // 10**6} MB."
    if not content.startswith(b"%PDF-"):
        return "Choose the signed copy as a PDF."
    return ""

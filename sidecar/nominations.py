"""Nominating, and what follows: each step is one function within the caller's transaction.

                    nominate                accept
    (an account) ─────────────▶ asked ─────────────────▶ accepted ─▶ on the site, once nominations
                                  │  decline      ▲  │                are closed
                                  ▼       accept  │  │ decline
                               declined ──────────┘◀─┘

All of that only while nominations are open.  Staff withdraw and restore a nominee at any time,
beside the answer.  A step writes its mails and its way onto the site with it.
"""

from __future__ import annotations

import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from pydotorg_build.content.elections import ElectionCard
from sidecar import holds, links, publishing
from sidecar.audit import note
from sidecar.clock import now
from sidecar.database import in_turn
from sidecar.elections import is_open, known, moment, refuse_outside
from sidecar.mail import forget, post
from sidecar.nominees import OWN, Standing, can_be_undone, is_told
from sidecar.people import Impossible, key_of
from sidecar.permissions import Actor
from sidecar.settings import Settings
from sidecar.tables.accounts import User
from sidecar.tables.base import Table
from sidecar.tables.elections import Answer, Nomination, Nominee, NomineeLink
from sidecar.tables.work import Mail
from sidecar.tokens import free_id
from sidecar.workflow import Refused

ACCEPT, DECLINE = "accept", "decline"
LINK_LASTS = datetime.timedelta(days=30)
REMIND = datetime.timedelta(days=3)
# Whoever did not stand is forgotten, and the address of whoever did.
KEPT = datetime.timedelta(days=400)
WITHDRAWN = "This nomination was withdrawn by the staff, so nothing can be changed."


def page_of(nominee: Nominee) -> str:
    """The page where a nominee answers, and who nominated them looks."""
    return f"/nominate/{nominee.election}/{nominee.public_id}"


def answers_for(nominee: Nominee, election: ElectionCard, at: datetime.datetime) -> set[str]:
    """What a nominee may do now."""
    if is_told(nominee) or not is_open(election, at):
        return set()
    return {ACCEPT} if nominee.answer == Answer.DECLINED.value else {ACCEPT, DECLINE}


def refuse_closed(nominee: Nominee, election: ElectionCard) -> None:
    """Raise Refused unless a nominee may answer now; who is being withdrawn does not learn of it."""
    refuse_outside(election, now())
    if nominee.withdrawn_at:
        raise Refused(WITHDRAWN if is_told(nominee) else holds.BEING_DECIDED)


def is_of(user: User) -> ColumnElement[bool]:
    """Nominees who are this account: named by it, or by its address before it was there."""
    by_address = and_(Nominee.user_id.is_(None), Nominee.email_key == user.email_key)
    return or_(Nominee.user_id == user.id, by_address)


async def whose(db: AsyncSession, who: str) -> tuple[str, User | None]:
    """The address of an account's name, or of an address, and the account if there is one.

    Whether an address has an account is told to nobody.
    """
    key = key_of(who)
    field = User.email_key if "@" in key else User.name_key
    found = await db.scalar(
        select(User).where(field == key, User.confirmed_at.is_not(None), User.is_active)
    )
    if found is None and "@" not in key:
        raise Impossible(f"Nobody is called {who} here. An e-mail address does as well.")
    return (found.email if found else who.strip()), found


async def nominate(
    tx: AsyncSession, settings: Settings, election: ElectionCard, actor: Actor, who: str,
    name: str, why: str,
) -> tuple[Nominee, bool]:  # fmt: skip
    """Nominate somebody else; False where this account has done so, and only its words are new."""
    refuse_outside(election, now())
    email, user = await whose(tx, who)
    me = await tx.get_one(User, actor.user)
    if key_of(email) == me.email_key:
        raise Impossible("That is you: nominate yourself with the other form.")
    nominee, is_new = await _nominee(tx, election, email, user, name)
    nomination, is_first = await _nomination(tx, nominee, actor, why)
    if not is_first:
        nomination.why = why or nomination.why
        return nominee, False
    await note(tx, actor, "nominated", f"nominees/{nominee.id}")
    given = {"election": election.title, "closes": closes(election)}
    if is_new:
        link = await make_link(tx, settings, nominee, election)
        await post(tx, "nomination-asked", nominee.email, {**given, "by": me.name, "link": link})
    address = f"{settings.url}{page_of(nominee)}"
    await post(tx, "nomination-received", me.email, {**given, "who": name, "link": address})
    return nominee, True


async def stand(
    tx: AsyncSession, settings: Settings, election: ElectionCard, actor: Actor, value: Standing
) -> Nominee:
    """Nominate oneself, which is an answer as well."""
    refuse_outside(election, now())
    await in_turn(tx, f"nominates themself: {actor.user}")  # a double click is one
    me = await tx.get_one(User, actor.user)
    nominee, _ = await _nominee(tx, election, me.email, me, value.name)
    _, is_first = await _nomination(tx, nominee, actor, "")
    if is_first:
        await note(tx, actor, "nominated", f"nominees/{nominee.id}")
    await accept(tx, settings, election, nominee, actor, value)
    return nominee


async def _nominee(
    tx: AsyncSession, election: ElectionCard, email: str, user: User | None, name: str
) -> tuple[Nominee, bool]:
    """The nominee of an address or an account in an election, and whether they are new."""
    is_them = Nominee.email_key == key_of(email)
    them = select(Nominee).where(
        Nominee.election == election.id,
        or_(is_them, Nominee.user_id == user.id) if user else is_them,
    )
    if found := await tx.scalar(them):
        return found, False
    made = Nominee(
        election=election.id, public_id=await free_id(tx, Nominee), email=email, email_key=key_of(email),
        user_id=user.id if user else None, name=name,
    )  # fmt: skip
    if await _add(tx, made):
        return made, True
    return (await tx.scalars(them)).one(), False


async def _nomination(
    tx: AsyncSession, nominee: Nominee, actor: Actor, why: str
) -> tuple[Nomination, bool]:
    """The nomination of somebody by an account, and whether it is new."""
    theirs = select(Nomination).where(
        Nomination.nominee_id == nominee.id, Nomination.nominator_id == actor.user
    )
    if found := await tx.scalar(theirs):
        return found, False
    made = Nomination(nominee_id=nominee.id, nominator_id=actor.user, why=why)
    if await _add(tx, made):
        return made, True
    return (await tx.scalars(theirs)).one(), False


async def _add(tx: AsyncSession, row: Table) -> bool:
    """Add a row; False where another request was first with it, which the table's key tells."""
    try:
        async with tx.begin_nested():
            tx.add(row)
    except IntegrityError:
        return False
    return True


async def accept(
    tx: AsyncSession, settings: Settings, election: ElectionCard, nominee: Nominee, actor: Actor,
    value: Standing,
) -> None:  # fmt: skip
    """The nominee stands, with these words; or, standing already, changes them."""
    refuse_closed(nominee, election)
    was = nominee.answer
    for name in OWN:
        setattr(nominee, name, getattr(value, name))
    if was != Answer.ACCEPTED.value:
        await _answered(tx, settings, election, nominee, actor, Answer.ACCEPTED)
        link = await make_link(tx, settings, nominee, election)
        given = {"election": election.title, "closes": closes(election), "link": link}
        address = f"{settings.url}{election.url}"
        await post(tx, "nomination-stands", nominee.email, {**given, "address": address})
    await publishing.anew(tx, f"nominee {nominee.id}")


async def decline(
    tx: AsyncSession, settings: Settings, election: ElectionCard, nominee: Nominee, actor: Actor
) -> None:
    """The nominee does not stand, or no more."""
    refuse_closed(nominee, election)
    if nominee.answer == Answer.DECLINED.value:
        return
    was = nominee.answer
    await _answered(tx, settings, election, nominee, actor, Answer.DECLINED)
    link = await make_link(tx, settings, nominee, election)
    given = {"election": election.title, "closes": closes(election), "link": link}
    await post(tx, "nomination-declined", nominee.email, given)
    if was == Answer.ACCEPTED.value:
        await publishing.anew(tx, f"nominee {nominee.id}")


async def _answered(
    tx: AsyncSession, settings: Settings, election: ElectionCard, nominee: Nominee, actor: Actor,
    answer: Answer,
) -> None:  # fmt: skip
    """Write an answer down, and tell those who nominated somebody."""
    was, nominee.answer, nominee.answered_at = nominee.answer, answer.value, now()
    nominee.user_id = nominee.user_id or await _account_of(tx, nominee)
    changes = {"answer": (was, answer.value)}
    await note(tx, actor, f"nomination {answer.value}", f"nominees/{nominee.id}", changes)
    given = {
        "election": election.title, "who": nominee.name, "answer": answer.value,
        "link": f"{settings.url}{page_of(nominee)}",
    }  # fmt: skip
    for email in await others(tx, nominee):
        await post(tx, "nomination-answered", email, given)


async def _account_of(tx: AsyncSession, nominee: Nominee) -> int | None:
    """The account that has a nominee's address."""
    same = User.email_key == nominee.email_key, User.confirmed_at.is_not(None)
    return await tx.scalar(select(User.id).where(*same))


async def others(tx: AsyncSession, nominee: Nominee) -> list[str]:
    """The addresses of those who nominated somebody else than themselves."""
    found = await tx.execute(
        select(User.id, User.email)
        .join(Nomination, Nomination.nominator_id == User.id)
        .where(Nomination.nominee_id == nominee.id, User.deleted_at.is_(None))
        .order_by(Nomination.id)
    )
    return [email for number, email in found if number != nominee.user_id]


async def withdraw(
    tx: AsyncSession, nominee: Nominee, election: str, actor: Actor, reason: str
) -> None:
    """Staff take a nominee back; all who have to do with it are told why, unless it is undone."""
    if nominee.withdrawn_at:
        raise Refused("This nomination was withdrawn already.")
    nominee.withdrawn_at, nominee.withdrawn_reason = now(), reason
    await note(tx, actor, "nomination withdrawn", f"nominees/{nominee.id}")
    given = {"election": election, "who": nominee.name, "reason": reason}
    due = holds.until()
    name = f"{name_of(nominee)}{nominee.withdrawn_at:%Y%m%d%H%M%S%f} "
    await _tell_all(tx, nominee, "nomination-withdrawn", given, due, name)
    await publishing.anew(tx, f"nominee {nominee.id}", due)


async def restore(tx: AsyncSession, nominee: Nominee, election: str, actor: Actor) -> None:
    """Staff let a nominee stand as before; within half a minute nobody was told otherwise."""
    if not nominee.withdrawn_at:
        raise Refused("This nomination is not withdrawn.")
    undone = can_be_undone(nominee)
    letters = Mail.dedupe.startswith(name_of(nominee)), Mail.created >= nominee.withdrawn_at
    if undone and not await forget(tx, *letters):
        raise Refused("It is too late: they are being told.")
    nominee.withdrawn_at, nominee.withdrawn_reason = None, ""
    done = "withdrawn undone" if undone else "restored"
    await note(tx, actor, f"nomination {done}", f"nominees/{nominee.id}")
    if not undone:
        given = {"election": election, "who": nominee.name}
        await _tell_all(tx, nominee, "nomination-restored", given)
        await publishing.anew(tx, f"nominee {nominee.id}")


def name_of(nominee: Nominee) -> str:
    """What the names of all letters about withdrawals of a nominee begin with."""
    return f"nominee {nominee.id} withdrawn "


async def _tell_all(
    tx: AsyncSession, nominee: Nominee, template: str, given: dict[str, Any],
    due: datetime.datetime | None = None, name: str = "",
) -> None:  # fmt: skip
    """Write to all who have to do with a nomination; the letters are known by a name, or by none."""
    for email in (nominee.email, *await others(tx, nominee)):
        if email:
            dedupe = f"{name}{key_of(email)}" if name else ""
            await post(tx, template, email, given, not_before=due, dedupe=dedupe)


def closes(election: ElectionCard) -> str:
    """When nominations close, as a person reads it."""
    return moment(election.nominations_close) if election.nominations_close else ""


def links_end(election: ElectionCard) -> datetime.datetime:
    """Until when links made now work: a month longer than nominations are open."""
    return (election.nominations_close or now()) + LINK_LASTS


async def make_link(
    tx: AsyncSession, settings: Settings, nominee: Nominee, election: ElectionCard
) -> str:
    """The address of a new link for a nominee."""
    token = await links.make(tx, NomineeLink, links_end(election), nominee_id=nominee.id)
    return f"{settings.url}/nominate/open?token={token}"


async def of_link(db: AsyncSession, token: str) -> Nominee | None:
    """The nominee that a token lets its bearer answer for."""
    link = await links.find(db, NomineeLink, token)
    return await db.get(Nominee, link.nominee_id) if link else None


async def end_links(tx: AsyncSession, nominee: Nominee) -> None:
    """Let no link to it work any more, wherever it went."""
    await links.end(tx, NomineeLink, NomineeLink.nominee_id == nominee.id)


async def send_links(tx: AsyncSession, settings: Settings, email: str) -> None:
    """Send the links with which an address answers for itself, as long as they last."""
    elections = {one.id: one for one in known(settings.site) if links_end(one) > now()}
    theirs = Nominee.email_key == key_of(email), Nominee.election.in_(elections)
    rows = list(await tx.scalars(select(Nominee).where(*theirs)))
    found = []
    for row in rows:
        election = elections[row.election]
        found.append((election.title, await make_link(tx, settings, row, election)))
    if found:
        await post(tx, "case-links", rows[0].email, {"found": found})


async def remind_due(tx: AsyncSession, settings: Settings) -> int:
    """Write once to those who have not answered three days before the end; say how many."""
    soon = {
        one.id: one for one in known(settings.site)
        if is_open(one, now()) and one.nominations_close
        and one.nominations_close - now() < REMIND
    }  # fmt: skip
    waiting = Nominee.answer == Answer.ASKED.value, Nominee.reminded_at.is_(None)
    found = list(await tx.scalars(
        select(Nominee).where(*waiting, Nominee.withdrawn_at.is_(None), Nominee.election.in_(soon))
    ))  # fmt: skip
    for nominee in found:
        election = soon[nominee.election]
        link = await make_link(tx, settings, nominee, election)
        given = {"election": election.title, "closes": closes(election), "link": link}
        await post(tx, "nomination-ends", nominee.email, given)
        nominee.reminded_at = now()
    return len(found)


async def forget_old(tx: AsyncSession) -> int:
    """Forget those who did not stand, and the addresses of those who did; say how many."""
    old = Nominee.created < now() - KEPT
    stood = Nominee.answer == Answer.ACCEPTED.value, Nominee.withdrawn_at.is_(None)
    gone = await tx.execute(delete(Nominee).where(old, ~and_(*stood)))
    key = "forgotten-" + Nominee.public_id
    kept = update(Nominee).where(old, Nominee.email != "").values(email="", email_key=key)
    emptied = await tx.execute(kept)
    return sum(getattr(done, "rowcount", 0) for done in (gone, emptied))

"""Sponsorships at the desk: the list of who waits for whom, and deciding about one."""

from __future__ import annotations

import datetime
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from msgspec import Meta
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.exc import StaleDataError

from sidecar import attachments, claims
from sidecar.answers import Asked, framed, go
from sidecar.clock import now
from sidecar.desk import show
from sidecar.forms import Form, Nothing, filled, read_form
from sidecar.holds import can_be_undone
from sidecar.inbox import SPONSOR, next_waiting, url_of
from sidecar.lists import ALL, Column, Filter, Listing, contains, look, until
from sidecar.mending import BIGGEST
from sidecar.permissions import Actor, Permission, actor_of
from sidecar.routes.admin_cases import Taken, replies_for
from sidecar.settings import Settings
from sidecar.sponsors import agreements, assets, contracts, looks
from sidecar.sponsors import shown as shown_on_site
from sidecar.sponsors.agreements import Agreement
from sidecar.sponsors.applications import Application
from sidecar.sponsors.decisions import approve, decide, looked_at
from sidecar.sponsors.held import held as held_step
from sidecar.sponsors.offer import terms_of
from sidecar.sponsors.steps import AGREED, OPEN, STEPS, At, By
from sidecar.tables.accounts import User
from sidecar.tables.cases import CannedReply
from sidecar.tables.sponsors import Sponsor, Sponsorship, SponsorshipStep
from sidecar.workflow import Refused

URL = "/admin/sponsors"
ONE = f"{URL}/{{number:int}}"
MAY = Permission.SPONSORS_MODERATE
YEAR = datetime.timedelta(days=364)
STALE = "Somebody else changed this a moment before you. This is how it stands now."
UNDOABLE = " You can undo it for half a minute, and the sponsor is told after that."
ENDING = "ending in 90 days"
SOON = datetime.timedelta(days=90)
WORDS = {
    "current": [state.value for state in OPEN | AGREED],
    ENDING: [At.FINALIZED.value],
    "open": [state.value for state in OPEN],
    "agreed": [state.value for state in AGREED],
    ALL: [state.value for state in At],
    **{state.value: [state.value] for state in At},
}


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """A step, why (or the reply that says it), and the version of the record that was looked at."""

    step: Annotated[str, Meta(max_length=40)]
    version: int
    reason: Annotated[str, Meta(max_length=5000)] = ""
    at_once: bool = False
    reply: Annotated[int, Meta(ge=0, le=BIGGEST)] = 0


class Approval(msgspec.Struct, frozen=True, kw_only=True):
    """The time that is agreed on, and the price."""

    start: datetime.date
    end: datetime.date
    price: Annotated[int, Meta(ge=0, le=10**9)]
    version: int
    at_once: bool = False


def in_state(name: str) -> ColumnElement[bool]:
    """Is a sponsorship in one of the states that a word stands for?"""
    found: ColumnElement[bool] = Sponsorship.state.in_(WORDS[name])
    today = now().date()
    if name == "current":
        found &= or_(Sponsorship.end.is_(None), Sponsorship.end >= today)
    if name == ENDING:
        found &= Sponsorship.end.between(today, today + SOON)
        found &= Sponsorship.overlapped_by.is_(None)
    return found


SPONSORSHIPS = Listing(
    URL,
    select(Sponsorship, Sponsor).join(Sponsor, Sponsor.id == Sponsorship.sponsor_id),
    (
        Column("sponsor", "Sponsor", Sponsor.name_key),
        Column("level", "Level", Sponsorship.level),
        Column("state", "State", Sponsorship.state),
        Column("price", "US dollars", Sponsorship.price, is_number=True),
        Column("applied", "Applied", Sponsorship.created),
        Column("end", "Until", Sponsorship.end),
        Column("waits", "Waits for"),
        Column("missing", "Missing"),
    ),
    (
        Filter("q", "Sponsor or address", contains(Sponsor.name, Sponsorship.email_key)),
        Filter("state", "State", in_state, "choice",
               tuple((name, name.capitalize()) for name in WORDS)),
        Filter("until", "Applied until", until(Sponsorship.created), "day"),
    ),
    tie=Sponsorship.id,
    sort="-applied",
    begins={"state": "current"},
)  # fmt: skip


@get(URL, permission=MAY)
async def listed(request: Asked, state: State) -> Response[str]:
    """Who waits for whom: the newest first; unless something else is asked for, the current ones."""
    async with state.db.read() as tx:
        found = await look(tx, SPONSORSHIPS, request.query_params)
        owed = await assets.assets_of(tx, *(row.id for row, _ in found.rows))
    rows = [
        (one, assets.waits_for(one, owed[one.row.id]),
         assets.missing(assets.asked_in(one.row.state, owed[one.row.id])))
        for one in (Agreement(row, sponsor) for row, sponsor in found.rows)
    ]  # fmt: skip
    return show(request, "sidecar/admin/sponsorships.html", "Sponsors", found=found, rows=rows,
                today=now().date())  # fmt: skip


async def agreement_of(tx: AsyncSession, number: int) -> Agreement:
    """The sponsorship of an address."""
    found = await agreements.load(tx, number) if number <= BIGGEST else None
    if found is None:
        raise NotFoundException
    return found


@get(ONE, permission=MAY)
async def one(request: Asked, state: State, number: FromPath[int]) -> Response[str]:
    """Everything about one, with what can be done."""
    return await shown(request, state, number)


async def shown(
    request: Asked, state: State, number: int, form: Form[Any] | None = None, said: str = ""
) -> Response[str]:
    """The page of a sponsorship; `said` is why something could not be done."""
    actor = actor_of(request)
    async with state.db.read() as tx:
        found = await agreement_of(tx, number)
        log = await history(tx, number)
        others = await twins(tx, found)
        papers = await contracts.contracts_of(tx, number)
        owed = assets.asked_in(found.row.state, (await assets.assets_of(tx, number))[number])
        why_not = await agreements.why_not(tx, found, actor)
        held = await held_step(tx, number)
        facts = await looked_at(tx, found, actor)
        holder = await claims.holder(tx, found.row)
        replies = await replies_for(tx, SPONSOR)
        coming, waiting = await next_waiting(tx, actor, SPONSOR, number)
    steps = {name: step for name, step in found.steps(By.STAFF).items()
             if not (why_not and step.outcome) and not (held and name != "note")}  # fmt: skip
    return show(
        request, "sidecar/admin/sponsorship.html", found.sponsor.name, agreement=found, log=log,
        undoable=held if held and held.actor_id == actor.user and can_be_undone(held) else None,
        held=held, facts=facts, holder=holder, replies=replies, coming=coming,
        coming_url=url_of(coming) if coming else "", waiting=waiting, others=others, papers=papers,
        owed=owed, steps=steps, said=said, why_not=why_not,
        by_reason={name: step for name, step in steps.items() if not step.has_page},
        form=form or filled(proposed(found.row)),
        pictures=attachments.addresses(state.settings, Application, found.row.payload),
        labels=looks.labels_of(state),
        given={one.id: attachments.address(state.settings, one.picture)
               for one in owed if one.picture},
    )  # fmt: skip


def proposed(row: Sponsorship) -> dict[str, Any]:
    """What stands in the form of an approval before anybody types: a year from today."""
    start = row.start or now().date()
    return {"start": start, "end": row.end or start + YEAR, "price": row.price}


async def history(tx: AsyncSession, number: int) -> list[tuple[SponsorshipStep, str]]:
    """All that happened, with who did it, the newest first."""
    rows = await tx.execute(
        select(SponsorshipStep, User.name).outerjoin(User, User.id == SponsorshipStep.actor_id)
        .where(SponsorshipStep.sponsorship_id == number).order_by(SponsorshipStep.id.desc())
    )  # fmt: skip
    return [(step, name or "") for step, name in rows]


async def twins(tx: AsyncSession, agreement: Agreement) -> list[Sponsorship]:
    """The other sponsorships of the sponsor, the newest first."""
    return list(await tx.scalars(
        select(Sponsorship)
        .where(Sponsorship.sponsor_id == agreement.sponsor.id, Sponsorship.id != agreement.row.id)
        .order_by(Sponsorship.id.desc())
    ))  # fmt: skip


async def plainly(
    tx: AsyncSession, settings: Settings, found: Agreement, actor: Actor, given: Choice
) -> None:
    """A step that is nothing but a step."""
    await decide(tx, settings, found, actor, By.STAFF, given.step, given.reason,
                 at_once=given.at_once)  # fmt: skip


async def nullify(
    tx: AsyncSession, settings: Settings, found: Agreement, actor: Actor, given: Choice
) -> None:
    """The contract does not count any more."""
    await contracts.nullify(tx, settings, found, actor, given.reason)


async def release(
    tx: AsyncSession, settings: Settings, found: Agreement, actor: Actor, given: Choice
) -> None:
    """Show it on the site."""
    await shown_on_site.release(tx, settings, found, actor)


async def hide(
    tx: AsyncSession, settings: Settings, found: Agreement, actor: Actor, given: Choice
) -> None:
    """Take it from the site."""
    await shown_on_site.hide(tx, settings, found, actor)


# Steps with more behind them than the step.
DONE_BY = {"nullify": nullify, "release": release, "hide": hide}


@get(f"{ONE}/page", permission=MAY)
async def its_page(request: Asked, state: State, number: FromPath[int]) -> Response[str]:
    """Its page as the site will show it."""
    async with state.db.read() as tx:
        found = await agreement_of(tx, number)
    level = terms_of(state.settings.site).level(found.row.level)
    if level is None:
        raise NotFoundException
    return framed(request, await looks.page_of(state, level, found.row.payload, found.row.start))


@post(f"{ONE}/step", permission=MAY)
async def take_step(request: Asked, state: State, number: FromPath[int]) -> Response[Any]:
    """Take a step that needs no more than a reason."""
    form = await read_form(request, Choice)
    given = form.value
    if given is None:
        return await shown(request, state, number, form, form.errors[0][1])
    try:
        async with state.db.write() as tx:
            found = await agreement_of(tx, number)
            if found.row.version != given.version:
                raise Refused(STALE)
            if not given.reason and (reply := await tx.get(CannedReply, given.reply)):
                given = msgspec.structs.replace(given, reason=reply.text)
            await DONE_BY.get(given.step, plainly)(
                tx, state.settings, found, actor_of(request), given
            )
    except StaleDataError:
        return await shown(request, state, number, form, STALE)
    except Refused as reason:
        return await shown(request, state, number, form, str(reason))
    step = STEPS[given.step]
    undoable = UNDOABLE if step.holds and not given.at_once else ""
    return go(request, f"{URL}/{number}", f"Done: {step.past}.{undoable}")


@post(f"{ONE}/approve", permission=MAY)
async def approval(request: Asked, state: State, number: FromPath[int]) -> Response[Any]:
    """Approve it, for a time and a price."""
    form = await read_form(request, Approval)
    given = form.value
    if given is None:
        return await shown(request, state, number, form)
    try:
        async with state.db.write() as tx:
            found = await agreement_of(tx, number)
            if found.row.version != given.version:
                raise Refused(STALE)
            await approve(tx, state.settings, found, actor_of(request), given.start, given.end,
                          given.price, at_once=given.at_once)  # fmt: skip
    except StaleDataError:
        return await shown(request, state, number, form, STALE)
    except Refused as reason:
        return await shown(request, state, number, form, str(reason))
    told = "Done: approved." if given.at_once else f"Done: approved.{UNDOABLE}"
    return go(request, f"{URL}/{number}", told)


@post(f"{ONE}/claim", permission=MAY)
async def claim(request: Asked, state: State, number: FromPath[int]) -> Response[Any]:
    """Say that one is looking at it."""
    form = await read_form(request, Nothing)
    if form.value is None:
        return await shown(request, state, number, said=form.errors[0][1])
    async with state.db.write() as tx:
        row = (await agreement_of(tx, number)).row
        is_mine = await claims.claim(tx, row, actor_of(request))
    if not is_mine:
        return await shown(request, state, number, said="Somebody else is looking at it now.")
    return go(request, f"{URL}/{number}", "It is yours for half an hour.")


@post(f"{ONE}/undo", permission=MAY)
async def undo(request: Asked, state: State, number: FromPath[int]) -> Response[Any]:
    """Take back one's own decision of the last half minute."""
    form = await read_form(request, Taken)
    if form.value is None:
        return await shown(request, state, number, said=form.errors[0][1])
    try:
        async with state.db.write() as tx:
            found = await agreement_of(tx, number)
            await agreements.undo(tx, found, actor_of(request), form.value.decision)
    except StaleDataError:
        return await shown(request, state, number, said=STALE)
    except Refused as reason:
        return await shown(request, state, number, said=str(reason))
    return go(request, f"{URL}/{number}", "Your decision was undone.")


ROUTES = (listed, one, its_page, take_step, approval, claim, undo)

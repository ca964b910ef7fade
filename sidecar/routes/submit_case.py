"""The page of what somebody handed in: where it stands, and everything its author can do."""

from __future__ import annotations

import datetime
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from msgspec import Meta
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.exc import StaleDataError

from pydotorg_build.content.base import Fault, last_day_of
from sidecar import attachments, authors, cases, holds, inbox, previews, publishing, versions
from sidecar.answers import Asked, go, page
from sidecar.attachments import LARGEST_BODY
from sidecar.cases import AUTHOR, Case
from sidecar.clock import now
from sidecar.errors import WORDS
from sidecar.forms import Form, Nothing, filled, read_form
from sidecar.kinds.base import ends_of, filled_in, payload_of
from sidecar.overtaken import checked, marked_with
from sidecar.permissions import Permission, actor_of
from sidecar.publishing import Shown
from sidecar.rates import Rate
from sidecar.routes.submit import URL, look_of, read, show_form
from sidecar.routes.submit_links import ENDED, LINKS, address_of, bearer_of
from sidecar.tables.cases import CaseNote, Decision, Publishing
from sidecar.timeline import timeline
from sidecar.waits import usual_wait
from sidecar.workflow import ON_SITE, Refused, Step, open_steps
from sidecar.workflow import State as At

CASE = "{kind:str}/{public_id:str}"
UNCHANGED = (
    "Nothing was sent, since nothing is changed. Change what is to be otherwise and send it again; "
    "or leave this form, and it stays as it is."
)
AT_ONCE = "Your correction is small, so it is published at once."


class Renewal(msgspec.Struct, frozen=True, kw_only=True):
    """For how many days from today."""

    days: Annotated[int, Meta(ge=1, le=90)] = 60


async def mine(request: Asked, state: State, kind: str, public_id: str) -> Case:
    """What the bearer of the cookie may look after; for others there is nothing here."""
    async with state.db.read() as tx:
        case = await cases.of_link(tx, bearer_of(request, "case", public_id))
    if case is None or (case.submission.kind, case.submission.public_id) != (kind, public_id):
        raise NotFoundException
    return case


@get(f"{URL}/{CASE}", permission=Permission.PUBLIC)
async def case_page(
    request: Asked, state: State, kind: FromPath[str], public_id: FromPath[str]
) -> Response[str]:
    """Where it stands, and what can be done."""
    return await show_case(request, state, await mine(request, state, kind, public_id))


async def show_case(request: Asked, state: State, case: Case, said: str = "") -> Response[str]:
    """The page of one's own submission; `said` is why something could not be done."""
    async with state.db.read() as tx:
        told = (await publishing.told(tx, [case.submission]))[case.submission.id]
        here = Decision.submission_id == case.submission.id
        log = list(await tx.scalars(
            select(Decision).where(here, holds.is_told()).order_by(Decision.id.desc())
        ))  # fmt: skip
        notes = list(await tx.scalars(
            select(CaseNote).where(CaseNote.submission_id == case.submission.id)
            .where(CaseNote.is_shown).order_by(CaseNote.id)
        ))  # fmt: skip
        ways = list(await tx.scalars(
            select(Publishing).where(Publishing.submission_id == case.submission.id)
            .where(or_(Publishing.decision_id.is_(None), Publishing.decision_id.in_(
                select(Decision.id).where(here, holds.is_told()))))
            .order_by(Publishing.id.desc()).limit(5)
        ))  # fmt: skip
        ahead = await inbox.before(tx, case.submission.kind, case.submission.id)
        n = case.submission.good or told.shown.live or case.submission.latest
        shown = (await cases.revision_of(tx, case.submission, n)).payload
        wait = await usual_wait(tx, case.kind.name)
        settled = await cases.settled(tx, [case.submission])
    return page(
        request, "sidecar/submit/case.html", case.submission.title, case=case, told=told,
        happened=timeline(case.submission, log, ways), settled=settled.get(case.submission.id, ""),
        is_on_site=told.state in ON_SITE, steps=steps_for(case, told.state), said=said,
        wait=wait, notes=notes,
        written=versions.whole(case.revision, previews.labels_of(state, case.kind)), ahead=ahead, renewed=renewed_until(told.shown),
        address=address_of(case), live=case.kind.address(case.submission.public_id, shown),
        pictures=attachments.sent(state.settings, case.kind.form, case.revision.payload),
    )  # fmt: skip


def renewed_until(shown: Shown) -> datetime.date | None:
    """The last day if it is renewed now; nothing where that is not longer than it is shown anyway."""
    ends = ends_of({"days": Renewal().days}, now())
    return None if shown.ends and ends <= shown.ends else last_day_of(ends)


def steps_for(case: Case, told: At) -> dict[str, Step]:
    """The steps that its author may take as far as is told; a change is taken in any case."""
    possible = {"change", "propose", *case.steps(AUTHOR)}
    return {name: one for name, one in open_steps(told, AUTHOR).items() if name in possible}


@get(f"{URL}/{CASE}/change", permission=Permission.PUBLIC)
async def change_page(
    request: Asked, state: State, kind: FromPath[str], public_id: FromPath[str]
) -> Response[str]:
    """The form, with what was written."""
    case = await mine(request, state, kind, public_id)
    return show_change(request, case, filled(as_sent(case)))


def as_sent(case: Case) -> dict[str, Any]:
    """What the form of a submission has in its fields."""
    return {**filled_in(case.revision.payload), "sender": case.submitter.email}


def show_change(request: Asked, case: Case, form: Form[Any]) -> Response[str]:
    """The form of a change, over the version that stands now."""
    over = marked_with(form, case.revision.payload)
    return show_form(request, case.kind, over, act=f"{address_of(case)}/change", back=address_of(case))  # fmt: skip


@post(f"{URL}/{CASE}/change", permission=Permission.PUBLIC, rate=Rate.SUBMIT,
      request_max_body_size=LARGEST_BODY)  # fmt: skip
async def change(
    request: Asked, state: State, kind: FromPath[str], public_id: FromPath[str]
) -> Response[Any]:
    """Take another version: a small correction at once; else what is on the site stays until
    somebody has approved it.
    """
    case = await mine(request, state, kind, public_id)
    form = checked(await read(request, case.kind), case.revision.payload)
    if form.value is None:
        return show_change(request, case, form)
    value, small = form.value, False
    if filled_in(payload_of(value)) == filled_in(case.revision.payload):
        return show_change(request, case, form.but(Fault("", UNCHANGED)))

    async def take(tx: AsyncSession, now_mine: Case) -> None:
        nonlocal small
        small = await authors.change(tx, state.settings, now_mine, value, actor_of(request))

    if said := await step(state, case, take):
        return show_change(request, case, form.but(Fault("", said)))
    return go(request, address_of(case), AT_ONCE if small else "Your change is in the queue.")


@post(f"{URL}/{CASE}/preview", permission=Permission.PUBLIC, rate=Rate.SUBMIT,
      request_max_body_size=LARGEST_BODY)  # fmt: skip
async def preview_change(
    request: Asked, state: State, kind: FromPath[str], public_id: FromPath[str]
) -> Response[str]:
    """How the change will look; nothing is changed."""
    case = await mine(request, state, kind, public_id)
    form = checked(await read(request, case.kind), case.revision.payload)
    if form.value is None:
        return show_change(request, case, form)
    return await look_of(state, case.kind, form.value, case.submission.id)


@get(f"{URL}/{CASE}/again", permission=Permission.PUBLIC)
async def again_page(
    request: Asked, state: State, kind: FromPath[str], public_id: FromPath[str]
) -> Response[str]:
    """The form for a new one, with what was written in this one."""
    case = await mine(request, state, kind, public_id)
    return show_form(request, case.kind, filled(as_sent(case)), is_filled=True)


Steps = Callable[[AsyncSession, Case], Awaitable[None]]


async def step(state: State, case: Case, take: Steps) -> str:
    """Take a step with one's own submission as it is now; why not, where it may not be taken."""
    try:
        async with state.db.write() as tx:
            now_mine = await cases.load(tx, case.submission.id)
            if now_mine is None:
                raise NotFoundException
            await take(tx, now_mine)
    except Refused as reason:
        async with state.db.read() as tx:
            is_held = await holds.held(tx, Decision.submission_id == case.submission.id)
        return holds.BEING_DECIDED if is_held else str(reason)
    except StaleDataError:
        return WORDS[409]
    return ""


async def press(
    request: Asked, state: State, which: tuple[str, str], take: Steps, done: str
) -> Response[Any]:
    """Take the step of a button on the page, and say that it is done, or why not."""
    case = await mine(request, state, *which)
    form = await read_form(request, Nothing)
    said = form.errors[0][1] if form.value is None else await step(state, case, take)
    if said:
        return await show_case(request, state, case, said)
    return go(request, address_of(case), done)


@post(f"{URL}/{CASE}/withdraw", permission=Permission.PUBLIC, rate=Rate.SUBMIT)
async def withdraw(
    request: Asked, state: State, kind: FromPath[str], public_id: FromPath[str]
) -> Response[Any]:
    """Take it back."""
    return await press(request, state, (kind, public_id), cases.withdraw, "You have taken it back.")


@post(f"{URL}/{CASE}/settle", permission=Permission.PUBLIC, rate=Rate.SUBMIT)
async def settle(
    request: Asked, state: State, kind: FromPath[str], public_id: FromPath[str]
) -> Response[Any]:
    """It has served its end, as a job that is filled: it leaves at once."""
    return await press(
        request, state, (kind, public_id), authors.settle, "Thank you. It leaves the site now."
    )


@post(f"{URL}/{CASE}/end-links", permission=Permission.PUBLIC, rate=Rate.SUBMIT)
async def end_links(
    request: Asked, state: State, kind: FromPath[str], public_id: FromPath[str]
) -> Response[Any]:
    """Let no link to it work any more, this one included."""
    case = await mine(request, state, kind, public_id)
    form = await read_form(request, Nothing)
    if form.value is None:
        return await show_case(request, state, case, form.errors[0][1])
    if said := await step(state, case, authors.end_links):
        return await show_case(request, state, case, said)
    return go(request, LINKS, ENDED)


@post(f"{URL}/{CASE}/renew", permission=Permission.PUBLIC, rate=Rate.SUBMIT)
async def renew(
    request: Asked, state: State, kind: FromPath[str], public_id: FromPath[str]
) -> Response[Any]:
    """Show it for longer."""
    case = await mine(request, state, kind, public_id)
    form = await read_form(request, Renewal)
    if form.value is None:
        return await show_case(request, state, case, form.errors[0][1])
    days = form.value.days
    if said := await step(state, case, lambda tx, now_mine: cases.renew(tx, now_mine, days)):
        return await show_case(request, state, case, said)
    return go(request, address_of(case), "It is shown for longer now.")


ROUTES = (
    case_page, change_page, change, preview_change, again_page, withdraw, settle, end_links, renew,
)  # fmt: skip

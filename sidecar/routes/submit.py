"""Handing something in: its form, the look of it, the link in the mail, and its own page.

No account is needed: the mail has a link, and whoever has that looks after what was handed in.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.datastructures import Cookie, State
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from msgspec import Meta
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.exc import StaleDataError

from pydotorg_build.content.base import Fault
from sidecar import attachments, cases, previews, store
from sidecar.answers import Asked, go, page
from sidecar.attachments import LARGEST_BODY
from sidecar.cases import AUTHOR, Case
from sidecar.clock import now
from sidecar.errors import WORDS
from sidecar.forms import Form, Nothing, filled, read_form
from sidecar.kinds import KINDS
from sidecar.kinds.base import Handed, Kind, payload_of
from sidecar.limits import count, count_domain
from sidecar.people import key_of
from sidecar.permissions import Permission
from sidecar.rates import Rate
from sidecar.settings import Settings
from sidecar.tables.cases import CaseNote, Decision, Publishing, Submission
from sidecar.workflow import WAITING, Refused

URL = "/submit"
SENT = f"{URL}/sent"
CONFIRM = f"{URL}/confirm"
OPEN = f"{URL}/open"
MOST, IN = 10, 86_400
OVER = "This link works no more: it was used, or it is too old."
CASE = "{kind:str}/{public_id:str}"


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """The token of a link."""

    token: Annotated[str, Meta(max_length=100)]


class Renewal(msgspec.Struct, frozen=True, kw_only=True):
    """For how many days more."""

    days: Annotated[int, Meta(ge=1, le=90)] = 60


def kind_of(name: str) -> Kind:
    """The kind of an address."""
    if name not in KINDS:
        raise NotFoundException
    return KINDS[name]


@get(f"{URL}/{{kind:str}}", permission=Permission.PUBLIC)
async def form_page(request: Asked, kind: FromPath[str]) -> Response[str]:
    """Show the form."""
    return show_form(request, kind_of(kind), Form())


def show_form(
    request: Asked, kind: Kind, form: Form[Any], *, act: str = "", back: str = "",
    notes: Iterable[str] = (), is_filled: bool = False,
) -> Response[str]:  # fmt: skip
    """The form, empty, with what was typed, or with what is kept.

    `is_filled` is whether what stands in it was brought from elsewhere, with these notes.
    """
    return page(
        request, kind.template, f"Hand in {kind.one}", form=form,
        kind=kind, act=act or kind.url, back=back,
        terms=choices(request, kind), notes=notes, is_filled=is_filled,
        **kind.beside({name: form.typed(name) for name in form.given}),
        pictures=attachments.addresses(request.app.state.settings, kind.form, form),
    )  # fmt: skip


def choices(request: Asked, kind: Kind) -> dict[str, list[tuple[str, str]]]:
    """What a kind is sorted by, as pairs of what is sent and what is read."""
    terms = previews.terms_of(request.app.state.settings.site, kind)
    return {name: [(one["slug"], one["title"]) for one in found] for name, found in terms.items()}


async def read(request: Asked, kind: Kind) -> Form[Any]:
    """Read the form, with what only the whole of it tells to be wrong."""
    form: Form[Any] = await attachments.read_with_pictures(request, kind.form)
    if form.value is None:
        return form
    site = request.app.state.settings.site
    faults = previews.faults_of(site, kind, payload_of(form.value))
    return form.but(*faults) if faults else form


@post(f"{URL}/{{kind:str}}", permission=Permission.PUBLIC, rate=Rate.SUBMIT,
      request_max_body_size=LARGEST_BODY)  # fmt: skip
async def hand_in(request: Asked, state: State, kind: FromPath[str]) -> Response[Any]:
    """Take it, and write to its sender; a machine that fills in everything is told the same."""
    found = kind_of(kind)
    form = await read(request, found)
    given: Handed | None = form.value
    if given is None:
        return show_form(request, found, form)
    if given.homepage:
        return go(request, SENT)
    await count(state.db, f"submit {key_of(given.sender)}", most=MOST, seconds=IN)
    await count_domain(state.db, given.sender)
    try:
        async with state.db.write() as tx:
            made = await cases.hand_in(tx, state.settings, found, given)
    except Refused as reason:
        return show_form(request, found, form.but(Fault("sender", str(reason))))
    return go(request, f"{SENT}?reference={made.public_id}")


@post(f"{URL}/{{kind:str}}/preview", permission=Permission.PUBLIC, rate=Rate.SUBMIT,
      request_max_body_size=LARGEST_BODY)  # fmt: skip
async def preview(request: Asked, state: State, kind: FromPath[str]) -> Response[str]:
    """Show the page that it becomes."""
    found = kind_of(kind)
    form = await read(request, found)
    if form.value is None:
        return show_form(request, found, form)
    html = await previews.preview(state, found, payload_of(form.value), now())
    return Response(html, status_code=200, media_type="text/html")


@get(f"{attachments.URL}/{{name:str}}", permission=Permission.PUBLIC)
async def picture(request: Asked, state: State, name: FromPath[str]) -> Response[bytes]:
    """A picture that is not public, for whom a page of ours gave its address."""
    given = [request.query_params.get(field, "") for field in ("until", "key")]
    if not attachments.may_see(state.settings, name, *given):
        raise NotFoundException
    content = await asyncio.to_thread(store.get, state.settings, name)
    if content is None:
        raise NotFoundException
    headers = {"Cache-Control": f"private, max-age={attachments.SEEN_FOR}"}
    kind = f"image/{attachments.FORMATS[name.rpartition('.')[2]]}"
    return Response(content, media_type=kind, headers=headers)


@get(SENT, permission=Permission.PUBLIC)
async def sent_page(request: Asked) -> Response[str]:
    """Say its reference, and what happens next."""
    given = request.query_params.get("reference", "")
    reference = given if re.fullmatch(r"\d{1,10}", given, re.ASCII) else ""
    return page(request, "sidecar/submit/sent.html", "One step is left", reference=reference)


@get(CONFIRM, permission=Permission.PUBLIC)
async def confirm_page(request: Asked, state: State) -> Response[Any]:
    """Show the button; nothing happens by opening the link."""
    return await show_button(request, state, CONFIRM, "Yes, hand it in")


@get(OPEN, permission=Permission.PUBLIC)
async def open_page(request: Asked, state: State) -> Response[Any]:
    """Show the button that leads to the page of what was handed in."""
    return await show_button(request, state, OPEN, "Open it")


async def show_button(request: Asked, state: State, act: str, words: str) -> Response[Any]:
    """The button of a link, with what it is about."""
    token = request.query_params.get("token", "")
    async with state.db.read() as tx:
        case = await cases.of_link(tx, token)
    if case is None:
        return page(request, "sidecar/submit/over.html", "This link works no more", status=410)
    form: Form[Any] = Form(given={"token": (token,)})
    return page(request, "sidecar/submit/open.html", case.submission.title, form=form, case=case,
                act=act, words=words)  # fmt: skip


@post(CONFIRM, permission=Permission.PUBLIC, rate=Rate.SUBMIT)
async def confirm(request: Asked, state: State) -> Response[Any]:
    """The sender is who they say: it joins the queue."""
    form = await read_form(request, Opening)
    token = form.typed("token")
    case = None
    async with state.db.write() as tx:
        if form.value and (case := await cases.of_link(tx, token)):
            token = await cases.confirm(tx, state.settings, case)
    if case is None:
        return page(request, "sidecar/submit/over.html", "This link works no more", status=410)
    return go(request, address_of(case), "Thank you. It is in the queue now.",
              cookie_of(state.settings, case, token))  # fmt: skip


@post(OPEN, permission=Permission.PUBLIC, rate=Rate.SUBMIT)
async def open_it(request: Asked, state: State) -> Response[Any]:
    """Let the bearer of a link look after what it is about."""
    form = await read_form(request, Opening)
    async with state.db.read() as tx:
        case = await cases.of_link(tx, form.typed("token")) if form.value else None
    if case is None:
        return page(request, "sidecar/submit/over.html", "This link works no more", status=410)
    cookie = cookie_of(state.settings, case, form.typed("token"))
    return go(request, address_of(case), "", cookie)


def address_of(case: Case) -> str:
    """The page of what was handed in."""
    return f"{case.kind.url}/{case.submission.public_id}"


def cookie_of(settings: Settings, case: Case, token: str) -> Cookie:
    """The cookie of a bearer: it is sent to the page of this one submission only."""
    return Cookie(
        key="case", value=token, path=address_of(case), httponly=True, secure=settings.is_secure,
        samesite="lax", max_age=86_400,
    )  # fmt: skip


async def mine(request: Asked, state: State, kind: str, public_id: str) -> Case:
    """What the bearer of the cookie may look after; for others there is nothing here."""
    async with state.db.read() as tx:
        case = await cases.of_link(tx, request.cookies.get("case", ""))
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
        log = list(await tx.scalars(
            select(Decision).where(Decision.submission_id == case.submission.id)
            .where(Decision.undone_at.is_(None)).order_by(Decision.id.desc())
        ))  # fmt: skip
        notes = list(await tx.scalars(
            select(CaseNote).where(CaseNote.submission_id == case.submission.id)
            .where(CaseNote.is_shown).order_by(CaseNote.id)
        ))  # fmt: skip
        ways = list(await tx.scalars(
            select(Publishing).where(Publishing.submission_id == case.submission.id)
            .order_by(Publishing.id.desc()).limit(5)
        ))  # fmt: skip
        ahead = await tx.scalar(
            select(func.count(Submission.id))
            .where(Submission.state.in_([state.value for state in WAITING]))
            .where(Submission.id < case.submission.id)
        )
        live = case.submission.live or case.submission.latest
        shown = (await cases.revision_of(tx, case.submission, live)).payload
    return page(
        request, "sidecar/submit/case.html", case.submission.title, case=case, log=log, ways=ways, notes=notes,
        ahead=ahead or 0, steps=case.steps(AUTHOR), said=said, status=409 if said else 200,
        address=address_of(case), live=case.kind.address(case.submission.public_id, shown),
        pictures=attachments.addresses(state.settings, case.kind.form, case.revision.payload),
    )  # fmt: skip


@get(f"{URL}/{CASE}/change", permission=Permission.PUBLIC)
async def change_page(
    request: Asked, state: State, kind: FromPath[str], public_id: FromPath[str]
) -> Response[str]:
    """The form, with what was written."""
    case = await mine(request, state, kind, public_id)
    form = filled({**case.revision.payload, "sender": case.submitter.email})
    return show_change(request, case, form)


def show_change(request: Asked, case: Case, form: Form[Any]) -> Response[str]:
    """The form of a change."""
    return show_form(request, case.kind, form, act=f"{address_of(case)}/change",
                     back=address_of(case))  # fmt: skip


@post(f"{URL}/{CASE}/change", permission=Permission.PUBLIC, rate=Rate.SUBMIT,
      request_max_body_size=LARGEST_BODY)  # fmt: skip
async def change(
    request: Asked, state: State, kind: FromPath[str], public_id: FromPath[str]
) -> Response[Any]:
    """Take another version; what is on the site stays until somebody has approved it."""
    case = await mine(request, state, kind, public_id)
    form = await read(request, case.kind)
    if form.value is None:
        return show_change(request, case, form)
    value = form.value
    said = await step(state, case, lambda tx, now_mine: cases.change(tx, now_mine, value))
    if said:
        return show_change(request, case, form.but(Fault("", said)))
    return go(request, address_of(case), "Your change is in the queue.")


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
        return str(reason)
    except StaleDataError:
        return WORDS[409]
    return ""


@post(f"{URL}/{CASE}/withdraw", permission=Permission.PUBLIC, rate=Rate.SUBMIT)
async def withdraw(
    request: Asked, state: State, kind: FromPath[str], public_id: FromPath[str]
) -> Response[Any]:
    """Take it back."""
    case = await mine(request, state, kind, public_id)
    form = await read_form(request, Nothing)
    if form.value is None:
        return await show_case(request, state, case, form.errors[0][1])
    if said := await step(state, case, cases.withdraw):
        return await show_case(request, state, case, said)
    return go(request, address_of(case), "You have taken it back.")


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
    form_page, hand_in, preview, sent_page, confirm_page, confirm, open_page, open_it, case_page,
    change_page, change, withdraw, renew, picture,
)  # fmt: skip

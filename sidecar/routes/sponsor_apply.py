"""Applying to be a sponsor: the form, the price, the link in the mail, and the page of its own."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.datastructures import Cookie, State
from litestar.exceptions import NotFoundException, TooManyRequestsException
from litestar.params import FromPath

from pydotorg_build.content.base import Fault
from sidecar import attachments, drafts, stamps
from sidecar.answers import Asked, come_back_to, go, page
from sidecar.attachments import LARGEST_BODY
from sidecar.forms import Form, Nothing, filled, read_form, readable
from sidecar.inbox import SPONSOR
from sidecar.kinds.base import payload_of
from sidecar.permissions import Actor, Permission
from sidecar.rates import Rate
from sidecar.routes.submit import admit
from sidecar.routes.submit_links import ENDED, LINKS, Opening, bearer_cookie, bearer_of, over
from sidecar.settings import Settings
from sidecar.sponsors import agreements, applications, assets, contracts, looks
from sidecar.sponsors.agreements import Agreement
from sidecar.sponsors.applications import Application
from sidecar.sponsors.decisions import decide
from sidecar.sponsors.held import held as held_step
from sidecar.sponsors.held import told
from sidecar.sponsors.offer import Terms, bill, faults_of, offered, price_of, terms_of
from sidecar.sponsors.steps import By, open_steps
from sidecar.waits import usual_wait
from sidecar.workflow import Refused

URL = "/submit/sponsor"
OPEN = f"{URL}/open"
ONE = f"{URL}/{{public_id:str}}"


def terms_for(request: Asked) -> Terms:
    """What may be chosen today."""
    return terms_of(request.app.state.settings.site)


@get(URL, permission=Permission.PUBLIC)
async def form_page(request: Asked, state: State) -> Response[str]:
    """The form.  `?level=visionary` has chosen already."""
    level = request.query_params.get("level", "")
    form: Form[Any] = filled({"level": level}) if level else Form()
    return come_back_to(await show_form(request, state, form))


async def show_form(
    request: Asked, state: State, form: Form[Any], *, mine: Agreement | None = None,
    priced: bool = False,
) -> Response[str]:  # fmt: skip
    """The form, empty, with what was typed, or with what is kept; and its price, if asked for.

    Of what is `mine` already, a change: what its contract names is shown and not asked.
    """
    back = page_of(mine) if mine else ""
    level, addons = chosen_in(form)
    terms = offered(terms_for(request), mine.row.terms if mine else {})
    async with state.db.read() as tx:
        wait = await usual_wait(tx, SPONSOR)
    return page(
        request, "sidecar/sponsors/form.html", "Become a sponsor", form=form,
        act=f"{back}/change" if back else URL, back=back, wait=wait, mine=mine,
        why_fixed=applications.why_fixed(mine.row) if mine else "",
        levels=terms.levels, addons=terms.addons,
        lines=bill(terms, level, addons) if priced else [],
        price=price_of(terms, level, addons) if priced else 0,
        pictures=attachments.addresses(state.settings, Application, form),
        challenge=stamps.challenge(state.settings), status=200 if priced else 0,
    )  # fmt: skip


def chosen_in(form: Form[Any]) -> tuple[str, tuple[str, ...]]:
    """The level and the add-ons of a form, whatever else is wrong with it."""
    return form.typed("level").strip(), form.given.get("addons", ())


async def read(request: Asked, state: State, mine: Agreement | None = None) -> Form[Application]:
    """Read the form, with what is wrong with the choice in it; what is `mine` already is right."""
    form = await attachments.read_with_pictures(request, Application)
    level, addons = chosen_in(form)
    faults = []
    if mine is None or not applications.is_choice_of(mine.row, level, addons):
        async with state.db.read() as tx:
            others = await applications.taken(tx, mine.row.id if mine else 0)
        faults = list(faults_of(terms_for(request), level, addons, others))
    if whole := form.value or readable(Application, form):
        faults += looks.faults_of(payload_of(whole))
    return form.and_these(faults)


@post(URL, permission=Permission.PUBLIC, rate=Rate.SUBMIT, request_max_body_size=LARGEST_BODY)
async def apply(request: Asked, state: State) -> Response[Any]:
    """Take an application; a machine that fills in everything is told the same."""
    form = await read(request, state)
    given = form.value
    if given is None:
        return await show_form(request, state, form)
    if given.homepage:
        return go(request, f"{URL}/sent")
    try:
        await admit(request, given)
    except TooManyRequestsException as reason:
        return await show_form(request, state, form.but(Fault("", str(reason.detail))))
    try:
        async with state.db.write() as tx:
            await applications.apply(tx, state.settings, terms_for(request), given)
            await drafts.forget(tx, state.settings, given.draft)
    except Refused as reason:
        return await show_form(request, state, form.but(Fault("sender", str(reason))))
    return go(request, f"{URL}/sent")


@post(f"{URL}/price", permission=Permission.PUBLIC, rate=Rate.SUBMIT,
      request_max_body_size=LARGEST_BODY)  # fmt: skip
async def price(request: Asked, state: State) -> Response[str]:
    """The same form with what the choice costs; nothing is handed in."""
    return await show_price(request, state, await read(request, state))


async def show_price(
    request: Asked, state: State, form: Form[Application], mine: Agreement | None = None
) -> Response[str]:
    """The form with what its choice costs, or with what is wrong with the choice."""
    if form.is_refused:
        return await show_form(request, state, form, mine=mine)
    of_choice = tuple(fault for fault in form.faults if fault.name in ("level", "addons", ""))
    plain: Form[Any] = Form(faults=of_choice, given=form.given)
    return await show_form(request, state, plain, mine=mine, priced=not of_choice)


@post(f"{URL}/preview", permission=Permission.PUBLIC, rate=Rate.SUBMIT,
      request_max_body_size=LARGEST_BODY)  # fmt: skip
async def preview(request: Asked, state: State) -> Response[str]:
    """Show the page that it becomes, and its place in the list; nothing is handed in."""
    return await show_look(request, state)


async def show_look(request: Asked, state: State, mine: Agreement | None = None) -> Response[str]:
    """How the form that was sent will look, or the form with what is wrong."""
    form = await attachments.read_with_pictures(request, Application)
    given = form.value or readable(Application, form)
    if given is None:
        return await show_form(request, state, form, mine=mine)
    payload = payload_of(given)
    level = offered(terms_for(request), mine.row.terms if mine else {}).level(given.level)
    faults = (
        [] if level else [Fault("level", "The site shows sponsors by it. Choose one to see that.")]
    )
    form = form.and_these([*faults, *looks.faults_of(payload)])
    if level is None or form.value is None:
        return await show_form(request, state, form, mine=mine)
    html = await looks.page_of(state, level, payload, template=looks.WITH_LIST)
    return Response(html, status_code=200, media_type="text/html")


@get(f"{URL}/sent", permission=Permission.PUBLIC)
async def sent_page(request: Asked, state: State) -> Response[str]:
    """Say what happens next."""
    async with state.db.read() as tx:
        wait = await usual_wait(tx, SPONSOR)
    return page(request, "sidecar/sponsors/sent.html", "Thank you", wait=wait)


@get(OPEN, permission=Permission.PUBLIC)
async def open_page(request: Asked, state: State) -> Response[Any]:
    """Show the button of a link; nothing happens by opening it."""
    token = request.query_params.get("token", "")
    async with state.db.read() as tx:
        found = await agreements.of_link(tx, token)
    if found is None:
        return over(request)
    form: Form[Any] = Form(given={"token": (token,)})
    return page(request, "sidecar/sponsors/open.html", found.sponsor.name, form=form,
                agreement=found, act=OPEN)  # fmt: skip


@post(OPEN, permission=Permission.PUBLIC, rate=Rate.SUBMIT)
async def open_it(request: Asked, state: State) -> Response[Any]:
    """Let the bearer of a link look after the sponsorship; the address is proven by that."""
    form = await read_form(request, Opening)
    token, found = form.typed("token"), None
    async with state.db.write() as tx:
        if form.value and (found := await agreements.of_link(tx, token)):
            await applications.confirm(tx, found)
    if found is None:
        return over(request)
    return go(request, page_of(found), "", cookie_of(state.settings, found, token))


def page_of(agreement: Agreement) -> str:
    """The page of a sponsorship for its sponsor."""
    return f"{URL}/{agreement.row.public_id}"


def cookie_of(settings: Settings, agreement: Agreement, token: str) -> Cookie:
    """The cookie of the bearer of a link to a sponsorship."""
    return bearer_cookie(settings, "sponsor", agreement.row.public_id, token)


async def mine(tx: Any, request: Asked, public_id: str) -> Agreement:
    """What the bearer of the cookie may look after; for others there is nothing here."""
    found = await agreements.of_link(tx, bearer_of(request, "sponsor", public_id))
    if found is None or found.row.public_id != public_id:
        raise NotFoundException
    return found


@get(ONE, permission=Permission.PUBLIC)
async def one(request: Asked, state: State, public_id: FromPath[str]) -> Response[str]:
    """Where it stands, what is asked for, and what can be done."""
    return await show_one(request, state, public_id)


async def show_one(
    request: Asked, state: State, public_id: str, said: str = "", form: Form[Any] | None = None
) -> Response[str]:
    """The page of one's own sponsorship; `said` is why something could not be done."""
    async with state.db.read() as tx:
        found = await mine(tx, request, public_id)
        log = await agreements.history(tx, found.row.id)
        papers = await contracts.contracts_of(tx, found.row.id)
        owed = (await assets.assets_of(tx, found.row.id))[found.row.id]
        held = await held_step(tx, found.row.id)
        wait = await usual_wait(tx, SPONSOR)
    stands = told(found.row, held)
    return page(
        request, "sidecar/sponsors/one.html", found.sponsor.name, agreement=found, said=said,
        form=form, wait=wait, papers=papers, told=stands, owed=assets.asked_in(stands.state, assets.seen_beside(held, owed)),
        log=[step for step in log if step.step != "note" and not step.undone_at and step is not held],
        address=page_of(found), steps=open_steps(stands.state, By.SPONSOR, locked=stands.locked),
        pictures=attachments.addresses(state.settings, Application, found.row.payload),
        labels=looks.labels_of(state),
    )  # fmt: skip


@post(f"{ONE}/withdraw", permission=Permission.PUBLIC, rate=Rate.SUBMIT)
async def withdraw(request: Asked, state: State, public_id: FromPath[str]) -> Response[Any]:
    """Take it back."""
    form = await read_form(request, Nothing)
    if form.value is None:
        return await show_one(request, state, public_id, form.errors[0][1])
    try:
        async with state.db.write() as tx:
            found = await mine(tx, request, public_id)
            await decide(tx, state.settings, found, Actor(), By.SPONSOR, "withdraw")
    except Refused as reason:
        return await show_one(request, state, public_id, str(reason))
    return go(request, page_of(found), "You have taken it back.")


@post(f"{ONE}/end-links", permission=Permission.PUBLIC, rate=Rate.SUBMIT)
async def end_links(request: Asked, state: State, public_id: FromPath[str]) -> Response[Any]:
    """Let no link to it work any more, this one included."""
    form = await read_form(request, Nothing)
    if form.value is None:
        return await show_one(request, state, public_id, form.errors[0][1])
    async with state.db.write() as tx:
        await agreements.end_links(tx, await mine(tx, request, public_id))
    return go(request, LINKS, ENDED)


ROUTES = (
    form_page, apply, price, preview, sent_page, open_page, open_it, one, withdraw, end_links,
)  # fmt: skip

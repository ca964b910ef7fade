"""What a sponsor is asked for: the sponsor gives it, staff remind of it; and renewals."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from msgspec import Meta
from sqlalchemy.ext.asyncio import AsyncSession

from pydotorg_build.content.base import Fault
from sidecar import attachments
from sidecar.answers import Asked, go, page
from sidecar.attachments import LARGEST_BODY
from sidecar.forms import EMPTY, Form, Nothing, filled, read_form
from sidecar.kinds.base import PictureName
from sidecar.permissions import Permission, actor_of
from sidecar.rates import Rate
from sidecar.routes import admin_sponsors, sponsor_apply
from sidecar.sponsors import assets
from sidecar.sponsors.agreements import Agreement
from sidecar.sponsors.held import held
from sidecar.sponsors.renewals import renew
from sidecar.tables.sponsors import SponsorAsset
from sidecar.workflow import Refused

GIVE = f"{sponsor_apply.ONE}/give/{{asset:int}}"
TEXT = Annotated[str, Meta(max_length=5000)]


class Gift(msgspec.Struct, frozen=True, kw_only=True):
    """A text, a picture, or yes or no: as it was asked for."""

    text: TEXT = ""
    picture: PictureName = ""


async def asset_of(tx: AsyncSession, agreement: Agreement, number: int) -> SponsorAsset:
    """What is asked for by its number."""
    known = (await assets.assets_of(tx, agreement.row.id))[agreement.row.id]
    seen = assets.seen_beside(await held(tx, agreement.row.id), known)
    found = next((one for one in seen if one.id == number), None)
    if found is None:
        raise NotFoundException
    return found


@get(GIVE, permission=Permission.PUBLIC)
async def give_page(
    request: Asked, state: State, public_id: FromPath[str], asset: FromPath[int]
) -> Response[str]:
    """The form for one thing."""
    async with state.db.read() as tx:
        found = await sponsor_apply.mine(tx, request, public_id)
        one = await asset_of(tx, found, asset)
    given = {"text": one.text, "picture": one.picture or ""} if one.given_at else {}
    return show(request, found, one, filled(given))


def show(request: Asked, found: Agreement, one: SponsorAsset, form: Form[Any]) -> Response[str]:
    """The form, empty, or with what was given or typed."""
    return page(
        request, "sidecar/sponsors/give.html", one.title, form=form, asset=one,
        back=sponsor_apply.page_of(found),
        pictures=attachments.addresses(request.app.state.settings, Gift, form),
    )  # fmt: skip


@post(GIVE, permission=Permission.PUBLIC, rate=Rate.SUBMIT, request_max_body_size=LARGEST_BODY)
async def give(
    request: Asked, state: State, public_id: FromPath[str], asset: FromPath[int]
) -> Response[Any]:
    """Take what the sponsor gives."""
    form = await attachments.read_with_pictures(request, Gift)
    async with state.db.read() as tx:
        found = await sponsor_apply.mine(tx, request, public_id)
        one = await asset_of(tx, found, asset)
    given = form.value
    if given is None:
        return show(request, found, one, form)
    field = "picture" if one.kind == "picture" else "text"
    value = getattr(given, field)
    if not value or (one.kind == "yes or no" and value not in ("yes", "no")):
        return show(request, found, one, form.but(Fault(field, EMPTY)))
    try:
        async with state.db.write() as tx:
            found = await sponsor_apply.mine(tx, request, public_id)
            one = await asset_of(tx, found, asset)
            await assets.give(tx, found, one, **{"text": "", "picture": "", field: value})
    except Refused as reason:
        return show(request, found, one, form.but(Fault("", str(reason))))
    return go(request, sponsor_apply.page_of(found), "Thank you. We have it.")


@post(f"{admin_sponsors.ONE}/remind", permission=admin_sponsors.MAY)
async def remind(request: Asked, state: State, number: FromPath[int]) -> Response[Any]:
    """Write to the sponsor what is missing."""
    form = await read_form(request, Nothing)
    said = "" if form.value else form.errors[0][1]
    if not said:
        try:
            async with state.db.write() as tx:
                found = await admin_sponsors.agreement_of(tx, number)
                await assets.remind(tx, state.settings, found, actor_of(request))
        except Refused as reason:
            said = str(reason)
    if said:
        return await admin_sponsors.shown(request, state, number, said=said)
    return go(request, f"{admin_sponsors.URL}/{number}", "The sponsor is reminded.")


@post(f"{admin_sponsors.ONE}/renew", permission=admin_sponsors.MAY)
async def renewal(request: Asked, state: State, number: FromPath[int]) -> Response[Any]:
    """Make the sponsorship of the next year of it."""
    form = await read_form(request, Nothing)
    if form.value is None:
        return await admin_sponsors.shown(request, state, number, said=form.errors[0][1])
    terms = sponsor_apply.terms_for(request)
    try:
        async with state.db.write() as tx:
            found = await admin_sponsors.agreement_of(tx, number)
            new = await renew(tx, state.settings, terms, found, actor_of(request))
            made = new.id
    except Refused as reason:
        return await admin_sponsors.shown(request, state, number, said=str(reason))
    return go(request, f"{admin_sponsors.URL}/{made}", "This is the one of the next year.")


ROUTES = (give_page, give, remind, renewal)

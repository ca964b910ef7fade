"""Handing something in: its form, the look of it, and what comes next.  No account is needed.

The links of the mails are in `submit_links.py`, the page of one submission in `submit_case.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from litestar import Response, get, post
from litestar.datastructures import State
from litestar.exceptions import NotFoundException, TooManyRequestsException
from litestar.params import FromPath

from pydotorg_build.content.base import Fault
from pydotorg_build.posters import draw
from sidecar import attachments, cases, countries, drafts, posters, previews, stamps, store
from sidecar.answers import Asked, come_back_to, go, page
from sidecar.attachments import LARGEST_BODY
from sidecar.clients import asking, household
from sidecar.clock import now
from sidecar.forms import Form, readable
from sidecar.kinds import KINDS
from sidecar.kinds.base import Handed, Kind, payload_of
from sidecar.limits import count_handed_in
from sidecar.permissions import Permission, actor_of
from sidecar.rates import Rate
from sidecar.routes.submit_sent import SENT, sent_cookie
from sidecar.weighing import weigh_before
from sidecar.workflow import Refused

URL = "/submit"


def kind_of(name: str) -> Kind:
    """The kind of an address."""
    if name not in KINDS:
        raise NotFoundException
    return KINDS[name]


@get(f"{URL}/{{kind:str}}", permission=Permission.PUBLIC)
async def form_page(request: Asked, kind: FromPath[str]) -> Response[str]:
    """Show the form."""
    return come_back_to(show_form(request, kind_of(kind), Form()))


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
        terms=previews.choices(request.app.state.settings.site, kind), notes=notes, is_filled=is_filled,
        challenge=stamps.challenge(request.app.state.settings),
        **kind.beside({name: form.typed(name) for name in form.given}),
        pictures=attachments.addresses(request.app.state.settings, kind.form, form),
    )  # fmt: skip


async def read(request: Asked, kind: Kind) -> Form[Any]:
    """Read the form, with what only the whole of it tells to be wrong."""
    form: Form[Any] = await attachments.read_with_pictures(request, kind.form)
    given = form.value or readable(kind.form, form)
    if given is None:
        return form
    site = request.app.state.settings.site
    if form.value is not None:
        given = countries.by_title(previews.terms_of(site, kind), form.value)
        form = replace(form, value=given)
    return form.and_these(previews.faults_of(site, kind, payload_of(given)))


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
    try:
        await admit(request, given)
    except TooManyRequestsException as reason:
        return show_form(request, found, form.but(Fault("", str(reason.detail))))
    try:
        async with state.db.write() as tx:
            made = await cases.hand_in(tx, state.settings, found, given, actor_of(request))
            await drafts.forget(tx, state.settings, given.draft)
    except Refused as reason:
        return show_form(request, found, form.but(Fault("sender", str(reason))))
    return go(request, SENT, "", sent_cookie(state.settings, made.public_id))


async def admit(request: Asked, given: Handed) -> None:
    """Take the work that was done for a form, and count it; raise 429 where there were too many."""
    state, client = request.app.state, asking(request)
    await stamps.ask_for(state.db, state.settings, given.stamp, household(client))
    await count_handed_in(state.db, given.sender, client)


@post(f"{URL}/{{kind:str}}/preview", permission=Permission.PUBLIC, rate=Rate.SUBMIT,
      request_max_body_size=LARGEST_BODY)  # fmt: skip
async def preview(request: Asked, state: State, kind: FromPath[str]) -> Response[str]:
    """Show the page that it becomes, how it looks elsewhere, and what is looked at in it."""
    found = kind_of(kind)
    form = await read(request, found)
    if form.value is None:
        return show_form(request, found, form)
    return await look_of(state, found, form.value)


async def look_of(state: State, kind: Kind, given: Handed, own: int = 0) -> Response[str]:
    """How what was typed will look, with what is looked at in it; `own` is what it would change."""
    payload = payload_of(given)
    terms = previews.terms_of(state.settings.site, kind)
    async with state.db.read() as tx:
        facts = await weigh_before(tx, kind, payload, terms, own)
    html = await previews.looks(state, kind, payload, now(), facts)
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


@get(posters.URL, permission=Permission.PUBLIC)
async def poster(request: Asked, state: State) -> Response[bytes]:
    """The social picture of what is not public, for whom a page of ours gave its address."""
    found = posters.read(state.settings, request.query_params)
    if found is None:
        raise NotFoundException
    async with state.decoding:  # it takes memory
        content = await asyncio.to_thread(draw, found)
    return Response(content, media_type="image/jpeg")


ROUTES = (form_page, hand_in, preview, picture, poster)

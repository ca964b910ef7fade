"""Keeping a form that is not handed in yet, and going on with it by the link of the mail."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from litestar import Response, get, post
from litestar.datastructures import State
from litestar.params import FromPath

from pydotorg_build.content.base import Fault
from pydotorg_build.content.read import odd_in
from sidecar import drafts
from sidecar.answers import Asked, go, page
from sidecar.attachments import LARGEST_BODY, read_with_pictures
from sidecar.clients import asking
from sidecar.clock import DAY
from sidecar.forms import Form, marked, read_form
from sidecar.kinds.base import Kind
from sidecar.limits import count, count_mail
from sidecar.people import key_of
from sidecar.permissions import Permission
from sidecar.rates import Rate
from sidecar.routes import sponsor_apply
from sidecar.routes.submit import URL, kind_of, show_form
from sidecar.routes.submit_links import Opening, over
from sidecar.routes.submit_sent import SENT
from sidecar.tables.cases import Submitter
from sidecar.workflow import Refused

MOST = 60
LONGEST = 60_000
KEPT = "Your draft is kept. It is not handed in yet; the link to it is in your mail."
AWAY = "This draft was put away. Keep it once more or hand it in, and it is there again."


def in_the_way(kind: drafts.Kept, form: Form[Any]) -> list[Fault]:
    """Why a form cannot be kept; what else is wrong with it matters when it is handed in."""
    if form.is_refused:
        return list(form.faults)
    matter = {"sender", *marked(kind.form, "is_picture")}
    texts = [text for texts in drafts.worth_keeping(kind, form.given).values() for text in texts]
    if any(map(odd_in, texts)):
        return list(form.faults)
    found = [fault for fault in form.faults if fault.name in matter]
    if sum(map(len, texts)) > LONGEST:
        found.append(Fault("", "It is too long to be kept. Make it shorter."))
    return found


@post(f"{URL}/{{kind:str}}/draft", permission=Permission.PUBLIC, rate=Rate.SUBMIT,
      request_max_body_size=LARGEST_BODY)  # fmt: skip
async def keep(request: Asked, state: State, kind: FromPath[str]) -> Response[Any]:
    """Keep what was typed, whole or not; all that is needed is an address."""
    return await kept(request, state, kind_of(kind))


@post(f"{sponsor_apply.URL}/draft", permission=Permission.PUBLIC, rate=Rate.SUBMIT,
      request_max_body_size=LARGEST_BODY)  # fmt: skip
async def keep_application(request: Asked, state: State) -> Response[Any]:
    """Keep what was typed by somebody who wants to be a sponsor."""
    return await kept(request, state, drafts.OTHERS["sponsor"])


async def kept(request: Asked, state: State, found: drafts.Kept) -> Response[Any]:
    """Keep a form, or show it again with what is in the way."""
    form: Form[Any] = await read_with_pictures(request, found.form)
    if faults := in_the_way(found, form):
        return await shown(request, found, replace(form, value=None, faults=tuple(faults)))
    if form.typed("homepage"):
        return go(request, SENT)
    sender, token = form.typed("sender").strip(), form.typed("draft")
    await count(state.db, f"draft {key_of(sender)}", most=MOST, seconds=DAY)
    async with state.db.read() as tx:
        known = await drafts.of_token(tx, state.settings, token)
    if known is None:
        await count_mail(state.db, sender, asking(request))
    try:
        async with state.db.write() as tx:
            draft = await drafts.keep(tx, state.settings, found, sender, form.given, token)
    except Refused as reason:
        return await shown(request, found, form.but(Fault("sender", str(reason))))
    return go(request, drafts.link_of(state.settings, draft), KEPT)


async def shown(
    request: Asked, found: drafts.Kept, form: Form[Any], notes: tuple[str, ...] = ()
) -> Response[str]:
    """The form that a draft is of."""
    if isinstance(found, Kind):
        return show_form(request, found, form, notes=notes, is_filled=bool(notes))
    return await sponsor_apply.show_form(request, request.app.state, form)


@get(drafts.URL, permission=Permission.PUBLIC)
async def go_on(request: Asked, state: State) -> Response[str]:
    """The form with all that was typed; opening it changes nothing."""
    token = request.query_params.get("token", "")
    async with state.db.read() as tx:
        draft = await drafts.of_token(tx, state.settings, token)
        owner = await tx.get_one(Submitter, draft.submitter_id) if draft else None
    if draft is None or owner is None:
        return over(request)
    form: Form[Any] = Form(given=drafts.filled(draft, owner.email, token))
    notes = (AWAY,) if draft.archived_at else ()
    return await shown(request, drafts.kind_of(draft.kind), form, notes)


@get(drafts.DELETE, permission=Permission.PUBLIC)
async def ask(request: Asked, state: State) -> Response[str]:
    """Ask once before a draft is deleted."""
    token = request.query_params.get("token", "")
    async with state.db.read() as tx:
        draft = await drafts.of_token(tx, state.settings, token)
    if draft is None:
        return over(request)
    form: Form[Any] = Form(given={"token": (token,)})
    return page(request, "sidecar/submit/draft_delete.html", "Delete this draft?", form=form,
                called=drafts.title_of(draft), act=drafts.DELETE,
                back=drafts.link_of(state.settings, draft))  # fmt: skip


@post(drafts.DELETE, permission=Permission.PUBLIC, rate=Rate.SUBMIT)
async def delete(request: Asked, state: State) -> Response[Any]:
    """Delete it, and show an empty form of its kind."""
    form = await read_form(request, Opening)
    token, kind = form.typed("token"), ""
    async with state.db.write() as tx:
        if form.value and (draft := await drafts.of_token(tx, state.settings, token)):
            kind = draft.kind
            await drafts.forget(tx, state.settings, token)
    if not kind:
        return over(request)
    return go(request, f"{URL}/{kind}", "The draft is deleted.")


ROUTES = (keep, keep_application, go_on, ask, delete)

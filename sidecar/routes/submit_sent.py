"""What follows a form: the reference, what happens next, and an address that was mistyped."""

from __future__ import annotations

import datetime
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.datastructures import Cookie, State
from sqlalchemy.ext.asyncio import AsyncSession

from sidecar import authors
from sidecar.answers import Asked, go, page
from sidecar.cases import Case
from sidecar.clients import asking
from sidecar.forms import Form, filled, read_form
from sidecar.limits import count_mail
from sidecar.people import EmailAddress
from sidecar.permissions import Permission
from sidecar.rates import Rate
from sidecar.sealing import Use, sign, signed_words
from sidecar.sessions import cookie, in_cookie
from sidecar.settings import Settings
from sidecar.waits import usual_wait

SENT = "/submit/sent"
TITLE = "One step is left"
MENDABLE = datetime.timedelta(days=3)


class Mended(msgspec.Struct, frozen=True, kw_only=True):
    """The address, as it should have been."""

    email: EmailAddress


def sent_cookie(settings: Settings, public_id: str) -> Cookie:
    """What lets the browser that sent a form mend the address of it, and nothing else."""
    return cookie(settings, "sent", sign(settings.secret, Use.SENT, public_id), MENDABLE)


async def sent_case(request: Asked, db: AsyncSession) -> Case | None:
    """What this browser sent and nobody has confirmed."""
    settings: Settings = request.app.state.settings
    public_id = signed_words(settings.secret, Use.SENT, in_cookie(request, "sent"))
    if not public_id:
        return None
    return await authors.unconfirmed(db, public_id)


@get(SENT, permission=Permission.PUBLIC)
async def sent_page(request: Asked, state: State) -> Response[str]:
    """Say what happens next."""
    return await show_sent(request, state)


async def show_sent(request: Asked, state: State, form: Form[Any] | None = None) -> Response[str]:
    """The page, with what was wrong in the form on it."""
    async with state.db.read() as tx:
        case = await sent_case(request, tx)
        wait = await usual_wait(tx, case.kind.name) if case else ""
    if form is None:
        form = filled({"email": case.submitter.email}) if case else Form()
    return page(request, "sidecar/submit/sent.html", TITLE, form=form, case=case,
                wait=wait)  # fmt: skip


@post(SENT, permission=Permission.PUBLIC, rate=Rate.SUBMIT)
async def mend(request: Asked, state: State) -> Response[Any]:
    """Send the link once more, to the address as it is now."""
    form = await read_form(request, Mended)
    if form.value is None:
        return await show_sent(request, state, form)
    email = form.value.email
    await count_mail(state.db, email, asking(request))
    async with state.db.write() as tx:
        case = await sent_case(request, tx)
        if case:
            await authors.send_to(tx, state.settings, case, email)
    said = f"The link is on its way to {email}." if case else "It is confirmed already, or gone."
    return go(request, SENT, said)


ROUTES = (sent_page, mend)

"""A letter to many at once: written, looked at with the number of those it goes to, then sent."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal

import msgspec
from litestar import Response, get, post
from litestar.datastructures import State
from msgspec import Meta

from pydotorg_build.content.base import Fault
from sidecar import news
from sidecar.answers import Asked, go
from sidecar.audit import note
from sidecar.desk import show
from sidecar.forms import Form, read_form
from sidecar.framing import framed
from sidecar.letters import LETTERS
from sidecar.mail import LONGEST_SUBJECT, Composed, compose, post_all, source_of
from sidecar.permissions import Permission, actor_of

URL = "/admin/mail/news"


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """A letter as it is typed; `many` is to how many it went when it was looked at."""

    audience: Literal["members", "addresses"]
    addresses: Annotated[str, Meta(max_length=300_000)] = ""
    subject: Annotated[str, Meta(min_length=1, max_length=LONGEST_SUBJECT, pattern=r"^[^\n]+$")]
    text: Annotated[str, Meta(min_length=1, max_length=20_000)]
    many: int = 0
    then: Literal["look", "send"] = "look"


def shown(
    request: Asked, form: Form[Any], *, many: int = 0, preview: Composed | None = None
) -> Response[str]:
    """The form, empty or as it came."""
    answer = show(request, "sidecar/admin/news.html", "A letter to many", form=form, many=many,
                  preview=preview, audiences=tuple(news.AUDIENCES.items()))  # fmt: skip
    html = preview.html if preview else ""
    return framed(answer, html, request.app.state.settings)


@get(URL, permission=Permission.MAIL_CHANGE, step_up=True)
async def write(request: Asked) -> Response[str]:
    """An empty form."""
    return shown(request, Form())


@post(URL, permission=Permission.MAIL_CHANGE, step_up=True)
async def send(request: Asked, state: State) -> Response[Any]:
    """Show how it reads and to how many it goes; then send it to exactly as many."""
    form = await read_form(request, Written)
    if form.value is None:
        return shown(request, form)
    given = form.value
    addresses, faults = news.read_addresses(given.addresses)
    async with state.db.read() as tx:
        wording = await source_of(tx, news.LETTER)
        if given.audience == "members":
            addresses, faults = await news.members(tx), []
    if not addresses and not faults:
        field = "audience" if given.audience == "members" else "addresses"
        faults = [Fault(field, "there is nobody to write to")]
    if faults:
        return shown(request, form.but(*faults))
    if given.then == "look" or given.many != len(addresses):
        sample = LETTERS[news.LETTER].sample
        tried = msgspec.structs.replace(sample, subject=given.subject, text=given.text)
        return shown(
            request, form, many=len(addresses), preview=compose(news.LETTER, tried, wording)
        )
    mails = await asyncio.to_thread(
        lambda: list(news.written(state.settings, wording, given.subject, given.text, addresses))
    )
    async with state.db.write() as tx:
        await post_all(tx, mails)
        await note(tx, actor_of(request), "letter sent to many", "", {"mails": (0, len(mails))})
    return go(request, f"/admin/mail?template={news.LETTER}",
              f"{len(mails)} letters are in the queue, each with a line of its own.")  # fmt: skip


ROUTES = (write, send)

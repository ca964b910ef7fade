"""What the form of an event has beside that of other kinds: its dates, and filling it from a calendar."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from litestar import Response, get, post
from litestar.datastructures import State, UploadFile
from litestar.exceptions import TooManyRequestsException

from pydotorg_build.content.base import Fault
from sidecar import calendars
from sidecar.answers import Asked, page
from sidecar.attachments import LARGEST_BODY
from sidecar.calendars import Found, NoCalendar
from sidecar.clients import asking, household
from sidecar.clock import HOUR, now
from sidecar.forms import Form, read_form
from sidecar.kinds.event_dates import TIMES, next_dates
from sidecar.kinds.events import EVENT, EventForm
from sidecar.limits import count
from sidecar.permissions import Permission
from sidecar.rates import Rate
from sidecar.routes.submit import show_form

DATES = f"{EVENT.url}/dates"
CALENDAR = f"{EVENT.url}/calendar"
FILL = f"{EVENT.url}/fill"
FILE, ADDRESS = "calendar_file", "calendar_address"
LONGEST = 6000
# So many events of a calendar are offered; whoever has more sends the file of the one.
OFFERED = 12
MOST_AN_HOUR = 20
NOTHING = "Give the address of a calendar, or choose its file."


@get(DATES, permission=Permission.PUBLIC)
async def dates(request: Asked) -> Mapping[str, list[str]]:
    """The next dates of what the form says."""
    given = {name: request.query_params.get(name, "")[:LONGEST] for name in TIMES}
    return {"dates": next_dates(given, now())}


@post(CALENDAR, permission=Permission.PUBLIC, rate=Rate.SUBMIT,
      request_max_body_size=LARGEST_BODY)  # fmt: skip
async def from_calendar(request: Asked, state: State) -> Response[str]:
    """Fill the form from a calendar; what it does not say stays as it was typed."""
    form: Form[EventForm] = await read_form(request, EventForm)
    if form.is_refused:
        return show_form(request, EVENT, form)
    typed = Form[EventForm](given=form.given)
    file = (await request.form()).get(FILE)
    field = FILE if isinstance(file, UploadFile) else ADDRESS
    try:
        await count(state.db, f"calendar {household(asking(request))}", most=MOST_AN_HOUR,
                    seconds=HOUR)  # fmt: skip
        found = await _found(file, form.typed(ADDRESS))
    except NoCalendar as error:
        return show_form(request, EVENT, typed.but(Fault(field, str(error))))
    except TooManyRequestsException as error:
        return show_form(request, EVENT, typed.but(Fault(field, str(error.detail))))
    if len(found) > 1:
        return choose(request, found, form)
    return show_form(request, EVENT, filled(form, found[0]), notes=found[0].notes, is_filled=True)


async def _found(file: Any, address: str) -> list[Found]:
    """The events of the file, or of what is at the address."""
    if isinstance(file, UploadFile):
        data = await file.read(calendars.MOST_BYTES + 1)
    elif address:
        data = await asyncio.to_thread(calendars.fetch, address)
    else:
        raise NoCalendar(NOTHING)
    return await asyncio.to_thread(calendars.read_calendar, data, now())


def filled(form: Form[EventForm], found: Found) -> Form[EventForm]:
    """The form with an event of a calendar in it."""
    given = {name: texts for name, texts in form.given.items() if name not in TIMES}
    return Form(given={**given, **{name: (text,) for name, text in found.fields.items()}})


def choose(request: Asked, found: list[Found], form: Form[EventForm]) -> Response[str]:
    """Let one of several events be chosen; what was typed goes along."""
    offered = [(one, filled(form, one).given) for one in found[:OFFERED]]
    return page(
        request, "sidecar/submit/calendar.html", "Which event is it?", offered=offered, act=FILL,
        more=len(found) - len(offered),
    )  # fmt: skip


@post(FILL, permission=Permission.PUBLIC, rate=Rate.SUBMIT)
async def fill(request: Asked) -> Response[str]:
    """Show the form with the event that was chosen."""
    form: Form[EventForm] = await read_form(request, EventForm)
    if form.is_refused:
        return show_form(request, EVENT, form)
    return show_form(request, EVENT, Form(given=form.given), is_filled=True)


ROUTES = (dates, from_calendar, fill)

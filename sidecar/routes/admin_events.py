"""Events for those who look after them: all that were handed in, and each calendar with its events."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from litestar import Response, get
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from pydotorg_build.content.event_lists import OPEN
from sidecar import previews
from sidecar.answers import Asked
from sidecar.desk import show
from sidecar.kinds.events import EVENT
from sidecar.lists import Column, Filter, Listing, contains, look
from sidecar.permissions import Permission
from sidecar.routes.admin_queue import WORDS, in_state
from sidecar.tables.cases import Revision, Submission, Submitter
from sidecar.workflow import ON_SITE
from sidecar.workflow import State as At

URL = "/admin/events"
CALENDARS = f"{URL}/calendars"
LISTED = 200
# Only what the site shows can be featured.
SHOWN = frozenset(state.value for state in ON_SITE)
HANDED_IN = (
    select(Submission, Submitter.email, Revision.payload)
    .join(Submitter, Submitter.id == Submission.submitter_id)
    .join(Revision, (Revision.submission_id == Submission.id) & (Revision.n == Submission.latest))
    .where(Submission.kind == EVENT.name, Submission.state != At.UNCONFIRMED.value)
)
EVENTS = Listing(
    URL,
    HANDED_IN,
    (
        Column("title", "Event", Submission.title),
        Column("calendar", "Calendar"),
        Column("begins", "Begins", Submission.begins),
        Column("state", "State", Submission.state),
        Column("added", "Added", Submission.handed_in),
        Column("sender", "Submitter", Submitter.email_key),
        Column("modified", "Modified", Submission.updated),
        Column("featured", "Featured", Submission.featured),
    ),
    (
        Filter("q", "Title or address", contains(Submission.title, Submitter.email_key)),
        Filter("state", "State", partial(in_state, of=Submission), "choice",
               tuple((name, name.capitalize()) for name in WORDS)),
    ),
    tie=Submission.id,
    sort="-added",
)  # fmt: skip


class Shelf(NamedTuple):
    """A calendar: what it is called, what was handed in for it, and what the site tells of it."""

    slug: str
    title: str
    handed_in: list[tuple[Submission, str]]
    coming: list[dict[str, Any]]


@get(URL, permission=Permission.EVENTS_MODERATE)
async def events(request: Asked, state: State) -> Response[str]:
    """All events that were handed in, the newest first."""
    async with state.db.read() as tx:
        found = await look(tx, EVENTS, request.query_params)
    return show(request, "sidecar/admin/events.html", "Events", found=found, calendars=CALENDARS, labels=previews.labels_of(state, EVENT),
                on_site=SHOWN)  # fmt: skip


@get(CALENDARS, permission=Permission.EVENTS_MODERATE)
async def calendars(request: Asked, state: State) -> Response[str]:
    """All calendars, each with how much there is in it."""
    async with state.db.read() as tx:
        found = await shelves(tx, state.settings.site)
    return show(request, "sidecar/admin/calendars.html", "Calendars", shelves=found,
                calendars=CALENDARS)  # fmt: skip


@get(f"{CALENDARS}/{{slug:str}}", permission=Permission.EVENTS_MODERATE)
async def calendar(request: Asked, state: State, slug: FromPath[str]) -> Response[str]:
    """The events of one calendar."""
    async with state.db.read() as tx:
        found = [shelf for shelf in await shelves(tx, state.settings.site) if shelf.slug == slug]
    if not found:
        raise NotFoundException
    (shelf,) = found
    return show(request, "sidecar/admin/calendar.html", shelf.title, shelf=shelf, listed=LISTED,
                on_site=SHOWN)  # fmt: skip


async def shelves(tx: AsyncSession, site: str) -> list[Shelf]:
    """All calendars: those of the site, and any that something was handed in for."""
    rows = await tx.execute(HANDED_IN.order_by(Submission.handed_in.desc(), Submission.id.desc()))
    handed: dict[str, list[tuple[Submission, str]]] = {}
    for submission, email, payload in rows:
        handed.setdefault(payload.get("calendar", ""), []).append((submission, email))
    told = await asyncio.to_thread(coming, site)
    titles = {term["slug"]: term["title"]
              for term in previews.terms_of(site, EVENT).get("calendar", [])}  # fmt: skip
    slugs = dict.fromkeys([*titles, *handed, *(one["calendar"] for one in told)])
    return [
        Shelf(slug, titles.get(slug, slug), handed.get(slug, []),
              [one for one in told if one["calendar"] == slug])
        for slug in slugs
    ]  # fmt: skip


def coming(site: str) -> list[dict[str, Any]]:
    """The coming events of the site that is served, those of files too."""
    try:
        told = msgspec.json.decode((Path(site) / OPEN.lstrip("/")).read_bytes())
    except (OSError, msgspec.DecodeError):
        return []
    return list(told["events"])


ROUTES = (events, calendars, calendar)

"""The staff desk: which parts it has, and how each of its pages is shown.

    @get("/admin/users", permission=Permission.USERS_SEE)
    async def users(request: Asked, state: State) -> Response[str]:
        async with state.db.read() as tx:
            found = await look(tx, USERS, request.query_params)
        return show(request, "sidecar/admin/users.html", "Accounts", found=found)

A part of the desk is a line in SECTIONS: its link is shown to whoever may open it.  A dangerous
act has a page of its own that asks once: `confirm`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from litestar import Response

from pydotorg_build.content.base import HOME, Crumb
from sidecar.answers import page
from sidecar.clients import Asked
from sidecar.permissions import Actor, Permission, actor_of

DESK = Crumb("Staff desk", "/admin/")


class Section(NamedTuple):
    """A part of the desk: where it is, and who sees its link."""

    title: str
    url: str
    permission: Permission


SECTIONS = (
    Section("Overview", DESK.url, Permission.ADMIN),
    Section("Handed in", "/admin/cases", Permission.ADMIN),
    Section("Events", "/admin/events", Permission.EVENTS_MODERATE),
    Section("Sponsors", "/admin/sponsors", Permission.SPONSORS_MODERATE),
    Section("Accounts", "/admin/users", Permission.USERS_SEE),
    Section("Members", "/admin/memberships", Permission.USERS_SEE),
    Section("Nominations", "/admin/nominations", Permission.ELECTIONS_RUN),
    Section("Mail", "/admin/mail", Permission.MAIL_SEE),
    Section("Work", "/admin/work", Permission.WORK_SEE),
    Section("Downloads", "/admin/downloads", Permission.DOWNLOADS_SEE),
    Section("Blogs", "/admin/blogs", Permission.BLOGS_CHANGE),
    Section("Announcements", "/admin/announcements", Permission.SETTINGS_CHANGE),
    Section("Settings", "/admin/settings", Permission.WORK_SEE),
    Section("Audit log", "/admin/audit", Permission.AUDIT_SEE),
    Section("Failures", "/admin/failures", Permission.WORK_SEE),
    Section("Database", "/admin/db", Permission.DATABASE),
)


@dataclass(frozen=True)
class Question:
    """What is asked before a dangerous act: what would happen, and the word on the button.

    `act` is the address that a POST does it at, `back` where one goes who would rather not,
    `version` that of the record the question is about, where it may change meanwhile.
    """

    words: tuple[str, ...]
    button: str
    act: str
    back: str
    version: int | None = None


def sections_for(actor: Actor) -> Iterator[Section]:
    """The parts of the desk that somebody may open."""
    return (section for section in SECTIONS if actor.may(section.permission))


def section_of(path: str) -> Section:
    """The part of the desk that an address belongs to."""
    inside = [s for s in SECTIONS[1:] if path == s.url or path.startswith(f"{s.url}/")]
    return max(inside, key=lambda section: len(section.url), default=SECTIONS[0])


def show(
    request: Asked, template: str, title: str, *, status: int = 0, **data: Any
) -> Response[str]:
    """A page of the desk: in its frame, with the links that its reader may follow."""
    actor, path = actor_of(request), request.url.path
    here = section_of(path)
    return page(request, template, title, status=status, crumbs=crumbs_of(here, path, title),
                menu=tuple(sections_for(actor)), here=here, **data)  # fmt: skip


def crumbs_of(here: Section, path: str, title: str) -> tuple[Crumb, ...]:
    """The way from the home page to a page of the desk."""
    way = [HOME, DESK]
    if here is not SECTIONS[0]:
        way.append(Crumb(here.title, here.url))
    if title != way[-1].title and path.rstrip("/") != way[-1].url.rstrip("/"):
        way.append(Crumb(title, path))
    return tuple(way)


def confirm(request: Asked, title: str, question: Question) -> Response[str]:
    """Ask once before a dangerous act, on a page that works without a script."""
    return show(request, "sidecar/admin/confirm.html", title, question=question)

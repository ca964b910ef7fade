"""The pages of somebody's own account: which there are, and how each is shown.

    @get("/account/keys", permission=Permission.ACCOUNT)
    async def keys(request: Asked, state: State) -> Response[str]:
        ...
        return show(request, "sidecar/account/keys.html", "API keys", keys=keys)

A page of the account is a line in SECTIONS: its link stands in the menu beside all of them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from litestar import Response

from pydotorg_build.content.base import HOME, Crumb
from sidecar.answers import Asked, page
from sidecar.permissions import Actor, Permission, actor_of

OVERVIEW = Crumb("Your account", "/account/")


class Section(NamedTuple):
    """A page of the account, and who has it."""

    title: str
    url: str
    permission: Permission = Permission.ACCOUNT
    also: tuple[str, ...] = ()

    def holds(self, path: str) -> bool:
        """Does a page belong here?  It lies below, or is one of those that lie elsewhere."""
        return any(path == url or path.startswith(f"{url}/") for url in (self.url, *self.also))


SECTIONS = (
    Section("Overview", OVERVIEW.url),
    Section("Profile", "/account/profile"),
    Section(
        "Signing in",
        "/account/security",
        also=("/account/password", "/account/address", "/account/sessions"),
    ),
    Section("What you handed in", "/account/submissions"),
    Section("Membership", "/account/membership"),
    Section("Nominations", "/account/nominations"),
    Section("API keys", "/account/keys"),
    Section("Your data", "/account/data"),
    Section("Staff desk", "/admin/", Permission.ADMIN),
)


def sections_for(actor: Actor) -> tuple[Section, ...]:
    """The pages of the account that somebody has."""
    return tuple(section for section in SECTIONS if actor.may(section.permission))


def section_of(path: str) -> Section:
    """The page that an address belongs to."""
    return next((section for section in SECTIONS[1:] if section.holds(path)), SECTIONS[0])


def show(request: Asked, template: str, title: str, **data: Any) -> Response[str]:
    """A page of the account, beside its menu."""
    path = request.url.path
    here = section_of(path)
    return page(request, template, title, crumbs=crumbs_of(here, path, title),
                menu=sections_for(actor_of(request)), here=here, **data)  # fmt: skip


def crumbs_of(here: Section, path: str, title: str) -> tuple[Crumb, ...]:
    """The way from the home page to a page of the account.

    >>> [crumb.title for crumb in crumbs_of(SECTIONS[2], "/account/security/app", "An app")]
    ['Home', 'Your account', 'Signing in', 'An app']
    >>> section_of("/account/sessions").title
    'Signing in'

    A section that is shown again, since a form on it is not right, is no page below itself:

    >>> [one.url for one in crumbs_of(SECTIONS[7], "/account/data/delete", "Your data")]
    ['/', '/account/', '/account/data']
    """
    last = Crumb(title, here.url if title == here.title else path)
    way = [HOME, OVERVIEW, Crumb(here.title, here.url), last]
    known = [crumb.url.rstrip("/") for crumb in way]
    return tuple(crumb for n, crumb in enumerate(way) if known[n] not in known[:n])

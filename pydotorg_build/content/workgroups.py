"""The work groups of the PSF: a list of the active ones, and a page for each.

One that is not active any more is hidden; its address leads to the list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydotorg_build.artifacts import Page, Redirect
from pydotorg_build.content.base import HOME, Card, ContentType, Crumb, Draftable, Meta, Published
from pydotorg_build.content.fields import Line, MailAddress, Title, WebAddress
from pydotorg_build.problems import Source

if TYPE_CHECKING:
    from pydotorg_build.site import Site

URL = "/psf/workgroups/"
NAME = "Work groups"
CRUMBS = (HOME, Crumb("PSF", "/psf/"), Crumb(NAME, URL))


class Workgroup(Draftable, frozen=True, kw_only=True):
    """A work group; its body says what it is for, `description` the same in a line.

    `mailing_list` is where its list is joined or read; `website` another place of its own.
    """

    title: Title
    description: Line
    active: bool = True
    email: MailAddress = ""
    mailing_list: WebAddress = ""
    website: WebAddress = ""
    chairs: tuple[Line, ...] = ()

    @property
    def url(self) -> str:
        return f"{URL}{self.id}/"

    def card(self) -> Card:
        return Card(id=self.id, title=self.title, url=self.url, description=self.description,
                    groups=("active",) if self.active else ())  # fmt: skip


def of_one(group: Workgroup, site: Site) -> Published:
    """The page of an active group."""
    if not group.active:
        yield Redirect(url=group.url, target=URL, status=302, source=group.source)
        return
    meta = Meta(
        title=f"{group.title} work group",
        url=group.url,
        description=group.description,
        crumbs=(*CRUMBS, Crumb(group.title, group.url)),
        edit=group.source.path,
        changed=site.changed(group.source.path),
    )
    data = {"meta": meta, "group": group, "groups": site.cards("workgroups", "active")}
    yield Page(url=group.url, template="workgroups/workgroup.html", data=data,
               source=group.source, bodies={"body": group.body}, bundle="psf")  # fmt: skip


def of_all(site: Site) -> Published:
    """The list of the active groups."""
    description = "What the work groups of the Python Software Foundation do, and how to join one."
    meta = Meta(title=NAME, url=URL, description=description, crumbs=CRUMBS)
    data = {"meta": meta, "cards": site.cards("workgroups", "active")}
    yield Page(url=URL, template="workgroups/index.html", data=data, bundle="psf",
               source=Source("(workgroups)"))  # fmt: skip


WORKGROUPS = ContentType(
    "workgroups", Workgroup, files="workgroups/*.md", of_one=of_one, of_all=of_all
)

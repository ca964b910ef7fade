"""Old addresses and where they lead now, from content/redirects.yaml."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

import msgspec

from pydotorg_build.artifacts import Redirect
from pydotorg_build.content.base import Card, ContentType, Entry, Fault, Published

if TYPE_CHECKING:
    from pydotorg_build.site import Site


class Redirection(Entry, frozen=True, kw_only=True):
    """One old address: exact, or with `*` at its end; then `:splat` in `to` is the rest.

    A status of 410 says that it is gone for good; it has no `to`.
    """

    title: str = ""
    old: str = msgspec.field(name="from")
    to: str = ""
    status: Literal[301, 302, 307, 308, 410] = 301

    @property
    def id(self) -> str:
        return self.old

    def card(self) -> Card:
        return Card(id=self.old, title=self.old, url=self.to)


def check(entry: Redirection) -> Iterator[Fault]:
    """Tell what cannot be served."""
    if not entry.old.startswith("/"):
        yield Fault("from", "`from` must begin with `/`")
    if "*" in entry.old.removesuffix("*"):
        yield Fault("from", "`*` may only stand at the end of `from`")
    if (entry.status == 410) == bool(entry.to):
        yield Fault("to", "`to` is wanted, except with status 410")
    if entry.to and not entry.to.startswith(("/", "https://", "http://")):
        yield Fault("to", "`to` must be a path from `/` or an address with https://")
    if entry.to.rstrip("/") == entry.old.rstrip("/"):
        yield Fault("to", "this leads to itself")


def of_all(site: Site) -> Published:
    """Publish every line; the build puts exact addresses before those with `*`."""
    for entry in site.all("redirects"):
        yield Redirect(url=entry.old, target=entry.to, status=entry.status, source=entry.source)


REDIRECTS = ContentType(
    "redirects", Redirection, files="redirects.yaml", check=check, of_all=of_all
)

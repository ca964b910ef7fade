"""Old addresses and where they lead now, from content/redirects.yaml."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

import msgspec

from pydotorg_build.artifacts import Redirect
from pydotorg_build.content.base import Card, ContentType, Entry, Fault, Published

if TYPE_CHECKING:
    from pydotorg_build.site import Site


# What is no old address: other than plain visible characters, an empty, a hidden or a named part.
ODD = re.compile(r"""[^!-~]|["#<>?\\^`{|}]|//|/:|/(?:\.|%2e){1,2}(?:/|$)""", re.IGNORECASE)
ODD_TARGET = re.compile(r"""[^!-~]|["<>\\^`{|}]""")
ADDRESS = "write it as /path/, with %20 and the like for what is not a plain letter"


class Redirection(Entry, frozen=True, kw_only=True):
    """One old address: exact, or with `*` at its end; then `:splat` at the end of `to` is the rest.

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
    if wrong := wrong_address(entry.old):
        yield Fault("from", f"`from` {wrong}", ADDRESS)
    if "*" in entry.old.removesuffix("*"):
        yield Fault("from", "`*` may only stand at the end of `from`")
    # Hosts differ in whether the rest keeps the slash at its end, so nothing may depend on it.
    if ":splat" in entry.to.removesuffix(":splat"):
        yield Fault("to", "`:splat` may only stand at the end of `to`")
    elif entry.to.endswith(":splat") and not entry.old.endswith("*"):
        yield Fault("to", "`:splat` is what `*` stands for, and `from` has none")
    if (entry.status == 410) == bool(entry.to):
        yield Fault("to", "`to` is wanted, except with status 410")
    if entry.to and (
        not entry.to.startswith(("/", "https://", "http://")) or entry.to.startswith("//")
    ):
        yield Fault("to", "`to` must be a path from `/` or an address with https://")
    elif odd := ODD_TARGET.search(entry.to):
        yield Fault("to", f"`to` may not hold {odd[0]!r}", "write it as %20 and the like")
    if entry.to.rstrip("/") == entry.old.rstrip("/"):
        yield Fault("to", "this leads to itself")


def wrong_address(path: str) -> str:
    """What is wrong with an old address; empty where it is one."""
    if not path.startswith("/"):
        return "must begin with `/`"
    odd = ODD.search(path)
    return f"may not hold {odd[0]!r}" if odd else ""


def of_all(site: Site) -> Published:
    """Publish every line; the build puts exact addresses before those with `*`."""
    for entry in site.all("redirects"):
        yield Redirect(url=entry.old, target=entry.to, status=entry.status, source=entry.source)


REDIRECTS = ContentType(
    "redirects", Redirection, files="redirects.yaml", check=check, of_all=of_all
)

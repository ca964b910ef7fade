"""Release managers: who signs releases, and how to know it was them.

Nothing is guessed here: who has no key or identity in content/managers/ has none on the site.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

from msgspec import Meta as Limits

from pydotorg_build.artifacts import Page
from pydotorg_build.content.base import (
    HOME,
    Card,
    ContentType,
    Crumb,
    Entry,
    Fault,
    Meta,
    Published,
)

if TYPE_CHECKING:
    from pydotorg_build.site import Site

URL = "/downloads/signing/"
FINGERPRINT = Limits(
    pattern=r"^([0-9A-F]{4} ?){9}[0-9A-F]{4}$",
    examples=["E3FF 2839 C048 B25C 084D  … (40 digits of 0-9 and A-F)"],
)


# Both stand in commands that people paste into a shell.
SAFE = Limits(pattern=r"^[A-Za-z0-9@._+:/-]*$", examples=["ada@example.org"])


class Manager(Entry, frozen=True, kw_only=True):
    """A release manager.

    `sigstore_identity` is the address that signs, `sigstore_issuer` who vouches for it; `openpgp`
    are fingerprints.  `evidence` says where they were published.
    """

    sigstore_identity: Annotated[str, SAFE] = ""
    sigstore_issuer: Annotated[str, SAFE] = ""
    openpgp: tuple[Annotated[str, FINGERPRINT], ...] = ()
    evidence: str = ""

    @property
    def id(self) -> str:
        return self.title

    @property
    def url(self) -> str:
        return URL


def check(manager: Manager) -> Iterator[Fault]:
    """An identity is worth nothing without who vouches for it, or without where it was said."""
    if bool(manager.sigstore_identity) != bool(manager.sigstore_issuer):
        yield Fault("sigstore_identity", "`sigstore_identity` and `sigstore_issuer` go together")
    if (manager.sigstore_identity or manager.openpgp) and not manager.evidence:
        hint = "write the address of the page in `evidence`"
        yield Fault("evidence", "`evidence` is missing: where was this key published?", hint)


def of_all(site: Site) -> Published:
    """Publish the page that lists them."""
    meta = Meta(
        title="Who signs releases",
        url=URL,
        description="Release managers of Python and the keys and identities they sign with.",
        crumbs=(HOME, Crumb("Downloads", "/downloads/"), Crumb("Who signs releases", URL)),
    )
    series: dict[str, list[Card]] = {}
    for card in site.cards("series"):
        for name in card.tags:
            series.setdefault(name, []).append(card)
    data = {"meta": meta, "managers": site.all("managers"), "series": series}
    yield Page(url=URL, template="managers/index.html", data=data, bundle="releases")


MANAGERS = ContentType(
    name="managers", entry=Manager, files="managers/*.yaml", check=check, of_all=of_all
)

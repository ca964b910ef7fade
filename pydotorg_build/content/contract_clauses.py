"""What a contract with a sponsor says, in content/contract_clauses/: a file is a clause.

The sidecar writes contracts of them, by `order`; they have no page of their own.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta as Limits

from pydotorg_build.content.base import Card, ContentType, Entry, in_order
from pydotorg_build.content.fields import Slug, Title


class ClauseCard(Card, frozen=True, kw_only=True):
    """A clause in a list."""

    order: int


class ContractClause(Entry, frozen=True, kw_only=True):
    """A clause.  It stands in every contract, or only with the levels and add-ons that it names."""

    title: Title
    order: Annotated[int, Limits(ge=0)]
    text: Annotated[str, Limits(min_length=1, max_length=20_000)]
    levels: tuple[Slug, ...] = ()
    addons: tuple[Slug, ...] = ()

    @property
    def id(self) -> str:
        return self.source.path.rpartition("/")[2].removesuffix(".yaml")

    @property
    def url(self) -> str:
        return f"/psf/sponsors/#clause-{self.id}"

    def card(self) -> ClauseCard:
        return ClauseCard(id=self.id, title=self.title, url=self.url, order=self.order)


CONTRACT_CLAUSES = ContentType(
    "contract_clauses", ContractClause, files="contract_clauses/*.yaml", card=ClauseCard,
    order=in_order,
)  # fmt: skip

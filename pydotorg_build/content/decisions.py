"""What was decided of what people handed in, from a snapshot: /about/decisions/, and as JSON.

It has days, kinds, outcomes and reasons that are given often, and nobody's name or words.  Where
nothing was decided there is no page.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Annotated, NamedTuple

import msgspec
from msgspec import structs

from pydotorg_build.artifacts import Page
from pydotorg_build.content.base import HOME, ContentType, Crumb, Meta, Published
from pydotorg_build.content.counted import Counted

if TYPE_CHECKING:
    from pydotorg_build.site import Site

URL, JSON = "/about/decisions/", "/about/decisions.json"
# The page tells each of the newest days; the file has all.
DAYS = 30
Number = Annotated[int, msgspec.Meta(ge=1)]


class Decided(msgspec.Struct, frozen=True):
    """So many of a kind that had one outcome on a day; `reason` is one that is given often."""

    day: datetime.date
    kind: str
    outcome: str
    count: Number
    reason: str = ""


class Decisions(Counted, frozen=True, kw_only=True):
    """All that was decided, the newest first."""

    title: str = "Decisions"
    decided: tuple[Decided, ...]

    @property
    def url(self) -> str:
        return URL


class Line(NamedTuple):
    """A row of a table: what it is of, and a number for each head of a column."""

    name: str
    numbers: tuple[int, ...]


def lines(
    decided: Iterable[Decided], name_of: Callable[[Decided], str], heads: Iterable[str]
) -> tuple[Line, ...]:
    """The numbers by something and by outcome, in the order in which it comes first.

    >>> jobs = [Decided(datetime.date(2026, 5, 1), "job", "approved", n) for n in (2, 1)]
    >>> lines(jobs, lambda one: one.kind, ["approved", "rejected"])
    (Line(name='job', numbers=(3, 0)),)
    """
    found: dict[str, dict[str, int]] = {}
    for one in decided:
        sums = found.setdefault(name_of(one), {})
        sums[one.outcome] = sums.get(one.outcome, 0) + one.count
    heads = list(heads)
    return tuple(
        Line(name, tuple(sums.get(head, 0) for head in heads)) for name, sums in found.items()
    )


def of_one(decisions: Decisions, site: Site) -> Published:
    """Publish the page, and the same numbers for programs."""
    decided = tuple(
        structs.replace(one, kind=one.kind.capitalize(), outcome=one.outcome.capitalize())
        for one in decisions.decided
    )
    outcomes = sorted({one.outcome for one in decided})
    newest = decisions.through - datetime.timedelta(days=DAYS)
    meta = Meta(
        title="What was decided",
        url=URL,
        description="What was decided of what people handed in: counts, and no names.",
        crumbs=(HOME, Crumb("About", "/about/"), Crumb("Decisions", URL)),
    )
    reasons = [one for one in decided if one.reason]
    yield Page(
        url=URL,
        template="decisions/index.html",
        data={
            "meta": meta,
            "decisions": decisions,
            "outcomes": tuple(outcomes),
            "kinds": lines(decided, lambda one: one.kind, outcomes),
            "months": lines(decided, lambda one: f"{one.day:%B %Y}", outcomes),
            "reasons": lines(reasons, lambda one: one.reason, outcomes),
            "days": tuple(one for one in decided if one.day > newest),
            "days_told": DAYS,
            "json": JSON,
        },
        source=decisions.source,
        updated=decisions.through,
    )
    yield decisions.data(JSON, "decided")


DECISIONS = ContentType("decisions", Decisions, rows=True, of_one=of_one)

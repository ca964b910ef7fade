"""What must hold of the site as a whole, declared by editors: `pydotorg check` looks after it.

It publishes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from msgspec import Meta as Limits

from pydotorg_build.content.base import ContentType, Entry, Fault
from pydotorg_build.content.fields import Title

Sort = Literal["records", "kept", "search", "feeds"]
# What each sort of statement is about; without it there is nothing to look at.
NEEDS: dict[str, str] = {"records": "of", "search": "word"}


class Invariant(Entry, frozen=True, kw_only=True):
    """One statement, in words (`title`) and as what is looked at (`check`).

    - `records`: the JSON file `of` has at least so many records (`least`; invented ones do not
      count), in the order of their field `ascending` or `descending`;
    - `kept`: no kind of content lost more than `percent` of what the ledger says it had;
    - `search`: `word` is found on a page, on that at `of` where it is named;
    - `feeds`: every RSS, Atom, JSON Feed and calendar can be read.
    """

    title: Title
    check: Sort
    of: str = ""
    least: Annotated[int, Limits(ge=0)] = 0
    ascending: str = ""
    descending: str = ""
    percent: Annotated[int, Limits(ge=0, le=100)] = 10
    word: str = ""

    @property
    def id(self) -> str:
        return self.title

    @property
    def url(self) -> str:
        return ""


def check(invariant: Invariant) -> Iterator[Fault]:
    """Tell what says nothing."""
    need = NEEDS.get(invariant.check)
    if need and not getattr(invariant, need):
        yield Fault("check", f"`{invariant.check}` needs `{need}`")
    if invariant.check == "records":
        if not (invariant.least or invariant.ascending or invariant.descending):
            yield Fault("check", "`records` needs `least`, `ascending` or `descending`")
        if not invariant.of.startswith("/") or not invariant.of.endswith(".json"):
            yield Fault("of", "`of` must be a JSON file of this site", "as /events/open.json")


INVARIANTS = ContentType("invariants", Invariant, files="invariants.yaml", check=check)

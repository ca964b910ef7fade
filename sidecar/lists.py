"""Lists that staff look through: filtered, sorted and in pages, by the query of the address alone.

    USERS = Listing("/admin/users", select(User), (
        Column("name", "Name", User.name_key),
        Column("created", "Registered", User.created),
    ), (
        Filter("q", "Name or address", contains(User.name_key, User.email_key)),
        Filter("state", "State", STATE.__getitem__, options=(("active", "Active"), …)),
    ), tie=User.id)

    async with db.read() as tx:
        found = await look(tx, USERS, request.query_params)

and the template, with the macros of `sidecar/admin/lists.html`:

    {{ lists.filters(found) }}
    {% call lists.table(found, "Accounts", "No account is like that.") %}
    {% for user in found.rows %}<tr>…</tr>{% endfor %}
    {% endcall %}
    {{ lists.paging(found) }}

An empty value is as if it were not there.  One that cannot be meant is told at the top of the list
and left out: a list never answers with an error.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from pydotorg_build.content.base import Crumb, Fault
from pydotorg_build.content.lists import Paging

Where = Callable[[Any], ColumnElement[bool]]
LONGEST = 200
MOST_PAGES = 1_000_000
AROUND = 2
ALL = "all"


@dataclass(frozen=True)
class Column:
    """A column of the table; it can be sorted where `by` says what by."""

    name: str
    title: str
    by: Any = None
    is_number: bool = False


@dataclass(frozen=True)
class Filter:
    """One field of the form above a list; `where` makes a condition of what was chosen in it."""

    name: str
    label: str
    where: Where
    kind: Literal["search", "choice", "day"] = "search"
    options: tuple[tuple[str, str], ...] = ()

    @property
    def has_all(self) -> bool:
        """Is one of the options that all is shown?  Else an empty one says so."""
        return ALL in dict(self.options)

    def read(self, text: str) -> Any:
        """What was meant; a ValueError says in words what cannot be."""
        if len(text) > LONGEST or not text.isprintable():
            raise ValueError("is too long or has invisible characters")
        if self.kind == "day":
            return day_of(text)
        if self.kind == "choice" and text not in dict(self.options):
            raise ValueError(f"has no choice “{text}”")
        return text


@dataclass(frozen=True)
class Listing:
    """A list: what rows there are, how they may be chosen and sorted, and how it begins.

    `sort` is the name of a column, with a minus where the greatest comes first; `tie` settles the
    order of what is equal, so that no row is on two pages.  `begins` is what is chosen in filters
    until somebody chooses otherwise.
    """

    url: str
    rows: Select[*tuple[Any, ...]]
    columns: tuple[Column, ...]
    filters: tuple[Filter, ...] = ()
    tie: Any = None
    sort: str = ""
    size: int = 50
    begins: Mapping[str, str] = dataclasses.field(default_factory=dict)

    @property
    def all_url(self) -> str:
        """Where all rows are shown."""
        chosen = urlencode(dict.fromkeys(self.begins, ALL))
        return f"{self.url}?{chosen}" if chosen else self.url


@dataclass(frozen=True)
class Head:
    """A heading of the table; `url` sorts by it, `order` is how it is sorted now."""

    title: str
    is_number: bool
    url: str = ""
    order: Literal["none", "ascending", "descending"] = "none"


@dataclass(frozen=True)
class Found:
    """A page of a list, and all that is needed to show it."""

    listing: Listing
    rows: Sequence[Any]
    total: int
    first: int
    heads: tuple[Head, ...]
    paging: Paging
    given: Mapping[str, str]
    faults: tuple[Fault, ...] = ()

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1

    @property
    def is_filtered(self) -> bool:
        given = (self.given.get(one.name, "") for one in self.listing.filters)
        return any(text not in ("", ALL) for text in given)


def contains(*columns: Any) -> Where:
    """One of the columns holds the text, whether in capitals or not."""

    def where(text: str) -> ColumnElement[bool]:
        return or_(*(column.icontains(text.strip(), autoescape=True) for column in columns))

    return where


def is_(column: Any) -> Where:
    """The column is just that."""
    return lambda value: column == value


def since(column: Any) -> Where:
    """The column is at or after the beginning of a day."""
    return lambda day: column >= day


def until(column: Any) -> Where:
    """The column is before the end of a day."""
    return lambda day: column < day + datetime.timedelta(days=1)


def day_of(text: str) -> datetime.datetime:
    """The beginning of a day, in UTC.

    >>> day_of("2026-11-26").isoformat()
    '2026-11-26T00:00:00+00:00'
    """
    try:
        day = datetime.date.fromisoformat(text)
    except ValueError:
        raise ValueError("must be a day, as 2026-11-26") from None
    if not datetime.date(1900, 1, 1) <= day <= datetime.date(9000, 1, 1):
        raise ValueError("must be a day of our time, as 2026-11-26")
    return datetime.datetime(day.year, day.month, day.day, tzinfo=datetime.UTC)


async def look(tx: AsyncSession, listing: Listing, query: Mapping[str, str]) -> Found:
    """Find the page of a list that the query of an address asks for."""
    typed = {name: text.strip() for name, text in query.items() if text.strip()}
    given = {**listing.begins, **typed}
    faults: list[Fault] = []
    rows = listing.rows.where(*conditions(listing, given, faults))
    total = await tx.scalar(select(func.count()).select_from(rows.order_by(None).subquery())) or 0
    count = max(1, -(-total // listing.size))
    number = number_of(given.get("page", ""), count, faults)
    by = sorted_by(listing, given, faults)
    first = (number - 1) * listing.size
    asked = rows.order_by(*order_of(listing, by)).limit(listing.size).offset(first)
    result = await tx.execute(asked)
    is_one = len(asked.column_descriptions) == 1
    return Found(
        listing=listing, rows=result.scalars().all() if is_one else result.all(), total=total,
        first=first + 1 if total else 0, heads=tuple(heads(listing, by, given)),
        paging=paging_of(listing, given, number, count), given=given, faults=tuple(faults),
    )  # fmt: skip


def conditions(
    listing: Listing, given: Mapping[str, str], faults: list[Fault]
) -> Iterator[ColumnElement[bool]]:
    """The conditions of the fields that are filled in."""
    for one in listing.filters:
        if text := given.get(one.name):
            try:
                yield one.where(one.read(text))
            except ValueError as error:
                faults.append(Fault(one.name, f"“{one.label}” {error}, and was left out."))


def number_of(text: str, count: int, faults: list[Fault]) -> int:
    """The number of the page; past the end is the last."""
    if not text:
        return 1
    if not (text.isascii() and text.isdigit()) or len(text) > len(str(MOST_PAGES)):
        faults.append(Fault("page", "There is no such page; this is the first."))
        return 1
    return min(max(1, int(text)), count)


def sorted_by(listing: Listing, given: Mapping[str, str], faults: list[Fault]) -> str:
    """How the list is sorted: a column's name, with a minus for the greatest first."""
    asked = given.get("sort", "")
    known = {column.name for column in listing.columns if column.by is not None}
    if asked and asked.removeprefix("-") not in known:
        faults.append(Fault("sort", "The list cannot be sorted by that."))
        return listing.sort
    return asked or listing.sort


def order_of(listing: Listing, by: str) -> Iterator[Any]:
    """The order for the database."""
    columns = {column.name: column.by for column in listing.columns}
    descends = by.startswith("-")
    ways = [columns.get(by.removeprefix("-")), listing.tie]
    return (in_order(way, descends=descends) for way in ways if way is not None)


def in_order(by: Any, *, descends: bool) -> Any:
    """A column in an order: what is not there is less than all that is, on either database.

    That is said only where something may be missing: PostgreSQL's indexes are in another order.
    """
    may_be_missing = getattr(getattr(by, "expression", by), "nullable", False)
    if not may_be_missing:
        return by.desc() if descends else by.asc()
    return by.desc().nulls_last() if descends else by.asc().nulls_first()


def heads(listing: Listing, by: str, given: Mapping[str, str]) -> Iterator[Head]:
    """The headings: each leads to the list sorted by it, the other way round where it is so."""
    for column in listing.columns:
        if column.by is None:
            yield Head(column.title, column.is_number)
            continue
        is_up, is_down = by == column.name, by == f"-{column.name}"
        sort = f"-{column.name}" if is_up else column.name
        order: Literal["none", "ascending", "descending"] = (
            "ascending" if is_up else "descending" if is_down else "none"
        )
        url = address(listing, given, sort=sort, page="")
        yield Head(column.title, column.is_number, url, order)


def paging_of(listing: Listing, given: Mapping[str, str], number: int, count: int) -> Paging:
    """The addresses of the pages around this one, the first and the last."""

    def url(page: int) -> str:
        return address(listing, given, page=str(page) if page > 1 else "")

    near = range(max(1, number - AROUND), min(count, number + AROUND) + 1)
    return Paging(
        number=number, count=count, first=url(1), last=url(count),
        previous=url(number - 1) if number > 1 else "",
        next=url(number + 1) if number < count else "",
        numbers=tuple(Crumb(str(page), url(page)) for page in near),
    )  # fmt: skip


def address(listing: Listing, given: Mapping[str, str], **other: str) -> str:
    """The address of the list as it is asked for, but for what is `other`."""
    names = [one.name for one in listing.filters] + ["sort", "page"]
    query = {name: text for name in names if (text := {**given, **other}.get(name, ""))}
    return f"{listing.url}?{urlencode(query)}" if query else listing.url

"""Collisions: what cannot be served beside each other, as two artifacts for one address."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from pydotorg_build.problems import Problem, Source

if TYPE_CHECKING:
    from pydotorg_build.cache import Record
    from pydotorg_build.plan import Row

Place = Callable[[Source, str], Source]
SHARED = frozenset({"Asset", "Poster"})


class Claim(NamedTuple):
    """Who wants an address, in an order that does not depend on what was planned when."""

    source: Source
    url: str
    unit: str
    shared: bool


def collisions(
    record: Record, rows: Iterable[Row], gone: set[str], place: Place, *, whole: bool
) -> Iterator[Problem]:
    """Two artifacts for one address, or addresses that one file system cannot hold together.

    `gone` are the units whose artifacts of before do not count; with `whole` none does.  `place`
    finds the line of a source that a URL is written in.
    """
    rows = list(rows)
    claims: dict[str, set[Claim]] = defaultdict(set)
    twice: list[Claim] = []
    for row in rows:
        claim = _claim(row)
        if claim in claims[row.fold] and not claim.shared:
            twice.append(claim)
        claims[row.fold].add(claim)
    if not whole:
        sql = "SELECT fold, source, url, unit, type FROM artifact WHERE fold IN ({})"
        for fold, source, url, unit, kind in record.rows_in(sql, claims):
            if unit not in gone:
                claims[fold].add(Claim(Source.parse(source), url, unit, _is_shared(kind, url)))
    for claim, first in _pairs(twice, claims.values()):
        yield _taken(*(c._replace(source=place(c.source, c.url)) for c in (claim, first)))
    yield from _files_as_folders(record, rows, gone, whole=whole)


def _claim(row: Row) -> Claim:
    return Claim(Source.parse(row.source), row.url, row.unit, _is_shared(row.type, row.url))


def _is_shared(kind: str, url: str) -> bool:
    """Several pages may show one picture: its address holds the digest of what it is made of."""
    return kind in SHARED and url.startswith("/assets/")


def _pairs(twice: Iterable[Claim], claims: Iterable[set[Claim]]) -> Iterator[tuple[Claim, Claim]]:
    """Claims that cannot stand, each with the one that came first."""
    yield from ((claim, claim) for claim in twice)
    for found in claims:
        if len(found) > 1:
            first, *others = sorted(found)
            yield from ((c, first) for c in others if not (c.shared and c.url == first.url))


def _taken(claim: Claim, first: Claim) -> Problem:
    message = f"{claim.url} is already taken by {first.source}"
    if claim.url != first.url and claim.url.casefold() == first.url.casefold():
        message = f"{claim.url} differs only in case from {first.url} of {first.source}"
    return Problem(claim.source, message, "change the name, slug or alias of one")


def _files_as_folders(
    record: Record, rows: Iterable[Row], gone: set[str], *, whole: bool
) -> Iterator[Problem]:
    """`/a` as a file and `/a/b` below it cannot both be."""
    claims = {row.path: row for row in rows if row.path}
    below: dict[str, set[str]] = defaultdict(set)
    for path, row in claims.items():
        while path := path.rpartition("/")[0]:
            below[path].add(row.url)
    files = {p: _claim(row) for p, row in claims.items() if not p.endswith("index.html")}
    if not whole:
        sql = "SELECT path, source, url, unit FROM artifact WHERE path IN ({})"
        for path, source, url, unit in record.rows_in(sql, below):
            if unit not in gone and path:
                files[path] = Claim(Source.parse(source), url, unit, shared=False)
        for path in files:
            sql = "SELECT url, unit FROM artifact WHERE path > ? AND path < ?"
            rows = record.rows(sql, f"{path}/", f"{path}0")
            below[path] |= {url for url, unit in rows if unit not in gone}
    for path, claim in files.items():
        if below.get(path):
            message = f"{claim.url} and {min(below[path])} cannot both be: a file, and a folder"
            yield Problem(claim.source, message, "name one of them otherwise")

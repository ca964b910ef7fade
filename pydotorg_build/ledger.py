"""The ledger: every address that the files of the content ever had, so that none is lost.

It is a committed file, `content/ledger.txt`, that only `pydotorg check --ledger` writes:

    events 1241
    /events/python-events/pycon-us-2027/

A line without `/` names a kind of content and how many entries it had; below stand its addresses.
What depends on the clock or on snapshots is not in it: later pages of lists, months, places of jobs,
assets, and the files under /api/, which follow from the releases.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec

from pydotorg_build import commits
from pydotorg_build.checks import matcher
from pydotorg_build.problems import Problem, Source

if TYPE_CHECKING:
    from pathlib import Path

    from pydotorg_build.cache import Record
    from pydotorg_build.content.base import ContentType
    from pydotorg_build.settings import Settings

NAME = "ledger.txt"
HEAD = "# Addresses that must be answered for good.  Written by `pydotorg check --ledger`.\n"
FLEETING = re.compile(r"/page/|/\d{4}/(\d\d/)?$|^/(assets|api|jobs/location)/|[:*]")
# Of how many addresses it is looked for what became of them.
MANY = 20
TYPES = ("Page", "Redirect", "Feed", "Calendar", "Data")


@dataclass
class Ledger:
    """What stands in the file: addresses with their lines, and sizes, by kind."""

    sizes: dict[str, int] = field(default_factory=dict)
    lines: dict[str, dict[str, int]] = field(default_factory=dict)


def path_of(settings: Settings) -> str:
    """Where the ledger lies, from the root of the project."""
    return f"{settings.content}/{NAME}"


def read(text: str) -> Ledger:
    r"""Read a ledger.

    >>> read("pages 2\n/about/\n").lines
    {'pages': {'/about/': 2}}
    """
    ledger, kind = Ledger(), ""
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("/"):
            ledger.lines.setdefault(kind, {})[line] = number
        elif line and not line.startswith("#"):
            kind, _, size = line.partition(" ")
            ledger.sizes[kind] = int(size) if size.isdecimal() else 0
            ledger.lines.setdefault(kind, {})
    return ledger


def written(old: Ledger, now: Ledger) -> str:
    """The new ledger: what is there now, and what was and is still answered."""
    known = {url for urls in now.lines.values() for url in urls}
    blocks = []
    for kind in sorted(now.sizes.keys() | old.sizes.keys()):
        before = set(old.lines.get(kind, ())) - known
        urls = sorted(before | now.lines.get(kind, {}).keys())
        size = now.sizes.get(kind, old.sizes.get(kind, 0))
        blocks.append("\n".join([f"{kind} {size}", *urls, ""]))
    return HEAD + "\n".join(blocks)


def sizes(record: Record, content: str) -> dict[str, int]:
    """How many entries the files of the content have, by kind."""
    sql = "SELECT kind, count(*) FROM entry WHERE path GLOB ? GROUP BY kind"
    return dict(record.rows(sql, f"{content}/*"))


def present(record: Record, content: str, kinds: Mapping[str, ContentType]) -> Ledger:
    """What the files of the content have now, by the record of a build."""
    ledger = Ledger(sizes(record, content))
    # What a kind or one of its groups publishes as a whole, as the first page of a list, is of no
    # single file; where it leads besides may change with the day.
    groups = set(_groups(record, content, kinds))
    sql = (
        f"SELECT DISTINCT url, unit, source GLOB ? FROM artifact WHERE type IN {TYPES} AND (source"
        " GLOB ? OR (unit GLOB 'all:*' OR unit GLOB 'group:*') AND type != 'Redirect') ORDER BY url"
    )
    for url, unit, is_of_file in record.rows(sql, f"{content}/*", f"{content}/*"):
        level, kind = unit.split(":")[:2]
        is_ours = is_of_file or level == "all" or unit in groups
        if is_ours and not FLEETING.search(url):
            ledger.lines.setdefault(kind, {})[url] = 0
    return ledger


def _groups(record: Record, content: str, kinds: Mapping[str, ContentType]) -> Iterator[str]:
    """The units of the groups that files stand in: what snapshots alone bring comes and goes."""
    for kind, card in record.rows("SELECT kind, card FROM entry WHERE path GLOB ?", f"{content}/*"):
        if kind in kinds:
            for group in msgspec.msgpack.decode(card, type=kinds[kind].card).groups:
                yield f"group:{kind}:{group}"


def lacking(ledger: Ledger, now: Ledger, settings: Settings) -> Iterator[Problem]:
    """Tell that the site has addresses of files that the ledger does not hold yet."""
    known = {url for urls in ledger.lines.values() for url in urls}
    new = sorted({url for kind in now.sizes for url in now.lines.get(kind, ())} - known)
    if new:
        more = f" and {len(new) - 1} more" if len(new) > 1 else ""
        hint = "run `pydotorg check --ledger` and commit it, once they are to stay for good"
        yield Problem(Source(path_of(settings)), f"it lacks {new[0]}{more}", hint)


class Moves:
    """What became of addresses that nothing answers any more, as far as it can be guessed.

    Each is compared with all pages, so of many only the first MANY are.
    """

    def __init__(self, ledger: Ledger, record: Record, root: Path, content: str) -> None:
        self.ledger, self.record, self._root, self._content = ledger, record, root, content
        self._known = {one for urls in ledger.lines.values() for one in urls}
        self._left = MANY

    @cached_property
    def pages(self) -> list[str]:
        """The addresses of all pages."""
        return [url for (url,) in self.record.rows("SELECT url FROM artifact WHERE type='Page'")]

    @cached_property
    def _new(self) -> list[str]:
        """The pages of files that the ledger does not know yet."""
        sql = "SELECT url FROM artifact WHERE type='Page' AND source GLOB ?"
        found = self.record.rows(sql, f"{self._content}/*")
        return [url for (url,) in found if url not in self._known and not FLEETING.search(url)]

    def of(self, url: str) -> str:
        """What to write of an address of the ledger; of one that is not in it, nothing."""
        if url not in self._known:
            return ""
        gone = f"{{from: {url}, status: 410}}"
        near = self._near(url)
        if not near:
            return (
                f"in redirects.yaml write where it leads now, or that it is gone for good: {gone}"
            )
        return (
            f"did it become {near[0]}? then write `aliases: [{url}]` there, or in redirects.yaml "
            f"{{from: {url}, to: {near[0]}}}; if it is gone for good, {gone}"
        )

    def within(self, url: str) -> str:
        """A hint at the page called alike, in whatever section it stands; else nothing."""
        from difflib import get_close_matches

        name = _name(url)
        by_name = {_name(page): page for page in reversed(self.pages)}
        near = get_close_matches(name, by_name, 1, 0.75) if name else []
        return f"did you mean `{by_name[near[0]]}`?" if near else ""

    def _near(self, url: str) -> list[str]:
        """The likeliest: what says the same, a new page called alike, the only new one beside it."""
        self._left -= 1
        if self._left < 0:
            return []
        beside = [page for page in self._new if _above(page) == _above(url)]
        section = url.split("/")[1]
        return (
            self._saying_the_same(url)
            or _called_alike(url, beside)
            or (beside if len(beside) == 1 else [])
            or _called_alike(url, self._new)
            or _called_alike(url, [page for page in self.pages if page.split("/")[1] == section])
        )

    def _saying_the_same(self, url: str) -> list[str]:
        """The page with the text, or else the title, that git last knew of a page; new ones first."""
        pages = f"{self._content}/pages{url.rstrip('/')}"
        paths = (f"{pages}.md", f"{pages}/index.md")
        before = next(filter(None, (commits.last_text(self._root, path) for path in paths)), "")
        if not before:
            return []
        title, text = _said(before)
        likeness = {
            page: (text != "" and said[1] == text, said[0] == title, page in self._new,
                   _above(page) == _above(url))
            for page, said in self._texts.items()
        }  # fmt: skip
        same = [page for page, (*said, _, _) in likeness.items() if any(said)]
        return [max(same, key=lambda page: likeness[page])] if same else []

    @cached_property
    def _texts(self) -> dict[str, tuple[str, str]]:
        """What each page of a file says."""
        sql = "SELECT url, source FROM artifact WHERE type='Page' AND source GLOB ? ORDER BY url"
        found = self.record.rows(sql, f"{self._content}/pages/*.md*")
        paths = {url: self._root / Source.parse(source).path for url, source in found}
        return {
            url: _said(path.read_text(encoding="utf-8", errors="replace"))
            for url, path in paths.items()
            if path.is_file()
        }


def _said(text: str) -> tuple[str, str]:
    r"""The title and the text of a page, whatever else its front matter says.

    >>> _said("---\ntitle: Uses\norder: 2\n---\nMany.\n")
    ('title: Uses', 'Many.')
    """
    head, _, body = text.removeprefix("---\n").partition("\n---\n")
    title = next((line for line in head.split("\n") if line.startswith("title:")), "")
    return title, body.strip()


def _called_alike(url: str, pages: Iterable[str]) -> list[str]:
    """The page whose own name, the last part of its address, is most like that of another."""
    from difflib import get_close_matches

    names = {_name(page): page for page in pages}
    return [names[name] for name in get_close_matches(_name(url), names, 1)]


def _name(url: str) -> str:
    return url.rstrip("/").rpartition("/")[2]


def _above(url: str) -> str:
    """The address of the section that a page is in."""
    return url.rstrip("/").rpartition("/")[0]


def dropped(moves: Moves, settings: Settings, hidden: Iterable[str]) -> Iterator[Problem]:
    """Tell each address of the ledger that nothing answers any more.

    `hidden` are addresses that the clock alone keeps off the site.
    """
    kinds, lines, record = set(settings.nouns), moves.ledger.lines, moves.record
    wanted = {u: n for kind in lines if kind in kinds for u, n in lines[kind].items()}
    sql = "SELECT url FROM artifact WHERE url IN ({})"
    there = {url for (url,) in record.rows_in(sql, wanted)}
    lost = wanted.keys() - there - set(hidden)
    if not lost:
        return
    rows = record.rows("SELECT url FROM artifact WHERE type='Redirect'")
    is_elsewhere = matcher([url for (url,) in rows], settings.prefixes)
    for url in sorted(lost):
        if not is_elsewhere(url):
            source = Source(path_of(settings), wanted[url], 1)
            message = f"{url} was published, and nothing answers there any more"
            yield Problem(source, message, moves.of(url))


def hidden_by_the_clock(
    record: Record, kinds: Mapping[str, ContentType], now: float
) -> Iterator[str]:
    """The addresses of entries that are not on the site only because of the time."""
    sql = (
        "SELECT kind, card, data FROM entry WHERE since < 1e300 AND (since > ? OR until <= ?)"
        " AND (since > -1e300 OR until < 1e300)"
    )
    for kind, card, data in record.rows(sql, now, now):
        if kind in kinds:
            entry: Any = msgspec.msgpack.decode(data, type=kinds[kind].entry)
            yield msgspec.msgpack.decode(card, type=kinds[kind].card).url
            yield from getattr(entry, "aliases", ())

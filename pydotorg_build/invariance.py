"""Whether what editors declared in content/invariants.yaml holds."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from pydotorg_build import ledger
from pydotorg_build.content.invariants import Invariant, Sort
from pydotorg_build.links import indexed_part
from pydotorg_build.problems import Problem

if TYPE_CHECKING:
    from pydotorg_build.publishing import Reader
    from pydotorg_build.workshop import Workshop

Told = Iterator[tuple[str, str]]
ATOM = "{http://www.w3.org/2005/Atom}"
HALF_A_DAY, HALF_A_NIGHT = datetime.timedelta(hours=14), datetime.timedelta(hours=12)
TAG = re.compile(r"<[^>]*>")


def broken(shop: Workshop, invariant: Invariant, read: Reader) -> Iterator[Problem]:
    """Tell where one statement does not hold."""
    for message, hint in LOOK[invariant.check](shop, invariant, read):
        yield Problem(invariant.source, f"«{invariant.title}» does not hold: {message}", hint)


# -- records


def _records(shop: Workshop, invariant: Invariant, read: Reader) -> Told:
    try:
        rows = _rows(json.loads(read(invariant.of.lstrip("/"))))
    except (OSError, ValueError) as error:
        yield f"{invariant.of} cannot be read ({error.__class__.__name__})", "mend `of`"
        return
    real = [row for row in rows if not row.get("sample")]
    if len(real) < invariant.least:
        have = f"{len(real)} of them" if real else "none"
        hint = "add what is missing, or lower `least`"
        yield f"{invariant.of} has {have}, and {invariant.least} are wanted", hint
    for name, turned in ((invariant.ascending, False), (invariant.descending, True)):
        yield from _order(invariant.of, rows, name, turned=turned) if name else ()


def _rows(data: Any) -> list[dict[str, Any]]:
    """The records of a JSON file: its list, or the one list that it holds."""
    lists = [data] if isinstance(data, list) else [v for v in data.values() if isinstance(v, list)]
    return [row for row in lists[0] if isinstance(row, dict)] if lists else []


def _order(of: str, rows: list[dict[str, Any]], name: str, *, turned: bool) -> Told:
    for before, after in pairwise(rows):
        one, two = (after, before) if turned else (before, after)
        if name not in one or name not in two:
            yield f"a record of {of} has no `{name}`", f"name a field, as {', '.join(before)}"
            return
        if _earliest(one[name]) > _latest(two[name]):
            names = (before.get("title", before), after.get("title", after))
            message = f"in {of}, {names[0]} ({before[name]}) stands before {names[1]}"
            yield f"{message} ({after[name]})", "the list is in the wrong order: report it"


def _earliest(value: Any) -> Any:
    """A value to compare by; a day begins first where the date line is."""
    moment = _moment(value)
    return moment - HALF_A_DAY if _is_day(value) else moment


def _latest(value: Any) -> Any:
    moment = _moment(value)
    return moment + HALF_A_NIGHT if _is_day(value) else moment


def _is_day(value: Any) -> bool:
    return isinstance(value, str) and bool(re.fullmatch(r"\d{4}-\d\d-\d\d", value))


def _moment(value: Any) -> Any:
    try:
        moment = datetime.datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return value
    return moment.replace(tzinfo=moment.tzinfo or datetime.UTC)


# -- kept


def _kept(shop: Workshop, invariant: Invariant, read: Reader) -> Told:
    path = shop.root / ledger.path_of(shop.settings)
    if not path.is_file():
        yield "there is no ledger to compare with", "write one: pydotorg check --ledger"
        return
    before = ledger.read(path.read_text(encoding="utf-8")).sizes
    now = ledger.sizes(shop.record, shop.settings.content)
    for kind in sorted(before.keys() & shop.kinds):
        lost = before[kind] - now.get(kind, 0)
        # One may go of the smallest kind too, as an announcement that is over.
        if lost > 1 and lost * 100 > before[kind] * invariant.percent:
            message = f"{kind} had {before[kind]} entries, and has {now.get(kind, 0)}"
            yield message, "bring them back; if it is meant, run: pydotorg check --ledger"


# -- search


def _search(shop: Workshop, invariant: Invariant, read: Reader) -> Told:
    sql = "SELECT path FROM output WHERE bundle != '' AND path LIKE '%.html' ORDER BY path"
    paths = [path for (path,) in shop.record.rows(sql)]
    if invariant.of:
        paths = [path for path in paths if f"/{path}".removesuffix("index.html") == invariant.of]
        if not paths:
            yield f"search does not look at {invariant.of}", "name a page that it may find"
            return
    word = re.compile(rf"\b{re.escape(invariant.word)}\b", re.IGNORECASE)
    if not any(word.search(_text(read(path))) for path in paths):
        said, of = repr(invariant.word), invariant.of
        told = f"search does not find {said} on {of}" if of else f"search finds {said} on no page"
        yield told, "say the word where people will look for it"


def _text(page: bytes) -> str:
    return TAG.sub(" ", indexed_part(page.decode("utf-8", "replace")))


# -- feeds


def _feeds(shop: Workshop, invariant: Invariant, read: Reader) -> Told:
    sql = "SELECT url, path FROM artifact WHERE type IN ('Feed', 'Calendar') ORDER BY url"
    for url, path in shop.record.rows(sql):
        reader = FEEDS.get(url.rpartition(".")[2])
        try:
            fault = reader(read(path)) if reader else "its address has no ending that is known"
        except (OSError, ValueError, ElementTree.ParseError) as error:
            fault = str(error)
        if fault:
            yield f"{url}: {fault}", "report it: feeds are made by the program"


def _rss(raw: bytes) -> str:
    channel = _parsed(raw).find("channel")
    if channel is None:
        return "there is no channel"
    items = channel.findall("item")
    return _lacks(channel, ("title", "link", "description")) or _of_items(
        items, ("guid",), [item.findtext("guid") or "" for item in items]
    )


def _atom(raw: bytes) -> str:
    feed = _parsed(raw)
    items = feed.findall(f"{ATOM}entry")
    needed = tuple(f"{ATOM}{name}" for name in ("id", "title", "updated"))
    ids = [item.findtext(f"{ATOM}id") or "" for item in items]
    return _lacks(feed, needed) or _of_items(items, needed, ids)


def _json(raw: bytes) -> str:
    feed = json.loads(raw)
    if not str(feed.get("version", "")).startswith("https://jsonfeed.org/version/"):
        return "it does not say which version of JSON Feed it is"
    ids = [str(item.get("id", "")) for item in feed.get("items", ())]
    return "" if len(set(ids)) == len(ids) and all(ids) else "an id is missing or stands twice"


def _calendar(raw: bytes) -> str:
    lines = raw.split(b"\r\n")
    if lines[0] != b"BEGIN:VCALENDAR" or lines[-2:] != [b"END:VCALENDAR", b""]:
        return "it is not one whole calendar"
    uids = [line for line in lines if line.startswith(b"UID:")]
    if lines.count(b"BEGIN:VEVENT") != len(uids) or any(len(line) > 75 for line in lines):
        return "an event has no UID, or a line is longer than 75 bytes"
    return ""


def _parsed(raw: bytes) -> ElementTree.Element:
    return ElementTree.fromstring(raw)  # noqa: S314  # our own file


def _lacks(element: ElementTree.Element, names: tuple[str, ...]) -> str:
    missing = [name.rpartition("}")[2] for name in names if element.find(name) is None]
    return f"it has no {' and no '.join(missing)}" if missing else ""


def _of_items(items: list[ElementTree.Element], needed: tuple[str, ...], ids: list[str]) -> str:
    for item in items:
        if lacking := _lacks(item, needed):
            return f"an entry: {lacking}"
    return "" if len(set(ids)) == len(ids) else "two entries have one id"


FEEDS: dict[str, Callable[[bytes], str]] = {
    "rss": _rss,
    "atom": _atom,
    "json": _json,
    "ics": _calendar,
}
LOOK: dict[Sort, Callable[[Workshop, Invariant, Reader], Told]] = {
    "records": _records,
    "kept": _kept,
    "search": _search,
    "feeds": _feeds,
}

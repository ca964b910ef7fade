"""What `pydotorg check` looks at besides all that a build does.

An invariant that does not hold is a problem, and so is what browsers would pass over in pages and
style sheets; what concerns a single text is a notice, and each page may say in its front matter,
under `unchecked`, which check it does not pass, and why.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import msgspec

from pydotorg_build import front_matter, ledger, nesting, sheets
from pydotorg_build.artifacts import Redirect
from pydotorg_build.checks import dead, matcher
from pydotorg_build.content.invariants import Invariant
from pydotorg_build.content.switches import places_of
from pydotorg_build.invariance import broken
from pydotorg_build.leftovers import leftovers
from pydotorg_build.links import Target, of_absolute, resolve
from pydotorg_build.load import make_prose
from pydotorg_build.places import place_of_text
from pydotorg_build.problems import Problem, Source, meant
from pydotorg_build.reading_aloud import Notice, notices
from pydotorg_build.templates import references, taken_in

if TYPE_CHECKING:
    from pydotorg_build.publishing import Reader
    from pydotorg_build.workshop import Workshop

ADDRESS = re.compile(r"https?://[^\s<>\"'\])},]+")
# What leads to a page of this site, in a field: of an announcement that is over, no page shows it.
LEADS = re.compile(r"(?<![\w-])(?:link|url|website): *[\"']?(/[^\s<>\"'\])},]*)")


@dataclass
class Findings:
    """What was found: problems end with 1, notices do not."""

    problems: list[Problem] = field(default_factory=list)
    notices: list[Problem] = field(default_factory=list)

    def add(self, other: Findings) -> None:
        self.problems += sorted(set(other.problems))
        self.notices += sorted(set(other.notices))


def inspect(shop: Workshop, read: Reader, now: float) -> Findings:
    """Look at the site that the record describes."""
    today = datetime.datetime.fromtimestamp(now, datetime.UTC).date()
    findings = Findings()
    off = places_of(shop.settings.off)
    for invariant in _invariants(shop):
        if not (off and invariant.of.startswith(off)):
            findings.problems += broken(shop, invariant, read)
    findings.problems += [
        *_loose(shop, read),
        *_of_sheets(shop),
        *_astray(shop),
        *_dead_addresses(shop),
    ]
    findings.notices += [*_lacking(shop), *_leftovers(shop), *_not_there_yet(shop, now)]
    for path, entry in _texts(shop):
        findings.notices += _of_text(shop, path, entry, today)
    return findings


def _invariants(shop: Workshop) -> Iterator[Invariant]:
    for (data,) in shop.record.rows("SELECT data FROM entry WHERE kind='invariants' ORDER BY id"):
        yield msgspec.msgpack.decode(data, type=Invariant)


def _loose(shop: Workshop, read: Reader) -> Iterator[Problem]:
    """Tags that are not closed, each told once of the template it comes from."""
    pages: dict[tuple[str, nesting.Loose], list[str]] = {}
    sql = "SELECT url, path, template FROM artifact WHERE type='Page' ORDER BY url"
    for url, path, template in shop.record.rows(sql):
        found = nesting.of_page(read(path).decode("utf-8", "replace"))
        for one in dict.fromkeys(one._replace(at=0) for one in found):
            pages.setdefault((template, one), []).append(url)
    for (template, one), urls in pages.items():
        more = f" and {len(urls) - 1} more" if len(urls) > 1 else ""
        message, hint = f"{one.message}, on {urls[0]}{more}", "close each tag that is opened, once"
        yield Problem(_template_of(shop, template, one.name), message, hint)


def _template_of(shop: Workshop, template: str, tag: str) -> Source:
    """The place in a template, or in what it takes in, where a tag is begun and ended unevenly."""
    folder = shop.settings.templates
    sql = "SELECT path, digest FROM source WHERE path GLOB ?"
    known, _ = references(shop.root, folder, dict(shop.record.rows(sql, f"{folder}/*")), {})
    for name in taken_in(template, known):
        text = (shop.root / folder / name).read_text(encoding="utf-8")
        places = [m.start() for m in re.finditer(rf"<{tag}\b", text)]
        if len(places) != text.count(f"</{tag}>"):
            return Source(f"{folder}/{name}", text.count("\n", 0, max(places, default=0)) + 1)
    return Source(f"{folder}/{template}")


def _of_sheets(shop: Workshop) -> Iterator[Problem]:
    sql = "SELECT path FROM source WHERE path GLOB ? ORDER BY path"
    files = {url for (url,) in shop.record.rows("SELECT url FROM artifact")}
    for (path,) in shop.record.rows(sql, f"{shop.settings.static}/*.css"):
        text = front_matter.decode((shop.root / path).read_bytes())
        yield from sheets.faults(path, text, files.__contains__)


def _astray(shop: Workshop) -> Iterator[Problem]:
    """Redirects to an address of this site that nothing answers."""
    rows = shop.record.rows("SELECT url, type, line, source FROM artifact")
    is_elsewhere = matcher(
        [u for u, kind, *_ in rows if kind == "Redirect"], shop.settings.prefixes
    )
    there = {url for url, kind, *_ in rows if kind != "Redirect"}
    off = places_of(shop.settings.off)
    for _, kind, line, source in rows:
        if kind != "Redirect":
            continue
        redirect = msgspec.msgpack.decode(line, type=Redirect)
        path = unquote(redirect.target.partition("#")[0].partition("?")[0])
        if not path.startswith("/") or ":" in path or (off and path.startswith(off)):
            continue
        if path not in there and not is_elsewhere(path):
            hint = meant(path, there, "let it lead to a page that is there", likeness=0.75)
            yield Problem(Source.parse(source), f"the redirect to {path} leads nowhere", hint)


def _dead_addresses(shop: Workshop) -> Iterator[Problem]:
    """Addresses in templates, and in what files say besides their text, on this host or on none."""
    settings, rows = shop.settings, shop.record.rows
    places: dict[Target, list[Source]] = {}
    for path, text, patterns in _written(shop):
        for found in (match for pattern in patterns for match in pattern.finditer(text)):
            if target := _target_of(found[found.lastindex or 0].rstrip(".,;:"), settings.url):
                at = found.start(found.lastindex or 0)
                line, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
                places.setdefault((target[0], ""), []).append(Source(path, line, column))
    urls = rows("SELECT url, type FROM artifact") if places else []
    there = {url for url, kind in urls if kind != "Redirect"}
    under = (*settings.prefixes, *places_of(settings.off))
    elsewhere = matcher([url for url, kind in urls if kind == "Redirect"], under)
    ids = dict.fromkeys(there, ())
    for one in dead(places, ids.get, elsewhere, lambda path: meant(path, there, likeness=0.75)):
        for place in places[one.target]:
            yield Problem(place, one.message, one.hint)


def _not_there_yet(shop: Workshop, now: float) -> Iterator[Problem]:
    """Links of texts that are shown from a later moment on: a dead one would stop all builds then."""
    rows = shop.record.rows
    sql = "SELECT kind, path, data, since FROM entry WHERE path GLOB ? AND since > ? AND since < 1e300"
    coming = [
        (path, since, msgspec.msgpack.decode(data, type=shop.kinds[kind].entry))
        for kind, path, data, since in rows(sql, f"{shop.settings.content}/*.md", now)
    ]
    if not coming:
        return
    urls = rows("SELECT url, type FROM artifact")
    there = {url for url, kind in urls if kind != "Redirect"} | {
        entry.card().url for *_, entry in coming
    }
    under = (*shop.settings.prefixes, *places_of(shop.settings.off))
    elsewhere = matcher([url for url, kind in urls if kind == "Redirect"], under)
    render = make_prose(shop.settings)
    for path, since, entry in sorted(coming, key=lambda one: one[0]):
        text = front_matter.read_markdown(front_matter.decode((shop.root / path).read_bytes())).body
        day = datetime.datetime.fromtimestamp(since, datetime.UTC).date()
        found = render(text).found
        for written in dict.fromkeys((*found.relative, *(link for link, _ in found.targets))):
            target = resolve(written, entry.card().url)
            if target and target[0] not in there and not elsewhere(target[0]):
                message = (
                    f"this is shown from {day} on, and the link to {target[0]} leads nowhere yet"
                )
                hint = "mend it, or have by then what it leads to: else no build succeeds from that day on"
                yield Problem(place_of_text(shop.root, path, written), message, hint)


def _written(shop: Workshop) -> Iterator[tuple[str, str, tuple[re.Pattern[str], ...]]]:
    """Texts of which no page tells where they lead, and how that is written; drafts may say it."""
    content, templates = shop.settings.content, shop.settings.templates
    sql = "SELECT DISTINCT path FROM entry WHERE path GLOB ? AND since < 1e300 ORDER BY path"
    for (path,) in shop.record.rows(sql, f"{content}/*"):
        text = front_matter.decode((shop.root / path).read_bytes())
        fields = text[: text.find("\n---\n", 3)] if path.endswith(".md") else text
        yield path, fields, (ADDRESS, LEADS)
    sql = "SELECT path FROM source WHERE path GLOB ? ORDER BY path"
    for (path,) in shop.record.rows(sql, f"{templates}/*"):
        text = front_matter.decode((shop.root / path).read_bytes())
        yield path, text, (ADDRESS,)


def _target_of(address: str, site: str) -> Target | None:
    """Where an address leads; None where nobody looks, as at one that a template goes on with."""
    if "{" in address:
        return None
    return resolve(address, "/") if address.startswith("/") else of_absolute(address, site)


def _texts(shop: Workshop) -> Iterator[tuple[str, Any]]:
    """The entries that are a Markdown file each, with their paths."""
    sql = "SELECT kind, path, data FROM entry WHERE path GLOB ? ORDER BY path"
    for kind, path, data in shop.record.rows(sql, f"{shop.settings.content}/*.md"):
        yield path, msgspec.msgpack.decode(data, type=shop.kinds[kind].entry)


def _of_text(shop: Workshop, path: str, entry: Any, today: datetime.date) -> Iterator[Problem]:
    document = front_matter.read_markdown(front_matter.decode((shop.root / path).read_bytes()))
    first = document.body_line - 1
    found = [
        *(note._replace(line=note.line + first) for note in notices(document.body)),
        *_overdue(entry, document, today),
    ]
    excused = {one.check for one in entry.unchecked}
    for note in found:
        if note.check not in excused:
            yield Problem(Source(path, note.line, note.column), note.message, note.hint)
    for number, one in enumerate(entry.unchecked):
        if one.check not in {note.check for note in found}:
            place = front_matter.mark_of(document, f"unchecked[{number}]")
            message = f"there is nothing that `{one.check}` would tell"
            yield Problem(Source(path, *place), message, "take it out of `unchecked`")


def _overdue(entry: Any, document: front_matter.Document, today: datetime.date) -> Iterator[Notice]:
    day = getattr(entry, "review_by", None)
    if day and day < today:
        who = f" by {entry.owner}" if entry.owner else ""
        message = f"this was to be read again{who} before {day}"
        hint = "read it, mend what is not true any more, and set `updated` and `review_by` anew"
        yield Notice("review", *front_matter.mark_of(document, "review_by"), message, hint)


def _leftovers(shop: Workshop) -> Iterator[Problem]:
    sql = "SELECT kind, path, data FROM entry WHERE path GLOB ? ORDER BY path"
    entries = shop.record.rows(sql, f"{shop.settings.content}/*")
    return leftovers(shop.root, shop.kinds, entries)


def _lacking(shop: Workshop) -> Iterator[Problem]:
    """What a ledger that is there does not hold."""
    path = shop.root / ledger.path_of(shop.settings)
    if path.is_file():
        now = ledger.present(shop.record, shop.settings.content, shop.kinds)
        held = ledger.read(path.read_text(encoding="utf-8"))
        yield from ledger.lacking(held, now, shop.settings)


def write_ledger(shop: Workshop) -> None:
    """Write the ledger anew; the build has shown that all it held is still answered."""
    path = shop.root / ledger.path_of(shop.settings)
    before = ledger.read(path.read_text(encoding="utf-8") if path.is_file() else "")
    now = ledger.present(shop.record, shop.settings.content, shop.kinds)
    path.write_text(ledger.written(before, now), encoding="utf-8")

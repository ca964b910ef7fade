"""The links, ids and searchable part of an HTML page, read by patterns.

The pages are ours: attributes stand in double quotes, and no tag is inside a comment or a script.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from html import unescape
from ipaddress import ip_address
from posixpath import normpath
from urllib.parse import unquote, urlsplit

import msgspec

ATTRIBUTE = re.compile(r'\s(href|src|id|action|poster|srcset)="([^"]*)"')
SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")
MARK = "data-pagefind-body"
INDEXED = re.compile(rf"<(\w+)[^>]*\s{MARK}[\s>]")
IGNORED = re.compile(r"<(\w+)[^>]*\sdata-pagefind-ignore[\s>]")
NO_LINK = ("/__reload__",)
# On the host of the site, but no part of it: downloads.
NOT_OURS = "/ftp/"
Target = tuple[str, str]


class Links(msgspec.Struct, frozen=True, array_like=True):
    """Where a page leads to, as (path from the root, anchor), and the ids it has itself."""

    targets: tuple[Target, ...] = ()
    ids: tuple[str, ...] = ()


class Found(msgspec.Struct, frozen=True, array_like=True):
    """The same of a piece of HTML that may stand on several pages: other links are as written.

    >>> read('<p id="a"><a href="../b/#c">b</a> <a href="/d/">d</a>')
    Found(targets=(('/d/', ''),), relative=('../b/#c',), ids=('a',), absolute=())
    """

    targets: tuple[Target, ...] = ()
    relative: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    absolute: tuple[str, ...] = ()


def links_in(html: str, url: str, known: Iterable[tuple[str, Found]] = ()) -> Links:
    """Collect the links and ids of a page; of pieces of it that are known, they are not read again.

    >>> links_in('<p id="a"><a href="../b/#c">b</a>', "/x/y/").targets
    (('/x/b/', 'c'),)
    """
    ids: list[str] = []
    targets: dict[Target, None] = {}
    for found in _pieces(html, known):
        ids += found.ids
        targets |= dict.fromkeys(found.targets)
        for link in found.relative:
            if target := _target(link, url):
                targets[target] = None
    return Links(tuple(targets), tuple(ids))


def _pieces(html: str, known: Iterable[tuple[str, Found]]) -> Iterator[Found]:
    """What is found in a page, in order.  Before and after `<main>`, most pages have the same."""
    body = _place(html, "<body", 0)
    main = _place(html, "<main", body)
    end = _place(html, "</main>", main)
    yield read(html[:body])
    yield _read_shared(html[body:main])
    for piece, found in known:
        # A piece that is not there as it was read (its pictures were put in) is read here.
        if piece and (place := html.find(piece, main, end)) >= 0:
            yield read(html[main:place])
            yield found
            main = place + len(piece)
    yield read(html[main:end])
    yield _read_shared(html[end:])


def _place(html: str, text: str, start: int) -> int:
    """Where a text stands first from `start` on; the end where it does not."""
    place = html.find(text, start)
    return len(html) if place < 0 else place


def read(html: str) -> Found:
    """Read a piece of HTML."""
    targets: dict[Target, None] = {}
    relative: list[str] = []
    absolute: list[str] = []
    ids: list[str] = []
    for name, raw in ATTRIBUTE.findall(html):
        value = unescape(raw) if "&" in raw else raw
        if name == "id":
            ids.append(value)
            continue
        values = [value]
        if name == "srcset":
            values = [part.strip().partition(" ")[0] for part in value.split(",")]
        for link in values:
            if not link.startswith("/"):
                if not (scheme := SCHEME.match(link)):
                    relative.append(link)
                elif scheme[0].lower() in ("http:", "https:"):
                    absolute.append(link)
            elif target := _target_from_root(link):
                targets[target] = None
    return Found(tuple(targets), tuple(relative), tuple(ids), tuple(absolute))


_read_shared = lru_cache(maxsize=256)(read)


def _target(link: str, url: str) -> Target | None:
    """Where a link is to be looked for; None where nobody looks."""
    target = resolve(link, url)
    return target if target and not target[0].startswith(NO_LINK) else None


@lru_cache(maxsize=4096)  # tags and sections are linked to from most pages
def _target_from_root(link: str) -> Target | None:
    return _target(link, "/")


@lru_cache(maxsize=4096)
def of_absolute(link: str, site: str) -> Target | None:
    """Where an absolute link is to be looked for: on this site; None where nobody looks.

    One that leads to no host that readers could reach stays whole, and so leads nowhere.

    >>> of_absolute("https://www.python.org/about/#a", "https://www.python.org")
    ('/about/', 'a')
    >>> of_absolute("http://localhost:8000/about/", "https://www.python.org")
    ('http://localhost:8000/about/', '')
    """
    try:
        there = urlsplit(link)
    except ValueError:
        return link, ""
    host = there.hostname or ""
    if host == urlsplit(site).hostname:
        is_file_elsewhere = there.path.startswith(NOT_OURS)
        return None if is_file_elsewhere else resolve(f"{there.path or '/'}#{there.fragment}", "/")
    return None if _is_reached(host) else (link, "")


def _is_reached(host: str) -> bool:
    """May others reach a host, by its name or number?

    >>> _is_reached("docs.python.org"), _is_reached("localhost"), _is_reached("127.0.0.1")
    (True, False, False)
    """
    try:
        return ip_address(host).is_global
    except ValueError:
        return "." in host


def resolve(link: str, url: str) -> tuple[str, str] | None:
    """Where a link on a page leads on this site; None when it leads elsewhere."""
    if link.startswith("//") or (not link.startswith("/") and SCHEME.match(link)):
        return None
    path, _, anchor = link.partition("#")
    path = path.partition("?")[0]
    path = unquote(path) if "%" in path else path
    if not path:
        path = url
    elif not path.startswith("/"):
        path = normpath(url.rpartition("/")[0] + "/" + path) + ("/" if path.endswith("/") else "")
    return path, unquote(anchor)


def indexed_part(html: str) -> str:
    """What search is to find of a page: its marked element, without what is to be ignored in it."""
    marked = html.find(MARK)
    match = INDEXED.search(html, html.rfind("<", 0, marked)) if marked > 0 else None
    if not match:
        return ""
    part = html[match.start() : _end(html, match)]
    while found := IGNORED.search(part):
        part = part[: found.start()] + part[_end(part, found) :]
    return part


def _end(html: str, opening: re.Match[str]) -> int:
    """Where the element ends that a tag opens; at the latest with `<main>`, or the text."""
    main = html.find("</main>", opening.end())
    last = main if main >= 0 else len(html)
    depth = 1
    for tag in re.compile(rf"<(/?){opening[1]}\b[^>]*>").finditer(html, opening.end(), last):
        depth += -1 if tag[1] else 1
        if not depth:
            return tag.end()
    return last

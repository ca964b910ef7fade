"""Links and anchors of rendered pages: where each leads, and whether that is there."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from html import unescape
from posixpath import normpath
from urllib.parse import unquote

import msgspec

from pydotorg_build import rules

ATTRIBUTE = re.compile(r'\s(href|src|id|action|poster|srcset)="([^"]*)"')
SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")
MARK = "data-pagefind-body"
INDEXED = re.compile(rf"<(\w+)[^>]*\s{MARK}[\s>]")
NO_LINK = ("/__reload__",)


class Links(msgspec.Struct, frozen=True, array_like=True):
    """Where a page leads to, as (path from the root, anchor), and the ids it has itself."""

    targets: tuple[tuple[str, str], ...] = ()
    ids: tuple[str, ...] = ()


def links_in(html: str, url: str) -> Links:
    """Collect the links and ids of a page.

    >>> links_in('<p id="a"><a href="../b/#c">b</a>', "/x/y/").targets
    (('/x/b/', 'c'),)
    """
    ids: list[str] = []
    found: dict[tuple[str, str], None] = {}
    for part, is_shared in _parts(html):
        absolute, relative, own = (_read_shared if is_shared else _read)(part)
        ids += own
        found |= absolute
        for link in relative:
            if target := _target(link, url):
                found[target] = None
    return Links(tuple(found), tuple(ids))


def _parts(html: str) -> Iterator[tuple[str, bool]]:
    """A page in parts; of those before and after `<main>`, most pages have the same."""
    head, body, rest = html.partition("<body")
    before, main, inside = rest.partition("<main")
    inside, end, after = inside.partition("</main>")
    yield head, False
    yield body + before, True
    yield main + inside, False
    yield end + after, True


def _read(html: str) -> tuple[dict[tuple[str, str], None], list[str], list[str]]:
    """Where a part leads to, by addresses from the root; its relative addresses; its ids."""
    absolute: dict[tuple[str, str], None] = {}
    relative: list[str] = []
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
                relative.append(link)
            elif target := _target_from_root(link):
                absolute[target] = None
    return absolute, relative, ids


_read_shared = lru_cache(maxsize=256)(_read)


def _target(link: str, url: str) -> tuple[str, str] | None:
    """Where a link is to be looked for; None where nobody looks."""
    target = resolve(link, url)
    return target if target and not target[0].startswith(NO_LINK) else None


@lru_cache(maxsize=4096)  # tags and sections are linked to from most pages
def _target_from_root(link: str) -> tuple[str, str] | None:
    return _target(link, "/")


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
    """What search is to find of a page: its marked element, to the end of `</main>`."""
    marked = html.find(MARK)
    match = INDEXED.search(html, html.rfind("<", 0, marked)) if marked > 0 else None
    return html[match.start() : html.find("</main>", match.end())] if match else ""


def dead(
    targets: Iterable[tuple[str, str]],
    ids_of: Callable[[str], Iterable[str] | None],
    is_elsewhere: Callable[[str], bool],
) -> Iterator[tuple[tuple[str, str], str, str]]:
    """Of some targets, those that are not there, with what to say and a hint.

    `ids_of(path)` gives the ids of a file of the site, None when there is no such file;
    `is_elsewhere(path)` says whether a redirect or the sidecar answers there.
    """
    for path, anchor in targets:
        ids = ids_of(path)
        if ids is None:
            if is_elsewhere(path):
                continue
            if not path.endswith("/") and ids_of(path + "/") is not None:
                yield (path, anchor), f"the link to {path} needs a slash at its end", ""
            else:
                yield (path, anchor), f"the link to {path} leads nowhere", "mend or remove it"
        elif anchor and anchor not in ids and anchor != "top":
            yield (path, anchor), f"{path} has no anchor #{anchor}", _near(anchor, ids)


def _near(anchor: str, ids: Iterable[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(anchor, list(ids), n=1)
    return f"did you mean #{near[0]}?" if near else "it may have been a heading that changed"


def matcher(redirects: Collection[str], prefixes: Iterable[str]) -> Callable[[str], bool]:
    """Whether an address is answered by a redirect or lies under a prefix of the sidecar.

    >>> matcher(["/one/:id"], [])("/one/1/"), matcher(["/one/:id"], [])("/one/")
    (True, False)
    """
    exact = {url for url in redirects if not url.endswith("*")}
    named = [rules.pattern(url) for url in exact if "/:" in url]
    wild = tuple(url[:-1] for url in redirects if url.endswith("*"))
    under = tuple(prefixes)

    def is_elsewhere(path: str) -> bool:
        if path in exact or (wild and path.startswith(wild)) or path.startswith(under):
            return True
        return any(pattern.fullmatch(path) for pattern in named)

    return is_elsewhere


def lost_ids(before: Mapping[str, Iterable[str]], after: Mapping[str, Iterable[str]]) -> set[str]:
    """The paths that lost an id somebody may link to, or are gone."""
    return {path for path, ids in before.items() if set(ids) - set(after.get(path, ()))}

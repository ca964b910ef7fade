"""Feeds as RSS 2.0, Atom and JSON Feed 1.1; the address says which.

There is no clock here: a feed is as old as its newest item.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Iterator
from email.utils import format_datetime
from urllib.parse import quote, urljoin
from xml.sax.saxutils import escape, quoteattr

import msgspec

from pydotorg_build.artifacts import Body, Feed, Item

HtmlOf = Callable[[Body], str]

# What XML 1.0 has no way to write, not even escaped.
IMPOSSIBLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
TAG = re.compile(r"""<[a-zA-Z](?:[^<>"']|"[^"]*"|'[^']*')*>""")
ATTRIBUTE = re.compile(r"""(?<=\s)([^\s"'<>/=]+)(\s*=\s*)("[^"]*"|'[^']*')""")
ADDRESSES = frozenset({"href", "src", "poster", "cite"})
BEFORE_ALL = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
ATOM = "http://www.w3.org/2005/Atom"
XML = '<?xml version="1.0" encoding="utf-8"?>'


class Entry(msgspec.Struct, frozen=True):
    """An item as every format wants it: addresses absolute, texts clean."""

    title: str
    url: str
    updated: datetime.datetime
    summary: str
    html: str
    author: str
    tags: tuple[str, ...]


def render_feed(feed: Feed, base: str, html_of: HtmlOf) -> bytes:
    """Write a feed; `html_of` gives the HTML of a body."""
    write = WRITERS[feed.url.rpartition(".")[2]]
    entries = [_entry(item, feed, base, html_of) for item in feed.items]
    return write(feed, base, entries).encode()


def _entry(item: Item, feed: Feed, base: str, html_of: HtmlOf) -> Entry:
    html = html_of(item.body) if item.body else ""
    url = absolute(item.url, base + feed.home)
    return Entry(
        title=_line(item.title) or url,
        url=url,
        updated=item.updated,
        summary=clean(item.summary).strip(),
        html=clean(absolute_links(html, url)),
        author=_line(item.author),
        tags=tuple(tag for tag in map(_line, item.tags) if tag),
    )


def clean(text: str) -> str:
    r"""Leave out the characters that no feed may have.

    >>> clean("a\x00b\x0cc\ud800")
    'abc'
    """
    return IMPOSSIBLE.sub("", text)


def _line(text: str) -> str:
    return " ".join(clean(text).split())


def absolute(url: str, base: str) -> str:
    """The whole of an address, with nothing in it that an address may not have.

    >>> absolute("/a b/", "https://www.python.org/blogs/")
    'https://www.python.org/a%20b/'
    """
    try:
        joined = urljoin(base, url.strip())
    except ValueError:
        joined = base
    return quote(clean(joined), safe="/:?#[]@!$&'()*+,;=%~")


def absolute_links(html: str, base: str) -> str:
    """Make the links and pictures of HTML independent of where it is read.

    >>> absolute_links('<a href="/about/">', "https://www.python.org/blogs/")
    '<a href="https://www.python.org/about/">'
    """

    def attribute(match: re.Match[str]) -> str:
        name, equals, value = match.groups()
        mark, written = value[0], value[1:-1]
        if name.lower() in ADDRESSES:
            written = _joined(written, base)
        elif name.lower() == "srcset":
            written = ", ".join(_sources(written, base))
        return f"{name}{equals}{mark}{written}{mark}"

    return TAG.sub(lambda tag: ATTRIBUTE.sub(attribute, tag[0]), html)


def _sources(srcset: str, base: str) -> Iterator[str]:
    """The pictures of a `srcset`, each with its size."""
    for picture in srcset.split(","):
        if words := picture.split():
            yield " ".join((_joined(words[0], base), *words[1:]))


def _joined(url: str, base: str) -> str:
    """Join as it stands: it is HTML, and escaped already."""
    try:
        return urljoin(base, url)
    except ValueError:
        return url


def newest(entries: Iterable[Entry]) -> datetime.datetime:
    """When a feed last changed; an empty one never did."""
    return max((entry.updated for entry in entries), default=BEFORE_ALL)


def rfc3339(moment: datetime.datetime) -> str:
    """A moment as Atom and JSON Feed write it.

    >>> rfc3339(datetime.datetime(2026, 11, 25, 8, tzinfo=datetime.UTC))
    '2026-11-25T08:00:00Z'
    """
    whole = moment.astimezone(datetime.UTC).replace(microsecond=0)
    return whole.isoformat().replace("+00:00", "Z")


def rfc822(moment: datetime.datetime) -> str:
    """A moment as RSS writes it.

    >>> rfc822(datetime.datetime(2026, 11, 25, 8, tzinfo=datetime.UTC))
    'Wed, 25 Nov 2026 08:00:00 GMT'
    """
    return format_datetime(moment.astimezone(datetime.UTC), usegmt=True)


def _element(name: str, text: str, **attributes: str) -> str:
    """An element of text, or nothing where there is none to say."""
    return f"<{_opened(name, attributes)}>{escape(text)}</{name}>" if text else ""


def _empty(name: str, **attributes: str) -> str:
    return f"<{_opened(name, attributes)}/>"


def _opened(name: str, attributes: dict[str, str]) -> str:
    return " ".join((name, *(f"{key}={quoteattr(value)}" for key, value in attributes.items())))


def _lines(*parts: str | Iterable[str]) -> str:
    """The parts one below the other, without those that say nothing."""
    flat = [line for part in parts for line in ([part] if isinstance(part, str) else part)]
    return "\n".join(line for line in flat if line)


def rss(feed: Feed, base: str, entries: list[Entry]) -> str:
    """RSS 2.0.  Whole texts and authors' names go in where readers look for them."""
    spaces = (
        f'xmlns:atom="{ATOM}" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"'
    )
    title = _line(feed.title)
    address = absolute(feed.url, base)
    changed = rfc822(newest(entries)) if entries else ""
    return _lines(
        XML,
        f'<rss version="2.0" {spaces}>\n<channel>',
        _element("title", title),
        _element("link", absolute(feed.home, base)),
        # The description of RSS is HTML; ours, like a summary, is plain text.
        _element("description", escape(_line(feed.description) or title)),
        _element("lastBuildDate", changed),
        _empty("atom:link", href=address, rel="self", type="application/rss+xml"),
        (_rss_item(entry) for entry in entries),
        "</channel>\n</rss>\n",
    )


def _rss_item(entry: Entry) -> str:
    return _lines(
        "<item>",
        _element("title", entry.title),
        _element("link", entry.url),
        _element("guid", entry.url, isPermaLink="true"),
        _element("pubDate", rfc822(entry.updated)),
        _element("dc:creator", entry.author),
        (_element("category", tag) for tag in entry.tags),
        _element("description", escape(entry.summary)),
        _element("content:encoded", entry.html),
        "</item>",
    )


def atom(feed: Feed, base: str, entries: list[Entry]) -> str:
    """Atom.  The author of what names none is the site."""
    address = absolute(feed.url, base)
    return _lines(
        XML,
        f'<feed xmlns="{ATOM}">',
        _element("title", _line(feed.title)),
        _element("subtitle", _line(feed.description)),
        _element("id", address),
        _element("updated", rfc3339(newest(entries))),
        _empty("link", rel="self", type="application/atom+xml", href=address),
        _empty("link", rel="alternate", type="text/html", href=absolute(feed.home, base)),
        _author(_line(feed.title)),
        (_atom_entry(entry) for entry in entries),
        "</feed>\n",
    )


def _author(name: str) -> str:
    return f"<author>{_element('name', name)}</author>" if name else ""


def _atom_entry(entry: Entry) -> str:
    return _lines(
        "<entry>",
        _element("title", entry.title),
        _empty("link", rel="alternate", type="text/html", href=entry.url),
        _element("id", entry.url),
        _element("published", rfc3339(entry.updated)),
        _element("updated", rfc3339(entry.updated)),
        _author(entry.author),
        (_empty("category", term=tag) for tag in entry.tags),
        _element("summary", entry.summary),
        _element("content", entry.html, type="html"),
        "</entry>",
    )


def json_feed(feed: Feed, base: str, entries: list[Entry]) -> str:
    """JSON Feed 1.1."""
    content = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": _line(feed.title),
        "home_page_url": absolute(feed.home, base),
        "feed_url": absolute(feed.url, base),
        **_said(description=_line(feed.description)),
        "items": [_json_item(entry) for entry in entries],
    }
    return msgspec.json.format(msgspec.json.encode(content), indent=1).decode() + "\n"


def _json_item(entry: Entry) -> dict[str, object]:
    # A JSON Feed's item must have a content, also when it is nothing but its summary.
    content = _said(content_html=entry.html) or {"content_text": entry.summary}
    return {
        "id": entry.url,
        "url": entry.url,
        "title": entry.title,
        **content,
        **_said(summary=entry.summary),
        "date_published": rfc3339(entry.updated),
        **_said(authors=[{"name": entry.author}] if entry.author else []),
        **_said(tags=entry.tags),
    }


def _said(**values: object) -> dict[str, object]:
    """The values that say something."""
    return {name: value for name, value in values.items() if value}


WRITERS: dict[str, Callable[[Feed, str, list[Entry]], str]] = {
    "rss": rss,
    "atom": atom,
    "xml": atom,
    "json": json_feed,
}

"""A feed as a stranger's server sends it, read into entries of clean plain text.

Nothing in it is believed: markup becomes text, addresses are whole or left out, and an entry that
says no day, or one that is yet to come, is left out and counted.
"""

from __future__ import annotations

import calendar
import datetime
import io
import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from typing import Any, NamedTuple
from urllib.parse import quote, urljoin, urlsplit

from pydotorg_build.content.blog_entries import SUMMARY, row_key

TITLE = 200
LONGEST = 2000
# A clock may be wrong, and a zone be written wrongly; an entry from tomorrow is shown tomorrow.
AHEAD = datetime.timedelta(days=1)
FIRST = datetime.datetime(1991, 2, 20, tzinfo=datetime.UTC)
# What a text may not hold: control signs, and those that turn the direction of what follows.
ODD = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff"
                 "\ue000\ue001]")  # fmt: skip
CLOSED = re.compile(r"</[a-zA-Z]")
UNSEEN = frozenset({"script", "style", "template", "title", "noscript", "iframe", "object", "svg"})
INLINE = frozenset({"a", "abbr", "b", "code", "em", "font", "i", "kbd", "mark", "q", "s", "small",
                    "span", "strong", "sub", "sup", "tt", "u", "var", "wbr"})  # fmt: skip


class NoFeed(Exception):
    """Why a text is no feed, in words for the person who reads the report."""


class Reading(NamedTuple):
    """The rows of a feed by their keys, and why how many entries are not among them."""

    rows: dict[str, dict[str, Any]]
    left_out: dict[str, int]


def read_feed(
    body: bytes, feed: str, url: str, now: datetime.datetime, most: int, type: str = ""
) -> Reading:
    """Read the newest entries of a feed that came from `url`.  Raises NoFeed."""
    parsed = _parse(body, url, type)
    left_out: dict[str, int] = {}
    rows: dict[str, dict[str, Any]] = {}
    found = [_row(entry, feed, url, now) for entry in parsed.entries]
    good = [row for row in found if isinstance(row, dict)]
    for row in sorted(good, key=lambda row: row["published"], reverse=True):
        key = row_key(feed, row.get("guid") or row["url"])
        if key in rows:
            _count(left_out, "a second one of the same id")
        elif len(rows) == most:
            _count(left_out, f"older than the newest {most}")
        else:
            rows[key] = row
    for reason in found:
        if isinstance(reason, str):
            _count(left_out, reason)
    return Reading(rows, left_out)


def _count(left_out: dict[str, int], reason: str) -> None:
    left_out[reason] = left_out.get(reason, 0) + 1


def _parse(body: bytes, url: str, type: str) -> Any:
    import feedparser

    if not body.strip():
        raise NoFeed("it is empty")
    headers = {"content-location": url, **({"content-type": type} if type else {})}
    # As a stream: bytes that look like an address or a path would be opened by feedparser.
    parsed = feedparser.parse(
        io.BytesIO(body),
        response_headers=headers,
        # Only words are kept, see `plain`; both cost more than all else.
        resolve_relative_uris=False,
        sanitize_html=False,
    )
    if parsed.version and (parsed.entries or not _is_broken(parsed)):
        return parsed
    if parsed.version or b"<rss" in body[:1000] or b"<feed" in body[:1000]:
        raise NoFeed("its XML is broken, and no entry can be made out")
    raise NoFeed("it is no feed")


def _is_broken(parsed: Any) -> bool:
    """Is its XML wrong?  That its server names another character set does not count."""
    import feedparser

    return isinstance(parsed.get("bozo_exception"), Exception) and not isinstance(
        parsed.bozo_exception, feedparser.CharacterEncodingOverride
    )


def _row(entry: dict[str, Any], feed: str, base: str, now: datetime.datetime) -> Any:
    """The fields of an entry, or why it is left out."""
    link = address(entry.get("link", ""), base)
    if not link:
        return "without an address"
    published = moment(entry, "published") or moment(entry, "updated")
    if published is None:
        return "without a day"
    if published > now + AHEAD:
        return "dated in the future"
    summary = shortened(_text(entry, "summary") or _content(entry), SUMMARY)
    updated = moment(entry, "updated")
    row = {
        "title": shortened(_text(entry, "title") or summary, TITLE) or urlsplit(link).netloc,
        "feed": feed,
        "url": link,
        "published": _written(published),
        "updated": _written(updated) if updated and published < updated <= now else "",
        "author": shortened(plain(str(entry.get("author") or "")), TITLE),
        "summary": summary,
        "guid": ODD.sub("", str(entry.get("id") or "")).strip()[:LONGEST],
    }
    return {name: value for name, value in row.items() if value}


def _text(entry: Mapping[str, Any], name: str) -> str:
    """A text of an entry as plain text; one that says that it is plain keeps its signs."""
    detail = entry.get(f"{name}_detail") or {}
    value = str(detail.get("value") or entry.get(name) or "")
    # RSS does not say which it is, and feedparser takes for plain what has tags it does not allow.
    is_plain = detail.get("type") == "text/plain" and not CLOSED.search(value)
    return _line(value) if is_plain else plain(value)


def _content(entry: Mapping[str, Any]) -> str:
    for content in entry.get("content") or ():
        if text := plain(str(content.get("value") or "")):
            return text
    return ""


class _Words(HTMLParser):
    """Gathers the words of HTML, without what nobody would see."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._unseen: list[str] = []

    def handle_starttag(self, tag: str, _: Any) -> None:
        if tag in UNSEEN:
            self._unseen.append(tag)
        if tag not in INLINE:
            self.words.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._unseen:
            del self._unseen[self._unseen.index(tag) :]
        if tag not in INLINE:
            self.words.append(" ")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.words.append(data)


def plain(html: str) -> str:
    """The words of HTML, on one line.

    >>> plain("<p>Fish &amp; <b>chips</b></p><script>alert(1)</script><p>Tea")
    'Fish & chips Tea'
    """
    reader = _Words()
    reader.feed(html[: 20 * LONGEST])  # more than this no summary needs
    reader.close()
    return _line("".join(reader.words))


def _line(text: str) -> str:
    return " ".join(ODD.sub(" ", text).split())


def shortened(text: str, most: int) -> str:
    """A text of at most so many signs, cut between words.

    >>> shortened("one two three", 9)
    'one two…'
    """
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    return (cut.rpartition(" ")[0] or cut).rstrip(" ,;:.") + "…"


def address(link: Any, base: str) -> str:
    """A link as a whole address of the web, or nothing.

    >>> address("../b c", "https://a.example/x/y/")
    'https://a.example/x/b%20c'
    >>> address("javascript:alert(1)", "https://a.example/")
    ''
    """
    written = ODD.sub("", str(link)).strip()
    try:
        whole = quote(urljoin(base, written), safe="/:?#[]@!$&'()*+,;=%~") if written else ""
        parts = urlsplit(whole)
        is_web = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return ""
    return whole if is_web and "@" not in parts.netloc and len(whole) <= LONGEST else ""


def moment(entry: dict[str, Any], name: str) -> datetime.datetime | None:
    """A moment of an entry in UTC; None where it says none that can be."""
    try:
        # Of the dict itself: feedparser's own look-up gives one moment for the other.
        parsed = dict.__getitem__(entry, f"{name}_parsed")
        found = datetime.datetime.fromtimestamp(calendar.timegm(parsed), datetime.UTC)
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return None
    return found if found >= FIRST else None


def _written(found: datetime.datetime) -> str:
    return found.isoformat().replace("+00:00", "Z")


def told(left_out: Mapping[str, int]) -> Iterator[str]:
    """What was left out, in words."""
    yield from (f"{count} {reason}" for reason, count in sorted(left_out.items()))

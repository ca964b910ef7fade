"""What strangers typed and is more than text where it is shown: found in anything that we put out.

Payloads carry MARK.  It may stand in texts, and in values that nothing runs; nowhere else.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from urllib.parse import urlsplit
from xml.etree import ElementTree

MARK = "pwn"
# What a template that takes a payload for its own makes of SUM.
SUM, SUMMED = "{{977*984}}", re.compile("961,?368")
ADDRESSES = frozenset({"href", "src", "action", "formaction", "poster", "data", "xlink:href"})
SCHEMES = frozenset({"", "http", "https", "mailto", "webcal"})
FORMULA = ("=", "+", "-", "@", "\t", "\r")
# Elements of feeds whose text readers take for HTML.
HTML = frozenset({"description", "encoded"})
FOLD = re.compile(r"\r?\n[ \t]")
LINE = re.compile(r"^(?:ATTACH|BCC|BEGIN:VALARM|PWN)\b", re.MULTILINE | re.IGNORECASE)


class Reader(HTMLParser):
    """Reads HTML as browsers do, and notes where the mark is more than text."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inside = ""

    def handle_starttag(self, tag, attrs):
        given = {name: value or "" for name, value in attrs}
        self.inside = f"{tag} {given.get('type', '')}" if tag in ("script", "style") else ""
        for name, value in {**given, tag: ""}.items():
            runs = name.startswith("on") or name in ("style", "srcdoc")
            leads = name in ADDRESSES and urlsplit(value.strip()).scheme not in SCHEMES
            if MARK in name or (MARK in value and (runs or leads)):
                self.found.append(self.get_starttag_text() or tag)

    def handle_endtag(self, tag):
        self.inside = ""

    def handle_data(self, data):
        if self.inside and MARK in data:
            if "json" in self.inside:
                json.loads(data)
            else:
                self.found.append(data)

    def other(self, data):
        if MARK in data:
            self.found.append(data)

    handle_comment = handle_decl = handle_pi = unknown_decl = other


def in_html(text: str) -> list[str]:
    if MARK not in unescape(text).lower():
        return []
    reader = Reader()
    reader.feed(text)
    reader.close()
    return reader.found


def in_feed(text: str) -> Iterator[str]:
    for element in ElementTree.fromstring(text).iter():
        name = element.tag.rpartition("}")[2]
        if MARK in f"{name} {' '.join(element.attrib)}":
            yield name
        if name in HTML or element.get("type") == "html":
            yield from in_html(element.text or "")


def in_json(value: object) -> Iterator[str]:
    if isinstance(value, list):
        for one in value:
            yield from in_json(one)
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from in_html(one) if name.endswith("html") else in_json(one)


def in_calendar(text: str) -> list[str]:
    return LINE.findall(FOLD.sub("", text))


def in_sheet(text: str) -> list[str]:
    cells = (cell for row in csv.reader(io.StringIO(text)) for cell in row)
    return [cell for cell in cells if MARK in cell and cell.startswith(FORMULA)]


READERS = {
    "html": in_html, "rss": in_feed, "atom": in_feed, "xml": in_feed, "svg": in_feed,
    "ics": in_calendar, "csv": in_sheet, "json": lambda text: in_json(json.loads(text)),
}  # fmt: skip


def harm_in(text: str, kind: str) -> list[str]:
    """Where a text of a kind, as its ending says it, does more than to show what was typed."""
    read = READERS.get(kind)
    return [*SUMMED.findall(text), *(read(text) if read and text.strip() else ())]

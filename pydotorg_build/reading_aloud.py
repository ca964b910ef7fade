"""Notices on prose: what a text says badly to those who hear it, or who only look at its links.

A picture without words and a heading out of order stop the build (`strict_headings`); what stands
here stops nothing: `pydotorg check` tells them with their place and how to mend it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from pydotorg_build.markdown_html import TAGS
from pydotorg_build.nesting import loose

FENCE = re.compile(r"^ {0,3}(```+|~~~+)")
CODE = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)")
PICTURE = re.compile(r"!\[([^\]]+)\][(\[]")
FILE = re.compile(r"[\w.-]+\.(png|jpe?g|gif|webp|avif|svg)", re.IGNORECASE)
LINK = re.compile(r"(?<!!)\[([^\]\[]+)\][(\[]")
SHORT_FORM = re.compile(r"<[\w+.-]+:[^<>\s]*>")
HEADING = re.compile(r"^ {0,3}(#{1,6})\s")
# What a link says nothing with, when it is read without what stands round it.
EMPTY = frozenset(
    ("here", "click here", "click", "link", "this", "this link", "this page", "this site", "more",
     "read more", "learn more", "more info", "page", "website")
)  # fmt: skip
PICTURES = frozenset(("image", "picture", "photo", "screenshot", "logo", "figure", "graphic"))


class Notice(NamedTuple):
    """What is said badly: which check says so, where (from 1), and how to mend it."""

    check: str
    line: int
    column: int
    message: str
    hint: str


def notices(text: str) -> Iterator[Notice]:
    """Tell what is said badly in a Markdown text.

    >>> [(n.line, n.column, n.message) for n in notices("See [here](/a/).")]
    [(1, 5, 'the link says only «here»')]
    """
    yield from _left_open(text)
    level = 1
    for number, line in _prose(text):
        for found in PICTURE.finditer(line):
            if found[1].strip().lower() in PICTURES or FILE.fullmatch(found[1].strip()):
                message = (f"the words for the picture say nothing: «{found[1]}»", ALT_HINT)
                yield _at("alt", number, found, message)
        for found in LINK.finditer(line):
            said = found[1].strip(" *_.").lower()
            if said in EMPTY:
                message = (f"the link says only «{found[1]}»", LINK_HINT)
                yield _at("links", number, found, message)
        if heading := HEADING.match(line):
            deeper = len(heading[1])
            if deeper > level + 1 or deeper == 1:
                right = "#" * min(level + 1, 6)
                message = (f"the heading `{heading[1]}` is not the next level", f"write `{right}`")
                yield _at("headings", number, heading, message)
            level = deeper


ALT_HINT = "say what it shows, as ![A snake on a keyboard](…)"
HTML_HINT = "close each tag that is opened, once; what stays open ends with the text"
LINK_HINT = "let the link say where it leads, as [the calendar of events](…)"


def _at(check: str, line: int, found: re.Match[str], told: tuple[str, str]) -> Notice:
    return Notice(check, line, found.start() + 1, *told)


def _left_open(text: str) -> Iterator[Notice]:
    """Blocks of code and HTML that end nowhere, but with the text."""
    since = 0
    for number, _, is_code in _lines(text):
        since = (since or number) if is_code else 0
    if since:
        message = "this block of code has no end, so all that follows is code"
        yield Notice("code", since, 1, message, "close it with the signs that it begins with")
    lines = dict(_prose(text))
    html = "\n".join(lines.get(n, "") for n in range(1, text.count("\n") + 2))
    for one in loose(SHORT_FORM.sub(lambda found: " " * len(found[0]), html)):
        if one.name in TAGS:
            line, column = html.count("\n", 0, one.at) + 1, one.at - html.rfind("\n", 0, one.at)
            yield Notice("html", line, column, one.message, HTML_HINT)


def _prose(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a text that are no code, with code in a line blanked out."""
    for number, line, is_code in _lines(text):
        if not is_code and not FENCE.match(line) and not line.startswith(("    ", "\t")):
            yield number, CODE.sub(lambda found: " " * len(found[0]), line)


def _lines(text: str) -> Iterator[tuple[int, str, bool]]:
    """Each line with its number, and whether a block of code is open after it."""
    fence = ""
    for number, line in enumerate(text.split("\n"), 1):
        mark = FENCE.match(line)
        if fence:
            fence = "" if mark and mark[1].startswith(fence) else fence
        elif mark:
            fence = mark[1]
        yield number, line, bool(fence)

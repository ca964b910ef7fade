"""Whether the tags of a page close each other: where they do not, each browser guesses.

The pages are read by patterns, as `links` does.  What HTML lets one leave open, as `</li>`, may be.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

TAG = re.compile(r"<(/?)([a-zA-Z][\w-]*)([^<>]*)")
# What has text in it that may look like tags.
TEXT = re.compile(r"<!--.*?-->|<(script|style|textarea)\b.*?</\1>", re.DOTALL)
VOID = frozenset(
    ("area", "base", "body", "br", "col", "embed", "head", "hr", "html", "img", "input", "link",
     "meta", "source", "track", "wbr")
)  # fmt: skip
MAY_STAY_OPEN = frozenset(
    ("caption", "colgroup", "dd", "dt", "li", "optgroup", "option", "p", "rp", "rt", "tbody",
     "td", "tfoot", "th", "thead", "tr")
)  # fmt: skip


class Loose(NamedTuple):
    """A tag that has no other end: where it stands in the text, and how it is written."""

    at: int
    tag: str

    @property
    def name(self) -> str:
        """The name of its element."""
        return self.tag.strip("</>")

    @property
    def message(self) -> str:
        """What is wrong with it."""
        closes = self.tag.startswith("</")
        return f"`{self.tag}` " + ("closes nothing" if closes else "is not closed")


def loose(html: str) -> list[Loose]:
    """The tags of a piece of HTML that are not closed, or close nothing.

    >>> [one.message for one in loose("<main><h1>A<p>b</main></div>")]
    ['`<h1>` is not closed', '`</div>` closes nothing']
    """
    html = TEXT.sub(_blank, html)
    if _is_whole(html):
        return []
    found: list[Loose] = []
    begun: list[Loose] = []
    for tag in TAG.finditer(html):
        name = tag[2].lower()
        if name in VOID or tag[3].endswith("/"):
            continue
        if not tag[1]:
            begun.append(Loose(tag.start(), f"<{name}>"))
        elif any(one.tag == f"<{name}>" for one in begun):
            found += _closed(begun, f"<{name}>")
        else:
            found.append(Loose(tag.start(), f"</{name}>"))
    return sorted(found + [one for one in begun if one.name not in MAY_STAY_OPEN])


def _is_whole(html: str) -> bool:
    """Does each tag close the last one that is open?  Nearly every page is so."""
    begun: list[str] = []
    for end, name, more in TAG.findall(html):
        if end:
            if not begun or begun.pop() != name:
                return False
        elif name not in VOID and not more.endswith("/"):
            begun.append(name)
    return not begun


def _closed(begun: list[Loose], tag: str) -> Iterator[Loose]:
    """Take off what is open up to a tag; what had to be closed before is loose."""
    while (last := begun.pop()).tag != tag:
        if last.name not in MAY_STAY_OPEN:
            yield last


def _blank(found: re.Match[str]) -> str:
    return " " * len(found[0])


def of_main(html: str) -> list[Loose]:
    """What is loose in the part of a page that is its own."""
    begin, end = _main(html)
    return loose(html[begin:end])


def of_frame(html: str) -> list[Loose]:
    """What is loose round it, which is alike on many pages."""
    begin, end = _main(html)
    return loose(html[:begin] + html[end:])


def _main(html: str) -> tuple[int, int]:
    begin, end = html.find("<main"), html.find("</main>")
    return (begin, end + len("</main>")) if 0 <= begin < end else (0, len(html))

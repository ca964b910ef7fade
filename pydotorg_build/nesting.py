"""Whether the tags of a page close each other: where they do not, each browser guesses.

The pages are read by patterns, as `links` does.  What HTML lets one leave open, as `</li>`, may be.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
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
    tags = [
        (one.start(), f"<{one[1]}{one[2].lower()}>")
        for one in TAG.finditer(html)
        if not _stands_alone(one[2].lower(), one[3])
    ]
    found = _loose(tuple(tag for _, tag in tags))
    return [Loose(tags[one.at][0], one.tag) for one in found]


# A fault of the frame is on each page, and most have the same tags.
@lru_cache(maxsize=2000)
def _loose(tags: tuple[str, ...]) -> tuple[Loose, ...]:
    """Of tags alone; each stands at its number among them."""
    found: list[Loose] = []
    begun: list[Loose] = []
    for at, tag in enumerate(tags):
        if not tag.startswith("</"):
            begun.append(Loose(at, tag))
        elif any(one.tag == tag.replace("/", "") for one in begun):
            found += _closed(begun, tag.replace("/", ""))
        else:
            found.append(Loose(at, tag))
    return tuple(sorted(found + [one for one in begun if one.name not in MAY_STAY_OPEN]))


def _is_whole(html: str) -> bool:
    """Does each tag close the last one that is open?  Nearly every page is so."""
    begun: list[str] = []
    for end, name, more in TAG.findall(html):
        if _stands_alone(name, more):
            continue
        if not end:
            begun.append(name)
        elif not begun or begun.pop() != name:
            return False
    return not begun


def _stands_alone(name: str, more: str) -> bool:
    return name in VOID or more.endswith("/")


def _closed(begun: list[Loose], tag: str) -> Iterator[Loose]:
    """Take off what is open up to a tag; what had to be closed before is loose."""
    while (last := begun.pop()).tag != tag:
        if last.name not in MAY_STAY_OPEN:
            yield last


def _blank(found: re.Match[str]) -> str:
    return " " * len(found[0])


def of_page(html: str) -> list[Loose]:
    """What is loose in a page: in the part that is its own, and round it, each for itself."""
    if _is_whole(TEXT.sub(_blank, html)):
        return []
    begin, end = _main(html)
    return loose(html[begin:end]) + loose(html[:begin] + html[end:])


def _main(html: str) -> tuple[int, int]:
    begin, end = html.find("<main"), html.find("</main>")
    return (begin, end + len("</main>")) if 0 <= begin < end else (0, len(html))

"""What a browser passes over in a style sheet without a word: braces left open, pictures not there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from urllib.parse import urljoin

from pydotorg_build.links import SCHEME
from pydotorg_build.problems import Problem, Source

# Comments and texts, in which nothing counts.
QUIET = re.compile(r"""/\*.*?(?:\*/|\Z)|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'""", re.DOTALL)
COMMENT = re.compile(r"/\*.*?(\*/|\Z)", re.DOTALL)
ADDRESS = re.compile(r"""(?<!import )\burl\(\s*(["']?)(.*?)\1\s*\)""")
BUNDLES = "/assets/css/"
ROOT = "give its address from the root, as url(/picture.svg) for static/root/picture.svg"


def faults(path: str, text: str, is_there: Callable[[str], bool]) -> Iterator[Problem]:
    """Tell what is wrong with a sheet; `is_there` says whether the site has an address."""

    def at(place: int, message: str, hint: str) -> Problem:
        line = text.count("\n", 0, place) + 1
        return Problem(Source(path, line, place - text.rfind("\n", 0, place)), message, hint)

    for comment in COMMENT.finditer(text):
        if not comment[1]:
            yield at(comment.start(), "this comment has no end", "close it with `*/`")
    begun: list[int] = []
    for brace in re.finditer("[{}]", QUIET.sub(_blank, text)):
        if brace[0] == "{":
            begun.append(brace.start())
        elif begun:
            begun.pop()
        else:
            yield at(brace.start(), "`}` closes nothing", "take it out, or open what it closes")
    for place in begun:
        yield at(place, "`{` is not closed", "put `}` where the rule ends")
    for found in ADDRESS.finditer(COMMENT.sub(_blank, text)):
        address = found[2].partition("#")[0].partition("?")[0]
        if address and not SCHEME.match(address) and not is_there(urljoin(BUNDLES, address)):
            yield at(found.start(), f"there is no `{address}`", ROOT)


def _blank(found: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", found[0])

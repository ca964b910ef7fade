"""Takes out of a page what leads to a kind of content that is switched off.

A line of a list that is only such a link goes as a whole, and so does a form that asks there; any
other link stays as the words it had.
"""

from __future__ import annotations

import re
from functools import partial

from pydotorg_build.links import resolve

LINK = r'<a\b[^>]*\shref="([^"]*)"[^>]*>'
ITEM = re.compile(rf"[ \t]*<li\b[^>]*>\s*{LINK}[^<]*</a>\s*</li>\n?")
ANCHOR = re.compile(rf"{LINK}(.*?)</a>", re.DOTALL)
FORM = re.compile(r'[ \t]*<form\b[^>]*\saction="([^"]*)"[^>]*>.*?</form>\n?', re.DOTALL)
HEAD = re.compile(r'[ \t]*<link\b[^>]*\shref="([^"]*)"[^>]*>\n?')


def unlinked(html: str, url: str, places: tuple[str, ...]) -> str:
    """A page without what leads to some places.

    >>> unlinked('<p><a href="/jobs/">All <b>jobs</b></a></p>', "/", ("/jobs/",))
    '<p>All <b>jobs</b></p>'
    """
    for pattern, left in ((HEAD, 0), (FORM, 0), (ITEM, 0), (ANCHOR, 2)):
        html = pattern.sub(partial(_without, url, places, left), html)
    return html


def _without(url: str, places: tuple[str, ...], left: int, found: re.Match[str]) -> str:
    target = resolve(found[1], url)
    if target is None or not target[0].startswith(places):
        return found[0]
    return found[left] if left else ""

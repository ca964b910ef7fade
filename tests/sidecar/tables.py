"""Tables of the desk as they are written: on a phone they are told row by row."""

from __future__ import annotations

import re

TOLD = re.compile(r' role="(?:table|rowgroup|row|cell|rowheader|columnheader)"| data-label="[^"]*"')


def plain(page: str) -> str:
    """A page without what tells a screen reader and a phone of the parts of its tables."""
    return TOLD.sub("", page)

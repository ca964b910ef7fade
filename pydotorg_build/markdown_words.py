"""Words of a text in other places than where they were written: ids, excerpts, between tags."""

import re

EXCERPT = 300
_ACCENTS = re.compile("[\u0300-\u036f]")
_BETWEEN = re.compile(r"[^a-z0-9]+")


def quoted(text: str) -> str:
    """Text as it stands between tags."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def slug(text: str) -> str:
    """The id of a heading.

    >>> slug("What’s new in Python 3.14?")
    'whats-new-in-python-3-14'
    """
    text = text.casefold().replace("'", "").replace("’", "")
    if not text.isascii():
        from unicodedata import normalize

        text = _ACCENTS.sub("", normalize("NFKD", text))
    return _BETWEEN.sub("-", text).strip("-") or "section"


def shortened(text: str) -> str:
    """The beginning of a text, up to the last whole word."""
    text = " ".join(text.split())
    return text if len(text) <= EXCERPT else text[:EXCERPT].rpartition(" ")[0] + " …"

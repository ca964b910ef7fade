"""Curly quotes, dashes and ellipses, from what a keyboard has."""

import re

# Quotes, and runs of hyphens and dots.  (Each alternative begins with one letter: that is fast.)
_SIGNS = re.compile(r""""|'|--+|\.\.\.+""")
_DASHES = {2: "–", 3: "—"}
_DECADE = re.compile(r"\d\ds\b")
# After these (or nothing, or a space) a quote opens; after anything else it closes.
_OPENERS = frozenset("([{<-–—/=“‘\"'")


def has_signs(text: str) -> bool:
    """Whether there may be anything to do: a quick answer for a whole text."""
    return "'" in text or '"' in text or "--" in text or "..." in text


def typeset(text: str, before: str = " ") -> str:
    """`text` with typographic signs; `before` is the character in front of it.

    >>> typeset('''"It's" -- he said... 'no' ''')
    '“It’s” – he said… ‘no’ '
    """

    def sign(found: re.Match[str]) -> str:
        signs, start, end = found[0], found.start(), found.end()
        last = text[start - 1] if start else before
        if signs in "\"'":
            return _quote(signs, last, text, end)
        if signs[0] == ".":
            return "…" if signs == "..." else signs
        return _dash(signs, last if start else " ", text[end : end + 1] or " ")

    return _SIGNS.sub(sign, text)


def _quote(quote: str, last: str, text: str, end: int) -> str:
    opens = last.isspace() or last in _OPENERS
    if opens and text[end : end + 1] in (" ", "\t"):
        return quote
    if quote == '"':
        return "“" if opens else "”"
    return "‘" if opens and not _DECADE.match(text, end) else "’"


def _dash(hyphens: str, last: str, following: str) -> str:
    """A dash between words, close to both or apart from both; not before the name of an option."""
    apart = last.isspace() and following.isspace()
    close = last.isalnum() and following.isalnum()
    return _DASHES.get(len(hyphens), hyphens) if apart or close else hyphens

"""Whether a text reads as English: by the small words that English cannot do without.  No I/O.

It is evidence and no verdict: it counts words, and whoever decides reads the text.
"""

from __future__ import annotations

import re

# Each is frequent in English, and rare in other languages that are written with the same letters.
COMMON = frozenset(["the", "and", "of", "to", "with", "you", "your", "our", "are", "this", "that", "these", "those", "been", "from", "has", "their", "they", "it", "or", "by", "which", "who", "what", "when", "where", "would", "should", "can", "not", "any", "about", "into", "than"])  # fmt: skip
FEWEST = 25  # of fewer words nothing can be said
LEAST = 0.07  # English prose has 0.2 and more, a bare list of links 0.1; other languages have hardly any
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
ADDRESS = re.compile(r"https?://\S+|\S+@\S+")


def words_of(text: str) -> list[str]:
    """The words of a text, without addresses.

    >>> words_of("Ask [Ada](https://ada.example/) about *Python* 3!")
    ['ask', 'ada', 'about', 'python']
    """
    return WORD.findall(ADDRESS.sub(" ", text).casefold())


def common_in(text: str) -> tuple[int, int] | None:
    """How many common English words a text has, and words at all; None where it is too short."""
    words = words_of(text)
    return (sum(word in COMMON for word in words), len(words)) if len(words) >= FEWEST else None


def is_english(common: int, words: int) -> bool:
    """Does a text with so many common words read as English?"""
    return common >= LEAST * words

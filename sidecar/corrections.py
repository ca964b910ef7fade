"""Small corrections of a text that is shown: which its author may publish without a decision.

The policy: only the body differs from the version that a moderator approved last, by at most five
words, and none of these says yes or no, a number, or where to go.  So a slip is mended at once, and
nobody can turn an approved text into another by small steps.  No I/O.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from typing import Any

from sidecar.kinds.base import filled_in

WORDS = 5
A_WEEK, WEEK = 3, datetime.timedelta(days=7)
# One in so many is shown to moderators afterwards.
SAMPLE = 4
BODY = "text"
LONGEST = 5000  # words; comparing more takes too long
EDGES = ".,;:!?\"'“”‘’()…"
NEGATIONS = frozenset(
    [
        "no",
        "not",
        "non",
        "nor",
        "none",
        "never",
        "neither",
        "nobody",
        "nothing",
        "nowhere",
        "without",
        "cannot",
        "except",
        "unless",
    ]
)
INSIDE = re.compile(r"[-'’‐]")


def is_small(approved: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """May a version be published by its author, over the one that was approved last?

    >>> is_small({"text": "You bake bred."}, {"text": "You bake bread."})
    True
    >>> is_small({"text": "You do bake."}, {"text": "You do not bake."})
    False
    """
    approved, new = filled_in(approved), filled_in(new)
    names = approved.keys() | new.keys()
    if any(approved.get(name) != new.get(name) for name in names - {BODY}):
        return False
    before, after = (str(one.get(BODY, "")).split() for one in (approved, new))
    if max(len(before), len(after)) > LONGEST:
        return False
    changes = list(changed(before, after))
    count = sum(max(len(old), len(fresh)) for old, fresh in changes)
    return count <= WORDS and all(
        map(is_plain, (w for pair in changes for side in pair for w in side))
    )


def changed(before: list[str], after: list[str]) -> Iterator[tuple[list[str], list[str]]]:
    """The runs of words that are others: what stood there, and what stands there now."""
    found = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    for what, i, i_end, j, j_end in found:
        if what != "equal":
            yield before[i:i_end], after[j:j_end]


def is_plain(word: str) -> bool:
    """Is it a word of letters, that neither denies nor counts nor leads anywhere?

    >>> [is_plain(w) for w in ("bread,", "well-known", "2", "www.a.example", "a@b", "don’t", "[a](b)")]
    [True, True, False, False, False, False, False]
    """
    bare = unicodedata.normalize("NFKC", word).casefold().strip(EDGES)
    letters = INSIDE.sub("", bare)
    denies = bare in NEGATIONS or bare.replace("’", "'").endswith("n't")
    return not denies and all(unicodedata.category(sign)[0] in "LM" for sign in letters)

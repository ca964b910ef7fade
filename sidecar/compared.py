"""Two texts beside each other: which words of each the other has not."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

# Of longer ones it would take too long to say what moved where.
MOST = 4_000
Pieces = list[tuple[str, bool]]


def compared(before: str, after: str) -> tuple[Pieces, Pieces]:
    """Both texts in pieces, and of each piece whether the other text has it not.

    >>> compared("a red owl", "a blue owl")
    ([('a ', False), ('red ', True), ('owl', False)], [('a ', False), ('blue ', True), ('owl', False)])
    >>> compared("", "an owl")
    ([], [('an owl', True)])
    """
    old, new = (re.findall(r"\S+\s*|\s+", text) for text in (before, after))
    if max(len(old), len(new)) > MOST:
        return [(before, True)], [(after, True)]
    gone: Pieces = []
    come: Pieces = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new).get_opcodes():
        for pieces, words in ((gone, old[a:b]), (come, new[c:d])):
            if words:
                pieces.append(("".join(words), tag != "equal"))
    return gone, come

"""Two texts beside each other: which words of each the other has not."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import NamedTuple

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


class Difference(NamedTuple):
    """What stands in a field, and what stood there: its label, and both texts."""

    label: str
    before: str
    after: str

    @property
    def pieces(self) -> tuple[Pieces, Pieces]:
        """What it was and what it is, with what the other has not."""
        return compared(self.before, self.after)


class Saying(NamedTuple):
    """A table of what a version says: its title, the titles of its columns, and its rows.

    With two columns it stands beside another one: `note` says which, `same` that it is no other, and
    `marks` are the elements of what only one of them has.
    """

    title: str
    columns: tuple[str, ...]
    rows: list[Difference]
    note: str = ""
    same: str = "Nothing was filled in."
    marks: tuple[str, str] = ("del", "ins")

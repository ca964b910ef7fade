"""What can be wrong with the content, and how the build says it.

A problem names the place, says what is wrong, and where it can, what to do:

    content/minutes/2025-01-15.md:3:1: `dat` is not a field of Minutes
      hint: did you mean `date`?

A stage gathers its problems and raises them together, so one run shows them all.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

PLACE = re.compile(r"(.*?)(?::(\d+))?(?::(\d+))?", re.DOTALL)


class Source(msgspec.Struct, frozen=True, order=True):
    """The place a piece of content came from; a line or column of 0 is not known."""

    path: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return ":".join([self.path, *(str(n) for n in (self.line, self.column) if n)])

    @classmethod
    def parse(cls, text: str) -> "Source":
        """Read a source that was written out.

        >>> Source.parse("content/a.md:3:1")
        Source(path='content/a.md', line=3, column=1)
        """
        path, line, column = PLACE.fullmatch(text).groups(default="0")  # type: ignore[union-attr]
        return cls(path, int(line), int(column))


class Problem(msgspec.Struct, frozen=True, order=True):
    """One thing that a person must put right."""

    source: Source
    message: str
    hint: str = ""

    def __str__(self) -> str:
        text = f"{self.source}: {self.message}"
        return f"{text}\n  hint: {self.hint}" if self.hint else text

    @classmethod
    def parse(cls, text: str) -> "Problem":
        """Read a problem that was written out.

        >>> Problem.parse(str(Problem(Source("a.md", 3), "no title", "give one")))
        Problem(source=Source(path='a.md', line=3, column=0), message='no title', hint='give one')
        """
        place, _, said = text.partition(": ")
        message, _, hint = said.partition("\n  hint: ")
        return cls(Source.parse(place), message, hint)


def meant(
    word: str, known: Iterable[Any], otherwise: str = "", *, most: int = 1, likeness: float = 0.6
) -> str:
    """A hint at what is known and most like a word or an address; where nothing is, another hint.

    >>> meant("dat", ["date", "title"])
    'did you mean `date`?'
    """
    from difflib import get_close_matches

    near = get_close_matches(word, [str(one) for one in known], most, likeness)
    return f"did you mean {' or '.join(f'`{one}`' for one in near)}?" if near else otherwise


class Problems(Exception):
    """The problems of one stage, in the order of the files, each told once."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__("\n".join(map(str, self.problems)))


def told_once(problems: Iterable[Problem]) -> Iterator[Problem]:
    """What is wrong in a template is told of one page, with how many others have it too."""
    alike: dict[tuple[Source, str], list[Problem]] = {}
    for problem in problems:
        alike.setdefault((problem.source, problem.message), []).append(problem)
    for (source, message), found in alike.items():
        pages = "page" if len(found) == 2 else "pages"
        more = f", and on {len(found) - 1} more {pages}" if len(found) > 1 else ""
        # The same one, in whichever order they were rendered.
        yield Problem(source, message + more, min(problem.hint for problem in found))


def of_the_system(error: OSError) -> Problem:
    """A file or folder that could not be used, or a full disk."""
    hint = "see whether it is there, whether you may use it, and whether the disk is full"
    return Problem(Source(str(error.filename or "(system)")), f"{error.strerror or error}", hint)

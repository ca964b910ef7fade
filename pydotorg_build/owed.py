"""What is wrong with a site of which some files could not be read: what may only be owed to those is left out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from pydotorg_build.content.lists import slug
from pydotorg_build.problems import Problem

# What a message names: an address, or a name between backquotes.
NAMED = re.compile(r"`([^`]+)`|(/[^\s#,]*)")


class Missing:
    """The files that could not be read, by what they are called and what they say."""

    def __init__(self, root: Path, paths: Iterable[str]) -> None:
        every = [Path(path) for path in sorted(set(paths))]
        self._indexes = {_plain(one.parent.name) for one in every if one.stem == "index"}
        self._names = {_plain(one.stem) for one in every if one.stem != "index"}
        self._texts = [_plain(_read(root / one)) for one in every]

    def certain(self, problems: Iterable[Problem]) -> Iterator[Problem]:
        """The problems that stay when these files are mended."""
        for problem in problems:
            named = [name or url for name, url in NAMED.findall(problem.message)]
            if named and not any(self._may_bring(one) for one in named):
                yield problem

    def _may_bring(self, named: str) -> bool:
        parts = [_plain(part) for part in named.split("/") if part]
        return not parts or (
            parts[-1] in self._indexes
            or any(parts[-1] in text for text in self._texts)
            or any(name in part for name in self._names for part in parts)
        )


def _plain(text: str) -> str:
    """Letters and digits alone: `Czech Republic` is `czech-republic` in an address."""
    return slug.__wrapped__(text).replace("-", "")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""

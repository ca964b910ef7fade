"""What a check finds beside files that cannot be read: what may only be owed to those is left out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pydotorg_build.checks import matcher
from pydotorg_build.content.lists import slug
from pydotorg_build.problems import Problem, Problems

# What a message names: what stands between backquotes, or an address.
NAMED = re.compile(r"`([^`]+)`|(?<!\S)(/[^\s#,]*)")
# The files that come with a list, which is called by its folder.
WITH_A_LIST = re.compile(r"/(?:feed\.(?:rss|atom|json)|calendar\.ics)$")
# Read as text, since a file with a fault may be no YAML.
KEY = re.compile(r"(?:^|(?<=[\s{,]))[\w-]+:(?=\s|$)", re.MULTILINE)
BETWEEN = re.compile(r"[\[\]{},]")
YEAR = re.compile(r"-\d{4}$")


class Faults:
    """What a check has found so far; it goes on with the files that can be read."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._found: list[Problem] = []
        self._missing = Missing(root, ())

    def __bool__(self) -> bool:
        return bool(self._found)

    def unread(self, problems: Iterable[Problem]) -> None:
        """Take what is wrong with files of which not all could be read."""
        self._take(problems)

    def beside(self, problems: Iterable[Problem]) -> None:
        """Take what is wrong with the files that could be read, and so keeps pages from being made."""
        self._take(self._missing.certain(problems))

    def _take(self, problems: Iterable[Problem]) -> None:
        self._found += problems
        self._missing = Missing(self._root, (problem.source.path for problem in self._found))

    @contextmanager
    def told(self) -> Iterator[None]:
        """Raise what was found, and what is raised meanwhile with it."""
        try:
            yield
        except Problems as found:
            self.beside(found.problems)
        if self._found:
            raise Problems(self._found)


class Missing:
    """What files that could not be read would bring, by what they are called and what they say."""

    def __init__(self, root: Path, paths: Iterable[str]) -> None:
        every = [Path(path) for path in sorted(set(paths))]
        self._folders = {slug(one.parent.name) for one in every if one.stem == "index"}
        stems = {slug(one.stem) for one in every if one.stem != "index"}
        # The page of 3.14.0 is /downloads/release/python-3140/.
        self._files = stems | {stem.replace("-", "") for stem in stems}
        said = {text for one in every for text in _said_in(root / one)}
        self._said = {slug(text) for text in said}
        self._leads = matcher({text for text in said if text.startswith("/")}, ())

    def certain(self, problems: Iterable[Problem]) -> Iterator[Problem]:
        """The problems that stay when these files are mended."""
        for problem in problems:
            named = (name or url for name, url in NAMED.findall(problem.message))
            if not any(self._may_bring(one) for one in named):
                yield problem

    def _may_bring(self, named: str) -> bool:
        # The page at / is content/home.md; events that stand together are called by title and year.
        place = WITH_A_LIST.sub("/", named)
        parts = [slug(part) for part in place.split("/") if part] or ["home"]
        return (
            self._leads(named)
            or not {parts[-1], YEAR.sub("", parts[-1])}.isdisjoint(self._folders | self._said)
            or any(f"-{name}-" in f"-{part}-" for name in self._files for part in parts)
        )


def _said_in(path: Path) -> Iterator[str]:
    """The values of the fields of a file, as they are written."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return
    if path.suffix == ".md":
        text = text.partition("\n---")[0]
    for line in KEY.sub("\n", text).splitlines():
        for part in (line, *BETWEEN.split(line)):
            if said := part.strip(" \t-'\""):
                yield said

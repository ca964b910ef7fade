"""Whether a list of addresses is answered: `pydotorg check --addresses FILE`.

The file has an address a line, or a class and an address with a tab between; `#` begins a comment.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from pydotorg_build import rules
from pydotorg_build.cache import Record
from pydotorg_build.forwarding import Rules, Step, way
from pydotorg_build.problems import Problem, Problems, Source

# The class of addresses that were worked out and never seen: nobody has to have them.
ONLY_DERIVED = "release-page-derived"
GONE = (404, 410)


class Wanted(NamedTuple):
    """An address of the list: the line it stands on, and its class, or nothing."""

    line: int
    kind: str
    url: str


class Answer(NamedTuple):
    """How an address is answered: as a page, a file, a redirect, the sidecar, gone, or not."""

    wanted: Wanted
    how: str
    steps: tuple[Step, ...] = ()

    def __str__(self) -> str:
        kind = f"{self.wanted.kind}: " if self.wanted.kind else ""
        leads = "".join(f" → {step.target} ({step.status})" for step in self.steps)
        return f"{kind}{self.wanted.url}: {self.how}{leads}"


def read_list(path: Path) -> list[Wanted]:
    """Read a list of addresses."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        hint = "name a text file with an address a line"
        raise Problems([Problem(Source(str(path)), f"cannot be read: {error}", hint)]) from None
    wanted = []
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.startswith("#"):
            kind, tab, url = line.partition("\t")
            url = (url.partition("\t")[0] if tab else kind).strip()
            wanted.append(Wanted(number, kind if tab else "", _from_root(url)))
    return wanted


def _from_root(url: str) -> str:
    return re.sub(r"^https?://[^/]+", "", url) or "/"


class Addresses:
    """The addresses of the site that a record describes, with its rules."""

    def __init__(self, record: Record, redirects: str, prefixes: tuple[str, ...]) -> None:
        sql = "SELECT url, type FROM artifact WHERE type != 'Redirect'"
        self._types: dict[str, str] = dict(record.rows(sql))
        self._rules = Rules(rules.parse(redirects))
        self._prefixes = prefixes

    def answer(self, wanted: Wanted) -> Answer:
        """Follow an address to its end."""
        steps = tuple(way(self._rules, wanted.url, self._is_there))
        last = steps[-1] if steps else None
        end = last.target if last else wanted.url
        if last and last.status in GONE:
            return Answer(wanted, "gone" if last.status == 410 else "nothing", steps)
        if len({step.target for step in steps}) < len(steps):
            return Answer(wanted, "a circle", steps)
        if not end.startswith("/"):
            return Answer(wanted, "a redirect", steps)
        how = self._how(unquote(end.partition("#")[0].partition("?")[0]))
        if how == "nothing" or not steps or (last and last.status == 200):
            return Answer(wanted, how, steps)
        return Answer(wanted, "a redirect", steps)

    def _is_there(self, path: str) -> bool:
        return path in self._types

    def _how(self, path: str) -> str:
        if path in self._types:
            return "a page" if self._types[path] == "Page" else "a file"
        if f"{path}/" in self._types:
            return "a redirect"
        return "the sidecar" if path.startswith(self._prefixes) else "nothing"


def report(answers: list[Answer]) -> Iterator[str]:
    """A line for each way of answering, and one for each address that takes more than one step."""
    counts = Counter((answer.wanted.kind, answer.how) for answer in answers)
    for (kind, how), count in sorted(counts.items()):
        yield f"{count:6} {kind or 'addresses'}: {how}"
    for answer in answers:
        if len(answer.steps) > 1:
            yield f"chain: {answer}"


def unanswered(answers: list[Answer], path: Path) -> Iterator[Problem]:
    """Tell each address that nothing answers, but those that were only worked out."""
    for answer in answers:
        lost = answer.how in ("nothing", "a circle")
        if lost and answer.wanted.kind != ONLY_DERIVED:
            hint = "write where it leads in redirects.yaml, or `status: 410` if it is gone for good"
            yield Problem(Source(str(path), answer.wanted.line, 1), f"{answer}", hint)

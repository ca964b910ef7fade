"""`_redirects` and `_headers` as a host reads them: for the development server and for tests."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, unquote


class Rule(NamedTuple):
    """One line of `_redirects`."""

    url: str
    query: Mapping[str, str]
    target: str
    status: int

    def answer(self, path: str, query: Mapping[str, str]) -> str | None:
        """Where the rule leads a request; None when it is not meant."""
        found = pattern(self.url).fullmatch(path)
        if found is None:
            return None
        chosen = found.groupdict(default="")
        for name, wanted in self.query.items():
            if name not in query:
                return None
            if wanted.startswith(":"):
                chosen[wanted[1:]] = query[name]
            elif wanted != query[name]:
                return None
        return _filled(self.target, chosen)


@lru_cache(maxsize=10_000)
def pattern(url: str) -> re.Pattern[str]:
    """What an address stands for: `:name` for one part of a path, `*` at its end for any rest.

    A slash at the end does not count, except in what `*` stands for.
    """
    parts = re.split(r"(/\*$|\*$|(?<=/):[a-z_]+)", unquote(url))
    whole = "".join(_meaning(part) for part in parts).removesuffix("/")
    return re.compile(whole if url.endswith("*") else f"{whole}/*", re.DOTALL)


def _meaning(part: str) -> str:
    if part.startswith(":"):
        return f"(?P<{part[1:]}>[^/]+)"
    rest = {"/*": "(?:/(?P<splat>.*))?", "*": "(?P<splat>.*)"}
    return rest.get(part) or re.escape(part)


def _filled(target: str, chosen: Mapping[str, str]) -> str:
    """A target with what `:names` in it stand for."""
    for name in sorted(chosen, key=len, reverse=True):
        target = target.replace(f":{name}", quote(chosen[name]))
    return target


def redirects(folder: Path) -> Iterator[Rule]:
    """The rules of a built folder, in order; the first that is meant counts."""
    yield from parse("\n".join(_lines(folder / "_redirects")))


def parse(text: str) -> Iterator[Rule]:
    """The rules of a text of `_redirects`."""
    for line in filter(str.strip, text.splitlines()):
        url, *query, target, status = line.split()
        pairs = (pair.partition("=") for pair in query)
        yield Rule(url, {n: unquote(v) for n, _, v in pairs}, target, int(status))


def headers(folder: Path, path: str) -> dict[str, str]:
    """The headers of one address: later rules win over earlier ones."""
    found: dict[str, str] = {}
    counts = False
    for line in _lines(folder / "_headers"):
        if not line.startswith(" "):
            counts = _matches(line, path)
        elif counts:
            name, _, value = line.strip().partition(": ")
            found[name.lower()] = value
    return found


def _matches(pattern: str, path: str) -> bool:
    head, star, tail = pattern.partition("*")
    if not star:
        return path == pattern
    return path.startswith(head) and path.endswith(tail) and len(path) >= len(head) + len(tail)


def _lines(path: Path) -> Iterator[str]:
    if path.is_file():
        yield from (line for line in path.read_text(encoding="utf-8").splitlines() if line.strip())

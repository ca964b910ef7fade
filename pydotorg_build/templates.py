"""Which templates a template takes in: its closure, and the digest of it all."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydotorg_build.digests import digest_texts
from pydotorg_build.front_matter import Mistake, decode
from pydotorg_build.problems import Problem, Source

TAKES = re.compile(
    r"{%[-+]?\s*(extends|include|import|from)\s+"
    r"(?:([\"'])([^\"']+)\2(?=\s*(?:[-+]?%}|import\b|as\b|with\b|without\b|ignore\b))"
    r"|(.+?)(?=\s*(?:[-+]?%}|$)))",
    re.MULTILINE,
)

References = dict[str, tuple[str, list[str]]]


def references(
    root: Path, folder: str, digests: Mapping[str, str], known: Mapping[str, tuple[str, list[str]]]
) -> tuple[References, list[Problem]]:
    """What each template names, by its name below the folder; only changed ones are read."""
    found: References = {}
    problems = []
    for path, digest in digests.items():
        if not path.startswith(f"{folder}/"):
            continue
        name = path.removeprefix(f"{folder}/")
        before = known.get(name)
        if before is not None and before[0] == digest:
            found[name] = (digest, list(before[1]))
            continue
        try:
            text = decode((root / path).read_bytes())
        except Mistake as mistake:
            problems.append(mistake.problem(path))
            continue
        named = []
        for match in TAKES.finditer(text):
            if match[4]:
                problems.append(_dynamic(path, text, match))
            else:
                named.append(match[3])
        found[name] = (digest, sorted(set(named)))
    return found, problems or list(_missing(root, folder, found))


def _missing(root: Path, folder: str, found: References) -> Iterator[Problem]:
    """Templates that are named and are not there, even where nothing is made of the one naming."""
    for name, (_, named) in found.items():
        for other in named:
            if other not in found:
                text = (root / folder / name).read_text(encoding="utf-8")
                line = text.count("\n", 0, text.find(other)) + 1
                source = Source(f"{folder}/{name}", line)
                yield Problem(source, f"there is no template {other!r}", f"put it below {folder}/")


def _dynamic(path: str, text: str, match: re.Match[str]) -> Problem:
    line = text.count("\n", 0, match.start()) + 1
    message = f"`{match[1]} {match[4]}`: the name must be written out, between quotes"
    return Problem(Source(path, line), message, "what a page is made of must be known beforehand")


def closures(found: References) -> dict[str, str]:
    """The digest of each template with all it takes in."""
    return {name: _closure(name, found) for name in found}


def _closure(name: str, found: References) -> str:
    seen: dict[str, str] = {}
    queue = [name]
    while queue:
        one = queue.pop()
        if one not in seen:
            digest, named = found.get(one, ("missing", []))
            seen[one] = digest
            queue += named
    return digest_texts(*[f"{one}={digest}" for one, digest in sorted(seen.items())])


def taken_in(name: str, found: References) -> list[str]:
    """The templates a template takes in, itself first."""
    seen: dict[str, None] = {}
    queue = [name]
    while queue:
        one = queue.pop(0)
        if one not in seen:
            seen[one] = None
            queue += found.get(one, ("", []))[1]
    return list(seen)

"""`_headers` and `_redirects` of a built folder, read as Netlify reads them.

What we never write (countries, roles, cookies, other domains) is not understood.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, urlsplit

STATUS = re.compile(r"(\d{3})(!?)")
PLACEHOLDER = re.compile(r":([A-Za-z_]\w*)")


class HeaderRule(NamedTuple):
    """The headers of the paths that fit a pattern."""

    pattern: re.Pattern[str]
    headers: tuple[tuple[str, str], ...]


class Rule(NamedTuple):
    """A line of `_redirects`.  A forced one wins over a file that is there."""

    path: str
    target: str
    status: int = 301
    forced: bool = False
    query: tuple[tuple[str, str], ...] = ()


class Answer(NamedTuple):
    """What a rule says about a request."""

    status: int
    target: str


@lru_cache(maxsize=2)
def read_headers(text: str) -> tuple[HeaderRule, ...]:
    """Read `_headers`: a path, and below it, indented, its headers."""
    rules: list[tuple[str, list[tuple[str, str]]]] = []
    for line in text.splitlines():
        name, colon, value = line.strip().partition(":")
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if not line[0].isspace():
            rules.append((line.strip(), []))
        elif colon and rules:
            rules[-1][1].append((name.strip().lower(), value.strip()))
    return tuple(HeaderRule(_pattern(path), tuple(headers)) for path, headers in rules)


def _pattern(path: str) -> re.Pattern[str]:
    """What fits a path of `_headers`: `*` is anything, `:name` is one segment."""
    escaped = re.escape(path).replace(r"\*", ".*")
    return re.compile(re.sub(r"(?<=/):\w+", "[^/]+", escaped), re.DOTALL)


def headers_for(path: str, rules: tuple[HeaderRule, ...]) -> dict[str, str]:
    """The headers of a path: the later rule wins; within a rule, values of one name add up."""
    found: dict[str, str] = {}
    for rule in rules:
        if rule.pattern.fullmatch(path):
            own: dict[str, str] = {}
            for name, value in rule.headers:
                own[name] = f"{own[name]}, {value}" if name in own else value
            found |= own
    return found


@lru_cache(maxsize=2)
def read_redirects(text: str) -> tuple[Rule, ...]:
    """Read `_redirects`: from, parameters, to, status; one a line."""
    lines = (line.partition(" #")[0].split() for line in text.splitlines())
    return tuple(rule for words in lines if (rule := _rule(words)))


def _rule(words: list[str]) -> Rule | None:
    """Read a line.

    >>> _rule(["/d/", "release=:r", "/download/:r/", "302!"])
    Rule(path='/d/', target='/download/:r/', status=302, forced=True, query=(('release', ':r'),))
    """
    places = [n for n, word in enumerate(words[1:], 1) if word.startswith(("/", "http"))]
    if not places or not words[0].startswith("/"):
        return None
    place = places[0]
    query = tuple((name, value) for name, _, value in (w.partition("=") for w in words[1:place]))
    status = next((found for word in words[place + 1 :] if (found := STATUS.fullmatch(word))), None)
    code, forced = (int(status[1]), bool(status[2])) if status else (301, False)
    return Rule(words[0], words[place], code, forced, query)


def answer(path: str, query: str, rules: tuple[Rule, ...], *, forced: bool) -> Answer | None:
    """What the first rule says that fits a request and does not lead it to itself."""
    wanted = dict(parse_qsl(query, keep_blank_values=True))
    for rule in rules:
        if rule.forced < forced or (names := _fit(rule, path, wanted)) is None:
            continue
        target = _target(rule, names, query)
        if target.partition("?")[0] != quote(path):
            return Answer(rule.status, target)
    return None


def _fit(rule: Rule, path: str, query: Mapping[str, str]) -> dict[str, str] | None:
    """The values of a rule's names where it fits; a slash at the end makes no difference."""
    names: dict[str, str] = {}
    if rule.path.endswith("/*"):
        stem = rule.path[:-1]
        if not f"{path}/".startswith(stem):
            return None
        names["splat"] = path[len(stem) :]
    elif rule.path.rstrip("/") != path.rstrip("/"):
        return None
    for name, value in rule.query:
        if name not in query or (not value.startswith(":") and query[name] != value):
            return None
        if value.startswith(":"):
            names[value[1:]] = query[name]
    return names


def _target(rule: Rule, names: Mapping[str, str], query: str) -> str:
    """Where a rule leads; parameters go along unless the rule says which it wants or gives."""

    def value(match: re.Match[str]) -> str:
        return quote(names[match[1]]) if match[1] in names else match[0]

    target = PLACEHOLDER.sub(value, rule.target)
    goes_along = query and not rule.query and not urlsplit(rule.target).query
    return f"{target}?{query}" if goes_along else target


def without_tls(headers: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The headers that hold for a server without TLS.

    A browser would ask for styles and scripts by https where the policy says so.
    """
    for name, value in headers.items():
        if name == "content-security-policy":
            parts = [part.strip() for part in value.split(";")]
            yield name, "; ".join(p for p in parts if p != "upgrade-insecure-requests")
        elif name != "strict-transport-security":
            yield name, value

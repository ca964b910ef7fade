"""Where redirects lead in the end: chains made into one step, circles refused, addresses looked up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote

import msgspec

from pydotorg_build.artifacts import Redirect
from pydotorg_build.problems import Problem
from pydotorg_build.rules import Rule

LASTING = (301, 308)
MOVED = (301, 302, 307, 308)
MOST = 20
IsThere = Callable[[str], bool]


class Rules:
    """Rules in the order in which a host tries them; those for one address are found at once."""

    def __init__(self, every: Iterable[Rule]) -> None:
        self._plain: dict[str, list[tuple[int, Rule]]] = {}
        self._wide: list[tuple[int, Rule]] = []
        for number, rule in enumerate(every):
            if "*" in rule.url or "/:" in rule.url:
                self._wide.append((number, rule))
            else:
                same = self._plain.setdefault(unquote(rule.url).rstrip("/"), [])
                same.append((number, rule))

    def first(self, path: str, query: dict[str, str], *, is_there: bool) -> tuple[Rule, str] | None:
        """The rule that is meant, and where it leads; a file wins over every rule."""
        if is_there:
            return None
        for _, rule in sorted([*self._plain.get(path.rstrip("/"), ()), *self._wide]):
            to = rule.answer(path, query)
            if to is not None:
                return rule, to
        return None


class Step(NamedTuple):
    """One redirect on the way: its status and where it leads."""

    status: int
    target: str


def way(rules: Rules, address: str, is_there: IsThere) -> Iterator[Step]:
    """The steps from an address to where it ends; at most so many as no circle has."""
    seen = set()
    for _ in range(MOST):
        path, _, query = address.partition("#")[0].partition("?")
        path = unquote(path)
        found = rules.first(path, dict(parse_qsl(query)), is_there=is_there(path))
        if found is None:
            return
        rule, to = found
        # Where a rule wants no parameters, those that were given go along.
        more = f"?{query}" if query and not rule.query and "?" not in to else ""
        yield Step(rule.status, to + (more if rule.status in MOVED else ""))
        if rule.status not in MOVED or not to.startswith("/") or (to, query) in seen:
            return
        seen.add((to, query))
        address = to + more


def flattened(every: Iterable[Redirect], is_there: IsThere) -> tuple[list[Redirect], list[Problem]]:
    """The same redirects, each leading where the chain ends; and the circles among them."""
    every = list(every)
    plain = [r for r in every if not r.query and r.status in MOVED]
    rules = Rules(Rule(r.url, {}, r.target, r.status) for r in in_order(plain))
    done, problems = [], []
    for redirect in every:
        end, circle = _end_of(redirect, rules, is_there)
        done.append(end)
        if circle:
            message = f"{redirect.url} leads in a circle: {' → '.join(circle)}"
            problems.append(Problem(redirect.source, message, "let one of them lead to a page"))
    return done, problems


def in_order(every: Iterable[Redirect]) -> list[Redirect]:
    """Exact ones first; of one address, those that want the most parameters; longer `*` first."""
    return sorted(every, key=_order)


def _order(redirect: Redirect) -> tuple[bool, int, str, int, list[tuple[str, str]]]:
    wild = redirect.url.endswith("*")
    length = -len(redirect.url) if wild else 0
    return (wild, length, redirect.url, -len(redirect.query), sorted(redirect.query.items()))


def _end_of(
    redirect: Redirect, rules: Rules, is_there: IsThere
) -> tuple[Redirect, tuple[str, ...]]:
    """A redirect to the end of its chain, or the circle that it is part of."""
    if redirect.status not in MOVED or not redirect.target.startswith("/"):
        return redirect, ()
    wide = ":" in redirect.target
    first = redirect.target.replace(":splat", "x").replace("/:", "/x")
    if is_there(unquote(first.partition("#")[0].partition("?")[0])):
        return redirect, ()
    steps = list(way(rules, first, is_there))
    passed = [first, *(step.target for step in steps)]
    if circle := _circle((redirect.url.replace("*", "x"), *passed)):
        return redirect, circle
    if wide or not steps:
        return redirect, ()
    anchor = next((a.partition("#")[2] for a in reversed(passed) if "#" in a), "")
    last = passed[-1].partition("#")[0] + (f"#{anchor}" if anchor else "")
    lasting = all(status in LASTING for status in (redirect.status, *(s.status for s in steps)))
    status = redirect.status if lasting or redirect.status not in LASTING else 302
    return msgspec.structs.replace(redirect, target=last, status=status), ()


def _circle(passed: tuple[str, ...]) -> tuple[str, ...]:
    """The way until it comes to where it was before; nothing if it does not."""
    paths = [_path(address) for address in passed]
    again = (n for n, path in enumerate(paths) if path in paths[:n])
    end = next(again, None)
    return () if end is None else passed[: end + 1]


def _path(address: str) -> str:
    return address.partition("#")[0].partition("?")[0].rstrip("/")

"""What may be chosen and what it costs: pure functions of the terms that the built site tells.

terms = terms_of(settings.site)
faults = faults_of(terms, "visionary", ("lunch",), taken={"lunch": 2})
price_of(terms, "visionary", ("lunch",))
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from pydotorg_build.content.base import Fault

FILE = "psf/sponsors/terms.json"


class Asked(msgspec.Struct, frozen=True):
    """What is asked of a sponsor once it is approved."""

    slug: str
    title: str
    kind: str = "text"
    days: int = 30
    hint: str = ""


class Level(msgspec.Struct, frozen=True):
    """A level of sponsorship."""

    slug: str
    title: str
    amount: int = 0
    advertised: bool = True
    logo_width: int = 175
    benefits: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    needs: tuple[Asked, ...] = ()

    @property
    def url(self) -> str:
        """Where the site lists its sponsors."""
        return f"/psf/sponsors/#level-{self.slug}"


class Addon(msgspec.Struct, frozen=True):
    """Something besides a level."""

    slug: str
    title: str
    amount: int = 0
    text: str = ""
    levels: tuple[str, ...] = ()
    standalone: bool = False
    conflicts: tuple[str, ...] = ()
    capacity: int | None = None
    needs: tuple[Asked, ...] = ()


class Clause(msgspec.Struct, frozen=True):
    """A clause of contracts."""

    slug: str
    title: str
    text: str
    levels: tuple[str, ...] = ()
    addons: tuple[str, ...] = ()


class Terms(msgspec.Struct, frozen=True):
    """All that may be chosen, and the clauses."""

    levels: tuple[Level, ...] = ()
    addons: tuple[Addon, ...] = ()
    clauses: tuple[Clause, ...] = ()

    def level(self, slug: str) -> Level | None:
        return next((one for one in self.levels if one.slug == slug), None)

    def chosen(self, slugs: tuple[str, ...]) -> list[Addon]:
        """The add-ons of these names, in the order of the list."""
        return [one for one in self.addons if one.slug in slugs]


def terms_of(site: str) -> Terms:
    """The terms that the served site has; none, where there is no such file."""
    try:
        return msgspec.json.decode((Path(site) / FILE).read_bytes(), type=Terms)
    except (OSError, msgspec.DecodeError):
        return Terms()


def offered(terms: Terms, kept: Mapping[str, Any]) -> Terms:
    """The levels and add-ons that a form offers: those of today, and what was agreed and `kept`."""
    levels = [one for one in terms.levels if one.advertised]
    known = {one.slug for one in levels}
    if (level := kept.get("level")) and level["slug"] not in known:
        levels.append(msgspec.convert(level, Level))
    slugs = {one.slug for one in terms.addons}
    old = [
        msgspec.convert(one, Addon) for one in kept.get("addons", ()) if one["slug"] not in slugs
    ]
    return Terms(tuple(levels), (*terms.addons, *old))


def price_of(terms: Terms, level: str, addons: tuple[str, ...]) -> int:
    """What a choice costs a year, in US dollars.

    >>> lunch = Addon("lunch", "Lunch", amount=40)
    >>> price_of(Terms((Level("a", "A", 100),), (lunch,)), "a", ("lunch",))
    140
    """
    return sum(amount for _, amount in bill(terms, level, addons))


def bill(terms: Terms, level: str, addons: tuple[str, ...]) -> list[tuple[str, int]]:
    """The lines of a price: what, and how much."""
    found = terms.level(level)
    lines = [(found.title, found.amount)] if found else []
    return [*lines, *((one.title, one.amount) for one in terms.chosen(addons))]


def faults_of(
    terms: Terms, level: str, addons: tuple[str, ...], taken: Mapping[str, int],
    *, by_staff: bool = False,
) -> Iterator[Fault]:  # fmt: skip
    """What is wrong with a choice; `taken` is how many of each add-on others have.

    Staff may give a level that nobody is offered.
    """
    found = terms.level(level)
    if level and (found is None or not (found.advertised or by_staff)):
        yield Fault("level", "This level is not offered. Choose another.")
    known = {one.slug for one in terms.addons}
    for slug in addons:
        if slug not in known:
            yield Fault("addons", f"There is no “{slug}” to choose any more.")
    chosen = terms.chosen(addons)
    if not level and not chosen:
        yield Fault("level", "Choose a level, or something that stands alone.")
    for one in chosen:
        yield from _of_addon(one, level, chosen, taken)


def _of_addon(
    one: Addon, level: str, chosen: list[Addon], taken: Mapping[str, int]
) -> Iterator[Fault]:
    if not level and not one.standalone:
        yield Fault("addons", f"“{one.title}” goes with a level only.")
    if level and one.levels and level not in one.levels:
        yield Fault("addons", f"“{one.title}” does not go with this level.")
    for other in chosen:
        excludes = other.slug in one.conflicts or one.slug in other.conflicts
        if excludes and one.slug < other.slug:
            yield Fault("addons", f"“{one.title}” and “{other.title}” exclude each other.")
    if is_full(one, taken):
        yield Fault("addons", f"“{one.title}” is taken for this year.")


def is_full(one: Addon, taken: Mapping[str, int]) -> bool:
    """Have others all there is of it?"""
    return one.capacity is not None and taken.get(one.slug, 0) >= one.capacity


def agreed(terms: Terms, level: str, addons: tuple[str, ...]) -> dict[str, Any]:
    """What is kept with a sponsorship, so that later terms do not change what was agreed."""
    found = terms.level(level)
    kept: dict[str, Any] = msgspec.to_builtins({
        "level": found, "addons": terms.chosen(addons),
        "clauses": [one for one in terms.clauses if _is_for(one, level, addons)],
    })  # fmt: skip
    return kept


def _is_for(clause: Clause, level: str, addons: tuple[str, ...]) -> bool:
    """Does a clause belong to this choice?"""
    has_level = not clause.levels or level in clause.levels
    return has_level and (not clause.addons or bool(set(clause.addons) & set(addons)))


def needs_of(kept: Mapping[str, Any]) -> list[Asked]:
    """What a sponsor of these terms is asked for, each once."""
    parts = [*([kept["level"]] if kept.get("level") else []), *kept.get("addons", [])]
    found = {need["slug"]: need for part in parts for need in part["needs"]}
    return [msgspec.convert(need, Asked) for need in found.values()]


def title_of(kept: Mapping[str, Any]) -> str:
    """What the level is called; without one, that there is none."""
    return str(kept["level"]["title"]) if kept.get("level") else "no level"

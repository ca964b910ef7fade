"""All entries, indexed, and the plan's questions to them.

Cards are read a kind at a time, when they are first asked for; nothing here writes.  Whatever `publish` asks is noted with the digest of the answer, so
that a later build knows what to ask again, and what need not be planned anew because every answer
is the same.
"""

from __future__ import annotations

import datetime
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydotorg_build.content.base import Card, ContentType, Entry, by_title
from pydotorg_build.digests import digest, digest_texts
from pydotorg_build.problems import Source
from pydotorg_build.settings import Settings

Moment = datetime.datetime | datetime.date
Question = tuple[str, ...]
T = TypeVar("T")


def seconds(moment: Moment) -> float:
    """A moment as seconds since 1970; a day begins at 00:00 UTC."""
    if not isinstance(moment, datetime.datetime):
        moment = datetime.datetime.combine(moment, datetime.time(), datetime.UTC)
    return moment.timestamp()


@dataclass(slots=True)
class Listed:
    """A card and what is known of its entry without reading it."""

    card: Card
    digest: str
    entry_digest: str
    path: str
    since: float = -math.inf
    until: float = math.inf


class Listing(dict[str, dict[str, Listed]]):
    """The cards of all entries by kind; those of a kind are read when they are first asked for."""

    def __init__(
        self, read: Callable[[str], dict[str, Listed]], known: Mapping[str, dict[str, Listed]] = {}
    ) -> None:
        super().__init__(known)
        self._read = read

    def __missing__(self, kind: str) -> dict[str, Listed]:
        rows = self[kind] = self._read(kind)
        return rows

    def copy(self) -> Listing:
        """Another, in which other rows may take the place of these."""
        return Listing(self._read, self)


@dataclass
class Asking:
    """What one unit of the plan asked for, and between which moments the answers stand."""

    asked: dict[Question, str] = field(default_factory=dict)
    since: float = -math.inf
    until: float = math.inf
    is_noted: bool = True


class Site:
    """What the site knows.

    `fetch(kind, id)` brings a full entry, `file(path)` a file's digest, `changed(path)` the day of
    its last commit, and `place(source, field)` says where a field of an entry stands.
    """

    def __init__(
        self,
        settings: Settings,
        types: Iterable[ContentType],
        listed: Listing,
        now: float,
        *,
        fetch: Callable[[str, str], Entry],
        file: Callable[[str], str],
        changed: Callable[[str], datetime.date | None],
        place: Callable[[Source, str], Source],
    ) -> None:
        self.settings = settings
        self.now = now
        self._orders = {kind.name: kind.order for kind in types}
        self._listed = listed
        self._fetch, self._file, self._changed = fetch, file, changed
        # It is no question: only problems tell it, and those stop the build.
        self.place = place
        self._lists: dict[tuple[str, str], tuple[Card, ...]] = {}
        self._groups: dict[str, dict[str, list[Card]]] = {}
        self._places: dict[tuple[str, str], dict[str, int]] = {}
        self._made: dict[tuple[Any, str, str], tuple[Any, Asking]] = {}
        self._asking = Asking()

    @contextmanager
    def asking(self, *, is_noted: bool = True) -> Iterator[Asking]:
        """Note what is asked inside, unless nobody wants to know."""
        before, self._asking = self._asking, Asking(is_noted=is_noted)
        try:
            yield self._asking
        finally:
            self._asking = before

    def answer(self, question: Question) -> str:
        """Ask again what was asked before, and digest the answer."""
        with self.asking() as asking:
            getattr(self, question[0])(*question[1:])
        return asking.asked[question]

    def _note(self, question: Question, answer: Callable[[], str]) -> None:
        if self._asking.is_noted:
            self._asking.asked[question] = answer()

    # -- what a unit of the plan may ask; each name is also the first word of its question

    def cards(self, kind: str, group: str = "") -> tuple[Card, ...]:
        """The cards of a kind, or of one of its groups, in the kind's order."""
        found = self._list(kind, group)
        self._note(("cards", kind, group), lambda: self._digest_of(kind, found))
        return found

    def card(self, kind: str, id: str) -> Card | None:
        """One card."""
        found = self._shown(kind, id)
        self._note(("card", kind, id), lambda: found.digest if found else "")
        return found.card if found else None

    def beside(self, kind: str, group: str, id: str) -> tuple[Card | None, Card | None]:
        """The cards before and after one in a group."""
        cards = self._list(kind, group)
        place = self._place(kind, group).get(id)
        near = (None, None) if place is None else (
            cards[place - 1] if place else None,
            cards[place + 1] if place + 1 < len(cards) else None,
        )  # fmt: skip
        self._note(
            ("beside", kind, group, id),
            lambda: digest_texts(*[self._listed[kind][c.id].digest if c else "" for c in near]),
        )
        return near

    def groups(self, kind: str, prefix: str) -> tuple[str, ...]:
        """The names of the groups that begin with a prefix, sorted."""
        names = tuple(sorted(name for name in self._grouped(kind) if name.startswith(prefix)))
        self._note(("groups", kind, prefix), lambda: digest_texts(*names))
        return names

    def counts(self, kind: str, prefix: str) -> dict[str, int]:
        """How many cards the groups that begin with a prefix have."""
        grouped = self._grouped(kind)
        found = {name: len(grouped[name]) for name in sorted(grouped) if name.startswith(prefix)}
        self._note(("counts", kind, prefix), lambda: digest(found))
        return found

    def size(self, kind: str, group: str) -> int:
        """How many cards a group has."""
        found = len(self._grouped(kind).get(group, ()))
        self._note(("size", kind, group), lambda: str(found))
        return found

    def entry(self, kind: str, id: str) -> Any:
        """One full entry, or None."""
        found = self._shown(kind, id)
        self._note(("entry", kind, id), lambda: found.entry_digest if found else "")
        return self._fetch(kind, id) if found else None

    def all(self, kind: str) -> tuple[Any, ...]:
        """Every full entry of a kind, in the kind's order: for what needs them all."""
        cards = self._list(kind, "")
        listed = self._listed[kind]
        self._note(
            ("all", kind),
            lambda: digest_texts(*[listed[card.id].entry_digest for card in cards]),
        )
        return tuple(self._fetch(kind, card.id) for card in cards)

    def file(self, path: str) -> str:
        """The digest of a file below the content or static folder; empty when there is none."""
        found = self._file(path)
        self._note(("file", path), lambda: found)
        return found

    def changed(self, path: str) -> datetime.date | None:
        """The day of the last commit to a file; None where it is not known."""
        found = self._changed(path)
        self._note(("changed", path), lambda: str(found))
        return found

    def reached(self, moment: Moment) -> bool:
        """Has this moment come?  A day begins at 00:00 UTC."""
        at = seconds(moment)
        if at <= self.now:
            self._asking.since = max(self._asking.since, at)
            return True
        self._asking.until = min(self._asking.until, at)
        return False

    # -- what many units want

    def made_of(self, make: Callable[[Site, tuple[Any, ...]], T], kind: str, group: str = "") -> T:
        """What `make(site, cards)` makes of a group: made once, noted of each unit that wants it.

        It is not to be changed by whoever gets it.
        """
        key = (make, kind, group)
        if key not in self._made:
            with self.asking() as asking:
                self._made[key] = make(self, self.cards(kind, group)), asking
        found, asking = self._made[key]
        mine = self._asking
        mine.since, mine.until = max(mine.since, asking.since), min(mine.until, asking.until)
        if mine.is_noted:
            mine.asked.update(asking.asked)
        made: T = found
        return made

    # -- indexes

    def _shown(self, kind: str, id: str) -> Listed | None:
        found = self._listed[kind].get(id)
        return found if found and found.since <= self.now < found.until else None

    def _list(self, kind: str, group: str) -> tuple[Card, ...]:
        key = (kind, group)
        if key not in self._lists:
            if group:
                cards = self._grouped(kind).get(group, [])
            else:
                listed = self._listed[kind].values()
                cards = [row.card for row in listed if row.since <= self.now < row.until]
            self._lists[key] = tuple(sorted(cards, key=self._orders.get(kind, by_title)))
        return self._lists[key]

    def _grouped(self, kind: str) -> dict[str, list[Card]]:
        if kind not in self._groups:
            groups: dict[str, list[Card]] = defaultdict(list)
            for row in self._listed[kind].values():
                if row.since <= self.now < row.until:
                    for group in row.card.groups:
                        groups[group].append(row.card)
            self._groups[kind] = groups
        return self._groups[kind]

    def _place(self, kind: str, group: str) -> dict[str, int]:
        key = (kind, group)
        if key not in self._places:
            self._places[key] = {card.id: n for n, card in enumerate(self._list(kind, group))}
        return self._places[key]

    def _digest_of(self, kind: str, cards: Iterable[Card]) -> str:
        listed = self._listed[kind]
        return digest_texts(*[listed[card.id].digest for card in cards])


def scope_of(question: Question) -> str:
    """Where a question looks: it need be asked again only when something there has changed."""
    name, *rest = question
    match name:
        case "cards" if rest[1]:
            return f"{rest[0]}/{rest[1]}"
        case "beside" | "size":
            return f"{rest[0]}/{rest[1]}"
        case "card" | "entry":
            return f"{rest[0]}#{rest[1]}"
        case "file" | "changed":
            return f"{name}:{rest[0]}"
        case "all":
            return f"{rest[0]}*"
        case _:
            return f"{rest[0]}/"


def scopes_of(kind: str, id: str, groups: Iterable[str]) -> set[str]:
    """The scopes that an entry's card is seen in."""
    return {f"{kind}/", f"{kind}#{id}", *(f"{kind}/{group}" for group in groups)}

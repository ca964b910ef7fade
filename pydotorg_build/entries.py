"""What of the entries differs from the last build, and how all of them are now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from pydotorg_build.content.base import nothing
from pydotorg_build.problems import Problem
from pydotorg_build.site import Listed, Listing, scopes_of

if TYPE_CHECKING:
    from pydotorg_build.load import File
    from pydotorg_build.plan import Changes
    from pydotorg_build.workshop import Workshop

# Entries that are shown at one of two moments, and not at the other.
FLIPPED = """
SELECT kind, id FROM entry WHERE (since > -1e300 OR until < 1e300)
    AND (since <= ?1 AND ?1 < until) != (since <= ?2 AND ?2 < until)
"""


class Entries:
    """All entries of a build: `fresh` are those just read, `lost` those that are gone.

    `dropped` are the units of the plan that went with them.
    """

    def __init__(self, shop: Workshop, changes: Changes) -> None:
        self._shop, self._changes = shop, changes
        self.listed = Listing(lambda kind: {})
        self.fresh: dict[tuple[str, str], Any] = {}
        self.lost: set[tuple[str, str]] = set()
        self.dropped: set[str] = set()
        self._decoders: dict[str, Any] = {}
        self._ahead: dict[tuple[str, str], bytes] = {}

    def replace(self, paths: set[str], files: Sequence[File]) -> list[Problem]:
        """Put the entries of files in place of all that these paths had; tell what does not fit."""
        if not self._changes.everything:
            self.listed = self._shop.listed.copy()
        old = {} if self._changes.everything else self._entries_of(paths)
        for kind in {kind for kind, _ in old} | {e.kind for f in files for e in f.entries}:
            self.listed[kind] = dict(self.listed[kind])
        for kind, id in old:
            del self.listed[kind][id]
        problems: list[Problem] = []
        for file in files:
            for entry in file.entries:
                problems += self._add(file.path, entry)
        for key, before in old.items():
            self._compare(key, before, self.listed[key[0]].get(key[1]))
        for key in self.fresh.keys() - old.keys():
            self._compare(key, None, self.listed[key[0]][key[1]])
        return problems

    def _entries_of(self, paths: set[str]) -> dict[tuple[str, str], Listed]:
        sql = "SELECT kind, id FROM entry WHERE path IN ({})"
        rows = self._shop.record.rows_in(sql, sorted(paths))
        return {(k, id): self.listed[k][id] for k, id in rows if id in self.listed[k]}

    def _add(self, path: str, entry: Any) -> Iterator[Problem]:
        rows = self.listed[entry.kind]
        if entry.id in rows:
            # Sorted, so that it is told alike whichever of the two was there before.
            mine = msgspec.msgpack.decode(entry.data, type=self._shop.kinds[entry.kind].entry)
            first, second = sorted([mine.source, self.fetch(entry.kind, entry.id).source])
            message = f"{entry.id} is already taken by {first}"
            yield Problem(second, message, "rename or change one of them")
            return
        kind = self._shop.kinds[entry.kind]
        if entry.kind not in self._decoders:
            self._decoders[entry.kind] = msgspec.msgpack.Decoder(kind.card)
        card = self._decoders[entry.kind].decode(entry.card)
        rows[entry.id] = Listed(
            card, entry.card_digest, entry.digest, path, entry.since, entry.until
        )
        self.fresh[entry.kind, entry.id] = entry

    def _compare(self, key: tuple[str, str], old: Listed | None, new: Listed | None) -> None:
        """Note what an entry's change touches."""
        changes, (kind, id) = self._changes, key
        if old and new and old.entry_digest == new.entry_digest and _same_time(old, new):
            return
        changes.scopes |= {f"{kind}#{id}", f"{kind}*"}
        before = set(old.card.groups) if old else set()
        after = set(new.card.groups) if new else set()
        changes.groups |= {(kind, group) for group in after}
        if not (old and new and old.digest == new.digest and _same_time(old, new)):
            changes.scopes |= scopes_of(kind, id, before | after)
        if old is None:
            changes.added.add(key)
        if new is None:
            self.lost.add(key)
            self.dropped.add(f"one:{kind}:{id}")
        self._drop_groups(kind, before - after)

    def _drop_groups(self, kind: str, left: set[str]) -> None:
        """A group that lost its last card is no unit any more."""
        if left:
            still = {group for row in self.listed[kind].values() for group in row.card.groups}
            self.dropped |= {f"group:{kind}:{group}" for group in left - still}

    def flip_by_the_clock(self, now: float) -> None:
        """Entries that came or went since the last build only because time went on, or back."""
        before = self._shop.record.get("now", now)
        if self._changes.everything or before == now:
            return
        for kind, id in self._shop.record.rows(FLIPPED, before, now):
            if row := self.listed[kind].get(id):
                scopes = scopes_of(kind, id, row.card.groups) | {f"{kind}#{id}", f"{kind}*"}
                self._changes.scopes |= scopes

    def fetch_ahead(self, units: Iterable[str]) -> None:
        """Bring the entries that units are of, with one question for each kind."""
        ids: dict[str, list[str]] = {}
        for unit in units:
            if unit.startswith("one:"):
                _, kind, id = unit.split(":", 2)
                ids.setdefault(kind, []).append(id)
        sql = "SELECT id, data FROM entry WHERE kind=? AND id IN ({})"
        self._ahead = {
            (kind, id): data
            for kind, wanted in ids.items()
            for id, data in self._shop.record.rows_in(sql, wanted, kind)
        }

    def fetch(self, kind: str, id: str) -> Any:
        """One full entry."""
        if (kind, id) in self.fresh:
            data = self.fresh[kind, id].data
        elif (kind, id) in self._ahead:
            data = self._ahead[kind, id]
        else:
            sql = "SELECT data FROM entry WHERE kind=? AND id=?"
            ((data,),) = self._shop.record.rows(sql, kind, id)
        return msgspec.msgpack.decode(data, type=self._shop.kinds[kind].entry)

    def every_unit(self) -> list[str]:
        """The keys of all units there are."""
        keys = []
        for kind in self._shop.types:
            rows = self.listed[kind.name]
            if kind.of_one is not nothing:
                keys += [f"one:{kind.name}:{id}" for id in rows]
            if kind.of_group is not nothing:
                groups = {group for row in rows.values() for group in row.card.groups}
                keys += [f"group:{kind.name}:{group}" for group in sorted(groups)]
            if kind.of_all is not nothing:
                keys.append(f"all:{kind.name}")
        return keys


def _same_time(old: Listed, new: Listed) -> bool:
    return old.since == new.since and old.until == new.until

"""The link check: every link leads somewhere, and so does every address that was once published."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pydotorg_build import ledger
from pydotorg_build.cache import unpack
from pydotorg_build.checks import Dead, dead, matcher
from pydotorg_build.links import Target
from pydotorg_build.places import Places
from pydotorg_build.problems import Problem, meant

if TYPE_CHECKING:
    from pydotorg_build.before import Before
    from pydotorg_build.look import Look
    from pydotorg_build.rendering import Rendered
    from pydotorg_build.workshop import Workshop

# On how many pages a dead link is looked for, and of how many what they mean.
MANY = 20


class LinkCheck:
    """Looks at the record of a site as it would be; `tolerated` is what stops nothing."""

    def __init__(self, shop: Workshop, look: Look, now: float) -> None:
        self._shop, self._look, self._now = shop, look, now
        self._record = shop.record
        self._moves: ledger.Moves | None = None
        self._proposed = 0
        self.tolerated: list[str] = []

    def problems(
        self, rendered: list[Rendered], removed: set[str], before: Before
    ) -> list[Problem]:
        """What stops the build: dead links in what is ours, and addresses that were dropped."""
        found = list(self._dropped(removed, before))
        for problem in self._dead_links(rendered, removed, before):
            if self._shop.snapshots.holds(problem.source.path):
                self.tolerated.append(str(problem))
            else:
                found.append(problem)
        return found

    # -- links

    def _dead_links(
        self, rendered: list[Rendered], removed: set[str], before: Before
    ) -> Iterator[Problem]:
        """Every link of new pages leads somewhere, and so does every link to what is gone.

        A page that leads where it led before is only looked at where something is gone.
        """
        links = {
            one.path: one.targets for one in rendered if one.targets and before.links_otherwise(one)
        }
        lost = before.lost(rendered, removed)
        if lost or before.lost_redirect():
            for path, raw in self._record.rows("SELECT path, links FROM linked"):
                if raw and path not in links:
                    links[path] = raw
        targets = {tuple(target) for raw in set(links.values()) for target in unpack(raw)}
        # In an order of their own: which are the first to get a proposal is not left to chance.
        bad = {target: (what, hint) for target, what, hint in self._dead(sorted(targets))}
        if bad:
            yield from self._tell_dead(bad, links)

    def _dead(self, targets: list[Any]) -> Iterator[Dead]:
        paths = {_path_of(path + more) for path, _ in targets for more in ("", "/")}
        sql = "SELECT path, ids FROM output LEFT JOIN linked USING (path) WHERE path IN ({})"
        ids = {path: unpack(raw) if raw else () for path, raw in self._record.rows_in(sql, paths)}
        rows = self._record.rows("SELECT url FROM artifact WHERE type='Redirect'")
        elsewhere = matcher([url for (url,) in rows], self._shop.settings.prefixes)
        return dead(targets, lambda path: ids.get(_path_of(path)), elsewhere, self._meant)

    def _meant(self, path: str) -> str:
        """What a dead link means: a page that moved, or one with a slip; of many, the first."""
        self._proposed += 1
        if self._proposed > MANY:
            return ""
        moves = self._all_moves()
        return moves.of(path) or meant(path, moves.pages, likeness=0.75) or moves.within(path)

    def _tell_dead(
        self, bad: dict[Target, tuple[str, str]], links: dict[str, bytes]
    ) -> Iterator[Problem]:
        """Say of each dead link where it is written; of one on many pages, where first, and on how many."""
        pages: dict[Target, list[str]] = {}
        for path in sorted(links):
            for target in unpack(links[path]):
                if tuple(target) in bad:
                    pages.setdefault(tuple(target), []).append(path)
        written = Places(self._shop, self._look)
        for target, found in pages.items():
            what, hint = bad[target]
            places = {written.of_link(path, target) for path in found[:MANY]}
            many = f", on {len(found)} pages" if len(found) > MANY else ""
            for place in sorted(places):
                yield Problem(place, what + many, hint)

    # -- the ledger

    def _all_moves(self) -> ledger.Moves:
        if self._moves is None:
            root, settings = self._shop.root, self._shop.settings
            path = root / ledger.path_of(settings)
            text = path.read_text(encoding="utf-8") if path.is_file() else ""
            self._moves = ledger.Moves(ledger.read(text), self._record, root, settings.content)
        return self._moves

    def _dropped(self, removed: set[str], before: Before) -> Iterator[Problem]:
        """No address that files of the content once had is lost.

        It can only be where something was taken away, or where the ledger says more than before.
        """
        shop, path = self._shop, ledger.path_of(self._shop.settings)
        seen, known = self._look.sources.get(path), (shop.sources or {}).get(path)
        whole = self._look.changes.everything or (seen and seen.digest) != (known and known.digest)
        if seen and (whole or removed or before.lost_redirect()):
            hidden = ledger.hidden_by_the_clock(self._record, shop.kinds, self._now)
            yield from ledger.dropped(self._all_moves(), shop.settings, hidden)


def _path_of(url: str) -> str:
    return url.lstrip("/") + ("index.html" if url.endswith("/") else "")

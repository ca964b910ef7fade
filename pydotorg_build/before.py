"""What the record said before a build changes it: what is gone by it, and which links are new."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from pydotorg_build.cache import unpack

if TYPE_CHECKING:
    from pydotorg_build.look import Look
    from pydotorg_build.plan import Unit
    from pydotorg_build.rendering import Rendered
    from pydotorg_build.workshop import Workshop

# What the files of the site as a whole are made of.
FACTS = frozenset({"Page", "Redirect"})


class Before:
    """What the record said of the units that are planned anew, before it is changed."""

    def __init__(
        self, shop: Workshop, look: Look, gone: set[str], rendered: list[Rendered]
    ) -> None:
        self._record, rows_in = shop.record, shop.record.rows_in
        every = "SELECT url, path, type, updated, line FROM artifact"
        rows = (
            shop.record.rows(every)
            if look.changes.everything
            else rows_in(f"{every} WHERE unit IN ({{}})", gone)
        )
        self.paths = {path for _, path, *_ in rows if path}
        self._facts = {(url, kind, *rest) for url, _, kind, *rest in rows if kind in FACTS}
        self._redirects = {url for url, _, kind, *_ in rows if kind == "Redirect"}
        sql = "SELECT path, links, ids FROM linked WHERE path IN ({})"
        found = rows_in(sql, [one.path for one in rendered])
        self._links = {path: (links, ids) for path, links, ids in found}
        self._everything = look.changes.everything

    def site_differs(self, units: Iterable[Unit], look: Look) -> bool:
        """Must the files of the site as a whole be made anew?"""
        now = {
            (row.url, row.type, row.updated, row.line)
            for unit in units
            for row in unit.rows
            if row.type in FACTS
        }
        frame = self._record.get("frame") != look.frame
        frame = frame or self._record.get("snapshots") != look.shop.snapshots_built_from()
        frame = frame or self._record.get("left_out", {}) != look.left_out
        sites = {"_redirects", "_headers", "frame.json", "build.json"} & look.altered
        maps = {path for path in look.altered if path.startswith("sitemap")}
        return bool(look.changes.everything or frame or sites or maps or now != self._facts)

    def lost(self, rendered: Iterable[Rendered], removed: set[str]) -> set[str]:
        """The files that are gone, or lost an id that somebody may link to."""
        return removed | {one.path for one in rendered if self._loses_an_id(one)}

    def _loses_an_id(self, one: Rendered) -> bool:
        _, ids = self._links.get(one.path, (b"", b""))
        if not ids or ids == one.ids:
            return False
        return not set(unpack(ids)) <= set(unpack(one.ids) if one.ids else ())

    def links_otherwise(self, one: Rendered) -> bool:
        """Does a page lead elsewhere than before, has it other ids, or do other rules hold now?"""
        return self._everything or self._links.get(one.path) != (one.targets, one.ids)

    def lost_redirect(self) -> bool:
        """Is an address gone that a redirect answered?"""
        sql = "SELECT url FROM artifact WHERE type='Redirect' AND url IN ({})"
        still = {url for (url,) in self._record.rows_in(sql, self._redirects)}
        return bool(self._redirects - still)

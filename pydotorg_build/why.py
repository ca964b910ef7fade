"""Why a page is as it is: what it is made of, and what else depends on that."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from pydotorg_build.cache import unpack
from pydotorg_build.problems import Problem, Problems, Source
from pydotorg_build.templates import taken_in

if TYPE_CHECKING:
    from pydotorg_build.workshop import Workshop

FEW = 12


def why(shop: Workshop, url: str) -> dict[str, Any]:
    """Explain one address from the record of the last build."""
    row = _find(shop, url)
    if row is None:
        raise Problems([_unknown(shop, url)])
    url, unit, path, kind, template, source = row
    rows = shop.record.rows("SELECT question FROM asked WHERE unit=?", unit)
    asked = [" ".join(unpack(question)) for (question,) in rows]
    taken = taken_in(template, shop.record.get("references", {})) if template else []
    found: dict[str, Any] = {
        "url": url,
        "file": path,
        "kind": kind,
        "unit": unit,
        "source": source,
        "templates": [f"{shop.settings.templates}/{name}" for name in taken],
        "asked": asked,
        "also": _also(shop, unit, source),
    }
    return {**found, "text": _as_text(found)}


def _find(shop: Workshop, url: str) -> Any:
    sql = "SELECT url, unit, path, type, template, source FROM artifact WHERE url=?"
    plain = "/" + re.sub(r"^https?://[^/]+", "", url).lstrip("/")
    for one in (plain, plain.rstrip("/") + "/", plain.removesuffix("index.html")):
        if rows := shop.record.rows(sql, one):
            return rows[0]
    return None


def _unknown(shop: Workshop, url: str) -> Problem:
    from difflib import get_close_matches

    urls = [one for (one,) in shop.record.rows("SELECT url FROM artifact")]
    near = get_close_matches(url, urls, n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else "build the site first"
    return Problem(Source(url), "nothing is published there", hint)


def _also(shop: Workshop, unit: str, source: str) -> list[str]:
    """What the same source is published in besides, and who asked for the same entry."""
    _, kind, id = [*unit.split(":", 2), "", ""][:3]
    sql = "SELECT DISTINCT unit FROM asked WHERE scope=? AND unit != ?"
    units = [one for (one,) in shop.record.rows(sql, f"{kind}#{id}", unit)]
    rows = shop.record.rows_in("SELECT DISTINCT url FROM artifact WHERE unit IN ({})", units)
    same = shop.record.rows("SELECT url FROM artifact WHERE source=?", source)
    return sorted({url for (url,) in [*rows, *same]})


def _as_text(found: dict[str, Any]) -> str:
    lines = [f"{found['url']} is a {found['kind']} made of {found['source']}"]
    lines += _listed("with the templates", found["templates"])
    lines += _listed("having asked the site for", found["asked"])
    lines += _listed("the same source is in", [u for u in found["also"] if u != found["url"]])
    return "\n".join(lines)


def _listed(title: str, things: Iterable[str]) -> list[str]:
    things = list(things)
    if not things:
        return []
    more = [f"    … and {len(things) - FEW} more"] if len(things) > FEW else []
    return [f"  {title}", *(f"    {thing}" for thing in things[:FEW]), *more]

"""Why a page is as it is: what it is made of, and what else depends on that."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec

from pydotorg_build.cache import unpack
from pydotorg_build.content.base import Card
from pydotorg_build.problems import Problem, Problems, Source, meant
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
    sql = "SELECT url, unit, path, type, template, source FROM artifact WHERE "
    for one in _spellings(url):
        if rows := shop.record.rows(f"{sql} url=?", one):
            return rows[0]
    of_source = f"{sql} source=? OR source GLOB ? ORDER BY type='Page' DESC, url LIMIT 1"
    return next(iter(shop.record.rows(of_source, url, f"{url}:*")), None)


def _spellings(url: str) -> tuple[str, ...]:
    """The addresses that may be meant, which may have come from a browser."""
    plain = "/" + re.sub(r"^https?://[^/]+", "", url).partition("#")[0].lstrip("/")
    return plain, plain.rstrip("/") + "/", plain.removesuffix("index.html")


def _unknown(shop: Workshop, url: str) -> Problem:
    """What to say of an address that nothing is published at: why not, or what may be meant."""
    nothing = "nothing is published there"
    if hidden := _hidden(shop, _spellings(url)):
        return Problem(Source(url), f"{nothing} {hidden[0]}", hidden[1])
    if _spellings(url)[0].startswith(shop.settings.prefixes):
        hint = "`prefixes` of build.toml leaves it to the sidecar, which makes it when asked"
        return Problem(Source(url), nothing, hint)
    urls = [one for (one,) in shop.record.rows("SELECT url FROM artifact")]
    return Problem(Source(url), nothing, meant(url, urls, "build the site first", most=3))


def _hidden(shop: Workshop, urls: Iterable[str]) -> tuple[str, str] | None:
    """Of what is there and not shown: since or until when, and where that is written."""
    now = shop.record.get("now", 0)
    sql = "SELECT card, path, since, until FROM entry WHERE since > ? OR until <= ?"
    for card, path, since, until in shop.record.rows(sql, now, now):
        if msgspec.msgpack.decode(card, type=Card).url in urls:
            if since == math.inf:
                hint = (
                    f"take `draft` out of {path} when it may be seen; --drafts shows it until then"
                )
                return "while it is a draft", hint
            if since > now:
                day = _as_day(since)
                return f"before {day}", f"{path} says so; `pydotorg build --now {day}` shows it"
            return f"since {_as_day(until)}", f"{path} says so; change its dates to bring it back"
    return None


def _as_day(seconds: float) -> str:
    """A moment as `--now` takes it."""
    moment = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ").removesuffix("T00:00:00Z")


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

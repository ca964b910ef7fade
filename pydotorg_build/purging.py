"""Telling a CDN what to forget: the keys of the files that a build wrote or took away.

Every page has three keys: `site`, that of its section, which `_headers` sends, and one of its own,
for hosts that are told it when a file is uploaded (`manifest`).  A cache is one small interface,
`Cache`; where none is named in the environment, nothing is purged.
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple, Protocol
from urllib.parse import quote, urlsplit

from pydotorg_build.digests import digest_texts
from pydotorg_build.problems import Problem, Problems, Source

By = Literal["page", "section"]
# What may be sent at once, and when so much changed that all of the site is forgotten instead.
AT_ONCE = 256
WHOLE = 2000
SECONDS = 30
FASTLY, NETLIFY = "https://api.fastly.com", "https://api.netlify.com"
# Their digest is in their name: nobody has to forget them.
FOR_EVER = ("assets/", "pagefind/")


class Cache(Protocol):
    """A CDN that forgets what bears a key."""

    def purge(self, keys: list[str]) -> None:
        """Forget all that bears one of these keys.  Raises Problems."""


class Fastly(NamedTuple):
    """Fastly, by surrogate keys.  `soft` lets it serve the old while it asks for the new."""

    token: str
    service: str
    api: str = FASTLY
    soft: bool = True

    def purge(self, keys: list[str]) -> None:
        """Forget by keys, 256 at once."""
        headers = {"Fastly-Key": self.token} | ({"Fastly-Soft-Purge": "1"} if self.soft else {})
        path = f"/service/{quote(self.service, safe='')}/purge"
        _post(self.api, path, {"surrogate_keys": keys}, headers)


class Netlify(NamedTuple):
    """Netlify, by cache tags."""

    token: str
    site: str
    api: str = NETLIFY

    def purge(self, keys: list[str]) -> None:
        """Forget by tags."""
        headers = {"Authorization": f"Bearer {self.token}"}
        _post(self.api, "/api/v1/purge", {"site_id": self.site, "cache_tags": keys}, headers)


def caches(environ: Mapping[str, str]) -> list[Cache]:
    """The caches that the environment names; a token without what it is for is a fault."""
    found: list[Cache] = []
    if pair := _pair(environ, "FASTLY_API_TOKEN", "FASTLY_SERVICE_ID"):
        found.append(Fastly(*pair, environ.get("FASTLY_API_URL") or FASTLY))
    if pair := _pair(environ, "NETLIFY_AUTH_TOKEN", "NETLIFY_SITE_ID"):
        found.append(Netlify(*pair, environ.get("NETLIFY_API_URL") or NETLIFY))
    return found


def _pair(environ: Mapping[str, str], token: str, of: str) -> tuple[str, str] | None:
    """A token and what it is for; None where neither is named."""
    given = environ.get(token, ""), environ.get(of, "")
    if any(given) and not all(given):
        missing = of if given[0] else token
        raise Problems([Problem(Source("(environment)"), f"{missing} is not set")])
    return given if all(given) else None


def keys_of(path: str) -> tuple[str, str, str]:
    """The keys of a file: of the site, its section, and its own.

    >>> keys_of("downloads/release/python-3140/index.html")[:2]
    ('site', 'downloads')
    >>> keys_of("index.html")[1]
    'home'
    """
    section = path.partition("/")[0] if "/" in path else "home"
    return "site", section, f"page-{digest_texts(path)[:16]}"


def manifest(paths: Iterable[str]) -> dict[str, str]:
    """The Surrogate-Key of every file, for whoever uploads them."""
    return {path: " ".join(keys_of(path)) for path in sorted(paths)}


def changed(report: Mapping[str, Any]) -> list[str]:
    """The files that a build report says were written or taken away, and caches may hold."""
    paths = [*report.get("written", ()), *report.get("removed", ())]
    listed = (path for path in paths if path == "pagefind/bundles.json" or not _is_for_ever(path))
    return sorted(path for path in listed if path not in ("_headers", "_redirects"))


def _is_for_ever(path: str) -> bool:
    return path.startswith(FOR_EVER)


def keys_for(paths: Iterable[str], by: By) -> list[str]:
    """The keys to purge when files changed: their own, or those of their sections."""
    place = {"section": 1, "page": 2}[by]
    keys = sorted({keys_of(path)[place] for path in paths})
    return ["site"] if len(keys) > WHOLE else keys


def purge(every: Iterable[Cache], keys: list[str]) -> None:
    """Tell all caches."""
    for cache in every:
        for first in range(0, len(keys), AT_ONCE):
            cache.purge(keys[first : first + AT_ONCE])


def _post(base: str, path: str, content: Any, headers: Mapping[str, str]) -> None:
    """Send JSON.  What a token was is in no message."""
    parts = urlsplit(base)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.netloc, timeout=SECONDS)
    source = Source(f"{base}{path}")
    try:
        body = json.dumps(content).encode()
        sent = {"Content-Type": "application/json", "Accept": "application/json", **headers}
        connection.request("POST", path, body, sent)
        with connection.getresponse() as answer:
            said = answer.read(2000).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException) as error:
        hint = "nothing more was purged: try it again"
        raise Problems([Problem(source, f"cannot be reached: {error}", hint)]) from None
    finally:
        connection.close()
    if not 200 <= answer.status < 300:
        words = " ".join(said.split())[:200]
        hint = "see to the token and what it may do" if answer.status in (401, 403) else ""
        raise Problems([Problem(source, f"refused ({answer.status}): {words}", hint)])

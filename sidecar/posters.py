"""The social picture of what is not published yet: drawn when it is looked at, and never kept.

All that is drawn stands in the address, which only we can make: nobody has words of theirs drawn.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from urllib.parse import urlencode

from msgspec import json, structs

from pydotorg_build.artifacts import Poster
from sidecar.sealing import Use, digest
from sidecar.settings import Settings

URL = "/submit/poster"
DRAWN = ("site", "kind", "title", "line")


def address(settings: Settings, poster: Poster) -> str:
    """Where a poster is seen before it is published."""
    words = {name: value for name, value in structs.asdict(poster).items() if name in DRAWN}
    return f"{URL}?{urlencode({**words, 'key': _key(settings, words)})}"


def read(settings: Settings, query: Mapping[str, str]) -> Poster | None:
    """The poster of an address; none, if we have not made it."""
    words = {name: query.get(name, "") for name in DRAWN}
    if not hmac.compare_digest(
        _key(settings, words).encode(), query.get("key", "").encode("utf-8", "replace")
    ):
        return None
    return Poster(url=URL, site=words["site"], kind=words["kind"], title=words["title"],
                  line=words["line"])  # fmt: skip


def _key(settings: Settings, words: Mapping[str, str]) -> str:
    text = json.encode([words[name] for name in DRAWN]).decode()
    return digest(settings.secret, Use.POSTERS, text)[:32]

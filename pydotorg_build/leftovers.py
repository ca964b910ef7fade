"""What `pydotorg new` wrote into a file for the time being, and nobody has replaced."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from pydotorg_build.beginnings import BEGINNINGS
from pydotorg_build.places import place_of_text
from pydotorg_build.problems import Problem

if TYPE_CHECKING:
    from pydotorg_build.content.base import ContentType

# What readers see of an entry, and is begun with words that are of no use to them.
FIELDS = ("company", "description", "email", "feed", "message", "text", "website")
HINT = "write what is true of it, or `draft: true` where its kind has that, until it is known"


def leftovers(
    root: Path, kinds: Mapping[str, ContentType], entries: Iterable[tuple[str, str, bytes]]
) -> Iterator[Problem]:
    """Of entries (kind, path, encoded), each field that says what it began with; drafts may."""
    for kind, path, data in entries:
        found = [(name, text) for name, text in _begun(kind) if text.encode() in data]
        entry: Any = msgspec.msgpack.decode(data, type=kinds[kind].entry) if found else None
        if not found or entry.is_draft or not getattr(entry, "active", True):
            continue
        for name, text in found:
            if getattr(entry, name) == text:
                place = place_of_text(root, path, f"{name}: {text}")
                message = f"`{name}` still says what it began with: {text}"
                yield Problem(place, message, HINT)


@lru_cache
def _begun(kind: str) -> tuple[tuple[str, str], ...]:
    """The fields that a file of this kind begins with, and what stands in them.

    >>> _begun("stories")[1]
    ('company', 'Name of the company')
    """
    lines = BEGINNINGS[kind].text.split("\n") if kind in BEGINNINGS else []
    pairs = (line.partition(": ") for line in lines)
    fields = ((name, text) for name, _, text in pairs if name in FIELDS)
    titles = (("title", one.called) for one in (BEGINNINGS.get(kind),) if one and one.called)
    return (*fields, *((name, title) for name, title in titles if title.startswith("New ")))

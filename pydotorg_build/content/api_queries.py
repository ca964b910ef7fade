"""The queries for releases that v1 and v2 answer, and the file that answers each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations, product

BOOLEANS = {"true": True, "false": False}
# Programs in Python write what `str(True)` gives, and today's site understands it.
SPELLINGS = {"true": "true", "True": "true", "false": "false", "False": "false"}


def release_queries() -> Iterator[tuple[dict[str, str], str]]:
    """Each combination of version, pre_release and is_published, and the file that answers it."""
    values = {"version": (":version",), "pre_release": SPELLINGS, "is_published": SPELLINGS}
    for size in range(1, len(values) + 1):
        for names in combinations(values, size):
            for chosen in product(*(values[name] for name in names)):
                query = dict(zip(names, chosen, strict=True))
                yield query, _target(query)


def _target(query: Mapping[str, str]) -> str:
    if SPELLINGS.get(query.get("is_published", "")) == "false":
        return "/none"
    by_version = "/by-version/:version" if "version" in query else ""
    early = SPELLINGS.get(query.get("pre_release", ""))
    if early and by_version:
        return f"{by_version}/pre-release/{early}"
    return f"/by-pre-release/{early}" if early else by_version

"""What a run of `pydotorg fetch` found of each feed, and how it is told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal

import msgspec

from pydotorg_build.problems import Source


class Known(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is remembered of a feed; `asked` and `good` are when it was asked and answered well."""

    etag: str = ""
    modified: str = ""
    moved: str = ""
    gone: bool = False
    asked: str = ""
    good: str = ""
    failures: int = 0
    why: str = ""


class Fetched(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one feed; `why` says what is wrong, `entries` are those it now has."""

    slug: str
    feed: str
    outcome: Literal["new", "same", "failed", "gone"]
    source: Source
    entries: int
    fresh: int = 0
    left_out: tuple[str, ...] = ()
    why: str = ""
    known: Known

    @property
    def answered(self) -> bool:
        return self.outcome in ("new", "same")


class Report(msgspec.Struct, frozen=True):
    """What a run did."""

    at: str
    feeds: tuple[Fetched, ...]

    @property
    def is_well(self) -> bool:
        """Did any feed answer?  When none did, it is the network of this machine."""
        return not self.feeds or any(one.answered for one in self.feeds)


def lines(report: Report) -> Iterator[str]:
    """What somebody should look at, a line each."""
    for one in report.feeds:
        kept = f"; its {one.entries} entries are kept" if one.entries else ""
        if not one.answered:
            times = f" ({one.known.failures} times now)" if one.known.failures > 1 else ""
            yield f"{one.source}: {one.slug}: {one.why}{times}{kept}"
        elif one.known.moved:
            yield f"{one.source}: {one.slug}: it moved for good: write `feed: {one.known.moved}`"


def summary(report: Report) -> str:
    """The line for the log."""
    answered = [one for one in report.feeds if one.answered]
    fresh = sum(one.fresh for one in answered)
    return f"{report.at}: {len(answered)} of {_many(report.feeds)} answered, {fresh} new entries"


def _many(feeds: Iterable[Fetched]) -> str:
    count = len(list(feeds))
    return f"{count} feed" if count == 1 else f"{count} feeds"


def as_dict(report: Report) -> dict[str, Any]:
    """A report for programs."""
    return {"at": report.at, "well": report.is_well,
            "feeds": [_feed_as_dict(one) for one in report.feeds]}  # fmt: skip


def _feed_as_dict(one: Fetched) -> dict[str, Any]:
    return {
        "slug": one.slug,
        "feed": one.feed,
        "outcome": one.outcome,
        "why": one.why,
        "moved": one.known.moved,
        "entries": one.entries,
        "new": one.fresh,
        "left_out": list(one.left_out),
        "asked": one.known.asked,
        "answered": one.known.good,
        "failures": one.known.failures,
    }

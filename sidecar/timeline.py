"""What happened to something that was handed in, as its author reads it: one list, by time."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sidecar.kinds import KINDS
from sidecar.kinds.base import Kind
from sidecar.tables.cases import Decision, Publishing, Submission

FAULT = "the builder could not take it, and shows what was there before"


class Line(NamedTuple):
    """When, what, and what that is about."""

    at: datetime.datetime
    words: str
    about: str
    is_fault: bool = False


def timeline(
    submission: Submission, log: Sequence[Decision], ways: Sequence[Publishing]
) -> list[Line]:
    """The steps that were taken and each part of the ways onto the site, the newest first."""
    kind = KINDS[submission.kind]
    lines = [Line(submission.created, "sent", "version 1")]
    for step in sorted(log, key=lambda one: one.id):
        why = f": {step.reason}" if step.reason else ""
        lines.append(Line(step.created, f"{kind.past(step.step)}{why}", f"version {step.n}"))
    for way in sorted(ways, key=lambda one: one.id):
        lines.extend(_parts(way, log, kind))
    return sorted(lines, key=lambda line: line.at)[::-1]


def _parts(way: Publishing, log: Sequence[Decision], kind: Kind) -> Iterator[Line]:
    """The way onto the site of what was asked for by the newest step before it."""
    asked = max((one for one in log if one.created <= way.created), key=lambda one: one.id,
                default=None)  # fmt: skip
    about = ", ".join(
        [*([kind.past(asked.step)] if asked else []), *([f"version {way.n}"] if way.n else [])]
    )  # fmt: skip
    later = f", from {way.due:%H:%M:%S} on" if way.due > way.created else ""
    yield Line(way.created, f"queued{later}", about)
    if way.taken_at:
        words = f"given to the builder, in the snapshot {way.number}"
        yield Line(way.taken_at, words, about)
    if way.built_at:
        yield Line(way.built_at, "built", about)
    if way.error:
        yield Line(way.built_at or way.taken_at or way.created, FAULT, about, is_fault=True)
    if way.live_at:
        yield Line(way.live_at, "live" if way.n else "not shown any more", about)

"""A chart of columns: where they stand, and what is said of it to whoever does not see it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

WIDTH, HEIGHT = 1000, 200
# What is left free between two columns, of what each has.
GAP = 0.2


class Bar(msgspec.Struct, frozen=True):
    """One column."""

    label: str
    value: int
    x: float
    y: float
    width: float
    height: float


class Chart(msgspec.Struct, frozen=True):
    """The whole: `most` is what a column of full height stands for, `words` tells what it shows."""

    title: str
    bars: tuple[Bar, ...]
    most: int
    words: str

    @property
    def box(self) -> str:
        """What an SVG is told that its coordinates are."""
        return f"0 0 {WIDTH} {HEIGHT}"


def chart_of(title: str, points: Sequence[tuple[str, int]]) -> Chart:
    """A chart of what was counted, in the order in which it is given.

    >>> chart = chart_of("Downloads by month", [("May 2026", 3), ("June 2026", 12)])
    >>> chart.words
    'Downloads by month: May 2026 to June 2026, at most 12 (June 2026), at least 3 (May 2026).'
    >>> chart.most, [bar.height for bar in chart.bars]
    (15, [40.0, 160.0])
    """
    most = round_above(max((value for _, value in points), default=0))
    step = WIDTH / max(1, len(points))
    bars = []
    for place, (label, value) in enumerate(points):
        height = round(HEIGHT * value / most, 1)
        x, width = round(place * step, 2), round(step * (1 - GAP), 2)
        bars.append(Bar(label, value, x, round(HEIGHT - height, 1), width, height))
    return Chart(title, tuple(bars), most, _words(title, points))


def _words(title: str, points: Sequence[tuple[str, int]]) -> str:
    if not points:
        return f"{title}: nothing was counted."

    def said(point: tuple[str, int]) -> str:
        return f"{grouped(point[1])} ({point[0]})"

    most, least = max(points, key=_value), min(points, key=_value)
    span = f"{points[0][0]} to {points[-1][0]}"
    return f"{title}: {span}, at most {said(most)}, at least {said(least)}."


def _value(point: tuple[str, int]) -> int:
    return point[1]


def round_above(value: int) -> int:
    """A round number that is not below another: what the scale of a chart ends with.

    >>> [round_above(n) for n in (0, 1, 7, 12, 21, 380, 5001)]
    [1, 1, 8, 15, 25, 400, 6000]
    """
    power = 1
    while True:
        for tenths in (10, 15, 20, 25, 30, 40, 50, 60, 80):
            top, broken = divmod(tenths * power, 10)
            if value <= top and not broken:
                return top
        power *= 10


def grouped(value: int) -> str:
    """A number as people read it, a price as well as a count.

    >>> grouped(1234567)
    '1,234,567'
    """
    return f"{value:,}"


class Part(msgspec.Struct, frozen=True):
    """A part of a sum, and how much of it: `share` is of a thousand."""

    name: str
    value: int
    share: int
    key: str = ""

    @property
    def percent(self) -> str:
        """The share as people read it; what is little is not called nothing."""
        return "under 0.1%" if self.value and not self.share else f"{self.share / 10:.1f}%"


def parts_of(
    counts: Sequence[tuple[str, int]], most: int, rest: str = "Others"
) -> tuple[Part, ...]:
    """The greatest parts of a sum, and the rest as one: so what is listed adds up.

    >>> [(part.name, part.value, part.percent) for part in parts_of([("a", 1), ("b", 8), ("c", 1)], 1)]
    [('b', 8, '80.0%'), ('Others', 2, '20.0%')]
    >>> [part.percent for part in parts_of([("a", 30_025), ("b", 30_005), ("c", 1)], 3)]
    ['50.0%', '50.0%', 'under 0.1%']
    """
    total = sum(value for _, value in counts) or 1
    ranked = sorted(counts, key=_rank)
    shown = [(name, value, name) for name, value in ranked[:most]]
    if others := sum(value for _, value in ranked[most:]):
        shown.append((rest, others, ""))
    return tuple(Part(name, value, _share(value, total), key) for name, value, key in shown)


def _share(value: int, total: int) -> int:
    """The nearest thousandth; what is not all of it is not called so.

    >>> _share(2, 3), _share(99_999, 100_000), _share(1, 1)
    (667, 999, 1000)
    """
    nearest = (2000 * value + total) // (2 * total)
    return nearest if value == total else min(nearest, 999)


def _rank(count: tuple[str, int]) -> Any:
    return (-count[1], count[0])

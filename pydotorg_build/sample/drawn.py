"""Invented logos and scenes, as SVG: pictures that nobody has a right to, a few hundred bytes each."""

from __future__ import annotations

import random
from html import escape
from typing import NamedTuple

COLOURS = ("#306998", "#4b8bbe", "#b35c1e", "#2f7d5b", "#8a3b6d", "#5b4bbe", "#a33a3a", "#20707a")
SKIES = (("#dcebf7", "#ffd43b"), ("#f7e3d0", "#e2703a"), ("#1d2b44", "#ffe873"))
MARKS = (
    '<circle cx="40" cy="40" r="26" fill="none" stroke="{colour}" stroke-width="12"/>',
    '<path d="M12 64 40 14 68 64Z" fill="{colour}"/>',
    '<path d="M14 14h24v52H14ZM54 40h14v26H54Z" fill="{colour}"/>',
    '<path d="M12 40a28 28 0 0 1 56 0ZM12 48h56v12H12Z" fill="{colour}"/>',
)


class Drawn(NamedTuple):
    """A picture of a sample, by the name that rows give."""

    name: str
    bytes: bytes


def logo(chance: random.Random, key: str, company: str) -> Drawn:
    """A mark and the name of a company, readable on light and on dark ground."""
    colour = chance.choice(COLOURS)
    mark = chance.choice(MARKS).format(colour=colour)
    width = 110 + 23 * len(company)
    text = (
        f'<text x="88" y="52" font-family="sans-serif" font-size="36" font-weight="700"'
        f' textLength="{width - 110}" lengthAdjust="spacingAndGlyphs" fill="#1b2733">'
        f"{escape(company)}</text>"
    )
    ground = f'<rect width="{width}" height="80" rx="10" fill="#ffffff"/>'
    return Drawn(f"logo-{key}.svg", _svg(width, 80, ground + mark + text))


def scene(chance: random.Random, key: str) -> Drawn:
    """Hills below a sun."""
    sky, sun = chance.choice(SKIES)
    parts = [f'<rect width="960" height="540" fill="{sky}"/>']
    place = chance.randrange(160, 800), chance.randrange(110, 230)
    parts.append(f'<circle cx="{place[0]}" cy="{place[1]}" r="62" fill="{sun}"/>')
    for number, colour in enumerate(chance.sample(COLOURS, 3)):
        high = 300 + number * 70
        points = [chance.randrange(high - 60, high + 60) for _ in range(4)]
        parts.append(
            f'<path d="M0 {points[0]}C240 {points[1] - 90} 320 {points[1] + 60} 480 {points[2]}'
            f'S800 {points[3] - 80} 960 {points[3]}V540H0Z" fill="{colour}"/>'
        )
    return Drawn(f"scene-{key}.svg", _svg(960, 540, "".join(parts)))


def _svg(width: int, height: int, inner: str) -> bytes:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
        f' viewBox="0 0 {width} {height}">{inner}</svg>'
    ).encode()

"""The picture that shows when an address is shared: a title in large letters, in our colours.

The letters are those that Pillow brings, which know no accents; who plans a picture asks
`content.base.has_letters` first.  The same texts give the same bytes.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from pydotorg_build.artifacts import SocialImage

SIZE = (1200, 630)
MARGIN = 90
WIDTH = SIZE[0] - 2 * MARGIN
BACKGROUND, TEXT, MUTED = "#14283a", "#ffffff", "#a9c3d9"
CHEVRONS = ("#4b8bbe", "#8ec5f2", "#ffd43b")
HEAVIEST = 45 * 1024
LARGEST, SMALLEST, SMALL, MOST_LINES = 104, 48, 38, 3


def draw(image: SocialImage) -> bytes:
    """Draw a picture, as JPEG."""
    canvas = _background().copy()
    pen = ImageDraw.Draw(canvas)
    pen.text((MARGIN, 170), image.above, font=_letters(SMALL), fill=CHEVRONS[2])
    size, lines = _fitted(image.title)
    for number, line in enumerate(lines):
        place = (MARGIN, 230 + number * size * 1.2)
        # Drawn twice, a little apart: there is no bold among the letters.
        pen.text(place, line, font=_letters(size), fill=TEXT, stroke_width=1, stroke_fill=TEXT)
    below = _shortened(image.below, _letters(SMALL))
    pen.text((MARGIN, SIZE[1] - MARGIN - SMALL), below, font=_letters(SMALL), fill=MUTED)
    return next(data for data in _encoded(canvas) if len(data) <= HEAVIEST)


def _encoded(canvas: Image.Image) -> Iterator[bytes]:
    """A picture as JPEG, the best first."""
    for quality in range(76, 0, -15):
        file = BytesIO()
        canvas.save(file, "jpeg", quality=quality, optimize=True)
        yield file.getvalue()


@functools.cache
def _background() -> Image.Image:
    canvas = Image.new("RGB", SIZE, BACKGROUND)
    pen = ImageDraw.Draw(canvas)
    pen.rectangle((0, 0, SIZE[0], 12), fill=CHEVRONS[2])
    for number, colour in enumerate(CHEVRONS):
        x = MARGIN + number * 34
        pen.line([(x, 70), (x + 28, 100), (x, 130)], fill=colour, width=11, joint="curve")
    pen.text((MARGIN + 130, 72), "python", font=_letters(50), fill=TEXT)
    return canvas


@functools.cache
def _letters(size: int) -> Any:
    return ImageFont.load_default(size)


def _fitted(title: str) -> tuple[int, list[str]]:
    """The largest size at which a title has at most three lines; what is longer is cut."""
    for size in range(LARGEST, SMALLEST - 1, -8):
        lines = _lines(title, _letters(size))
        if len(lines) <= MOST_LINES and all(_wide(line, _letters(size)) <= WIDTH for line in lines):
            return size, lines
    letters = _letters(SMALLEST)
    *first, last = lines[:MOST_LINES]
    rest = " ".join([last, *lines[MOST_LINES:]])
    return SMALLEST, [_shortened(line, letters) for line in (*first, rest)]


def _lines(text: str, letters: Any) -> list[str]:
    """A text broken into lines between its words."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and _wide(longer, letters) <= WIDTH:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines or [""]


def _shortened(text: str, letters: Any) -> str:
    if _wide(text, letters) <= WIDTH:
        return text
    while text and _wide(f"{text}…", letters) > WIDTH:
        text = text[:-1]
    return f"{text.rstrip()}…"


def _wide(text: str, letters: Any) -> float:
    width: float = letters.getlength(text)
    return width

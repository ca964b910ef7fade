"""Posters: the pictures that other sites show where somebody links to a page of this one.

Only what its texts say is drawn, with fonts that come along; so the bytes are the same anywhere.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image as Pixels
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

    from pydotorg_build.artifacts import Poster

FONTS = Path(__file__).parent / "fonts"
WIDTH, HEIGHT = 1200, 630
# What a poster may weigh, and the qualities it is tried in: long titles have many edges.
MAX_BYTES = 45 * 1024
QUALITIES = (60, 46, 34, 22)
# The colours of static/css/tokens.css.
INK, BLUE, BLUE_LIGHT, YELLOW = "#14283a", "#306998", "#4b8bbe", "#ffd43b"
SHADE = "#1a3249"
WHITE, MUTED = "#ffffff", "#c4d3e0"

LEFT, ROOM = 80, 1040
# How far the mark keeps the site's name from the left.
MARK = 92
KIND_AT, NAME_AT = 132, 556
# Between these the title stands, with the line below it.
TOP, BOTTOM = 176, 470
TITLE_SIZES = (104, 92, 80, 70, 62, 54)
KIND_SIZE, LINE_SIZE, NAME_SIZE = 38, 38, 36
LEADING = 1.18
GAP = 30
# Shapes are drawn this much larger and made smaller, which smooths their edges.
SMOOTH = 4


def draw(poster: Poster) -> bytes:
    """Draw a poster, as JPEG.  A title in a script that the fonts lack is left out."""
    from PIL import ImageDraw

    title, kind, line = readable(poster.title), readable(poster.kind), readable(poster.line)
    if not title:
        title, kind = kind or readable(poster.site), ""
    image = _ground().copy()
    pen = ImageDraw.Draw(image)
    kind_font, name_font = _font("Bold", KIND_SIZE), _font("Bold", NAME_SIZE)
    name = cut(readable(poster.site), name_font, ROOM - MARK)
    pen.text((LEFT, KIND_AT), cut(kind, kind_font), YELLOW, kind_font, "ls")
    pen.text((LEFT + MARK, NAME_AT), name, WHITE, name_font, "ls")
    _draw_title(pen, title, line)
    return _as_jpeg(image)


def _as_jpeg(image: Pixels) -> bytes:
    for quality in QUALITIES:
        file = BytesIO()
        image.save(file, "jpeg", quality=quality, optimize=True)
        if file.tell() <= MAX_BYTES:
            break
    return file.getvalue()


def _draw_title(pen: ImageDraw, title: str, line: str) -> None:
    """The title as large as it fits, with its line, in the middle of their space."""
    line_font = _font("", LINE_SIZE)
    below = [cut(line, line_font)] if line else []
    space = BOTTOM - TOP - (LINE_SIZE + GAP if below else 0)
    size, rows = fitted(title, space)
    y = TOP + (space - len(rows) * size * LEADING) / 2
    for row in rows:
        y += size * LEADING
        pen.text((LEFT, round(y - 0.26 * size)), row, WHITE, _font("Bold", size), "ls")
    for row in below:
        pen.text((LEFT, round(y + GAP + 0.74 * LINE_SIZE)), row, MUTED, line_font, "ls")


def fitted(title: str, space: float) -> tuple[int, Sequence[str]]:
    """The size in which a title fits best, and its rows; one that never does ends with `…`."""
    for size in TITLE_SIZES:
        rows = wrapped(title, _font("Bold", size))
        most = int(space // (size * LEADING))
        if len(rows) <= most:
            return size, rows
    return size, (*rows[: most - 1], cut(" ".join(rows[most - 1 :]), _font("Bold", size)))


def cut(text: str, font: FreeTypeFont, room: float = ROOM) -> str:
    """A text in one row: what there is no room for is left out, and `…` says so."""
    if font.getlength(text) <= room:
        return text
    return f"{text[: _fitting(text, font, room - font.getlength('…'))].rstrip(' ·,')}…"


def _fitting(text: str, font: FreeTypeFont, room: float = ROOM) -> int:
    """How many signs of a text there is room for; at least one."""
    return max(
        1, bisect_right(range(1, len(text) + 1), room, key=lambda n: font.getlength(text[:n]))
    )


def wrapped(text: str, font: FreeTypeFont) -> Sequence[str]:
    """A text in rows, none wider than there is room; a word that is too long is broken."""
    rows: list[str] = []
    for part in _parts(text, font):
        joined = f"{rows[-1]} {part}" if rows else part
        if rows and font.getlength(joined) <= ROOM:
            rows[-1] = joined
        else:
            rows.append(part)
    return rows


def _parts(text: str, font: FreeTypeFont) -> Iterator[str]:
    for word in text.split():
        rest = word
        while font.getlength(rest) > ROOM:
            fits = _fitting(rest, font)
            yield rest[:fits]
            rest = rest[fits:]
        yield rest


def readable(text: str) -> str:
    """What of a text can be drawn: without signs the fonts lack; nothing if they lack a letter.

    >>> readable("Python 3.14 🎉"), readable("Питон"), readable("パイソン")
    ('Python 3.14', 'Питон', '')
    """
    whole = unicodedata.normalize("NFC", text)
    if any(unicodedata.category(sign)[0] in "LN" and not _is_drawn(sign) for sign in whole):
        return ""
    return " ".join("".join(sign for sign in whole if sign.isspace() or _is_drawn(sign)).split())


@lru_cache(maxsize=4096)
def _is_drawn(sign: str) -> bool:
    """Do the fonts have this sign?  They draw all they lack alike."""
    if unicodedata.category(sign).startswith("C"):
        return False
    fonts = (_font("Bold", LINE_SIZE), _font("", LINE_SIZE))
    return all(bytes(font.getmask(sign)) != bytes(font.getmask("\uffff")) for font in fonts)


@lru_cache
def _font(face: str, size: int) -> FreeTypeFont:
    # The plain layout: the other one depends on what libraries a machine has.
    from PIL.ImageFont import Layout, truetype

    name = f"DejaVuSans-{face}.ttf" if face else "DejaVuSans.ttf"
    return truetype(str(FONTS / name), size, layout_engine=Layout.BASIC)


@lru_cache
def _ground() -> Pixels:
    """What all posters have: the bar at the top, and the mark before the name."""
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (WIDTH * SMOOTH, HEIGHT * SMOOTH), INK)
    pen = ImageDraw.Draw(image)
    for start, end, colour in ((0, 720, BLUE), (720, 960, BLUE_LIGHT), (960, 1200, YELLOW)):
        pen.rectangle([start * SMOOTH, 0, end * SMOOTH, 14 * SMOOTH], colour)
    for x in (760, 920, 1080):
        _stroke(pen, ((x, 120), (x + 170, 330), (x, 540)), 64, SHADE)
    for x, colour in ((LEFT + 4, BLUE), (LEFT + 28, BLUE_LIGHT), (LEFT + 52, YELLOW)):
        _stroke(pen, ((x, NAME_AT - 29), (x + 18, NAME_AT - 10), (x, NAME_AT + 9)), 8, colour)
    return image.reduce(SMOOTH)


def _stroke(
    pen: ImageDraw, points: Iterable[tuple[float, float]], width: float, colour: str
) -> None:
    """A line with round ends and corners."""
    large = [(x * SMOOTH, y * SMOOTH) for x, y in points]
    radius = width * SMOOTH / 2
    pen.line(large, colour, round(width * SMOOTH))
    for x, y in large:
        pen.ellipse([x - radius, y - radius, x + radius, y + radius], colour)

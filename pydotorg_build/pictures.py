"""Pictures as they are published: checked, freed of what cameras add, in several forms and sizes.

Never larger than the original, and the same bytes make the same pictures, anywhere.
"""

from __future__ import annotations

import warnings
from html import escape
from io import BytesIO
from typing import TYPE_CHECKING, Any

import msgspec

from pydotorg_build.markdown import Flaw, Image

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from PIL.Image import Image as Pixels

# Goes up when the same picture comes to be published otherwise.
VERSION = "1"
WIDTHS = (480, 960, 1440)
# How wide a picture is shown: the column of text, or the whole of a small screen.
SIZES = "(min-width: 48rem) 44rem, 100vw"
MAX_PIXELS = 50_000_000
MAX_BYTES = 20_000_000

SUFFIXES = {
    "avif": (".avif",),
    "gif": (".gif",),
    "jpeg": (".jpg", ".jpeg"),
    "png": (".png",),
    "svg": (".svg",),
    "webp": (".webp",),
}
# One thread for AVIF: with more, the bytes depend on how many the machine has.
_ENCODING: dict[str, dict[str, Any]] = {
    "avif": {"quality": 60, "speed": 7, "max_threads": 1},
    "gif": {"optimize": True},
    "jpeg": {"quality": 82, "optimize": True, "progressive": True},
    "png": {"optimize": True},
    "webp": {"quality": 80, "method": 4},
}
_WORST = 60
MOVES = Flaw(0, 0, "only a GIF may move")
# In which forms a picture is offered beside its own.
_BESIDE: dict[str, tuple[str, ...]] = {"avif": (), "webp": ("avif",)}


class PictureFile(msgspec.Struct, frozen=True):
    """One form of a picture: its format, size in pixels, and address."""

    format: str
    width: int
    height: int
    url: str


class Picture(msgspec.Struct, frozen=True):
    """A picture in all its forms, the original's size first."""

    width: int
    height: int
    variants: tuple[PictureFile, ...]


class PictureInfo(msgspec.Struct, frozen=True):
    """What is known of a sound picture: its format, and its size as it is seen."""

    format: str
    width: int
    height: int


class Variant(msgspec.Struct, frozen=True):
    """One form of a picture."""

    format: str
    width: int
    height: int
    bytes: bytes


def read_picture(data: bytes, name: str) -> PictureInfo | Flaw:
    """What a picture is, or what is wrong with it.  `name` is that of its file."""
    if len(data) > MAX_BYTES:
        return _flaw(f"the picture is larger than {MAX_BYTES // 10**6} MB", "make it smaller")
    info = _read_svg(data) if _looks_like_svg(data) else read_pixels(data)
    if isinstance(info, PictureInfo) and not name.lower().endswith(SUFFIXES[info.format]):
        right = SUFFIXES[info.format][0]
        return _flaw(f"the picture is {info.format}, which its name does not say", f"use {right}")
    return info


def _flaw(message: str, hint: str = "") -> Flaw:
    return Flaw(0, 0, message, hint)


def _looks_like_svg(data: bytes) -> bool:
    return data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<"


def _read_svg(data: bytes) -> PictureInfo | Flaw:
    from pydotorg_build.drawings import NotADrawing, clean_svg

    try:
        drawing = clean_svg(data)
    except NotADrawing as error:
        return _flaw(str(error))
    return PictureInfo("svg", drawing.width, drawing.height)


def read_pixels(data: bytes, most: int = MAX_PIXELS) -> PictureInfo | Flaw:
    """What a picture is that is no drawing, or what is wrong with it; `most` pixels are allowed."""
    import PIL.Image

    try:
        image = _opened(data)
        if image.width * image.height > most:
            return _too_many_pixels(most)
        if _moves(image) and image.format != "GIF":
            return MOVES
        image.load()
        width, height = _turned(image).size
    except PIL.Image.DecompressionBombError:
        return _too_many_pixels(most)
    except (OSError, SyntaxError, ValueError, MemoryError, EOFError):
        formats = ", ".join(SUFFIXES)
        return _flaw("this is not a whole picture of a known format", f"there are {formats}")
    return PictureInfo(_format(image), width, height)


def _too_many_pixels(most: int) -> Flaw:
    limit = f"{most // 10**6} million pixels"
    return _flaw(f"the picture has more than {limit}", "make it smaller")


def _opened(data: bytes) -> Pixels:
    import PIL.Image

    formats = [name.upper() for name in SUFFIXES if name != "svg"]
    with warnings.catch_warnings():
        # Told as a flaw, by our own limit.
        warnings.simplefilter("ignore", PIL.Image.DecompressionBombWarning)
        return PIL.Image.open(BytesIO(data), formats=formats)


def _format(image: Pixels) -> str:
    """Its format; some telephones keep depth or brightness as further pictures in a JPEG (MPO)."""
    return "jpeg" if image.format == "MPO" else str(image.format).lower()


def _moves(image: Pixels) -> bool:
    return image.format != "MPO" and getattr(image, "is_animated", False)


def _turned(image: Pixels) -> Pixels:
    """The picture the right way up: cameras only note how they were held."""
    from PIL import ImageOps

    return ImageOps.exif_transpose(image)


def bare_picture(data: bytes, widest: int) -> Variant:
    """A sound picture in its own format, at most so wide, and nothing that came along with it."""
    image = _opened(data)
    turned = _turned(image)
    full = min(turned.width, widest)
    few = turned.mode == "P" and full == turned.width and "icc_profile" not in turned.info
    own = _with_palette(turned) if few else _bare(turned)
    return _own(own, _format(image), full, len(data))


def make_variants(data: bytes, widths: Sequence[int] = WIDTHS) -> list[Variant]:
    """The forms of a sound picture, its own format at its own size first (or the widest)."""
    if _looks_like_svg(data):
        from pydotorg_build.drawings import clean_svg

        drawing = clean_svg(data)
        return [Variant("svg", drawing.width, drawing.height, drawing.bytes)]
    image = _opened(data)
    form = _format(image)
    if _moves(image):
        return [Variant(form, image.width, image.height, data)]
    turned = _turned(image)
    bare = _bare(turned)
    full = min(bare.width, max(widths))
    wanted = [full, *sorted({width for width in widths if width < 0.8 * full}, reverse=True)]
    # Few colours are kept as they are: a palette is smaller than anything made of it.
    few = turned.mode == "P" and full == bare.width and "icc_profile" not in turned.info
    own = _own(_with_palette(turned) if few else bare, form, full, len(data))
    variants = [own, *_encoded(bare, form, wanted[1:] if form in _BESIDE else [])]
    for beside in _BESIDE.get(form, ("avif", "webp")):
        variants += _if_smaller(_encoded(bare, beside, wanted), variants[0])
    return variants


def _own(image: Pixels, form: str, width: int, limit: int) -> Variant:
    """The picture in its own format: no more bytes than it came with, if that can be had."""
    for quality in range(_ENCODING[form].get("quality", 0), -1, -10):
        (variant,) = _encoded(image, form, [width], quality)
        if len(variant.bytes) <= limit or quality < _WORST:
            break
    return variant


def _with_palette(image: Pixels) -> Pixels:
    """A picture of few colours, without what came along with it."""
    image = image.copy()
    clear = image.info.get("transparency")
    image.info.clear()
    if clear is not None:
        image.info["transparency"] = clear
    return image


def _if_smaller(variants: Iterator[Variant], own: Variant) -> list[Variant]:
    """All of a form's variants, unless at its full size it is no gain over the own format."""
    first = next(variants)
    return [first, *variants] if len(first.bytes) < len(own.bytes) else []


def _bare(image: Pixels) -> Pixels:
    """The pixels in sRGB, and nothing else: no EXIF, no profile, no comment."""
    profile = image.info.get("icc_profile")
    if image.mode.startswith("I"):
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    elif image.mode == "P" and "transparency" in image.info:
        image = image.convert("RGBA")
    elif image.mode not in ("L", "LA", "RGB", "RGBA", "CMYK"):
        image = image.convert("LA" if image.mode == "La" else "RGB")
    if profile and image.mode in ("RGB", "RGBA", "CMYK"):
        image = _in_srgb(image, profile)
    if image.mode == "CMYK":
        image = image.convert("RGB")
    image = image.copy()
    image.info.clear()
    return image


def _in_srgb(image: Pixels, profile: bytes) -> Pixels:
    from PIL import ImageCms

    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        mode = "RGBA" if image.mode == "RGBA" else "RGB"
        turned = ImageCms.profileToProfile(
            image, source, ImageCms.createProfile("sRGB"), outputMode=mode
        )
    except (ImageCms.PyCMSError, OSError):
        # A profile that cannot be read says nothing about the colours.
        return image
    return turned if turned is not None else image


def _encoded(
    image: Pixels, form: str, widths: Sequence[int], quality: int = 0
) -> Iterator[Variant]:
    from PIL.Image import Resampling

    options = _ENCODING[form] | ({"quality": quality} if quality else {})
    for width in widths:
        height = max(1, round(image.height * width / image.width))
        sized = image if width == image.width else image.resize((width, height), Resampling.LANCZOS)
        if form == "jpeg" and sized.mode not in ("L", "RGB"):
            sized = sized.convert("RGB")
        file = BytesIO()
        sized.save(file, form, **options)
        yield Variant(form, width, height, file.getvalue())


def picture_html(picture: Picture, image: Image, sizes: str = SIZES) -> str:
    """A picture in all its forms; the browser takes the first form and the size that suit it.

    Of one that is no good there are only its words.
    """
    if not picture.variants:
        return escape(image.alt)
    forms: dict[str, list[PictureFile]] = {}
    for file in sorted(picture.variants, key=lambda file: file.width):
        forms.setdefault(file.format, []).append(file)
    own = picture.variants[0]
    files = forms.pop(own.format)
    sizes = f"{image.width}px" if image.width else sizes
    sources = "".join(
        f'<source type="image/{form}"{_choices(forms[form], sizes)}>' for form in sorted(forms)
    )
    width, height = _shown_size(picture, image)
    several = _choices(files, sizes) if len(files) > 1 else ""
    kind = f' class="{escape(image.classes)}"' if image.classes else ""
    shown = (
        f'<img src="{escape(own.url)}"{several}{kind} width="{width}" height="{height}"'
        f' alt="{escape(image.alt)}" loading="lazy" decoding="async">'
    )
    return f"<picture>{sources}{shown}</picture>" if sources else shown


def _choices(files: Sequence[PictureFile], sizes: str) -> str:
    choices = ", ".join(f"{file.url} {file.width}w" for file in files)
    return f' srcset="{escape(choices)}" sizes="{escape(sizes)}"'


def _shown_size(picture: Picture, image: Image) -> tuple[int, int]:
    """The size that an author asked for, in the picture's proportions; else its own."""
    if image.width:
        height = round(picture.height * image.width / picture.width)
        return image.width, image.height or max(1, height)
    if image.height:
        return max(1, round(picture.width * image.height / picture.height)), image.height
    return picture.width, picture.height

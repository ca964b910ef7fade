"""SVG, made harmless: nothing in it runs, and nothing in it is fetched from elsewhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

_SVG = "{http://www.w3.org/2000/svg}"
_XLINK = "{http://www.w3.org/1999/xlink}"
_XML = "{http://www.w3.org/XML/1998/namespace}"
_TAGS = frozenset(
    "circle clipPath defs desc ellipse filter g image line linearGradient marker mask path pattern"  # noqa: SIM905 - a list of words
    " polygon polyline radialGradient rect stop style svg switch symbol text textPath title tspan"
    " use feBlend feColorMatrix feComponentTransfer feComposite feConvolveMatrix"
    " feDiffuseLighting feDisplacementMap feDistantLight feDropShadow feFlood feFuncA feFuncB"
    " feFuncG feFuncR feGaussianBlur feMerge feMergeNode feMorphology feOffset fePointLight"
    " feSpecularLighting feSpotLight feTile feTurbulence".split()
)
# A declaration without rules of its own says nothing; one with rules can grow without end.
_DOCTYPE = re.compile(r"<!DOCTYPE[^\[>]*>")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_LOCAL = re.compile(r"#[\w:.-]+|data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]*")
# What a style can fetch or run; a reference into the same drawing is neither.
_FETCHES = re.compile(
    r"@import|url\((?!\s*['\"]?#)|image-set|expression|javascript:|\\", re.IGNORECASE
)
_NUMBER = re.compile(r"\s*([0-9]*\.?[0-9]+)\s*(?:px)?\s*")


class NotADrawing(ValueError):
    """What is wrong with an SVG."""


class Drawing(NamedTuple):
    """A harmless SVG and its size."""

    width: int
    height: int
    bytes: bytes


def clean_svg(data: bytes) -> Drawing:
    """The drawing without anything that runs or is fetched; refused if it is not plain SVG."""
    from xml.etree.ElementTree import ParseError, fromstring, tostring

    try:
        text = _DOCTYPE.sub("", _DECLARATION.sub("", data.decode("utf-8-sig")), count=1)
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            raise NotADrawing("an SVG may not declare entities")
        root = fromstring(text)  # noqa: S314 - without entities there is nothing to expand
        if root.tag != f"{_SVG}svg":
            raise NotADrawing("this is not an SVG")
        _clean(root)
        width, height = _size(root)
        root.set("xmlns", _SVG[1:-1])
        return Drawing(width, height, tostring(root, encoding="utf-8"))
    except (UnicodeDecodeError, ParseError) as error:
        raise NotADrawing(f"this SVG cannot be read: {error}") from error
    except RecursionError as error:
        raise NotADrawing("this SVG is nested too deeply") from error


def _clean(element: Element) -> None:
    element.tag = element.tag.removeprefix(_SVG)
    element.attrib = dict(_harmless(element))
    for child in list(element):
        if not _is_allowed(child):
            element.remove(child)
        else:
            _clean(child)


def _is_allowed(element: Element) -> bool:
    name = element.tag.removeprefix(_SVG)
    if name == "style":
        return len(element) == 0 and not _FETCHES.search(element.text or "")
    return element.tag.startswith(_SVG) and name in _TAGS


def _harmless(element: Element) -> Iterator[tuple[str, str]]:
    """The attributes that stay.  Those of editors have a name space of their own and go."""
    for name, value in element.attrib.items():
        plain = name.removeprefix(_XLINK)
        if plain == "href":
            if _LOCAL.fullmatch(value.strip()):
                yield plain, value
        elif name in (f"{_XML}space", f"{_XML}lang") or (
            "{" not in name and not name.lower().startswith("on") and not _FETCHES.search(value)
        ):
            yield name, value


def _size(root: Element) -> tuple[int, int]:
    """Width and height as given, or as the view box has them."""
    given = [_NUMBER.fullmatch(root.get(name, "")) for name in ("width", "height")]
    numbers = [float(found[1]) for found in given if found]
    if len(numbers) < 2:
        box = root.get("viewBox", "").replace(",", " ").split()
        numbers = [float(part) for part in box[2:] if _NUMBER.fullmatch(part)]
    if len(numbers) < 2 or min(numbers) <= 0 or max(numbers) > 100_000:
        raise NotADrawing("this SVG does not say how large it is: give it `width` and `height`")
    return max(1, round(numbers[0])), max(1, round(numbers[1]))

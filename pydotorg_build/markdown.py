"""Markdown to HTML, with all that the build wants to know of a text: its links, ids and pictures.

A pure function: the same text and settings give the same `Prose`.  It reads no file and follows no
link; pictures are left as numbered slots, which `render` fills.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec

from pydotorg_build.highlight import highlight_code
from pydotorg_build.links import Found

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

# Goes up when the same text comes to be rendered otherwise.
VERSION = "1"

Highlight = Callable[[str, str], str]


class Heading(msgspec.Struct, frozen=True):
    """A heading, for tables of contents."""

    level: int
    id: str
    text: str


class Link(msgspec.Struct, frozen=True):
    """Where a link leads, as it stands in the HTML, and the line it was written on."""

    target: str
    line: int


class Image(msgspec.Struct, frozen=True):
    """A picture that the text shows.  `alt` is empty where it is only decoration."""

    ref: str
    alt: str
    title: str
    line: int
    classes: str = ""
    width: int = 0
    height: int = 0


class Flaw(msgspec.Struct, frozen=True, order=True):
    """Something wrong with a text: lines and columns count from 1, and 0 is not known."""

    line: int
    column: int
    message: str
    hint: str = ""


class Prose(msgspec.Struct, frozen=True):
    r"""A rendered text.  `html` has a slot `\ue000N\ue001` where `images[N]` is shown.

    `toc` has the headings of levels 2 and 3; `links` those that the author wrote, not the ones of
    footnotes and anchors; `text` is how the prose begins, as plain text; `found` are all links and
    ids of the HTML.
    """

    html: str
    toc: tuple[Heading, ...] = ()
    links: tuple[Link, ...] = ()
    ids: tuple[str, ...] = ()
    images: tuple[Image, ...] = ()
    text: str = ""
    flaws: tuple[Flaw, ...] = ()
    found: Found = Found()


class MarkdownSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What a site decides about its Markdown.

    With `strict_headings` a text has no `#` (the page's template writes the one h1) and skips no
    level; `package_index` and `repository` are where `pypi:` and `gh:` lead.
    """

    package_index: str = "https://packaging.python.org"
    repository: str = "https://github.com/python/cpython"
    typographer: bool = True
    strict_headings: bool = True


def make_markdown(
    settings: MarkdownSettings,
    highlight: Highlight = highlight_code,
    *,
    submitted: bool = False,
) -> Callable[[str], Prose]:
    """The function that renders a text.

    `highlight` makes the inside of `<code>` from code and a language that Pygments knows.
    `submitted` is for the text of strangers: no raw HTML,
    no attributes in braces, and their links are not vouched for.
    """
    # markdown-it is slow to import, and a build with nothing to do reads `Prose` only.
    from pydotorg_build.markdown_parser import make_fast_parser

    parser = make_fast_parser(submitted=submitted)
    return rendering_with(parser, settings, highlight, submitted=submitted)


def rendering_with(
    parser: "MarkdownIt", settings: MarkdownSettings, highlight: Highlight, *, submitted: bool
) -> Callable[[str], Prose]:
    """The function that renders what `parser` has parsed."""
    from pydotorg_build.markdown_renderer import Renderer
    from pydotorg_build.markdown_scrub import scrub

    def render(source: str) -> Prose:
        text, flaws = scrub(source)
        env: dict[str, Any] = {}
        try:
            tokens = parser.parse(text, env)
            renderer = Renderer(settings, highlight, text, tokens, flaws, submitted=submitted)
            return renderer.render(env.get("footnotes", {}))
        except RecursionError:
            flaw = Flaw(0, 0, "the text is nested too deeply to be rendered")
            return Prose("", flaws=(*flaws, flaw))

    return render

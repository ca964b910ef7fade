"""Markdown to tokens: markdown-it with the plugins and options that make up our Markdown."""

from typing import TypeVar

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from mdit_py_plugins.attrs import attrs_block_plugin, attrs_plugin
from mdit_py_plugins.attrs.parse import ParseError
from mdit_py_plugins.attrs.parse import parse as parse_attributes
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin

from pydotorg_build.markdown_fast import FastMarkdown

Parser = TypeVar("Parser", bound=MarkdownIt)
# What may stand in braces; the renderer refuses the last three where there is no picture.
ATTRIBUTES = ("class", "id", "lang", "dir", "width", "height", "role")
MAX_NESTING = 40


def make_parser(parser: type[Parser], *, submitted: bool) -> Parser:
    """Our Markdown, as rules of a parser; of strangers, neither HTML nor attributes in braces."""
    options = {
        "html": not submitted,
        "tasklists": True,
        "alerts": True,
        "maxNesting": MAX_NESTING,
    }
    md = parser("commonmark", options)
    md.enable(["table", "strikethrough"])
    # The renderer needs to know which characters were escaped, to leave them as they are; and
    # what there is to normalize was seen to before.
    md.disable(["text_join", "normalize"])
    md.use(footnote_plugin, inline=False)
    md.use(deflist_plugin)
    if not submitted:
        md.use(attrs_plugin, spans=True, allowed=ATTRIBUTES)
        md.use(attrs_block_plugin, allowed=ATTRIBUTES)
        md.core.ruler.before("inline", "heading_attributes", heading_attributes)
    # Every address is a link here; the renderer tells where one is refused.
    md.validateLink = lambda url: True  # type: ignore[method-assign]
    return md


def heading_attributes(state: StateCore) -> None:
    """Attributes at the end of a heading: `## Title {#id .class}`."""
    tokens = state.tokens if "{" in state.src else []
    for number, token in enumerate(tokens):
        if token.type == "heading_open" and tokens[number + 1].content.endswith("}"):
            _take_attributes(token, tokens[number + 1])


def _take_attributes(heading: Token, inline: Token) -> None:
    text, space, braces = inline.content.rpartition(" {")
    if not space:
        return
    try:
        length, found = parse_attributes("{" + braces)
    except ParseError:
        return
    if length != len(braces):
        return
    inline.content = text.rstrip()
    refused = {name: found.pop(name) for name in [*found] if name not in ATTRIBUTES}
    heading.attrs.update(found)
    if refused:
        heading.meta["insecure_attrs"] = refused


def make_fast_parser(*, submitted: bool) -> MarkdownIt:
    """The same, as fast as we can have it."""
    md = make_parser(FastMarkdown, submitted=submitted)
    md.freeze()
    return md

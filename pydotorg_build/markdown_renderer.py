"""Tokens to `Prose`: the blocks of a text, from headings to footnotes."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Any

from pydotorg_build import links
from pydotorg_build.highlight import PLAIN, known_languages
from pydotorg_build.markdown import Flaw, Heading, Highlight, MarkdownSettings, Prose
from pydotorg_build.markdown_inline import Inline
from pydotorg_build.markdown_notes import Notes
from pydotorg_build.markdown_parser import MAX_NESTING
from pydotorg_build.markdown_words import EXCERPT, quoted, shortened, slug
from pydotorg_build.problems import meant

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from markdown_it.token import Token

# What may be a tag, a comment or the like: not an address in angle brackets.
_TAG = re.compile(r"<(?![a-z][a-z0-9+.-]{1,31}:[^<>\s]*>)[a-z/!?]", re.IGNORECASE)
_ALERT = re.compile(r"\[!(\w+)\]")
_ALERTS = ("NOTE", "TIP", "IMPORTANT", "WARNING", "CAUTION")
_CONTENTS = (2, 3)

_BEGINNINGS = {
    "paragraph_open": "<p{}>",
    "bullet_list_open": "<ul{}>\n",
    "thead_open": "<thead{}>\n",
    "tbody_open": "<tbody{}>\n",
    "tr_open": "<tr{}>\n",
    "dl_open": "<dl{}>\n",
    "dt_open": "<dt{}>",
    "dd_open": "<dd{}>",
    "hr": "<hr{}>\n",
    "ordered_list_open": "<ol{}>\n",
}
_ENDS = {
    "paragraph_close": "</p>\n",
    "bullet_list_close": "</ul>\n",
    "ordered_list_close": "</ol>\n",
    "list_item_close": "</li>\n",
    "blockquote_close": "</blockquote>\n",
    "table_close": "</table></div>\n",
    "thead_close": "</thead>\n",
    "tbody_close": "</tbody>\n",
    "tr_close": "</tr>\n",
    "th_close": "</th>\n",
    "td_close": "</td>\n",
    "dl_close": "</dl>\n",
    "dt_close": "</dt>\n",
    "dd_close": "</dd>\n",
    "alert_title_open": '<p class="alert-title">',
    "alert_title_close": "</p>\n",
    "alert_close": "</aside>\n",
    "footnote_close": "</li>\n",
    "footnote_block_close": "</ol></section>\n",
}


class Renderer:
    """Renders the tokens of one text."""

    def __init__(
        self,
        settings: MarkdownSettings,
        highlight: Highlight,
        text: str,
        tokens: Sequence[Token],
        flaws: Sequence[Flaw],
        *,
        submitted: bool,
    ) -> None:
        self._settings, self._highlight, self._tokens = settings, highlight, tokens
        self._submitted = submitted
        raw = not submitted and bool(_TAG.search(text)) and _has_raw_html(tokens)
        reserved = _explicit_ids(tokens) if "{" in text else set()
        self._notes = Notes(flaws, raw=raw, reserved=reserved)
        self._inline = Inline(settings, self._notes, text, submitted=submitted)
        self._out: list[str] = []
        self._toc: list[Heading] = []
        self._level = 1
        self._excerpt: list[str] = []
        self._excerpted = 0

    def render(self, footnotes: Mapping[str, Any]) -> Prose:
        """Render the whole text."""
        notes = self._notes
        self._blocks()
        html = "".join(self._out)
        if notes.raw:
            html = notes.cleaned(html)
        for label, number in footnotes.get("refs", {}).items():
            if number < 0:
                notes.tell(f"nothing refers to the footnote `[^{label[1:]}]`", line=0)
        return Prose(
            html,
            tuple(self._toc),
            tuple(notes.links),
            tuple(notes.ids),
            tuple(notes.images),
            shortened(" ".join(self._excerpt)),
            tuple(sorted(set(notes.flaws))),
            links.read(html),
        )

    def _blocks(self) -> None:
        out, notes = self._out, self._notes
        walk = enumerate(self._tokens)
        for number, token in walk:
            kind = token.type
            if token.map:
                notes.line = token.map[0] + 1
            if token.hidden:
                if token.nesting < 0:
                    out.append("\n")
            elif kind == "inline":
                self._line(token, number)
            elif kind in _ENDS:
                out.append(_ENDS[kind])
            elif kind == "heading_open" or (kind == "paragraph_open" and self._shows(number)):
                whole = self._heading if kind == "heading_open" else self._figure
                whole(token, self._tokens[number + 1].children or [])
                next(walk), next(walk)
            elif kind in _BEGINNINGS:
                out.append(_BEGINNINGS[kind].format(notes.attributes(token)))
            else:
                _RENDERERS[kind](self, token, number)
            if token.level >= MAX_NESTING - 1:
                notes.tell(
                    f"blocks are nested more than {MAX_NESTING} deep",
                    "take out a level",
                )

    def _line(self, token: Token, number: int) -> None:
        children = token.children or ()
        self._out.append(self._inline.render(children))
        if self._excerpted < EXCERPT and self._tokens[number - 1].type == "paragraph_open":
            text = self._inline.plain(children)
            self._excerpt.append(text)
            self._excerpted += len(text)

    # Headings and code

    def _heading(self, token: Token, children: list[Token]) -> None:
        level = int(token.tag[1])
        self._check_level(level)
        # The title of the page is its heading; in a stranger's text nobody could mend it.
        level = max(2, level) if self._submitted else level
        tag = f"h{level}"
        html = self._inline.render(children)
        text = " ".join(self._inline.plain(children).split())
        name = str(token.attrs.pop("id", ""))
        if not name or not self._notes.claim(name):
            name = self._notes.unique(slug(text))
        attributes = self._notes.ours("id", name) + self._notes.attributes(token)
        if level in _CONTENTS:
            self._toc.append(Heading(level, name, text))
        label = escape(f"Link to this section: {text}")
        anchor = f'<a class="anchor" href="#{name}" aria-label="{label}">#</a>'
        self._out.append(f"<{tag}{attributes}>{html} {self._notes.part(anchor)}</{tag}>\n")

    def _check_level(self, level: int) -> None:
        if not self._settings.strict_headings:
            return
        if level == 1:
            hint = "the title of the page is its heading; write `##`"
            self._notes.tell("a text has no heading of the first level", hint)
        elif level > self._level + 1:
            right = "#" * (self._level + 1)
            self._notes.tell(f"the heading skips a level: `{'#' * level}`", f"write `{right}`")
        self._level = level

    def _code(self, token: Token, _: int) -> None:
        language = token.info.split()[0] if token.info.strip() else ""
        if language.lower() in PLAIN:
            self._code_block(token, quoted(token.content), "")
        elif language.lower() in known_languages():
            code = self._highlight(token.content, language.lower())
            self._code_block(token, code, language.lower())
        else:
            self._notes.tell(f"there is no language `{language}`", _near(language))
            self._code_block(token, quoted(token.content), "")

    def _code_block(self, token: Token, code: str, language: str) -> None:
        name = escape(language)
        where = f' data-language="{name}"' if name else ""
        kind = f' class="language-{name}"' if name else ""
        token.attrs["class"] = f"code {token.attrs.get('class', '')}".rstrip()
        attributes = self._notes.attributes(token, part=True)
        html = f'<div{attributes}{where}><pre tabindex="0"><code{kind}>{code}</code></pre></div>'
        self._out.append(self._notes.part(html) + "\n")

    # Pictures and boxes

    def _shows(self, number: int) -> bool:
        """Whether a paragraph is nothing but one picture."""
        children = self._tokens[number + 1].children or ()
        return len(children) == 1 and children[0].type == "image"

    def _figure(self, token: Token, children: list[Token]) -> None:
        image = children[0]
        caption = quoted(str(image.attrs.get("title", "")))
        if caption:
            caption = f"<figcaption>{caption}</figcaption>"
        slot = self._inline.image(image, alone=True)
        attributes = self._notes.attributes(token)
        self._out.append(f"<figure{attributes}>{slot}{caption}</figure>\n")

    def _alert(self, token: Token, _: int) -> None:
        # The parser has put its own classes behind those that the author gave.
        given = str(token.attrs["class"]).partition("markdown-alert")[0]
        token.attrs["class"] = f"alert alert-{token.info.lower()} {given}".rstrip()
        role = self._notes.ours("role", "note")
        self._out.append(f"<aside{self._notes.attributes(token)}{role}>\n")

    def _quote(self, token: Token, number: int) -> None:
        first = self._tokens[number + 2] if number + 2 < len(self._tokens) else token
        if first.type == "inline" and (found := _ALERT.match(first.content)):
            kinds = ", ".join(_ALERTS)
            self._notes.tell(f"there is no box `[!{found[1]}]`", f"there are {kinds}")
        self._out.append(f"<blockquote{self._notes.attributes(token)}>\n")

    # Tables, lists, footnotes and raw HTML

    def _table(self, token: Token, _: int) -> None:
        # The wrapper scrolls where the table is too wide, also from the keyboard.
        ours = "".join(map(self._notes.ours, *zip(*_SCROLLS, strict=True)))
        self._out.append(f'<div class="table"{ours}><table{self._notes.attributes(token)}>\n')

    def _cell(self, token: Token, _: int) -> None:
        style = str(token.attrs.pop("style", ""))
        if style:
            token.attrs["class"] = f"align-{style.removeprefix('text-align:')}"
        scope = ' scope="col"' if token.tag == "th" else ""
        self._out.append(f"<{token.tag}{scope}{self._notes.attributes(token)}>")

    def _item(self, token: Token, _: int) -> None:
        self._out.append(f"<li{self._notes.attributes(token)}>")
        if "checked" in token.meta:
            state = ' aria-label="done" checked' if token.meta["checked"] else ' aria-label="to do"'
            self._out.append(self._notes.part(f'<input type="checkbox" disabled{state}>') + " ")

    def _footnotes(self, _token: Token, _: int) -> None:
        label = self._notes.ours("aria-label", "Footnotes")
        self._out.append(f'<section class="footnotes"{label}><ol>\n')

    def _footnote(self, token: Token, _: int) -> None:
        name = self._notes.unique(f"fn:{token.meta['id'] + 1}")
        self._out.append(f"<li{self._notes.ours('id', name)}>")

    def _way_back(self, token: Token, _: int) -> None:
        number, again = token.meta["id"] + 1, token.meta["subId"]
        mark = f"{number}:{again + 1}" if again else str(number)
        label = f"Back to the reference {mark}"
        link = (
            f'<a class="footnote-back" href="#fnref:{mark}" aria-label="{label}">\u21a9\ufe0e</a>'
        )
        self._out.append(f" {self._notes.part(link)}")

    def _raw(self, token: Token, _: int) -> None:
        self._notes.read_raw(token.content)
        self._out.append(token.content)

    def _mark(self, _token: Token, _: int) -> None:
        """A token that stands for nothing that is seen."""


_SCROLLS = (("role", "group"), ("aria-label", "Table"), ("tabindex", "0"))


def _has_raw_html(tokens: Sequence[Token]) -> bool:
    """Whether any was written: only then the text needs cleaning."""
    return any(
        token.type == "html_block"
        or any(child.type == "html_inline" for child in token.children or ())
        for token in tokens
    )


def _explicit_ids(tokens: Sequence[Token]) -> set[str]:
    """The ids that the author gave, which headings must not take."""
    everything = [
        *tokens,
        *(child for token in tokens for child in token.children or ()),
    ]
    return {str(token.attrs["id"]) for token in everything if "id" in token.attrs}


def _near(language: str) -> str:
    return meant(language.lower(), known_languages(), "leave it out, or write `text`")


_RENDERERS: dict[str, Callable[[Renderer, Token, int], None]] = {
    "fence": Renderer._code,
    "code_block": Renderer._code,
    "alert_open": Renderer._alert,
    "blockquote_open": Renderer._quote,
    "table_open": Renderer._table,
    "th_open": Renderer._cell,
    "td_open": Renderer._cell,
    "list_item_open": Renderer._item,
    "footnote_block_open": Renderer._footnotes,
    "footnote_open": Renderer._footnote,
    "footnote_anchor": Renderer._way_back,
    "html_block": Renderer._raw,
    "footnote_reference_open": Renderer._mark,
    "footnote_reference_close": Renderer._mark,
}

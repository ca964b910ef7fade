"""What stands inside a line: emphasis, code, links, pictures and the signs of typography."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import unquote

from pydotorg_build.markdown import Image, Link, MarkdownSettings
from pydotorg_build.markdown_notes import Notes
from pydotorg_build.markdown_typography import has_signs, typeset
from pydotorg_build.markdown_words import quoted
from pydotorg_build.problems import meant
from pydotorg_build.shortforms import PLAIN_SCHEMES, SCHEME, SHORT_FORMS, expand

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from markdown_it.token import Token

# A bare address, without the punctuation that ends the sentence around it.
_ADDRESS = re.compile(r"https?://[^\s<>\"'`|]*[^\s<>\"'`|.,;:!?*_~()\[\]]", re.IGNORECASE)
_UNDEFINED = re.compile(r"\[\^([^\[\]\s]+)\]")
# Tags that never have attributes.
_TAGS = {
    "em_open": "<em>",
    "em_close": "</em>",
    "strong_open": "<strong>",
    "strong_close": "</strong>",
    "s_open": "<s>",
    "s_close": "</s>",
    "span_close": "</span>",
    "hardbreak": "<br>\n",
    "softbreak": "\n",
}
_BREAKS = frozenset({"hardbreak", "softbreak"})


class Inline:
    """Renders what stands inside the lines of one text."""

    def __init__(
        self, settings: MarkdownSettings, notes: Notes, text: str, *, submitted: bool
    ) -> None:
        self._settings, self._notes, self._submitted = settings, notes, submitted
        self._signs = settings.typographer and has_signs(text)
        self._addresses = "://" in text
        self._footnotes = "[^" in text
        # The character before the one to come, for quotes; and the ends of the links we are in.
        self._before = " "
        self._ends: list[str] = []

    def render(self, tokens: Sequence[Token]) -> str:
        """The HTML of a line's tokens."""
        out: list[str] = []
        self._before = " "
        walk = iter(tokens)
        for token in walk:
            kind = token.type
            if kind == "text":
                out.append(self._text(token.content))
            elif kind in _TAGS:
                out.append(_TAGS[kind])
                if kind in _BREAKS:
                    self._notes.line += 1
                    self._before = " "
            else:
                out.append(_RENDERERS[kind](self, token, walk))
        return "".join(out)

    def plain(self, tokens: Sequence[Token]) -> str:
        """The same as plain text."""
        parts: list[str] = []
        before = " "
        for token in tokens:
            if token.type == "text":
                text = typeset(token.content, before) if self._signs else token.content
                parts.append(text.replace("\n", " "))
            elif token.type in _BREAKS:
                parts.append(" ")
            elif token.type == "image":
                parts.append(self.plain(token.children or ()))
            elif token.type != "html_inline":
                parts.append(token.content)
            before = parts[-1][-1:] or before if parts else before
        return "".join(parts)

    def _text(self, text: str) -> str:
        if "\n" not in text:
            return self._words(text)
        if not self._addresses and not self._footnotes:
            self._notes.line += text.count("\n")
            return self._typeset(text)
        first, *others = text.split("\n")
        html = self._words(first)
        for line in others:
            self._notes.line += 1
            self._before = " "
            html += "\n" + self._words(line)
        return html

    def _words(self, text: str) -> str:
        if self._footnotes and "[^" in text:
            for label in _UNDEFINED.findall(text):
                self._notes.tell(f"there is no footnote `[^{label}]`")
        if self._addresses and not self._ends and "://" in text:
            return self._text_with_addresses(text)
        return self._typeset(text)

    def _typeset(self, text: str) -> str:
        if self._signs and text:
            plain, text = text, typeset(text, self._before)
            self._before = plain[-1]
        return quoted(text)

    def _text_with_addresses(self, text: str) -> str:
        """Text in which bare addresses become links."""
        out, done = [], 0
        for found in _ADDRESS.finditer(text):
            out.append(self._typeset(text[done : found.start()]))
            out.append(self._a(found[0], "") + quoted(found[0]) + "</a>")
            self._before, done = "x", found.end()
        out.append(self._typeset(text[done:]))
        return "".join(out)

    def _special(self, token: Token, _: Iterator[Token]) -> str:
        """A character that was escaped: it stays as it is."""
        self._before = token.content[-1:]
        return quoted(token.content)

    def _code(self, token: Token, _: Iterator[Token]) -> str:
        self._before = "x"
        return f"<code{self._notes.attributes(token)}>{quoted(token.content)}</code>"

    def _span(self, token: Token, _: Iterator[Token]) -> str:
        return f"<span{self._notes.attributes(token)}>"

    def _raw(self, token: Token, _: Iterator[Token]) -> str:
        self._notes.read_raw(token.content)
        self._notes.line += token.content.count("\n")
        return token.content

    def _note(self, token: Token, _: Iterator[Token]) -> str:
        """The mark that refers to a footnote."""
        self._before = "x"
        number, again = token.meta["id"] + 1, token.meta["subId"]
        mark = self._notes.unique(f"fnref:{number}:{again + 1}" if again else f"fnref:{number}")
        return self._notes.part(
            f'<sup class="footnote-ref"><a href="#fn:{number}" id="{mark}"'
            f' aria-label="Footnote {number}">{number}</a></sup>'
        )

    # Links and pictures

    def _link(self, token: Token, walk: Iterator[Token]) -> str:
        """The beginning of a link; one that stands alone in angle brackets is rendered whole."""
        href = str(token.attrs.pop("href"))
        target, label = self._target(href)
        attributes = self._notes.attributes(token)
        start = self._a(target, attributes) if target else ""
        end = "</a>" if target else ""
        if token.info == "auto":
            text, _ = next(walk), next(walk)
            text.content, self._before = label or text.content, "x"
            return start + quoted(text.content) + end
        self._ends.append(end)
        return start

    def _link_end(self, _token: Token, _: Iterator[Token]) -> str:
        return self._ends.pop()

    def _a(self, target: str, attributes: str) -> str:
        self._notes.links.append(Link(target, self._notes.line))
        if self._submitted:
            attributes += ' rel="nofollow ugc"'
        return f'<a href="{escape(target)}"{attributes}>'

    def _target(self, href: str) -> tuple[str, str]:
        """Where a link leads and what a short form is called; nowhere if it is refused."""
        found = SCHEME.match(href)
        scheme = found[1].lower() if found else ""
        if scheme in SHORT_FORMS:
            target = expand(scheme, href, self._settings)
            if target is None:
                example = SHORT_FORMS[scheme].example
                self._notes.tell(f"`{href}` is not an address", f"write it as `{example}`")
            return target or ("", "")
        if href.startswith("//"):
            self._notes.tell(f"the address `{href}` has no scheme", f"write `https:{href}`")
        elif scheme and scheme not in PLAIN_SCHEMES:
            self._notes.tell(f"addresses with `{scheme}:` are not allowed", _near(scheme))
        else:
            return href, ""
        return "", ""

    def _image(self, token: Token, _: Iterator[Token]) -> str:
        return self.image(token, alone=False)

    def image(self, token: Token, *, alone: bool) -> str:
        """The slot of a picture; its title is the caption where it stands alone."""
        notes, attrs = self._notes, token.attrs
        self._before = "x"
        notes.tell_refused(token)
        ref, title = str(attrs["src"]), str(attrs.get("title", ""))
        alt = self.plain(token.children or ())
        if SCHEME.match(ref) or ref.startswith("//") or not ref:
            notes.tell(f"`{ref}` is not a picture of this site", "put a copy beside the text")
            return quoted(alt)
        if not alt and attrs.get("role") != "presentation":
            hint = (
                "say what it shows: `![alt](…)`, or that it only decorates: `{role=presentation}`"
            )
            notes.tell("the picture has no text", hint)
        if title and not alone:
            notes.tell("a picture with a title must stand alone in its paragraph")
        return notes.slot(
            Image(
                unquote(ref),
                "" if attrs.get("role") == "presentation" else alt,
                title,
                notes.line,
                str(attrs.get("class", "")),
                self._size(token, "width"),
                self._size(token, "height"),
            )
        )

    def _size(self, token: Token, name: str) -> int:
        value = str(token.attrs.get(name, "0"))
        if value.isascii() and value.isdigit() and len(value) < 5:
            return int(value)
        self._notes.tell(f"`{name}` must be a number of pixels, not `{value}`")
        return 0


def _near(scheme: str) -> str:
    return meant(f"{scheme}:", (f"{one}:" for one in (*SHORT_FORMS, *PLAIN_SCHEMES)))


_RENDERERS: dict[str, Callable[[Inline, Token, Iterator[Token]], str]] = {
    "text_special": Inline._special,
    "code_inline": Inline._code,
    "span_open": Inline._span,
    "html_inline": Inline._raw,
    "footnote_ref": Inline._note,
    "link_open": Inline._link,
    "link_close": Inline._link_end,
    "image": Inline._image,
}

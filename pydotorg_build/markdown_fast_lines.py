"""The fast parser of what stands inside a line: the next sign says which rules are worth trying."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import isMdAsciiPunct, isPunctChar, isWhiteSpace
from markdown_it.helpers import parseLinkLabel
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Scanned
from markdown_it.token import Token

from pydotorg_build.markdown_tokens import Nesting, by_start, new_token

InlineRule = Callable[[StateInline, bool], bool]
_STARTS = {
    "newline": "\n",
    "escape": "\\",
    "backticks": "`",
    "strikethrough": "~",
    "emphasis": "*_",
    "link": "[",
    "span": "[",
    "footnote_ref": "[",
    "image": "!",
    "autolink": "<",
    "html_inline": "<",
    "entity": "&",
    "attr": "{",
}
# The label of a link in which nothing can hide a bracket.
_LABEL = re.compile(r"[^\\`<\[\]{]*\]")
# An address that is the same when it is normalized.
_PATH = r"[A-Za-z0-9/_.?=&\#+~-]"
_ADDRESS = (
    r"(?:https?://(?:[a-z0-9-]{1,40}\.){1,4}[a-z]{2,10}"
    rf"(?:[/?\#]{_PATH}*)?|(?!//){_PATH}+)"
)
NORMAL = re.compile(_ADDRESS)
# A link as almost all are written.
_LINK = re.compile(rf"\[([^\\`<\[\]{{]*)\]\(({_ADDRESS})\)")


def link_label(state: StateInline, start: int, disableNested: bool = False) -> int:  # noqa: N803
    """The end of the label of a link."""
    if state.level < state.md.options.maxNesting:
        found = _LABEL.match(state.src, start + 1, state.posMax)
        if found:
            return found.end() - 1
    return parseLinkLabel(state, start, disableNested)


def quick_link(rule: InlineRule) -> InlineRule:
    """The rule for links, with a short way for those that have nothing unusual."""

    def link(state: StateInline, silent: bool) -> bool:
        found = None
        if state.level < state.md.options.maxNesting:
            found = _LINK.match(state.src, state.pos, state.posMax)
        if found is None:
            return rule(state, silent)
        if not silent:
            end = state.posMax
            state.pos, state.posMax = found.span(1)
            state.push("link_open", "a", 1).attrs = {"href": found[2]}
            state.linkLevel += 1
            state.md.inline.tokenize(state)
            state.linkLevel -= 1
            state.push("link_close", "a", -1)
            state.posMax = end
        state.pos = found.end()
        return True

    return link


@cache
def _kind(character: str) -> tuple[bool, bool]:
    """Whether a character is white space, and whether it is punctuation."""
    code = ord(character)
    return isWhiteSpace(code), isMdAsciiPunct(code) or isPunctChar(character)


class FastStateInline(StateInline):
    """The state of a line, with cheaper tokens and cheaper emphasis."""

    def push(self, ttype: str, tag: str, nesting: Nesting) -> Token:
        """Add a token, after the text before it."""
        if text := self.pending:
            before = new_token("text", "", 0)
            before.content, before.level = text, self.pendingLevel
            self.tokens.append(before)
            self.pending = ""
        token, meta = new_token(ttype, tag, nesting), None
        if nesting < 0:
            self.level -= 1
            self.delimiters = self._prev_delimiters.pop()
        token.level = self.level
        if nesting > 0:
            self.level += 1
            self._prev_delimiters.append(self.delimiters)
            self.delimiters = []
            meta = {"delimiters": self.delimiters}
        self.pendingLevel = self.level
        self.tokens.append(token)
        self.tokens_meta.append(meta)
        return token

    def scanDelims(self, start: int, canSplitWord: bool) -> Scanned:  # noqa: N802, N803
        """Whether a run of markers can begin or end an emphasis."""
        src, end = self.src, start + 1
        marker = src[start]
        while end < self.posMax and src[end] == marker:
            end += 1
        space_before, sign_before = _kind(src[start - 1] if start > 0 else " ")
        space_after, sign_after = _kind(src[end] if end < self.posMax else " ")
        left = not space_after and (not sign_after or space_before or sign_before)
        right = not space_before and (not sign_before or space_after or sign_after)
        return Scanned(
            left and (canSplitWord or not right or sign_before),
            right and (canSplitWord or not left or sign_after),
            end - start,
        )


class Inlines(ParserInline):
    """The inline parser, by the next sign."""

    def __init__(self, parser: ParserInline) -> None:
        super().__init__()
        names = parser.ruler.get_active_rules()
        rules = [*zip(names, parser.ruler.getRules(""), strict=True)]
        rules = [(name, quick_link(rule) if name == "link" else rule) for name, rule in rules]
        self.ruler, self.ruler2 = parser.ruler, parser.ruler2
        self._starts = by_start([(n, r) for n, r in rules if n != "text"], _STARTS)
        signs = re.escape("".join(sorted(self._starts)))
        # A line break between words is left in the text: it comes to the same when rendered.
        # Not possessive: up to CPython 3.11.4 `(?:…)++` matches wrongly.  `match` never goes back.
        self._plain = re.compile(rf"(?:[^{signs}]+|(?<! )\n(?![ \t]))+")
        # Whoever looks for the end of a label must see each bracket.
        self._skipped = re.compile(rf"[^{signs}\]]+")
        *self._pairs, self._join = parser.ruler2.getRules("")

    def parse(self, src: str, md: MarkdownIt, env: Any, tokens: list[Token]) -> list[Token]:
        """Parse the text of a block into `tokens`."""
        if (found := self._plain.match(src)) and found.end() == len(src):
            token = new_token("text", "", 0)
            token.content = src
            tokens.append(token)
            return tokens
        state = FastStateInline(src, md, env, tokens)
        self.tokenize(state)
        # Only delimiters leave anything to pair, and pieces of text to join.
        if state.delimiters or any(meta and meta["delimiters"] for meta in state.tokens_meta):
            for rule in self._pairs:
                rule(state)
            self._join(state)
        return state.tokens

    def tokenize(self, state: StateInline) -> None:
        """Parse up to the end of the state's range."""
        src, end, starts, plain = state.src, state.posMax, self._starts, self._plain
        if state.level >= state.md.options.maxNesting:
            state.append_pending(src[state.pos : end])
            state.pos = end
        while (position := state.pos) < end:
            if found := plain.match(src, position, end):
                state.append_pending(found[0])
                position = state.pos = found.end()
                if position == end:
                    break
            for rule in starts[src[position]]:
                if rule(state, False):
                    break
            else:
                state.append_pending(src[position])
                state.pos += 1
        if state.pending:
            state.pushPending()

    def skipToken(self, state: StateInline) -> None:  # noqa: N802
        """Step over one token."""
        position, cache = state.pos, state.cache
        if position in cache:
            state.pos = cache[position]
        else:
            self._skip(state, position)
            cache[position] = state.pos

    def _skip(self, state: StateInline, position: int) -> None:
        if state.level >= state.md.options.maxNesting:
            state.pos = state.posMax + 1
            return
        if found := self._skipped.match(state.src, position, state.posMax):
            state.pos = found.end()
            return
        for rule in self._starts.get(state.src[position], ()):
            state.level += 1
            passed = rule(state, True)
            state.level -= 1
            if passed:
                return
        state.pos += 1

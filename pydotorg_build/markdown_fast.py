"""markdown-it, made faster without changing what it makes of a text.

The parser tries every rule at every line and at every sign.  Most rules can only begin with certain
characters, so here the next character says which are worth trying.  A test compares the tokens with
those of the parser as it comes, over any text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from itertools import accumulate
from types import SimpleNamespace
from typing import Any, Literal

from markdown_it import MarkdownIt
from markdown_it.common.utils import MD_TRIM_CHARS, isMdAsciiPunct, isPunctChar, isWhiteSpace
from markdown_it.helpers import parseLinkDestination, parseLinkLabel, parseLinkTitle
from markdown_it.parser_block import ParserBlock
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Scanned
from markdown_it.token import Token

BlockRule = Callable[[StateBlock, int, int, bool], bool]
InlineRule = Callable[[StateInline, bool], bool]
Nesting = Literal[-1, 0, 1]

# What a rule can begin with.  Those that are not here can begin with anything.
BLOCK_STARTS = {
    "attr": "{",
    "fence": "`~",
    "blockquote": ">",
    "hr": "*-_",
    "list": "*-+0123456789",
    "footnote_def": "[",
    "reference": "[",
    "html_block": "<",
    "heading": "#",
}
INLINE_STARTS = {
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
_DEFINITION = re.compile(r"^[ \t>]*[:~][ \t]", re.MULTILINE)
# The label of a link in which nothing can hide a bracket.
_LABEL = re.compile(r"[^\\`<\[\]{]*\]")
# An address that is the same when it is normalized.
_PATH = r"[A-Za-z0-9/_.?=&\#+~-]"
_ADDRESS = (
    r"(?:https?://(?:[a-z0-9-]{1,40}\.){1,4}[a-z]{2,10}"
    rf"(?:[/?\#]{_PATH}*)?|(?!//){_PATH}+)"
)
_NORMAL = re.compile(_ADDRESS)
# A link as almost all are written.
_LINK = re.compile(rf"\[([^\\`<\[\]{{]*)\]\(({_ADDRESS})\)")


def new_token(kind: str, tag: str, nesting: Nesting) -> Token:
    """A token as its class makes it, in a third of the time."""
    token = Token.__new__(Token)
    token.type, token.tag, token.nesting = kind, tag, nesting
    token.attrs, token.meta, token.map, token.children = {}, {}, None, None
    token.content = token.markup = token.info = ""
    token.level, token.block, token.hidden = 0, False, False
    return token


class FastMarkdown(MarkdownIt):
    """The parser.  After all rules are in place, `freeze` it: it takes no more."""

    def freeze(self) -> None:
        """Sort the rules by what they begin with."""
        names = self.core.ruler.get_active_rules()
        attributes = dict(zip(names, self.core.ruler.getRules(""), strict=True))["attr"]

        def attributes_if_any(state: StateCore) -> None:
            if "{" in state.src:
                attributes(state)

        self.core.ruler.at("attr", attributes_if_any)
        self.block = Blocks(self.block)
        self.inline = Inlines(self.inline)
        self.helpers = SimpleNamespace(  # type: ignore[assignment]
            parseLinkLabel=link_label,
            parseLinkDestination=parseLinkDestination,
            parseLinkTitle=parseLinkTitle,
        )

    def normalizeLink(self, url: str) -> str:  # noqa: N802
        """Percent-encode an address; most need none."""
        return url if _NORMAL.fullmatch(url) else super().normalizeLink(url)

    def normalizeLinkText(self, link: str) -> str:  # noqa: N802
        """Decode an address for reading; most have nothing to decode."""
        return link if _NORMAL.fullmatch(link) else super().normalizeLinkText(link)


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


# Blocks


class FastStateBlock(StateBlock):
    """The lines of a text, scanned by lines and not by characters."""

    def __init__(self, src: str, md: MarkdownIt, env: Any, tokens: list[Token]) -> None:
        super().__init__("", md, env, tokens)
        self.src = src
        lines = src.split("\n")
        if not lines[-1].lstrip(" \t"):
            lines.pop()
        lengths = [len(line) for line in lines]
        starts = list(accumulate((length + 1 for length in lengths), initial=0))[:-1]
        shifts = [len(line) - len(line.lstrip(" \t")) for line in lines]
        self.bMarks = [*starts, len(src)]
        self.eMarks = [*map(int.__add__, starts, lengths), len(src)]
        self.tShift = [*shifts, 0]
        self.sCount = [*shifts, 0]
        if "\t" in src:
            for number, (line, shift) in enumerate(zip(lines, shifts, strict=True)):
                if "\t" in line[:shift]:
                    self.sCount[number] = len(line[:shift].expandtabs(4))
        self.bsCount = [0] * (len(lines) + 1)
        self.lineMax = len(lines)
        self.has_tables = "|" in src
        self.has_definitions = bool(_DEFINITION.search(src))

    def push(self, ttype: str, tag: str, nesting: Nesting) -> Token:
        """Add a token."""
        token = new_token(ttype, tag, nesting)
        token.block = True
        if nesting < 0:
            self.level -= 1
        token.level = self.level
        if nesting > 0:
            self.level += 1
        self.tokens.append(token)
        return token

    def getLines(self, begin: int, end: int, indent: int, keepLastLF: bool) -> str:  # noqa: N802, N803
        """The text of some lines without their indent, if that is plain spaces."""
        if begin >= end:
            return ""
        src, starts, ends = self.src, self.bMarks, self.eMarks
        spaces = " " * indent
        parts = []
        for line in range(begin, end):
            first, last = starts[line], ends[line] + 1
            if first + indent > last or not src.startswith(spaces, first):
                return super().getLines(begin, end, indent, keepLastLF)
            parts.append(src[first + indent : last])
        if not keepLastLF:
            parts[-1] = src[starts[end - 1] + indent : ends[end - 1]]
        return "".join(parts)


class Chains:
    """Takes the place of the ruler: one rule for each chain, which asks the first character."""

    def __init__(self, ruler: Any) -> None:
        self._active = ruler.get_active_rules()
        names = dict(zip(ruler.getRules(""), self._active, strict=True))
        self.all: list[BlockRule] = ruler.getRules("")
        self._chains = {
            chain: (_terminator([(names[rule], rule) for rule in ruler.getRules(chain)]),)
            for chain in ("paragraph", "reference", "blockquote", "list")
        }

    def get_active_rules(self) -> list[str]:
        """The names of all rules."""
        return list(self._active)

    def getRules(self, chain: str) -> Iterable[BlockRule]:  # noqa: N802
        """The rules that can end a block of this kind."""
        return self._chains[chain] if chain else self.all


def _terminator(rules: list[tuple[str, BlockRule]]) -> BlockRule:
    """One rule for many: whether any of them would begin at a line."""
    table = dict(rules).get("table")
    starts = _by_start(
        [(n, r) for n, r in rules if n != "table"], {**BLOCK_STARTS, "deflist": ":~"}
    )

    def ends(state: Any, line: int, end: int, silent: bool) -> bool:
        tables = state.has_tables and _may_be_table(state, line, end)
        if tables and table is not None and table(state, line, end, silent):
            return True
        position = state.bMarks[line] + state.tShift[line]
        for rule in starts.get(state.src[position : position + 1], ()):
            if rule(state, line, end, silent):
                return True
        return False

    return ends


def _by_start(
    rules: list[tuple[str, Any]], starts: Mapping[str, str]
) -> dict[str, tuple[Any, ...]]:
    characters = {character for name, _ in rules for character in starts[name]}
    return {c: tuple(rule for name, rule in rules if c in starts[name]) for c in characters}


def _may_be_table(state: StateBlock, line: int, end: int) -> bool:
    """Whether the next line begins as the one below a table's head does."""
    if line + 2 > end:
        return False
    position = state.bMarks[line + 1] + state.tShift[line + 1]
    return state.src[position : position + 1] in ("|", "-", ":")


def _is_underline(line: str, marker: str) -> bool:
    """Whether a line makes a heading of those before it."""
    return marker in "-=" and not line.lstrip(marker).strip(" \t")


class Blocks(ParserBlock):
    """The block parser, by the first character of each line."""

    def __init__(self, parser: ParserBlock) -> None:
        names = parser.ruler.get_active_rules()
        rules = dict(zip(names, parser.ruler.getRules(""), strict=True))
        self._table = rules["table"]
        self._prose = (rules["lheading"], rules["deflist"], rules["paragraph"])
        self._starts = _by_start(
            [(name, rule) for name, rule in rules.items() if name in BLOCK_STARTS], BLOCK_STARTS
        )
        self.ruler: Any = Chains(parser.ruler)
        (self._ends,) = self.ruler.getRules("paragraph")

    def parse(
        self,
        src: str,
        md: MarkdownIt,
        env: Any,
        outTokens: list[Token],  # noqa: N803
    ) -> list[Token] | None:
        """Parse a text into blocks."""
        if not src:
            return None
        state = FastStateBlock(src, md, env, outTokens)
        self.tokenize(state, 0, state.lineMax)
        return state.tokens

    def tokenize(self, state: Any, startLine: int, endLine: int) -> None:  # noqa: N803
        """Parse some lines: the original loop, with `_block` for its chain of rules."""
        line, deepest, gaps = startLine, state.md.options.maxNesting, False
        while line < endLine:
            state.line = line = state.skipEmptyLines(line)
            if line >= endLine or state.sCount[line] < state.blkIndent:
                break
            if state.level >= deepest:
                state.line = endLine
                break
            self._block(state, line, endLine)
            state.tight = not gaps
            line = state.line
            if (line - 1) < endLine and state.isEmpty(line - 1):
                gaps = True
            if line < endLine and state.isEmpty(line):
                gaps = True
                line += 1
                state.line = line

    def _block(self, state: Any, line: int, end: int) -> None:
        if state.is_code_block(line):
            for rule in self.ruler.all:
                if rule(state, line, end, False):
                    return
        tables = state.has_tables and _may_be_table(state, line, end)
        if tables and self._table(state, line, end, False):
            return
        start = state.src[state.bMarks[line] + state.tShift[line]]
        for rule in self._starts.get(start, ()):
            if rule(state, line, end, False):
                return
        if state.has_definitions or end != state.lineMax:
            for rule in self._prose:
                if rule(state, line, end, False):
                    return
        self._paragraph(state, line, end)

    def _paragraph(self, state: Any, start: int, end: int) -> None:
        """A paragraph, or a heading by its underline; the original reads the lines twice."""
        # The original leaves this behind, and lists look at it.
        before, state.parentType = state.parentType, "paragraph"
        line, marker = self._last_line(state, start, end)
        content = state.getLines(start, line, state.blkIndent, False).strip(MD_TRIM_CHARS)
        if marker:
            state.parentType = before
        state.line = line + 1 if marker else line
        kind, tag = ("heading", "h1" if marker == "=" else "h2") if marker else ("paragraph", "p")
        token = state.push(f"{kind}_open", tag, 1)
        token.map, token.markup = [start, state.line], marker
        token = state.push("inline", "", 0)
        token.map, token.content, token.children = [start, line], content, []
        state.push(f"{kind}_close", tag, -1).markup = marker

    def _last_line(self, state: Any, start: int, end: int) -> tuple[int, str]:
        """Where a paragraph ends, and with which underline."""
        src, ends = state.src, self._ends
        for line in range(start + 1, end):
            position, last = state.bMarks[line] + state.tShift[line], state.eMarks[line]
            if position >= last:
                return line, ""
            indent = state.sCount[line]
            if indent - state.blkIndent > 3:
                continue
            marker = src[position]
            if indent >= state.blkIndent and _is_underline(src[position:last], marker):
                return line, marker
            if indent >= 0 and ends(state, line, end, True):
                return line, ""
        return max(start + 1, end), ""


# Lines


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
        self._starts = _by_start([(n, r) for n, r in rules if n != "text"], INLINE_STARTS)
        signs = re.escape("".join(sorted(self._starts)))
        # A line break between words is left in the text: it comes to the same when rendered.
        self._plain = re.compile(rf"(?:[^{signs}]++|(?<! )\n(?![ \t]))++")
        # Whoever looks for the end of a label must see each bracket.
        self._skipped = re.compile(rf"[^{signs}\]]+")
        *self._pairs, self._join = parser.ruler2.getRules("")

    def parse(self, src: str, md: MarkdownIt, env: Any, tokens: list[Token]) -> list[Token]:
        """Parse the text of a block into `tokens`."""
        if self._plain.fullmatch(src):
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

"""The fast parser of blocks: the first character of a line says which rules are worth trying."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import accumulate
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import MD_TRIM_CHARS
from markdown_it.parser_block import ParserBlock
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token

from pydotorg_build.markdown_tokens import Nesting, by_start, new_token

BlockRule = Callable[[StateBlock, int, int, bool], bool]
# What a rule can begin with.  Those that are not here can begin with anything.
_STARTS = {
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
_DEFINITION = re.compile(r"^[ \t>]*[:~][ \t]", re.MULTILINE)


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
    starts = by_start([(n, r) for n, r in rules if n != "table"], {**_STARTS, "deflist": ":~"})

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
        self._starts = by_start(
            [(name, rule) for name, rule in rules.items() if name in _STARTS], _STARTS
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

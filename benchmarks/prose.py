"""Invented words and Markdown made of them: the same for the same random numbers, and nobody's text.

Only constructs are used that all three generators understand alike.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from random import Random

ONSETS = (
    *("b", "br", "d", "dr", "f", "g", "h", "k", "kl", "l"),
    *("m", "n", "p", "r", "s", "t", "v", "z"),
)
VOWELS = ("a", "e", "i", "o", "u", "ai", "ou")
CODAS = ("", "", "", "l", "m", "n", "r", "s", "t")
SHORTEST = 5  # shorter ones could mean something: `none`, `done`
MEANT = frozenset({"raise", "super"})
COMMON_FIRST = 0.9


def vocabulary(random: Random, count: int) -> tuple[str, ...]:
    """Invented words, each once, the short ones first."""
    words: dict[str, None] = {}
    while len(words) < count:
        syllables = random.choice((1, 2, 2, 2, 3, 3, 4))
        word = "".join(
            random.choice(ONSETS) + random.choice(VOWELS) + random.choice(CODAS)
            for _ in range(syllables)
        )
        if len(word) >= SHORTEST and word not in MEANT:
            words[word] = None
    return tuple(sorted(words, key=len))


class Writer:
    """Writes Markdown with one source of chance; `targets` are addresses it may link to."""

    def __init__(self, random: Random, words: Sequence[str], weights: Sequence[float],
                 targets: Sequence[str]) -> None:  # fmt: skip
        self.random, self._words, self._weights, self._targets = random, words, weights, targets

    def words(self, count: int) -> list[str]:
        """Some words, the common ones more often."""
        return self.random.choices(self._words, cum_weights=self._weights, k=count)

    def phrase(self, least: int, most: int) -> str:
        return " ".join(self.words(self.random.randint(least, most))).capitalize()

    def sentence(self) -> str:
        """A sentence, now and then with emphasis, code, a link, quotes or a dash in it."""
        words = self.words(self.random.randint(6, 18))
        if self.random.random() < 0.45:
            place = self.random.randrange(1, len(words) - 2)
            words[place] = self.random.choice(TURNS)(self, words[place])
        words[0] = words[0].capitalize()
        return " ".join(words) + "."

    def link(self, word: str) -> str:
        return f"[{word} {self.words(1)[0]}]({self.random.choice(self._targets)})"

    def paragraph(self) -> str:
        return " ".join(self.sentence() for _ in range(self.random.randint(2, 6)))

    def body(self, size: int) -> str:
        """A text of about so many bytes."""
        blocks = [self.paragraph()]
        length = len(blocks[0])
        kind: Callable[[Writer], str] = Writer.paragraph
        while length < size:
            kind = self._next(kind)
            blocks.append(kind(self))
            length += len(blocks[-1]) + 2
        return "\n\n".join(blocks) + "\n"

    def _next(self, last: Callable[[Writer], str]) -> Callable[[Writer], str]:
        """The next kind of block: no list after a list, since that could be one list or two."""
        kind = self.random.choices(tuple(BLOCKS), tuple(BLOCKS.values()))[0]
        return Writer.paragraph if kind in CONTAINERS and last in CONTAINERS else kind


def weights(count: int) -> tuple[float, ...]:
    """Sums of how often each word occurs, after Zipf."""
    return tuple(itertools.accumulate(1 / (rank + 10) ** COMMON_FIRST for rank in range(count)))


TURNS: tuple[Callable[[Writer, str], str], ...] = (
    lambda _, word: f"*{word}*",
    lambda _, word: f"**{word}**",
    lambda _, word: f"`{word}`",
    lambda _, word: f"{word},",
    lambda _, word: f'"{word}"',
    lambda _, word: f"{word} -- then",
    lambda _, word: f"{word}'s",
    Writer.link,
    Writer.link,
)


# -- blocks


def heading(writer: Writer) -> str:
    return f"## {writer.phrase(2, 5)}\n\n{writer.paragraph()}"


def smaller_heading(writer: Writer) -> str:
    return f"### {writer.phrase(2, 5)}\n\n{writer.paragraph()}"


def bullets(writer: Writer) -> str:
    return "\n".join(f"- {writer.sentence()}" for _ in range(writer.random.randint(3, 7)))


def steps(writer: Writer) -> str:
    count = writer.random.randint(3, 6)
    return "\n".join(f"{number}. {writer.sentence()}" for number in range(1, count + 1))


def quotation(writer: Writer) -> str:
    return f"> {writer.sentence()}\n> {writer.sentence()}"


def table(writer: Writer) -> str:
    head = writer.words(4)
    rows = [head, ["---"] * 4]
    for _ in range(writer.random.randint(3, 9)):
        first, second, third = writer.words(3)
        rows.append([first, f"`{second}`", str(writer.random.randint(1, 9999)), third])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def fence(writer: Writer) -> str:
    language = writer.random.choice(tuple(FENCES))
    return f"```{language}\n{FENCES[language](writer)}\n```"


BLOCKS: dict[Callable[[Writer], str], int] = {
    Writer.paragraph: 40,
    heading: 14,
    smaller_heading: 8,
    bullets: 10,
    steps: 5,
    quotation: 4,
    table: 6,
    fence: 13,
}
CONTAINERS = frozenset({bullets, steps, quotation})


# -- code


def python(writer: Writer) -> str:
    names = writer.words(5)
    a, b, c, d, e = names
    return (
        f"from {a} import {b}\n\n\n"
        f"class {c.capitalize()}:\n"
        f'    """{writer.sentence()}"""\n\n'
        f"    def {d}(self, {e}: int = {writer.random.randint(0, 99)}) -> list[str]:\n"
        f"        # {writer.phrase(3, 6)}\n"
        f'        found = [{b}(f"{{item!r}}: {{{e}}}") for item in range({e}) if item % 2]\n'
        f"        return sorted(found, key=lambda one: (len(one), one)) or [{a!r}]"
    )


def c(writer: Writer) -> str:
    a, b, c, d, e = writer.words(5)
    return (
        f"#include <stdio.h>\n\n"
        f"/* {writer.phrase(3, 7)} */\n"
        f"static int {a}(const char *{b}, size_t {c})\n{{\n"
        f"    for (size_t i = 0; i < {c}; i++) {{\n"
        f"        if ({b}[i] == '\\0') {{\n"
        f'            printf("{d} %zu\\n", i);\n'
        f"            return {writer.random.randint(1, 255)};\n        }}\n    }}\n"
        f"    return {e.upper()};\n}}"
    )


def bash(writer: Writer) -> str:
    a, b, c, d = writer.words(4)
    return (
        f"# {writer.phrase(3, 7)}\nset -eu\n"
        f'for {a} in "$@"; do\n'
        f'    if [ -f "${{{a}}}.{b}" ]; then\n'
        f'        {c} --{d}={writer.random.randint(1, 99)} "${a}" | sort -u > {b}.txt\n'
        f"    fi\ndone"
    )


def json(writer: Writer) -> str:
    a, b, c, d, e = writer.words(5)
    number = writer.random.randint(1, 99999)
    return (
        f'{{\n  "{a}": "{writer.phrase(2, 5)}",\n  "{b}": {number},\n'
        f'  "{c}": [true, null, {number / 100}],\n  "{d}": {{"{e}": "/{a}/{b}/"}}\n}}'
    )


def html(writer: Writer) -> str:
    a, b, c = writer.words(3)
    return (
        f'<section class="{a}" id="{b}">\n  <h2>{writer.phrase(2, 4)}</h2>\n'
        f"  <!-- {writer.phrase(3, 6)} -->\n  <p>{writer.phrase(8, 16)}</p>\n"
        f'  <a href="/{c}/" rel="next">{c} &amp; {a}</a>\n</section>'
    )


def toml(writer: Writer) -> str:
    a, b, c, d = writer.words(4)
    number = writer.random.randint(1, 999)
    return (
        f'# {writer.phrase(3, 6)}\n[{a}.{b}]\n{c} = "{writer.phrase(1, 4)}"\n{d} = {number}\n'
        f'list = ["{a}", "{d}"]\nexact = {str(number % 2 == 0).lower()}'
    )


FENCES: dict[str, Callable[[Writer], str]] = {
    "python": python, "c": c, "bash": bash, "json": json, "html": html, "toml": toml,
}  # fmt: skip
